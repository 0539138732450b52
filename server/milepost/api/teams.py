"""Teams: add or change one, list them, see their progress."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.api.naming import named_by_address
from milepost.engine.people import Holder, HolderKind
from milepost.operations.save_people import save_team
from milepost.operations.show_people import list_teams, show_team
from milepost.operations.show_progress import show_progress
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope
from milepost.schemas.people import TeamBodySchema, TeamSchema

door = Door("teams", __name__, url_prefix="/v1/teams", description="Groups whose members' events count together.")


@door.route("")
@needs(Scope.READ)
@door.response(200, page_of(TeamSchema))
def show_all() -> dict[str, Any]:
    """List all teams by id."""
    return page_document(list_teams(services()))


@door.route("", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(TeamBodySchema)
@door.response(200, TeamSchema)
def save(document: dict[str, Any]) -> dict[str, Any]:
    """Add a team, or change the fields that are given."""
    return save_team(services(), document)


@door.route("/<path:team_id>")
@needs(Scope.READ)
@door.response(200, TeamSchema)
def show(team_id: str) -> dict[str, Any]:
    """Show a team."""
    return show_team(services(), team_id)


@door.route("/<path:team_id>", methods=["PUT"])
@needs(Scope.MANAGE)
@door.arguments(TeamBodySchema)
@door.response(200, TeamSchema)
def put(document: dict[str, Any], team_id: str) -> dict[str, Any]:
    """Add a team, or change the fields that are given; null clears one."""
    return save_team(services(), named_by_address(document, "id", team_id))


@door.route("/<path:team_id>/progress")
@needs(Scope.READ)
@door.response(200)
def progress(team_id: str) -> Response:
    """Show how far the team is with every achievement of the scope team."""
    return answer(show_progress(services(), Holder(HolderKind.TEAM, team_id)))
