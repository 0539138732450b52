"""Callers that never give up: each call is repeated with the same id until it is acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.acceptance.helpdesk import PEOPLE, Chance
from tests.acceptance.servers import session

#: Longer than any restart takes.
PATIENCE_SECONDS = 120.0


@dataclass
class Record:
    """What one caller was told is on disk."""

    #: By id, every content in the order told; equal neighbours are one.
    tellings: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)
    #: Ids of awards given by hand.
    given: set[str] = field(default_factory=set)
    acknowledged: int = 0
    #: Calls whose connection broke, or that were told to come again.
    broken: int = 0
    #: First answers and those of the same content told again.
    replays: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def note(self, event_id: str, content: Mapping[str, Any]) -> None:
        """Note a content that was acknowledged."""
        told = self.tellings.setdefault(event_id, [])
        if not told or told[-1] != content:
            told.append(content)
        self.acknowledged += 1


@dataclass(frozen=True)
class Weather:
    """What all callers see."""

    #: Set while there is a server; without it there is no use in trying.
    is_up: threading.Event = field(default_factory=threading.Event)
    #: Set when each shall finish the call it is at.
    is_over: threading.Event = field(default_factory=threading.Event)


class Caller(threading.Thread):
    """Tells, repeats, revises and takes back events until it is asked to stop."""

    def __init__(self, number: int, url: str, chance: Chance, weather: Weather) -> None:
        """Own all ids that begin with *number*, so that their last content is known."""
        super().__init__(name=f"caller-{number}", daemon=True)
        self.record = Record()
        self.failure: BaseException | None = None
        self._number = number
        self._url = url
        self._chance = chance
        self._weather = weather
        self._made = 0
        self._session = session()

    def run(self) -> None:
        """Act until asked to stop; a failure is kept for the test."""
        actions = [self._tell, self._tell_twice, self._revise, self._void, self._batch, self._tell_keyed, self._give]
        try:
            while not self._weather.is_over.is_set():
                self._chance.random.choices(actions, [40, 12, 18, 8, 8, 9, 5])[0]()
        except (AssertionError, requests.RequestException, KeyError, ValueError) as failure:
            self.failure = failure

    def call(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Repeat a call until it is acknowledged."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = self._session.request(
                    method, self._url + path, json=body, headers=dict(headers or {}), timeout=20
                )
            except requests.RequestException:
                self.record.broken += 1
                self._weather.is_up.wait(PATIENCE_SECONDS)
                continue
            if answer.ok:
                return answer
            assert answer.headers.get("Retry-After"), f"{method} {path}: {answer.status_code} {answer.text}"
            self.record.broken += 1
            time.sleep(0.1)
        raise AssertionError(f"{method} {path} was not acknowledged for {PATIENCE_SECONDS} s")

    # ---------------------------------------------------------------- what it does

    def _new_id(self) -> str:
        self._made += 1
        return f"{self._number}-{self._made}"

    def _evaluate(self, event: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("POST", "/v1/evaluate", event).json()
        assert answer["event_id"] == event["id"]
        self.record.note(event["id"], event)
        return answer

    def _tell(self) -> None:
        self._evaluate(self._chance.event(self._new_id()))

    def _tell_twice(self) -> None:
        event = self._chance.event(self._new_id())
        first, again = self._evaluate(event), self._evaluate(event)
        self.record.replays.append((first, again))

    def _mine(self) -> str | None:
        """Choose one of the own events that still stands."""
        ids = [event_id for event_id in self.record.tellings if event_id not in self.record.voided]
        return self._chance.random.choice(ids) if ids else None

    def _revise(self) -> None:
        event_id = self._mine()
        if event_id and "id" in self.record.tellings[event_id][-1]:
            self._evaluate(self._chance.revision(self.record.tellings[event_id][-1]))

    def _void(self) -> None:
        event_id = self._mine()
        if event_id:
            self.call("DELETE", f"/v1/events/{event_id}")
            self.record.voided.add(event_id)
            self.record.acknowledged += 1

    def _batch(self) -> None:
        """Tell new events, a revision and one event twice in one call.

        Repeating the call tells the older content after the newer one; only *revised_at* says which is which.
        """
        events = [self._chance.event(self._new_id()) for _ in range(self._chance.random.randrange(2, 8))]
        events[0]["revised_at"] = events[0]["occurred_at"]
        events += [self._chance.revision(events[0]), events[-1]]
        results = self.call("POST", "/v1/evaluate/batch", {"events": events}).json()["results"]
        assert [result["event_id"] for result in results] == [event["id"] for event in events]
        for event in events:
            self.record.note(event["id"], event)

    def _tell_keyed(self) -> None:
        """Tell an event without id and time, known by its call's key alone."""
        event = self._chance.event("")
        del event["id"], event["occurred_at"]
        key = {"Idempotency-Key": f"call-{self._new_id()}"}
        answer = self.call("POST", "/v1/evaluate", event, headers=key).json()
        self.record.note(answer["event_id"], event)

    def _give(self) -> None:
        award = {"id": f"thanks-{self._new_id()}", "achievement": "thanks", "actor": self._chance.random.choice(PEOPLE)}
        self.record.given.add(self.call("POST", "/v1/awards", award).json()["id"])
        self.record.acknowledged += 1
