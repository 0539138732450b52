from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from milepost.api.context import EXTENSION
from milepost.operations.services import Services

HOOK = "https://hooks.zapier.com/hooks/standard/1234/abcd"
SLACK = "https://hooks.slack.com/services/T000/B000/XXXXXXXXa1b2"
RULE = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 5, "window": "week", "of": {"type": "ticket.solved"}},
    "state": "live",
}


@pytest.fixture(autouse=True)
def known(admin: Any) -> None:
    """Know a rule, a team and a person."""
    assert admin.put("/v1/achievements/clean-close", json=RULE).status_code == 200
    assert admin.put("/v1/teams/support", json={"name": "Support"}).status_code == 200
    assert admin.put("/v1/actors/ana@example.com", json={"name": "Ana"}).status_code == 200


def added(admin: Any, **wish: Any) -> Any:
    """Add a place and give the answer's document."""
    answer = admin.post("/v1/subscriptions", json={"url": HOOK, **wish})
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def added_later(admin: Any, clock: Any, **wish: Any) -> str:
    """Add a place after those before, and give its id."""
    clock.move(timedelta(seconds=1))
    return str(added(admin, **wish)["id"])


def listed(admin: Any, **query: Any) -> list[str]:
    """Give the ids of the places that a question finds."""
    answer = admin.get("/v1/subscriptions", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return [one["id"] for one in answer.get_json()["items"]]


def refusal(answer: Any) -> tuple[str, str]:
    """Give the pointer and message of the one thing that is wrong."""
    assert answer.status_code == 422, answer.get_json()
    (error,) = answer.get_json()["errors"]
    return error["pointer"], error["message"]


def test_a_url_alone_is_a_webhook_for_all_news(admin: Any) -> None:
    """What Zapier, Make and n8n send when a flow is switched on."""
    made = added(admin)
    assert (made["transport"], made["audience"], made["events"], made["status"]) == ("webhook", "all", [], "active")
    assert made["id"].startswith("sub_")
    assert made["secret"].startswith("whsec_")


def test_a_secret_is_shown_once_and_the_address_never_whole(admin: Any) -> None:
    """Whoever knows an address can write there."""
    made = added(admin)
    for answer in (admin.get("/v1/subscriptions"), admin.get(f"/v1/subscriptions/{made['id']}")):
        assert "whsec_" not in answer.get_data(as_text=True)
        assert HOOK not in answer.get_data(as_text=True)
    assert made["address"] == "https://hooks.zapier.com/…abcd"


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        ({"url": SLACK, "transport": "slack", "team": "support"}, "https://hooks.slack.com/…a1b2"),
        ({"url": "https://n8n.example.com/h"}, "https://n8n.example.com/…"),
        ({"url": "https://n8n.example.com:8443/webhook/5f0c9"}, "https://n8n.example.com:8443/…f0c9"),
    ],
)
def test_an_address_is_shown_so_that_its_owner_knows_it(admin: Any, wish: Any, shown: str) -> None:
    """The host, and four characters where there are enough others."""
    assert added(admin, **wish)["address"] == shown


def test_the_same_address_may_be_subscribed_several_times(admin: Any, clock: Any) -> None:
    """The editor's test run of n8n lives beside the production one."""
    first, second, other = (added_later(admin, clock, url=url) for url in (HOOK, HOOK, f"{HOOK}/other"))
    assert listed(admin, url=HOOK) == [first, second]
    assert listed(admin) == [first, second, other]
    assert listed(admin, url="https://hooks.zapier.com/none") == []


def test_a_repeated_call_with_a_key_adds_one_place(admin: Any) -> None:
    """As everywhere else."""
    calls = [
        admin.post("/v1/subscriptions", json={"url": HOOK}, headers={"Idempotency-Key": "switch-on"}) for _ in "ab"
    ]
    assert calls[0].get_json() == calls[1].get_json()
    assert len(listed(admin)) == 1


def test_the_audience_follows_from_whom_it_is_for(admin: Any) -> None:
    """Nobody has to say it twice."""
    slack = {"transport": "slack", "url": SLACK}
    for wish, audience in (
        ({"actor": "ANA@example.com"}, "actor"),
        ({**slack, "actor": "ana@example.com"}, "actor"),
        ({**slack, "team": "support"}, "team"),
        ({**slack, "audience": "team"}, "team"),
        ({"audience": "actor"}, "actor"),
    ):
        assert (wish, added(admin, **wish)["audience"]) == (wish, audience)


def test_places_are_listed_by_kind_person_and_status_page_by_page(admin: Any, clock: Any) -> None:
    """Each filter narrows."""
    ana = added_later(admin, clock, actor="ana@example.com")
    team = added_later(admin, clock, team="support", transport="slack", url=SLACK)
    every = added_later(admin, clock)
    for query, found in (
        ({"actor": "ana@example.com"}, [ana]),
        ({"team": "support"}, [team]),
        ({"transport": "slack"}, [team]),
        ({"audience": "all"}, [every]),
        ({"status": "disabled"}, []),
        ({"limit": 2}, [ana, team]),
        ({"limit": 2, "after": team}, [every]),
    ):
        assert (query, listed(admin, **query)) == (query, found)


