"""Videos: reading, sampling and writing them."""
