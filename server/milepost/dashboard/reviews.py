"""The page on which somebody decides about an award: with a link that carries its own right, and without a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from milepost.api.auth import open_door
from milepost.api.context import services
from milepost.dashboard.pages import make_pages, say, show_page
from milepost.engine.sentences import describe
from milepost.engine.views import calendar_of
from milepost.operations.follow_review_link import (
    LONGEST,
    Followed,
    Form,
    Hitch,
    LinkState,
    act_on_review_link,
    follow_review_link,
)
from milepost.operations.name_holder import full_name
from milepost.storage.outbox import ReviewState

pages = make_pages("review_pages")


@dataclass(frozen=True, slots=True)
class Shown:
    """One event behind an award, in words."""

    what: str
    when: str


@pages.route("/review/<token>")
@open_door
def show_review(token: str) -> Response:
    """Show what is to be decided; nothing changes, whoever or whatever looks."""
    return _page(follow_review_link(services(), token))


@pages.route("/review/<token>", methods=["POST"])
@open_door
def decide_review(token: str) -> Response:
    """Take the decision, the question or the answer that the page sent back."""
    form = Form(
        action=request.form.get("action", ""),
        text=_clean(request.form.get("text", "")),
        seen=request.form.get("seen", ""),
    )
    page = act_on_review_link(services(), token, form)
    if page.done is None:
        return _page(page, typed=form.text)
    return say(*_DONE[page.done])


def _page(page: Followed, *, typed: str = "") -> Response:
    """Show a form where something can be done, else one sentence."""
    status = 409 if request.method == "POST" else 200
    match page.state:
        case LinkState.UNKNOWN:
            return say("There is nothing here", _UNKNOWN, status=404)
        case LinkState.ELSEWHERE:
            return say("Nothing is needed from you here", _ELSEWHERE, status=status)
        case LinkState.OVER:
            return say("The time for this is over", _OVER, status=status)
        case LinkState.CLOSED:
            return say(*_closed(page), status=status)
        case LinkState.DECIDE | LinkState.ANSWER:
            return _form(page, typed)


def _form(page: Followed, typed: str) -> Response:
    award, review, facts, version = page.award, page.review, page.facts, page.version
    assert award is not None  # noqa: S101 - a link that can be acted on leads to an award
    assert review is not None  # noqa: S101 - the same
    assert facts is not None  # noqa: S101 - the same
    calendar = calendar_of(award.holder, facts)
    shown = [
        Shown(" on ".join(filter(None, (one.event.type, one.event.subject))), _moment(calendar.local(at)))
        for one in page.evidence
        for at in [one.event.occurred_at]
    ]
    return show_page(
        "review.html",
        {None: 200, Hitch.CHANGED: 409}.get(page.hitch, 422),
        page=page,
        award=award,
        review=review,
        holder=full_name(award.holder, facts),
        purpose=version.achievement.purpose if version else None,
        sentence=describe(version.achievement) if version else None,
        shown=shown,
        unshown=len(award.evidence) - len(shown),
        earned=_moment(calendar.local(award.earned_at)),
        until=_moment(calendar.local(review.expires_at)),
        zone=calendar.local(award.earned_at).tzname(),
        hitch=page.words or (_HITCHES[page.hitch] if page.hitch else None),
        typed=typed,
        longest=LONGEST,
    )


def _closed(page: Followed) -> tuple[str, str]:
    """Say that nothing is left to do; how it was decided only to whoever may decide."""
    award, review = page.award, page.review
    if award is None or review is None or review.state is ReviewState.LAPSED:
        return "There is nothing left to decide", "The award changed meanwhile, or somebody has decided about it."
    if review.state is ReviewState.EXPIRED:
        return "The time for this is over", f"Nobody decided in time about {award.name}, so it does not stand. {_LATER}"
    return (
        "This has been decided",
        f"{award.name} was {award.decision}. To change that, write to whoever runs Milepost.",
    )


def _moment(local: datetime) -> str:
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def _clean(text: str) -> str:
    """Leave out what nobody can see, so that it can be kept by any store."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one.isprintable() or one == "\n").strip()


_LATER = "It can still be approved: write to whoever runs Milepost."
_UNKNOWN = "The link is not whole, or what it led to is gone. Open it from the message once more."
_ELSEWHERE = "Somebody else decides about this, or your answer has already been passed on."
_OVER = f"What is not decided in time does not stand. {_LATER}"
_HITCHES = {
    Hitch.WORDS_MISSING: "Please write a sentence as well: the person reads it.",
    Hitch.WORDS_TOO_LONG: f"Please write at most {LONGEST:,} characters.",
    Hitch.CHANGED: "This has changed since you opened the page. Please look at it again.",
    Hitch.NOT_OFFERED: "Please choose one of the buttons.",
}
_DONE = {
    "approved": ("Approved", "The award stands, and the person is told. You can close this page."),
    "rejected": ("Not approved", "The award does not stand. The person is told, with what you wrote."),
    "asked": ("Your question is on its way", "You are told when there is an answer. Nothing is decided yet."),
    "answered": ("Your answer is on its way", "Thank you. Whoever decides is told."),
}
