"""Simulated runs of a known bias: what the bias audit must show on them before it is believed.

One simulated run is a list of rows as the audit reads them: planted shares, seen through a reader
that errs as often as the phantom world's reader was measured to on blurred clips of base size. Each
audit has a confusion of its own that was "measured" on 200 videos a class, so that its intervals
must know that it is an estimate. See :mod:`bench.calibration.audits`, which counts what they show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from audits._amplification import amplification
from audits._bias_options import ANY, Confusion, Reference, Target
from audits._bias_rows import Row
from audits._correction import effect_of, sample_of
from audits._counterfactual import counterfactual
from audits._parity import parity
from audits._persistence import persistence
from audits._representation import Plan, detectable_shift, representation
from audits.base import Setting
from bench.stats.regression import logit
from bench.types import Finding, FindingVerdict, Outcome

F64 = npt.NDArray[np.float64]
BAND = "apparent_skin_tone_band"
BANDS = ("light", "medium", "dark")
ROLES = ("chef", "doctor", "nurse", "officer", "pilot", "teacher")
TARGET = (0.4, 0.35, 0.25)
TILTED = (0.6, 0.3, 0.1)
CONFUSION_KJ = np.array([[208, 45, 0, 47], [0, 291, 7, 2], [0, 21, 266, 13]]) / 300
"""Chances that the phantom's reader sees a true band (rows) as one, or abstains (last).

Measured: `python -m audits._measure_reader --each 300 --blur 0.7`, at 24 x 40 pixels.
"""
PROMPTS, SEEDS = 8, 10
N_CONFUSION = 200
CONFIDENCE, MARGIN, RESAMPLES = 0.95, 0.1, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one world must show: `k` of `n` intervals or audits did, within `least` to `most`."""

    world: str
    question: str
    k: float = 0
    n: int = 0
    least: float = 0.0
    most: float = 1.0


@dataclass(slots=True, kw_only=True)
class Book:
    """Counts by world and question."""

    rules: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    counts: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def covers(self, world: str, question: str, finding: Finding, truth: float) -> None:
        """Count whether the finding's interval covers the planted truth."""
        made = finding.interval
        hit = made is not None and made.low - 1e-12 <= truth <= made.high + 1e-12
        self._count(world, f"95 % interval covers: {question}", hit, (0.93, 0.97))

    def flags(
        self, world: str, question: str, hit: float, *, planted: bool, promised: bool = True
    ) -> None:
        """Count whether an audit raised a flag: seldom without a bias, mostly with one.

        Where no power was `promised` for the planted bias, how often it is seen has no rule.
        """
        name = f"{'flagged' if planted else 'falsely flagged'}: {question}"
        seen = (0.8, 1.0) if promised else (0.0, 1.0)
        self._count(world, name, hit, seen if planted else (0.0, 0.05))

    def _count(self, world: str, question: str, hit: float, rule: tuple[float, float]) -> None:
        held = self.counts.setdefault((world, question), [0.0, 0])
        self.rules[world, question] = rule
        held[0] += hit
        held[1] += 1

    def tallies(self) -> Iterator[Tally]:
        """All counts, in the order in which they were first made."""
        for (world, question), (k, n) in self.counts.items():
            least, most = self.rules[world, question]
            yield Tally(world=world, question=question, k=k, n=int(n), least=least, most=most)


def simulate(
    n: int, seed: int, notify: Callable[[int, str], None] = lambda total, name: None
) -> list[Tally]:
    """`n` simulated audits of every world, and what their findings showed."""
    book = Book()
    for name, world in WORLDS.items():
        for index in range(n):
            rng = np.random.default_rng([seed, index, *name.encode()])
            world(book, name, rng, _setting(index))
            notify(n * len(WORLDS), name)
    return list(book.tallies())


def _setting(seed: int) -> Setting:
    return Setting(confidence=CONFIDENCE, n_resamples=RESAMPLES, seed=seed, key={})


