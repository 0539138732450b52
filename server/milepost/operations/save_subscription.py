"""Add, change, switch on and off, and remove subscriptions; give one another secret."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from milepost.delivery.signing import SecretRefused, check_secret, make_secret
from milepost.engine.people import HolderKind
from milepost.errors import invalid
from milepost.operations.check_place import WEBHOOK, refuse_unfit, refuse_unknown, refuse_unreachable
from milepost.operations.owe_news import OVER
from milepost.operations.post_message import ALL
from milepost.operations.services import Services
from milepost.operations.show_subscriptions import known_subscription, subscription_document, unknown_subscription
from milepost.schemas.awards import holder_of
from milepost.storage.base import Transaction
from milepost.storage.outbox import SubscriptionRecord, SubscriptionStatus

#: How long the secret before signs along, so that a receiver can change over without losing a message.
ROTATION = timedelta(hours=24)
SWITCHED_OFF = "Switched off by hand."


def add_subscription(services: Services, wish: Mapping[str, Any], *, created_by: str | None) -> dict[str, Any]:
    """Add a subscription; only this answer carries its secret. Each call adds one."""
    place = _place(wish, created_by=created_by, at=services.clock())
    refuse_unfit(place)
    refuse_unreachable(place, services.settings)
    with services.store.transaction() as tx:
        refuse_unknown(tx, recipient=place.recipient, contact=place.contact, achievements=place.achievements)
        tx.put_subscription(place)
    return {**subscription_document(place), "secret": place.secret}


def change_subscription(services: Services, subscription_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change the fields that are given."""
    with services.store.transaction() as tx:
        tx.lock_everything()  # a word that is owed about the place may not be needed any more
        place = known_subscription(tx, subscription_id)
        given = {name: changes[name] for name in ("events", "achievements", "name", "contact") if name in changes}
        changed = _switched(replace(place, **given), changes.get("status"))
        # what was there before may stay, also where somebody is not known any more
        refuse_unknown(tx, recipient=None, contact=given.get("contact"), achievements=given.get("achievements", ()))
        tx.put_subscription(changed)
        if changed.status is not place.status:
            _owe_no_word(tx, subscription_id)
        return subscription_document(changed)


def remove_subscription(services: Services, subscription_id: str) -> None:
    """Remove a subscription for good, with its address and secrets; a second time changes nothing."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        place = tx.subscription(subscription_id)
        if place is None:
            raise unknown_subscription(subscription_id)
        if place.status is not SubscriptionStatus.REMOVED:
            _owe_no_word(tx, subscription_id)
            bare = replace(place, address="", secret=None, former_secret=None, former_until=None)
            tx.put_subscription(replace(bare, status=SubscriptionStatus.REMOVED))


def change_secret(services: Services, subscription_id: str, secret: str | None) -> dict[str, Any]:
    """Sign with another secret from now on; the one before signs along for a day."""
    with services.store.transaction() as tx:
        tx.lock([lock_name(subscription_id)])
        place = known_subscription(tx, subscription_id)
        if place.secret is None:
            raise invalid("", f"Messages to {place.transport} are not signed, so this place has no secret.")
        fresh = _own_secret(secret) or make_secret()
        changed = replace(place, secret=fresh, former_secret=place.secret, former_until=services.clock() + ROTATION)
        tx.put_subscription(changed)
        return {**subscription_document(changed), "secret": fresh}


def lock_name(subscription_id: str) -> str:
    """Name what a transaction locks to change a subscription."""
    return f"subscription:{subscription_id}"


def _owe_no_word(tx: Transaction, subscription_id: str) -> None:
    """Take back what was to be said about a place that did not answer: somebody has seen to it."""
    for row in tx.owed_about(f"subscription:{subscription_id}"):
        if row.due_at is not None:
            tx.put_owed(replace(row, standing=OVER, due_at=None))


def _place(wish: Mapping[str, Any], *, created_by: str | None, at: datetime) -> SubscriptionRecord:
    """Read the wish; what follows from the rest need not be said."""
    recipient = holder_of(dict(wish))
    audience = wish["audience"] or _audience_of(wish)
    if recipient is not None and audience in set(HolderKind) and recipient.kind.value != audience:
        raise invalid("/audience", f"The audience *{audience}* and a *{recipient.kind.value}* do not go together.")
    if wish["secret"] and wish["transport"] != WEBHOOK:
        raise invalid("/secret", f"Messages to {wish['transport']} are not signed. Leave *secret* out.")
    return SubscriptionRecord(
        id=f"sub_{secrets.token_hex(12)}",
        transport=wish["transport"],
        audience=audience,
        address=(wish["url"] or wish["address"] or "").strip(),
        created_at=at,
        recipient=recipient,
        secret=_own_secret(wish["secret"]) or (make_secret() if wish["transport"] == WEBHOOK else None),
        events=wish["events"],
        achievements=wish["achievements"],
        name=wish["name"],
        contact=wish["contact"],
        created_by=created_by,
    )


def _audience_of(wish: Mapping[str, Any]) -> str:
    """Give the audience that a wish without one means."""
    if wish["actor"] or wish["team"]:
        return HolderKind.ACTOR.value if wish["actor"] else HolderKind.TEAM.value
    if wish["transport"] == WEBHOOK:
        return ALL
    if wish["transport"] == "email" and not wish["address"]:
        return HolderKind.ACTOR.value
    raise invalid("/audience", "Whose messages go there? Give a *team*, an *actor*, or the audience *team* for all.")


def _switched(place: SubscriptionRecord, status: str | None) -> SubscriptionRecord:
    """Switch a place on, as if nothing had ever failed there, or off."""
    if status is None or status == place.status.value:
        return place
    if status == SubscriptionStatus.DISABLED.value:
        return replace(place, status=SubscriptionStatus.DISABLED, words=SWITCHED_OFF)
    fresh = replace(place, status=SubscriptionStatus.ACTIVE, words=None, failing_since=None)
    return replace(fresh, failures=0, rests_until=None)


def _own_secret(secret: str | None) -> str | None:
    try:
        if secret is not None:
            check_secret(secret)
    except SecretRefused as refused:
        raise invalid("/secret", str(refused)) from None
    return secret
