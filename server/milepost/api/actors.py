"""Actors: add or change one, search, note leave and names in source systems, see progress."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import looks, services
from milepost.api.doors import Door
from milepost.api.naming import named_by_address
from milepost.engine.people import Holder, HolderKind
from milepost.operations.count_attention import OTHER, count_look
from milepost.operations.erase_person import erase_person
from milepost.operations.export_person import export_person
from milepost.operations.save_people import add_leave, save_actor, save_aliases
from milepost.operations.show_people import list_actors, show_actor
from milepost.operations.show_progress import show_progress
from milepost.schemas.addresses import same_address
from milepost.schemas.base import page_document
from milepost.schemas.keys import Scope
from milepost.schemas.people import (
    ActorBodySchema,
    ActorPageSchema,
    ActorQuerySchema,
    ActorSchema,
    AliasesSchema,
    ErasedSchema,
    ErasureBodySchema,
    LeaveBodySchema,
)

door = Door("actors", __name__, url_prefix="/v1/actors", description="The people whose work is looked at.")


@door.route("")
@needs(Scope.READ)
@door.arguments(ActorQuerySchema, location="query")
@door.response(200, ActorPageSchema)
def show_all(query: dict[str, Any]) -> Response:
    """List actors by id; `search` looks for a part of the id or name."""
    items = list_actors(services(), search=query["search"], after=query["after"], limit=query["limit"])
    return answer(page_document(items, limit=query["limit"]))


@door.route("", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(ActorBodySchema)
@door.response(200, ActorSchema)
def save(document: dict[str, Any]) -> Response:
    """Add an actor, or change the fields that are given."""
    return answer(save_actor(services(), document))


@door.route("/<path:actor_id>")
@needs(Scope.READ)
@door.response(200, ActorSchema)
def show(actor_id: str) -> Response:
    """Show an actor with profile, history, leave and names in source systems."""
    return answer(show_actor(services(), actor_id))


@door.route("/<path:actor_id>", methods=["PUT"])
@needs(Scope.MANAGE)
@door.arguments(ActorBodySchema)
@door.response(200, ActorSchema)
def put(document: dict[str, Any], actor_id: str) -> Response:
    """Add an actor, or change the fields that are given; null clears one."""
    return answer(save_actor(services(), named_by_address(document, "id", same_address(actor_id))))


@door.route("/<path:actor_id>/leave", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(LeaveBodySchema)
@door.response(200, ActorSchema)
def note_leave(document: dict[str, Any], actor_id: str) -> Response:
    """Add days on which nobody expects work; no streak breaks on them."""
    return answer(add_leave(services(), actor_id, document))


@door.route("/<path:actor_id>/aliases", methods=["PUT"])
@needs(Scope.MANAGE)
@door.arguments(AliasesSchema)
@door.response(200, ActorSchema)
def put_aliases(aliases: dict[str, Any], actor_id: str) -> Response:
    """Add or change the person's name in source systems: `{"zendesk": "123"}`."""
    return answer(save_aliases(services(), actor_id, aliases))


@door.route("/<path:actor_id>/export")
@needs(Scope.MANAGE)
@door.response(200)
def export(actor_id: str) -> Response:
    """Give everything kept about a person as one document."""
    return answer(export_person(services(), actor_id))


@door.route("/<path:actor_id>/erasure", methods=["POST"])
@needs(Scope.ADMIN)
@door.arguments(ErasureBodySchema)
@door.response(200, ErasedSchema)
def erase(body: dict[str, Any], actor_id: str) -> Response:
    """Erase a person for good: nothing names them any more, and what others have stays right."""
    # no answer is kept for a key: it would be filed under the person's id
    return answer(erase_person(services(), actor_id, confirm=body["confirm"]))


@door.route("/<path:actor_id>/progress")
@needs(Scope.READ)
@door.response(200)
def progress(actor_id: str) -> Response:
    """Show how far the actor is with every achievement."""
    actor_id = same_address(actor_id)
    shown = answer(show_progress(services(), Holder(HolderKind.ACTOR, actor_id)))
    count_look(services(), looks(), actor_id, OTHER)
    return shown
