"""Metrics: features in, scores out. One metric, one file; no metric imports another."""
