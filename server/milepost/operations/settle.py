"""Let time pass: holds that settle, windows that close."""

from __future__ import annotations

from typing import Any

from milepost.operations.build_answer import describe_steps
from milepost.operations.load_facts import load_facts
from milepost.operations.rejudge import Concerned, Touched, rejudge
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import Cause, Reviewing
from milepost.storage.base import Transaction

#: Holders looked at in one transaction.
CHUNK = 200


def settle_all(services: Services) -> dict[str, Any]:
    """Judge everything whose moment has come; give what was granted and taken back."""
    changed: dict[str, Any] = {"looked_at": 0, "awards": [], "revoked": []}
    while _is_anything_due(services):
        with services.store.transaction() as tx:
            tx.lock_everything()
            settled = settle_some(tx, services)  # at the time when the others are done
        for name, value in settled.items():
            changed[name] += value
    return changed


def _is_anything_due(services: Services) -> bool:
    with services.store.reading() as reading:
        return bool(reading.due(by=services.clock(), limit=1))


def settle_some(tx: Transaction, services: Services) -> dict[str, Any]:
    """Judge the first few of what is due; each of them is looked at once, however long ago it was due."""
    book = rule_book(tx)
    judged = {rule.key for rule in book.judged()}
    touched: Touched = {}
    cause = Cause(services.clock(), "time", Reviewing.by(services))
    due = tx.due(by=cause.as_of, limit=CHUNK)
    for key, holder, window, _ in due:
        tx.set_due(key, holder, window, None)
        windows = touched.setdefault(key, {}).setdefault(holder, set()) if key in judged else None
        if windows is not None:
            windows.add(window)
    done = rejudge(tx, book, Concerned(touched, load_facts(tx, actors=None)), cause)
    steps = describe_steps(done, None)
    return {"looked_at": len(due), "awards": steps["awards"], "revoked": steps["revoked"]}
