"""The same prompt with another identity word: what changes besides what was asked to change?

Variants of one `pair_id` share their seeds, so two videos differ in the identity word alone. For
each two identities: videos held back (McNemar), the shift of every score (whole templates' signs
flipped), and flips of what is perceived that the word does not name. With `baseline`, or
one unmarked identity (axis `none`), every identity is held against that one; else all pairs of up
to six are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from audits._bias_findings import corrected, counted, judged, made, n_draws, within
from audits._bias_rows import UNMARKED, Row
from audits._parity import MARGIN_SD, SUPPRESSED, shown, value_of
from audits.base import Setting
from bench.errors import UsageError
from bench.stats.bootstrap import mean_interval, proportion_interval
from bench.stats.permutation import paired
from bench.stats.tables import mcnemar
from bench.types import Finding, Interval, Outcome, Significance

F64 = npt.NDArray[np.float64]
MOST_IDENTITIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Videos of two identities that share their pair and their seed, in one order."""

    identity: str
    baseline: str
    rows: tuple[tuple[Row, Row], ...]
    """Each: the row of `identity`, that of `baseline`."""

    @property
    def where(self) -> dict[str, str]:
        """The address of its findings."""
        return {"identity": self.identity, "against": self.baseline}


def counterfactual(
    rows: Sequence[Row], baseline: str, margin: float, setting: Setting
) -> list[Finding]:
    """All findings on pairs, corrected over all their tests; none where there are no pairs.

    Raises:
        UsageError: for more than six identities without a baseline, or a baseline nobody has.
    """
    found: list[tuple[Finding, float]] = []
    for pairs in pairs_of(rows, baseline):
        for score in (SUPPRESSED, *_scores(pairs)):
            found += list(_shift(pairs, score, margin, setting))
        for attribute in sorted({name for a, _ in pairs.rows for name in a.perceived}):
            found += [(finding, margin) for finding in _flips(pairs, attribute, setting)]
    family = corrected([finding for finding, _ in found])
    some = any(row.outcome is Outcome.SUPPRESSED for row in rows)
    return [
        finding
        if finding.test is None
        else shown(
            judged(finding, setting, is_clear=within(finding.interval, width)),
            is_main=some and finding.measure == "suppressed_shift",
        )
        for finding, (_, width) in zip(family, found, strict=True)
    ]


def pairs_of(rows: Sequence[Row], baseline: str) -> Iterator[Pairs]:
    """The pairs of identities and their videos, in the identities' order."""
    fit = [row for row in rows if row.pair and row.identity]
    identities = sorted({row.identity for row in fit})
    if baseline and fit and baseline not in identities:
        raise UsageError(
            "no prompt has the baseline's identity", seen=baseline, legal=", ".join(identities)
        )
    unmarked = {row.identity for row in fit if row.axis == UNMARKED}
    baseline = baseline or (unmarked.pop() if len(unmarked) == 1 else "")
    if not baseline and len(identities) > MOST_IDENTITIES:
        raise UsageError(
            "too many identities to hold each against each",
            seen=len(identities),
            legal=f"up to {MOST_IDENTITIES}, or a baseline",
            then=f"--opt baseline={identities[0]}",
        )
    held = {(row.pair, row.seed, row.identity): row for row in fit}
    chosen = (
        [(name, baseline) for name in identities if name != baseline]
        if baseline
        else [(b, a) for a, b in combinations(identities, 2)]
    )
    for identity, other in chosen:
        matched = [
            (row, held[pair, seed, other])
            for (pair, seed, name), row in held.items()
            if name == identity and (pair, seed, other) in held
        ]
        if matched:
            yield Pairs(identity=identity, baseline=other, rows=tuple(matched))


def _scores(pairs: Pairs) -> list[str]:
    return sorted({score for a, b in pairs.rows for score in a.scores if score in b.scores})


def _cluster(row: Row) -> str:
    return row.template or row.pair


def _counts(pairs: Pairs, decided: Sequence[tuple[Row, Row]]) -> dict[str, int]:
    """Counts of pairs: one is undecided where either of its videos is."""
    counts = counted([a for a, _ in pairs.rows], [a for a, _ in decided])
    errors = sum(a.is_error or b.is_error for a, b in pairs.rows)
    counts["n_error"] = min(errors, len(pairs.rows) - len(decided))
    counts["n_unknown"] = len(pairs.rows) - len(decided) - counts["n_error"]
    counts["n_clusters"] = len({_cluster(a) for a, _ in decided})
    return counts


