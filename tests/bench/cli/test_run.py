"""`prescreen run`: what it prints, its configuration file, its exit codes."""

import json

import pytest

from bench.cli.main import run

pytestmark = pytest.mark.usefixtures("private_cache")
QUICK = ["-m", "sharpness", "--resamples", "200", "--workers", "1"]


@pytest.fixture
def suite(tmp_path):
    path = tmp_path / "two.txt"
    path.write_text("a red ball moves to the left\na blue star moves up\n")
    return str(path)


def test_the_table_says_what_was_made_and_where_it_is(suite, tmp_path, capsys):
    asked = ["run", "--suite", suite, "--model", "phantom", "--run", str(tmp_path / "r"), *QUICK]
    assert run([*asked, "--seeds", "2"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "suite: two, 2 prompts, 2 videos each"
    assert "sharpness.sharpness" in out
    assert f"run     {tmp_path}/r" in out
    assert err == "making videos: 4 of 4\nreading videos: 4 of 4\n"
    assert run([*asked, "--seeds", "2"]) == 0
    assert "(unchanged, not computed again)" in capsys.readouterr().out


def test_a_file_gives_the_settings_and_the_command_line_wins(suite, tmp_path, capsys):
    config = tmp_path / "run.toml"
    config.write_text(
        f'suite = "{suite}"\nmodel = "phantom"\nseeds = 2\nworkers = 1\nresamples = 200\n'
        f'metrics = ["sharpness"]\nrun = "{tmp_path}/r"\n[options]\nframes = 5\n'
    )
    assert run(["run", "--config", str(config), "--seeds", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    record = json.loads(out)
    assert record["outcomes"]["candidate"] == {"ok": 2}
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert manifest["request"]["model"] == "phantom:frames=5"
    assert manifest["inputs"]["model"]["n_frames"] == 5


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--model", "phantom"], "no suite was named"),
        (["--suite", "smoke"], "no model was named"),
        (["--suite", "smok", "--model", "phantom"], "did you mean smoke"),
        (["--suite", "smoke", "--model", "fantom"], "did you mean phantom"),
        (["--suite", "smoke", "--model", "cascade:stage=x"], "the option stage cannot be"),
        (["--suite", "smoke", "--model", "folder"], "folder makes no videos"),
        (["--suite", "smoke", "--model", "phantom", "--seeds", "0"], "0 is not in the range"),
        (["--config", "absent.toml"], "cannot be read as TOML"),
        (["--suite", "smoke", "--model", "phantom", "-m", "sharpnes"], "did you mean sharpness"),
    ],
)
def test_mistakes_are_one_line_and_exit_64(arguments, line, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["run", *arguments]) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert line in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "runs").exists()
