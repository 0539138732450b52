"""One person's data: given out, erased, and not shown where the person chose otherwise."""

from __future__ import annotations

from typing import Any

import pytest

QUINN, BOB = "quinn@example.com", "bob@example.com"
EXPORT, ERASURE = f"/v1/actors/{QUINN}/export", f"/v1/actors/{QUINN}/erasure"
#: One ticket each day for everybody; the best of the week; and what the team solved.
RULES: dict[str, dict[str, Any]] = {
    "own": {"kind": "count", "target": 1, "window": "day", "of": {"type": "ticket.solved"}},
    "best": {
        "kind": "best", "direction": "highest", "among": "team", "minimum_participants": 3, "window": "day",
        "measure": {"of": {"type": "ticket.solved"}, "aggregate": "count"},
    },
    "rated": {
        "kind": "count", "target": 1, "window": "day",
        "of": {"type": "ticket.solved", "confirmed_by": {"type": "ticket.rated"}},
    },
}  # fmt: skip


@pytest.fixture
def team(admin: Any) -> None:
    """Have five people in a team, and rules that tell everybody everything."""
    admin.put("/v1/teams/support", json={})
    for name in ("quinn", "bob", "cleo", "dan", "eve"):
        document = {"name": name.title(), "team": "support", "aliases": {"slack": f"U0{name.upper()}7"}}
        assert admin.put(f"/v1/actors/{name}@example.com", json=document).status_code == 200
    audience = {"actor": "instant", "manager": "daily", "team": "daily"}
    for key, criterion in RULES.items():
        rule = {"key": key, "name": key.title(), "purpose": "Keep promises", "category": "quality", "state": "live"}
        saved = admin.post("/v1/achievements", json={**rule, "criterion": criterion, "audience": audience})
        assert saved.status_code in {200, 201}, saved.json


def solve(admin: Any, name: str, ticket: str, **more: Any) -> Any:
    """Tell that somebody solved a ticket."""
    event = {"id": f"{ticket}-solved", "type": "ticket.solved", "subject": ticket, "actor": f"{name}@example.com"}
    told = admin.post("/v1/evaluate", json={**event, "occurred_at": "2026-03-02T10:00:00Z", **more})
    assert told.status_code == 200, told.json
    return told.json


def rate(admin: Any, ticket: str) -> Any:
    """Tell that a customer rated a ticket, whoever solved it."""
    event = {"id": f"{ticket}-rated", "type": "ticket.rated", "subject": ticket, "occurred_at": "2026-03-02T11:00:00Z"}
    return admin.post("/v1/evaluate", json=event).json


def choose(admin: Any, name: str, **preferences: Any) -> None:
    """Note what somebody chose for themselves."""
    assert admin.put(f"/v1/actors/{name}@example.com", json={"preferences": preferences}).status_code == 200


# ------------------------------------------------------------------- export


@pytest.mark.usefixtures("team")
def test_an_export_holds_all_that_is_kept_about_a_person(admin: Any) -> None:
    solve(admin, "quinn", "t-1", properties={"csat": 5})
    solve(admin, "quinn", "t-1", properties={"csat": 4})
    solve(admin, "bob", "t-2", properties={"helped_by": QUINN, "secret": "of a customer"})
    rate(admin, "t-1")
    document = admin.get(EXPORT).json
    assert document["person"]["aliases"] == {"slack": "U0QUINN7"}
    (event,) = document["events"]
    assert [telling["properties"]["csat"] for telling in event["tellings"]] == [5, 4]
    assert event["tellings"][0]["answer"]["outcome"] == "counted"
    assert document["events_of_others_that_count_for_them"] == ["t-1-rated"]
    assert {award["achievement"] for award in document["awards"]} >= {"own", "rated"}
    assert all(award["history"] for award in document["awards"])
    assert {entry["achievement"] for entry in document["standing"]["progress"]} == {"own", "best", "rated"}
    named = {one["record"].get("id"): one["in"] for one in document["named_elsewhere"]}
    assert (named["t-2-solved"], named["t-1-rated"]) == (["properties"], ["answer"])
    assert "of a customer" not in admin.get(EXPORT).text


