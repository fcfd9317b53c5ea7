import numpy as np
import pytest

from generator.world.readers.measure import (
    Tally,
    damaged,
    measure,
    smallest_size,
    table,
    wilson,
    write_page,
)


def test_wilson_intervals():
    # Newcombe 1998, table I: 81 of 263, and 0 of 10
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    low, high = wilson(0, 10)
    assert low == 0
    assert high == pytest.approx(0.2775, abs=1e-3)
    with pytest.raises(ValueError, match="an interval needs trials; seen: 0"):
        wilson(0, 0)


def test_damages():
    rng = np.random.default_rng(0)
    frames = np.full((2, 24, 40, 3), 128, dtype=np.uint8)
    assert damaged(frames, "clean", rng) is frames
    assert damaged(frames, "noisy", rng).std() == pytest.approx(10, rel=0.05)
    step = frames.copy()
    step[:, :, 20:] = 255
    assert damaged(step, "blurred", rng)[0, 5, 20, 0] < 255
    with pytest.raises(ValueError, match="no such damage; seen: 'melted'; legal: clean"):
        damaged(frames, "melted", rng)


def test_a_measurement_is_the_same_for_the_same_seed():
    first, again = (measure(2, 3, [(24, 40)], ["noisy"], ["thing"]) for _ in range(2))
    assert first == again
    assert first["colour", (24, 40), "noisy"].asked == 2


def test_the_table_names_the_smallest_size_that_reads_well():
    tallies = {
        ("tone", (24, 40), "clean"): Tally(asked=100, right=80, abstained=10),
        ("tone", (48, 80), "clean"): Tally(asked=100, right=99, abstained=1),
    }
    assert smallest_size("tone", tallies) == (48, 80)
    lines = table(tallies).splitlines()
    assert lines[2].startswith(
        "| `tone` | 48 x 80 | 24 x 40 | 100 | 80.0 [71.1, 86.7], 10.0 abstain"
    )
    assert smallest_size("hair", tallies) is None


def test_the_table_goes_between_its_markers(tmp_path):
    page = tmp_path / "world.md"
    page.write_text("a\n<!-- accuracy: begin -->\nold\n<!-- accuracy: end -->\nb\n")
    write_page("new\n", page)
    assert page.read_text() == "a\n<!-- accuracy: begin -->\nnew\n<!-- accuracy: end -->\nb\n"
    page.write_text("nothing here")
    with pytest.raises(ValueError, match=r"no place for the table in world\.md"):
        write_page("new\n", page)
