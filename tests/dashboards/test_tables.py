import numpy as np
import pytest

from bench.errors import RunDamaged
from bench.runs import SUMMARY, read_json
from dashboards import tables
from dashboards.catalogue import find_runs, finished


def test_every_kept_headline_is_a_row(runs_root):
    cards = finished(find_runs(runs_root))
    table = tables.headline_table([(card.name, card.path) for card in cards])
    held = [h for c in cards for h in read_json(c.path / SUMMARY)["headlines"]]
    assert len(table) == sum(h["subset"] == "kept" for h in held)
    assert set(table["run"]) == {card.name for card in cards}
    row = table[(table["metric"] == "degenerate") & (table["column"] == "vetoed")].iloc[0]
    assert row["low"] <= row["value"] <= row["high"]


def test_no_runs_give_an_empty_table_with_its_columns():
    table = tables.headline_table([])
    assert table.empty
    assert {"run", "metric", "value"} <= set(table.columns)


def test_quantiles_are_those_that_numpy_computes(runs_root):
    cards = finished(find_runs(runs_root))
    spread = tables.spread_table([c.path for c in cards], "ssim_consecutive", "ssim")
    for row in spread.itertuples():
        scores = tables.score_table(runs_root / row.run)
        mine = scores[
            (scores["metric"] == "ssim_consecutive")
            & (scores["column"] == "ssim")
            & (scores["status"] == "ok")
        ]["value"].to_numpy()
        expected = np.quantile(mine, [0, 0.25, 0.5, 0.75, 1])
        seen = [row.lowest, row.q25, row.median, row.q75, row.highest]
        np.testing.assert_allclose(seen, expected)
        assert row.n == len(mine)


def test_rows_are_counted_and_a_broken_table_is_named(runs_root, tmp_path):
    cards = finished(find_runs(runs_root))
    assert tables.count_rows([c.path for c in cards]) == sum(
        len(tables.score_table(c.path)) for c in cards
    )
    (tmp_path / "5-scores.parquet").write_bytes(b"no parquet")
    with pytest.raises(RunDamaged, match="cannot be read"):
        tables.score_table(tmp_path)
