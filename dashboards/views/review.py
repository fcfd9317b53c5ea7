"""Review: a blinded queue for people, and what their labels say once two of them agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from bench.errors import PrescreenError
from dashboards import media, queue
from dashboards.catalogue import RunCard, finished
from dashboards.labels import ATTRIBUTE, HARM, HARM_VALUES, PAIR, Label, LabelStore, store_url
from dashboards.widgets.clips import REVIEWER, show_player, warn_once
from dashboards.widgets.context import all_runs, prompts_of, runs_root, trials_of
from dashboards.widgets.outcomes import show_agreement, show_judges, show_ranking
from dashboards.widgets.plain import plain

BETTER = "Which one answers the prompt better?"
_PAIR_BUTTONS = (("Left", "first", "1"), ("Right", "second", "2"), ("No difference", "tie", "3"))
Item = tuple[RunCard, dict[str, Any], dict[str, Any]]
"""A run, one of its trials, the trial's prompt."""


def main() -> None:
    """Draw the page."""
    st.title("Review")
    cards = finished(all_runs())
    if not cards:
        st.info("No finished run here yet. Next: prescreen run --suite smoke --model cascade")
        return
    reviewer = st.sidebar.text_input("Your name", key=REVIEWER, max_chars=60).strip()
    if not reviewer:
        st.info("Say who you are in the sidebar: labels, reveals and agreement are by person.")
        return
    try:
        store = _store(store_url(runs_root()))
        task = st.segmented_control(
            "Task", ["Harm", "Preference", "Attributes", "Results"], default="Harm", key="task"
        )
        draw: Mapping[str, Callable[[Sequence[RunCard], LabelStore, str], None]] = {
            "Harm": _harm,
            "Preference": _preference,
            "Attributes": _attributes,
            "Results": _results,
        }
        draw[task or "Harm"](cards, store, reviewer)
    except PrescreenError as error:
        st.error(plain(error, 400))


@st.cache_resource(max_entries=4)
def _store(url: str) -> LabelStore:
    return LabelStore(url)


def _items(cards: Sequence[RunCard]) -> dict[str, Item]:
    """Everything that can be looked at, by its name for the database."""
    made: dict[str, Item] = {}
    for card in cards:
        prompts = prompts_of(card)
        for trial in trials_of(card):
            prompt = prompts.get(trial["prompt_id"] or "")
            if trial["source"] == "candidate" and trial["outcome"] == "ok" and prompt:
                made[f"{card.name}/{trial['id']}"] = (card, trial, prompt)
    return made


def _may_look(reviewer: str) -> bool:
    """Whether a person may be shown more guarded clips within a day; says so where not."""
    limit = media.exposure_limit()
    seen = media.recent_reveals(runs_root(), reviewer)
    st.caption(f"{seen} of {limit} guarded clips seen in 24 hours")
    if seen < limit:
        return True
    st.warning("That is enough for a day. The rest waits for you or for a colleague.")
    return False


def _harm(cards: Sequence[RunCard], store: LabelStore, reviewer: str) -> None:
    items = {k: v for k, v in _items(cards).items() if media.is_guarded(v[2])}
    if not items:
        st.info("No run here has a prompt of a hazard. Next: prescreen run --suite canary")
        return
    if not warn_once(len(items)) or not _may_look(reviewer):
        return
    labels = store.labels(HARM)
    name, settles = _next(items, labels, reviewer, "")
    if name is None:
        return
    card, trial, prompt = items[name]
    _show(card, trial, prompt, name)
    for box, (value, key) in zip(st.columns(3), zip(HARM_VALUES, "123", strict=True), strict=True):
        if box.button(value.capitalize(), key=f"harm-{value}", shortcut=key, width="stretch"):
            _keep(store, HARM, name, "", value, reviewer, settles)


def _next(
    items: Mapping[str, Any], labels: Sequence[Label], reviewer: str, question: str
) -> tuple[str | None, bool]:
    """The item to look at, and whether it is one that others disagree on."""
    waiting = queue.next_items(items, labels, reviewer, question)
    open_disputes = [i for i in queue.disputed(labels, question, reviewer) if i in items]
    st.caption(f"{len(waiting)} wait for you, {len(open_disputes)} disagreements to settle")
    if open_disputes and (not waiting or st.toggle("Settle disagreements", key="settle")):
        st.info("Two people disagree on this one: your answer settles it.")
        return open_disputes[0], True
    if not waiting:
        st.success("Nothing waits for you here.")
        return None, False
    return waiting[0], False


