"""Name a holder for those who look after the rules."""

from __future__ import annotations

from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind


def full_name(holder: Holder, facts: Facts) -> str:
    """Give the name of a person or team, or its id where no name is known."""
    if holder.kind is HolderKind.TEAM:
        team = facts.teams.get(holder.id)
        return (team.name if team else None) or holder.id
    actor = facts.actors.get(holder.id)
    return (actor.name if actor else None) or holder.id
