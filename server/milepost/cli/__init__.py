"""The command line: each command turns words into one operation, and its result back into words."""
