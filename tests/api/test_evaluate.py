from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

SOLVED = {
    "id": "zd-1",
    "type": "ticket.solved",
    "actor": "ana@example.com",
    "subject": "ticket-1",
    "occurred_at": "2026-03-02T10:00:00+01:00",
    "properties": {"within_sla": "true"},
}
RULE = {
    "key": "two-solved",
    "name": "Two Solved",
    "purpose": "Tickets are solved in time",
    "category": "volume",
    "criterion": {
        "kind": "count",
        "target": 2,
        "of": {"type": "ticket.solved", "where": [{"property": "within_sla", "is": "true"}]},
    },
    "points": 5,
    "state": "live",
}


@pytest.fixture
def rule(admin: Any) -> None:
    """Have one rule in force."""
    assert admin.put("/v1/achievements/two-solved", json=RULE).status_code == 200


def solved(number: Any, **more: Any) -> Any:
    """Give the event of one more ticket."""
    return {**SOLVED, "id": f"zd-{number}", "subject": f"ticket-{number}", **more}


@pytest.mark.usefixtures("rule")
def test_an_event_is_answered_with_what_it_meant(admin: Any) -> None:
    """The answer has what the next step of a flow needs, flat first."""
    first = admin.post("/v1/evaluate", json=solved(1)).get_json()
    assert (first["outcome"], first["unlocked"], first["progress"][0]["current"]) == ("counted", False, 1)
    second = admin.post("/v1/evaluate", json=solved(2)).get_json()
    assert (second["unlocked"], second["unlocked_names"], second["points_added"]) == (True, "Two Solved", 5)
    assert second["awards"][0]["evidence"] == ["zd-1", "zd-2"]


@pytest.mark.usefixtures("rule")
def test_the_same_event_again_changes_nothing(admin: Any) -> None:
    """A retry of the platform gets the first answer."""
    first = admin.post("/v1/evaluate", json=SOLVED).get_json()
    again = admin.post("/v1/evaluate", json=SOLVED).get_json()
    assert again == {**first, "replayed": True}


@pytest.mark.usefixtures("rule")
def test_the_same_event_without_a_moment_is_a_replay_too(admin: Any, clock: Any) -> None:
    """A retry comes later, and *now* is another moment then."""
    told = {**SOLVED, "occurred_at": None}
    admin.post("/v1/evaluate", json=told)
    clock.move(timedelta(minutes=3))
    assert admin.post("/v1/evaluate", json=told).get_json()["replayed"] is True


@pytest.mark.parametrize("where", ["body", "query"])
@pytest.mark.usefixtures("rule")
def test_a_dry_run_answers_and_keeps_nothing(admin: Any, where: Any) -> None:
    """Somebody may try a step without leaving a trace."""
    if where == "body":
        answer = admin.post("/v1/evaluate", json={**SOLVED, "dry_run": True})
    else:
        answer = admin.post("/v1/evaluate?dry_run=true", json=SOLVED)
    assert answer.get_json()["outcome"] == "counted"
    assert admin.get("/v1/events/zd-1").status_code == 404


@pytest.mark.usefixtures("rule")
def test_a_form_means_the_same_as_json(admin: Any) -> None:
    """Make cannot escape JSON."""
    form = {name: value for name, value in SOLVED.items() if name != "properties"}
    answer = admin.post("/v1/evaluate", data={**form, "properties.within_sla": "true"})
    assert answer.get_json()["outcome"] == "counted"
    assert admin.post("/v1/evaluate", json=SOLVED).get_json()["replayed"] is True


def test_an_unknown_field_is_refused_with_the_nearest_name(admin: Any) -> None:
    """A typing mistake is found at once, not in the figures a month later."""
    answer = admin.post("/v1/evaluate", json={"type": "ticket.solved", "actor": "ana", "occured_at": "x"})
    assert answer.status_code == 422
    assert answer.get_json()["detail"] == "*occured_at* is not a field here. Did you mean *occurred_at*?"
    assert answer.get_json()["errors"][0]["pointer"] == "/occured_at"


@pytest.mark.parametrize(
    ("query", "said"), [("dry-run=1", "Did you mean *dry_run*?"), ("dry_run=perhaps", "must be true or false")]
)
def test_an_unknown_word_in_the_query_is_refused_too(admin: Any, query: Any, said: str) -> None:
    """A dry run that was misspelt would be a real one."""
    answer = admin.post(f"/v1/evaluate?{query}", json=SOLVED)
    assert answer.status_code == 422
    assert said in answer.get_json()["detail"]


def test_another_subject_under_the_same_id_is_refused_with_the_fix(admin: Any) -> None:
    """Two things that happened under one id would silently become one."""
    admin.post("/v1/evaluate", json=SOLVED)
    answer = admin.post("/v1/evaluate", json={**SOLVED, "subject": "ticket-2"})
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("event-conflict")
    assert "an id of its own" in answer.get_json()["detail"]


