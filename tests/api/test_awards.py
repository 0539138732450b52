from __future__ import annotations

from typing import Any

import pytest

RULE = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 5, "window": "week", "of": {"type": "ticket.solved"}},
    "points": 5,
    "state": "live",
}
GIVEN = {"achievement": "clean-close", "actor": "Ana@Example.com", "id": "deal-7", "note": "Saved the account"}


@pytest.fixture(autouse=True)
def rule(admin: Any) -> None:
    """Have one rule in force."""
    assert admin.put("/v1/achievements/clean-close", json=RULE).status_code == 200


def test_an_award_is_given_by_hand_once_for_each_id(admin: Any) -> None:
    """A platform that did its own judging may repeat itself."""
    first = admin.post("/v1/awards", json=GIVEN)
    again = admin.post("/v1/awards", json=GIVEN)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    award = first.get_json()
    assert (award["actor"], award["team"], award["points"], award["source"]) == ("ana@example.com", None, 5, "hand")


def test_an_award_without_id_is_given_once_for_each_idempotency_key(admin: Any) -> None:
    """The header serves where the tool has no id."""
    body = {"achievement": "clean-close", "actor": "ana@example.com"}
    ids = {admin.post("/v1/awards", json=body, headers={"Idempotency-Key": "a"}).get_json()["id"] for _ in range(2)}
    other = admin.post("/v1/awards", json=body, headers={"Idempotency-Key": "b"}).get_json()["id"]
    assert len(ids) == 1
    assert other not in ids


def test_an_award_is_given_by_form(admin: Any) -> None:
    """Points and evidence come as texts there."""
    form = {"achievement": "clean-close", "actor": "ana@example.com", "points": "7", "evidence[]": ["zd-1", "zd-2"]}
    award = admin.post("/v1/awards", data=form).get_json()
    assert (award["points"], award["evidence"]) == (7, ["zd-1", "zd-2"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"actor": None}, ""),
        ({"team": "support"}, ""),
        ({"points": -1}, "/points"),
        ({"points": 10_001}, "/points"),
        ({"note": "x" * 1_001}, "/note"),
        ({"achievment": "x"}, "/achievment"),
        ({"evidence": "zd-1"}, "/evidence"),
    ],
)
def test_an_award_that_makes_no_sense_is_refused(admin: Any, change: Any, pointer: Any) -> None:
    """With the place and what to do."""
    answer = admin.post("/v1/awards", json={**GIVEN, **change})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_an_unknown_achievement_cannot_be_given(admin: Any) -> None:
    """The answer names those there are."""
    answer = admin.post("/v1/awards", json={**GIVEN, "achievement": "clean-closed"})
    assert answer.status_code == 404
    assert "clean-close" in answer.get_json()["detail"]


def test_awards_are_listed_page_by_page(admin: Any) -> None:
    """Every award comes once, and the end is marked."""
    given = {admin.post("/v1/awards", json={**GIVEN, "id": f"deal-{n}"}).get_json()["id"] for n in range(5)}
    seen, after = [], None
    while True:
        page = admin.get("/v1/awards", query_string={"limit": 2, **({"after": after} if after else {})}).get_json()
        seen += [award["id"] for award in page["items"]]
        after = page["next_after"]
        if after is None:
            break
    assert sorted(seen) == sorted(given)


def test_awards_are_listed_by_holder_achievement_and_status(admin: Any) -> None:
    """Each filter narrows; an address is read in any case."""
    admin.post("/v1/awards", json=GIVEN)
    for query, count in [
        ({"actor": "ANA@example.com"}, 1),
        ({"actor": "ben@example.com"}, 0),
        ({"team": "ana@example.com"}, 0),
        ({"achievement": "clean-close"}, 1),
        ({"achievement": "other"}, 0),
        ({"status": "granted"}, 1),
        ({"status": "revoked"}, 0),
        ({"since": "2026-03-03T00:00:00Z"}, 0),
        ({"since": "2026-03-01T00:00:00Z"}, 1),
    ]:
        assert (query, len(admin.get("/v1/awards", query_string=query).get_json()["items"])) == (query, count)


@pytest.mark.parametrize(
    "query", ["status=lost", "limit=0", "limit=201", "limit=x", "stauts=granted", "actor=a&team=b", "limit=1&limit=2"]
)
def test_a_question_that_makes_no_sense_is_refused(admin: Any, query: Any) -> None:
    """A misspelt filter would list everything."""
    assert admin.get(f"/v1/awards?{query}").status_code == 422


def test_an_award_taken_back_stays_with_its_history(admin: Any) -> None:
    """The person concerned can read why."""
    award_id = admin.post("/v1/awards", json=GIVEN).get_json()["id"]
    revoked = admin.post(f"/v1/awards/{award_id}/revocation", json={"reason": "Given to the wrong person."}).get_json()
    assert (revoked["status"], revoked["reason"]) == ("revoked", "Given to the wrong person.")
    history = admin.get(f"/v1/awards/{award_id}").get_json()["history"]
    assert [step["change"] for step in history] == ["granted", "revoked"]


def test_an_award_is_taken_back_only_with_a_reason(admin: Any) -> None:
    """Nobody loses something without being told why."""
    award_id = admin.post("/v1/awards", json=GIVEN).get_json()["id"]
    assert admin.post(f"/v1/awards/{award_id}/revocation", json={}).status_code == 422


def test_an_award_that_waits_is_decided_once(admin: Any) -> None:
    """What was decided is not decided again."""
    admin.put("/v1/achievements/clean-close", json={**RULE, "review": "manager"})
    award = admin.post("/v1/awards", json=GIVEN).get_json()
    assert award["status"] == "in_review"
    review = f"/v1/awards/{award['id']}/review"
    assert admin.post(review, json={"decision": "approved"}).get_json()["status"] == "granted"
    assert admin.post(review, json={"decision": "rejected"}).status_code == 409
    assert admin.post(review, json={"decision": "perhaps"}).status_code == 422


def test_a_note_replaces_the_one_before(admin: Any) -> None:
    """A blank one removes it."""
    award_id = admin.post("/v1/awards", json=GIVEN).get_json()["id"]
    for text, kept in (("Well done", "Well done"), ("  ", None)):
        assert admin.post(f"/v1/awards/{award_id}/note", json={"note": text}).get_json()["note"] == kept


@pytest.mark.parametrize(
    ("step", "body"),
    [("", None), ("/revocation", {"reason": "x"}), ("/review", {"decision": "approved"}), ("/note", {"note": "x"})],
)
def test_an_unknown_award_is_told_so(admin: Any, step: Any, body: Any) -> None:
    """On each of its addresses."""
    answer = admin.call("POST" if step else "GET", f"/v1/awards/aw_none{step}", json=body)
    assert answer.status_code == 404
