"""What a review link leads to, and what is done there: looking changes nothing, deciding is done once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from milepost.engine.facts import Facts, RuleVersion
from milepost.errors import Problem
from milepost.operations.decide_award import review_in
from milepost.operations.discuss_review import answer_in, ask_in
from milepost.operations.links import LinkSigner, ReviewToken, link_signer
from milepost.operations.load_facts import load_facts
from milepost.operations.open_review import OPEN, deciders
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.storage.base import Reading, Transaction
from milepost.storage.outbox import ReviewRecord, ReviewState
from milepost.storage.records import AwardRecord, EventRecord

#: Events behind an award that a page shows.
SHOWN = 20
#: What is done with the form; the last is for whoever was asked.
APPROVED, REJECTED, ASKED, ANSWERED = "approved", "rejected", "asked", "answered"


class LinkState(StrEnum):
    """How a review link stands."""

    #: The holder of the link may decide.
    DECIDE = "decide"
    #: The holder of the link was asked something.
    ANSWER = "answer"
    #: It was not made here, or what it was made for is gone.
    UNKNOWN = "unknown"
    #: Somebody else decides by now, or the answer is in.
    ELSEWHERE = "elsewhere"
    #: Its time is over.
    OVER = "over"
    #: It is decided, or there is nothing left to decide.
    CLOSED = "closed"


class Hitch(StrEnum):
    """Why nothing was done."""

    #: A question or a no needs words.
    WORDS_MISSING = "words_missing"
    WORDS_TOO_LONG = "words_too_long"
    #: The award is not what it was when the page was opened.
    CHANGED = "changed"
    #: What was sent is none of what can be done there.
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a review link leads now, and what came of a form."""

    state: LinkState
    review: ReviewRecord | None = None
    award: AwardRecord | None = None
    facts: Facts | None = None
    #: The rule as it is now.
    version: RuleVersion | None = None
    #: Who holds the link.
    person: str | None = None
    #: The newest events behind the award; those that are kept.
    evidence: tuple[EventRecord, ...] = ()
    #: Stands for what the page shows; it is sent back with the decision.
    seen: str = ""
    #: What was done just now.
    done: str | None = None
    hitch: Hitch | None = None
    #: Why it could not be done, for people.
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent back from a review page."""

    action: str
    text: str
    seen: str


#: The longest text that is taken.
LONGEST = 1_000


def follow_review_link(services: Services, token: str) -> Followed:
    """Say where a review link leads; nothing changes, whoever follows it."""
    with services.store.reading() as reading:
        return _look(reading, services, token)


def act_on_review_link(services: Services, token: str, form: Form) -> Followed:
    """Decide, ask or answer with what a page sent back, if the link still leads there."""
    try:
        with services.store.transaction() as tx:
            tx.lock_everything()
            page = _look(tx, services, token)
            if page.state not in (LinkState.DECIDE, LinkState.ANSWER):
                return page
            hitch = _hitch(page, form)
            if hitch is not None:
                return replace(page, hitch=hitch)
            _act(tx, services, page, form)
            return replace(page, done=form.action)
    except Problem as problem:  # everything is undone
        return replace(follow_review_link(services, token), hitch=Hitch.NOT_OFFERED, words=problem.detail)


def _hitch(page: Followed, form: Form) -> Hitch | None:
    offered = {ANSWERED} if page.state is LinkState.ANSWER else {APPROVED, REJECTED, ASKED}
    if form.action not in offered:
        return Hitch.NOT_OFFERED
    if form.seen != page.seen:
        return Hitch.CHANGED
    if form.action != APPROVED and not form.text:
        return Hitch.WORDS_MISSING
    return Hitch.WORDS_TOO_LONG if len(form.text) > LONGEST else None


def _act(tx: Transaction, services: Services, page: Followed, form: Form) -> None:
    award, by = page.award, page.person
    assert award is not None  # noqa: S101 - whoever may act was shown an award
    assert by is not None  # noqa: S101 - and is somebody
    if form.action == ANSWERED:
        answer_in(tx, services, award, answer=form.text, told_by=by)
    elif form.action == ASKED:
        ask_in(tx, services, award, question=form.text, to=None, told_by=by)
    else:
        review_in(tx, services, award, decision=form.action, note=form.text or None, told_by=by)


def _look(reading: Reading, services: Services, token: str) -> Followed:
    signer = link_signer(reading)
    content = signer.read_review(token) if signer else None
    review = reading.review(content.award_id) if content else None
    award = reading.award(content.award_id) if content else None
    if signer is None or content is None or review is None or award is None:
        return Followed(LinkState.UNKNOWN)
    facts = load_facts(reading, actors=None)
    state, person = _stand(services, signer, content, review, facts)
    if person is None:
        return Followed(state)
    return Followed(
        state=state,
        review=review,
        award=award,
        facts=facts,
        version=rule_book(reading).current(award.achievement),
        person=person,
        evidence=_evidence(reading, award),
        seen=_what_is_seen(award, review),
    )


def _stand(
    services: Services, signer: LinkSigner, content: ReviewToken, review: ReviewRecord, facts: Facts
) -> tuple[LinkState, str | None]:
    """Say how a link stands, and who holds it; nobody where it shows nothing of the award any more."""
    now = services.clock()
    if content.expires_at < review.opened_at:
        return LinkState.OVER, None
    people = deciders(review, facts, services.settings.contact)
    decider = _whose(signer, content.mark, people)
    if review.state not in OPEN:
        return LinkState.CLOSED, decider
    if now >= max(content.expires_at, review.expires_at):
        return LinkState.OVER, None
    if decider is not None:
        return LinkState.DECIDE, decider
    asked = _whose(signer, content.mark, {review.asked} - {None})
    if asked is not None and review.state is ReviewState.ASKED:
        return LinkState.ANSWER, asked
    return LinkState.ELSEWHERE, None


def _whose(signer: LinkSigner, mark: str, people: set[str | None] | set[str]) -> str | None:
    return next((one for one in people if one and signer.mark_of(one) == mark), None)


def _evidence(reading: Reading, award: AwardRecord) -> tuple[EventRecord, ...]:
    found = (reading.event(one) for one in award.evidence[-SHOWN:])
    return tuple(one for one in found if one is not None)


def _what_is_seen(award: AwardRecord, review: ReviewRecord) -> str:
    shown = (award.status, award.reason_code, award.reason, award.points, award.earned_at, award.evidence)
    text = repr((shown, review.state, review.question, review.answer))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
