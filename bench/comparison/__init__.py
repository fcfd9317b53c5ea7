"""Two runs side by side: what differs, by how much, and whether chance alone would do that."""
