"""Report how much attention messages get, week by week and place by place; nothing about few people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.operations.count_attention import CLICKED, OPENED, SELF
from milepost.operations.load_facts import load_facts
from milepost.operations.services import Services
from milepost.operations.visibility import wants_no_messages
from milepost.storage.base import Reading
from milepost.storage.outbox import DeliveryQuery, DeliveryStatus

#: Nothing is said about groups with fewer people.
FEWEST = 5
#: The row of a week in which a message counts once, wherever it went.
ANY = "any"
#: Where it can be seen that a message was opened.
_OPENS_SEEN = frozenset({"email", ANY})
#: Rows read at once.
_PAGE = 500


@dataclass(slots=True)
class _Row:
    """What went to one kind of place in one week."""

    messages: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)


def report_attention(services: Services, *, since: datetime, until: datetime) -> dict[str, Any]:
    """Give messages sent, opened and followed, and people who looked, from *since* to before *until*."""
    with services.store.reading() as reading:
        facts = load_facts(reading, actors=None)
        rows = _rows(reading, facts, since, until)
        seen = {act: _messages_with(reading, rows, act) for act in (OPENED, CLICKED)}
        looked = _who_looked(reading, facts, since, until)
    everybody = [one for one in facts.actors if not wants_no_messages(Holder(HolderKind.ACTOR, one), facts)]
    shows_looks = len(everybody) >= FEWEST
    weeks = sorted({week for week, _ in rows} | set(looked))
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "fewest_people": FEWEST,
        "counts_attention": services.settings.counts_attention,
        "messages": [_row_document(of, rows[of], seen) for of in sorted(rows)],
        "looks": [
            {"week": week, "people_who_looked": len(looked.get(week, ())) if shows_looks else None} for week in weeks
        ],
    }


def _row_document(of: tuple[str, str], row: _Row, seen: dict[str, set[str]]) -> dict[str, Any]:
    """Give one row; of too few people only that they are too few."""
    week, place = of
    is_shown = len(row.people) >= FEWEST
    shows_opens = is_shown and place in _OPENS_SEEN
    return {
        "week": week,
        "place": place,
        "people": len(row.people) if is_shown else None,
        "sent": len(row.messages) if is_shown else None,
        "opened": len(row.messages & seen[OPENED]) if shows_opens else None,
        "clicked": len(row.messages & seen[CLICKED]) if is_shown else None,
        "too_few_people": not is_shown,
    }


def _rows(reading: Reading, facts: Facts, since: datetime, until: datetime) -> dict[tuple[str, str], _Row]:
    """Gather messages and their recipients by week and place."""
    places = {one.id: one.transport for one in reading.subscriptions()}
    rows: defaultdict[tuple[str, str], _Row] = defaultdict(_Row)
    for message_id, subscription_id, week in _sent(reading, since, until):
        message = reading.message(message_id)
        recipient = message.recipient if message else None
        if recipient is None:
            continue
        for place in (ANY, places.get(subscription_id, "removed")):
            row = rows[week, place]
            row.messages.add(message_id)
            row.people |= _people_of(recipient, facts, since)
    return dict(rows)


def _sent(reading: Reading, since: datetime, until: datetime) -> Iterator[tuple[str, str, str]]:
    query = DeliveryQuery(status=DeliveryStatus.SENT, since=since, until=until, limit=_PAGE)
    while page := reading.deliveries(query):
        yield from ((one.message_id, one.subscription_id, _week(one.created_at.astimezone(UTC))) for one in page)
        query = replace(query, after=page[-1].id)


def _people_of(recipient: Holder, facts: Facts, at: datetime) -> set[str]:
    """Give who reads what is sent to a recipient: of a team its members."""
    if recipient.kind is HolderKind.ACTOR:
        return {recipient.id}
    return {one.id for one in facts.actors.values() if one.profile_at(at).team == recipient.id}


def _messages_with(reading: Reading, rows: dict[tuple[str, str], _Row], act: str) -> set[str]:
    ids = sorted({message_id for row in rows.values() for message_id in row.messages})
    some = [ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE)]
    return {one.message_id for chunk in some for one in reading.attention(chunk) if one.act == act}


def _who_looked(reading: Reading, facts: Facts, since: datetime, until: datetime) -> dict[str, set[str]]:
    """Give who looked at their own progress, by week; nobody who opted out since."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    last = (until - timedelta(microseconds=1)).astimezone(UTC).date()
    for one in reading.views(first=since.astimezone(UTC).date(), last=last):
        if one.viewer == SELF and not wants_no_messages(Holder(HolderKind.ACTOR, one.actor), facts):
            found[_week(one.day)].add(one.actor)
    return found


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
