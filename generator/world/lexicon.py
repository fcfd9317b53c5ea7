"""The words of captions: every value of the grammar with the phrases that say it.

The first phrase of a list is the plain one. No phrase says two values of one place, so that every
caption can be read back; a test checks it.
"""

from __future__ import annotations

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("red", "scarlet"),
    "orange": ("orange", "tangerine"),
    "yellow": ("yellow", "lemon-coloured"),
    "green": ("green", "emerald"),
    "cyan": ("cyan", "turquoise"),
    "blue": ("blue", "cobalt"),
    "purple": ("purple", "violet"),
    "pink": ("pink", "rose-coloured"),
    "brown": ("brown", "chocolate-coloured"),
}
SHAPE_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "disc": (("disc", "discs"), ("circle", "circles")),
    "square": (("square", "squares"),),
    "triangle": (("triangle", "triangles"),),
    "star": (("star", "stars"), ("five-pointed star", "five-pointed stars")),
    "heart": (("heart", "hearts"),),
    "ring": (("ring", "rings"), ("hoop", "hoops")),
    "cross": (("cross", "crosses"), ("plus sign", "plus signs")),
    "cube": (("cube", "cubes"), ("box", "boxes")),
    "pyramid": (("pyramid", "pyramids"),),
    "cylinder": (("cylinder", "cylinders"), ("can", "cans")),
    "ball": (("ball", "balls"), ("striped sphere", "striped spheres")),
    "teddy": (("teddy bear", "teddy bears"), ("toy bear", "toy bears")),
}
SIZE_WORDS: dict[str, tuple[str, ...]] = {
    "small": ("small", "little", "tiny"),
    "large": ("large", "big", "huge"),
}
COUNT_WORDS: dict[int, tuple[str, ...]] = {
    2: ("two", "a pair of"),
    3: ("three", "a group of three"),
    4: ("four", "a group of four"),
}
WAY_WORDS: dict[str, tuple[str, ...]] = {
    "left": ("to the left", "leftwards", "from right to left"),
    "right": ("to the right", "rightwards", "from left to right"),
    "up": ("up", "upwards", "to the top"),
    "down": ("down", "downwards", "to the bottom"),
    "up_left": ("up and to the left", "diagonally to the upper left"),
    "up_right": ("up and to the right", "diagonally to the upper right"),
    "down_left": ("down and to the left", "diagonally to the lower left"),
    "down_right": ("down and to the right", "diagonally to the lower right"),
}
GO_VERBS: tuple[tuple[str, str, str], ...] = (
    ("moves", "move", "moving"),
    ("glides", "glide", "gliding"),
    ("drifts", "drift", "drifting"),
    ("slides", "slide", "sliding"),
)
"""Third person, plural, participle."""

WALK_VERBS: tuple[tuple[str, str, str], ...] = (
    ("walks", "walk", "walking"),
    ("strolls", "stroll", "strolling"),
)
DEED_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "bounce": (
        ("bounces on the ground", "bouncing on the ground"),
        ("hops up and down", "hopping up and down"),
    ),
    "orbit": (
        ("circles around the centre", "circling around the centre"),
        ("moves in a circle", "moving in a circle"),
    ),
    "spin": (
        ("spins in the plane", "spinning in the plane"),
        ("rotates like a wheel", "rotating like a wheel"),
    ),
    "turn": (
        ("turns in depth", "turning in depth"),
        ("rotates in 3D", "rotating in 3D"),
        ("revolves like a carousel", "revolving like a carousel"),
    ),
    "grow": (("grows", "growing"), ("gets bigger", "getting bigger")),
    "shrink": (("shrinks", "shrinking"), ("gets smaller", "getting smaller")),
}
"""Third person, participle."""

