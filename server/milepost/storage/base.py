"""What every store promises; ``tests/storage/contract.py`` holds the promises as tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from milepost.engine.calendars import Calendar
from milepost.engine.events import Event
from milepost.engine.facts import Owned
from milepost.engine.people import Actor, Holder, Team
from milepost.storage.base_telling import TellingReading, TellingWriting
from milepost.storage.records import (
    AchievementVersion,
    AwardChange,
    AwardQuery,
    AwardRecord,
    EarningRecord,
    EventRecord,
    FreezeRecord,
    ImportRecord,
    KeyRecord,
    MappingRecord,
    PeriodRecord,
    SetAside,
)


class Reading(TellingReading, Protocol):
    """Questions to a store, all answered from one consistent state."""

    # events
    def event(self, event_id: str) -> EventRecord | None:
        """Give the newest counting revision, voided and too late ones included."""

    def revisions(self, event_id: str) -> list[EventRecord]:
        """Give every telling of an event, oldest first."""

    def events(self, *, after: str | None = None, limit: int | None = None) -> Iterator[EventRecord]:
        """Give all events by id, from the one after *after*."""

    def owned(
        self,
        actors: Collection[str] | None,
        types: Collection[str],
        through: Collection[str],
        *,
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> list[Owned]:
        """Give the counting events of *types* that belong to *actors* (None: to anybody).

        An event without actor belongs to those who have a counting event of their own on
        its subject whose type is in *through*. Both ends of the time span are included.
        Ordered by ``occurred_at``, then id, then actor.
        """

    def on_subjects(self, subjects: Collection[str], types: Collection[str] | None = None) -> list[Event]:
        """Give the counting events of *types* (None: all) on *subjects*, whoever did them, by time, then id."""

    def event_types(self) -> dict[str, int]:
        """Give every type told so far, with the number of its counting events."""

    # people
    def actor(self, actor_id: str) -> Actor | None:
        """Give an actor by id."""

    def actor_by_alias(self, source: str, alias: str) -> str | None:
        """Give the id of the actor known as *alias* in a source system."""

    def aliases(self, actor_id: str) -> dict[str, str]:
        """Give an actor's names by source system."""

    def actors(self, *, search: str | None = None, after: str | None = None, limit: int | None = None) -> list[Actor]:
        """Give actors by id; *search* matches part of id or name, whatever the case."""

    def team(self, team_id: str) -> Team | None:
        """Give a team by id."""

    def teams(self) -> list[Team]:
        """Give all teams by id."""

    def calendar(self, key: str) -> Calendar | None:
        """Give a calendar by key."""

    def calendars(self) -> list[Calendar]:
        """Give all calendars by key."""

    def freezes(self, *, achievement: str | None = None, holder: Holder | None = None) -> list[FreezeRecord]:
        """Give the freezes set by hand, by day."""

    def people_token(self) -> str | None:
        """Give a word that is another one after every change of people, teams, calendars and freezes.

        No two states have the same one, in whatever stores.
        """

    # rules
    def rules_token(self) -> str | None:
        """Give a word that is another one after every change of a rule; no two rule books have the same one."""

    def achievement_versions(self, key: str | None = None) -> list[AchievementVersion]:
        """Give all versions (of one achievement), by key and number."""

    def mapping(self, source: str) -> MappingRecord | None:
        """Give the mapping of a source system."""

    def mappings(self) -> list[MappingRecord]:
        """Give all mappings by source."""

    # what was earned
    def earnings(self, achievement: str, holder: Holder) -> list[EarningRecord]:
        """Give the earnings of one holder under one rule, by earned_at, window and ordinal."""

    def earnings_in(self, windows: Collection[str], holder: Holder) -> list[EarningRecord]:
        """Give the earnings of one holder in some windows under all rules, by earned_at, window and ordinal."""

    def award(self, award_id: str) -> AwardRecord | None:
        """Give an award by id."""

    def granted(self, award_ids: Collection[str]) -> set[str]:
        """Say which of some awards are granted."""

    def awards_of(self, achievement: str | None, holder: Holder) -> list[AwardRecord]:
        """Give all awards of one holder (for one achievement), whatever their status, by earned_at and id."""

    def awards(self, query: AwardQuery) -> list[AwardRecord]:
        """Give a page of awards, by id."""

    def award_changes(self, award_id: str) -> list[AwardChange]:
        """Give an award's history, oldest first."""

    def points(self, holder: Holder) -> int:
        """Add up the points of the granted awards."""

    def holders(self, achievement: str) -> list[Holder]:
        """Give everybody with an earning or an award of an achievement."""

    def periods(self, achievement: str, holder: Holder) -> list[PeriodRecord]:
        """Give the judged periods of a holder's streak, in order."""

    def dues(self, holder: Holder) -> dict[tuple[str, str], datetime]:
        """Give when to look at a holder again, by achievement and window."""

    def due(self, *, by: datetime, limit: int = 500) -> list[tuple[str, Holder, str, datetime]]:
        """Give the achievement, holder, window and moment of what must be looked at again by then, the oldest first."""

    # running
    def key(self, key_id: str) -> KeyRecord | None:
        """Give a key by id."""

    def key_by_digest(self, digest: str) -> KeyRecord | None:
        """Give a key by the hash of its secret."""

    def keys(self) -> list[KeyRecord]:
        """Give all keys, oldest first."""

    def import_record(self, import_id: str) -> ImportRecord | None:
        """Give how far an import has come."""

    def set_aside(self, import_id: str) -> list[SetAside]:
        """Give the rows an import could not read, by line."""

    def answer(self, scope: str, key: str) -> tuple[str, str] | None:
        """Give the fingerprint and stored answer for an idempotency key."""

    # by what stands in it, and by age
    def mentions(self, texts: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the table and columns of every row in which one of *texts* stands, whatever the case; some more may be.

        Looks through everything that is kept.
        """

    def having(self, table: str, column: str, values: Collection[str]) -> list[tuple[str, Mapping[str, Any]]]:
        """Give the rows of a table in which a column holds one of some values, as `mentions` does, by key."""

    def last_told(self) -> dict[str, datetime]:
        """Give when each actor's newest event was told."""

    def aged_events(self, *, before: datetime, after: str, limit: int) -> list[EventRecord]:
        """Give events by id that were told before a moment, and whose answer is still kept whole."""

    def old_tellings(self, *, before: datetime) -> int:
        """Count the tellings from before a moment that do not count any more."""

    # everything, to copy and compare
    def row_count(self, table: str) -> int:
        """Count the rows of a table."""

    def pages(self, table: str) -> Iterator[list[Mapping[str, Any]]]:
        """Give all rows of a table by its key, some at a time."""

    def state(self, table: str) -> Iterator[list[tuple[object, ...]]]:
        """Give what counts of a table's rows (`STATE`), some at a time, the same from every store."""


class Transaction(Reading, TellingWriting, Protocol):
    """Changes that become durable together, or not at all."""

    #: True where a transaction has the whole store to itself, so that locks mean nothing.
    is_sole_writer: bool

    def lock(self, names: Iterable[str]) -> None:
        """Keep other writers off these names until the end of the transaction.

        Asked before the first change. What was read before may have changed meanwhile, and a lock held before may
        have been let go and taken again, so that no two transactions ever wait for each other: read again.
        """

    def lock_everything(self) -> None:
        """Keep all other writers out until the end of the transaction; asked before anything is read."""

    def put_event(self, record: EventRecord) -> None:
        """Add a telling; it becomes the counting one and the older ones stay as history.

        Replaces a telling with the same id and revision.
        """

    def put_stale_revision(self, record: EventRecord) -> None:
        """Add a telling to the history that is older than the counting one.

        Its revision number must differ from the counting one's (``StoreConflict``).
        """

    def set_answer(self, event_id: str, answer: str) -> None:
        """Keep the first answer that the counting telling of an event was given."""

    def put_actor(self, actor: Actor) -> None:
        """Add or replace an actor."""

    def put_aliases(self, actor_id: str, aliases: Mapping[str, str]) -> None:
        """Add or replace an actor's names in source systems.

        An actor has one name in each. A name that is another actor's is refused
        (``AliasTaken``): whoever meant it takes it from the other first.
        """

    def remove_aliases(self, actor_id: str, sources: Collection[str]) -> None:
        """Remove an actor's names in some source systems."""

    def put_team(self, team: Team) -> None:
        """Add or replace a team."""

    def put_calendar(self, calendar: Calendar) -> None:
        """Add or replace a calendar."""

    def put_freeze(self, freeze: FreezeRecord) -> None:
        """Add a freeze; the same day twice is one, as it was set last."""

    def remove_freeze(self, achievement: str, holder: Holder, day: date) -> None:
        """Remove a freeze."""

    def put_achievement_version(self, version: AchievementVersion) -> None:
        """Add a version; one that is there already is never overwritten (``StoreConflict``)."""

    def put_mapping(self, mapping: MappingRecord) -> None:
        """Add or replace a source mapping."""

    def replace_earnings(
        self, achievement: str, holder: Holder, windows: Collection[str] | None, earnings: Sequence[EarningRecord]
    ) -> None:
        """Put *earnings* in place of those in *windows* (None: in all windows)."""

    def put_periods(self, achievement: str, holder: Holder, periods: Sequence[PeriodRecord]) -> None:
        """Add or replace judged periods of a holder's streak."""

    def drop_periods(self, achievement: str, holder: Holder, periods: Collection[str]) -> None:
        """Forget judged periods of a holder's streak."""

    def put_award(self, award: AwardRecord, change: AwardChange | None) -> None:
        """Add or replace an award, with its history step."""

    def set_due(self, achievement: str, holder: Holder, window: str, due_at: datetime | None) -> None:
        """Note when to look at a holder's window again; None: no need."""

    def put_key(self, key: KeyRecord) -> None:
        """Add or replace a key."""

    def put_import(self, record: ImportRecord, set_aside: Sequence[SetAside] = ()) -> None:
        """Note how far an import has come, and the rows it could not read."""

    def put_answer(self, scope: str, key: str, fingerprint: str, answer: str, at: datetime) -> None:
        """Keep the first answer given under an idempotency key; a later one changes nothing."""

    def rewrite(
        self,
        rows: Iterable[tuple[str, Mapping[str, Any]]],
        change: Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None],
    ) -> dict[str, int]:
        """Replace rows as `mentions` gave them by what *change* gives for each, None by nothing; count them by table.

        Rows that refer to a row which gets another key are offered as well, and follow it; what refers to a row that
        goes, goes with it.
        """

    def drop_answers(self, *, before: datetime) -> None:
        """Forget the answers to calls with an idempotency key from before a moment."""

    def drop_tellings(self, *, before: datetime) -> None:
        """Forget the tellings from before a moment that do not count any more."""

    def put_rows(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows as `pages` gave them; parents before their children."""


class Store(Protocol):
    """A place that keeps everything; made from a URL."""

    def reading(self) -> AbstractContextManager[Reading]:
        """Open a consistent view."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a transaction: committed and on disk when the block ends, undone when it raises."""

    def turn(self, name: str, *, patience_seconds: float) -> AbstractContextManager[None]:
        """Let one caller at a time into the block of a name, whichever process is asked; it is no transaction.

        Raises `StillTaken` when the caller before takes longer than *patience_seconds*.
        """

    def compact(self) -> None:
        """Give up the space of what was removed, so that nothing of it can be read from the store's files any more."""

    def check(self) -> str | None:
        """Say what is wrong with the store in one sentence with the fix, or None.

        Reads everything, so it is for ``milepost verify`` and not for a probe every few seconds.
        """

    @property
    def file(self) -> Path | None:
        """Give the one file that holds everything; None where a database server keeps it."""

    def open_copy(self, path: Path) -> Store:
        """Write everything as it is now into a new file, and open that; others go on meanwhile.

        Only asked of a store that is a file.
        """

    def close(self) -> None:
        """Let go of files and connections."""
