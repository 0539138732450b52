"""Whether the service is alive, and whether it can work."""

from __future__ import annotations

from typing import Any

from milepost import __version__
from milepost.api.auth import open_door
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.schemas.running import HealthSchema

door = Door("running", __name__, description="Whether the service is well.")


@door.route("/health")
@open_door
@door.response(200, HealthSchema)
def health() -> dict[str, Any]:
    """Say that the process is alive."""
    return {"status": "alive", "version": __version__}


@door.route("/ready")
@open_door
@door.response(200, HealthSchema)
def ready() -> dict[str, Any]:
    """Say whether the store can be used; 503 with the reason if not."""
    with services().store.reading() as reading:  # `milepost doctor` looks through the whole of it
        reading.calendars()
    return {"status": "ready", "version": __version__}
