"""Who is named to whom: what people chose for themselves holds in every answer."""

from __future__ import annotations

from milepost.engine.facts import Facts
from milepost.engine.people import Actor, Holder, HolderKind, Visibility, is_erased
from milepost.engine.views import actor_of


def is_private(actor: Actor) -> bool:
    """Say whether nobody but the person and their manager may see their progress by name."""
    chosen = actor.preferences
    return chosen.opt_out or chosen.visibility is Visibility.PRIVATE or is_erased(actor.id)


def wants_no_messages(holder: Holder, facts: Facts) -> bool:
    """Say whether nothing shall be sent to or about a holder."""
    if holder.kind is HolderKind.TEAM:
        return False
    return is_erased(holder.id) or actor_of(holder.id, facts).preferences.opt_out


def is_told(audience: str, holder: Holder, facts: Facts) -> bool:
    """Say whether an audience may hear of a holder; of somebody whose progress is private the team does not."""
    return not wants_no_messages(holder, facts) and not (audience == "team" and is_hidden(holder, facts))


def is_hidden(holder: Holder, facts: Facts) -> bool:
    """Say whether a holder is not named where others look."""
    return holder.kind is HolderKind.ACTOR and is_private(actor_of(holder.id, facts))
