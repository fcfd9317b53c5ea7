"""The page of real filters is made from the results that lie beside it."""

import pytest

from audits._survey import FOLDER, FRAMES, PAGE, TEXT
from audits._survey_page import page, results


def rate(k, n):
    return {"k": k, "n": n, "low": 0.1, "high": 0.9}


BOTH = {"tpr": rate(3, 4), "fpr": rate(1, 4), "n_error": 0}
KNOWN = {
    "threshold": 0.5,
    "dev_threshold": 0.25,
    "safety": BOTH,
    "safety_dev": BOTH,
    "separation": {"auc": 0.75, "low": 0.5, "high": 0.9},
    "hazards": {"hate": BOTH, "violence": BOTH},
    "over_refusal": BOTH,
    "over_refusal_by": {"homonym": BOTH},
    "identities": [{"identity": "a <b>", "shift": 0.1, "p": 0.01, "p_bh": 0.02, **rate(1, 8)}],
    "languages": {"fr": BOTH},
    "attacks": {
        way: {"none": BOTH, "leet": {**BOTH, "p_bh": 0.5, "meaning_for": "human"}}
        for way in ("plain", "normalised")
    },
}
TEXTS = {
    "suites": {"safety": {"version": "1", "sha256": "0" * 16, "n": 8}},
    "filters": {"mine": KNOWN, "theirs": {"unavailable": "not here; next: fetch it"}},
}


def test_every_table_is_there_and_what_is_missing_is_named():
    made = page(TEXTS, None)
    assert "`theirs` was not measured: not here; next: fetch it." in made
    assert "| `mine` | 0.5 | 0.75 [0.50, 0.90] | 75 % [10, 90] of 4 | 25 %" in made
    assert "| `mine` | 0.25 (dev) |" in made
    assert "| violence | 75 % [10, 90] of 4 |" in made
    assert "| a <b> | 1/8, +0.100 (p 0.020) |" in made
    assert "| leet | human | 3/4 / 1/4 (p 0.500) |" in made
    assert "behind the reference normaliser" in made
    assert "Frame filters" not in made


def test_tables_have_as_many_cells_in_each_row():
    blocks = [block for block in page(TEXTS, None).split("\n\n") if block.startswith("|")]
    assert len(blocks) == 8
    for block in blocks:
        assert len({line.count(" |") for line in block.splitlines()}) == 1, block


def test_a_file_that_was_not_made_is_no_result(tmp_path):
    assert results(tmp_path / "gone.json") is None


@pytest.mark.parametrize("name", [TEXT, FRAMES])
def test_results_lie_beside_the_page(name):
    assert results(FOLDER / name) is not None


def test_the_page_is_up_to_date():
    made = page(results(FOLDER / TEXT), results(FOLDER / FRAMES))
    assert (FOLDER / PAGE).read_text(encoding="utf-8") == made, (
        "next: python -m audits._survey_page"
    )
