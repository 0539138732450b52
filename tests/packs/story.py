"""The story behind the examples: Ana solves five tickets under SLA, on the real application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from milepost.app import create_app
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store

KEY = "settings-key-for-tests-0123456789"
#: The Monday after the week of the tickets; 72 hours have passed since each was solved.
NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
ANA = {"name": "Ana Diaz", "role": "agent", "team": "support", "manager": "boss@example.com", "zone": "Europe/Madrid"}
QUEUE_CHECK = {
    "key": "queue-check",
    "name": "Queue Check",
    "purpose": "Nobody waits in a queue that nobody looks at",
    "category": "consistency",
    "criterion": {
        "kind": "streak",
        "target": 5,
        "period": "day",
        "freezes": {"count": 1, "window": "month"},
        "each": {"kind": "count", "target": 1, "of": {"type": "queue.checked"}},
    },
    "points": 5,
    "message": "{{ actor.first_name }} looked at the queue every day.",
    "state": "live",
}
GIFT = {
    "achievement": "useful-article",
    "actor": "ana@example.com",
    "note": "Your article on refunds spared the whole team the same question.",
    "evidence": ["kb-17"],
}


@dataclass(frozen=True)
class Desk:
    """Somebody who calls the application with every scope."""

    client: FlaskClient

    def call(self, method: str, path: str, document: Any = None) -> Any:
        """Send a call that must succeed, and give what it answers."""
        answer = self.client.open(path, method=method, json=document, headers={"Authorization": f"Bearer {KEY}"})
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()


def play(desk: Desk) -> dict[str, Any]:
    """Play the story, and give each example by its name."""
    desk.call("POST", "/v1/recipes/helpdesk-sla/install")
    achievement = desk.call("GET", "/v1/achievements/clean-close")
    desk.call("POST", "/v1/achievements", QUEUE_CHECK)
    desk.call("PUT", "/v1/teams/support", {"name": "Support"})
    person = desk.call("PUT", "/v1/actors/ana@example.com", ANA)
    answers = [desk.call("POST", "/v1/evaluate", ticket(number)) for number in range(1, 6)]
    check_in = {"actor": "ana@example.com", "occurred_at": "2026-03-09T09:30:00+01:00"}
    freeze = {"actor": "ana@example.com", "day": "2026-03-10", "note": "A day of training."}
    return {
        "answer": answers[-1],
        "award": desk.call("POST", "/v1/awards", GIFT),
        "person": person,
        "achievement": achievement,
        "check-in": desk.call("POST", "/v1/streaks/queue-check/check-ins", check_in),
        "freeze": desk.call("POST", "/v1/streaks/queue-check/freezes", freeze),
        "progress": desk.call("GET", "/v1/actors/ana@example.com/progress"),
    }


def ticket(number: int) -> dict[str, Any]:
    """Give the event of one ticket that Ana solved."""
    return {
        "id": f"zd-12{number}-solved",
        "type": "ticket.solved",
        "actor": "ana@example.com",
        "subject": f"ticket-12{number}",
        "occurred_at": f"2026-03-0{min(number, 4) + 1}T10:{number}0:00+01:00",
        "properties": {"within_sla": "true"},
    }


def tell(folder: Path, story: Callable[[Desk], dict[str, Any]] = play) -> dict[str, Any]:
    """Tell a story on an empty store in a folder."""
    store = open_store(f"sqlite:///{folder / 'milepost.db'}")
    try:
        app = create_app(Services(store=store, clock=lambda: NOW, settings=Settings(api_key=KEY)))
        return story(Desk(app.test_client()))
    finally:
        store.close()
