"""API keys: make one, see all, revoke one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from milepost.api.auth import needs
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.operations.make_key import list_keys, make_key, revoke_key
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import KeySchema, MadeKeySchema, NewKeySchema, Scope
from milepost.storage.records import KeyRecord

door = Door("keys", __name__, url_prefix="/v1/keys", description="API keys and what they may do.")


@door.route("", methods=["POST"])
@needs(Scope.ADMIN)
@door.arguments(NewKeySchema)
@door.response(201, MadeKeySchema)
def make(new_key: dict[str, Any]) -> dict[str, Any]:
    """Make a key; the answer shows its secret this once."""
    made = make_key(services(), name=new_key["name"], scopes=new_key["scopes"])
    return {**_shown(made.record), "secret": made.secret}


@door.route("")
@needs(Scope.ADMIN)
@door.response(200, page_of(KeySchema))
def show_all() -> dict[str, Any]:
    """List all keys, oldest first, without their secrets."""
    return page_document([_shown(key) for key in list_keys(services())])


@door.route("/<key_id>", methods=["DELETE"])
@needs(Scope.ADMIN)
@door.response(200, KeySchema)
def revoke(key_id: str) -> dict[str, Any]:
    """Revoke a key for good."""
    return _shown(revoke_key(services(), key_id))


def _shown(key: KeyRecord) -> dict[str, Any]:
    return {**asdict(key), "scopes": sorted(key.scopes)}
