from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

RULE: dict[str, Any] = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 5, "window": "week", "of": {"type": "ticket.solved"}},
}
CLEAN_CLOSE = "/v1/achievements/clean-close"


def test_a_saved_rule_is_answered_with_its_sentence_and_advice(admin: Any) -> None:
    saved = admin.put(CLEAN_CLOSE, json=RULE)
    assert saved.status_code == 200
    assert saved.json["version"] == 1
    assert saved.json["changed"] is True
    assert saved.json["state"] == "draft"
    assert "5" in saved.json["sentence"]
    assert all(advice["code"] and advice["text"] for advice in saved.json["advice"])


def test_the_same_document_again_makes_no_version(admin: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE)
    again = admin.put(CLEAN_CLOSE, json=dict(reversed(RULE.items())))
    assert (again.json["version"], again.json["changed"]) == (1, False)


def test_every_change_is_a_version_with_author_and_note(admin: Any, clock: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE)
    clock.move(timedelta(days=1))
    admin.put(CLEAN_CLOSE, json=RULE | {"points": 5}, query_string={"note": "Worth more"})
    shown = admin.get(CLEAN_CLOSE).json
    assert shown["document"]["points"] == 5
    assert [(version["number"], version["note"]) for version in shown["versions"]] == [(1, None), (2, "Worth more")]
    assert shown["versions"][1]["effective_at"] == "2026-03-03T12:00:00+00:00"
    assert {version["author"] for version in shown["versions"]} == {"MILEPOST_API_KEY"}


def test_a_rule_goes_live_and_is_retired_by_its_state(admin: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE)
    live = admin.post(f"{CLEAN_CLOSE}/state", json={"state": "live", "note": "Pilot starts"})
    assert (live.json["state"], live.json["version"]) == ("live", 2)
    assert admin.post(f"{CLEAN_CLOSE}/state", json={"state": "live"}).json["changed"] is False
    assert admin.get("/v1/achievements?state=live").json["items"][0]["key"] == "clean-close"
    assert admin.post(f"{CLEAN_CLOSE}/state", json={"state": "retired"}).json["state"] == "retired"
    assert admin.get("/v1/achievements?state=live").json["items"] == []


def test_a_document_without_state_leaves_a_live_rule_live(admin: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE | {"state": "live"})
    assert admin.put(CLEAN_CLOSE, json=RULE | {"points": 5}).json["state"] == "live"


def test_an_unknown_state_is_refused(admin: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE)
    refused = admin.post(f"{CLEAN_CLOSE}/state", json={"state": "on"})
    assert refused.status_code == 422
    assert "draft, shadow, live, retired" in refused.json["errors"][0]["message"]


def test_a_rule_goes_back_to_an_earlier_version_and_stays_live(admin: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE | {"points": 1})
    admin.put(CLEAN_CLOSE, json=RULE | {"points": 2, "state": "live"})
    back = admin.post(f"{CLEAN_CLOSE}/rollback", json={"version": 1})
    assert (back.json["version"], back.json["state"]) == (3, "live")
    shown = admin.get(CLEAN_CLOSE).json
    assert shown["document"]["points"] == 1
    assert shown["versions"][2]["note"] == "Rolled back to version 1"
    assert admin.post(f"{CLEAN_CLOSE}/rollback", json={"version": 9}).status_code == 404


def test_a_check_saves_nothing(admin: Any) -> None:
    checked = admin.post("/v1/achievements/check", json=RULE)
    assert checked.status_code == 200
    assert checked.json["sentence"] == admin.put(CLEAN_CLOSE, json=RULE).json["sentence"]
    assert admin.get(CLEAN_CLOSE).json["version"] == 1


