from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

RULE = {
    "key": "tidy-pipeline",
    "name": "Tidy Pipeline",
    "purpose": "The pipeline is up to date every working day",
    "category": "consistency",
    "criterion": {
        "kind": "streak",
        "target": 3,
        "each": {"kind": "count", "target": 1, "of": {"type": "pipeline.updated"}},
    },
    "state": "live",
}
ANA = {"actor": "ana@example.com"}
CHECK_INS = "/v1/streaks/tidy-pipeline/check-ins"


@pytest.fixture(autouse=True)
def rule(admin: Any) -> None:
    """Have a streak in force, and a rule that is none."""
    assert admin.put("/v1/achievements/tidy-pipeline", json=RULE).status_code == 200
    plain = {**RULE, "key": "plain", "name": "Plain", "criterion": RULE["criterion"]["each"]}
    assert admin.put("/v1/achievements/plain", json=plain).status_code == 200


def test_a_check_in_needs_no_type_and_shows_the_streak(admin: Any, clock: Any) -> None:
    """The simplest step of all: the actor is enough."""
    first = admin.post(CHECK_INS, json={**ANA, "id": "monday"}).get_json()
    assert (first["current"], first["outcome"]) == (1, "counted")
    clock.move(timedelta(days=1))
    second = admin.post(CHECK_INS, data={**ANA, "id": "tuesday"}).get_json()
    assert (second["current"], second["longest"]) == (2, 2)
    assert admin.get("/v1/events/tuesday").get_json()["type"] == "pipeline.updated"


def test_checking_in_twice_with_one_id_counts_once(admin: Any) -> None:
    """A retry changes nothing."""
    for _ in range(2):
        answer = admin.post(CHECK_INS, json={**ANA, "id": "monday"}).get_json()
    assert (answer["current"], answer["replayed"]) == (1, True)


def test_the_type_of_a_check_in_is_not_the_callers_to_choose(admin: Any) -> None:
    """Another type would not be this streak."""
    assert admin.post(CHECK_INS, json={**ANA, "type": "deal.won"}).status_code == 422


@pytest.mark.parametrize(("key", "status"), [("none", 404), ("plain", 409)])
def test_only_a_streak_can_be_checked_in_to(admin: Any, key: Any, status: int) -> None:
    """The answer names what to do instead."""
    answer = admin.post(f"/v1/streaks/{key}/check-ins", json=ANA)
    assert answer.status_code == status
    assert "evaluate" in answer.get_json()["detail"] or "tidy-pipeline" in answer.get_json()["detail"]


def test_the_streaks_of_a_holder_are_listed(admin: Any) -> None:
    """With one achievement or all."""
    admin.post(CHECK_INS, json=ANA)
    items = admin.get("/v1/streaks", query_string={"actor": "ANA@example.com"}).get_json()["items"]
    assert [(one["achievement"], one["current"]) for one in items] == [("tidy-pipeline", 1)]
    query = {**ANA, "achievement": "plain"}
    assert admin.get("/v1/streaks", query_string=query).get_json()["items"] == []


def test_a_list_of_streaks_needs_a_holder(admin: Any) -> None:
    """Everybody's at once would be a ranking."""
    assert admin.get("/v1/streaks").status_code == 422


def test_a_frozen_day_keeps_the_streak(admin: Any, clock: Any) -> None:
    """A day missed for a good reason ends nothing."""
    admin.post(CHECK_INS, json={**ANA, "id": "monday"})
    clock.move(timedelta(days=4))
    for day in ("2026-03-03", "2026-03-04", "2026-03-05"):
        freeze = {**ANA, "day": day, "note": "Conference"}
        frozen = admin.post("/v1/streaks/tidy-pipeline/freezes", json=freeze)
        assert frozen.status_code == 200
    assert frozen.get_json()["day"] == "2026-03-05"
    assert admin.post(CHECK_INS, json={**ANA, "id": "friday"}).get_json()["current"] == 2


@pytest.mark.parametrize("body", [{"day": "2026-03-03"}, {**ANA}, {**ANA, "day": "tomorrow"}, {**ANA, "day": None}])
def test_a_freeze_names_a_holder_and_a_day(admin: Any, body: Any) -> None:
    """Nothing is guessed."""
    assert admin.post("/v1/streaks/tidy-pipeline/freezes", json=body).status_code == 422
