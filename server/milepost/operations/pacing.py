"""How fast messages may follow on each other, so that no receiver is flooded."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from milepost.storage.outbox import SubscriptionRecord

#: Slack takes one message a second for each webhook, Teams a few.
BETWEEN_MESSAGES = {"slack": timedelta(seconds=1), "teams": timedelta(seconds=1)}
#: Messages to webhooks of one host in any one second; Zapier takes thirty.
PER_HOST = 25
_SECOND = timedelta(seconds=1)


class Pace:
    """When messages were last sent to which host, in this process."""

    def __init__(self) -> None:
        """Know of none."""
        self._sent: dict[str, deque[datetime]] = {}

    def allows(self, place: SubscriptionRecord, now: datetime) -> bool:
        """Say whether one more message may go to the host of a place now."""
        sent = self._sent.get(_host(place), deque())
        return place.transport != "webhook" or len(sent) < PER_HOST or not timedelta() <= now - sent[0] < _SECOND

    def take(self, place: SubscriptionRecord, now: datetime) -> bool:
        """Count one more message to the host of a place, if it may go."""
        if not self.allows(place, now):
            return False
        if place.transport == "webhook":
            self._sent.setdefault(_host(place), deque(maxlen=PER_HOST)).append(now)
        return True


def _host(place: SubscriptionRecord) -> str:
    return urlsplit(place.address).netloc.lower()
