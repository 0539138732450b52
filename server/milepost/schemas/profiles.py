"""How an upsert changes an actor's profiles: which field, from which moment on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from milepost.engine.people import Actor, Profile
from milepost.errors import invalid

#: The parts of a profile that hold one value each; ``segments`` hold one for each name.
PROFILE_WORDS = ("role", "team", "zone", "calendar", "manager")


def profiles_after(
    profiles: tuple[Profile, ...], given: Mapping[str, Any], *, now: datetime | None
) -> tuple[Profile, ...]:
    """Apply the given profile fields, one after the other, each from the moment it holds.

    That is the given ``since``, else *now* (None: from the beginning); a field that was
    never known before holds from the beginning.
    """
    if "history" in given:
        return _profiles_by_history(profiles[-1], given)
    for name, value in _edits(given):
        since = given.get("since")
        if since is None:
            # A value that has never been known is news about the past as well.
            since = now if any(_value(profile, name) is not None for profile in profiles) else None
            if since is not None and _value(_at(profiles, since), name) == value:
                continue
        profiles = _edited(profiles, since, partial(_with, name=name, value=value))
    return profiles


def _profiles_by_history(newest: Profile, given: Mapping[str, Any]) -> tuple[Profile, ...]:
    """Build all profiles anew, going back from the current one."""
    entries: list[dict[str, Any]] = given["history"]
    untils = [entry["until"] for entry in entries]
    if any(later <= earlier for earlier, later in pairwise(untils)):
        raise invalid("/history", "The entries must be oldest first, each until a later moment than the one before.")
    if given.get("since") not in {None, *untils[-1:]}:
        raise invalid("/since", "With a history, the current profile holds since the last *until*; leave *since* out.")
    current = replace(newest, since=None)
    for name, value in _edits(given):
        current = _with(current, name=name, value=value)
    profiles = [current]
    for entry in reversed(entries):
        profiles[0] = replace(profiles[0], since=entry["until"])
        earlier = replace(profiles[0], since=None)
        if "segments" in entry:
            earlier = replace(earlier, segments={})
        for name, value in _edits(entry):
            earlier = _with(earlier, name=name, value=value)
        profiles.insert(0, earlier)
    return without_repeats(profiles)


def _edits(given: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Give the profile fields of a document; a segment is named ``segments.<name>``."""
    words = [(name, given[name]) for name in PROFILE_WORDS if name in given]
    return words + [(f"segments.{name}", value) for name, value in given.get("segments", {}).items()]


def _value(profile: Profile, name: str) -> str | None:
    field, _, segment = name.partition(".")
    value: str | None = profile.segments.get(segment) if segment else getattr(profile, field)
    return value


def _with(profile: Profile, *, name: str, value: str | None) -> Profile:
    field, _, segment = name.partition(".")
    if not segment:
        words: dict[str, Any] = {field: value}
        return replace(profile, **words)
    others = {known: held for known, held in profile.segments.items() if known != segment}
    return replace(profile, segments=others if value is None else others | {segment: value})


def _at(profiles: tuple[Profile, ...], moment: datetime) -> Profile:
    return Actor(id="", profiles=profiles).profile_at(moment)


def _edited(
    profiles: tuple[Profile, ...], since: datetime | None, edit: Callable[[Profile], Profile]
) -> tuple[Profile, ...]:
    """Edit every profile from a moment on, splitting the one that holds at it."""
    if since is None:
        return without_repeats([edit(profile) for profile in profiles])
    before = [profile for profile in profiles if profile.since is None or profile.since < since]
    after = [profile for profile in profiles if profile.since is not None and profile.since >= since]
    if not after or after[0].since != since:
        after.insert(0, replace(before[-1], since=since))
    return without_repeats([*before, *(edit(profile) for profile in after)])


def without_repeats(profiles: Sequence[Profile]) -> tuple[Profile, ...]:
    """Drop a profile that says the same as the one before it."""
    kept = [profiles[0]]
    for profile in profiles[1:]:
        if replace(profile, since=kept[-1].since) != kept[-1]:
            kept.append(profile)
    return tuple(kept)
