"""Criteria: what must be true of the marks, one module for each family."""
