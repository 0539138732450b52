"""A small helpdesk for the acceptance tests: its people, its achievements, and what may happen in it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests

PEOPLE = [f"{name}@example.com" for name in ("ana", "ben", "chi", "dora", "emil", "fay")]
#: Whoever they are, their teams and zones differ.
ACTORS: list[dict[str, Any]] = [
    {
        "id": person,
        "name": person.partition("@")[0].title(),
        "role": "agent",
        "team": ("north", "south")[place % 2],
        "zone": ("Europe/Madrid", "Asia/Tokyo", "America/New_York")[place % 3],
    }
    for place, person in enumerate(PEOPLE)
]
TEAMS = [{"id": "north", "name": "North", "zone": "Europe/Madrid"}, {"id": "south", "name": "South"}]
TICKETS = 120
#: How far back things may have happened; the late limit is farther.
DAYS_BACK = 18

_SOLVED = {"type": "ticket.solved", "where": [{"property": "within_sla", "is": "true"}]}
RULES: list[dict[str, Any]] = [
    {  # tiers, a hold, a guardrail
        "key": "clean-close",
        "name": "Clean Close",
        "purpose": "Fast resolutions that stay resolved",
        "category": "quality",
        "criterion": {
            "kind": "count",
            "target": 3,
            "window": "week",
            "of": {
                **_SOLVED,
                "once_per": "subject",
                "hold": {"for": "PT72H", "cancelled_by": {"type": "ticket.reopened"}},
            },
        },
        "guardrails": [
            {"kind": "average", "property": "csat", "of": {"type": "ticket.rated"}, "at_least": 2.5, "minimum": 1}
        ],
        "tiers": [{"name": "Bronze", "target": 3, "points": 3}, {"name": "Silver", "target": 6, "points": 8}],
        "state": "live",
    },
    {  # a streak with a quality criterion, earned again and again
        "key": "tidy-days",
        "name": "Tidy Days",
        "purpose": "Records kept right on ordinary days",
        "category": "consistency",
        "criterion": {
            "kind": "streak",
            "target": 2,
            "period": "day",
            "freezes": {"count": 1, "window": "month"},
            "each": {
                "kind": "all_of",
                "criteria": [
                    {
                        "kind": "count",
                        "target": 1,
                        "of": {"type": "deal.updated", "where": [{"complete": ["next_step"]}]},
                    },
                    {"kind": "none", "of": {"type": "deal.updated", "where": [{"property": "broken", "is": True}]}},
                ],
            },
        },
        "repeats": "every_window",
        "points": 2,
        "state": "live",
    },
    {  # a team's goal, judged when the day has closed
        "key": "team-on-time",
        "name": "Team on Time",
        "purpose": "Nobody's ticket waits",
        "category": "speed",
        "scope": "team",
        "criterion": {
            "kind": "rate",
            "window": "day",
            "of": {"type": "ticket.solved", "once_per": "subject"},
            "good": {"where": [{"property": "within_sla", "is": "true"}]},
            "at_least": 0.75,
            "minimum": 4,
        },
        "points": 4,
        "state": "live",
    },
    {  # every target, which a counter would count twice first
        "key": "revenue",
        "name": "Revenue",
        "purpose": "Deals that pay",
        "category": "volume",
        "criterion": {
            "kind": "sum",
            "property": "amount",
            "target": 400,
            "window": "month",
            "of": {"type": "deal.updated"},
        },
        "repeats": "every_target",
        "cooldown": "PT6H",
        "points": 1,
        "state": "live",
    },
    {  # built on the awards of others
        "key": "all-rounder",
        "name": "All-Rounder",
        "purpose": "Quality and consistency together",
        "category": "quality",
        "criterion": {"kind": "earned", "achievements": ["clean-close", "tidy-days"], "target": 2},
        "points": 10,
        "state": "live",
    },
    {  # given by hand only: nothing of its type is ever told
        "key": "thanks",
        "name": "Thanks",
        "purpose": "A colleague says thank you",
        "category": "quality",
        "criterion": {"kind": "count", "target": 1, "of": {"type": "thanks.said"}},
        "points": 1,
        "state": "live",
    },
]


def set_up(session: requests.Session, url: str) -> None:
    """Introduce the people and bring the achievements into force, over HTTP."""
    for path, documents, key in (("teams", TEAMS, "id"), ("actors", ACTORS, "id"), ("achievements", RULES, "key")):
        for document in documents:
            answer = session.put(f"{url}/v1/{path}/{document[key]}", json=document, timeout=30)
            assert answer.ok, answer.text


class Chance:
    """Makes up what happens, from a seed."""

    def __init__(self, seed: str, until: datetime) -> None:
        """Let everything happen in the days before *until*."""
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._until = until.replace(microsecond=0)

    def moment(self) -> str:
        """Give a moment on a grid of ten minutes, so that several things happen at once."""
        minutes = 10 * self.random.randrange(6, DAYS_BACK * 144)
        return (self._until - timedelta(minutes=minutes)).isoformat()

    def event(self, event_id: str) -> dict[str, Any]:
        """Make up an event."""
        actor = self.random.choice(PEOPLE)
        subject = f"ticket-{self.random.randrange(TICKETS)}"
        event = {"id": event_id, "occurred_at": self.moment(), "subject": subject}
        match self.random.choices(["solved", "updated", "rated", "reopened"], [50, 35, 8, 7])[0]:
            case "solved":
                return {**event, "type": "ticket.solved", "actor": actor, "properties": self._solved()}
            case "updated":
                return {**event, "type": "deal.updated", "actor": actor, "properties": self._updated()}
            case "rated":
                csat = {"csat": self.random.choice(["1", 3, "4.5", 5, "good"])}
                return {**event, "type": "ticket.rated", "properties": csat}
            case _:
                return {**event, "type": "ticket.reopened", "properties": {}}

    def revision(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Make up other content for the same event; sometimes somebody else did it, at another time."""
        revised = {**event, "properties": {**event["properties"], "note": f"{self.random.random():.12f}"}}
        match event["type"]:
            case "ticket.solved":
                revised["properties"] |= self._solved()
            case "deal.updated":
                revised["properties"] |= self._updated()
        if revised.get("actor") and self.random.random() < 0.2:
            revised["actor"] = self.random.choice(PEOPLE)
        if "occurred_at" in revised and self.random.random() < 0.2:
            revised["occurred_at"] = self.moment()
        if "revised_at" in revised:
            revised["revised_at"] = (datetime.fromisoformat(event["revised_at"]) + timedelta(minutes=1)).isoformat()
        return revised

    def _solved(self) -> dict[str, Any]:
        return {"within_sla": self.random.choices(["true", "yes", True, "false", "?"], [40, 20, 25, 10, 5])[0]}

    def _updated(self) -> dict[str, Any]:
        return {
            "next_step": self.random.choices(["Call", ""], [9, 1])[0],
            "amount": self.random.choice(["12.5", 40, "90", "?"]),
            "broken": self.random.random() < 0.04,
        }
