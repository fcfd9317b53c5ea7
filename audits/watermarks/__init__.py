"""Watermark detectors: each says of frames whether a mark is in them, and which bits it reads."""
