from generator.world.readers.base import abstain, decide


def test_a_sure_reader_decides():
    assert decide("red", 0.8, 0.5).value == "red"
    assert decide("red", 7.0, 0.5).confidence == 1.0


def test_an_unsure_reader_abstains_and_says_why():
    reading = decide("red", 0.2, 0.5)
    assert reading.value is None
    assert reading.confidence == 0.2
    assert reading.reason == "unsure: confidence 0.20 for 'red' is below 0.50"
    assert decide("red", -3.0, 0.1).confidence == 0.0
    assert abstain("dark").reason == "dark"
