"""The HTTP doors: one module for each resource under ``/v1``."""
