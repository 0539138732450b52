"""The server is killed again and again under load, and nothing acknowledged is lost or counted twice, in any store."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.operations.load_facts import load_facts
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.schemas.events import load_event
from milepost.schemas.rules import parse_achievement
from milepost.settings import Settings
from milepost.storage import open_store, store_file
from milepost.storage.base import Store
from milepost.storage.records import AwardQuery, AwardRecord, AwardSource, AwardStatus, EventRecord
from tests.acceptance.callers import PATIENCE_SECONDS, Caller, Record, Weather
from tests.acceptance.helpdesk import RULES, Chance, set_up
from tests.acceptance.servers import Server, free_port, running, session
from tests.oracle.fold import fold
from tests.stores import KINDS, ground_of

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("MILEPOST_KILLS", "30"))
CALLERS = 16
#: Calls that are acknowledged between two kills, at least: on a busy machine a moment is not enough for any.
BETWEEN_KILLS = 20
#: After a kill, in the median, on a machine that is busy with other tests; alone it takes about one.
READY_SECONDS = 10.0
SEED = os.environ.get("MILEPOST_SEED") or str(random.SystemRandom().randrange(10**6))


@dataclass(frozen=True)
class Siege:
    """What is left after the kills: the store, and what the callers know."""

    store: Store
    #: Of its file, where it is one.
    path: Path
    records: list[Record]
    #: When everything was told; nothing is judged later than this.
    as_of: datetime

    def tellings(self) -> dict[str, list[Any]]:
        """Give what was acknowledged, of all callers, by event."""
        return {key: told for record in self.records for key, told in record.tellings.items()}

    def voided(self) -> set[str]:
        """Give what was acknowledged as taken back."""
        return set().union(*(record.voided for record in self.records))

    def events(self) -> dict[str, EventRecord]:
        """Give what the store has."""
        with self.store.reading() as reading:
            return {record.event.id: record for record in reading.events()}

    def awards(self) -> list[AwardRecord]:
        """Give every award the store has, whatever its status."""
        with self.store.reading() as reading:
            return reading.awards(AwardQuery(limit=1_000_000))

    @property
    def services(self) -> Services:
        """Give what operations work with, at the end of it all."""
        return Services(self.store, lambda: self.as_of, Settings())


def besiege(server: Server) -> list[Record]:
    """Let the callers loose, kill the server at random moments, and let everybody finish."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    now, weather = datetime.now(UTC), Weather()
    callers = [Caller(number, server.url, Chance(f"{SEED}-{number}", now), weather) for number in range(CALLERS)]
    weather.is_up.set()
    for caller in callers:
        caller.start()
    restarts = []
    for kill in range(KILLS):
        time.sleep(chance.uniform(0.3, 1.0))
        wait_until_acknowledged(callers, (kill + 1) * BETWEEN_KILLS)
        server.kill()
        weather.is_up.clear()
        begun = time.monotonic()
        server.start()
        restarts.append(time.monotonic() - begun)
        weather.is_up.set()
    weather.is_over.set()
    for caller in callers:
        caller.join(PATIENCE_SECONDS + 30)
    failures = [f"{caller.name}: {caller.failure!r}" for caller in callers if caller.failure]
    assert not failures, "\n".join(failures)
    assert not [caller.name for caller in callers if caller.is_alive()]
    records = [caller.record for caller in callers]
    acknowledged, broken = sum(one.acknowledged for one in records), sum(one.broken for one in records)
    print(f"{acknowledged} calls acknowledged, {broken} repeated, {KILLS} kills,")
    print(f"ready again after {statistics.median(restarts):.1f} s (median), {max(restarts):.1f} s (longest)")
    assert statistics.median(restarts) < READY_SECONDS
    return records


