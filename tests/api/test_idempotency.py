from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, g

from milepost.api import idempotency
from milepost.api.evaluate import keyed_call
from milepost.operations.check_key import Caller
from milepost.operations.find_zone import zone_finder
from milepost.operations.services import Services
from milepost.schemas.events import load_event

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENT = {"type": "ticket.solved", "actor": "ana@example.com"}
KEY = {"Idempotency-Key": "run-17"}


def tell(caller: Any, body: Any = EVENT, **headers: Any) -> Any:
    """Tell an event under a key."""
    return caller.post("/v1/evaluate", json=body, headers={**KEY, **headers})


def test_the_same_call_again_gets_the_first_answer_byte_for_byte(admin: Any) -> None:
    """And says that it did."""
    first = tell(admin)
    again = tell(admin)
    assert again.data == first.data
    assert again.status_code == first.status_code
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


def test_another_body_under_the_same_key_is_refused(admin: Any) -> None:
    """It would be a lost event otherwise."""
    tell(admin)
    answer = tell(admin, {**EVENT, "actor": "ben@example.com"})
    assert answer.status_code == 422
    assert answer.get_json()["type"].endswith("idempotency-mismatch")


def test_a_refused_call_may_be_corrected_under_its_key(admin: Any) -> None:
    """Failures are not kept."""
    assert tell(admin, {"type": "ticket.solved"}).status_code == 422
    assert tell(admin).status_code == 200


def test_a_dry_run_does_not_use_its_key_up(admin: Any) -> None:
    """Somebody tries the step, then switches it on."""
    tell(admin, {**EVENT, "dry_run": True})
    answer = tell(admin)
    assert answer.status_code == 200
    assert "Idempotency-Replayed" not in answer.headers


def test_an_event_without_id_gets_one_from_its_key(admin: Any, app: Flask, services: Services) -> None:
    """Even if the answer was lost before it was kept, a retry counts once."""
    event_id = tell(admin).get_json()["event_id"]
    with app.test_request_context("/v1/evaluate", headers=KEY):
        g.caller = Caller("settings", "", frozenset())
        retried = load_event(EVENT, now=MONDAY, zone_of=zone_finder(services), fallback_id=keyed_call())
    assert retried.event.id == event_id


def test_two_keys_of_two_callers_are_two(admin: Any, caller_with: Any) -> None:
    """One tool's numbering is not another's."""
    first = tell(admin).get_json()["event_id"]
    assert tell(caller_with("evaluate")).get_json()["event_id"] != first


@pytest.mark.parametrize("key", ["x" * 256, "x" * 5_000])
def test_a_key_has_255_characters_at_most(admin: Any, key: Any) -> None:
    """The header is a name, not a place for content."""
    answer = tell(admin, **{"Idempotency-Key": key})
    assert answer.status_code == 422


def test_a_blank_key_is_none(admin: Any) -> None:
    """Low-code tools send the header with an empty value."""
    for _ in range(2):
        assert "Idempotency-Replayed" not in tell(admin, **{"Idempotency-Key": " "}).headers


def test_many_at_once_are_answered_from_one(app: Flask, admin: Any, services: Services) -> None:
    """Of 16 calls at the same moment one is carried out, the others get its answer."""
    answers = []

    def call() -> None:
        answers.append(app.test_client().post("/v1/evaluate", json=EVENT, headers={**KEY, "X-API-Key": admin.key}))

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.data for answer in answers} == {answers[0].data}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    with services.store.reading() as reading:
        assert len(list(reading.events())) == 1


def test_a_call_that_waits_too_long_is_asked_to_come_again(
    admin: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing hangs for ever, and nothing is done twice."""
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.01)
    with services.store.turn("settings POST /v1/evaluate run-17", patience_seconds=1):
        answer = tell(admin)
    assert answer.status_code == 409
    assert answer.headers["Retry-After"] == "1"
    assert tell(admin).status_code == 200
