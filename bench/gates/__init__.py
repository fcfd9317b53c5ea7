"""The gate: a policy's limits against a run, with a verdict that can also say "not enough data"."""
