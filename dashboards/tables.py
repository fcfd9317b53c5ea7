"""Numbers of one run or many, read with DuckDB from their Parquet and from their summaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from bench.errors import RunDamaged
from bench.runs import SCORES, SUMMARY, read_json

_COUNTS = ("missing", "error", "suppressed", "vetoed", "unavailable")


def headline_table(runs: Iterable[tuple[str, Path]], *, subset: str = "kept") -> pd.DataFrame:
    """Every headline of the runs, one row each: run, metric, column, value, low, high, n, ...

    Args:
        runs: name and folder of finished runs.
        subset: `kept`, or `with vetoed`.
    """
    rows = [
        _flat(name, headline)
        for name, path in runs
        for headline in read_json(path / SUMMARY)["headlines"]
        if headline["subset"] == subset
    ]
    columns = ["run", "metric", "column", "source", "value", "low", "high", "n", "is_main"]
    return pd.DataFrame(rows, columns=None if rows else columns)


def _flat(run: str, headline: Mapping[str, Any]) -> dict[str, Any]:
    interval = headline["interval"] or {}
    return {
        "run": run,
        "metric": headline["metric"],
        "column": headline["column"],
        "source": headline["source"],
        "value": headline["value"],
        "low": interval.get("low"),
        "high": interval.get("high"),
        "confidence": interval.get("confidence"),
        "method": interval.get("method", ""),
        "n": headline["n"],
        "n_clusters": headline["n_clusters"],
        "cluster": headline["cluster"],
        **{f"n_{name}": headline[f"n_{name}"] for name in _COUNTS},
        "unit": headline["unit"],
        "higher_is_better": headline["higher_is_better"],
        "is_main": headline["is_main"],
        "notes": "; ".join(headline["notes"]),
    }


def spread_table(paths: Sequence[Path], metric: str, column: str) -> pd.DataFrame:
    """How one number of the videos spreads, by run: n, quantiles, extremes; of candidates only.

    Raises:
        RunDamaged: when a run's table of scores cannot be read.
    """
    query = """
        SELECT run, count(value) AS n, min(value) AS lowest,
               quantile_cont(value, 0.25) AS q25, median(value) AS median,
               quantile_cont(value, 0.75) AS q75, max(value) AS highest
        FROM (SELECT parse_path(filename)[-2] AS run, value
              FROM read_parquet($paths, filename = true)
              WHERE source = 'candidate' AND metric = $metric AND "column" = $column
                AND status = 'ok')
        GROUP BY run ORDER BY run
    """
    return _ask(query, paths, {"metric": metric, "column": column})


def score_table(path: Path) -> pd.DataFrame:
    """All scores of one run's candidate videos, in the order of the file.

    Raises:
        RunDamaged: when the table cannot be read.
    """
    query = "SELECT * FROM read_parquet($paths) WHERE source = 'candidate'"
    return _ask(query, [path], {})


def count_rows(paths: Sequence[Path]) -> int:
    """Rows of scores in all runs together."""
    table = _ask("SELECT count(*) AS n FROM read_parquet($paths)", paths, {})
    return int(table["n"].iloc[0])


def _ask(query: str, paths: Sequence[Path], values: Mapping[str, str]) -> pd.DataFrame:
    """A query's answer over the tables of scores of the run folders `paths`."""
    files = [str(path / SCORES) for path in paths]
    try:
        with duckdb.connect() as database:
            # one thread: the answer's order must not depend on how many cores there are
            database.execute("SET threads = 1")
            answer: pd.DataFrame = database.execute(query, {"paths": files, **values}).df()
    except duckdb.Error as error:
        what = str(error).partition("\n")[0]
        raise RunDamaged(
            f"a table of scores cannot be read: {what}", then="prescreen verify the run"
        ) from error
    return answer