def test_a_moment_without_zone_is_taken_in_the_actors_zone(admin: Any) -> None:
    """A spreadsheet knows no zones; the person's own is the best guess, and it is said."""
    admin.put("/v1/actors/ana@example.com", json={"zone": "America/New_York"})
    answer = admin.post("/v1/evaluate", json={**SOLVED, "occurred_at": "2026-03-01T10:00:00"})
    assert "America/New_York" in answer.get_json()["warnings"][0]
    assert admin.get("/v1/events/zd-1").get_json()["occurred_at"] == "2026-03-01T15:00:00+00:00"


def test_a_batch_has_a_result_for_each_event_in_order(admin: Any) -> None:
    """One bad event does not keep the others out, and is told apart."""
    batch = [solved(1), {"type": "ticket.solved"}, solved(1, subject="other"), solved(2)]
    answer = admin.post("/v1/evaluate/batch", json={"events": batch})
    assert answer.status_code == 207
    document = answer.get_json()
    assert (document["taken"], document["refused"]) == (2, 2)
    assert [result.get("event_id") or result["status"] for result in document["results"]] == ["zd-1", 422, 409, "zd-2"]


def test_a_whole_batch_is_answered_with_200(admin: Any) -> None:
    """The status alone says that nothing is to be done."""
    answer = admin.post("/v1/evaluate/batch", json={"events": [solved(number) for number in range(500)]})
    assert answer.status_code == 200
    assert answer.get_json()["taken"] == 500


@pytest.mark.parametrize("events", [[], [solved(number) for number in range(501)], None, {}])
def test_a_batch_has_1_to_500_events(admin: Any, events: Any) -> None:
    """More would keep the others waiting."""
    assert admin.post("/v1/evaluate/batch", json={"events": events}).status_code == 422


def test_an_event_is_shown_with_every_telling(admin: Any, clock: Any) -> None:
    """Somebody can see what was said when."""
    admin.post("/v1/evaluate", json=SOLVED)
    clock.move(timedelta(hours=1))
    admin.post("/v1/evaluate", json={**SOLVED, "properties": {"within_sla": "false"}})
    shown = admin.get("/v1/events/zd-1").get_json()
    assert shown["revision"] == 2
    assert [telling["properties"]["within_sla"] for telling in shown["revisions"]] == ["true", "false"]
    assert shown["revisions"][0]["received_at"] < shown["revisions"][1]["received_at"]
    assert shown["told_by"] == "settings"


@pytest.mark.usefixtures("rule")
def test_an_event_taken_back_takes_its_award_along(admin: Any) -> None:
    """What rested on it falls, and the answer says so."""
    for number in (1, 2):
        admin.post("/v1/evaluate", json=solved(number))
    answer = admin.delete("/v1/events/zd-2").get_json()
    assert [award["achievement"] for award in answer["revoked"]] == ["two-solved"]
    assert admin.get("/v1/events/zd-2").get_json()["voided_at"]


def test_an_id_with_slashes_and_odd_letters_can_be_looked_up(admin: Any) -> None:
    """Source systems make ids of all kinds."""
    admin.post("/v1/evaluate", json={**SOLVED, "id": "crm/deal/7 ü?"})
    assert admin.get("/v1/events/crm/deal/7%20%C3%BC%3F").get_json()["id"] == "crm/deal/7 ü?"


@pytest.mark.parametrize("call", [("GET", "/v1/events/none"), ("DELETE", "/v1/events/none")])
def test_an_unknown_event_is_told_so(admin: Any, call: Any) -> None:
    """The answer says where to look."""
    answer = admin.call(*call)
    assert answer.status_code == 404
    assert "'none'" in answer.get_json()["detail"]


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("content", [{}, {"properties": {"within_sla": "no"}}])
def test_an_event_taken_back_stays_so_whatever_is_told_of_it(admin: Any, content: Any) -> None:
    """Neither a retry nor a newer state brings it back; the answer says why and what to do."""
    admin.post("/v1/evaluate", json=solved(1))
    assert admin.call("DELETE", "/v1/events/zd-1").status_code == 200
    again = admin.post("/v1/evaluate", json=solved(1, **content)).get_json()
    assert (again["outcome"], again["replayed"]) == ("not_counted", not content)
    assert [reason["reason_code"] for reason in again["not_counted"]] == ["voided"]
    assert "new id" in again["warnings"][0]
    assert admin.post("/v1/evaluate", json=solved(2)).get_json()["progress"][0]["current"] == 1


@pytest.mark.usefixtures("rule")
def test_an_event_told_too_late_is_kept_and_does_not_count(admin: Any) -> None:
    """It is recorded, the answer names the reason, and the next event finds nothing counted."""
    late = admin.post("/v1/evaluate", json=solved(1, occurred_at="2026-01-05T10:00:00Z")).get_json()
    assert (late["outcome"], late["not_counted"][0]["reason_code"]) == ("too_late", "too_late")
    assert admin.get("/v1/events/zd-1").get_json()["too_late"] is True
    assert admin.post("/v1/evaluate", json=solved(2)).get_json()["progress"][0]["current"] == 1
