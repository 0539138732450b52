"""Whose certificates are believed: those that the machine trusts, and those that the world does."""

from __future__ import annotations

import ssl
from functools import cache

from requests.utils import DEFAULT_CA_BUNDLE_PATH


@cache
def trusted_context(use: str) -> ssl.SSLContext:  # noqa: ARG001 - the cache tells them apart by it
    """Make what a connection is encrypted with, once: reading all authorities takes as long as a request.

    The machine's own come first, so that a company's authority works and ``SSL_CERT_FILE`` adds one. *use* keeps apart
    those who set something on it: HTTP names its protocol, which mail servers do not like.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)
    return context
