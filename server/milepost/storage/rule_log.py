"""The log of all rule changes is a chain: whoever alters, removes or inserts one change breaks it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson

from milepost.storage.records import AchievementVersion
from milepost.storage.texts import json_text, maybe_moment_text, moment_text, read_json


def chain_on(version: AchievementVersion, *, after: str) -> str:
    """Give the hash of a change and of all before it; *after* is that of the change before, "" for the first."""
    content = {
        "key": version.key,
        "number": version.number,
        "document": read_json(json_text(version.document)),  # as it comes back from a store
        "effective_at": moment_text(version.effective_at),
        "author": version.author,
        "note": version.note,
        "past": version.past,
        "starts_at": maybe_moment_text(version.starts_at),
        "sequence": version.sequence,
    }
    canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(after.encode() + b"\n" + canonical).hexdigest()


def first_break(versions: Iterable[AchievementVersion]) -> AchievementVersion | None:
    """Give the first change at which the chain does not hold, or None; *versions* are all there are, in any order.

    That the newest changes are missing cannot be seen from what is left: keep the last hash elsewhere to see that.
    """
    before = ""
    for place, version in enumerate(sorted(versions, key=lambda version: version.sequence), start=1):
        if version.sequence != place or version.chained != chain_on(version, after=before):
            return version
        before = version.chained
    return None
