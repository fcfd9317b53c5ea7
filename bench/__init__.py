"""Prescreen's bench: prompts and videos in, scores with their uncertainty out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.pipeline import Result

__version__ = "0.1.0"


def evaluate(
    *,
    model: str | Callable[..., Any],
    suite: str,
    metrics: Sequence[str] | None = None,
    **settings: Any,
) -> Result:
    """Make the videos of a suite with a model and score them: `prescreen run` from Python.

    ::

        if __name__ == "__main__":  # workers are processes of their own
            run = bench.evaluate(model="cascade", suite="smoke", metrics=["degenerate"])
            print(run.path, run.summary["headlines"][0]["value"])

    Args:
        model: a spec, or a function or class of a module that Python finds.
        suite: a suite's name, or a file of prompts.
        metrics: specs; by default all usual ones.
        settings: the other options of `prescreen run` under their names: `seeds`, `reference`,
            `resamples`, `run`, `out`, `workers`, ...

    Raises:
        PrescreenError: as the command would end.
        TypeError: for a setting that there is not.
    """
    from bench.errors import UsageError
    from bench.pipeline import run
    from bench.request import run_request

    if not isinstance(model, str):
        if model.__module__ == "__main__":
            raise UsageError(
                "workers cannot find the model, for it lies in the script itself",
                seen=model,
                then="put it into a module of its own",
            )
        model = f"{model.__module__}:{model.__qualname__}"
    chosen = {} if metrics is None else {"metrics": tuple(metrics)}
    return run(run_request({"model": model, "suite": suite, **chosen, **settings}))
