"""Models: adapters to the systems under test. One adapter, one file."""
