"""A quarter of a real service desk, lived through by two workers: who is told how often, and whether it is right."""
