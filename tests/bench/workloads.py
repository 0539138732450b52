"""What is told: the events of people at work, made up from a seed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from milepost.engine.events import Event

ZONE = ZoneInfo("Europe/Madrid")
#: Events of one person on one working day.
A_DAY = 20
#: Earlier records that something may still happen to: a ticket that was solved days ago is reopened or rated.
RECENT = 30

Properties = Callable[[random.Random, datetime], dict[str, Any]]


def _nothing(_random: random.Random, _moment: datetime) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Step:
    """One kind of thing that happens, and how often."""

    weight: float
    type: str
    #: What it happens to: ``ticket``; with *is_new* to a new one, else to a recent one.
    record: str
    is_new: bool = False
    #: False: a customer did it, and no actor is named.
    has_actor: bool = True
    properties: Properties = _nothing


def _is_within(name: str, share: float) -> Properties:
    return lambda chance, _moment: {name: chance.random() < share}


def _deal(chance: random.Random, moment: datetime) -> dict[str, Any]:
    deal = {
        "account": f"Customer {chance.randrange(500)}",
        "amount": chance.randrange(100, 9000),
        "close_date": f"{moment.date() + timedelta(days=40)}",
        "next_step": "Send the offer" if chance.random() < 0.95 else "",
        "next_step_on": f"{moment.date() + timedelta(days=chance.randrange(1, 9))}",
        "days_since_activity": chance.randrange(30),
    }
    return {name: value for name, value in deal.items() if value != ""}


def _closed(chance: random.Random, _moment: datetime) -> dict[str, Any]:
    outcome = chance.choice(["won", "won", "lost"])
    return {"outcome": outcome, "amount": chance.randrange(100, 9000), "account": "Cancity", "product": "GTX Basic"}


#: By recipe, what happens to somebody who does that work.
WORK: dict[str, tuple[Step, ...]] = {
    "helpdesk-sla": (
        Step(55, "ticket.solved", "ticket", is_new=True, properties=_is_within("within_sla", 0.95)),
        Step(
            28,
            "ticket.rated",
            "ticket",
            has_actor=False,
            properties=lambda chance, _: {"csat": chance.choice([4, 5, 5])},
        ),
        Step(6, "ticket.reopened", "ticket", has_actor=False),
        Step(4, "article.published", "article", is_new=True),
        Step(7, "article.reused", "article", has_actor=False),
    ),
    "crm-hygiene": (
        Step(10, "deal.engaged", "deal", is_new=True, properties=_closed),
        Step(60, "deal.updated", "deal", properties=_deal),
        Step(3, "deal.flagged", "deal", has_actor=False),
        Step(8, "deal.closed", "deal", properties=_closed),
        Step(
            19,
            "lead.created",
            "lead",
            is_new=True,
            properties=lambda chance, _: {
                "email": "kim@example.org",
                "company": "Hottechi",
                "source": "fair" if chance.random() < 0.97 else "",
                "country": "ES",
            },
        ),
    ),
    "fulfilment-quality": (
        Step(80, "order.shipped", "order", is_new=True, properties=_is_within("on_time", 0.97)),
        Step(2, "order.mislabelled", "order", has_actor=False),
        Step(3, "order.returned", "order", has_actor=False),
        Step(3, "scan.delayed", "order"),
        Step(
            12,
            "inventory.synced",
            "stock",
            is_new=True,
            properties=lambda chance, _: {
                "channel": chance.choice(["shop", "market"]),
                "matched": chance.random() < 0.98,
            },
        ),
    ),
    "sales-sequence": (
        Step(60, "follow_up.sent", "lead", is_new=True, properties=_is_within("personalised", 0.9)),
        Step(3, "follow_up.missed", "lead"),
        Step(10, "sequence.finished", "lead"),
        Step(9, "meeting.booked", "lead", properties=lambda chance, _: {"lead_dormant_days": chance.randrange(1, 200)}),
        Step(6, "meeting.held", "lead"),
        Step(2, "meeting.cancelled", "lead", has_actor=False),
        Step(1, "meeting.missed", "lead", has_actor=False),
        Step(9, "deal.closed", "lead", properties=_closed),
    ),
}

#: The only achievement of the light workload: a count with a hold, a guardrail, tiers, a cooldown and a cap.
CLEAN_CLOSE: dict[str, Any] = {
    "key": "clean-close",
    "name": "Clean Close",
    "category": "quality",
    "purpose": "Fast resolutions that stay resolved",
    "scope": "actor",
    "applies_to": {"roles": ["agent"]},
    "criterion": {
        "kind": "count",
        "target": 5,
        "window": "week",
        "of": {
            "type": "ticket.solved",
            "where": [{"property": "within_sla", "is": "true"}],
            "once_per": "subject",
            "hold": {"for": "PT72H", "cancelled_by": {"type": "ticket.reopened"}},
        },
    },
    "guardrails": [
        {
            "kind": "average",
            "property": "csat",
            "of": {"type": "ticket.rated"},
            "at_least": 4.5,
            "minimum": 3,
            "window": "week",
        }
    ],
    "targets": [{"applies_to": {"segments": {"queue": "complex"}}, "target": 3}],
    "tiers": [{"name": "Bronze", "target": 5}, {"name": "Silver", "target": 15}],
    "repeats": "every_window",
    "cooldown": "P1D",
    "cap": {"count": 4, "window": "month"},
    "points": 5,
    "on_lost": "revoke",
    "message": "{{ actor.first_name }} closed {{ progress.current }} tickets under SLA and none came back.",
    "next_step": "Keep the reply notes as complete as these were.",
    "state": "live",
}


@dataclass
class Work:
    """What happens to one person, thing after thing; the same seed gives the same again."""

    recipe: str
    actor: str
    seed: int
    _told: int = 0
    _recent: dict[str, deque[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing done."""
        self._chance = random.Random(f"{self.seed} {self.recipe} {self.actor}")  # noqa: S311 - repeatable on purpose
        self._steps = WORK[self.recipe]
        self._weights = [step.weight for step in self._steps]

    def next(self, moment: datetime) -> Event:
        """Give what happens at *moment*."""
        step = self._chance.choices(self._steps, self._weights)[0]
        recent = self._recent.setdefault(step.record, deque(maxlen=RECENT))
        if not recent:  # nothing can happen to what does not exist
            step = next(one for one in self._steps if one.is_new and one.record == step.record)
        self._told += 1
        mark = f"{self.actor}-{self._told}"
        if step.is_new:
            recent.append(f"{step.record}-{mark}")
        return Event(
            id=f"{step.type}-{mark}",
            type=step.type,
            actor=self.actor if step.has_actor else None,
            subject=recent[-1] if step.is_new else self._chance.choice(recent),
            occurred_at=moment,
            properties=step.properties(self._chance, moment),
        )


def working_days(until: date) -> Iterator[date]:
    """Give working days back from *until*, the newest first."""
    day = until
    while True:
        if day.weekday() < 5:  # Saturday is 5
            yield day
        day -= timedelta(days=1)


def moments(day: date, count: int) -> list[datetime]:
    """Give moments spread over the working hours of a day."""
    opens = datetime.combine(day, time(9), ZONE)
    return [(opens + timedelta(hours=8) * number / count).astimezone(UTC) for number in range(count)]