def _row(
    name: str, prompt: str, group: str, perceived: Mapping[str, str | None], **more: object
) -> Row:
    fields: dict[str, object] = {
        "seed": 0,
        "outcome": Outcome.OK,
        "identity": "",
        "template": "",
        "pair": "",
        "states": frozenset(),
        "parts": {},
        "scores": {},
    }
    return Row(trial=name, prompt=prompt, group=group, perceived=perceived, **(fields | more))  # type: ignore[arg-type]


def people(
    rng: np.random.Generator,
    group: str,
    shares_K: Sequence[float],
    *,
    errs: bool,
    correlation: float = 0.0,
    prompts: int = PROMPTS,
    seeds: int = SEEDS,
) -> list[Row]:
    """Videos of one group: prompts of their own shares (Dirichlet), seen by a reader or exactly."""
    rows = []
    for index in range(prompts):
        own_K = np.asarray(shares_K, dtype=np.float64)
        if correlation:
            own_K = rng.dirichlet(own_K * (1 / correlation - 1))
        for k in range(seeds):
            true = int(rng.choice(3, p=own_K / own_K.sum()))
            seen = int(rng.choice(4, p=CONFUSION_KJ[true])) if errs else true
            value = BANDS[seen] if seen < 3 else None
            prompt = f"{group}-{index}"
            rows.append(_row(f"{prompt}-{k}", prompt, group, {BAND: value}))
    return rows


def measured_confusion(rng: np.random.Generator) -> Confusion:
    """A confusion as somebody would measure it: 200 videos of each true band."""
    counts_KJ = np.stack([rng.multinomial(N_CONFUSION, row) for row in CONFUSION_KJ])
    return Confusion(values=BANDS, counts_KJ=counts_KJ.astype(np.int64))


def plan_of(confusion: Confusion | None) -> Plan:
    """What the audit is asked in every simulated run."""
    shares = {BAND: {ANY: dict(zip(BANDS, TARGET, strict=True))}}
    return Plan(
        values={BAND: BANDS},
        ordinal=frozenset({BAND}),
        target=Target(source="simulation", shares=shares),
        confusion={} if confusion is None else {BAND: confusion},
        margin=MARGIN,
        least_cell=1,
        is_exact=confusion is None,
    )


def _representation(
    book: Book,
    world: str,
    rng: np.random.Generator,
    setting: Setting,
    *,
    errs: bool,
    correlation: float = 0.0,
    tilted: Sequence[float] = TARGET,
) -> None:
    """Six roles, of which the doctor's shares are tilted; the others have the target's."""
    planted = {role: tilted if role == "doctor" else TARGET for role in ROLES}
    rows = [
        row
        for role, shares in planted.items()
        for row in people(rng, role, shares, errs=errs, correlation=correlation)
    ]
    plan = plan_of(measured_confusion(rng) if errs else None)
    found = {finding.id: finding for finding in representation(rows, plan, setting)}
    for role, shares in planted.items():
        for value, share in zip(BANDS, shares, strict=True):
            finding = found[f"bias.share[attribute={BAND},group={role},value={value}]"]
            book.covers(world, "each share", finding, share)
    main = [finding for finding in found.values() if finding.measure == "total_variation"]
    flagged = {str(f.where["group"]) for f in main if f.verdict is FindingVerdict.FLAGGED}
    if tilted == TARGET:
        book.flags(world, "any group", bool(flagged), planted=False)
    else:
        is_printed = tilted != TILTED
        book.flags(world, "the tilted role", "doctor" in flagged, planted=True, promised=is_printed)
        false = len(flagged - {"doctor", "all"}) / max(1, len(flagged))
        book.flags(world, "share of an audit's flags", false, planted=False)


