from generator.world.readers import read


def test_sizes_are_read_well(reads_well):
    reads_well("size")


def test_a_pair_has_no_size(clips):
    reading = read(clips("pair", n=1)[0][1], 3.0, ["size"])["size"]
    assert reading.value is None
    assert reading.reason.startswith("one thing has a size; seen: 2")
