"""What parts of history came to: the events behind a reading, and the periods of a streak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from milepost.engine.windows import Window

#: Where an event stands among others: its moment, then its id.
Place: TypeAlias = tuple[datetime, str]


class Evidence(NamedTuple):
    """An event behind a reading, and the moment from which it stands."""

    at: datetime
    event_id: str
    occurred_at: datetime

    @property
    def place(self) -> Place:
        """Give where the event stands among others."""
        return self.occurred_at, self.event_id


@dataclass(frozen=True, slots=True)
class PeriodOutcome:
    """Since when a period of a streak is met, if it is, and when to look at it again."""

    period: Window
    met_at: datetime | None
    due: datetime | None
    #: Read only where somebody asks for it: of a long streak nobody does.
    made_of: tuple[Evidence, ...] | Callable[[], tuple[Evidence, ...]] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Give the events by which it is met, by the moment they settled."""
        return self.made_of if isinstance(self.made_of, tuple) else self.made_of()
