"""Say whether messages can go to a place as somebody wishes; a refusal says what to do instead."""

from __future__ import annotations

from collections.abc import Iterable

from milepost.delivery.base import AddressRefused
from milepost.delivery.transports import make_transports
from milepost.engine.people import Holder, HolderKind
from milepost.errors import invalid
from milepost.operations.load_facts import load_facts
from milepost.operations.post_message import ALL
from milepost.operations.rule_book import rule_book
from milepost.schemas.base import unknown_word
from milepost.settings import Settings
from milepost.storage.base import Reading
from milepost.storage.outbox import SubscriptionRecord

EMAIL = "email"
WEBHOOK = "webhook"
#: People mistype the end of a name more often than how it begins.
_ALIKE = 2
#: Places that others read as well.
_CHANNELS = {"slack": "a Slack channel", "teams": "a Teams channel"}


def refuse_unfit(place: SubscriptionRecord) -> None:
    """Refuse an audience that does not go together with the kind of place."""
    if place.audience == ALL:
        _refuse_unfit_for_all(place)
        return
    if place.audience != HolderKind.ACTOR.value or place.recipient is not None or not place.address:
        return
    if place.transport != WEBHOOK:
        raise invalid(
            "/audience",
            f"Others read {_CHANNELS.get(place.transport, 'a mailbox')} too, so it cannot get what is told to each "
            "person. Name the *actor* whose place it is, or give the audience *team*.",
        )


def _refuse_unfit_for_all(place: SubscriptionRecord) -> None:
    if place.transport != WEBHOOK:
        raise invalid(
            "/audience",
            f"Only a webhook can get all news; {place.transport} is read by people. Give a *team*, an *actor*, "
            "or the audience *team* for all teams.",
        )
    if place.recipient is not None:
        raise invalid("/audience", "*all* is not about one person or team. Leave *actor*, *team* or *audience* out.")


def refuse_unreachable(place: SubscriptionRecord, settings: Settings) -> None:
    """Refuse an address that no message can ever go to; nothing is sent to try it."""
    transport = make_transports(settings).get(place.transport)
    if transport is None:
        raise invalid(
            "/transport",
            "No mail server is set, so no e-mail goes out. Set MILEPOST_SMTP and MILEPOST_MAIL_FROM and start again.",
        )
    if place.address:
        try:
            transport.check(place.address)
        except AddressRefused as refused:
            raise invalid(f"/{_field_of(place)}", str(refused)) from None
        return
    _refuse_without_address(place)


def _refuse_without_address(place: SubscriptionRecord) -> None:
    """Let only mail to people go without an address: it goes to the address that the person's id is."""
    if place.transport != EMAIL:
        raise invalid("/url", "Where to? Give the *url* of the webhook.")
    if place.audience != HolderKind.ACTOR.value:
        raise invalid("/address", "Where to? Give the *address* of the mailbox; a team has none of its own.")
    if place.recipient is not None and "@" not in place.recipient.id:
        raise invalid("/address", f"{place.recipient.id!r} is no e-mail address. Give the *address* of the mailbox.")


def refuse_unknown(
    reading: Reading, *, recipient: Holder | None, contact: str | None, achievements: Iterable[str]
) -> None:
    """Refuse people, teams and achievements that are not there."""
    if recipient is not None and recipient.kind is HolderKind.TEAM:
        _refuse_unknown_team(reading, recipient.id)
    if recipient is not None and recipient.kind is HolderKind.ACTOR:
        refuse_unknown_actor(reading, "/actor", recipient.id)
    if contact is not None:
        refuse_unknown_actor(reading, "/contact", contact)
    known = rule_book(reading).keys()
    for number, key in enumerate(achievements):
        if key not in known:
            raise invalid(f"/achievements/{number}", unknown_word(key, known, what="an achievement"))


def _refuse_unknown_team(reading: Reading, team_id: str) -> None:
    teams = load_facts(reading, actors=()).teams
    if team_id not in teams:
        fix = unknown_word(team_id, teams.keys(), what="a team")
        raise invalid("/team", f"{fix} Add a team with PUT /v1/teams/{{id}}.")


def refuse_unknown_actor(reading: Reading, pointer: str, actor_id: str) -> None:
    """Refuse somebody of whom nothing is known: nobody described them, and they told no event."""
    if reading.actor(actor_id) is not None or reading.owned([actor_id], reading.event_types().keys(), ()):
        return
    alike = [actor.id for actor in reading.actors(search=actor_id.split("@", maxsplit=1)[0][:_ALIKE], limit=200)]
    hint = f"{unknown_word(actor_id, alike, what='an actor')} " if alike else f"*{actor_id}* is not an actor here. "
    raise invalid(pointer, f"{hint}Add one with PUT /v1/actors/{{id}}.")


def _field_of(place: SubscriptionRecord) -> str:
    return "address" if place.transport == EMAIL else "url"
