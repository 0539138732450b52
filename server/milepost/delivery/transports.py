"""Every kind of place there is, by name."""

from __future__ import annotations

from collections.abc import Mapping

from milepost.delivery.base import Transport
from milepost.delivery.email import Email, read_server
from milepost.delivery.networks import AllowList
from milepost.delivery.slack import Slack
from milepost.delivery.teams import Teams
from milepost.delivery.webhook import Webhook
from milepost.settings import Settings


def make_transports(settings: Settings) -> Mapping[str, Transport]:
    """Make the transports that these settings allow; e-mail only where a mail server is set."""
    allowed = AllowList(settings.allowed_addresses)
    transports: dict[str, Transport] = {
        "slack": Slack(allowed),
        "teams": Teams(allowed),
        "webhook": Webhook(allowed),
    }
    if settings.smtp is not None and settings.mail_from is not None:
        transports["email"] = Email(read_server(settings.smtp, allowed), settings.mail_from)
    return transports
