"""Bring tables to a later revision with Alembic; imported only where that is needed, for it takes its time."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from milepost.storage.errors import StoreDamaged

_SCRIPTS = Path(__file__).with_name("migrations")
#: Alembic keeps what it is doing in globals.
_ONE_AT_A_TIME = threading.Lock()


def migrate(connection: Connection, *, to: str) -> None:
    """Run the revisions up to *to* in the transaction that is open on *connection*, and leave it open.

    Raises ``StoreDamaged``, and what SQLAlchemy makes of the driver's failures.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        with _ONE_AT_A_TIME:
            command.upgrade(config, to)
    except ValueError as error:  # what reading a row's text raises
        raise StoreDamaged(f"A row cannot be read ({error}). Restore the store from a backup.") from error
