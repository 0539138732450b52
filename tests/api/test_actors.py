from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

ANA = "/v1/actors/ana@example.com"
WISHES = {
    "timings": {"achievement.awarded": "daily"},
    "mutes": [{"kind": None, "transport": "email"}],
    "quiet": [{"begins": "12:00", "ends": "13:00"}],
    "outside_working_hours": False,
    "daily_most": None,
}


@pytest.fixture
def teams(admin: Any) -> None:
    """Have two teams."""
    for team in ("support", "sales"):
        assert admin.put(f"/v1/teams/{team}", json={"name": team.title()}).status_code == 200


@pytest.mark.usefixtures("teams")
def test_an_actor_is_given_back_as_it_was_put(admin: Any) -> None:
    document = {
        "name": "Ana Ruiz",
        "role": "agent",
        "team": "support",
        "segments": {"queue": "complex"},
        "zone": "Europe/Madrid",
        "manager": "boss@example.com",
        "aliases": {"zendesk": "123"},
        "leave": [{"first_on": "2026-03-05", "last_on": "2026-03-06"}],
        "preferences": {"visibility": "private", "opt_out": True, "messages": WISHES},
    }
    put = admin.put(ANA, json=document)
    assert put.status_code == 200
    assert put.json == {
        **document,
        "id": "ana@example.com",
        "calendar": None,
        "pauses": [],
        "since": None,
        "history": [],
    }
    assert admin.get(ANA).json == put.json


def test_a_document_that_was_read_can_be_put_back(admin: Any) -> None:
    admin.put(ANA, json={"role": "agent", "segments": {"band": "a"}})
    shown = admin.get(ANA).json
    assert admin.put(ANA, json=shown).json == shown


@pytest.mark.usefixtures("teams")
def test_a_put_changes_only_what_it_names(admin: Any) -> None:
    admin.put(ANA, json={"name": "Ana", "role": "agent", "team": "support"})
    changed = admin.put(ANA, json={"team": "sales"}).json
    assert (changed["name"], changed["role"], changed["team"]) == ("Ana", "agent", "sales")


@pytest.mark.usefixtures("teams")
def test_a_change_before_any_event_holds_from_the_beginning(admin: Any) -> None:
    admin.put(ANA, json={"team": "support"})
    assert admin.put(ANA, json={"team": "sales"}).json["history"] == []


@pytest.mark.usefixtures("teams")
def test_a_change_after_an_event_holds_from_now_on(admin: Any, clock: Any) -> None:
    admin.put(ANA, json={"team": "support"})
    event = {"type": "ticket.solved", "actor": "ana@example.com", "occurred_at": clock().isoformat()}
    assert admin.post("/v1/evaluate", json=event).status_code == 200
    clock.move(timedelta(hours=1))
    changed = admin.put(ANA, json={"team": "sales"}).json
    assert changed["since"] == "2026-03-02T13:00:00+00:00"
    assert [(entry["until"], entry["team"]) for entry in changed["history"]] == [
        ("2026-03-02T13:00:00+00:00", "support")
    ]


def test_an_address_is_the_same_person_whatever_its_case(admin: Any) -> None:
    admin.put("/v1/actors/Ana@Example.com", json={"name": "Ana"})
    assert admin.get(ANA).json["name"] == "Ana"
    assert admin.put(ANA, json={"id": "ANA@example.com", "role": "agent"}).json["role"] == "agent"


def test_an_id_may_hold_a_slash(admin: Any) -> None:
    assert admin.put("/v1/actors/emea/ana", json={"name": "Ana"}).json["id"] == "emea/ana"
    assert admin.post("/v1/actors/emea/ana/leave", json={"first_on": "2026-03-05"}).status_code == 200


def test_another_id_in_the_body_than_in_the_address_is_refused(admin: Any) -> None:
    refused = admin.put(ANA, json={"id": "kim@example.com"})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/id"


def test_a_posted_actor_names_itself(admin: Any) -> None:
    assert admin.post("/v1/actors", json={"id": "ana@example.com", "name": "Ana"}).status_code == 200
    nameless = admin.post("/v1/actors", json={"name": "Ana"})
    assert nameless.status_code == 422
    assert nameless.json["errors"][0]["pointer"] == "/id"


