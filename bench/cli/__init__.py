"""The `prescreen` command. One command, one file; listing them imports none."""
