"""Every kind of place there is, by name."""

from __future__ import annotations

from collections.abc import Mapping

from milepost.delivery.base import Transport
from milepost.settings import Settings


def make_transports(settings: Settings) -> Mapping[str, Transport]:
    """Make the transports that these settings allow; e-mail only where a mail server is set."""
    raise NotImplementedError
