"""A function as a model: what it may give, where it is found, conformance."""

import pytest

from bench.errors import UsageError
from bench.models.base import Ask, load_model
from bench.testing import check_model
from bench.types import Outcome
from support.models import ASK, PLAIN


@pytest.mark.parametrize("spec", [PLAIN, f"callable:function={PLAIN}"])
def test_a_function_is_a_model_by_either_spec(spec):
    model = load_model(spec)
    check_model(model)
    assert model.fingerprint()["function"] == PLAIN
    assert len(model.fingerprint()["source"]) == 16
    assert model.generate([ASK])[0].fps == 6


def test_frames_alone_have_the_rate_of_the_option_and_none_is_missing():
    model = load_model("support.models:only_frames:fps=9")
    made = model.generate([ASK, Ask(prompt="nothing", seed=0)])
    assert made[0].fps == 9
    assert made[1].outcome is Outcome.MISSING
    assert made[1].reason == "the function gave no video"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("callable:function=plain", "the function has no module"),
        ("support.models:absent", "cannot load the model"),
        ("no.such.module:f", "cannot load the model"),
        ("callable", "cannot be built"),
    ],
)
def test_what_is_no_function_is_refused(spec, message):
    with pytest.raises(UsageError, match=message):
        load_model(spec)


def test_what_cannot_be_called_is_refused():
    with pytest.raises(UsageError, match="cannot be called"):
        load_model("callable:function=support.models:MOODY").fingerprint()
