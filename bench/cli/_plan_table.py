"""The answers of `prescreen plan` as lines for a terminal, and records without NaN."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from bench.cli._table import number
from bench.errors import printable

if TYPE_CHECKING:
    from bench.comparison.reach import Reach
    from bench.pilot import Cost
    from bench.stats.sizing import Costs, Size


def size_lines(size: Size, costs: Costs) -> Iterator[str]:
    """The number of videos, and how it came about."""
    yield f"to see {size.question}"
    level = f"alpha {size.alpha_each:.4g} two-sided, power {costs.power:g}"
    yield f"  {size.n_independent} independent videos a group ({level})"
    if costs.comparisons > 1:
        yield f"  alpha {costs.alpha:g} is shared by {costs.comparisons} comparisons (Bonferroni)"
    for note in size.notes:
        yield f"  {note}"
    if costs.seeds > 1:
        effect = f"design effect {size.design_effect:.3g}"
        yield f"  {costs.seeds} videos a prompt that correlate by {costs.icc:g}: {effect}"
    in_all = f"{size.videos} videos a group, {size.videos_in_all} in all"
    yield f"{size.prompts} prompts x {costs.seeds} = {in_all}"


def reach_lines(found: Sequence[Reach], costs: Costs) -> Iterator[str]:
    """What each number of a run can show, its spread's parts, and what more would buy."""
    often = f"{100 * costs.power:g} times in 100"
    yield f"smallest true differences that are seen {often} (alpha {costs.alpha_each:.4g})"
    for one in found:
        name, parts = printable(f"{one.metric}.{one.column}"), one.parts
        mean = f"{_n(one.mean)} {one.unit}, standard error {_n(one.standard_error)}"
        yield f"{name}: {mean}, {one.n} videos of {one.n_prompts} prompts"
        yield f"  against a limit: {_n(one.against_limit)}"
        yield f"  against a run of the same prompts and seeds: {_n(one.paired)} at best"
        pieces = f"prompts {_n(parts.prompt)}, seeds {_n(parts.seed)}, rest {_n(parts.residual)}"
        yield f"  variance: {pieces}"
        for note in parts.notes:
            yield f"  note: {note}"
        offers = (
            f"{offer.n_prompts} x {offer.seeds_per_prompt:g}: {_n(offer.standard_error)}"
            for offer in one.offers
        )
        yield f"  standard error with prompts x seeds of {'; '.join(offers)}"


def cost_lines(cost: Cost) -> Iterator[str]:
    """Hours and disk, and what the estimate rests on."""
    low, mean, high = cost.hours()
    disk = f"{cost.disk_bytes() / 1e6:.3g} MB"
    yield f"{cost.n_videos} videos: {mean:.3g} hours ({low:.3g} to {high:.3g}), {disk}"
    yield f"  {cost.basis}"
    yield f"  once: {cost.once_s:.3g} s, to load the model and what the metrics need"
    yield f"  a video: {cost.make_s[1]:.3g} s to make, {cost.read_s[1]:.3g} s to read and score"
    features = f"{cost.features_bytes / 1e3:.3g} kB of features"
    yield f"  a video: {cost.videos_bytes / 1e3:.3g} kB of video, {features}"
    for spec, why in cost.left_out.items():
        yield f"  not in it: {printable(spec)}: {printable(why, 400)}"


def finite(value: Any) -> Any:
    """The record with null where there is no number."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _n(value: float) -> str:
    return number(None if math.isnan(value) else value)
