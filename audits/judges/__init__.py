"""Judges: say what a video shows; never the model or the filter that they judge."""
