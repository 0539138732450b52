"""Save actors, teams and calendars, and judge again what rests on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from milepost.engine.people import Actor, Holder, HolderKind, Profile
from milepost.errors import Conflict, NotFound, invalid
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.schemas.addresses import same_address
from milepost.schemas.base import unknown_word
from milepost.schemas.calendars import dump_calendar, load_calendar
from milepost.schemas.people import dump_actor, dump_team, load_actor, load_leave, load_team
from milepost.schemas.profiles import without_repeats
from milepost.storage.base import Reading, Transaction

#: There is always a calendar by this key.
DEFAULT_CALENDAR = "default"


def save_actor(services: Services, document: Mapping[str, Any]) -> dict[str, Any]:
    """Add an actor, or change the fields that are given; the answer is the whole actor."""
    actor_id = load_actor(document)[0].id
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        before = transaction.actor(actor_id)
        after, aliases = _changed_actor(transaction, services, document, before)
        _refuse_unknown_places(transaction, before, after)
        _refuse_taken_aliases(transaction, actor_id, aliases)
        if aliases:
            transaction.put_aliases(actor_id, aliases)
        if after != before:
            transaction.put_actor(after)
        _judge_again(transaction, services, before or Actor(id=actor_id), after)
        return dump_actor(after, transaction.aliases(actor_id))


def add_leave(services: Services, actor_id: str, document: Any) -> dict[str, Any]:
    """Add days on which nobody expects work of the actor; the same days twice change nothing."""
    actor_id, span = same_address(actor_id), load_leave(document)
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        before = transaction.actor(actor_id)
        if before is None:
            raise unknown_actor(actor_id)
        leave = sorted({*before.leave, span}, key=lambda days: (days.first_on, days.last_on))
        after = replace(before, leave=tuple(leave))
        transaction.put_actor(after)
        _judge_again(transaction, services, before, after)
        return dump_actor(after, transaction.aliases(actor_id))


def save_aliases(services: Services, actor_id: str, aliases: Any) -> dict[str, Any]:
    """Add or change an actor's names in source systems."""
    actor_id = same_address(actor_id)
    with services.store.reading() as reading:
        if reading.actor(actor_id) is None:
            raise unknown_actor(actor_id)
    return save_actor(services, {"id": actor_id, "aliases": aliases})


def save_team(services: Services, document: Mapping[str, Any]) -> dict[str, Any]:
    """Add a team, or change the fields that are given; the answer is the whole team."""
    team_id = load_team(document).id
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        before = transaction.team(team_id)
        after = load_team(document, existing=before)
        _refuse_unknown_calendar(transaction, "/calendar", after.calendar)
        transaction.put_team(after)
        if before is not None and (before.zone, before.calendar) != (after.zone, after.calendar):
            holders = {Holder(HolderKind.TEAM, team_id)} | {
                Holder(HolderKind.ACTOR, actor.id) for actor in transaction.actors() if team_id in _teams_of(actor)
            }
            rejudge_everything(transaction, services, holders=holders, achievements=None, cause=f"team {team_id}")
        return dump_team(after)


def save_calendar(services: Services, document: Mapping[str, Any]) -> dict[str, Any]:
    """Add a calendar, or change the fields that are given; the answer is the whole calendar."""
    key = load_calendar(document).key
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        before = transaction.calendar(key)
        after = load_calendar(document, existing=before)
        if after != before:
            transaction.put_calendar(after)
            holders = _holders_by_calendar(transaction, key)
            rejudge_everything(transaction, services, holders=holders, achievements=None, cause=f"calendar {key}")
        return dump_calendar(after)


def unknown_actor(actor_id: str) -> NotFound:
    """Give the problem of an actor that nobody has described."""
    return NotFound(f"There is no actor {actor_id[:80]!r}. Add one with PUT /v1/actors/{{id}}.")


