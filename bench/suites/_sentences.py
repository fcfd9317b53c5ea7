"""The sentences of the suite `imagen_video`, written for this project, by ability.

The abilities are those that the article on Imagen Video (arXiv 2210.02303) shows; the sentences are
not its.
"""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, ...]] = {
    "painting-style": (
        "A fishing boat rocks in a harbour at dusk, painted in thick oil strokes like Van Gogh.",
        "Rain falls on a village street, a watercolour with soft wet edges.",
        "A dancer turns once in an empty studio, in the loose pastel manner of Degas.",
        "Waves roll towards a beach, drawn as a Japanese woodblock print by Hokusai.",
        "A picnic by the river on a hot day, painted in tiny dots of pure colour like Seurat.",
        "A cat walks along a garden wall, in the flat gold patterns of Klimt.",
        "A steam train crosses a viaduct through fog, painted by Turner.",
        "A bowl of fruit on a table breaks up into planes, a cubist still life by Picasso.",
        "Snow settles on a row of birch trees, an ink wash painting on rice paper.",
        "A clock tower bends and melts in a desert, a surreal painting by Dali.",
    ),
    "rotating-object": (
        "A white marble bust turns slowly around its vertical axis on a grey background.",
        "A glass teapot makes one full turn on a turntable, lit from the side.",
        "A red sports car rotates through 360 degrees in an empty studio.",
        "A carved wooden owl spins on a pedestal and shows its back.",
        "A bronze gear wheel rotates in depth, its teeth catching the light.",
        "A ceramic vase with blue stripes turns to the left against a black backdrop.",
        "A knitted shoe rotates in mid-air, seen from slightly above.",
        "A crystal skull turns round and round on a mirror.",
        "A model of a lighthouse makes a slow turn, all four sides visible in order.",
        "A pineapple spins on a white table like a planet.",
    ),
    "animated-text": (
        "The word SPRING grows out of moss, letter by letter.",
        "Neon tubes flicker on one after the other until they read OPEN LATE.",
        "The word HELLO is written in the sand by a finger and washed away by a wave.",
        "Wooden blocks tumble down and come to rest spelling PLAY.",
        "Smoke curls upwards and forms the word DREAM.",
        "Drops of paint splash on a wall and leave the word COLOUR.",
        "Leaves blow across a pavement and settle into the word AUTUMN.",
        "The word ICE freezes over on a window pane, crystal by crystal.",
        "Fireworks burst in the night sky and spell 2050.",
        "A typewriter prints the sentence THE END on cream paper.",
    ),
    "drone-shot": (
        "A drone flies forward over a winding river between autumn forests.",
        "Aerial view of terraced rice fields at sunrise, the camera rising slowly.",
        "A drone shot over a busy harbour with cranes and red containers.",
        "Flying low over desert dunes towards a lone rock arch.",
        "A drone circles a castle on a hill while clouds pass below.",
        "Flight along a sea cliff with gulls beneath the camera.",
        "Aerial shot of a city at night, traffic flowing like light through the streets.",
        "A drone dives down a waterfall and levels out above the pool.",
        "Top view of a sailing boat leaving a white wake on dark blue water.",
        "Flying through a canyon, its walls passing close on both sides.",
    ),
    "teddy-bear": (
        "A teddy bear washes the dishes in a small kitchen.",
        "Two teddy bears play chess in a park while pigeons watch.",
        "A teddy bear in a yellow raincoat jumps into a puddle.",
        "A teddy bear conducts an orchestra of toy animals.",
        "A teddy bear skates across a frozen pond with its arms held out.",
        "A teddy bear paints its own portrait at an easel.",
        "A teddy bear swims among coral and striped fish.",
        "A teddy bear waters sunflowers that are taller than itself.",
        "A teddy bear drives a small tractor over a ploughed field.",
        "Three teddy bears walk in single file along a beach at sunset.",
    ),
}
