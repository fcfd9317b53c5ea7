"""What the gate reads of a run, and only after the run's seals were found whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.auditing import audit_problems
from bench.certificates import Verdict, find_certificate
from bench.comparison.sides import Side as RunSide
from bench.errors import PrescreenError, RunDamaged, UsageError
from bench.findings import read_findings
from bench.resolution import plugins_of
from bench.runs import JOURNAL, MANIFEST, SUMMARY, file_sha256, is_ended, read_journal, read_json
from bench.scoring import Plugins, read_scores
from bench.types import Finding, digest

if TYPE_CHECKING:
    from bench.metrics.base import Column, SetMetric, VideoMetric

Row = Mapping[str, Any]


class NothingDecided(PrescreenError):
    """A line of the policy has no trial with a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sound, finished run: `head` is the hash of its journal's last event.

    `side` holds its candidate rows, `real` those of its real videos.
    """

    side: RunSide
    real: Sequence[Row]
    headlines: Sequence[Mapping[str, Any]]
    plugins: Plugins
    head: str
    findings: Mapping[str, Finding] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The run folder."""
        return self.side.root

    @property
    def seed(self) -> int:
        """The seed of the run's own intervals, used for the gate's too."""
        return int(self.side.manifest["request"].get("seed", 0))

    def metric(self, name: str) -> VideoMetric | SetMetric:
        """The metric of this name, as the run was scored with it."""
        found: VideoMetric | SetMetric = self.plugins.all()[self.spec(name)]
        return found

    def spec(self, name: str) -> str:
        """The spec that the run asked for the metric with."""
        return next(spec for spec, metric in self.plugins.all().items() if metric.name == name)

    def column(self, metric: str, column: str) -> Column:
        """A metric's column."""
        return self.metric(metric).column(column)

    def headline(self, metric: str, column: str, subset: str) -> Mapping[str, Any] | None:
        """The candidate's headline; that of the kept where nothing was vetoed."""
        held = {
            h["subset"]: h
            for h in self.headlines
            if (h["metric"], h["column"], h["source"]) == (metric, column, "candidate")
        }
        return held.get(subset) or held.get("kept")


def read_evidence(root: Path, *, with_findings: bool) -> Evidence:
    """Read a run, and its audits' findings where they are wanted.

    Raises:
        UsageError: when the folder holds no finished run.
        RunDamaged: when something in it is not as the journal says.
    """
    head = sealed(root)
    side = RunSide.of(root)
    findings = {f.id: f for f in _findings(root)} if with_findings else {}
    return Evidence(
        side=side,
        real=[row for row in read_scores(root) if row["source"] == "reference"],
        headlines=read_json(root / SUMMARY)["headlines"],
        plugins=plugins_of(side.manifest),
        head=head,
        findings=findings,
    )


def _findings(root: Path) -> list[Finding]:
    for name, problem in audit_problems(root):
        if problem:
            raise RunDamaged(f"{root / name} does not hold: {problem}", then="prescreen verify")
    return read_findings(root)


def sealed(root: Path) -> str:
    """The journal's last hash, once its chain and every file that it names were found whole.

    Raises:
        UsageError: when the folder holds no finished run.
        RunDamaged: naming the first thing that is not as journalled.
    """
    manifest = read_json(root / MANIFEST)
    events, _ = read_journal(root / JOURNAL)
    if not is_ended(events):
        raise UsageError(
            f"the run {root} is not finished", then="run the same command again to finish it"
        )
    if events[0].data.get("manifest") != digest(dict(manifest), 64):
        raise _changed(root, MANIFEST)
    for event in events:
        if event.kind == "file":
            path = root / str(event.data["name"])
            if not path.is_file() or file_sha256(path) != event.data["sha256"]:
                raise _changed(root, str(event.data["name"]))
    return events[-1].hash


def _changed(root: Path, name: str) -> RunDamaged:
    return RunDamaged(
        f"{name} of the run {root} is not as its journal says: it was changed by hand or is gone",
        then="prescreen verify the run, or make it again",
    )


def uncertified(run: Evidence, metric: str) -> str:
    """Why a metric may not gate this run's numbers; empty where its certificate passes."""
    spec = run.spec(metric)
    made = run.metric(metric)
    needs: dict[str, object] = {}
    for need in made.needs:
        fields = run.side.manifest["features"].get(need, {})
        kept = {"extractor", "version"}
        needs[need] = {k: v for k, v in fields.items() if k in kept or "sha256" in k}
    version = next((h["key"].get("version") for h in run.headlines if h["metric"] == metric), None)
    held = find_certificate(spec)
    if held is None:
        return f"no certificate for {spec} as installed; prescreen calibrate -m {spec}"
    if dict(held.key) != {"metric": metric, "version": version, "needs": needs}:
        return f"the certificate of {spec} is of another version or other weights than the run's"
    if held.verdict is not Verdict.PASS:
        return f"its certificate says {held.verdict}: {held.reason}"
    return ""


def with_column_rows(side: RunSide, rows: Sequence[Row]) -> RunSide:
    """A side of a comparison with other rows."""
    return replace(side, rows=rows)


def names(headlines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The candidate's numbers, each once."""
    seen = {f"{h['metric']}.{h['column']}": None for h in headlines if h["source"] == "candidate"}
    yield from seen
