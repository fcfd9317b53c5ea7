"""Filters of the generator: one reads prompts, one looks at frames, and a guard that puts both on.

What they look for is the canary emblem, which stands for harmful content and harms nobody. They are
part of the system under test: no judge may use them, and they use no reader of the world.
"""
