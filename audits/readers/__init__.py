"""Readers of perceived presentation: what a video seems to show of a person; one file each."""
