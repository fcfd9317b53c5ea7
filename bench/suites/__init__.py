"""Suites: versioned lists of prompts. One suite, one file."""
