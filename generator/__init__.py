"""The reference generator: a cascade of video diffusion models and the phantom world it is trained on."""
