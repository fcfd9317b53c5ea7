"""Audits: questions put to a run that end in findings. One audit, one file."""
