"""Make what a mapping found ready to be told: people known by other names, events whose first telling stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from milepost.engine.events import Event
from milepost.engine.people import Actor
from milepost.operations.save_people import save_actor, save_team
from milepost.operations.services import Services
from milepost.schemas.profiles import PROFILE_WORDS
from milepost.storage.base import Reading


def events_to_tell(reading: Reading, source: str, events: Sequence[Event], once: Collection[str]) -> list[Event]:
    """Give the events with the actors' own ids, without those of which an earlier telling stands."""
    told: list[Event] = []
    stands: set[str] = set()
    for event in events:
        if event.id in once and (event.id in stands or reading.event(event.id) is not None):
            continue
        stands.add(event.id)
        told.append(_with_own_id(reading, source, event))
    return told


def save_mapped_people(services: Services, source: str, people: Sequence[Mapping[str, Any]]) -> int:
    """Add people and teams nobody has described, and what is not known of the others; give how many changed.

    A log is no authority on people, so nothing that is known is overwritten.
    """
    documents = [document for document in _joined(people) if _complete(services, source, document)]
    with services.store.reading() as reading:
        teams = {team.id for team in reading.teams()}
    for team in dict.fromkeys(document["team"] for document in documents if "team" in document):
        if team not in teams:
            save_team(services, {"id": team, "name": team})
    for document in documents:
        save_actor(services, document)
    return len(documents)


def _joined(people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put together what several rows say of one person; the later row is the newer one."""
    joined: dict[str, dict[str, Any]] = {}
    for person in people:
        before = joined.setdefault(person["id"], {})
        segments = {**before.get("segments", {}), **person.get("segments", {})}
        before.update({**person, **({"segments": segments} if segments else {})})
    return list(joined.values())


def _with_own_id(reading: Reading, source: str, event: Event) -> Event:
    known = reading.actor_by_alias(source, event.actor) if event.actor else None
    return replace(event, actor=known) if known else event


def _complete(services: Services, source: str, document: dict[str, Any]) -> bool:
    """Reduce a document to what is not known yet; say whether anything is left."""
    with services.store.reading() as reading:
        document["id"] = reading.actor_by_alias(source, document["id"]) or document["id"]
        known = reading.actor(document["id"])
    if known is None:
        return True
    for name in [name for name in document if name != "id" and _is_known(known, name)]:
        del document[name]
    segments = {name: value for name, value in document.pop("segments", {}).items() if not _has_segment(known, name)}
    if segments:
        document["segments"] = segments
    return len(document) > 1


def _is_known(actor: Actor, name: str) -> bool:
    if name in PROFILE_WORDS:
        return any(getattr(profile, name) is not None for profile in actor.profiles)
    return name == "name" and actor.name is not None


def _has_segment(actor: Actor, name: str) -> bool:
    return any(name in profile.segments for profile in actor.profiles)