def test_only_those_who_manage_people_may_export_one(admin: Any, caller_with: Any) -> None:
    admin.put(f"/v1/actors/{QUINN}", json={})
    assert caller_with("read").get(EXPORT).status_code == 403
    assert caller_with("manage").get(EXPORT).status_code == 200
    assert admin.get("/v1/actors/nobody/export").status_code == 404


# ------------------------------------------------------------------ erasure


@pytest.mark.usefixtures("team")
def test_an_erased_person_is_nowhere_in_what_is_answered(admin: Any) -> None:
    solve(admin, "quinn", "t-1")
    solve(admin, "bob", "t-2", properties={"helped_by": "Quinn@example.com"})
    erased = admin.post(ERASURE, json={"confirm": "QUINN@example.com"})
    assert erased.status_code == 200
    assert erased.json["rows"]["events"] == 2
    assert any("Copies" in note for note in erased.json["notes"])
    for path in ("/v1/actors", "/v1/awards", "/v1/events/t-1-solved", "/v1/events/t-2-solved", "/v1/teams"):
        answered = admin.get(path)
        assert answered.status_code == 200
        assert "quinn" not in answered.text.casefold(), path
    assert admin.get(f"/v1/actors/{QUINN}").status_code == 404
    assert "quinn" not in str(erased.json).casefold()


def test_an_erasure_must_be_confirmed_by_an_admin(admin: Any, caller_with: Any) -> None:
    admin.put(f"/v1/actors/{QUINN}", json={"name": "Quinn"})
    assert caller_with("manage").post(ERASURE, json={"confirm": QUINN}).status_code == 403
    wrong = admin.post(ERASURE, json={"confirm": BOB})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/confirm")
    assert admin.post(ERASURE, json={}).status_code == 422
    assert admin.get(f"/v1/actors/{QUINN}").json["name"] == "Quinn"


def test_a_second_erasure_finds_nobody(admin: Any) -> None:
    admin.put(f"/v1/actors/{QUINN}", json={})
    statuses = [admin.post(ERASURE, json={"confirm": QUINN}).status_code for _ in range(2)]
    assert statuses == [200, 404]
    (pseudonym,) = [actor["id"] for actor in admin.get("/v1/actors").json["items"]]
    again = admin.post(f"/v1/actors/{pseudonym}/erasure", json={"confirm": pseudonym})
    assert again.status_code == 409


def test_no_answer_of_an_erasure_is_kept_for_its_key(admin: Any, services: Any) -> None:
    admin.put(f"/v1/actors/{QUINN}", json={}, headers={"Idempotency-Key": "first"})
    admin.post(ERASURE, json={"confirm": QUINN}, headers={"Idempotency-Key": "second"})
    with services.store.reading() as reading:
        assert [row for page in reading.pages("answers") for row in page if QUINN in str(row)] == []


# ---------------------------------------------------- opting out, visibility


@pytest.mark.usefixtures("team")
def test_who_opted_out_gets_no_messages_and_sees_their_own_progress(admin: Any) -> None:
    assert {message["audience"] for message in solve(admin, "quinn", "t-1")["messages"]} == {"actor", "manager", "team"}
    choose(admin, "bob", opt_out=True)
    answer = solve(admin, "bob", "t-2")
    assert (answer["messages"], answer["unlocked"]) == ([], True)
    assert {entry["holder"] for entry in answer["progress"]} == {BOB}


