from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from milepost.operations.expire_reviews import expire_reviews
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from tests.api.reviewing import ANA, BEA, HALF, MAX, ZOE, earn, news_of, owed_to, set_up, tell


@pytest.fixture(autouse=True)
def firm(admin: Any) -> None:
    """Have people and one rule that a manager reviews."""
    set_up(admin)


def _queue(admin: Any, **query: Any) -> Any:
    answer = admin.get("/v1/reviews", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["items"]


def _kinds(rows: Any) -> Any:
    return [(str(row.kind), str(row.audience), row.standing.partition(":")[0]) for row in rows]


# ------------------------------------------------------------------- opening


def test_an_award_that_waits_is_in_the_queue_of_the_manager_who_is_owed_a_word(admin: Any, services: Services) -> None:
    """Who, what, why, since when and until when."""
    award_id = earn(admin)
    (review,) = _queue(admin)
    assert (review["award_id"], review["reviewer"], review["deciders"]) == (award_id, MAX, [MAX])
    assert (review["holder"], review["holder_name"], review["evidence"]) == (ANA, "Ana", ["zd-1", "zd-2"])
    assert (review["state"], review["waiting_hours"], review["expires_at"]) == (
        "waiting",
        0.0,
        "2026-03-16T12:00:00+00:00",
    )
    assert _kinds(owed_to(services, MAX)) == [("review.needed", "manager", "decision")]
    assert owed_to(services, ANA) == []


def test_news_of_a_review_says_whom_it_needs(admin: Any, services: Services) -> None:
    """A flow can post it wherever decisions are made."""
    earn(admin)
    (news,) = news_of(services, "review.needed")
    document = news.document
    assert (document["needs"], document["of"], document["reviewer"]) == ("decision", [MAX], MAX)
    assert (document["holder_name"], document["manager"], document["reason"]) == ("Ana", MAX, "2 of 2")


def test_a_holder_without_manager_waits_in_the_queue_without_reviewer(admin: Any, services: Services) -> None:
    """Nobody is told, and everybody who looks after Milepost sees it."""
    tell(admin, actor=ZOE)
    (review,) = _queue(admin)
    assert (review["holder"], review["reviewer"], review["deciders"]) == (ZOE, None, [])
    assert len(news_of(services, "review.needed")) == 1


def test_of_a_team_the_first_manager_decides_who_is_no_member(admin: Any) -> None:
    """Nobody decides about an award of their own team."""
    admin.put("/v1/teams/support", json={})
    for person, manager in ((ANA, ZOE), (MAX, ANA)):
        admin.put(f"/v1/actors/{person}", json={"team": "support", "manager": manager})
    admin.put("/v1/achievements/together", json={**admin.get("/v1/achievements/clean-close").get_json()["document"],
              "key": "together", "scope": "team"})  # fmt: skip
    tell(admin)
    assert {one["holder"]: one["reviewer"] for one in _queue(admin)} == {ANA: ZOE, "team:support": ZOE}


def test_nothing_is_said_about_somebody_who_opted_out(admin: Any, services: Services) -> None:
    """The award waits all the same."""
    admin.put(f"/v1/actors/{ANA}", json={"preferences": {"opt_out": True}})
    award_id = earn(admin)
    assert [one["award_id"] for one in _queue(admin)] == [award_id]
    assert owed_to(services, MAX) == []
    assert news_of(services, "review.needed", "review.decided") == []


def test_a_review_ends_when_the_award_loses_its_ground(admin: Any, services: Services) -> None:
    """There is nothing left to decide, and nobody is owed a word about it."""
    award_id = earn(admin)
    admin.delete("/v1/events/zd-2")
    assert _queue(admin) == []
    assert [one["award_id"] for one in _queue(admin, state="lapsed")] == [award_id]
    assert owed_to(services, MAX) == []
    assert owed_to(services, ANA) == []
    assert news_of(services, "review.decided") == []


def test_an_award_that_waits_again_is_asked_for_again(admin: Any, services: Services, clock: Any) -> None:
    """A new review with a new time limit."""
    earn(admin)
    admin.delete("/v1/events/zd-2")
    clock.move(timedelta(hours=1))
    tell(admin, 1, first=3)
    (review,) = _queue(admin)
    assert (review["evidence"], review["expires_at"]) == (["zd-1", "zd-3"], "2026-03-16T13:00:00+00:00")
    assert _kinds(owed_to(services, MAX)) == [("review.needed", "manager", "decision")]


# ------------------------------------------------------------------ deciding


def test_an_approved_award_is_told_as_any_other(admin: Any, services: Services) -> None:
    """And the queue is empty."""
    award_id = earn(admin)
    decided = admin.post(f"/v1/awards/{award_id}/review", json={"decision": "approved", "by": MAX}).get_json()
    assert (decided["status"], decided["decision"], decided["decided_by"]) == ("granted", "approved", MAX)
    assert _queue(admin) == []
    assert _kinds(owed_to(services, ANA)) == [("achievement.awarded", "actor", "granted")]
    assert owed_to(services, MAX) == []
    (news,) = news_of(services, "review.decided")
    assert (news.document["decision"], news.document["state"]) == ("approved", "decided")


def test_a_rejected_award_is_told_to_the_person_with_the_note(admin: Any, services: Services) -> None:
    """Whoever reached the target wants to know what became of it."""
    award_id = earn(admin)
    note = "Both tickets were duplicates of one."
    admin.post(f"/v1/awards/{award_id}/review", json={"decision": "rejected", "note": note, "by": MAX})
    (owed,) = owed_to(services, ANA)
    assert (str(owed.kind), str(owed.audience)) == ("review.decided", "actor")
    (news,) = news_of(services, "review.decided")
    assert (news.id, news.document["note"], news.document["decision"]) == (owed.news_id, note, "rejected")
    assert owed_to(services, MAX) == []


def test_nobody_decides_about_an_award_of_their_own(admin: Any) -> None:
    """Neither by deciding, nor by asking, nor by being handed it."""
    award_id = earn(admin)
    for body in ({"decision": "approved", "by": ANA}, {"decision": "asked", "note": "Really?", "by": ANA}):
        assert admin.post(f"/v1/awards/{award_id}/review", json=body).status_code == 409
    assert admin.post(f"/v1/awards/{award_id}/delegation", json={"to": ANA}).status_code == 422
    assert [one["state"] for one in _queue(admin)] == ["waiting"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"decision": "maybe"}, "/decision"),
        ({"decision": "asked"}, "/note"),
        ({"decision": "asked", "note": "  "}, "/note"),
        ({"decision": "approved", "to": ZOE}, "/to"),
        ({"decision": "asked", "note": "Why?", "to": "nobody@example.com"}, "/to"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(admin: Any, body: Any, pointer: Any) -> None:
    """With the place and what to do."""
    answer = admin.post(f"/v1/awards/{earn(admin)}/review", json=body)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)


