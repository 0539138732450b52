"""Signed webhooks, as the Standard Webhooks specification says: for flows and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import orjson

from milepost.delivery.addresses import read_url
from milepost.delivery.base import Outcome, Parcel, Result
from milepost.delivery.networks import AllowList
from milepost.delivery.signing import sign
from milepost.delivery.wire import Answer, post, read_status

_DONE = "The receiver says that it wants no more: it answered 410. Make the subscription again if that is wrong."


@dataclass(frozen=True, slots=True)
class Webhook:
    """Sends the payload of a parcel, signed."""

    allowed: AllowList

    def check(self, address: str) -> None:
        """Raise `AddressRefused` for an address that can never work."""
        read_url(address, self.allowed)

    def send(self, parcel: Parcel) -> Outcome:
        """Try once."""
        body = orjson.dumps(dict(parcel.payload))
        headers = sign(body, message_id=parcel.id, at=parcel.at, with_secrets=parcel.secrets)
        answer = post(parcel.address, body, headers, at=parcel.at, allowed=self.allowed)
        return answer if isinstance(answer, Outcome) else _judge(answer)


def _judge(answer: Answer) -> Outcome:
    """Read an answer: whatever is not a yes may become one, so that everything but 410 is tried again."""
    if answer.status_code == HTTPStatus.GONE:
        return Outcome(Result.GONE, _DONE, answer.status_code)
    return read_status(answer, name="The receiver", sent="Taken by the receiver.")