@pytest.mark.usefixtures("teams")
@pytest.mark.parametrize(
    ("document", "pointer", "hint"),
    [
        ({"team": "suport"}, "/team", "Did you mean *support*?"),
        ({"calendar": "defualt"}, "/calendar", "Did you mean *default*?"),
        ({"zone": "Madrid"}, "/zone", "Did you mean *Europe/Madrid*?"),
        ({"tema": "support"}, "/tema", "Did you mean *team*?"),
        ({"history": [{"until": "2026-01-01T00:00:00Z", "team": "slaes"}]}, "/history", "Did you mean *sales*?"),
        ({"history": [{"until": "soon"}]}, "/history/0/until", "such as 2026"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest(
    admin: Any, document: dict[str, Any], pointer: str, hint: str
) -> None:
    refused = admin.put(ANA, json=document)
    assert refused.status_code == 422
    (error,) = refused.json["errors"]
    assert error["pointer"] == pointer
    assert hint in error["message"]
    assert admin.get(ANA).status_code == 404


def test_leave_is_added_once(admin: Any) -> None:
    admin.put(ANA, json={"leave": [{"first_on": "2026-08-01"}]})
    days = {"first_on": "2026-03-05", "last_on": "2026-03-06"}
    for _ in range(2):
        added = admin.post(f"{ANA}/leave", json=days)
        assert added.json["leave"] == [days, {"first_on": "2026-08-01", "last_on": "2026-08-01"}]


def test_leave_of_somebody_unknown_is_not_kept(admin: Any) -> None:
    missing = admin.post(f"{ANA}/leave", json={"first_on": "2026-03-05"})
    assert missing.status_code == 404
    assert "PUT /v1/actors" in missing.json["detail"]


def test_a_name_in_a_source_system_belongs_to_one_actor(admin: Any) -> None:
    admin.put(ANA, json={})
    admin.put("/v1/actors/kim@example.com", json={})
    assert admin.put(f"{ANA}/aliases", json={"zendesk": 123, "crm": "a-1"}).json["aliases"] == {
        "crm": "a-1",
        "zendesk": "123",
    }
    taken = admin.put("/v1/actors/kim@example.com/aliases", json={"zendesk": "123"})
    assert taken.status_code == 409
    assert "ana@example.com" in taken.json["detail"]


def test_actors_are_listed_in_pages_and_found_by_a_part(admin: Any) -> None:
    for name in ("Ana", "Bea", "Bob"):
        admin.put(f"/v1/actors/{name.lower()}@example.com", json={"name": name})
    page = admin.get("/v1/actors?limit=2").json
    assert [actor["name"] for actor in page["items"]] == ["Ana", "Bea"]
    rest = admin.get("/v1/actors", query_string={"after": page["next_after"], "limit": 2}).json
    assert [actor["name"] for actor in rest["items"]] == ["Bob"]
    assert rest["next_after"] is None
    assert [actor["name"] for actor in admin.get("/v1/actors?search=B").json["items"]] == ["Bea", "Bob"]


def test_reading_and_changing_need_their_scopes(caller_with: Any, stranger: Any) -> None:
    reader, teller = caller_with("read"), caller_with("evaluate")
    assert reader.get("/v1/actors").status_code == 200
    assert reader.put(ANA, json={}).status_code == 403
    assert teller.get(ANA).status_code == 403
    assert stranger.put(ANA, json={}).status_code == 401


def test_progress_is_shown_for_a_person_and_a_team(admin: Any) -> None:
    admin.put("/v1/teams/support", json={})
    admin.put(ANA, json={"team": "support"})
    assert admin.get("/v1/actors/ANA@example.com/progress").status_code == 200
    assert admin.get("/v1/teams/support/progress").status_code == 200


def test_what_a_person_wishes_of_messages_is_kept(admin: Any) -> None:
    wishes = {"quiet": [{"begins": "12:00", "ends": "13:00"}], "daily_most": 1}
    admin.put(ANA, json={"preferences": {"messages": wishes}})
    kept = admin.get(ANA).json["preferences"]["messages"]
    assert (kept["quiet"], kept["daily_most"], kept["timings"]) == (wishes["quiet"], 1, {})
    refused = admin.put(ANA, json={"preferences": {"messages": {"timings": {"streak.brokn": "never"}}}})
    assert (refused.status_code, "Did you mean *streak.broken*?" in refused.json["detail"]) == (422, True)
