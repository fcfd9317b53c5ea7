import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from bench.errors import StorageError, TooFewFrames, Unavailable, WeightsMismatch
from bench.features import feed
from bench.features.base import Extractor
from bench.features.feed import Facts, Job, Reading, read_shard
from bench.features.flow import Flow
from bench.features.pixels import Pixels
from bench.features.thumbnails import Thumbnails
from bench.testing import features_of
from bench.videos import read
from bench.videos.sample import parse_sampling
from bench.videos.write import write_master
from support.clips import moving
from support.odd_videos import OddVideos

SHA = "ab" * 32


class _Steps:
    def __init__(self, watch):
        self.indices, self.before, self.times, self.sums = [], [], [], []
        self._watch = watch

    def push(self, step):
        self.indices.append(step.index)
        self.before.append(-1 if step.previous is None else step.previous.index)
        self.times.append(step.time_s)
        self.sums.append(int(step.frame_HWC.astype(np.int64).sum()))
        self._watch(step)

    def finish(self):
        if len(self.indices) < 2:
            raise TooFewFrames("two are needed", seen=len(self.indices))
        return self


class Watching(Extractor):
    """Notes every step and every batch."""

    name, version, uses_torch = "watching", "1", False

    def __init__(self, frames="all", batch_size=1, watch=lambda step: None):
        self.sampling = parse_sampling(frames)
        self.batch_size = batch_size
        self.watch, self.batches, self.starts = watch, [], 0

    def settings(self):
        return {}

    def start(self, probe, sha256):
        self.starts += 1
        return _Steps(self.watch)

    def embed(self, payloads):
        self.batches.append(len(payloads))
        names = ("indices", "before", "times", "sums")
        return [{name: np.array(getattr(walk, name)) for name in names} for walk in payloads]


@pytest.fixture
def odd(tmp_path):
    return OddVideos(tmp_path)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    write_master(path, iter(moving(12, 48, 64)), 24)
    return path


@pytest.fixture
def counted(monkeypatch):
    """Counts how often a video is decoded and how many frames become RGB."""
    count = {"decoded": 0, "frames": 0, "rgb": 0}
    decoded, to_rgb = read.decoded, read.to_rgb

    def count_frames(path):
        count["decoded"] += 1
        for pair in decoded(path):
            count["frames"] += 1
            yield pair

    def count_rgb(*args, **settings):
        count["rgb"] += 1
        return to_rgb(*args, **settings)

    monkeypatch.setattr(read, "decoded", count_frames)
    monkeypatch.setattr(read, "to_rgb", count_rgb)
    return count


def read_one(path, **extractors):
    (reading,) = read_shard([Job(path=path, sha256=SHA, specs=tuple(extractors))], extractors)
    return reading


# --- one decoding, however many want it


def test_a_video_is_decoded_once_for_all_extractors(clip, counted):
    rules = ("all", "all", "uniform:4", "window:5@0", "fps:8", "all")
    reading = read_one(clip, **{f"x{i}": Watching(rule) for i, rule in enumerate(rules)})
    assert counted == {"decoded": 1, "frames": 12, "rgb": 12}
    assert len(reading.features) == 6
    assert reading.problems == {}
    assert reading.error == ""


def test_real_extractors_share_the_one_decoding(clip, counted):
    extractors = {"pixels": Pixels(), "flow": Flow(), "thumbnails": Thumbnails()}
    reading = read_one(clip, **extractors)
    assert counted["decoded"] == 1
    for spec, extractor in extractors.items():
        alone = features_of(extractor, moving(12, 48, 64))
        assert reading.features[spec].keys() == alone.keys()
        for name, array in alone.items():
            assert np.array_equal(reading.features[spec][name], array), (spec, name)


def test_frames_that_nobody_wants_are_decoded_and_not_converted(clip, counted):
    reading = read_one(clip, x=Watching("uniform:2"), y=Watching("uniform:3"))
    assert reading.features["x"]["indices"].tolist() == [3, 9]
    assert reading.features["y"]["indices"].tolist() == [2, 6, 10]
    # 11 is asked for so that all frames are counted
    assert counted == {"decoded": 1, "frames": 12, "rgb": 6}


def test_each_rule_has_its_own_chain_of_steps(clip):
    reading = read_one(clip, every=Watching(), some=Watching("uniform:3"), again=Watching())
    assert reading.features["every"]["before"].tolist() == list(range(-1, 11))
    assert reading.features["some"]["before"].tolist() == [-1, 2, 6]
    assert reading.features["some"]["times"] == pytest.approx(np.array([2, 6, 10]) / 24)
    sums = moving(12, 48, 64).astype(np.int64).sum(axis=(1, 2, 3))
    assert reading.features["every"]["sums"].tolist() == sums.tolist()
    assert reading.features["again"]["sums"].tolist() == sums.tolist()


def test_what_one_works_out_the_others_of_the_same_rule_need_not(clip):
    made = []

    def watch(step):
        step.shared("grey", lambda step: made.append(step.index))

    read_one(clip, a=Watching(watch=watch), b=Watching(watch=watch))
    assert made == list(range(12))


