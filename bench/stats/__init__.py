"""Statistics: intervals, tests, power and resampling, over plain arrays and counts."""
