"""Connections to a PostgreSQL database: with our settings, kept for the next transaction, replaced when they died.

The pool that comes with the driver knocks again and again at a server that is down, with growing pauses, while its
callers wait. Here each caller knocks for itself: it hears at once that the server is down, and the first one after
the server is back is served.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

import psycopg
from psycopg import conninfo

from milepost.storage.errors import StoreError, StoreUnavailable
from milepost.storage.postgresql_errors import unreachable

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

#: Connections of one process: one for each call that is answered at a time, and a few for what else goes on.
MOST = 12
_WAIT_FOR_PLACE_SECONDS = 30.0
#: Statements that are kept prepared: more than there are.
_PREPARED = 400

#: What libpq is told where the URL says nothing else: a server that is gone is noticed within seconds.
_PARAMETERS: dict[str, Any] = {
    "application_name": "milepost",
    "client_encoding": "UTF8",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
#: What the server is told: nobody waits longer than callers do, and who has gone away does not keep others waiting.
_SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": "25s",
    "idle_in_transaction_session_timeout": "10min",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # our questions are short: compiling them costs more than it saves
    "jit": "off",
    # disks have no arm any more, and what is asked for often is in memory
    "random_page_cost": "1.1",
}


def connector(url: str) -> Callable[[], Connection]:
    """Give what opens one connection to *url*; raises ``StoreError`` where it says nothing a driver understands."""
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.Error:  # its text may repeat the password
        raise StoreError(
            "The address of the PostgreSQL database cannot be read. Use postgresql://name:password@host:5432/database."
        ) from None
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    options = f"{settings} {given.get('options') or ''}"
    parameters = conninfo.make_conninfo(**{**_PARAMETERS, **given, "options": options})

    def connect() -> Connection:
        try:
            connection = psycopg.connect(parameters, autocommit=True, prepare_threshold=1)
        except psycopg.Error as error:
            raise unreachable(error) from error
        connection.prepared_max = _PREPARED
        return connection

    return connect


class Connections:
    """As many connections as are wanted at once, up to a limit."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        """Open none yet."""
        self._connect = connect
        self._idle: deque[Connection] = deque()
        self._places = threading.Semaphore(MOST)
        self._closed = False

    def take(self) -> Connection:
        """Give a connection to nobody else until it is given back; wait where all are taken."""
        if not self._places.acquire(timeout=_WAIT_FOR_PLACE_SECONDS):
            raise StoreUnavailable("All connections to PostgreSQL were busy for too long. Try again.")
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect_or_leave()

    def renew(self, connection: Connection) -> Connection:
        """Give another connection for one that died; those that lie beside it died with it."""
        connection.close()
        self._close_idle()
        return self._connect()

    def give_back(self, connection: Connection, *, sound: bool) -> None:
        """Keep a connection for the next one who asks, if it may serve again."""
        if sound and not self._closed:
            self._idle.append(connection)
        else:
            connection.close()
        self._places.release()

    def close(self) -> None:
        """Close what is not in use now, and the others when they are given back."""
        self._closed = True
        self._close_idle()

    def _connect_or_leave(self) -> Connection:
        try:
            return self._connect()
        except BaseException:
            self._places.release()
            raise

    def _close_idle(self) -> None:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # somebody took it meanwhile
                return
            connection.close()
