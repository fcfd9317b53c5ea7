import ast
from pathlib import Path

import numpy as np
import pytest

import generator.world.readers as readers
from generator.world.attributes import ATTRIBUTES, attributes
from generator.world.readers import READERS, read
from generator.world.render import render


def test_there_is_a_reader_for_every_attribute():
    assert set(READERS) == set(ATTRIBUTES)


def test_readings_come_in_the_order_asked(clips):
    _, frames = clips("thing", n=1)[0]
    assert list(read(frames, 3.0, ["shape", "colour"])) == ["shape", "colour"]


def test_all_abstain_on_noise(noise):
    for name, reading in read(noise, 3.0).items():
        assert reading.value is None, name
        assert "not a picture of this world" in reading.reason


def test_readers_of_things_abstain_on_black(black):
    seen = {name: reading.value for name, reading in read(black, 3.0).items()}
    told = {name: value for name, value in seen.items() if value is not None}
    assert told == {
        "background": "black",
        "style": "flat",
        "canary": False,
        "text_present": False,
    }


@pytest.mark.parametrize("kind", ["thing", "group", "pair", "word", "canary"])
def test_nobody_is_seen_where_nobody_is(clips, kind):
    for _, frames in clips(kind, n=6):
        seen = read(frames, 3.0, ["role", "tone", "hair", "outfit"])
        assert {reading.value for reading in seen.values()} == {None}


@pytest.mark.parametrize("shape", [(1, 1, 1, 3), (2, 3, 4, 3), (1, 24, 40, 3), (3, 90, 20, 3)])
def test_any_form_of_clip_is_read_or_abstained_from(shape):
    assert set(read(np.full(shape, 40, dtype=np.uint8), 3.0)) == set(ATTRIBUTES)


@pytest.mark.parametrize("kind", ["thing", "person", "word"])
def test_readings_hold_at_any_size_and_rate(clips, kind):
    for scene, _ in clips(kind, n=2, seed=3):
        stated = attributes(scene.truth)
        for height, width, fps, n in ((96, 160, 3.0, 16), (192, 320, 6.0, 32), (60, 80, 3.0, 16)):
            seen = read(render(scene, height, width, fps=fps, n_frames=n), fps, stated)
            wrong = {k for k, v in stated.items() if seen[k].value != v}
            assert not wrong, (height, scene.truth, {k: seen[k] for k in wrong})


@pytest.mark.parametrize(
    ("frames", "fps", "asked", "message"),
    [
        (np.zeros((4, 24, 40)), 3.0, ["shape"], r"not a clip; seen: shape \(4, 24, 40\)"),
        (np.zeros((0, 24, 40, 3)), 3.0, ["shape"], "not a clip"),
        (np.zeros((4, 24, 40, 3)), 0.0, ["shape"], "needs a frame rate; seen: 0.0; legal: above 0"),
        (np.zeros((4, 24, 40, 3)), 3.0, ["smell"], "no such attribute; seen: 'smell'"),
    ],
)
def test_misuse_is_refused(frames, fps, asked, message):
    with pytest.raises(ValueError, match=message):
        read(frames, fps, asked)


def test_readers_know_no_prompt():
    # a reader that saw truths, scenes or captions could cheat; only the measurement may
    folder = Path(readers.__file__).parent
    forbidden = {"caption", "parse", "sampling", "phantom"}
    for path in folder.glob("*.py"):
        if path.stem == "measure":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.split(".")[-1] not in forbidden, path.name
                assert not {"Truth", "Scene"} & {alias.name for alias in node.names}, path.name
