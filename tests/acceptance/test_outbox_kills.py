"""The server is killed again and again between commit and send, and every award is still told, under one id."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from milepost.clock import read_clock
from milepost.delivery.transports import make_transports
from milepost.operations.claim_deliveries import LEASE
from milepost.operations.dispatch_deliveries import dispatch_due
from milepost.operations.let_time_pass import let_time_pass
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Store
from milepost.storage.outbox import DeliveryQuery, DeliveryRecord, DeliveryStatus
from milepost.storage.records import AwardQuery
from tests.acceptance.servers import Server, free_port, running, session
from tests.delivery.receivers import Arrival, Behaviour, Line, Receiver, answer
from tests.stores import ground_of

pytestmark = pytest.mark.slow

#: With MILEPOST_KILLS=200 as often as it is promised.
KILLS = int(os.environ.get("MILEPOST_KILLS", "15"))
#: A database server goes on, and what a dead process had taken must wait for its lease to end.
KILLS_OF = {"sqlite": KILLS, "postgresql": max(6, KILLS // 4)}
SEED = os.environ.get("MILEPOST_SEED") or str(random.SystemRandom().randrange(10**6))
RECEIVERS = 6
PLACES_EACH = 3
TELLERS = 3
PATIENCE_SECONDS = 120.0
NEVER = "never@example.com"
RULE = {
    "key": "solved",
    "name": "Solved",
    "purpose": "Tickets that are solved in time",
    "category": "volume",
    "criterion": {"kind": "count", "target": 1, "of": {"type": "ticket.solved", "once_per": "subject"}},
    "repeats": "every_target",
    "points": 1,
    "state": "live",
}
THANKS = {**RULE, "key": "thanks", "name": "Thanks", "criterion": {**RULE["criterion"], "target": 1000}}  # type: ignore[dict-item]


def unhurried() -> Behaviour:
    """Answer well, but not at once, so that a kill finds something on its way."""
    good = answer()

    def behave(arrival: Arrival, line: Line) -> None:
        line.is_closing(0.02)
        good(arrival, line)

    return behave


@dataclass
class Teller(threading.Thread):
    """Tells the server what happened until it is acknowledged, and things that must never become news."""

    number: int
    url: str
    over: threading.Event
    #: What was acknowledged as earned.
    awards: set[str] = field(default_factory=set)
    refused: int = 0

    def __post_init__(self) -> None:
        """Prepare the thread."""
        super().__init__(daemon=True)
        self._chance = random.Random(f"{SEED}-{self.number}")  # noqa: S311 - repeatable on purpose

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Tell one thing after the other."""
        count = 0
        while not self.over.is_set():
            count += 1
            person = f"person-{self.number}-{count // 3}@example.com"
            self._call("PUT", f"/v1/actors/{person}", {"preferences": {"messages": {"outside_working_hours": True}}})
            told = self._event(f"t-{self.number}-{count}", person)
            answered = self._call("POST", "/v1/evaluate", told)
            self.awards.update(award["id"] for award in answered["awards"])
            self._tell_what_never_was(count)
            if self._chance.random() < 0.1:
                self._call("DELETE", f"/v1/events/{told['id']}")
            time.sleep(self._chance.uniform(0.05, 0.25))

    def _tell_what_never_was(self, count: int) -> None:
        """Try a dry run, or calls that are refused after they began."""
        never = self._event(f"n-{self.number}-{count}", NEVER)
        match self._chance.randrange(3):
            case 0:
                assert self._call("POST", "/v1/evaluate", {**never, "dry_run": True})["unlocked"]
            case 1:
                worse = {"achievement": "thanks", "actor": NEVER, "id": f"x-{count}", "points": "many"}
                self.refused += "status" in self._call("POST", "/v1/awards", worse)
            case _:
                first = self._event(f"t-{self.number}-{count}", NEVER)
                self.refused += "status" in self._call("POST", "/v1/evaluate", {**first, "subject": "another"})

    def _event(self, event_id: str, actor: str) -> dict[str, Any]:
        return {"id": event_id, "type": "ticket.solved", "actor": actor, "subject": f"of {event_id}"}

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call until there is an answer; the server may be away."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with session() as caller:
                    answered = caller.request(method, self.url + path, json=body, timeout=20)
                if answered.status_code < 500:
                    return answered.json() if answered.content else None
            except requests.RequestException:
                assert time.monotonic() < deadline, "the server stayed away"
            time.sleep(0.05)


