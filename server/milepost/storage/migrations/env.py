"""What Alembic runs to run the revisions: always on the connection, and in the transaction, of ``migrate.py``."""

from __future__ import annotations

from alembic import context

from milepost.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
