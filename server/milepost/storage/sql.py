"""The questions and changes of the storage protocol in SQL, topic by topic."""

from __future__ import annotations

from collections.abc import Iterable

from milepost.storage.sql_attending import AttendingReading, AttendingWriting
from milepost.storage.sql_awards import AwardReading, AwardWriting
from milepost.storage.sql_copying import CopyReading, CopyWriting
from milepost.storage.sql_deliveries import DeliveryReading, DeliveryWriting
from milepost.storage.sql_erasing import ErasingReading, ErasingWriting
from milepost.storage.sql_events import EventReading, EventWriting
from milepost.storage.sql_people import PeopleReading, PeopleWriting
from milepost.storage.sql_periods import PeriodReading, PeriodWriting
from milepost.storage.sql_rules import RuleReading, RuleWriting
from milepost.storage.sql_running import RunningReading, RunningWriting
from milepost.storage.sql_telling import TellingReading, TellingWriting


class SqlReading(
    EventReading,
    PeopleReading,
    RuleReading,
    AwardReading,
    PeriodReading,
    TellingReading,
    DeliveryReading,
    AttendingReading,
    RunningReading,
    CopyReading,
    ErasingReading,
):
    """All questions."""

    __slots__ = ()


class SqlWriting(
    EventWriting,
    PeopleWriting,
    RuleWriting,
    AwardWriting,
    PeriodWriting,
    TellingWriting,
    DeliveryWriting,
    AttendingWriting,
    RunningWriting,
    CopyWriting,
    ErasingWriting,
):
    """All questions and changes."""

    __slots__ = ()


class SqlTransaction(SqlWriting):
    """All questions and changes, in a store with one writer at a time."""

    __slots__ = ()

    is_sole_writer = True

    def lock(self, names: Iterable[str]) -> None:
        """Do nothing: everybody else is kept off everything."""

    def lock_everything(self) -> None:
        """Do nothing: everybody else is kept off everything."""
