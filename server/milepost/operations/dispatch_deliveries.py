"""Send what is due: each message at least once, each place one message at a time, and nothing inside a transaction."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from milepost.clock import read_stopwatch
from milepost.delivery.base import Outcome, Result, Transport
from milepost.operations.claim_deliveries import Claim, Room, claim_due
from milepost.operations.pacing import Pace
from milepost.operations.record_attempt import Tried, record_attempt
from milepost.operations.services import Services
from milepost.storage.errors import StoreUnavailable

log = structlog.get_logger()

#: Messages on their way at the same time.
THREADS = 16
#: Waits for a store that is away for a moment; what cannot be noted is sent once more when the lease ends.
_PAUSES = (0.2, 1.0, 3.0, 5.0)
_BROKEN = Outcome(Result.PASSING, "Something broke on our side. The log of the server says what.")
_NO_MAIL = Outcome(Result.PASSING, "No mail server is set. Set MILEPOST_SMTP and MILEPOST_MAIL_FROM, then start again.")


class Dispatch:
    """Messages on their way, each in a thread of its own; a place that does not answer holds up nobody else."""

    def __init__(self, services: Services, transports: Mapping[str, Transport], *, threads: int = THREADS) -> None:
        """Begin nothing yet."""
        self._services = services
        self._transports = transports
        self._threads = threads
        self._pace = Pace()
        self._under_way: dict[str, Claim] = {}
        self._changed = threading.Condition()
        self._is_woken = False

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is on its way."""
        return not self._under_way

    def begin(self) -> int:
        """Take what is due, as much as there are threads for, and begin to send it; count what was done.

        Places that failed last time get half of the threads, so that slow ones leave room.
        """
        with self._changed:
            doubtful = sum(claim.is_doubtful for claim in self._under_way.values())
            room = Room(self._threads - len(self._under_way), max(1, self._threads // 2) - doubtful)
        if not room.places:
            return 0
        found = claim_due(self._services, room, self._pace)
        with self._changed:
            self._under_way.update({claim.delivery.id: claim for claim in found.claims})
        for claim in found.claims:
            threading.Thread(target=self._send, args=(claim,), name="milepost-delivery", daemon=True).start()
        return len(found.claims) + found.settled

    def wait(self, patience: timedelta) -> None:
        """Wait until something has arrived, or somebody says that there is more to send."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_woken, timeout=patience.total_seconds())
            self._is_woken = False

    def wake(self) -> None:
        """Say that there is more to send."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def finish(self, patience: timedelta) -> bool:
        """Wait for what is on its way; say whether all of it has ended."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_idle, timeout=patience.total_seconds())

    def _send(self, claim: Claim) -> None:
        began = read_stopwatch()
        try:
            transport = self._transports.get(claim.place.transport)
            outcome = transport.send(claim.parcel) if transport else _NO_MAIL
        except Exception as fault:  # noqa: BLE001 - the others go on, and nobody else would ever see it
            log.error("sending_failed", delivery=claim.delivery.id, **_traced(fault))  # noqa: TRY400 - see `_traced`
            outcome = _BROKEN
        try:
            took = timedelta(seconds=read_stopwatch() - began)
            _note(self._services, Tried(claim, outcome, took))
        except Exception:  # the same: when the lease ends, it is sent once more
            log.exception("attempt_not_noted", delivery=claim.delivery.id)
        finally:
            with self._changed:
                self._under_way.pop(claim.delivery.id, None)
            self.wake()


def dispatch_due(services: Services, transports: Mapping[str, Transport]) -> int:
    """Send everything that is due now and wait until it has arrived or failed; count what was done."""
    dispatch, count = Dispatch(services, transports), 0
    while (begun := dispatch.begin()) or not dispatch.is_idle:
        count += begun
        if not dispatch.is_idle:
            dispatch.wait(timedelta(seconds=1))
    return count


def _traced(fault: Exception) -> dict[str, Any]:
    """Give what a fault is and where, without its text: that may hold the address of the place, which is a secret."""
    return {"fault": type(fault).__name__, "where": traceback.format_tb(fault.__traceback__)}


def _note(services: Services, tried: Tried) -> None:
    """Keep an attempt; a store that is away for some seconds is waited for."""
    for pause in _PAUSES:
        try:
            return record_attempt(services, tried)
        except StoreUnavailable:
            time.sleep(pause)
    return record_attempt(services, tried)