# ---------------------------------------------------- asking and handing over


def test_a_question_goes_to_the_person_and_the_answer_comes_back(admin: Any, services: Services, clock: Any) -> None:
    """Meanwhile nobody else is owed a word."""
    award_id = earn(admin)
    question = {"decision": "asked", "note": "Were these two customers?", "by": MAX}
    assert admin.post(f"/v1/awards/{award_id}/review", json=question).get_json()["status"] == "in_review"
    (review,) = _queue(admin, state="asked")
    assert (review["question"], review["asked"]) == ("Were these two customers?", ANA)
    assert _kinds(owed_to(services, ANA)) == [("review.needed", "actor", "answer")]
    assert owed_to(services, MAX) == []
    clock.move(timedelta(hours=2))
    answered = admin.post(f"/v1/awards/{award_id}/answer", json={"answer": "Yes, two.", "by": ANA}).get_json()
    assert (answered["state"], answered["answer"]) == ("waiting", "Yes, two.")
    assert _kinds(owed_to(services, MAX)) == [("review.needed", "manager", "decision")]
    assert owed_to(services, ANA) == []
    history = admin.get(f"/v1/awards/{award_id}").get_json()["history"]
    assert [(one["change"], one["cause"]) for one in history[1:]] == [("asked", MAX), ("answered", ANA)]


