from __future__ import annotations

from typing import Any


def test_the_default_calendar_is_always_there(admin: Any) -> None:
    (default,) = admin.get("/v1/calendars").json["items"]
    assert default == admin.get("/v1/calendars/default").json
    assert default["week"]["monday"] == [["09:00", "17:00"]]
    assert default["week"]["sunday"] == []


def test_a_calendar_is_given_back_as_it_was_put(admin: Any) -> None:
    document = {
        "zone": "Europe/Berlin",
        "week": {"monday": [["22:00", "06:00"]], "friday": [["09:00", "12:00"], ["13:00", "15:00"]]},
        "country": "DE",
        "subdivision": "BY",
        "days_off": ["2026-12-24"],
    }
    put = admin.put("/v1/calendars/nights", json=document)
    assert put.status_code == 200
    free = {name: [] for name in ("tuesday", "wednesday", "thursday", "saturday", "sunday")}
    assert put.json == {"key": "nights", **document, "week": {**document["week"], **free}}
    assert admin.get("/v1/calendars/nights").json == put.json


def test_a_put_changes_only_what_it_names(admin: Any) -> None:
    admin.put("/v1/calendars/nights", json={"week": {"monday": [["22:00", "06:00"]]}})
    changed = admin.put("/v1/calendars/nights", json={"zone": "Asia/Tokyo"}).json
    assert (changed["zone"], changed["week"]["monday"]) == ("Asia/Tokyo", [["22:00", "06:00"]])


def test_a_calendar_that_makes_no_sense_is_refused_and_not_kept(admin: Any) -> None:
    refused = admin.put("/v1/calendars/nights", json={"country": "Germany"})
    assert refused.status_code == 422
    assert "Did you mean *DE*?" in refused.json["errors"][0]["message"]
    assert admin.get("/v1/calendars/nights").status_code == 404


def test_reading_and_changing_need_their_scopes(caller_with: Any) -> None:
    reader = caller_with("read")
    assert reader.get("/v1/calendars").status_code == 200
    assert reader.put("/v1/calendars/default", json={}).status_code == 403
