"""The first demonstration: three runs, a table, and no film without a network."""

import pytest

from bench import showcase
from bench.cli._demo_table import showcase_lines
from bench.cli.main import run
from bench.errors import Unavailable
from bench.showcase import rows, show_case
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")
LIGHT = ("sharpness", "attribute_accuracy")


@pytest.fixture
def real(tmp_path, monkeypatch):
    """Clips in the place of those that are cut from the film."""
    make_folder(tmp_path / "real" / "clips", 2)
    (tmp_path / "real" / "reference.csv").write_text(
        "path,prompt_id\nclips/clip00.mp4,shot-1\nclips/clip01.mp4,shot-2\n"
    )
    monkeypatch.setattr(showcase, "prepare", lambda say: tmp_path / "real")


def test_the_model_stands_beside_the_rule_and_beside_real_clips(real, tmp_path):
    said = []
    found = show_case(
        tmp_path / "out",
        said.append,
        model="phantom:error_colour=1",
        metrics=LIGHT,
        set_metrics=("sharpness",),
        workers=1,
    )
    assert len(said) == 3
    assert found.why_no_real == ""
    table = {name: (asked, drawn) for name, asked, drawn in rows(found)}
    asked, drawn = table["attribute_accuracy.colour"]
    assert (asked["value"], drawn["value"]) == (0, 1)
    assert asked["n"] == 20
    asked, drawn = table["sharpness.sharpness"]
    assert asked["n"] == drawn["n"] == 24
    lines = list(showcase_lines(rows(found)))
    assert lines[0].split() == ["metric", "n", "cascade", "95", "%", "interval", "phantom"]
    assert any(line.startswith("attribute_accuracy.colour") for line in lines)


def test_without_the_film_the_rest_is_shown(tmp_path, monkeypatch, capsys):
    def refuse(say):
        raise Unavailable("no index", then="prescreen weights fetch bbb-film")

    monkeypatch.setattr(showcase, "prepare", refuse)
    monkeypatch.setattr(showcase, "N_SEEDS", 1)
    monkeypatch.setattr(
        showcase.show_case,
        "__kwdefaults__",
        {**showcase.show_case.__kwdefaults__, "model": "phantom", "metrics": ("sharpness",)},
    )
    assert run(["demo", "--out", str(tmp_path / "out"), "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "without real clips: no index; next: prescreen weights fetch bbb-film" in out
    assert out.count("report  ") == 2
