"""Features: what is read from a video once and kept. One extractor, one file."""
