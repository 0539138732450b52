"""Low-code tools tell things again: at once, from many workers, after a restart, with the wrong id."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

from milepost.app import create_app
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Reading, Store, Transaction
from milepost.storage.errors import StoreFull
from milepost.storage.records import AwardQuery
from tests.acceptance.servers import API_KEY, Server, running_server, session

pytestmark = pytest.mark.slow

AT_ONCE = 32
RULE = {
    "key": "solver",
    "name": "Solver",
    "purpose": "Tickets solved",
    "category": "volume",
    "criterion": {"kind": "count", "target": 1, "of": {"type": "ticket.solved"}},
    "repeats": "every_target",
    "points": 1,
    "state": "live",
}
_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all; every test has people and tickets of its own."""
    with running_server(tmp_path_factory.mktemp("retries") / "milepost.db") as server:
        assert session().post(f"{server.url}/v1/achievements", json=RULE, timeout=10).ok
        yield server


def solved(**more: Any) -> dict[str, Any]:
    """Make an event of somebody nobody else knows."""
    number = next(_numbers)
    occurred_at = datetime.now(UTC) - timedelta(hours=2)
    return {
        "id": f"zd-{number}",
        "type": "ticket.solved",
        "actor": f"agent-{number}@example.com",
        "subject": f"ticket-{number}",
        "occurred_at": occurred_at.isoformat(),
        "properties": {"priority": 1},
        **more,
    }


def tell(server: Server, event: object, path: str = "/v1/evaluate", **headers: str) -> requests.Response:
    """Tell an event."""
    return session().post(server.url + path, json=event, headers=headers, timeout=30)


def at_once(call: Callable[[int], requests.Response], times: int = AT_ONCE) -> list[requests.Response]:
    """Make calls at the same moment, as far as this machine can."""
    start = Barrier(times)

    def wait_and_call(number: int) -> requests.Response:
        start.wait(30)
        return call(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(wait_and_call, range(times)))


def progress(server: Server, actor: str) -> tuple[int, int]:
    """Give how many awards stand for an actor, and the points."""
    listed = session().get(f"{server.url}/v1/awards", params={"actor": actor, "status": "granted"}, timeout=10)
    awards = listed.json()["items"]
    return len(awards), sum(award["points"] for award in awards)


def kept(server: Server, event_id: str) -> dict[str, Any]:
    """Give an event as it is kept."""
    document: dict[str, Any] = session().get(f"{server.url}/v1/events/{event_id}", timeout=10).json()
    return document


def restart(server: Server) -> None:
    """Kill the server and start it again on the same file."""
    server.kill()
    server.start()


