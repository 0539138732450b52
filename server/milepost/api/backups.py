"""Backups of a store that is one file: make one now, see those there are."""

from __future__ import annotations

from typing import Any

from milepost.api.auth import needs
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.operations.back_up import back_up, kept_backups
from milepost.schemas.backups import BackupSchema, MadeBackupSchema
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope
from milepost.storage.backups import Backup

door = Door("backups", __name__, url_prefix="/v1/backups", description="Whole copies of the store.")


@door.route("", methods=["POST"])
@needs(Scope.ADMIN)
@door.response(201, MadeBackupSchema)
def make() -> dict[str, Any]:
    """Make a backup now, while calls go on; it is checked before it counts."""
    made = back_up(services())
    return {**_shown(made.backup), "events": made.events, "removed": [str(one.path) for one in made.removed]}


@door.route("")
@needs(Scope.ADMIN)
@door.response(200, page_of(BackupSchema))
def show_all() -> dict[str, Any]:
    """List the backups there are, oldest first."""
    return page_document([_shown(backup) for backup in kept_backups(services())])


def _shown(backup: Backup) -> dict[str, Any]:
    return {"file": str(backup.path), "made_at": backup.made_at, "size": backup.size}
