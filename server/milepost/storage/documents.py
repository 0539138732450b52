"""People and calendars as JSON documents: what a store keeps whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from milepost.engine.calendars import Calendar, Shift
from milepost.engine.people import Actor, DaySpan, Preferences, Profile, Visibility
from milepost.engine.telling import MessageWishes, Mute, NewsKind, QuietHours, Timing
from milepost.storage.texts import maybe_moment_text, maybe_read_moment

Document = Mapping[str, Any]


def actor_document(actor: Actor) -> Document:
    """Write an actor."""
    return {
        "id": actor.id,
        "name": actor.name,
        "profiles": [_profile_document(profile) for profile in actor.profiles],
        "leave": [_span_document(span) for span in actor.leave],
        "pauses": [_span_document(span) for span in actor.pauses],
        "preferences": _preferences_document(actor.preferences),
    }


def read_actor(document: Document) -> Actor:
    """Read an actor."""
    return Actor(
        id=document["id"],
        name=document["name"],
        profiles=tuple(_read_profile(profile) for profile in document["profiles"]),
        leave=tuple(_read_span(span) for span in document["leave"]),
        pauses=tuple(_read_span(span) for span in document["pauses"]),
        preferences=_read_preferences(document["preferences"]),
    )


def calendar_document(calendar: Calendar) -> Document:
    """Write a calendar."""
    return {
        "key": calendar.key,
        "zone": calendar.zone,
        "week": [[[shift.start.isoformat(), shift.end.isoformat()] for shift in shifts] for shifts in calendar.week],
        "country": calendar.country,
        "subdivision": calendar.subdivision,
        "days_off": sorted(day.isoformat() for day in calendar.days_off),
    }


def read_calendar(document: Document) -> Calendar:
    """Read a calendar."""
    return Calendar(
        key=document["key"],
        zone=document["zone"],
        week=tuple(
            tuple(Shift(time.fromisoformat(start), time.fromisoformat(end)) for start, end in shifts)
            for shifts in document["week"]
        ),
        country=document["country"],
        subdivision=document["subdivision"],
        days_off=frozenset(date.fromisoformat(day) for day in document["days_off"]),
    )


def wishes_document(wishes: MessageWishes) -> Document:
    """Write when and where somebody wants to be told."""
    return {
        "timings": {kind.value: timing.value for kind, timing in sorted(wishes.timings.items())},
        "mutes": [{"kind": mute.kind and mute.kind.value, "transport": mute.transport} for mute in wishes.mutes],
        "quiet": [{"begins": one.begins.isoformat(), "ends": one.ends.isoformat()} for one in wishes.quiet],
        "outside_working_hours": wishes.outside_working_hours,
        "daily_most": wishes.daily_most,
    }


def read_wishes(document: Document) -> MessageWishes:
    """Read when and where somebody wants to be told."""
    return MessageWishes(
        timings={NewsKind(kind): Timing(timing) for kind, timing in document["timings"].items()},
        mutes=tuple(
            Mute(None if mute["kind"] is None else NewsKind(mute["kind"]), mute["transport"])
            for mute in document["mutes"]
        ),
        quiet=tuple(
            QuietHours(time.fromisoformat(one["begins"]), time.fromisoformat(one["ends"])) for one in document["quiet"]
        ),
        outside_working_hours=document["outside_working_hours"],
        daily_most=document["daily_most"],
    )


def _preferences_document(preferences: Preferences) -> Document:
    """Write what a person chose; who has no wishes about messages is written as before there could be any."""
    chosen = {"visibility": preferences.visibility.value, "opt_out": preferences.opt_out}
    if preferences.messages == MessageWishes():
        return chosen
    return {**chosen, "messages": wishes_document(preferences.messages)}


def _read_preferences(document: Document) -> Preferences:
    wishes = document.get("messages")
    return Preferences(
        visibility=Visibility(document["visibility"]),
        opt_out=document["opt_out"],
        messages=MessageWishes() if wishes is None else read_wishes(wishes),
    )


def _profile_document(profile: Profile) -> Document:
    return {
        "since": maybe_moment_text(profile.since),
        "role": profile.role,
        "team": profile.team,
        "segments": profile.segments,
        "zone": profile.zone,
        "calendar": profile.calendar,
        "manager": profile.manager,
    }


def _read_profile(document: Document) -> Profile:
    return Profile(
        since=maybe_read_moment(document["since"]),
        role=document["role"],
        team=document["team"],
        segments=document["segments"],
        zone=document["zone"],
        calendar=document["calendar"],
        manager=document["manager"],
    )


def _span_document(span: DaySpan) -> list[str]:
    return [span.first_on.isoformat(), span.last_on.isoformat()]


def _read_span(document: list[str]) -> DaySpan:
    return DaySpan(*(date.fromisoformat(day) for day in document))
