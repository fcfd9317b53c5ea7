"""A policy says what it means, and what nobody understands is named in one line."""

import datetime

import pytest

from bench.errors import UsageError
from bench.gates.bounds import Side
from bench.gates.policy import parse_policy, read_policy

LINE = '[[line]]\nmetric = "sharpness"\nmin = 0.5\n'
WAIVER = """[[waiver]]
line = "sharpness"
waives = "verdict"
owner = "A. Person"
reason = "known"
expires = 2027-01-31
"""


def test_a_policy_is_read_with_its_defaults():
    policy = parse_policy(LINE + WAIVER)
    (line,) = policy.lines
    assert (line.id, line.rule, line.limit, line.side) == ("sharpness", "min", 0.5, Side.ABOVE)
    assert (line.subset, line.error_cap, line.undecided) == ("kept", 0.05, "worst")
    assert (policy.alpha, policy.power, policy.name) == (0.05, 0.8, "policy")
    (waiver,) = policy.waivers
    assert waiver.expires == datetime.date(2027, 1, 31)


def test_a_margin_is_a_bound_on_the_difference():
    drop, rise = parse_policy(
        '[[line]]\nmetric = "m"\nagainst = "baseline"\nmax_drop = 0.1\n'
        '[[line]]\nid = "b"\nmetric = "m"\nagainst = "real"\nmax_rise = 0.1\nallow = ["codecs"]'
    ).lines
    assert (drop.limit, drop.side) == (-0.1, Side.ABOVE)
    assert (rise.limit, rise.side) == (0.1, Side.BELOW)


def test_what_a_line_is_of_is_said_in_words():
    texts = (
        'metric = "m"\ncolumn = "c"',
        'coverage = "ok"',
        'finding = "f"',
        'finding = "f"\ncoverage = "unknown"',
        'metric = "m"\nsubset = "with vetoed"',
    )
    said = [parse_policy(f"[[line]]\n{text}\nmax = 0.5").lines[0].what() for text in texts]
    assert said == ["m.c", "share ok", "f", "share unknown of f", "m (with vetoed)"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the policy has no line"),
        ("line = 3", "line has the wrong type"),
        ("line = [3]", "line is no list of tables"),
        ("a b", "is no TOML"),
        ("thresold = 3", "no such key"),
        (LINE + "limits = 3", "line 1: no such key; seen: limits"),
        (LINE + "colum = 'x'", "did you mean column?; seen: colum"),
        ('[[line]]\nmetric = "m"\nlimit = 0.5', "a limit without direction; seen: limit"),
        ('[[line]]\nmetric = "m"\nmargin = 0.5', "a limit without direction; seen: margin"),
        ('[[line]]\nmetric = "m"', "a line without a limit"),
        (LINE + "max = 1", "a line has one limit; seen: min, max"),
        (LINE + 'against = "real"', "min and against do not go together"),
        ('[[line]]\nmetric = "m"\nmax_drop = 1', "max_drop and against do not go together"),
        ('[[line]]\nmetric = "m"\nagainst = "x"\nmax_drop = 1', "no such against; seen: x"),
        ('[[line]]\nmetric = "m"\nagainst = "real"\nmax_drop = -1', "max_drop is a distance"),
        ("[[line]]\nmin = 1", "a line is of one thing; seen: nothing"),
        (LINE + 'coverage = "ok"', "a line is of one thing; seen: metric, coverage"),
        ('[[line]]\ncoverage = "good"\nmin = 1', "no such coverage; seen: good"),
        ('[[line]]\ncoverage = "ok"\nmin = 95', "the limit is no share; seen: 95"),
        ('[[line]]\ncoverage = "unknown"\nmax = 0', "only judged trials can be unknown"),
        ('[[line]]\ncoverage = "ok"\nmin = 1\ncolumn = "c"', "column and subset has no place"),
        ('[[line]]\nfinding = "f"\nagainst = "real"\nmax_rise = 0', '"real" has no place'),
        (LINE + "counted = true", "counted has no place here"),
        (LINE + 'allow = ["codecs"]', "allow has no place here"),
        (LINE + 'subset = "all"', "no such subset"),
        (LINE + 'undecided = "best"', "undecided is impossible; seen: best"),
        (LINE + "error_cap = 5", "error_cap is impossible; seen: 5"),
        ('[[line]]\nmetric = "m"\nmin = true', "min has the wrong type; seen: True"),
        ('[[line]]\nmetric = "m"\nmin = nan', "min is no number"),
        ("alpha = 0.5\n" + LINE, "alpha is no level"),
        ("alpha = 0\n" + LINE, "alpha is impossible"),
        (LINE + LINE, "two lines have one id; seen: sharpness"),
        (LINE + WAIVER + WAIVER, "two waivers are of one line"),
        (LINE + WAIVER.replace('"sharpness"', '"other"'), "no line of this id; seen: other"),
        (LINE + WAIVER.replace('owner = "A. Person"\n', ""), "it lacks owner"),
        (LINE + WAIVER.replace("expires = 2027-01-31\n", ""), "it lacks expires"),
        (LINE + WAIVER.replace('"known"', '" "'), "its reason is empty"),
        (LINE + WAIVER.replace("verdict", "all"), "it waives nothing; seen: all"),
        (LINE + WAIVER.replace("2027-01-31", '"2027-01-31"'), "expires has the wrong type"),
        (LINE + WAIVER.replace("2027-01-31", "2027-01-31T10:00:00"), "expires has the wrong type"),
    ],
)  # fmt: skip
def test_what_nobody_understands_is_named_in_one_line(text, message):
    with pytest.raises(UsageError) as caught:
        parse_policy(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_policy_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none.toml cannot be read"):
        read_policy(tmp_path / "none.toml")
