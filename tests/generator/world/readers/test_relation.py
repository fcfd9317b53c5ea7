from generator.world.readers import read


def test_relations_are_read_well(reads_well):
    reads_well("relation")


def test_one_thing_has_no_relation(clips):
    reading = read(clips("thing", n=1)[0][1], 3.0, ["relation"])["relation"]
    assert reading.value is None
    assert reading.reason == "a relation joins two things; seen: 1"


def test_the_first_thing_is_the_left_or_upper_one(clips):
    for scene, frames in clips("pair", n=8, seed=5):
        seen = read(frames, 3.0, ["colour", "second_colour"])
        assert [r.value for r in seen.values()] == [t.colour for t in scene.truth.things]
        mirrored = frames[:, ::-1, ::-1]
        turned = read(mirrored, 3.0, ["colour", "second_colour"])
        if scene.truth.background in ("white", "grey", "black", "cream", "lilac"):
            assert [r.value for r in turned.values()] == [
                t.colour for t in scene.truth.things[::-1]
            ]
