"""The threads beside the server that do what time asks for: holds settle, windows close, backups are made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from milepost.operations.apply_retention import apply_retention
from milepost.operations.back_up import back_up_daily
from milepost.operations.services import Services
from milepost.operations.settle import settle_all

log = structlog.get_logger()

EVERY = timedelta(seconds=1)
#: After failures the pause doubles up to this.
LONGEST_PAUSE = timedelta(minutes=1)
#: How often somebody asks whether a daily chore is to be done; the first time after a pause, so that a start is quick.
CHORES_EVERY = timedelta(minutes=1)
LONGEST_CHORES_PAUSE = timedelta(hours=1)
RETENTION_EVERY = timedelta(days=1)


class Worker:
    """Settles what is due about once a second, and does the daily chores; a failure is logged and tried again."""

    def __init__(self, services: Services, *, every: timedelta = EVERY, chores_every: timedelta = CHORES_EVERY) -> None:
        """Prepare the threads; `start` begins them."""
        self._services = services
        self._stopping = threading.Event()
        self._let_go_at: datetime | None = None
        self._settling = self._thread("milepost-worker", self._settle, every, LONGEST_PAUSE)
        # on their own: while a large store is copied, time passes
        self._chores = self._thread("milepost-chores", self._do_chores, chores_every, LONGEST_CHORES_PAUSE, waits=True)

    def start(self) -> None:
        """Begin at once with what became due while nothing ran."""
        self._settling.start()
        self._chores.start()

    def stop(self, *, wait: timedelta = timedelta(seconds=5)) -> None:
        """Ask them to end, and wait for the transaction they are in; a backup may be broken off."""
        self._stopping.set()
        for thread, share in ((self._settling, 0.8), (self._chores, 0.2)):
            if thread.is_alive():
                thread.join(share * wait.total_seconds())

    def _thread(
        self, name: str, act: Callable[[], bool], every: timedelta, longest: timedelta, *, waits: bool = False
    ) -> threading.Thread:
        """Make a thread that acts again and again, after longer pauses when that fails."""

        def run() -> None:
            pause = every
            if waits and self._stopping.wait(pause.total_seconds()):
                return
            while True:
                pause = every if act() else min(pause * 2, longest)
                if self._stopping.wait(pause.total_seconds()):
                    return

        return threading.Thread(target=run, name=name, daemon=True)

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

    def _do_chores(self) -> bool:
        """Do what is to be done once a day, and say whether that went well."""
        return all([self._back_up(), self._let_go()])

    def _back_up(self) -> bool:
        try:
            done = back_up_daily(self._services)
        except Exception:  # the same; the older backups are still there
            log.exception("backup_failed")
            return False
        if done is not None:
            log.info("backed_up", file=str(done.backup.path), events=done.events, removed=len(done.removed))
        return True

    def _let_go(self) -> bool:
        """Let go of what grew old, once a day."""
        now = self._services.clock()
        if self._let_go_at is not None and timedelta() <= now - self._let_go_at < RETENTION_EVERY:
            return True
        try:
            gone = apply_retention(self._services)
        except Exception:  # the same; what is old is still there
            log.exception("retention_failed")
            return False
        self._let_go_at = now
        if gone.events or gone.tellings or gone.people:
            log.info("let_go", events=gone.events, tellings=gone.tellings, people=len(gone.people))
        return True
