"""`prescreen policy`: a starter that the gate reads, and a check that says what a policy holds."""

import json

import numpy as np
import pytest

from bench.cli.main import run
from support.gated import certify, gated_run, policy_file

SHARP = ("sharpness", "sharpness")


@pytest.fixture
def root(private_cache, tmp_path):
    certify(private_cache, "sharpness")
    values = np.random.default_rng(0).normal(10, 1, size=(24, 1))
    return gated_run(tmp_path / "run", {SHARP: values})


def test_the_starter_is_read_by_the_gate_and_marked_for_people(root, tmp_path, capsys):
    file = tmp_path / "policy.toml"
    assert run(["policy", "init", str(root), "-o", str(file)]) == 0
    assert "decide every limit that is marked DECIDE" in capsys.readouterr().out
    assert "min = " in file.read_text()
    assert run(["gate", str(root), "--policy", str(file)]) == 0
    assert run(["policy", "init", str(root), "-o", str(file)]) == 64
    assert "is there already" in capsys.readouterr().err
    assert run(["policy", "init", str(root)]) == 0
    assert capsys.readouterr().out == file.read_text()


def test_check_says_what_a_policy_holds(tmp_path, capsys):
    waiver = (
        '[[waiver]]\nline = "m"\nwaives = "certificate"\nowner = "B"\nreason = "r"\n'
        "expires = 2027-01-31"
    )
    file = policy_file(tmp_path / "p.toml", 'metric = "m"\nagainst = "real"\nmax_drop = 0.1',
                       top='name = "mine"', waiver=waiver)  # fmt: skip
    assert run(["policy", "check", str(file)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("policy  mine (sha256 ")
    assert out[1:] == [
        "line    m: max_drop 0.1 against real",
        "waiver  m by B until 2027-01-31, of the certificate",
    ]
    assert run(["policy", "check", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lines"][0]["limit"] == 0.1
    assert run(["policy", "check", str(tmp_path / "none")]) == 64
    assert "cannot be read" in capsys.readouterr().err
