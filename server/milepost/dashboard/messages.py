"""Messages as pages, the links that lead to them, and the picture that says a mail was opened."""

from __future__ import annotations

import base64

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from milepost.api.auth import open_door
from milepost.api.context import looks, services
from milepost.dashboard.pages import make_pages, say, show_page
from milepost.dashboard.previews import is_by_person
from milepost.delivery.message import Message, message_of
from milepost.engine.people import HolderKind
from milepost.operations.count_attention import (
    CLICKED,
    OPENED,
    SELF,
    count_attention,
    count_look,
    message_of_link,
)
from milepost.operations.links import PAGES_OPEN_FOR, LinkSigner, Purpose
from milepost.storage.outbox import MessageForm, MessageRecord

pages = make_pages("message_pages")

#: One transparent dot.
_DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@pages.route("/m/<token>")
@open_door
def show_message(token: str) -> Response:
    """Show a message to whoever holds its link."""
    found = message_of_link(services(), Purpose.PAGE, token)
    if found is None or found[1].form is MessageForm.EVENT:
        return say(
            "There is nothing here",
            "The link is not whole, or what it led to is gone. Open it from the message once more.",
            status=404,
        )
    signer, record = found
    if services().clock() - record.composed_at > PAGES_OPEN_FOR:
        return say("This link is no longer good", f"It could be opened for {PAGES_OPEN_FOR.days} days.", status=410)
    if is_by_person(request):
        _count_look(record)
    message = message_of(record.document)
    return show_page("message.html", message=message, actions=_further(signer, message))


@pages.route("/r/<token>")
@open_door
def follow(token: str) -> AnyResponse:
    """Count that a link in a message was followed, and lead to the message's page on this server."""
    found = message_of_link(services(), Purpose.FOLLOW, token)
    if found is not None and is_by_person(request):
        count_attention(services(), found[1].id, CLICKED)
    page = found[0].write(Purpose.PAGE, found[1].id) if found else "-"
    response = redirect(f"../{Purpose.PAGE}/{page}")  # beside this address, whatever leads here
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@pages.route("/o/<token>.gif")
@open_door
def show_pixel(token: str) -> Response:
    """Give a dot, and count that the mail it stands in was opened."""
    found = message_of_link(services(), Purpose.PIXEL, token)
    if found is not None and is_by_person(request):
        count_attention(services(), found[1].id, OPENED)
    return Response(_DOT, content_type="image/gif", headers={"Cache-Control": "no-store"})


def _count_look(record: MessageRecord) -> None:
    if record.recipient is not None and record.recipient.kind is HolderKind.ACTOR:
        count_look(services(), looks(), record.recipient.id, SELF)


def _further(signer: LinkSigner, message: Message) -> list[dict[str, str]]:
    """Give the links of a message that lead further than its own page."""
    own = tuple(f"/{purpose}/{signer.write(purpose, message.id)}" for purpose in (Purpose.PAGE, Purpose.FOLLOW))
    return [
        {"label": one.label, "url": one.url}
        for one in message.actions
        if one.url.startswith(("https://", "http://")) and not one.url.endswith(own)
    ]
