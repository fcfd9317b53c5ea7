"""Statistics: intervals and resampling, over plain arrays."""
