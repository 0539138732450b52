from __future__ import annotations

from typing import Any

HELPDESK = "/v1/recipes/helpdesk-sla"


def test_recipes_are_listed_with_the_sentence_of_each_rule(admin: Any) -> None:
    recipes = {recipe["slug"]: recipe for recipe in admin.get("/v1/recipes").json["items"]}
    assert "helpdesk-sla" in recipes
    for recipe in recipes.values():
        assert all(rule["key"] and rule["sentence"] for rule in recipe["achievements"])


def test_a_recipe_shows_its_rules_events_and_kpis(admin: Any) -> None:
    recipe = admin.get(HELPDESK).json
    keys = [rule["key"] for rule in recipe["achievements"]]
    assert [document["key"] for document in recipe["documents"]] == keys
    assert "ticket.solved" in {event["type"] for event in recipe["events"]}
    assert all(kpi["counter_metric"] for kpi in recipe["kpis"])


def test_a_misspelt_recipe_is_told_with_the_nearest(admin: Any) -> None:
    missing = admin.get("/v1/recipes/helpdesk-sal")
    assert missing.status_code == 404
    assert "'helpdesk-sla'" in missing.json["detail"]


def test_an_installed_recipe_is_in_the_rule_book(admin: Any) -> None:
    installed = admin.post(f"{HELPDESK}/install", json={"state": "shadow"})
    assert installed.status_code == 200
    states = {rule["key"]: rule["state"] for rule in admin.get("/v1/achievements").json["items"]}
    assert states == dict.fromkeys(installed.json["added"], "shadow")
    assert installed.json["kept"] == []


def test_installing_again_changes_nothing(admin: Any) -> None:
    added = admin.post(f"{HELPDESK}/install", json={}).json["added"]
    again = admin.post(f"{HELPDESK}/install", json={"state": "draft"}).json
    assert (again["added"], sorted(again["kept"])) == ([], sorted(added))
    assert {rule["state"] for rule in admin.get("/v1/achievements").json["items"]} == {"live"}


def test_reading_and_installing_need_their_scopes(caller_with: Any) -> None:
    reader = caller_with("read")
    assert reader.get("/v1/recipes").status_code == 200
    assert reader.post(f"{HELPDESK}/install", json={}).status_code == 403
