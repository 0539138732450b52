"""The thread beside the server that lets time pass: holds settle and windows close without anybody asking."""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog

from milepost.operations.services import Services
from milepost.operations.settle import settle_all

log = structlog.get_logger()

EVERY = timedelta(seconds=1)
#: After failures the pause doubles up to this.
LONGEST_PAUSE = timedelta(minutes=1)


class Worker:
    """Settles what is due about once a second; a failure is logged and tried again."""

    def __init__(self, services: Services, *, every: timedelta = EVERY) -> None:
        """Prepare the thread; `start` begins it."""
        self._services = services
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="milepost-worker", daemon=True)

    def start(self) -> None:
        """Begin at once with what became due while nothing ran."""
        self._thread.start()

    def stop(self, *, wait: timedelta = timedelta(seconds=5)) -> None:
        """Ask it to end, and wait for the transaction it is in."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(wait.total_seconds())

    def _run(self) -> None:
        pause = self._every
        while True:
            pause = self._every if self._settle() else min(pause * 2, LONGEST_PAUSE)
            if self._stopping.wait(pause.total_seconds()):
                return

    def _settle(self) -> bool:
        """Settle once, and say whether that went well."""
        try:
            settled = settle_all(self._services)
        except Exception:  # whatever it is, the next try may be better, and nobody else would ever see it
            log.exception("settling_failed")
            return False
        if settled["awards"] or settled["revoked"]:
            log.info("settled", granted=len(settled["awards"]), taken_back=len(settled["revoked"]))
        return True
