"""What PostgreSQL's errors mean, in the words of ``errors.py``; no value of anybody is repeated in them."""

from __future__ import annotations

import psycopg

from milepost.storage.errors import (
    NotStorable,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreUnavailable,
)

#: What a driver's call may raise, and is translated: its own errors, and Python's about values it cannot send.
DRIVER_ERRORS = (psycopg.Error, UnicodeEncodeError, OverflowError)

_LOST = (StoreUnavailable, "The connection to PostgreSQL was lost ({error}). Try again.")
_BUSY = (StoreUnavailable, "PostgreSQL was busy with other changes for too long. Try again.")
_CROSSED = (StoreUnavailable, "Two changes crossed in PostgreSQL. Try again.")
_CONFLICT = (StoreConflict, "The change contradicts what is kept: {error}.")
_VALUE = (NotStorable, "A value cannot be kept: {error}.")
_LIMITS = (StoreUnavailable, "PostgreSQL has reached a limit ({error}). Look at its settings and at its machine.")
_CHANGED = (
    StoreDamaged,
    "A table is not as it was made ({error}). Restore the database from a backup.",
)
_BROKEN = (StoreDamaged, "PostgreSQL cannot read its own files ({error}). Restore the database from a backup.")
_UNEXPECTED = (StoreUnavailable, "PostgreSQL cannot be used ({error}). Look at its log.")
#: By the five letters of SQLSTATE, or the first two of them.
_MEANINGS: dict[str, tuple[type[StoreError], str]] = {
    "08": _LOST,
    "22": _VALUE,
    "23": _CONFLICT,
    "25006": (StoreUnavailable, "The database is read-only. Name the server that takes changes in MILEPOST_STORE."),
    "25P03": _LOST,
    "28": (StoreUnavailable, "PostgreSQL refuses us ({error}). Check the name and the password in MILEPOST_STORE."),
    "3D000": (StoreUnavailable, "The database is not there ({error}). Make it with createdb."),
    "3F000": (StoreUnavailable, "The schema is not there ({error}). Make it with CREATE SCHEMA."),
    "40": _CROSSED,
    "42501": (StoreUnavailable, "PostgreSQL forbids it ({error}). Grant that right to the role in MILEPOST_STORE."),
    "42703": _CHANGED,
    "42804": _VALUE,
    "42P01": _CHANGED,
    "53": _LIMITS,
    "53100": (
        StoreFull,
        "No space is left for PostgreSQL. Free some on its disk; nothing needs to be restarted.",
    ),
    "54": _VALUE,
    "55P03": _BUSY,
    "57014": _BUSY,
    "57": _LOST,
    "58030": _BROKEN,
    "XX001": _BROKEN,
    "XX002": _BROKEN,
}


def translated(error: Exception) -> StoreError:
    """Say in our words what a driver's exception means."""
    kind, sentence = _meaning(error)
    return kind(sentence.format(error=_words_of(error)))


def unreachable(error: psycopg.Error) -> StoreUnavailable:
    """Say that no connection was made; the server's own words tell a wrong password from a server that is down."""
    return StoreUnavailable(f"PostgreSQL cannot be reached: {_words_of(error)}. Look at the server and MILEPOST_STORE.")


def is_lost(error: Exception) -> bool:
    """Say whether an error means that the connection is of no more use, so that another may serve."""
    return _meaning(error) is _LOST


def _meaning(error: Exception) -> tuple[type[StoreError], str]:
    if not isinstance(error, psycopg.Error):
        return _VALUE
    if error.sqlstate is None:  # not from the server
        return _VALUE if isinstance(error, psycopg.DataError) else _LOST
    return _MEANINGS.get(error.sqlstate) or _MEANINGS.get(error.sqlstate[:2], _UNEXPECTED)


def _words_of(error: Exception) -> str:
    """Give the first line; the further ones may show a row."""
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    lines = (said or str(error)).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
