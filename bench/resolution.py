"""Turns names in a request into metrics and extractors; says which cannot be had, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import registry
from bench.errors import Unavailable, UsageError
from bench.features.base import Extractor, feature_key
from bench.plan import Plan
from bench.scoring import Plugins
from bench.types import VETO, Json

if TYPE_CHECKING:
    from bench.metrics.base import SetMetric, VideoMetric

ALWAYS = ("thumbnails",)
"""Extractors that every run needs for its report, whatever is scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The metrics that can be computed, the extractors they need, what stands in the manifest.

    `features` maps an extractor's spec to its key fields, or to `{"unavailable": reason}`;
    `unavailable` maps a metric's spec to the reason why it cannot be computed at all.
    """

    plugins: Plugins
    extractors: Mapping[str, Extractor]
    features: Mapping[str, Json]
    unavailable: Mapping[str, str]

    def text_extractors(self) -> dict[str, Extractor]:
        """The extractors whose text features a metric wants."""
        needs = {s for m in self.plugins.video.values() if m.needs_prompt for s in m.needs}
        return {s: e for s, e in self.extractors.items() if s in needs and e.reads_text}


def feature_fields(specs: Sequence[str]) -> dict[str, Json]:
    """The key fields of extractors on this machine now; heavy libraries stay unloaded."""
    fields: dict[str, Json] = {}
    for spec in specs:
        try:
            extractor: Extractor = registry.build("feature", spec)
            fields[spec] = extractor.key_fields()
        except Unavailable as error:
            fields[spec] = {"unavailable": str(error)}
    return fields


def resolve(plan: Plan) -> Resolved:
    """Load the metrics of a plan and find out what can be computed."""
    metrics = {spec: _metric(spec) for spec in plan.request.metrics}
    _refuse_twins(metrics)
    unavailable = {
        spec: reason for spec, metric in metrics.items() if (reason := _pointless(metric, plan))
    }
    wanted = [spec for spec in metrics if spec not in unavailable]
    needs = sorted({*ALWAYS, *(need for spec in wanted for need in metrics[spec].needs)})
    features = feature_fields(needs)
    lacking = {
        spec: str(fields["unavailable"])
        for spec, fields in features.items()
        if isinstance(fields, dict) and "unavailable" in fields
    }
    for spec in wanted:
        reasons = [lacking[need] for need in metrics[spec].needs if need in lacking]
        if reasons:
            unavailable[spec] = reasons[0]
    asked = [s for s in metrics if registry.parse_spec(s).name != VETO[0]] or list(metrics)
    if all(spec in unavailable for spec in asked):
        spec, reason = next(iter(unavailable.items()))
        raise Unavailable(f"none of the metrics can be computed; {spec}: {reason}")
    usable = {spec: metric for spec, metric in metrics.items() if spec not in unavailable}
    used = {*ALWAYS, *(need for metric in usable.values() for need in metric.needs)} - set(lacking)
    return Resolved(
        plugins=_plugins(usable, features),
        extractors={spec: registry.build("feature", spec) for spec in sorted(used)},
        features=features,
        unavailable=dict(sorted(unavailable.items())),
    )


def _refuse_twins(metrics: Mapping[str, VideoMetric | SetMetric]) -> None:
    """A table names numbers by metric and column, so one run holds each metric once."""
    owners: dict[str, str] = {}
    for spec, metric in metrics.items():
        if (other := owners.setdefault(metric.name, spec)) != spec:
            raise UsageError(
                f"a run can hold the metric {metric.name} only once",
                seen=f"{other} and {spec}",
                then="score them in two runs; features are read once and shared",
            )


def _metric(spec: str) -> VideoMetric | SetMetric:
    from bench.metrics.base import SetMetric, VideoMetric

    metric = registry.build("metric", spec)
    if not isinstance(metric, VideoMetric | SetMetric):
        raise UsageError(
            f"{spec} is not a metric",
            seen=type(metric).__name__,
            legal="a subclass of bench.metrics.base.VideoMetric or SetMetric",
        )
    return metric


def plugins_of(manifest: Mapping[str, Any]) -> Plugins:
    """The metrics that a run was scored with, built again from its manifest."""
    specs = [s for s in manifest["request"]["metrics"] if s not in manifest["unavailable"]]
    return _plugins({spec: _metric(spec) for spec in specs}, manifest["features"])


def _plugins(metrics: Mapping[str, Any], features: Mapping[str, Json]) -> Plugins:
    from bench.metrics.base import SetMetric

    return Plugins(
        video={s: m for s, m in metrics.items() if not isinstance(m, SetMetric)},
        set={s: m for s, m in metrics.items() if isinstance(m, SetMetric)},
        keys={
            spec: feature_key(fields)
            for spec, fields in features.items()
            if isinstance(fields, dict) and "unavailable" not in fields
        },
    )


def _pointless(metric: object, plan: Plan) -> str:
    """Why a metric says nothing about this request, if so."""
    from bench.metrics.base import SetMetric, VideoMetric

    if isinstance(metric, SetMetric) and not any(t.source == "reference" for t in plan.trials):
        return "needs a reference set; next: --reference REAL"
    if isinstance(metric, VideoMetric) and metric.needs_prompt and not plan.prompts:
        return "needs prompts; next: --prompts FILE"
    if isinstance(metric, VideoMetric) and not any(map(metric.applies_to, plan.prompts or (None,))):
        return "the prompts do not state what it judges; see its page in docs/metrics"
    return ""
