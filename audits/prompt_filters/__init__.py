"""Prompt filters under test: adapters that decide on a text."""
