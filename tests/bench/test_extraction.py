"""Stage 4: one decode a video, the cache beside it, and features of prompts."""

import numpy as np
import pytest

from bench import registry
from bench.engines.local import Local
from bench.extraction import Store, embed_prompts, extract, text_sha256
from bench.features.base import Extractor
from bench.features.cache import FeatureCache
from bench.runs import Run, read_journal
from bench.types import Outcome, Prompt, Trial
from bench.videos.read import sha256
from support.bad_extractors import COUNTING
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


@pytest.fixture
def trials(tmp_path):
    """Two videos, one of them twice; one that is missing; the second is in the reference too."""
    first, second = sorted(make_folder(tmp_path / "videos", 2).iterdir())

    def trial(name, path, source="candidate"):
        return Trial(
            id=f"{source}-{name}",
            source=source,
            name=name,
            path=path,
            sha256=sha256(path) if path else "",
            outcome=Outcome.OK if path else Outcome.MISSING,
        )

    return [
        trial("a", first),
        trial("again", first),
        trial("gone", None),
        trial("b", second),
        trial("b", second, "reference"),
    ]


def read(tmp_path, trials, specs, name="run"):
    extractors = {spec: registry.build("feature", spec) for spec in specs}
    seen = []
    with Run(tmp_path / name, {"schema": 1}) as run:
        extract(
            run,
            trials,
            extractors,
            engine=Local(1),
            cache=FeatureCache(),
            notify=lambda total, video: seen.append((total, video)),
        )
    return seen


def started(log):
    return sorted(line.split()[0] for line in log.read_text().splitlines()) if log.exists() else []


def test_each_distinct_video_is_decoded_once_for_all_extractors(tmp_path, trials):
    log = tmp_path / "log"
    counting = f"{COUNTING}:log={log}"
    seen = read(tmp_path, trials, [counting, "thumbnails", "flow"])
    assert started(log) == sorted({t.sha256 for t in trials if t.sha256})
    assert seen == [(2, "a"), (2, "b")]
    store = Store(root=tmp_path / "run")
    for trial in (trials[0], trials[3]):
        assert store.reading(trial.sha256)["facts"]["n_decoded"] == 8
        key = registry.build("feature", counting).key()
        assert store.arrays(trial.sha256, key)["n"] == 8
    events, _ = read_journal(tmp_path / "run" / "journal.jsonl")
    assert [event.data["video"] for event in events] == [trials[0].sha256, trials[3].sha256]


def test_a_second_run_reads_from_the_cache_and_decodes_nothing(tmp_path, trials):
    log = tmp_path / "log"
    specs = [f"{COUNTING}:log={log}", "thumbnails"]
    read(tmp_path, trials, specs)
    before = started(log)
    read(tmp_path, trials, specs, "other")
    assert started(log) == before
    journals = [(tmp_path / name / "journal.jsonl").read_bytes() for name in ("run", "other")]
    assert journals[0] == journals[1]


def test_only_what_the_cache_lacks_is_read(tmp_path, trials):
    log = tmp_path / "log"
    read(tmp_path, trials, ["thumbnails"])
    read(tmp_path, trials, ["thumbnails", f"{COUNTING}:log={log}"], "other")
    assert len(started(log)) == 2


class Texts(Extractor):
    """Lengths of texts, and how often it was asked."""

    name, version = "texts", "1"
    asked: list[list[str]]

    def settings(self):
        return {}

    def start(self, probe, sha256):
        raise NotImplementedError


class Here:
    """An engine that reads prompts in this process."""

    def __init__(self):
        self.asked = []

    def embed_texts(self, spec, texts):
        self.asked.append(list(texts))
        return [{"length": np.array(len(text))} for text in texts]


def test_each_distinct_text_is_read_once_and_then_from_the_cache(tmp_path):
    prompts = [Prompt(id=i, text=t) for i, t in (("a", "one"), ("b", "three"), ("c", "one"))]
    engine = Here()
    for name in ("run", "other"):
        with Run(tmp_path / name, {"schema": 1}) as run:
            embed_prompts(run, prompts, {"texts": Texts()}, engine=engine, cache=FeatureCache())
        held = Store(root=tmp_path / name).arrays(text_sha256("three"), f"{Texts().key()}-text")
        assert held["length"] == 5
    assert engine.asked == [["one", "three"]]
    journals = [(tmp_path / name / "journal.jsonl").read_bytes() for name in ("run", "other")]
    assert journals[0] == journals[1]
