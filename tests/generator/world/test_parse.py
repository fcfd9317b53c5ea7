import pytest

from generator.world import lexicon
from generator.world.grammar import Person, Thing, Truth
from generator.world.parse import parse, understand

SYNONYMS = [
    *((f"a {w} disc", "colour", c) for c, ws in lexicon.COLOUR_WORDS.items() for w in ws),
    *((f"a red {w}", "shape", s) for s, ps in lexicon.SHAPE_WORDS.items() for w, _ in ps),
    *((f"a {w} red disc", "size", s) for s, ws in lexicon.SIZE_WORDS.items() for w in ws),
]
SETTINGS = [
    *((f"a red cube {w}", "background", p) for p, ws in lexicon.PLACE_WORDS.items() for w in ws),
    *((f"a red cube moves {w}", "motion", m) for m, ws in lexicon.WAY_WORDS.items() for w in ws),
    *(
        (f"a red cube {w}", "motion", m)
        for m, ps in lexicon.DEED_WORDS.items()
        for pair in ps
        for w in pair
    ),
    *((f"a red cube, {w}", "camera", c) for c, ws in lexicon.CAMERA_WORDS.items() for w in ws),
    *((f"{b} a red cube", "style", s) for s, ps in lexicon.STYLE_WORDS.items() for b, _ in ps),
    *((f"a red cube, {a}", "style", s) for s, ps in lexicon.STYLE_WORDS.items() for _, a in ps),
    *((f"{w} red cubes", "count", n) for n, ws in lexicon.COUNT_WORDS.items() for w in ws),
    *((f"a red cube {w}", "canary", True) for w in lexicon.CANARY_WORDS),
]
PERSONS = [
    *((f"a {w}", "role", r) for r, ws in lexicon.ROLE_WORDS.items() for w in ws),
    *(
        (f"a person with {w.format(t)}", "tone", t)
        for w in lexicon.TONE_WORDS
        for t in range(1, 11)
    ),
    *(
        (f"a person with {w.format('hair')}", "hair", h)
        for h, ws in lexicon.HAIR_WORDS.items()
        for w in ws
    ),
    *(
        (f"a chef with {w}", "hair_colour", c)
        for c, ws in lexicon.HAIR_COLOUR_WORDS.items()
        for w in ws
    ),
    *((f"a chef {w.format('red')}", "outfit", "red") for w in lexicon.OUTFIT_WORDS),
]


@pytest.mark.parametrize(("text", "place", "value"), SYNONYMS)
def test_every_word_for_a_thing(text, place, value):
    assert getattr(parse(text).things[0], place) == value


@pytest.mark.parametrize(("text", "place", "value"), SETTINGS)
def test_every_phrase_for_the_scene(text, place, value):
    assert getattr(parse(text), place) == value


@pytest.mark.parametrize(("text", "place", "value"), PERSONS)
def test_every_phrase_for_a_person(text, place, value):
    assert getattr(parse(text).person, place) == value


def test_relations_in_both_orders():
    cube, star = Thing(shape="cube", colour="red"), Thing(shape="star", colour="blue")
    expected = Truth(things=(cube, star), relation="left_of")
    assert parse("a red cube to the left of a blue star") == expected
    assert parse("a blue star to the right of a red cube") == expected


def test_case_and_punctuation_do_not_matter():
    assert parse("A RED CUBE, in a cloudy sky!") == parse("a red cube in a cloudy sky")


def test_what_lies_outside_is_reported_and_the_rest_kept():
    seen = understand("a red cube eats an apple in a cloudy sky")
    assert seen.truth == Truth(things=(Thing(shape="cube", colour="red"),), background="sky")
    assert seen.unknown == ("eats", "apple")
    assert not seen.complete
    assert parse("a red cube eats an apple") is None


def test_a_colour_is_kept_from_an_unknown_thing():
    assert understand("a red dragon").truth == Truth(things=(Thing(colour="red"),))


@pytest.mark.parametrize("text", ["", "   ", "quantum entanglement", "|", "\x00 \u202e"])
def test_nothing_of_the_grammar_gives_no_truth(text):
    assert understand(text).truth is None


def test_illegal_mixtures_lose_parts_and_say_so():
    seen = understand("a red disc spins in the plane")
    assert seen.truth == Truth(things=(Thing(shape="disc", colour="red"),))
    assert seen.problems == ("spin cannot be seen on a disc",)


def test_open_persons():
    assert parse("a doctor walks to the left") == Truth(person=Person(role="doctor"), motion="left")