def test_at_most_two_frames_of_a_rule_are_alive(clip):
    held, most = [], []

    def watch(step):
        held.append(weakref.ref(step.frame_HWC))
        gc.collect()
        most.append(sum(frame() is not None for frame in held))

    read_one(clip, x=Watching(watch=watch))
    assert max(most) == 2


def test_a_job_gets_the_specs_it_names_and_no_other(clip):
    extractors = {"a": Watching(), "b": Watching()}
    jobs = [Job(path=clip, sha256=SHA, specs=("b",)), Job(path=clip, sha256=SHA, specs=("a", "b"))]
    first, second = read_shard(jobs, extractors)
    assert set(first.features) == {"b"}
    assert set(second.features) == {"a", "b"}
    assert (extractors["a"].starts, extractors["b"].starts) == (1, 2)


def test_a_job_without_specs_still_says_what_the_video_is(clip):
    reading = read_one(clip)
    assert reading.features == {}
    assert reading.facts.n_decoded == 12


def test_the_facts_of_a_video(clip):
    assert read_one(clip, x=Watching("uniform:3")).facts == Facts(
        height_px=48,
        width_px=64,
        fps=24.0,
        n_announced=12,
        n_decoded=12,
        codec="h264",
        pixel_format="gbrp",
    )


# --- a file that announces more frames than it holds


def test_rules_that_depend_on_the_length_walk_again_and_no_others(odd, counted):
    every, some, window = Watching(), Watching("uniform:4"), Watching("window:5@0")
    reading = read_one(odd("cut_mkv"), every=every, some=some, window=window)
    assert (reading.facts.n_announced, reading.facts.n_decoded) == (24, 12)
    assert counted["decoded"] == 2
    assert (every.starts, some.starts, window.starts) == (1, 2, 2)
    assert reading.features["every"]["indices"].tolist() == list(range(12))
    assert reading.features["some"]["indices"].tolist() == [1, 4, 7, 10]
    expected = parse_sampling("window:5@0").indices(12, 24, SHA)
    assert reading.features["window"]["indices"].tolist() == list(expected)
    assert reading.problems == {}


def test_nobody_walks_again_where_all_frames_are_wanted(odd, counted):
    read_one(odd("cut_mkv"), every=Watching(), pixels=Pixels())
    assert counted["decoded"] == 1


def test_what_is_read_of_a_cut_file_does_not_depend_on_who_else_reads(odd):
    path = odd("cut_mkv")
    alone = read_one(path, some=Watching("uniform:4"))
    together = read_one(path, some=Watching("uniform:4"), every=Watching())
    assert alone.facts == together.facts
    assert alone.features["some"]["sums"].tolist() == together.features["some"]["sums"].tolist()


def test_a_window_that_fits_the_announced_length_only_is_a_problem(odd):
    reading = read_one(odd("cut_mkv"), window=Watching("window:16"), every=Watching())
    assert set(reading.features) == {"every"}
    assert reading.problems == {"window": "16 consecutive frames are needed; seen: 12 frames"}


# --- refusals


def test_one_that_refuses_leaves_the_others(clip):
    reading = read_one(clip, long=Watching("window:99"), one=Watching("uniform:1"), ok=Watching())
    assert set(reading.features) == {"ok"}
    assert reading.problems == {
        "long": "99 consecutive frames are needed; seen: 12 frames",
        "one": "two are needed; seen: 1",
    }
    assert reading.error == ""


def test_frames_too_small_for_one_are_no_loss_to_the_others(tmp_path):
    path = tmp_path / "small.mp4"
    write_master(path, iter(moving(3, 6, 6)), 24)
    reading = read_one(path, flow=Flow(), pixels=Pixels())
    assert set(reading.features) == {"pixels"}
    assert "too small" in reading.problems["flow"]


def test_all_may_refuse_and_the_video_is_still_known(clip):
    reading = read_one(clip, x=Watching("window:99"))
    assert reading.features == {}
    assert set(reading.problems) == {"x"}
    assert reading.facts.n_decoded == 12


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("text", "the file cannot be opened as a video"),
        ("no_frames", "no frame can be decoded; seen: no_frames.mp4"),
        ("resized", "the picture size changes within the video; seen: resized.h264: 96x48"),
        ("folder_mixed", "the picture size changes within the video"),
    ],
)
def test_a_video_that_cannot_be_read_gives_nothing_but_why(odd, kind, message):
    reading = read_one(odd(kind), x=Watching(), y=Watching("uniform:2"))
    assert reading.error.startswith(message)
    assert (reading.facts, dict(reading.features), dict(reading.problems)) == (None, {}, {})


def test_a_failed_reading_is_made_by_hand_the_same_way():
    job = Job(path=Path("x.mp4"), sha256=SHA, specs=())
    assert Reading.failed(job, "died") == Reading(sha256=SHA, error="died")


# --- an extractor that fails


