"""Listen for HTTP calls in this very process, which already owns the store."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from wsgiref.types import WSGIApplication

import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mt import MTServer

from milepost.app import create_app
from milepost.cli.addresses import Address
from milepost.operations.services import Services
from milepost.worker import Worker

log = structlog.get_logger()

#: Calls worked on at the same time; each waits for the disk most of its time.
THREADS = 8
#: What is not answered by then is cut off; nothing acknowledged is lost by it.
STOPS_WITHIN_SECONDS = 8.0
_LOOKS_AGAIN_AFTER_SECONDS = 0.01


def serve_calls(services: Services, address: Address, *, announce: Callable[[], None], has_worker: bool = True) -> None:
    """Answer calls and let time pass until the process is told to stop; calls being answered are finished.

    *announce* is called when the first call can come. Without a worker, time passes elsewhere.
    """
    listener = _Listener(create_app(services), address, announce)
    worker = Worker(services) if has_worker else None
    if worker:
        worker.start()
    try:
        listener.run()
    finally:
        if worker:
            worker.stop()


class _Listener(MTServer):
    """Granian with its workers as threads.

    It does so by itself on Pythons without global lock only. With one worker it serves on any, and one process
    means: the lock on the store is held from before the port is opened, and a kill leaves nothing behind.
    """

    def __init__(self, app: WSGIApplication, address: Address, announce: Callable[[], None]) -> None:
        super().__init__(
            "milepost",
            address=address.host,
            port=address.port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=THREADS,
            log_level=LogLevels.error,
            log_dictconfig=_LOG,
        )
        self._app = app
        self._address = address
        self._announce = announce
        self._ignores_hangup = os.name == "posix" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

    def run(self) -> None:
        """Serve in this thread until a signal comes."""
        self.serve(target_loader=self._give_app, wrap_loader=False)

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        """Open the port, and announce it once somebody answers there."""
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call] # granian's methods have no types
        while not self.main_loop_interrupt.is_set():
            with suppress(OSError), socket.create_connection((self._address.reached_at, self._address.port), timeout=1):
                break
            time.sleep(_LOOKS_AGAIN_AFTER_SECONDS)
        else:
            return
        self._announce()

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop, and end the process if a call takes too long for that."""
        last_resort = threading.Timer(STOPS_WITHIN_SECONDS, _end_process)
        last_resort.daemon = True
        last_resort.start()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call] # granian's methods have no types

    def signal_handler_reload(self, *_signal: Any) -> None:
        """Stop when the terminal is closed, unless `nohup` was asked to prevent that."""
        if not self._ignores_hangup:
            self.signal_handler_interrupt()  # type: ignore[no-untyped-call] # the same

    def _give_app(self, *_nothing: Any) -> WSGIApplication:
        return self._app

    def _check_gil(self) -> None:
        """Accept any Python."""


def _end_process() -> None:
    log.warning("calls_cut_off", reason="they took too long to stop")
    os._exit(0)


#: Granian's own errors go where the log goes.
_LOG = {
    "handlers": {
        "console": {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
        "access": {"formatter": "access", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
    }
}
