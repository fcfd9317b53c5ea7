"""Attacks: seeded changes of a prompt that a filter may miss and a model may still read."""
