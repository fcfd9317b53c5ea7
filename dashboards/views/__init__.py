"""One page one file: each has a `main` that draws it."""
