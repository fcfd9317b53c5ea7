"""The reference generator: a cascade of video diffusion models and its phantom world."""