def wait_until_acknowledged(callers: Sequence[Caller], calls: int) -> None:
    """Wait until so many calls were acknowledged, or none will be any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(caller.record.acknowledged for caller in callers) < calls and time.monotonic() < deadline:
        if not any(caller.is_alive() for caller in callers):
            return
        time.sleep(0.01)


@pytest.fixture(scope="module", params=KINDS)
def siege(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    """Run the siege once for each kind of store; a database server goes on when Milepost is killed."""
    folder = tmp_path_factory.mktemp("siege")
    print(f"\n{request.param}, MILEPOST_SEED={SEED}")
    with ground_of(request.param, folder) as ground:
        url = ground.fresh_url()
        with running(Server(url, folder / "log", free_port())) as server:
            set_up(session(), server.url)
            records = besiege(server)
        with closing(open_store(url)) as store:
            yield Siege(store, store_file(url) or Path(), records, datetime.now(UTC))


def test_the_callers_were_really_disturbed(siege: Siege) -> None:
    """Otherwise the other tests would say nothing."""
    assert sum(record.broken for record in siege.records) >= KILLS
    assert sum(record.acknowledged for record in siege.records) >= 10 * KILLS
    assert len(siege.voided()) >= KILLS / 2


def test_what_is_kept_is_whole(siege: Siege) -> None:
    """By the store's own check, and by what any other program makes of its file."""
    assert siege.store.check() is None
    match siege.path.suffix:
        case ".db":
            with closing(sqlite3.connect(f"file:{siege.path}?mode=ro", uri=True)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        case ".json":
            rows = json.loads(siege.path.read_bytes())["events"].values()
            assert {row["id"] for row in rows} == set(siege.tellings())


def test_every_acknowledged_event_is_there_and_no_other(siege: Siege) -> None:
    """None is lost, and none came from nowhere: every caller repeated its calls to the end."""
    assert set(siege.events()) == set(siege.tellings())


def test_every_event_has_the_content_told_last(siege: Siege) -> None:
    """Its time is the one told, or that of the first telling where none was told."""
    for event_id, record in siege.events().items():
        told = siege.tellings()[event_id][-1]
        event = record.event
        assert (event.type, event.actor, event.subject) == (told["type"], told.get("actor"), told["subject"]), event_id
        assert dict(event.properties) == told["properties"], event_id
        if "occurred_at" in told:
            assert event.occurred_at == datetime.fromisoformat(told["occurred_at"]), event_id


def test_every_content_was_taken_once(siege: Siege) -> None:
    """A repeated call is a replay: as many revisions are kept as contents were told."""
    with siege.store.reading() as reading:
        kept = {event_id: len(reading.revisions(event_id)) for event_id in siege.tellings()}
    assert kept == {event_id: len(told) for event_id, told in siege.tellings().items()}


def test_what_was_taken_back_is_taken_back_and_nothing_else(siege: Siege) -> None:
    """Also where the answer to taking it back was lost."""
    assert {event_id for event_id, record in siege.events().items() if record.voided_at} == siege.voided()


def test_telling_the_same_again_got_the_first_answer(siege: Siege) -> None:
    """Also where the server was killed between the two."""
    replays = [pair for record in siege.records for pair in record.replays]
    assert len(replays) >= KILLS / 2
    for first, again in replays:
        assert again == {**first, "replayed": True}


def test_awards_given_by_hand_are_there_once(siege: Siege) -> None:
    """Each has one row and one step of history."""
    by_hand = [award.id for award in siege.awards() if award.source is AwardSource.HAND]
    assert sorted(by_hand) == sorted(award for record in siege.records for award in record.given)
    with siege.store.reading() as reading:
        assert {len(reading.award_changes(award_id)) for award_id in by_hand} == {1}


def test_recomputing_finds_no_difference(siege: Siege) -> None:
    """Progress, awards and evidence are what the kept events give."""
    verified = verify(siege.services)
    assert verified.differences == ()
    assert verified.awards > 0


def test_the_awards_are_those_of_the_oracle(siege: Siege) -> None:
    """Folded from what the callers know, not from what the store has."""
    verify(siege.services)  # lets time pass
    with siege.store.reading() as reading:
        facts = load_facts(reading, actors=None)
    expected = fold(counting_events(siege), [parse_achievement(rule) for rule in RULES], facts, siege.as_of)
    standing = [award for award in siege.awards() if award.status is AwardStatus.GRANTED]
    by_rule = [award for award in standing if award.source is AwardSource.RULE]
    assert Counter(key_of(award) for award in by_rule) == Counter(key_of(award) for award in expected.awards)
    earned = Counter(award.achievement for award in by_rule)
    print(dict(earned), "revoked:", sum(award.status is AwardStatus.REVOKED for award in siege.awards()))
    assert set(earned) == {rule["key"] for rule in RULES} - {"thanks"}


def test_an_award_was_granted_and_taken_back_in_turns(siege: Siege) -> None:
    """No step of its history was written twice."""
    with siege.store.reading() as reading:
        for award in siege.awards():
            changes = [change.change for change in reading.award_changes(award.id)]
            assert changes[0] == "granted", (award.id, changes)
            turns = ["revoked" if place % 2 else "restored" for place in range(1, len(changes))]
            assert changes[1:] == turns, (award.id, changes)
            assert (award.status is AwardStatus.REVOKED) == (changes[-1] == "revoked"), (award.id, changes)


def counting_events(siege: Siege) -> list[Event]:
    """Give the events as told last, without those taken back."""
    times = {event_id: record.event.occurred_at for event_id, record in siege.events().items()}
    told = [
        {"occurred_at": times[event_id].isoformat(), **contents[-1], "id": event_id}
        for event_id, contents in siege.tellings().items()
        if event_id not in siege.voided()
    ]
    return [load_event(document, now=siege.as_of, zone_of=lambda _actor: UTC).event for document in told]


def key_of(award: Any) -> tuple[Any, ...]:
    """Give what an award and the oracle's are compared by."""
    return award.achievement, award.holder, award.tier, award.earned_at, award.points
