"""Frame filters under test: adapters that decide on the frames of a clip."""