@dataclass(frozen=True)
class Outcome:
    """What is left after the kills: the store, what arrived where, and what was under way at a kill."""

    store: Store
    #: By place, then message: every request that arrived whole.
    arrived: dict[tuple[str, str], list[Arrival]]
    under_way: Counter[tuple[str, str]]
    tellers: list[Teller]

    def places(self, audience: str) -> set[str]:
        """Give the ids of the places for an audience."""
        with self.store.reading() as reading:
            return {place.id for place in reading.subscriptions() if place.audience == audience}

    def arrived_at(self, audience: str) -> dict[tuple[str, str], list[Arrival]]:
        """Give what arrived at the places for an audience."""
        places = self.places(audience)
        return {key: arrivals for key, arrivals in self.arrived.items() if key[0] in places}

    def deliveries(self) -> list[DeliveryRecord]:
        """Give all deliveries."""
        with self.store.reading() as reading:
            return reading.deliveries(DeliveryQuery(limit=10**6))


def besiege(server: Server, kills: int) -> tuple[list[Teller], Counter[tuple[str, str]]]:
    """Let the tellers loose and kill the server at random moments; note what was under way each time."""
    chance, over = random.Random(SEED), threading.Event()  # noqa: S311 - the same
    tellers = [Teller(number, server.url, over) for number in range(TELLERS)]
    for teller in tellers:
        teller.start()
    under_way: Counter[tuple[str, str]] = Counter()
    for _ in range(kills):
        time.sleep(chance.uniform(0.2, 0.9))
        server.kill()
        with closing(open_store(server.store)) as store, store.reading() as reading:
            under_way.update((one.subscription_id, one.message_id) for one in reading.deliveries_leased())
        server.start()
    over.set()
    for teller in tellers:
        teller.join(PATIENCE_SECONDS)
        assert not teller.is_alive()
    server.kill()
    with closing(open_store(server.store)) as store, store.reading() as reading:
        under_way.update((one.subscription_id, one.message_id) for one in reading.deliveries_leased())
    return tellers, under_way


def finish(store: Store, settings: Settings) -> None:
    """Send what is left, when the leases of the dead have ended."""
    services = Services(store, lambda: read_clock() + LEASE, settings)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert not let_time_pass(services).failed
        dispatch_due(services, make_transports(settings))
        with store.reading() as reading:
            if not reading.deliveries(DeliveryQuery(status=DeliveryStatus.WAITING, limit=1)):
                return
        time.sleep(0.05)
    raise AssertionError("something still waits")


def set_up(server: Server, receivers: list[Receiver]) -> dict[str, str]:
    """Save the rules, and subscribe each receiver several times; give the id of each place by its URL."""
    places = {}
    with session() as caller:
        for rule in (RULE, THANKS):
            answered = caller.put(f"{server.url}/v1/achievements/{rule['key']}", json=rule, timeout=20)
            assert answered.ok, answered.text
        for receiver in receivers:
            receiver.will(unhurried())
            for number in range(PLACES_EACH):
                places |= subscribe(caller, server, {"url": receiver.url(f"/{number}")})
        places |= subscribe(caller, server, {"url": receivers[0].url("/person"), "audience": "actor"})
    return places


def subscribe(caller: requests.Session, server: Server, wish: dict[str, str]) -> dict[str, str]:
    """Add a place, and give its id by its URL."""
    answered = caller.post(f"{server.url}/v1/subscriptions", json=wish, timeout=20)
    assert answered.status_code == 201, answered.text
    return {wish["url"]: answered.json()["id"]}


def sort_arrivals(receivers: list[Receiver], places: dict[str, str]) -> dict[tuple[str, str], list[Arrival]]:
    """Sort what arrived whole by place and message."""
    arrived: dict[tuple[str, str], list[Arrival]] = {}
    for receiver in receivers:
        for one in receiver.arrivals:
            if len(one.body) == int(one.headers["content-length"]):  # a kill may break off a request
                arrived.setdefault((places[receiver.url(one.path)], one.json["id"]), []).append(one)
    return arrived


