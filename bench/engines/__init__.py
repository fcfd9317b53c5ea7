"""Engines: where the work runs. One engine, one file."""
