"""Name a holder as people know them."""

from __future__ import annotations

from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind


def full_name(holder: Holder, facts: Facts) -> str:
    """Give the name of a person or team, or its whole id where no name is known."""
    return known_name(holder, facts) or holder.id


def known_name(holder: Holder, facts: Facts) -> str | None:
    """Give the name of a person or team, if it is known."""
    known = facts.teams.get(holder.id) if holder.kind is HolderKind.TEAM else facts.actors.get(holder.id)
    return known.name if known else None
