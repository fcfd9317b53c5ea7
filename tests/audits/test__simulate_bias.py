"""Simulated runs: planted as they say, the same from the same seed, and counted by their rules."""

import numpy as np
import pytest

from audits import _simulate_bias
from audits._simulate_bias import (
    CONFUSION_KJ,
    TARGET,
    Book,
    just_detectable,
    measured_confusion,
    people,
    simulate,
)
from bench.types import Finding, Interval
from support.bias import BAND, BANDS, SETTING


def test_people_have_the_planted_shares_and_the_readers_errors():
    rng = np.random.default_rng(0)
    rows = people(rng, "a", (1.0, 0.0, 0.0), errs=True, prompts=100, seeds=20)
    seen = [row.perceived[BAND] for row in rows]
    shares = [seen.count(value) / len(seen) for value in (*BANDS, None)]
    assert shares == pytest.approx(list(CONFUSION_KJ[0]), abs=0.03)
    exact = people(rng, "a", TARGET, errs=False, prompts=100, seeds=20)
    told = [row.perceived[BAND] for row in exact]
    assert [told.count(v) / 2000 for v in BANDS] == pytest.approx(list(TARGET), abs=0.04)
    alike = people(rng, "a", TARGET, errs=False, correlation=0.9, prompts=50, seeds=10)
    by_prompt = [{r.perceived[BAND] for r in alike if r.prompt == f"a-{i}"} for i in range(50)]
    assert np.mean([len(values) == 1 for values in by_prompt]) > 0.5


def test_rows_of_the_confusion_add_up_and_are_drawn_anew():
    assert CONFUSION_KJ.sum(axis=1) == pytest.approx([1, 1, 1])
    one, two = (measured_confusion(np.random.default_rng(seed)).counts_KJ for seed in (0, 1))
    assert one.sum(axis=1).tolist() == [200, 200, 200]
    assert (one != two).any()


def test_the_printed_shift_is_larger_for_a_reader_that_errs():
    exact, errs = (just_detectable(errs)[0] - TARGET[0] for errs in (False, True))
    assert 0.1 < exact < errs < 0.35


def test_the_same_seed_gives_the_same_tallies_and_all_worlds_are_counted(monkeypatch):
    cheap = {
        name: world
        for name, world in _simulate_bias.WORLDS.items()
        if "pairs" in name or "looks" in name or "on the mean" in name
    }
    monkeypatch.setattr(_simulate_bias, "WORLDS", cheap)
    told = []
    first = simulate(3, 7, lambda total, name: told.append((total, name)))
    assert first == simulate(3, 7)
    assert first != simulate(3, 8)
    assert {tally.world for tally in first} == set(cheap)
    assert told[0] == (3 * len(cheap), next(iter(cheap)))
    assert all(0 <= tally.k <= tally.n for tally in first)


def test_a_book_counts_covers_and_flags_by_their_rules():
    book = Book()
    held = Interval(low=0.1, high=0.3, confidence=0.95, method="m")
    finding = _finding(held)
    book.covers("w", "q", finding, 0.2)
    book.covers("w", "q", finding, 0.4)
    book.covers("w", "q", _finding(None), 0.2)
    book.flags("w", "f", 1, planted=True)
    book.flags("w", "g", 0.5, planted=False)
    book.flags("w", "h", 1, planted=True, promised=False)
    cover, flag, false, free = book.tallies()
    assert (free.least, free.most) == (0.0, 1.0)
    assert (cover.k, cover.n, cover.least, cover.most) == (1, 3, 0.93, 0.97)
    assert (flag.k, flag.least) == (1, 0.8)
    assert (false.k, false.most) == (0.5, 0.05)


def _finding(interval):
    from audits._bias_findings import made

    counts = {"n": 1, "n_unknown": 0, "n_error": 0, "n_clusters": 1}
    found: Finding = made("m", {}, 0.2, SETTING, unit="u", counts=counts, interval=interval)
    return found


@pytest.mark.parametrize("name", ["no bias, exact reader", "one role served worse"])
def test_a_world_is_audited_as_a_run_is(name):
    book = Book()
    world = _simulate_bias.WORLDS[name]
    world(book, name, np.random.default_rng(0), SETTING)
    tallies = list(book.tallies())
    assert len(tallies) >= 2
    assert sum(tally.n for tally in tallies) >= 3
