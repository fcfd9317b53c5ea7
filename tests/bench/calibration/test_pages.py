"""The page of a certificate, the index, and that the committed ones are up to date."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import registry
from bench.calibration.ladders import LADDERS
from bench.calibration.pages import FOLDER, index, packaged, page, stem, write_pages
from bench.certificates import Verdict
from support.metric_certificates import certificate

ROOT = Path(__file__).parents[3]


def test_a_page_shows_every_row_and_says_what_was_not_measured():
    text = page(certificate())
    assert "**fails: it does not show everything that it declares**" in text
    assert "| `sharpness` | gaussian_blur | phantom, 16 | falls | -1.00 (-1.00 to -0.90) |" in text
    assert "**fail**: the correlation is below 0.5" in text
    assert "- `sharpness` on h264 (phantom): it falls with the damage: it sees it." in text
    assert "Not measured on `phantom`: colour_shift, luma_flicker" in text
    assert "16 frames of 160x96 px at 6 fps, seed 0" in text


def test_the_index_explains_every_ladder_and_lists_the_certificates():
    text = index([certificate()])
    assert all(f"| {ladder} | " in text for ladder in LADDERS)
    assert "| [`sharpness`](sharpness.md) | fail |" in text


def test_a_spec_with_options_makes_a_file_name():
    assert stem(certificate(spec="fvd:ddof=0")) == "fvd-ddof-0"


def test_pages_plots_and_the_index_are_written(tmp_path):
    write_pages([certificate()], tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"sharpness.md", "sharpness.png", "README.md"}


def test_what_could_not_be_computed_has_a_page_without_a_plot(tmp_path):
    reason = "the weights are not here; next: prescreen weights fetch them"
    absent = replace(
        certificate(()), clips=(), verdict=Verdict.UNAVAILABLE, reason=reason, spec="clip_score"
    )
    write_pages([absent], tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"clip_score.md", "README.md"}
    text = (tmp_path / "clip_score.md").read_text()
    assert "**is still to be made: the metric could not be computed here**. The weights" in text
    assert "prescreen weights fetch them" in text
    assert "png" not in text


def test_rows_without_a_measurement_have_a_table_and_no_plot(tmp_path):
    rows = tuple(replace(row, effects=()) for row in certificate().rows)
    write_pages([replace(certificate(), rows=rows)], tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"sharpness.md", "README.md"}
    text = (tmp_path / "sharpness.md").read_text()
    assert "| `sharpness` | noise | phantom, 16 |" in text
    assert "png" not in text


def test_every_metric_that_ships_has_a_certificate():
    assert {c.spec for c in packaged()} == set(registry.names("metric"))


@pytest.mark.parametrize("certificate", packaged(), ids=lambda c: c.spec)
def test_committed_pages_are_up_to_date(certificate):
    path = ROOT / FOLDER / f"{stem(certificate)}.md"
    assert path.read_text() == page(certificate), "next: make docs"
    if any(row.effects for row in certificate.rows):
        assert path.with_suffix(".png").stat().st_size < 40_000


def test_the_committed_index_is_up_to_date():
    assert (ROOT / FOLDER / "README.md").read_text() == index(packaged()), "next: make docs"