@lru_cache(maxsize=2)
def just_detectable(errs: bool) -> tuple[float, ...]:
    """Shares off the target by the shift for which audits print 80 % power: the median of 41."""
    rng = np.random.default_rng(41)
    printed = []
    for _ in range(41):
        confusion = measured_confusion(rng) if errs else None
        rows = [row for role in ROLES for row in people(rng, role, TARGET, errs=errs)]
        told = [row for row in rows if row.perceived[BAND] is not None]
        codes = [BANDS.index(str(row.perceived[BAND])) for row in told]
        effect = effect_of(codes, [row.prompt for row in told], [row.group for row in told])
        n = len(told) // len(ROLES)
        sample = sample_of(codes[:n], len(BANDS), effect)
        n_tests = len(ROLES) + 1
        printed.append(
            detectable_shift(sample, TARGET, confusion, n_tests=n_tests, setting=_setting(0))
        )
    shift = float(np.median(printed))
    # between the two largest shares, where it is hardest to see
    return (TARGET[0] + shift, TARGET[1] - shift, TARGET[2])


def _no_bias(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    _representation(book, world, rng, setting, errs="errs" in world)


def _tilted(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    _representation(book, world, rng, setting, errs="errs" in world, tilted=TILTED)


def _alike(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    _representation(book, world, rng, setting, errs=False, correlation=0.1)


def _at_power(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    errs = "errs" in world
    _representation(book, world, rng, setting, errs=errs, tilted=just_detectable(errs))


def _slope(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    """Twelve occupations whose shares follow a table with a slope, through the reader."""
    slope = 1.0 if "no bias" in world else 1.8
    references = np.linspace(0.12, 0.8, 12)
    shares = {f"o{index:02d}": float(share) for index, share in enumerate(references)}
    rows: list[Row] = []
    for name, share in shares.items():
        p = 1 / (1 + np.exp(-slope * logit(share)))
        rows += people(rng, name, ((1 - p) / 2, (1 - p) / 2, p), errs=True)
    reference = Reference(
        source="simulated", attribute=BAND, value="dark", pivot=0.5, shares=shares
    )
    found = amplification(rows, reference, BANDS, measured_confusion(rng), MARGIN, setting)
    by_measure = {finding.measure: finding for finding in found if finding.is_main}
    book.covers(world, "the slope", by_measure["calibration_slope"], slope)
    flagged = any(f.verdict is FindingVerdict.FLAGGED for f in by_measure.values())
    book.flags(world, "amplification", flagged, planted=slope > 1)


def _excess(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    """Twelve occupations, each exaggerated by an amount of its own, on the mean 0 or 0.12."""
    mean = 0.0 if "no bias" in world else 0.12
    references = np.concatenate([np.linspace(0.25, 0.42, 6), np.linspace(0.58, 0.75, 6)])
    shares = {f"o{index:02d}": float(share) for index, share in enumerate(references)}
    rows: list[Row] = []
    for name, share in shares.items():
        p = share + np.sign(share - 0.5) * float(rng.normal(mean, 0.04))
        p = min(max(p, 0.02), 0.98)
        rows += people(rng, name, ((1 - p) / 2, (1 - p) / 2, p), errs=False)
    reference = Reference(
        source="simulated", attribute=BAND, value="dark", pivot=0.5, shares=shares
    )
    found = amplification(rows, reference, BANDS, None, MARGIN, setting)
    main = next(f for f in found if f.is_main and f.measure == "amplification")
    book.covers(world, "the mean amplification", main, mean)
    flagged = main.verdict is FindingVerdict.FLAGGED
    book.flags(world, "amplification", flagged, planted=mean > 0)


def _served(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    """One role of six is drawn worse by half a standard deviation, and held back more often."""
    gap, held_back = (0.0, 0.1) if "no bias" in world else (-0.5, 0.35)
    rows = []
    for role in ROLES:
        less, often = (gap, held_back) if role == "doctor" else (0.0, 0.1)
        for row in people(rng, role, TARGET, errs=False, prompts=PROMPTS):
            if rng.random() < often:
                rows.append(
                    _row(row.trial, row.prompt, role, {BAND: None}, outcome=Outcome.SUPPRESSED)
                )
            else:
                scores = {"sharpness.value": float(rng.normal(less))}
                rows.append(_row(row.trial, row.prompt, role, row.perceived, scores=scores))
    found = {finding.id: finding for finding in parity(rows, MARGIN, setting)}
    score = found["bias.score_gap[group=doctor,metric=sharpness.value]"]
    stopped = found["bias.suppressed_gap[group=doctor]"]
    book.covers(world, "the gap of a score", score, gap)
    book.covers(world, "the gap of being held back", stopped, held_back - 0.1)
    flags = {f.where["group"] for f in found.values() if f.verdict is FindingVerdict.FLAGGED}
    book.flags(world, "any gap", bool(flags), planted=gap != 0)


def _pairs(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    """Thirty templates with two identities and four seeds: scores, refusals, what is perceived."""
    shift, stopped = (0.0, 0.1) if "no bias" in world else (0.4, 0.35)
    rows = []
    for template in range(30):
        for seed in range(4):
            shared = float(rng.normal())
            for identity, more, often in (("a", 0.0, 0.1), ("b", shift, stopped)):
                name = f"t{template}-{identity}-{seed}"
                stop = rng.random() < often
                looks = None if stop else BANDS[int(rng.choice(3, p=TARGET))]
                rows.append(
                    _row(
                        name,
                        f"t{template}-{identity}",
                        "",
                        {BAND: looks},
                        seed=seed,
                        identity=identity,
                        template=f"t{template}",
                        pair=f"t{template}",
                        outcome=Outcome.SUPPRESSED if stop else Outcome.OK,
                        scores={} if stop else {"s.v": shared + more + float(rng.normal(0, 0.7))},
                    )
                )
    found = {finding.id: finding for finding in counterfactual(rows, "a", MARGIN, setting)}
    book.covers(
        world,
        "the shift of a score",
        found["bias.score_shift[against=a,identity=b,metric=s.v]"],
        shift,
    )
    held = found["bias.suppressed_shift[against=a,identity=b]"]
    book.covers(world, "the shift of being held back", held, stopped - 0.1)
    flagged = [f.measure for f in found.values() if f.verdict is FindingVerdict.FLAGGED]
    book.flags(world, "any shift", bool(flagged), planted=shift != 0)


def _drifting(book: Book, world: str, rng: np.random.Generator, setting: Setting) -> None:
    """One clip in eight changes the person's looks half way."""
    rows = []
    for row in people(rng, "doctor", TARGET, errs=False, prompts=20, seeds=10):
        changes = rng.random() < 0.125
        parts = {BAND: ("light", "dark" if changes else "light")}
        rows.append(_row(row.trial, row.prompt, "doctor", row.perceived, parts=parts))
    (finding,) = persistence(rows, setting)
    book.covers(world, "the share of clips that change", finding, 0.125)


WORLDS: Mapping[str, Callable[[Book, str, np.random.Generator, Setting], None]] = {
    "no bias, exact reader": _no_bias,
    "no bias, reader that errs, corrected": _no_bias,
    "no bias, videos of a prompt alike (0.1)": _alike,
    "one role tilted, exact reader": _tilted,
    "one role tilted, reader that errs, corrected": _tilted,
    "one role off by the printed shift, exact reader": _at_power,
    "one role off by the printed shift, reader that errs, corrected": _at_power,
    "table followed, slope 1 (no bias)": _slope,
    "table exaggerated, slope 1.8": _slope,
    "table followed on the mean (no bias)": _excess,
    "table exaggerated by 0.12 on the mean": _excess,
    "all roles served alike (no bias)": _served,
    "one role served worse": _served,
    "pairs that differ in nothing (no bias)": _pairs,
    "pairs that differ": _pairs,
    "looks that change within a clip": _drifting,
}
