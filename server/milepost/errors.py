"""Everything that can go wrong by name, with a sentence that says what to do.

::

    MilepostError
    ├── SettingsError
    └── Problem
        ├── BodyUnreadable            400
        ├── KeyMissing                401
        ├── KeyMistyped               401
        ├── KeyUnknown                401
        ├── KeyRevoked                401
        ├── ScopeMissing              403
        ├── NotFound                  404
        ├── RouteUnknown              404
        ├── MethodUnknown             405
        ├── Conflict                  409
        │   ├── EventConflict         409
        │   └── StillAnswering        409
        ├── BodyTooLarge              413
        ├── ContentTypeUnknown        415
        ├── Invalid                   422
        ├── IdempotencyMismatch       422
        ├── RequestRefused            400
        ├── Broken                    500
        └── StoreUnavailable          503
            └── StoreFull             503

An operation raises a `Problem`; the doors turn it into an answer once, in
`milepost.api.problems`. Each class stands for one ``type`` of RFC 9457 and is
described in ``docs/reference/errors.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class MilepostError(Exception):
    """The root of what Milepost raises on purpose."""


class SettingsError(MilepostError):
    """A setting cannot be used; the message names it and says what to set."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one place in a body or query."""

    #: JSON pointer (RFC 6901) to the place: ``/properties/csat``.
    pointer: str
    #: One sentence that says what to do.
    message: str


class Problem(MilepostError):  # noqa: N818 - the word of RFC 9457, and of ours
    """Something the caller is told about, and can do something about."""

    slug: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    #: What to do about it in general; *detail* says it for the case at hand.
    fix: ClassVar[str]

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), retry_after: int | None = None) -> None:
        """Keep the sentence, the places it is about and the seconds after which to try again."""
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = retry_after

    def document(self) -> dict[str, Any]:
        """Give the body of the answer (RFC 9457)."""
        document: dict[str, Any] = {
            "type": f"/docs/errors#{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [{"pointer": error.pointer, "message": error.message} for error in self.errors]
        return document


class BodyUnreadable(Problem):
    """The body is no clean JSON or form: broken off, badly encoded, too deep, or ambiguous."""

    slug = "body-unreadable"
    status = 400
    title = "The body cannot be read"
    fix = "correct the place that `detail` names. Send plain UTF-8 without a byte order mark."


class KeyMissing(Problem):
    """The call carries no API key."""

    slug = "key-missing"
    status = 401
    title = "An API key is needed"
    fix = "send `Authorization: Bearer mp_…` or `X-API-Key: mp_…`."


class KeyMistyped(Problem):
    """The checksum of the key is wrong: it was cut off or mistyped."""

    slug = "key-mistyped"
    status = 401
    title = "This key is mistyped"
    fix = "copy the key again. If it is lost, make a new one; a key is shown only once."


class KeyUnknown(Problem):
    """The key is whole, but was not made here."""

    slug = "key-unknown"
    status = 401
    title = "This key is not known here"
    fix = "make a new key here."


class KeyRevoked(Problem):
    """The key was taken out of use."""

    slug = "key-revoked"
    status = 401
    title = "This key was revoked"
    fix = "make a new key, and find out who revoked this one."


class ScopeMissing(Problem):
    """The key is good, but not for this."""

    slug = "scope-missing"
    status = 403
    title = "This key may not do that"
    fix = "use a key with that scope."


class NotFound(Problem):
    """There is nothing by that id."""

    slug = "not-found"
    status = 404
    title = "There is nothing by that name"
    fix = "check the id; ids are told apart by case."


class RouteUnknown(Problem):
    """The address is none of this service."""

    slug = "route-unknown"
    status = 404
    title = "There is nothing at this address"
    fix = "compare it with `/docs`."


class MethodUnknown(Problem):
    """The address exists, but not for this HTTP method."""

    slug = "method-unknown"
    status = 405
    title = "This address does not take that method"
    fix = "use one of those in the `Allow` header."


class Conflict(Problem):
    """What is there already does not go together with what is asked."""

    slug = "conflict"
    status = 409
    title = "This does not fit what is already there"
    fix = "what `detail` says; look at the present state first."


class EventConflict(Conflict):
    """An event was told again under its id with another type or subject."""

    slug = "event-conflict"
    title = "This event id is already in use for something else"
    fix = "give another thing its own id. If the first telling was wrong, take it back with `DELETE /v1/events/{id}`."


class StillAnswering(Conflict):
    """The same call is being answered at this moment."""

    slug = "still-answering"
    title = "The same call is still being answered"
    fix = "send it again after that time; it gets the first one's answer."


class BodyTooLarge(Problem):
    """The body is larger than the address takes."""

    slug = "body-too-large"
    status = 413
    title = "The body is too large"
    fix = "send less at a time, and only the properties that rules need."


class ContentTypeUnknown(Problem):
    """The body is announced as something that is not read here."""

    slug = "content-type-unknown"
    status = 415
    title = "This kind of body is not read here"
    fix = "send `Content-Type: application/json`; on the three write steps also `application/x-www-form-urlencoded`."


class Invalid(Problem):
    """The body or query can be read, but some of it makes no sense here."""

    slug = "invalid"
    status = 422
    title = "Something in the call needs a correction"
    fix = "correct each place in `errors`."


class IdempotencyMismatch(Problem):
    """An ``Idempotency-Key`` was used before with another body."""

    slug = "idempotency-mismatch"
    status = 422
    title = "This Idempotency-Key was used for another call"
    fix = "give a new call a new key, or send the same body again."


class RequestRefused(Problem):
    """The call breaks a rule of HTTP itself."""

    slug = "request-refused"
    status = 400
    title = "The call cannot be understood"
    fix = "check the address, the headers and the body."


class Broken(Problem):
    """A fault of Milepost; the reference finds it in the log."""

    slug = "broken"
    status = 500
    title = "Something broke on our side"
    fix = "find the reference of `detail` in the log and report it with the lines around it."


class StoreUnavailable(Problem):
    """The store cannot be reached or written at the moment."""

    slug = "store-unavailable"
    status = 503
    title = "The store cannot be reached"
    fix = "nothing, if your tool repeats by itself; else send it again. If it lasts, look at `/ready`."

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), retry_after: int | None = 5) -> None:
        """Ask for another try in five seconds unless told otherwise."""
        super().__init__(detail, errors=errors, retry_after=retry_after)


class StoreFull(StoreUnavailable):
    """There is no room left to keep anything new."""

    slug = "store-full"
    title = "The disk is full"
    fix = "free space; nothing needs a restart."


def invalid(pointer: str, message: str) -> Invalid:
    """Give the problem of one place; its detail is the same sentence."""
    return Invalid(message, errors=[FieldError(pointer, message)])


def problem_types(root: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Give every problem type, parents before children."""
    for kind in root.__subclasses__():
        yield kind
        yield from problem_types(kind)