class Faulty(Watching):
    """Raises `error` at the step `where`, in `embed` for videos of `frames` frames alone."""

    def __init__(self, where, error, batch_size=1, frames=None):
        super().__init__(batch_size=batch_size, watch=lambda step: self._fail("push"))
        self.where, self.error, self.frames = where, error, frames

    def _fail(self, where):
        if where == self.where:
            raise self.error

    def start(self, probe, sha256):
        self._fail("start")
        walk = super().start(probe, sha256)
        finish = walk.finish
        walk.finish = lambda: self._fail("finish") or finish()
        return walk

    def embed(self, payloads):
        made = super().embed(payloads)
        if self.frames is None or any(len(walk.indices) == self.frames for walk in payloads):
            self._fail("embed")
        return made


STEPS = ("start", "push", "finish", "embed")


@pytest.mark.parametrize("where", STEPS)
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no\nidea"), "the extractor failed with ValueError: no\\nidea"),
        (TooFewFrames("ten are needed"), "ten are needed"),
    ],
)
def test_an_extractor_that_fails_costs_its_own_features(clip, counted, where, error, reason):
    faulty = Faulty(where, error)
    reading = read_one(clip, before=Watching(), faulty=faulty, after=Watching())
    assert reading.problems == {"faulty": reason}
    assert (reading.error, counted["decoded"]) == ("", 1)
    for spec in ("before", "after"):
        assert reading.features[spec]["indices"].tolist() == list(range(12))
    assert set(reading.features) == {"before", "after"}


@pytest.mark.parametrize("where", STEPS)
@pytest.mark.parametrize(
    "error",
    [KeyboardInterrupt(), SystemExit(), StorageError(""), Unavailable(""), WeightsMismatch("")],
)
def test_what_no_video_is_to_blame_for_is_raised(clip, where, error):
    with pytest.raises(type(error)):
        read_one(clip, faulty=Faulty(where, error), ok=Watching())


# --- several videos at once


def shard(tmp_path, odd, n=5):
    """n clips of 4, 5, ... frames, and a broken file in the middle."""
    jobs = []
    for i in range(n):
        path = tmp_path / f"{i}.mp4"
        write_master(path, iter(moving(4 + i, 32, 32)), 24)
        jobs.append(Job(path=path, sha256=f"{i:064x}", specs=("x", "y")))
    jobs.insert(2, Job(path=odd("text"), sha256="f" * 64, specs=("x", "y")))
    return jobs


def test_a_shard_is_embedded_in_batches_and_comes_back_in_order(tmp_path, odd):
    x, y = Watching(batch_size=2), Watching("window:6", batch_size=100)
    readings = read_shard(shard(tmp_path, odd), {"x": x, "y": y})
    assert x.batches == [2, 2, 1]
    assert y.batches == [3]
    assert [r.sha256[-1] for r in readings] == ["0", "1", "f", "2", "3", "4"]
    lengths = [len(r.features["x"]["indices"]) if r.features else 0 for r in readings]
    assert lengths == [4, 5, 0, 6, 7, 8]
    assert ["y" in r.features for r in readings] == [False, False, False, True, True, True]
    assert readings[2].error.startswith("the file cannot be opened")


def test_batches_make_no_difference(tmp_path, odd):
    jobs = shard(tmp_path, odd)
    one, many = (
        read_shard(jobs, {"x": Watching(batch_size=n), "y": Watching("uniform:3", batch_size=n)})
        for n in (1, 4)
    )
    for a, b in zip(one, many, strict=True):
        assert (a.facts, a.problems, a.error) == (b.facts, b.problems, b.error)
        assert a.features.keys() == b.features.keys()
        for spec, arrays in a.features.items():
            assert all((arrays[name] == b.features[spec][name]).all() for name in arrays)


@pytest.mark.parametrize("frames", [4, 6, 8])
def test_a_batch_that_fails_costs_the_video_that_causes_it(tmp_path, odd, frames):
    x = Faulty("embed", RuntimeError("odd"), batch_size=3, frames=frames)
    readings = read_shard(shard(tmp_path, odd), {"x": x, "y": Watching()})
    assert x.batches == ([3, 2, 1, 1] if frames == 8 else [3, 1, 1, 1, 2])
    lengths = [len(r.features["y"]["indices"]) if r.features else 0 for r in readings]
    assert lengths == [4, 5, 0, 6, 7, 8]
    for reading, n in zip(readings, lengths, strict=True):
        lost = {"x": "the extractor failed with RuntimeError: odd"} if n == frames else {}
        assert reading.problems == lost
        assert ("x" in reading.features) == (n not in (0, frames))


def test_one_that_gives_too_few_features_has_failed(clip):
    nothing = Watching()
    nothing.embed = lambda payloads: []
    problems = read_one(clip, nothing=nothing).problems
    assert problems["nothing"].startswith("the extractor failed with ValueError")


def test_no_jobs_no_readings():
    assert read_shard([], {"x": Watching()}) == []


def test_nothing_here_needs_torch():
    assert not any("torch" in name for name in vars(feed))
