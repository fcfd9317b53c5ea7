"""Prescreen's bench: prompts and videos in, scores with their uncertainty out."""

__version__ = "0.1.0"