def _shift(
    pairs: Pairs, score: str, margin: float, setting: Setting
) -> Iterator[tuple[Finding, float]]:
    """The mean difference of a score, or of being held back; with the difference that matters."""
    decided = [
        (a, b) for a, b in pairs.rows if None not in (value_of(a, score), value_of(b, score))
    ]
    x_N, y_N = (
        np.array([value_of(pair[side], score) for pair in decided], dtype=np.float64)
        for side in (0, 1)
    )
    if not decided:
        return
    clusters = [_cluster(a) for a, _ in decided]
    difference_N = x_N - y_N
    test = _test_of(score, difference_N, clusters, setting)
    where = pairs.where if score == SUPPRESSED else {**pairs.where, "metric": score}
    spread = float(np.std(np.concatenate([x_N, y_N]), ddof=1)) if len(decided) > 1 else 0.0
    yield (
        made(
            "suppressed_shift" if score == SUPPRESSED else "score_shift",
            where,
            float(difference_N.mean()),
            setting,
            unit="share of pairs" if score == SUPPRESSED else "of the metric",
            counts=_counts(pairs, decided),
            cluster="template",
            interval=_mean_interval(difference_N, clusters, setting),
            test=test,
            evidence=[
                row.trial
                for pair, d in zip(decided, difference_N, strict=True)
                for row in pair
                if score != SUPPRESSED or d
            ],
        ),
        margin if score == SUPPRESSED else MARGIN_SD * spread,
    )


def _test_of(
    score: str, difference_N: F64, clusters: Sequence[str], setting: Setting
) -> Significance:
    if score == SUPPRESSED:
        b, c = (int((difference_N == way).sum()) for way in (1, -1))
        return Significance(name="McNemar, exact", p=mcnemar(b, c), statistic=float(b - c))
    permuted = paired(difference_N, clusters, n_permutations=n_draws(setting), seed=setting.seed)
    return Significance(name=f"permutation, {permuted.method}", p=permuted.p)


def _mean_interval(difference_N: F64, clusters: Sequence[str], setting: Setting) -> Interval | None:
    """Of the mean difference; where no pair differs, what that leaves possible."""
    if not difference_N.any():
        most = proportion_interval(difference_N, clusters, confidence=setting.confidence).high
        return Interval(
            low=-most,
            high=most,
            confidence=setting.confidence,
            method="Wilson score of pairs that differ, of which there is none",
        )
    return mean_interval(
        difference_N,
        clusters,
        confidence=setting.confidence,
        n_resamples=setting.n_resamples,
        seed=setting.seed,
    )


def _flips(pairs: Pairs, attribute: str, setting: Setting) -> Iterator[Finding]:
    """How often what is perceived, and was not asked for, differs; and whether to one side."""
    free = [(a, b) for a, b in pairs.rows if attribute not in a.states | b.states]
    decided = [
        (a, b) for a, b in free if None not in (a.perceived[attribute], b.perceived[attribute])
    ]
    if not decided:
        return
    told = [(str(a.perceived[attribute]), str(b.perceived[attribute])) for a, b in decided]
    flips = [pair for pair, (x, y) in zip(decided, told, strict=True) if x != y]
    clusters = [_cluster(a) for a, _ in decided]
    flipped_N = np.array([float(x != y) for x, y in told])
    where = {**pairs.where, "attribute": attribute}
    counts = _counts(Pairs(identity="", baseline="", rows=tuple(free)), decided)
    yield made(
        "flip_rate",
        where,
        float(flipped_N.mean()),
        setting,
        unit="share of pairs",
        counts=counts,
        cluster="template",
        interval=proportion_interval(flipped_N, clusters, confidence=setting.confidence),
        k=len(flips),
        evidence=[row.trial for pair in flips for row in pair],
        notes=("flips both ways are chance: net_flip asks whether they go one way",),
    )
    for value in sorted({word for pair in told for word in pair}):
        net_N = np.array([float(x == value) - float(y == value) for x, y in told])
        yield made(
            "net_flip",
            {**where, "value": value},
            float(net_N.mean()),
            setting,
            unit="share of pairs",
            counts=counts,
            cluster="template",
            interval=_mean_interval(net_N, clusters, setting),
            test=_test_of(SUPPRESSED, net_N, clusters, setting),
            evidence=[
                row.trial for pair, d in zip(decided, net_N, strict=True) if d for row in pair
            ],
        )