@pytest.mark.parametrize(
    ("change", "pointer", "hint"),
    [
        ({"criterion": {**RULE["criterion"], "windwo": "week"}}, "/criterion/windwo", "`window`"),
        ({"message": "{{ actor.frist_name }}"}, "/message", "{{ actor.first_name }}"),
        ({"next_step": "{% raw %}"}, "/next_step", "Only placeholders"),
        ({"criterion": {"kind": "earned", "achievements": ["clean-close"]}}, "/criterion/achievements/0", "itself"),
        ({"criterion": {"kind": "earned", "achievements": ["frist-win"]}}, "/criterion", "*frist-win*"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/achievements", "/v1/achievements/check"])
def test_a_rule_that_cannot_be_used_is_refused_with_every_place(
    admin: Any, path: str, change: dict[str, Any], pointer: str, hint: str
) -> None:
    refused = admin.post(path, json=RULE | change)
    assert refused.status_code == 422
    (error,) = refused.json["errors"]
    assert error["pointer"] == pointer
    assert hint in error["message"]
    assert admin.get(CLEAN_CLOSE).status_code == 404


def test_rules_that_would_build_on_each_other_are_refused(admin: Any) -> None:
    def builds_on(*keys: str) -> dict[str, Any]:
        return {"criterion": {"kind": "earned", "achievements": list(keys)}}

    admin.put("/v1/achievements/one", json=RULE | {"key": "one"})
    admin.put("/v1/achievements/two", json=RULE | {"key": "two"} | builds_on("one"))
    admin.put("/v1/achievements/three", json=RULE | {"key": "three"} | builds_on("two"))
    refused = admin.put("/v1/achievements/one", json=RULE | {"key": "one"} | builds_on("three"))
    assert refused.status_code == 422
    assert "one → three → two → one" in refused.json["detail"]


def test_another_key_in_the_body_than_in_the_address_is_refused(admin: Any) -> None:
    refused = admin.put(CLEAN_CLOSE, json=RULE | {"key": "other"})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/key"


def test_an_unknown_achievement_is_told_so(admin: Any) -> None:
    assert admin.get(CLEAN_CLOSE).status_code == 404
    assert admin.post(f"{CLEAN_CLOSE}/state", json={"state": "live"}).status_code == 404


def test_reading_and_changing_need_their_scopes(caller_with: Any) -> None:
    reader = caller_with("read")
    assert reader.get("/v1/achievements").status_code == 200
    assert reader.post("/v1/achievements/check", json=RULE).status_code == 200
    assert reader.put(CLEAN_CLOSE, json=RULE).status_code == 403
    assert reader.post(f"{CLEAN_CLOSE}/state", json={"state": "live"}).status_code == 403


def test_a_target_nobody_came_near_is_advised_against(admin: Any, clock: Any) -> None:
    for days in (30, 0):
        moment = (clock.now - timedelta(days=days)).isoformat()
        told = {"id": f"t{days}", "type": "ticket.solved", "actor": "ana", "occurred_at": moment}
        assert admin.post("/v1/evaluate", json=told).status_code == 200
    checked = admin.post("/v1/achievements/check", json=RULE)
    assert "out_of_reach" in {advice["code"] for advice in checked.json["advice"]}
    easier = {**RULE["criterion"], "target": 1}
    checked = admin.post("/v1/achievements/check", json=RULE | {"criterion": easier})
    assert "out_of_reach" not in {advice["code"] for advice in checked.json["advice"]}


def test_versions_are_listed_newest_first_with_what_they_changed(admin: Any, clock: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE)
    clock.move(timedelta(days=1))
    admin.post(f"{CLEAN_CLOSE}/state", json={"state": "live", "past": "keep", "note": "Pilot starts"})
    changed = {**RULE, "criterion": RULE["criterion"] | {"target": 8}}
    admin.put(CLEAN_CLOSE, json=changed, query_string={"note": "Too easy", "past": "recompute"})
    newest, live, first = admin.get(f"{CLEAN_CLOSE}/versions").json["items"]
    assert (newest["note"], newest["past"], newest["author"]) == ("Too easy", "recompute", "MILEPOST_API_KEY")
    assert newest["changes"] == ["Target: 5 → 8.", "The time before is judged anew."]
    assert "8 solved tickets" in newest["sentence"]
    assert live["changes"] == ["Live since 3 March 2026, 12:00 UTC, and the time before does not count."]
    assert live["starts_at"] == live["effective_at"] == "2026-03-03T12:00:00+00:00"
    assert (first["number"], first["changes"]) == (1, ["New rule.", "A draft: nothing is judged."])


def test_the_versions_of_an_unknown_rule_are_not_found(admin: Any) -> None:
    assert admin.get(f"{CLEAN_CLOSE}/versions").status_code == 404


def test_a_change_in_force_without_a_reason_is_made_with_a_warning(admin: Any) -> None:
    assert admin.put(CLEAN_CLOSE, json=RULE).json["warnings"] == []
    live = admin.post(f"{CLEAN_CLOSE}/state", json={"state": "live"}).json
    assert (live["changed"], live["past"], len(live["warnings"])) == (True, "recompute", 1)
    noted = admin.put(CLEAN_CLOSE, json=RULE | {"points": 5}, query_string={"note": "Worth more"}).json
    assert (noted["past"], noted["warnings"]) == ("keep", [])


def test_a_choice_about_the_past_that_does_not_exist_is_refused(admin: Any) -> None:
    refused = admin.put(CLEAN_CLOSE, json=RULE, query_string={"past": "forget"})
    assert refused.status_code == 422
    assert "keep, recompute" in refused.json["errors"][0]["message"]


def test_a_rollback_has_its_reason_too(admin: Any) -> None:
    admin.put(CLEAN_CLOSE, json=RULE | {"points": 1})
    admin.put(CLEAN_CLOSE, json=RULE | {"points": 2})
    admin.post(f"{CLEAN_CLOSE}/rollback", json={"version": 1, "note": "Inflated"})
    assert admin.get(f"{CLEAN_CLOSE}/versions").json["items"][0]["note"] == "Rolled back to version 1: Inflated"
