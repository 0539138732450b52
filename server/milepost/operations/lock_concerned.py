"""Keep other writers off everybody whose awards an event may change, where there are other writers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from milepost.engine.events import Event
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.touch_event import touch_event
from milepost.storage.base import Reading, Transaction


def lock_concerned(tx: Transaction, event_id: str, event: Event | None) -> None:
    """Lock an event, its subject and all holders it concerns, as it was told before and as it is told now, if it is."""
    names = {f"event:{event_id}", *(_own_names(event) if event else ())}
    while True:
        tx.lock(names)
        if tx.is_sole_writer:
            return
        found = set(_concerned(tx, event_id, event))  # what is locked may have changed before it was
        if found <= names:
            return
        names |= found


def _concerned(reading: Reading, event_id: str, event: Event | None) -> Iterator[str]:
    known = reading.event(event_id)
    versions = [one for one in (known.event if known else None, event) if one is not None]
    for one in versions:
        yield from _own_names(one)
    if not versions:
        return
    book = rule_book(reading)
    touched = touch_event(reading, book, versions).touched
    across = _with_dependents(book, book.compared())
    for key, holders in touched.items():
        if key not in across:
            yield from (f"{holder.kind}:{holder.id}" for holder in holders)
    if not across.isdisjoint(_with_dependents(book, touched)):
        # under these rules one person's event changes another person's awards
        yield from (f"rule:{key}" for key in across)


def _own_names(event: Event) -> Iterator[str]:
    return (f"{kind}:{name}" for kind, name in (("actor", event.actor), ("subject", event.subject)) if name)


def _with_dependents(book: RuleBook, keys: Iterable[str]) -> set[str]:
    """Give some rules and all that builds on them."""
    found = set(keys)
    pending = list(found)
    while pending:
        fresh = set(book.dependents(pending.pop())) - found
        found |= fresh
        pending += fresh
    return found