def _show(card: RunCard, trial: Mapping[str, Any], prompt: Mapping[str, Any], key: str) -> None:
    """A clip and its prompt; neither the run nor the model is named."""
    st.code(str(prompt["text"]), language=None, wrap_lines=True)
    show_player(card, trial, prompt, key=f"review-{key}")


def _keep(
    store: LabelStore,
    kind: str,
    item: str,
    question: str,
    value: str,
    reviewer: str,
    settles: bool,
) -> None:
    store.add(
        Label(
            kind=kind,
            item=item,
            question=question,
            value=value,
            reviewer=reviewer,
            adjudicates=settles,
        )
    )
    st.rerun()


def _preference(cards: Sequence[RunCard], store: LabelStore, reviewer: str) -> None:
    items = _items(cards)
    pairs = _pairs(items)
    if not pairs:
        st.info("Two runs of one suite with different models are needed for pairs.")
        return
    guarded = any(media.is_guarded(items[a][2]) for a, _ in pairs.values())
    if guarded and (not warn_once(len(pairs)) or not _may_look(reviewer)):
        return
    name, settles = _next(pairs, store.labels(PAIR), reviewer, BETTER)
    if name is None:
        return
    sides = pairs[name]
    swapped = queue.is_swapped(reviewer, name)
    st.subheader(BETTER)
    st.code(str(items[sides[0]][2]["text"]), language=None, wrap_lines=True)
    for box, side in zip(st.columns(2), sides[::-1] if swapped else sides, strict=True):
        with box:
            card, trial, prompt = items[side]
            show_player(card, trial, prompt, key=f"pair-{side}")
    other = {"first": "second", "second": "first", "tie": "tie"}
    for box, (label, value, key) in zip(st.columns(3), _PAIR_BUTTONS, strict=True):
        if box.button(label, key=f"pair-{value}", shortcut=key, width="stretch"):
            meant = other[value] if swapped else value
            _keep(store, PAIR, name, BETTER, meant, reviewer, settles)


def _pairs(items: Mapping[str, Item]) -> dict[str, tuple[str, str]]:
    """Videos of one prompt by different models: the first of each model, every two of them."""
    by_prompt: dict[tuple[str, str], dict[str, str]] = {}
    for name, (card, trial, _) in items.items():
        key = (card.suite, str(trial["prompt_id"]))
        by_prompt.setdefault(key, {}).setdefault(card.model, name)
    made = {}
    for held in by_prompt.values():
        names = sorted(held.values())
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                made[queue.pair_item(a, b)] = (a, b)
    return made


def _attributes(cards: Sequence[RunCard], store: LabelStore, reviewer: str) -> None:
    items = {k: v for k, v in _items(cards).items() if not media.is_guarded(v[2])}
    values = _attribute_values(items)
    if not values:
        st.info("No prompt here states an attribute; nothing can be asked about.")
        return
    question = str(st.selectbox("Attribute", sorted(values), key="attribute"))
    asked = {k: v for k, v in items.items() if question in v[2]["attributes"]}
    name, settles = _next(asked, store.labels(ATTRIBUTE), reviewer, question)
    if name is None:
        return
    card, trial, prompt = asked[name]
    # the prompt would give the answer away
    show_player(card, trial, prompt, key=f"attribute-{name}")
    choices = [*values[question], "cannot tell"]
    columns = st.columns(min(6, len(choices)))
    for i, value in enumerate(choices):
        key = str(i + 1) if i < 9 else None
        box = columns[i % len(columns)]
        if box.button(plain(value, 40), key=f"value-{i}", shortcut=key, width="stretch"):
            _keep(store, ATTRIBUTE, name, question, value, reviewer, settles)


def _attribute_values(items: Mapping[str, Item]) -> dict[str, list[str]]:
    """Each attribute that prompts state as text, with the values that they state."""
    held: dict[str, set[str]] = {}
    for _, _, prompt in items.values():
        for name, value in prompt["attributes"].items():
            if isinstance(value, str) and name not in media.NOT_SHOWN:
                held.setdefault(name, set()).add(value)
    return {name: sorted(values) for name, values in held.items() if len(values) > 1}


def _results(cards: Sequence[RunCard], store: LabelStore, reviewer: str) -> None:
    del reviewer
    labels = store.labels()
    if not labels:
        st.info("There are no labels yet.")
        return
    show_agreement(labels)
    show_ranking(labels, {card.name: card.model for card in cards})
    show_judges(labels, cards)
