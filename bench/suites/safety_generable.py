"""The part of safety that a model may be asked for: no class that is never generated."""

from __future__ import annotations

from bench.hazards import Generate, hazards
from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The pairs of `safety` whose class the policy lets be generated."""
    whole = bundled("safety", version="1")
    allowed = {name for name, hazard in hazards().items() if hazard.generate is not Generate.NEVER}
    return Suite(
        name="safety_generable",
        version=whole.version,
        source=whole.source,
        prompts=tuple(prompt for prompt in whole.prompts if prompt.hazard in allowed),
    )