def test_somebody_else_can_be_asked(admin: Any, services: Services) -> None:
    """Who knows more about it."""
    award_id = earn(admin)
    admin.post(f"/v1/awards/{award_id}/review", json={"decision": "asked", "note": "Were you there?", "to": ZOE})
    assert _kinds(owed_to(services, ZOE)) == [("review.needed", "manager", "answer")]
    assert owed_to(services, ANA) == []


def test_the_same_question_twice_is_one_and_an_answer_needs_a_question(admin: Any) -> None:
    """A tool may repeat itself."""
    award_id = earn(admin)
    assert admin.post(f"/v1/awards/{award_id}/answer", json={"answer": "Yes."}).status_code == 409
    for _ in range(2):
        asked = admin.post(f"/v1/awards/{award_id}/review", json={"decision": "asked", "note": "Really?"})
        assert asked.status_code == 200
    for _ in range(2):
        assert admin.post(f"/v1/awards/{award_id}/answer", json={"answer": "Yes."}).status_code == 200
    changes = [one["change"] for one in admin.get(f"/v1/awards/{award_id}").get_json()["history"]]
    assert changes == ["in_review", "asked", "answered"]


def test_a_review_is_handed_to_somebody_else_within_the_same_time(admin: Any, services: Services) -> None:
    """The new one is told, the one before no longer."""
    award_id = earn(admin)
    handed = admin.post(f"/v1/awards/{award_id}/delegation", json={"to": ZOE, "note": "You know it", "by": MAX})
    document = handed.get_json()
    assert (document["reviewer"], document["delegated_by"]) == (ZOE, MAX)
    assert document["expires_at"] == "2026-03-16T12:00:00+00:00"
    assert _kinds(owed_to(services, ZOE)) == [("review.needed", "manager", "decision")]
    assert owed_to(services, MAX) == []
    assert (len(_queue(admin, reviewer=ZOE)), _queue(admin, reviewer=MAX)) == (1, [])


@pytest.mark.parametrize("to", [ANA, MAX, "nobody@example.com"])
def test_a_review_is_not_handed_to_the_holder_the_reviewer_or_a_stranger(admin: Any, to: Any) -> None:
    """It would be decided by the wrong one, or by nobody."""
    answer = admin.post(f"/v1/awards/{earn(admin)}/delegation", json={"to": to, "by": MAX})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/to")


# ------------------------------------------------------------------- in time


def test_after_half_of_the_time_the_next_one_up_may_decide_as_well(admin: Any, services: Services, clock: Any) -> None:
    """One word to one more person, and none to the first."""
    earn(admin)
    clock.move(HALF - timedelta(minutes=1))
    assert expire_reviews(services) == 0
    clock.move(timedelta(minutes=1))
    assert [expire_reviews(services) for _ in range(2)] == [1, 0]
    (review,) = _queue(admin, reviewer=BEA)
    assert (review["reviewer"], review["deciders"], review["escalated_at"]) == (
        MAX,
        [BEA, MAX],
        "2026-03-09T12:00:00+00:00",
    )
    assert _kinds(owed_to(services, BEA)) == [("review.needed", "manager", "decision")]
    assert len(owed_to(services, MAX)) == 1


