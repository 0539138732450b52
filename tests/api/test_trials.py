from __future__ import annotations

from typing import Any

import pytest

CLEAN_CLOSE = "/v1/achievements/clean-close"
RULE: dict[str, Any] = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 2, "window": "week", "of": {"type": "ticket.solved"}},
    "repeats": "every_window",
    "points": 5,
}


@pytest.fixture
def told(admin: Any) -> Any:
    """Have a draft, and two tickets that Ana solved today."""
    admin.put(CLEAN_CLOSE, json=RULE)
    for hour in ("10", "11"):
        event = {"type": "ticket.solved", "actor": "ana@example.com", "subject": f"ticket-{hour}"}
        admin.post("/v1/evaluate", json={**event, "occurred_at": f"2026-03-02T{hour}:00:00Z"})
    return admin


def test_the_effect_of_a_change_is_shown_for_both_choices(told: Any) -> None:
    told.post(f"{CLEAN_CLOSE}/state", json={"state": "live"})
    document = {name: value for name, value in RULE.items() if name != "key"} | {"points": 7}
    shown = told.post(f"{CLEAN_CLOSE}/preview", json={"document": document})
    assert shown.status_code == 200
    assert (shown.json["past"], shown.json["changes"]) == ("keep", ["Points: 5 → 7."])
    assert (shown.json["recompute"]["revalued"], shown.json["recompute"]["points"]) == (1, 2)
    assert shown.json["keep"]["awards"][0]["holder"] == "ana@example.com"
    assert told.get(CLEAN_CLOSE).json["points"] == 5


def test_going_live_is_previewed(told: Any) -> None:
    shown = told.post(f"{CLEAN_CLOSE}/preview", json={"state": "live"}).json
    assert (shown["past"], shown["recompute"]["appears"], shown["state"]) == ("recompute", 1, "live")
    assert told.get(CLEAN_CLOSE).json["state"] == "draft"
    assert told.get("/v1/awards").json["items"] == []


@pytest.mark.parametrize("body", [{}, {"state": "live", "version": 1}, {"state": "on"}, {"version": 0}])
def test_a_preview_is_of_exactly_one_change(told: Any, body: dict[str, Any]) -> None:
    assert told.post(f"{CLEAN_CLOSE}/preview", json=body).status_code == 422


def test_a_preview_names_the_key_of_its_address_only(told: Any) -> None:
    other = told.post(f"{CLEAN_CLOSE}/preview", json={"document": RULE | {"key": "other"}})
    assert other.status_code == 422
    assert told.post("/v1/achievements/unknown/preview", json={"state": "live"}).status_code == 404


def test_a_backtest_needs_no_body_for_a_stored_rule(told: Any) -> None:
    shown = told.post(f"{CLEAN_CLOSE}/backtest")
    assert shown.status_code == 200
    assert (shown.json["awards_count"], shown.json["earners"][0]["holder"]) == (1, "ana@example.com")
    assert shown.json["weeks"] == [
        {"week": "2026-W10", "first_on": "2026-03-02", "awards": 1, "people": 1, "points": 5}
    ]


def test_a_changed_document_is_tried_in_place_of_the_stored_one(told: Any) -> None:
    changed = {**RULE, "criterion": RULE["criterion"] | {"target": 3}}
    shown = told.post(f"{CLEAN_CLOSE}/backtest", json=changed).json
    assert (shown["awards_count"], shown["nearest"][0]["percent"], shown["nearest"][0]["current"]) == (0, 66, 2)


def test_a_document_that_nobody_saved_is_tried_and_not_kept(told: Any) -> None:
    shown = told.post(
        "/v1/achievements/backtest", json=RULE | {"key": "new"}, query_string={"since": "2026-03-02T10:30:00Z"}
    )
    assert (shown.status_code, shown.json["awards_count"], shown.json["since"]) == (200, 1, "2026-03-02T10:30:00+00:00")
    assert told.get("/v1/achievements/new").status_code == 404


@pytest.mark.parametrize("path", [f"{CLEAN_CLOSE}/backtest", f"{CLEAN_CLOSE}/preview", "/v1/achievements/backtest"])
def test_trials_name_people_so_they_need_the_scope_manage(told: Any, path: str) -> None:
    key = told.post("/v1/keys", json={"name": "reader", "scopes": ["read", "evaluate"]}).json["secret"]
    refused = told.post(path, json=RULE, headers={"Authorization": f"Bearer {key}"})
    assert refused.status_code == 403
    assert "manage" in refused.json["detail"]


def test_a_rule_that_makes_no_sense_is_refused_with_its_place(told: Any) -> None:
    refused = told.post("/v1/achievements/backtest", json=RULE | {"pionts": 5})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/pionts"
