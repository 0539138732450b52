"""An admin makes and lists backups over HTTP; where there is no file, the answer says what to do instead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from milepost.operations.services import Services
from milepost.storage.backups import folder_of
from milepost.storage.base import Store
from tests.storage.examples import put, told


def test_a_backup_is_made_and_listed(admin: Any, services: Services, clock: Any) -> None:
    """With its file, moment, size and number of events."""
    put(services.store, told("zd-1"), told("zd-2"))
    answer = admin.post("/v1/backups")
    assert answer.status_code == 201
    made = answer.get_json()
    assert (made["events"], made["made_at"], made["removed"]) == (2, "2026-03-02T12:00:00+00:00", [])
    assert Path(made["file"]).stat().st_size == made["size"]
    clock.move(timedelta(hours=1))
    admin.post("/v1/backups")
    first, second = admin.get("/v1/backups").get_json()["items"]
    assert first == {name: made[name] for name in ("file", "made_at", "size")}
    assert second["made_at"] == "2026-03-02T13:00:00+00:00"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_an_admin_may(caller_with: Any, services: Services, method: str) -> None:
    """A backup holds everything, and its name says where."""
    everything_else = caller_with("evaluate", "award", "read", "manage")
    assert everything_else.call(method, "/v1/backups").status_code == 403
    file = services.store.file
    assert file is not None
    assert not folder_of(file).exists()


class Server:
    """A store that a database server keeps, as far as backups ask it."""

    file = None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_database_servers_store_is_refused(admin: Any, app: Any, services: Services, method: str) -> None:
    """With the tools to use in its place."""
    app.extensions["milepost"] = Services(cast("Store", Server()), services.clock, services.settings)
    answer = admin.call(method, "/v1/backups")
    assert answer.status_code == 409
    assert "pg_dump" in answer.get_json()["detail"]