def test_what_nobody_decides_does_not_stand_and_can_still_be_approved(
    admin: Any, services: Services, clock: Any
) -> None:
    """The person is told once, neutrally, and then as of any award."""
    award_id = earn(admin)
    for _ in range(2):
        clock.move(HALF)
        assert expire_reviews(services) == 1
    award = admin.get(f"/v1/awards/{award_id}").get_json()
    assert (award["status"], award["decision"], award["reason_code"]) == ("rejected", "expired", "review_expired")
    assert _kinds(owed_to(services, ANA)) == [("review.decided", "actor", "expired")]
    assert (owed_to(services, MAX), owed_to(services, BEA)) == ([], [])
    assert [one["state"] for one in _queue(admin, state="expired")] == ["expired"]
    late = admin.post(f"/v1/awards/{award_id}/review", json={"decision": "approved"}).get_json()
    assert (late["status"], late["reason_code"]) == ("granted", "target_met")
    assert _kinds(owed_to(services, ANA)) == [("achievement.awarded", "actor", "granted")]


def test_an_expired_award_does_not_come_back_by_itself(admin: Any, services: Services, clock: Any) -> None:
    """Neither by another event nor by judging everything again."""
    award_id = earn(admin)
    for _ in range(2):
        clock.move(HALF)
        expire_reviews(services)
    tell(admin, 1, first=3)
    admin.delete("/v1/events/zd-1")
    settle_all(services)
    assert admin.get(f"/v1/awards/{award_id}").get_json()["status"] == "rejected"


def test_nobodys_award_falls_because_the_server_was_away(admin: Any, services: Services, clock: Any) -> None:
    """Half of the time is left when it comes back, however late."""
    earn(admin)
    clock.move(timedelta(days=60))
    assert expire_reviews(services) == 1
    (review,) = _queue(admin)
    assert (review["state"], review["expires_at"]) == ("waiting", "2026-05-08T12:00:00+00:00")
    clock.move(HALF)
    assert expire_reviews(services) == 1
    assert _queue(admin) == []


def test_a_manager_named_later_is_found_when_half_of_the_time_is_over(
    admin: Any, services: Services, clock: Any
) -> None:
    """Nobody was there to decide before."""
    tell(admin, actor=ZOE)
    admin.put(f"/v1/actors/{ZOE}", json={"manager": BEA})
    clock.move(HALF)
    expire_reviews(services)
    assert [(one["holder"], one["reviewer"]) for one in _queue(admin)] == [(ZOE, BEA)]
    assert len(owed_to(services, BEA)) == 1


# ------------------------------------------------------- what lost its ground


def test_what_stood_and_lost_its_ground_is_decided_too(admin: Any) -> None:
    """A manager may let it stand although a record changed."""
    set_up(admin, review="none", on_lost="review")
    (award,) = tell(admin)["awards"]
    admin.delete("/v1/events/zd-2")
    (review,) = _queue(admin)
    assert (review["award_id"], review["reason_code"], review["reviewer"]) == (award["id"], "lost_ground", MAX)
    admin.post(f"/v1/awards/{award['id']}/review", json={"decision": "approved"})
    tell(admin, 1, first=7, actor=ZOE)
    assert admin.get(f"/v1/awards/{award['id']}").get_json()["status"] == "granted"
    assert _queue(admin) == []


# -------------------------------------------------------------------- queue


def test_the_queue_is_listed_page_by_page_and_the_oldest_deadline_first(admin: Any, clock: Any) -> None:
    """Each review comes once, and the end is marked."""
    given = []
    for n in range(5):
        award = {"achievement": "clean-close", "actor": ANA, "id": f"deal-{n}"}
        given.append(admin.post("/v1/awards", json=award).get_json()["id"])
        clock.move(timedelta(hours=1))
    seen, after = [], None
    while True:
        query = {"limit": 2, "reviewer": MAX, **({"after": after} if after else {})}
        page = admin.get("/v1/reviews", query_string=query).get_json()
        seen += [one["award_id"] for one in page["items"]]
        after = page["next_after"]
        if after is None:
            break
    assert seen == given


@pytest.mark.parametrize("query", ["state=open", "after=aw_1", "limit=0", "who=max"])
def test_a_question_to_the_queue_that_makes_no_sense_is_refused(admin: Any, query: Any) -> None:
    """A misspelt filter would list everything."""
    assert admin.get(f"/v1/reviews?{query}").status_code == 422
