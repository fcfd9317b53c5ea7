"""Dashboards: what a release review is run from. They read run folders and change none."""
