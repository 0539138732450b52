"""Milepost: a self-hosted micro-achievements layer for business apps."""

__version__ = "0.1.0"