@pytest.mark.parametrize(
    ("wish", "pointer", "says"),
    [
        ({"url": None}, "/url", "Give the *url*"),
        ({"address": "https://example.com/other"}, "/address", "not both"),
        ({"url": "http://hooks.example.com/x"}, "/url", "http://"),
        ({"url": "https://10.0.0.8/hook"}, "/url", "MILEPOST_ALLOWED_ADDRESSES"),
        ({"url": "nowhere"}, "/url", "https://"),
        ({"transport": "slak"}, "/transport", "Did you mean *slack*?"),
        ({"transport": "slack", "team": "support"}, "/url", "hooks.slack.com"),
        ({"transport": "slack", "url": SLACK}, "/audience", "Give a *team*"),
        ({"transport": "slack", "url": SLACK, "audience": "all"}, "/audience", "Only a webhook"),
        ({"transport": "slack", "url": SLACK, "audience": "actor"}, "/audience", "Others read a Slack channel"),
        ({"transport": "teams", "url": "https://x.webhook.office.com/a", "team": "support"}, "/url", "Workflows"),
        ({"transport": "email", "url": None, "audience": "actor"}, "/transport", "MILEPOST_SMTP"),
        ({"audience": "all", "team": "support"}, "/audience", "Leave *actor*, *team*"),
        ({"audience": "actor", "team": "support"}, "/audience", "do not go together"),
        ({"team": "suport"}, "/team", "Did you mean *support*?"),
        ({"actor": "anna@example.com"}, "/actor", "Did you mean *ana@example.com*?"),
        ({"contact": "zoe@example.com"}, "/contact", "PUT /v1/actors"),
        ({"events": ["achievement.award"]}, "/events/0", "Did you mean *achievement.awarded*?"),
        ({"achievements": ["clean-closed"]}, "/achievements/0", "Did you mean *clean-close*?"),
        ({"secret": "too-short"}, "/secret", "24 to 200"),
        ({"secret": "whsec_tooshort"}, "/secret", "whsec_"),
        ({"transport": "slack", "url": SLACK, "team": "support", "secret": "x" * 32}, "/secret", "not signed"),
        ({"evnts": []}, "/evnts", "Did you mean *events*?"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(admin: Any, wish: Any, pointer: str, says: str) -> None:
    """With the field and what to do; nothing is kept."""
    place, words = refusal(admin.post("/v1/subscriptions", json={"url": HOOK, **wish}))
    assert place == pointer
    assert says in words
    assert listed(admin) == []


def test_somebody_who_only_told_events_is_known(admin: Any) -> None:
    """Nobody has to describe people first."""
    event = {"id": "e1", "type": "ticket.solved", "actor": "ben@example.com", "occurred_at": "2026-03-02T10:00:00Z"}
    assert admin.post("/v1/evaluate", json=event).status_code == 200
    assert added(admin, actor="ben@example.com")["actor"] == "ben@example.com"


def test_a_place_is_changed_field_by_field(admin: Any) -> None:
    """What is not given stays."""
    made = added(admin, name="Zap 7", events=["achievement.awarded", "achievement.awarded"])
    assert made["events"] == ["achievement.awarded"]
    path = f"/v1/subscriptions/{made['id']}"
    changed = admin.call("PATCH", path, json={"achievements": ["clean-close"], "contact": "ana@example.com"}).get_json()
    assert (changed["name"], changed["events"]) == ("Zap 7", ["achievement.awarded"])
    assert (changed["achievements"], changed["contact"]) == (["clean-close"], "ana@example.com")
    assert refusal(admin.call("PATCH", path, json={"url": HOOK}))[0] == "/url"
    assert refusal(admin.call("PATCH", path, json={"status": "removed"}))[0] == "/status"


def test_a_place_is_switched_off_and_on_as_if_nothing_had_failed(admin: Any) -> None:
    """Who has repaired it begins anew."""
    path = f"/v1/subscriptions/{added(admin)['id']}"
    off = admin.call("PATCH", path, json={"status": "disabled"}).get_json()
    assert (off["status"], off["words"]) == ("disabled", "Switched off by hand.")
    assert listed(admin, status="disabled") == [off["id"]]
    on = admin.call("PATCH", path, json={"status": "active"}).get_json()
    assert (on["status"], on["words"], on["failures"], on["failing_since"]) == ("active", None, 0, None)


def test_a_removed_place_is_gone_and_removing_it_again_is_no_failure(admin: Any, services: Services) -> None:
    """Flows repeat their calls; nothing secret is left behind."""
    place_id = added(admin)["id"]
    path = f"/v1/subscriptions/{place_id}"
    assert [admin.delete(path).status_code for _ in range(2)] == [204, 204]
    assert admin.get(path).status_code == 404
    assert admin.call("PATCH", path, json={"status": "active"}).status_code == 404
    assert listed(admin) == []
    with services.store.reading() as reading:
        kept = reading.subscription(place_id)
    assert kept is not None
    assert (kept.address, kept.secret, kept.status) == ("", None, "removed")


def test_an_unknown_place_is_told_so(admin: Any) -> None:
    """On each of its addresses."""
    for method, end in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/secret"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
    ):
        answer = admin.call(method, f"/v1/subscriptions/sub_none{end}", json={} if method != "GET" else None)
        assert (method, end, answer.status_code) == (method, end, 404)


def test_after_a_change_of_secret_the_one_before_signs_along_for_a_day(
    admin: Any, services: Services, clock: Any
) -> None:
    """A receiver can change over without losing a message."""
    made = added(admin)
    changed = admin.post(f"/v1/subscriptions/{made['id']}/secret").get_json()
    assert changed["secret"] not in {made["secret"], None}
    assert changed["former_secret_until"] == (clock() + timedelta(hours=24)).isoformat()
    with services.store.reading() as reading:
        kept = reading.subscription(made["id"])
    assert kept is not None
    assert (kept.secret, kept.former_secret) == (changed["secret"], made["secret"])


def test_a_secret_of_ones_own_is_taken(admin: Any) -> None:
    """n8n brings its own: 32 random bytes, written as 64 signs."""
    own = "3f" * 32
    made = added(admin, secret=own)
    assert made["secret"] == own
    other = admin.post(f"/v1/subscriptions/{made['id']}/secret", json={"secret": "c0ffee" * 8}).get_json()
    assert other["secret"] == "c0ffee" * 8
    assert refusal(admin.post(f"/v1/subscriptions/{made['id']}/secret", json={"secret": "short"}))[0] == "/secret"


def test_a_place_that_is_not_signed_has_no_secret(admin: Any) -> None:
    """Nobody waits for a signature that never comes."""
    made = added(admin, transport="slack", url=SLACK, team="support")
    assert made["secret"] is None
    assert "not signed" in refusal(admin.post(f"/v1/subscriptions/{made['id']}/secret"))[1]


def test_only_a_key_with_manage_changes_places(caller_with: Any, admin: Any) -> None:
    """Reading shows nothing secret."""
    place_id = added(admin)["id"]
    reader = caller_with("read")
    assert reader.get(f"/v1/subscriptions/{place_id}").status_code == 200
    assert reader.post("/v1/subscriptions", json={"url": HOOK}).status_code == 403
    assert reader.delete(f"/v1/subscriptions/{place_id}").status_code == 403
    assert reader.get(f"/v1/subscriptions/{place_id}/deliveries").status_code == 403


@pytest.fixture
def mailing(app: Flask, services: Services) -> None:
    """Have a mail server set."""
    settings = replace(services.settings, smtp="smtp://127.0.0.1:2525", mail_from="milepost@example.com")
    app.extensions[EXTENSION] = replace(services, settings=settings)


@pytest.mark.usefixtures("mailing")
def test_mail_goes_to_each_persons_own_address_or_to_a_mailbox(admin: Any) -> None:
    """A person whose id is an address needs no other."""
    everybody = added(admin, transport="email", url=None)
    assert [everybody[name] for name in ("audience", "actor", "address", "secret")] == ["actor", None, None, None]
    own = added(admin, transport="email", url=None, actor="ana@example.com")
    assert (own["actor"], own["address"]) == ("ana@example.com", None)
    mailbox = added(admin, transport="email", url=None, address="desk@example.com", team="support")
    assert (mailbox["team"], mailbox["address"]) == ("support", "d…@example.com")


@pytest.mark.usefixtures("mailing")
def test_a_test_to_each_persons_own_address_names_the_person(admin: Any) -> None:
    """Otherwise it has no address."""
    path = f"/v1/subscriptions/{added(admin, transport='email', url=None)['id']}/test"
    assert "Say to whom" in refusal(admin.post(path))[1]
    assert refusal(admin.post(path, json={"actor": "nobody@example.com"}))[0] == "/actor"
    assert admin.post(path, json={"actor": "ana@example.com"}).status_code == 202


@pytest.mark.usefixtures("mailing")
@pytest.mark.parametrize(
    ("wish", "pointer", "says"),
    [
        ({"team": "support"}, "/address", "a team has none of its own"),
        ({"actor": "u7"}, "/address", "is no e-mail address"),
        ({"address": "desk@example.com", "audience": "actor"}, "/audience", "Others read a mailbox"),
        ({"address": "desk@example.com"}, "/audience", "Whose messages"),
        ({"address": "no address", "team": "support"}, "/address", "address"),
        ({"audience": "all"}, "/audience", "Only a webhook"),
    ],
)
def test_mail_that_could_not_arrive_is_refused(admin: Any, wish: Any, pointer: str, says: str) -> None:
    """With what to do instead."""
    admin.put("/v1/actors/u7", json={"name": "Uma"})
    place, words = refusal(admin.post("/v1/subscriptions", json={"transport": "email", **wish}))
    assert place == pointer
    assert says in words