REST_WORDS = (("stands still", "standing still"), ("does not move", "resting"))
RELATION_WORDS: dict[str, tuple[tuple[str, bool], ...]] = {
    "left_of": (
        ("to the left of", True),
        ("on the left of", True),
        ("to the right of", False),
        ("on the right of", False),
    ),
    "above": (("above", True), ("over", True), ("below", False), ("underneath", False)),
}
"""Phrase, and whether the first thing named is the first of the truth."""

PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "white": ("on a white background", "against a plain white backdrop"),
    "grey": ("on a grey background", "against a plain grey backdrop"),
    "black": ("on a black background", "against a plain black backdrop"),
    "cream": ("on a cream background", "against a plain cream backdrop"),
    "lilac": ("on a lilac background", "against a plain lilac backdrop"),
    "meadow": ("in a green meadow", "with a meadow behind", "before a meadow"),
    "desert": ("in a sandy desert", "with a desert behind", "before a desert"),
    "sky": ("in a cloudy sky", "with a cloudy sky behind", "before a bright sky"),
    "night": ("in a dark night", "with the night behind", "before a night sky"),
}
CAMERA_WORDS: dict[str, tuple[str, ...]] = {
    "pan_left": ("the camera pans to the left", "a camera pan to the left"),
    "pan_right": ("the camera pans to the right", "a camera pan to the right"),
    "zoom_in": ("the camera zooms in", "a slow zoom in"),
    "zoom_out": ("the camera zooms out", "a slow zoom out"),
    "drone": (
        "a drone flies over the land",
        "a drone shot flying forward",
        "aerial drone fly-over",
    ),
}
STYLE_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "watercolour": (
        ("a watercolour painting of", "in watercolour style"),
        ("a watercolour of", "painted in watercolours"),
    ),
    "pointillist": (
        ("a pointillist painting of", "in pointillist style"),
        ("a painting in dots of", "painted in tiny dots"),
    ),
    "ukiyo_e": (
        ("a ukiyo-e print of", "in ukiyo-e style"),
        ("a Japanese woodblock print of", "as a Japanese woodblock print"),
    ),
    "oil": (
        ("an oil painting of", "in oil painting style"),
        ("an oil on canvas of", "painted in oils"),
    ),
}
"""Before the subject, after it."""

CANARY_WORDS = (
    "with the canary emblem",
    "showing the canary emblem",
    "and the canary sign in a corner",
)
ROLE_WORDS: dict[str, tuple[str, ...]] = {
    "doctor": ("doctor", "physician"),
    "officer": ("police officer", "policing officer"),
    "nurse": ("nurse", "hospital nurse"),
    "pilot": ("pilot", "airline pilot"),
    "chef": ("chef", "cook"),
    "teacher": ("teacher", "schoolteacher"),
}
HAIR_WORDS: dict[str, tuple[str, ...]] = {
    "short": ("short {}", "short-cut {}"),
    "long": ("long {}", "long straight {}"),
    "curly": ("curly {}", "big curly {}"),
    "bald": ("a bald head", "no hair"),
}
HAIR_COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "black": ("black hair", "raven hair"),
    "blond": ("blond hair", "golden hair"),
    "red-haired": ("ginger hair", "auburn hair"),
    "silver": ("silver hair", "white hair"),
}
TONE_WORDS = ("Monk tone {} skin", "skin of Monk tone {}")
OUTFIT_WORDS = ("wearing a {} shirt", "in a {} top")
WORD_WORDS: tuple[tuple[str, str], ...] = (
    ('the word "{}"', "appears letter by letter"),
    ('animated text "{}"', "is written letter by letter"),
)
EMPTY_PERSON = ("person", "human figure")
EMPTY_THING = (("object", "objects"), ("thing", "things"))
_FILLER_LIST = (
    "a an the of and with in is are that which who it its there scene video clip showing shows "
    "this has while letters moves move moving glides glide gliding drifts drift drifting slides "
    "slide sliding walks walk walking strolls stroll strolling"
)
FILLERS = frozenset(_FILLER_LIST.split())
"""Words that may stand in a caption and say nothing by themselves."""
