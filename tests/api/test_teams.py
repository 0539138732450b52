from __future__ import annotations

from typing import Any


def test_a_team_keeps_what_is_not_given(admin: Any) -> None:
    admin.put("/v1/teams/support", json={"name": "Support", "zone": "Europe/Madrid"})
    changed = admin.put("/v1/teams/support", json={"calendar": "default"})
    expected = {"id": "support", "name": "Support", "zone": "Europe/Madrid", "calendar": "default"}
    assert changed.json == expected
    assert admin.get("/v1/teams/support").json == expected
    assert admin.get("/v1/teams").json["items"] == [expected]


def test_a_team_by_an_unknown_calendar_is_refused(admin: Any) -> None:
    admin.put("/v1/calendars/nights", json={})
    refused = admin.post("/v1/teams", json={"id": "support", "calendar": "night"})
    assert refused.status_code == 422
    assert refused.json["errors"] == [
        {"pointer": "/calendar", "message": "*night* is not a calendar here. Did you mean *nights*?"}
    ]


def test_an_unknown_team_is_told_with_the_way_to_add_it(admin: Any) -> None:
    missing = admin.get("/v1/teams/support")
    assert missing.status_code == 404
    assert "PUT /v1/teams" in missing.json["detail"]


def test_reading_and_changing_need_their_scopes(caller_with: Any) -> None:
    reader = caller_with("read")
    assert reader.get("/v1/teams").status_code == 200
    assert reader.put("/v1/teams/support", json={}).status_code == 403