def refused(answer: requests.Response, status: int, kind: str) -> None:
    """Expect a problem that says what to do."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith(kind)
    assert len(answer.json()["detail"]) > 20


# ------------------------------------------------------------------ the same id


def test_the_same_event_from_32_workers_at_once_counts_once(server: Server) -> None:
    """One of them is news, and all get the same answer."""
    event = solved()
    answers = [answer.json() for answer in at_once(lambda _: tell(server, event))]
    assert Counter(answer.pop("replayed") for answer in answers) == {False: 1, True: AT_ONCE - 1}
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["outcome"], answers[0]["unlocked_count"], answers[0]["points_total"]) == ("counted", 1, 1)
    assert len(kept(server, event["id"])["revisions"]) == 1
    assert progress(server, event["actor"]) == (1, 1)


def test_32_events_of_one_person_at_once_count_32_times(server: Server) -> None:
    """No two of them overwrite each other's progress."""
    actor = solved()["actor"]
    answers = at_once(lambda _: tell(server, solved(actor=actor)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["points_total"] for answer in answers) == list(range(1, AT_ONCE + 1))
    assert progress(server, actor) == (AT_ONCE, AT_ONCE)


def test_the_same_event_in_batches_at_once_counts_once(server: Server) -> None:
    """Also twice in the same batch, and beside it as a single one."""
    event = solved()

    def send(number: int) -> requests.Response:
        batch = {"events": [event, solved(), event]}
        return tell(server, event) if number % 2 else tell(server, batch, "/v1/evaluate/batch")

    answers = at_once(send, 16)
    assert {answer.status_code for answer in answers} == {200}
    assert progress(server, event["actor"]) == (1, 1)
    assert len(kept(server, event["id"])["revisions"]) == 1


def test_an_event_told_again_after_a_restart_gets_the_first_answer(server: Server) -> None:
    """Although other things have happened meanwhile."""
    event = solved()
    first = tell(server, event).json()
    tell(server, solved(actor=event["actor"]))
    restart(server)
    again = tell(server, event).json()
    assert again == {**first, "replayed": True}
    assert progress(server, event["actor"]) == (2, 2)


def test_an_older_content_told_late_does_not_win(server: Server) -> None:
    """With *revised_at*, the newest state counts in whatever order 16 workers tell them."""
    event, now = solved(), datetime.now(UTC)
    states = [
        {**event, "properties": {"priority": n}, "revised_at": (now + timedelta(seconds=n)).isoformat()}
        for n in range(16)
    ]
    random.Random(1).shuffle(states)  # noqa: S311 - repeatable on purpose
    answers = at_once(lambda number: tell(server, states[number]), len(states))
    assert {answer.status_code for answer in answers} == {200}
    assert kept(server, event["id"])["properties"] == {"priority": 15}
    assert len(kept(server, event["id"])["revisions"]) == 16
    assert progress(server, event["actor"]) == (1, 1)


@pytest.mark.parametrize("change", [{"subject": "ticket-of-somebody-else"}, {"type": "ticket.rated"}])
def test_an_id_that_stands_for_something_else_is_refused(server: Server, change: dict[str, str]) -> None:
    """Nothing changes, and the answer says how to name it instead."""
    event = solved()
    tell(server, event)
    refused(tell(server, {**event, **change}), 409, "event-conflict")
    assert kept(server, event["id"])["type"] == "ticket.solved"
    assert kept(server, event["id"])["subject"] == event["subject"]
    assert progress(server, event["actor"]) == (1, 1)


def test_an_event_taken_back_by_32_workers_at_once_is_taken_back_once(server: Server) -> None:
    """And telling it again does not bring it back."""
    event = solved()
    tell(server, event)
    address = f"{server.url}/v1/events/{event['id']}"
    answers = at_once(lambda _: session().delete(address, timeout=30))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(len(answer.json()["revoked"]) for answer in answers) == 1
    assert progress(server, event["actor"]) == (0, 0)
    assert tell(server, event).json()["replayed"] is True
    assert progress(server, event["actor"]) == (0, 0)


def test_an_award_given_by_32_workers_at_once_is_given_once(server: Server) -> None:
    """One creates it (201), the others find it (200)."""
    award = {"id": "kudos-7", "achievement": "solver", "actor": "given@example.com"}
    answers = at_once(lambda _: tell(server, award, "/v1/awards"))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert progress(server, "given@example.com") == (1, 1)


# -------------------------------------------------------------- Idempotency-Key


def keyed(**more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Make an event without id and time, and a key for its call."""
    event = solved(**more)
    key = {"Idempotency-Key": f"run-{event['id']}"}
    del event["id"], event["occurred_at"]
    return event, key


def test_32_calls_with_one_key_are_carried_out_once(server: Server) -> None:
    """The others get the very same bytes, and a header says so."""
    event, key = keyed()
    answers = at_once(lambda _: tell(server, event, **key))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert progress(server, event["actor"]) == (1, 1)


def test_a_keyed_call_after_a_restart_gets_the_same_bytes(server: Server) -> None:
    """The answer is on disk, not in memory."""
    event, key = keyed()
    first = tell(server, event, **key)
    restart(server)
    again = tell(server, event, **key)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert progress(server, event["actor"]) == (1, 1)


def test_another_body_under_a_used_key_is_refused(server: Server) -> None:
    """It is not told, and the first answer stays."""
    event, key = keyed()
    first = tell(server, event, **key)
    other = {**event, "actor": "else@example.com"}
    refused(tell(server, other, **key), 422, "idempotency-mismatch")
    assert progress(server, "else@example.com") == (0, 0)
    assert tell(server, event, **key).content == first.content


def test_a_call_that_was_refused_may_use_its_key_again(server: Server) -> None:
    """Only successes are kept."""
    event, key = keyed()
    refused(tell(server, {**event, "type": "Solved!"}, **key), 422, "invalid")
    assert tell(server, event, **key).status_code == 200
    assert progress(server, event["actor"]) == (1, 1)


def test_a_key_means_something_else_at_another_address(server: Server) -> None:
    """Two steps of one flow may send the same run number."""
    event, key = keyed()
    tell(server, event, **key)
    given = tell(server, {"achievement": "solver", "actor": event["actor"]}, "/v1/awards", **key)
    assert given.status_code == 201
    assert progress(server, event["actor"]) == (2, 2)


# ------------------------------------------------- between the change and its answer


class FailingStore:
    """A store that fails after so many transactions, as a disk does that is full; what was committed stays."""

    def __init__(self, store: Store, transactions: int) -> None:
        """Let *transactions* through."""
        self._store = store
        self._left = transactions

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a transaction, if there is one left."""
        if not self._left:
            raise StoreFull("No space is left.")
        self._left -= 1
        return self._store.transaction()

    def reading(self) -> AbstractContextManager[Reading]:
        """Open a consistent view."""
        return self._store.reading()

    def turn(self, name: str, *, patience_seconds: float) -> AbstractContextManager[None]:
        """Let one caller at a time into the block of a name."""
        return self._store.turn(name, patience_seconds=patience_seconds)

    def check(self) -> str | None:
        """Say that all is well; nobody knows yet."""
        return None

    def close(self) -> None:
        """Leave the store to who opened it."""


TWICE = {**solved(), "id": None, "occurred_at": None}
CALLS = {
    "/v1/evaluate": TWICE,
    "/v1/evaluate/batch": {"events": [TWICE, {**TWICE, "properties": {"line": 2}}]},
    "/v1/awards": {"achievement": "solver", "actor": TWICE["actor"]},
}


@pytest.mark.parametrize(("path", "body"), CALLS.items(), ids=CALLS)
def test_a_keyed_call_whose_answer_could_not_be_kept_is_carried_out_once(
    tmp_path: Path, path: str, body: dict[str, Any]
) -> None:
    """The key stands for a call that has no id of its own; the caller saw a failure and comes again."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    services = Services(store, lambda: datetime.now(UTC), Settings(api_key=API_KEY))
    save_achievement(services, RULE, author="Ops")
    headers = {"X-API-Key": API_KEY, "Idempotency-Key": "run-1"}
    failing = create_app(replace(services, store=FailingStore(store, 1)))
    assert failing.test_client().post(path, json=body, headers=headers).status_code == 503
    with store.reading() as reading:
        awards = [award.id for award in reading.awards(AwardQuery())]
    assert awards
    assert create_app(services).test_client().post(path, json=body, headers=headers).status_code in {200, 201}
    with store.reading() as reading:
        assert [award.id for award in reading.awards(AwardQuery())] == awards
    store.close()