def _changed_actor(
    transaction: Reading, services: Services, document: Mapping[str, Any], before: Actor | None
) -> tuple[Actor, dict[str, str]]:
    """Apply the document; a change of what rules judge by holds from now on where it would change the past."""
    after, aliases = load_actor(document, existing=before, now=services.clock())
    if before is None or after.profiles == before.profiles or len(before.profiles) > 1:
        return after, aliases
    told = transaction.owned([before.id], transaction.event_types().keys(), ())
    return (after, aliases) if told else load_actor(document, existing=before, now=None)


def _judge_again(transaction: Transaction, services: Services, before: Actor, after: Actor) -> None:
    """Judge again the actor, their teams, and everybody they are compared with; only if it can matter."""
    if _judged_by(before) == _judged_by(after):
        return
    cause = f"actor {after.id}"
    teams = _teams_of(before) | _teams_of(after)
    holders = [Holder(HolderKind.ACTOR, after.id), *(Holder(HolderKind.TEAM, team) for team in sorted(teams))]
    rejudge_everything(transaction, services, holders=holders, achievements=None, cause=cause)
    compared = rule_book(transaction).compared()
    if compared:
        rejudge_everything(transaction, services, holders=None, achievements=compared, cause=cause)


def _judged_by(actor: Actor) -> tuple[object, ...]:
    """Give what a rule can look at; the manager is only told."""
    profiles = without_repeats([replace(profile, manager=None) for profile in actor.profiles])
    return profiles, actor.leave, actor.pauses


def _teams_of(actor: Actor) -> set[str]:
    return {profile.team for profile in actor.profiles if profile.team is not None}


def _holders_by_calendar(reading: Reading, key: str) -> Collection[Holder] | None:
    """Give who lives by a calendar; None: possibly everybody, described or not."""
    if key == DEFAULT_CALENDAR:
        return None
    by_team = {team.id for team in reading.teams() if team.calendar == key}

    def lives_by(profile: Profile) -> bool:
        return profile.calendar == key or (profile.calendar is None and profile.team in by_team)

    actors = [actor for actor in reading.actors() if any(map(lives_by, actor.profiles))]
    teams = by_team.union(*map(_teams_of, actors))
    return {Holder(HolderKind.ACTOR, actor.id) for actor in actors} | {Holder(HolderKind.TEAM, team) for team in teams}


# ------------------------------------------------------------------ refusals


def _refuse_unknown_places(reading: Reading, before: Actor | None, after: Actor) -> None:
    """Refuse teams and calendars that do not exist; what was there already may stay."""
    held = before.profiles if before else ()
    *earlier, newest = after.profiles
    for profiles, pointer in ((earlier, "/history"), ((newest,), "")):
        for profile in profiles:
            if profile.team not in {None, *(known.team for known in held)}:
                _refuse_unknown_team(reading, pointer or "/team", profile.team)
            if profile.calendar not in {None, *(known.calendar for known in held)}:
                _refuse_unknown_calendar(reading, pointer or "/calendar", profile.calendar)


def _refuse_unknown_team(reading: Reading, pointer: str, team_id: str | None) -> None:
    known = {team.id for team in reading.teams()}
    if team_id is not None and team_id not in known:
        fix = unknown_word(team_id, known, what="a team")
        raise invalid(pointer, f"{fix} Add a team with PUT /v1/teams/{{id}}.")


def _refuse_unknown_calendar(reading: Reading, pointer: str, key: str | None) -> None:
    known = {DEFAULT_CALENDAR, *(calendar.key for calendar in reading.calendars())}
    if key is not None and key not in known:
        raise invalid(pointer, unknown_word(key, known, what="a calendar"))


def _refuse_taken_aliases(reading: Reading, actor_id: str, aliases: Mapping[str, str]) -> None:
    for source, alias in aliases.items():
        owner = reading.actor_by_alias(source, alias)
        if owner not in {None, actor_id}:
            raise Conflict(f"{alias!r} is the {source} name of {owner} already. Give that actor another one first.")
