"""The phantom world: scenes drawn by rule, so that every video has a known truth."""
