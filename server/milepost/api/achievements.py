"""Achievements: save, check, bring into force, look at, roll back."""

from __future__ import annotations

from typing import Any

from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.api.naming import named_by_address
from milepost.engine.achievements import State
from milepost.engine.facts import Past
from milepost.operations.save_achievement import Saved, roll_back, save_achievement, set_state
from milepost.operations.show_achievements import (
    advice_documents,
    check_achievement,
    list_achievements,
    list_versions,
    show_achievement,
)
from milepost.schemas.achievements import (
    AchievementQuerySchema,
    AchievementSchema,
    AchievementSummarySchema,
    ChangeQuerySchema,
    CheckedSchema,
    NewStateSchema,
    RollBackSchema,
    RuleDocumentSchema,
    SavedSchema,
    VersionChangesSchema,
)
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope

door = Door(
    "achievements", __name__, url_prefix="/v1/achievements", description="What can be earned, and by which rule."
)


@door.route("")
@needs(Scope.READ)
@door.arguments(AchievementQuerySchema, location="query")
@door.response(200, page_of(AchievementSummarySchema))
def show_all(query: dict[str, Any]) -> dict[str, Any]:
    """List achievements by key."""
    state = query["state"]
    return page_document(list_achievements(services(), state=State(state) if state else None))


@door.route("", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(RuleDocumentSchema)
@door.arguments(ChangeQuerySchema, location="query")
@door.response(200, SavedSchema)
def save(document: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """Save an achievement; a changed document makes a new version."""
    return saved_document(save_achievement(services(), document, author=caller().name, **_choices(query)))


@door.route("/check", methods=["POST"])
@needs(Scope.READ)
@door.arguments(RuleDocumentSchema)
@door.response(200, CheckedSchema)
def check(document: dict[str, Any]) -> dict[str, Any]:
    """Give the sentence and advice of a document without saving it."""
    return check_achievement(services(), document)


@door.route("/<key>")
@needs(Scope.READ)
@door.response(200, AchievementSchema)
def show(key: str) -> dict[str, Any]:
    """Show an achievement with its sentence, document, advice and versions."""
    return show_achievement(services(), key)


@door.route("/<key>", methods=["PUT"])
@needs(Scope.MANAGE)
@door.arguments(RuleDocumentSchema)
@door.arguments(ChangeQuerySchema, location="query")
@door.response(200, SavedSchema)
def put(document: dict[str, Any], query: dict[str, Any], key: str) -> dict[str, Any]:
    """Save an achievement under its key; a changed document makes a new version."""
    document = named_by_address(document, "key", key)
    return saved_document(save_achievement(services(), document, author=caller().name, **_choices(query)))


@door.route("/<key>/versions")
@needs(Scope.READ)
@door.response(200, page_of(VersionChangesSchema))
def show_versions(key: str) -> dict[str, Any]:
    """List every version of an achievement, newest first: who, when, why, and what it changed as sentences."""
    return page_document(list_versions(services(), key))


@door.route("/<key>/state", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(NewStateSchema)
@door.response(200, SavedSchema)
def change_state(new: dict[str, Any], key: str) -> dict[str, Any]:
    """Make it a draft, judge it silently (shadow), bring it into force (live) or retire it."""
    return saved_document(set_state(services(), key, State(new["state"]), author=caller().name, **_choices(new)))


@door.route("/<key>/rollback", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(RollBackSchema)
@door.response(200, SavedSchema)
def go_back(wanted: dict[str, Any], key: str) -> dict[str, Any]:
    """Make an earlier version the newest again; the state stays as it is."""
    return saved_document(roll_back(services(), key, wanted["version"], author=caller().name, **_choices(wanted)))


def _choices(given: dict[str, Any]) -> dict[str, Any]:
    """Give what goes along with any change: the reason, and what becomes of the past."""
    return {"note": given["note"], "past": Past(given["past"]) if given["past"] else None}


def saved_document(saved: Saved) -> dict[str, Any]:
    """Give what has become of a saved achievement as it is shown."""
    return {
        "key": saved.key,
        "version": saved.number,
        "changed": saved.changed,
        "state": str(saved.state),
        "sentence": saved.sentence,
        "advice": advice_documents(saved.advice),
        "past": str(saved.past) if saved.past else None,
        "warnings": list(saved.warnings),
    }