@pytest.fixture(scope="module", params=KILLS_OF)
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """Run it once for each kind of store."""
    folder: Path = tmp_path_factory.mktemp("outbox")
    print(f"\n{request.param}, MILEPOST_SEED={SEED}, {KILLS_OF[request.param]} kills")
    with ExitStack() as stack:
        url = stack.enter_context(ground_of(request.param, folder)).fresh_url()
        receivers = [stack.enter_context(Receiver()) for _ in range(RECEIVERS)]
        allowed = tuple(receiver.allowed for receiver in receivers)
        server = Server(url, folder / "log", free_port(), {"MILEPOST_ALLOWED_ADDRESSES": ",".join(allowed)})
        with running(server):
            places = set_up(server, receivers)
            tellers, under_way = besiege(server, KILLS_OF[request.param])
        store = stack.enter_context(closing(open_store(url)))
        finish(store, Settings(allowed_addresses=allowed))
        yield Outcome(store, sort_arrivals(receivers, places), under_way, tellers)


def test_every_award_is_told_to_every_place(outcome: Outcome) -> None:
    """Each that was acknowledged, and each that is kept: a kill loses none of its messages."""
    with outcome.store.reading() as reading:
        news = reading.newest_news(["achievement.awarded", "achievement.revoked"], limit=10**6)
        awards = {award.id for award in reading.awards(AwardQuery(limit=10**6))}
    assert {one.award_id for one in news} == awards >= set().union(*(teller.awards for teller in outcome.tellers))
    assert {(place, one.id) for place in outcome.places("all") for one in news} == set(outcome.arrived_at("all"))
    assert {one.status for one in outcome.deliveries()} == {DeliveryStatus.SENT}
    print(f"{len(awards)} awards, {len(news)} pieces of news, {len(outcome.arrived)} messages arrived")


def test_every_person_heard_of_their_awards(outcome: Outcome) -> None:
    """In a message that arrived, and of each that fell afterwards; nothing is owed any more."""
    arrived = {message_id for _, message_id in outcome.arrived_at("actor")}
    with outcome.store.reading() as reading:
        awards = reading.awards(AwardQuery(limit=10**6))
        rows = [row for award in awards for row in reading.owed_about(f"award:{award.id}")]
    assert {row.topic for row in rows} == {f"award:{award.id}" for award in awards}
    assert [row for row in rows if row.due_at is not None] == []
    assert {(row.standing, row.told) for row in rows} <= {
        ("granted", "granted"),
        ("fallen", "fallen"),
        ("fallen", None),
    }
    assert {row.message_id for row in rows if row.told} <= arrived
    print(f"{len(arrived)} messages to people tell of {sum(row.told is not None for row in rows)} awards")


def test_all_attempts_carry_one_id(outcome: Outcome) -> None:
    """And the same body, so that a receiver knows a duplicate."""
    bodies: dict[str, set[bytes]] = {}
    for (_, message_id), arrivals in outcome.arrived.items():
        assert {one.headers["webhook-id"] for one in arrivals} == {message_id}
        bodies.setdefault(message_id, set()).update(one.body for one in arrivals)
    assert {len(each) for each in bodies.values()} == {1}


def test_only_what_was_under_way_at_a_kill_came_twice(outcome: Outcome) -> None:
    """Then nobody can know whether it had arrived."""
    twice = {key: len(arrivals) - 1 for key, arrivals in outcome.arrived.items() if len(arrivals) > 1}
    total, doubled = sum(map(len, outcome.arrived.values())), sum(twice.values())
    print(f"{total} requests, {doubled} duplicates; {outcome.under_way.total()} messages were under way at a kill")
    assert outcome.under_way.total() > 0, "no kill hit anything"
    assert {key: count for key, count in twice.items() if count > outcome.under_way[key]} == {}


def test_nothing_is_told_that_was_not_kept(outcome: Outcome) -> None:
    """Dry runs, refused calls and what a kill undid are no news."""
    assert all(teller.refused > 0 for teller in outcome.tellers)
    with outcome.store.reading() as reading:
        kept = {award.id for award in reading.awards(AwardQuery(limit=10**6))}
    told = [one.json["data"] for arrivals in outcome.arrived_at("all").values() for one in arrivals]
    assert {data["id"] for data in told} <= kept
    assert NEVER not in {data["actor"] for data in told}
    to_people = [one.json["data"] for arrivals in outcome.arrived_at("actor").values() for one in arrivals]
    assert NEVER not in {data["recipient"] for data in to_people}


def test_every_attempt_that_was_noted_is_kept(outcome: Outcome) -> None:
    """At least one for each message that arrived, and none that nobody made."""
    with outcome.store.reading() as reading:
        for delivery in outcome.deliveries():
            arrived = len(outcome.arrived[delivery.subscription_id, delivery.message_id])
            assert 1 <= len(reading.attempts(delivery.id)) <= arrived
