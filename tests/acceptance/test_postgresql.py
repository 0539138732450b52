"""Two servers over one PostgreSQL database that is restarted in mid-load; nothing is lost, and no award is wrong."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from milepost.storage import open_store
from tests.acceptance import test_kill
from tests.acceptance.callers import PATIENCE_SECONDS, Caller, Record, Weather
from tests.acceptance.helpdesk import Chance, set_up
from tests.acceptance.servers import Server, free_port, session
from tests.acceptance.test_kill import SEED, Siege
from tests.postgresql import PostgresqlServer, running_postgresql

pytestmark = pytest.mark.slow

RESTARTS = int(os.environ.get("MILEPOST_RESTARTS", "10"))
CALLERS = 16
UNDISTURBED_SECONDS = 8.0
#: Until both servers answer again after the database does.
HEALED_SECONDS = 5.0

#: What must be true of everything that is left, as after a server was killed.
CHECKS = [
    test_kill.test_every_acknowledged_event_is_there_and_no_other,
    test_kill.test_every_event_has_the_content_told_last,
    test_kill.test_every_content_was_taken_once,
    test_kill.test_what_was_taken_back_is_taken_back_and_nothing_else,
    test_kill.test_telling_the_same_again_got_the_first_answer,
    test_kill.test_awards_given_by_hand_are_there_once,
    test_kill.test_recomputing_finds_no_difference,
    test_kill.test_the_awards_are_those_of_the_oracle,
    test_kill.test_an_award_was_granted_and_taken_back_in_turns,
]


class Wanderer(Caller):
    """Calls either server as it comes, and takes nothing but a success or 503 with ``Retry-After``."""

    def __init__(self, number: int, urls: list[str], chance: Chance, weather: Weather) -> None:
        """Own all ids that begin with *number*."""
        super().__init__(number, "", chance, weather)
        self._urls = urls

    def call(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Repeat a call until it is acknowledged; a connection that breaks is a failure here."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            url = self._chance.random.choice(self._urls) + path
            answer = self._session.request(method, url, json=body, headers=dict(headers or {}), timeout=60)
            if answer.ok:
                return answer
            assert answer.status_code == 503, f"{method} {path}: {answer.status_code} {answer.text}"
            assert int(answer.headers["Retry-After"]) > 0
            self.record.broken += 1
            time.sleep(0.1)
        raise AssertionError(f"{method} {path} was not acknowledged for {PATIENCE_SECONDS} s")


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresqlServer]:
    """Run a database server for this module."""
    with running_postgresql() as database:
        yield database


@pytest.fixture(scope="module")
def servers(database: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Run two servers on one database."""
    folder, url = tmp_path_factory.mktemp("servers"), database.fresh_url()
    running = [Server(url, folder / f"{name}.log", free_port()) for name in ("one", "two")]
    try:
        for server in running:
            server.start()
        set_up(session(), running[0].url)
        yield running
    finally:
        for server in running:
            server.stop()


@pytest.fixture(scope="module")
def siege(database: PostgresqlServer, servers: list[Server]) -> Iterator[Siege]:
    """Let 16 callers loose, restart the database under them, and look at what is left."""
    print(f"\nMILEPOST_SEED={SEED}")
    now, weather = datetime.now(UTC), Weather()
    urls = [server.url for server in servers]
    callers = [Wanderer(number, urls, Chance(f"{SEED}-{number}", now), weather) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    time.sleep(UNDISTURBED_SECONDS)
    undisturbed = sum(caller.record.acknowledged for caller in callers)
    healed = []
    for number in range(RESTARTS):
        test_kill.wait_until_acknowledged(callers, undisturbed + (number + 1) * test_kill.BETWEEN_KILLS)
        healed.append(restart(database, urls))
    weather.is_over.set()
    for caller in callers:
        caller.join(PATIENCE_SECONDS + 30)
    failures = [f"{caller.name}: {caller.failure!r}" for caller in callers if caller.failure]
    assert not failures, "\n".join([*failures, *(server.printed() for server in servers)])
    assert not [caller.name for caller in callers if caller.is_alive()]
    records: list[Record] = [caller.record for caller in callers]
    print(f"{undisturbed} calls acknowledged in {UNDISTURBED_SECONDS} s undisturbed,")
    print(f"{sum(one.acknowledged for one in records)} in all, {sum(one.broken for one in records)} repeated,")
    print(f"{RESTARTS} restarts, both servers ready again after {max(healed):.1f} s (longest)")
    assert max(healed) < HEALED_SECONDS
    store = open_store(servers[0].store)
    yield Siege(store, Path(), records, datetime.now(UTC))
    store.close()


def restart(database: PostgresqlServer, urls: list[str]) -> float:
    """Restart the database as after a power cut, and give how long the servers took to notice that it is back."""
    time.sleep(random.uniform(0.3, 1.0))  # noqa: S311 - no secret
    database.stop("immediate")
    database.start()
    begun = time.monotonic()
    for url in urls:
        while not requests.get(f"{url}/ready", timeout=30).ok:
            time.sleep(0.05)
    return time.monotonic() - begun


def test_the_callers_were_really_disturbed_and_the_servers_stayed(siege: Siege, servers: list[Server]) -> None:
    """Otherwise the other tests would say nothing."""
    assert sum(record.broken for record in siege.records) >= RESTARTS
    assert sum(record.acknowledged for record in siege.records) >= 10 * RESTARTS
    assert [server.process.poll() for server in servers if server.process] == [None, None]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("test_"))
def test_nothing_is_lost_and_no_award_is_wrong(siege: Siege, check: Callable[[Siege], None]) -> None:
    """The same sentences hold as after a server was killed."""
    check(siege)


def test_the_database_is_whole(siege: Siege) -> None:
    """By the store's own check."""
    assert siege.store.check() is None


@pytest.mark.parametrize("key", [None, "run-{number}"])
def test_one_event_delivered_to_both_servers_at_once_counts_once(servers: list[Server], key: str | None) -> None:
    """One call is the first, the others are replays with the same answer, told by id or by key."""
    together = threading.Barrier(12)

    def deliver(number: int, place: int) -> tuple[bool, dict[str, object]]:
        headers = {"Idempotency-Key": key.format(number=number)} if key else {}
        event = {"type": "ticket.solved", "actor": "ana@example.com", "subject": f"shared-{number}"}
        event |= {} if key else {"id": f"shared-{number}"}
        together.wait(60)
        answer = session().post(f"{servers[place % 2].url}/v1/evaluate", json=event, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        replayed = answer.headers.get("Idempotency-Replayed") == "true" or body.pop("replayed")
        body.pop("replayed", None)
        return replayed, body

    with ThreadPoolExecutor(12) as threads:
        for number in range(8):
            answers = list(threads.map(deliver, [number] * 12, range(12)))
            assert sum(not replayed for replayed, _ in answers) == 1
            assert [body for _, body in answers] == [answers[0][1]] * 12
