"""The linter: each rule finds what it names, leaves what is right, and never crashes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.suites._lint import about_clip_tokens, lint_prompts
from bench.suites.base import Suite, lint
from bench.types import Prompt


def prompt(text="a red ball rolls", id="a", category="c", **more):
    return Prompt(id=id, text=text, category=category, **more)


def found(*prompts):
    return [(p.rule, p.prompt_id, p.severity) for p in lint_prompts(prompts)]


def test_a_clean_suite_has_no_problem():
    assert found(prompt(), prompt("two cats sleep", id="b-2.x_y")) == []
    # Persian and Hindi spell with joiners, and so do emoji: 🏳️‍🌈
    assert (
        found(prompt("می\u200cخواهم"), prompt("क्\u200dष", id="b"), prompt("🏳️\u200d🌈", id="d"))
        == []
    )


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("", "empty-text", "error"),
        (" \u3000\u200b", "empty-text", "error"),
        (" a ball", "edge-space", "warning"),
        ("a ball\u00a0", "edge-space", "warning"),
        ("a\u202eball", "hidden-characters", "error"),
        ("a\x1b[31mball", "hidden-characters", "error"),
        ("a\ue000ball", "hidden-characters", "error"),
        ("a\u2028ball", "hidden-characters", "error"),
        ("a\nball", "hidden-characters", "warning"),
        ("a\u200bball", "hidden-characters", "warning"),
        ("a\u200dball", "hidden-characters", "warning"),
        ("a ball\u200d", "hidden-characters", "warning"),
        ("a\U000e0041ball", "hidden-characters", "warning"),
        ("ball " * 80, "long-text", "warning"),
    ],
)
def test_rules_of_the_text(text, rule, severity):
    assert (rule, "a", severity) in found(prompt(text))


def test_hidden_characters_are_named_with_their_place():
    (problem,) = lint_prompts([prompt("a\u202eb\x07c\u2066d\u2069")])
    assert problem.message == (
        "characters that do not show: U+202E RIGHT-TO-LEFT OVERRIDE at character 2,"
        " U+0007 at character 4, U+2066 LEFT-TO-RIGHT ISOLATE at character 6 and 1 more"
    )


@pytest.mark.parametrize(
    ("id_", "severity"),
    [
        ("../a", "error"),
        ("a/b", "error"),
        ("a\\b", "error"),
        ("c:a", "error"),
        (".a", "error"),
        ("-a", "error"),
        ("~a", "error"),
        ("a.", "error"),
        ("", "error"),
        ("A", "warning"),
        ("a b", "warning"),
        ("é", "warning"),
        ("a" * 101, "warning"),
    ],
)
def test_ids_that_make_poor_names(id_, severity):
    assert found(prompt(id=id_)) == [("id-characters", id_, severity)]


def test_ids_that_differ_by_case_share_a_file_on_many_disks():
    assert ("id-case", "A", "error") in found(prompt(id="a"), prompt("two cats", id="A"))


def test_duplicates_from_exact_to_near():
    twelve = "one two three four five six seven eight nine ten eleven twelve"
    assert found(
        prompt(twelve, id="a"),
        prompt(twelve, id="b"),
        prompt(twelve.replace(" ", "  ").title(), id="c"),
        prompt(twelve + ", thirteen!", id="d"),
        prompt(twelve + " thirteen fourteen", id="e"),
        prompt("stra\u00dfe cafe\u0301", id="f"),
        prompt("STRASSE caf\u00e9", id="g"),
    ) == [
        ("duplicate", "b", "error"),
        ("duplicate-folded", "c", "warning"),
        ("duplicate-folded", "g", "warning"),
        ("near-duplicate", "d", "warning"),  # 12 of 13 words
        ("near-duplicate", "e", "warning"),  # 13 of 14 with d, 12 of 14 with a
    ]


def test_a_near_duplicate_names_one_and_counts_the_others():
    base = "one two three four five six seven eight nine ten eleven"
    prompts = [prompt(f"{base} {i}", id=f"v{i}") for i in range(3)] + [prompt(base, id="z")]
    problems = [p for p in lint_prompts(prompts) if p.prompt_id == "z"]
    assert [p.message for p in problems] == [
        "nearly the words of v0 (Jaccard index 0.92) and of 2 more"
    ]


def test_scripts_without_spaces_are_compared_by_character():
    text = "一只红色的小球慢慢滚过木头桌子上面"
    assert ("near-duplicate", "b", "warning") in found(prompt(text), prompt(text + "。了", id="b"))


def test_pairs_are_alike_on_purpose_and_want_two_members():
    pair = {"pair_id": "cook"}
    texts = ("the cook tastes soup", "soup tastes the cook")
    assert found(*(prompt(text, id=text[0]) for text in texts)) == [
        ("near-duplicate", "s", "warning")
    ]
    assert found(*(prompt(text, id=text[0], attributes=pair) for text in texts)) == []
    assert found(prompt(attributes=pair)) == [("orphan-pair", "a", "error")]
    assert found(prompt(attributes={"pair_id": None})) == []


def test_categories_and_languages():
    many = [prompt(f"thing {i}", id=f"m{i}", category="big") for i in range(7)]
    few = [prompt(f"stuff {i}", id=f"f{i}", category="small") for i in range(2)]
    (problem,) = lint_prompts(many + few)
    assert (
        problem.message == "big has 7 prompts and small 2: 3.5 times as many, where 3 is the limit"
    )
    assert lint_prompts(many[:6] + few) == []
    bare = [prompt("x", id="b", category=""), prompt("y", id="c", lang="")]
    assert [p.message for p in lint_prompts([*bare, *few])] == [
        "1 of 4 prompts state no category: b",
        "1 of 4 prompts state no language: c",
    ]
    (problem,) = lint_prompts([prompt("x", category="")])
    assert (problem.message, problem.prompt_id) == ("1 of 1 prompts state no category", "")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # counted with the released vocabulary; the rule must hit short English exactly
        ("a photo of a cat", 7),
        ("hello world!", 5),
        ("A red ball rolls to the left.", 10),
    ],
)
def test_the_token_estimate_on_short_english(text, tokens):
    assert about_clip_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "lang", "tokens"),
    [
        ("一样一样的小球", "zh", 20),
        ("прошепотіти прошепотіти", "uk", 28),
    ],
)
def test_the_token_estimate_is_within_a_factor_of_two_elsewhere(text, lang, tokens):
    assert tokens / 2 <= about_clip_tokens(text, lang) <= tokens * 2


def test_words_of_other_latin_languages_cost_more():
    assert about_clip_tokens("verlieren", "de") > about_clip_tokens("verlieren", "en-GB")


text = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.builds(
            Prompt,
            id=text,
            text=text,
            category=text,
            lang=text,
            attributes=st.dictionaries(st.just("pair_id"), st.none() | text | st.integers()),
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda prompt: prompt.id,
    )
)
def test_lint_never_crashes_and_prints_nothing_that_steers_a_terminal(prompts):
    problems = lint(Suite(name="s", prompts=tuple(prompts)))
    assert all(problem.message.isprintable() for problem in problems)
    severities = [problem.severity for problem in problems]
    assert severities == sorted(severities)
