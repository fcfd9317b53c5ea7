"""Speed and memory against the limits in docs/performance.md. Start with run.py."""
