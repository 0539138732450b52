"""Who is calling."""

from __future__ import annotations

from typing import Any

from milepost import __version__
from milepost.api.auth import needs_key
from milepost.api.context import caller
from milepost.api.doors import Door
from milepost.schemas.running import MeSchema

door = Door("me", __name__, url_prefix="/v1/me", description="The key that is calling.")


@door.route("")
@needs_key
@door.response(200, MeSchema)
def show_me() -> dict[str, Any]:
    """Say which key is calling and what it may do; what a connection test asks."""
    who = caller()
    return {"key_id": who.key_id, "name": who.name, "scopes": sorted(who.scopes), "version": __version__}