@pytest.mark.usefixtures("team")
def test_the_team_hears_nothing_of_somebody_private(admin: Any) -> None:
    choose(admin, "quinn", visibility="private")
    messages = solve(admin, "quinn", "t-1")["messages"]
    assert {message["audience"] for message in messages} == {"actor", "manager"}


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("chosen", [{"opt_out": True}, {"visibility": "private"}])
def test_who_chose_so_is_not_named_in_the_answers_to_events_of_others(admin: Any, chosen: dict[str, Any]) -> None:
    """A rating of nobody in particular concerns both who worked on the ticket; only one of them wants to be seen."""
    choose(admin, "quinn", **chosen)
    solve(admin, "quinn", "t-1")
    solve(admin, "bob", "t-1-again", subject="t-1")
    answer = rate(admin, "t-1")
    holders = {entry["holder"] for name in ("progress", "awards", "streaks") for entry in answer[name]}
    assert BOB in holders
    assert "quinn" not in str(answer).casefold()
    assert admin.get(f"/v1/actors/{QUINN}/progress").json["points_total"] == 0
    with_award = admin.get("/v1/awards", query_string={"actor": QUINN, "achievement": "rated"}).json["items"]
    assert [award["status"] for award in with_award] == ["granted"]


@pytest.mark.usefixtures("team")
def test_lists_leave_out_who_chose_so_unless_they_are_asked_for(admin: Any, caller_with: Any) -> None:
    for name in ("quinn", "bob", "cleo"):
        solve(admin, name, f"t-{name}")
    choose(admin, "quinn", opt_out=True)
    choose(admin, "cleo", visibility="private")
    reader = caller_with("read")
    listed = reader.get("/v1/awards?achievement=own").json["items"]
    assert [award["actor"] for award in listed] == [BOB]
    assert len(reader.get(f"/v1/awards?achievement=own&actor={QUINN}").json["items"]) == 1
    assert len(admin.get("/v1/awards?achievement=own").json["items"]) == 3


@pytest.mark.usefixtures("team")
def test_a_page_without_private_awards_is_as_long_as_any(admin: Any, caller_with: Any) -> None:
    names = ("quinn", "bob", "cleo", "dan", "eve")
    for name in names:
        solve(admin, name, f"t-{name}")
    for name in ("quinn", "dan"):
        choose(admin, name, visibility="private")
    reader = caller_with("read")
    first = reader.get("/v1/awards?achievement=own&limit=2").json
    rest = reader.get("/v1/awards", query_string={"achievement": "own", "limit": 2, "after": first["next_after"]}).json
    assert [len(first["items"]), len(rest["items"]), rest["next_after"]] == [2, 1, None]
    shown = {award["actor"] for award in (*first["items"], *rest["items"])}
    assert shown == {BOB, "cleo@example.com", "eve@example.com"}


@pytest.mark.usefixtures("team")
def test_a_comparison_names_nobody_and_leaves_out_who_opted_out(admin: Any) -> None:
    """Quinn solved the most, and is in nobody's way."""
    for number in (1, 2, 3):
        solve(admin, "quinn", f"t-{number}")
    choose(admin, "quinn", opt_out=True)
    for name in ("bob", "cleo", "dan"):
        last = solve(admin, name, f"t-{name}")
    (best,) = [entry for entry in last["progress"] if entry["achievement"] == "best"]
    assert best["reason"] == "1, the best of 3 is 1; decided when the day has closed"
    assert {entry["holder"] for entry in (*last["progress"], *last["awards"])} <= {"dan@example.com", *_others()}
    assert not [award for award in last["awards"] if award["holder"] == QUINN]
    assert not any(name in last["message"] for name in ("Quinn", "Bob", "Cleo"))


def _others() -> set[str]:
    return {"bob@example.com", "cleo@example.com"}


@pytest.mark.usefixtures("team")
def test_what_a_team_is_shown_names_no_member(admin: Any) -> None:
    for name in ("quinn", "bob"):
        solve(admin, name, f"t-{name}")
    for path in ("/v1/teams", "/v1/teams/support", "/v1/teams/support/progress"):
        text = admin.get(path).text.casefold()
        assert not [name for name in ("quinn", "bob", "cleo", "dan", "eve") if f"{name}@" in text]
