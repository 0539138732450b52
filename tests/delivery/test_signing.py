"""Signatures that the official libraries verify, in both languages."""

from __future__ import annotations

import base64
import json
import random
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from milepost.delivery.signing import SecretRefused, check_secret, make_secret, sign

SEED = 20260302
#: Letters of many kinds, line ends, controls, and what has a meaning in JSON, HTML and headers.
LETTERS = "aZ0 \t\r\n\x00\x1f\x7f\"'\\/{}[]:,.<>&=+-@\u00e9\u00df\u0416\u05d0\u4e2d\u200b\u202e\u2028\ufeff\U0001f600"


def bodies() -> Iterator[str]:
    """Give 1,000 bodies: empty ones, line ends, texts of any letters, and documents."""
    draw = random.Random(SEED)  # noqa: S311 - to be drawn again
    yield from ("", "\n", "\r\n", " ", "{}", '""', "\ufeff{}")
    for number in range(993):
        text = "".join(draw.choices(LETTERS, k=draw.randrange(0, 200)))
        yield text if number % 2 else orjson.dumps({"id": f"msg_{number}", "data": {"text": text}}).decode()


def cases() -> list[dict[str, Any]]:
    """Sign each body, some with two secrets, and let it be verified with one of them."""
    print(f"drawn with seed {SEED}")
    kinds = (make_secret, lambda: secrets.token_hex(32), lambda: "a secret of the subscriber's own!")
    found = []
    for number, body in enumerate(bodies()):
        mine = tuple(kinds[(number + step) % 3]() for step in range(1 + number % 2))
        headers = sign(body.encode(), message_id=f"msg_{number}", at=datetime.now(UTC), with_secrets=mine)
        found.append({"secret": mine[number % len(mine)], "body": body, "headers": headers})
    return found


def bad_cases() -> dict[str, dict[str, Any]]:
    """Give what must not be verified, by what is wrong with it."""
    secret, now = make_secret(), datetime.now(UTC)
    good = {"secret": secret, "body": "{}", "headers": sign(b"{}", message_id="m", at=now, with_secrets=[secret])}

    def headers(**changes: str) -> dict[str, str]:
        return good["headers"] | {f"webhook-{name}": value for name, value in changes.items()}  # type: ignore[return-value]

    def signed_at(moment: datetime) -> dict[str, Any]:
        return good | {"headers": sign(b"{}", message_id="m", at=moment, with_secrets=[secret])}

    return {
        "another secret": good | {"secret": make_secret()},
        "another body": good | {"body": "{} "},
        "another id": good | {"headers": headers(id="n")},
        "another moment": good | {"headers": headers(timestamp=str(int(now.timestamp()) - 1))},
        "no signature": good | {"headers": sign(b"{}", message_id="m", at=now, with_secrets=[])},
        "six minutes old": signed_at(now - timedelta(minutes=6)),
        "six minutes ahead": signed_at(now + timedelta(minutes=6)),
    }


def verify_in_python(case: dict[str, Any]) -> str:
    """Verify with the official library for Python."""
    secret = case["secret"] if case["secret"].startswith("whsec_") else case["secret"].encode()
    try:
        Webhook(secret).verify(case["body"], case["headers"], json_parse=False)
    except WebhookVerificationError as failure:
        return str(failure)
    return "verified"


def verify_in_node(cases: list[dict[str, Any]], folder: Path) -> list[str]:
    """Verify all with the official library for Node, in one process."""
    script = folder / "verify.cjs"
    script.write_bytes((Path(__file__).parent / "verify.cjs").read_bytes())
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(  # noqa: S603 - our own words
        [node, str(script)], input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=60
    )
    results: list[str] = json.loads(done.stdout)
    return results


def test_the_official_library_for_python_verifies_a_thousand_bodies() -> None:
    """Whatever is in them, and whichever of two secrets is known."""
    assert {verify_in_python(case) for case in cases()} == {"verified"}


@pytest.mark.slow
def test_the_official_library_for_node_verifies_a_thousand_bodies(npm_folder: Path) -> None:
    """The same ones."""
    found = verify_in_node(cases(), npm_folder)
    assert (len(found), set(found)) == (1000, {"verified"})


@pytest.mark.parametrize("fault", bad_cases())
def test_what_is_wrong_or_old_is_refused_in_python(fault: str) -> None:
    """A signature proves the id, the moment and every byte."""
    assert verify_in_python(bad_cases()[fault]) != "verified"


@pytest.mark.slow
def test_what_is_wrong_or_old_is_refused_in_node(npm_folder: Path) -> None:
    """The same ones."""
    found = verify_in_node(list(bad_cases().values()), npm_folder)
    assert len(found) == len(bad_cases())
    assert "verified" not in found


def test_during_a_rotation_two_secrets_sign_and_each_is_enough() -> None:
    """The newest first, with a blank between."""
    new, old, other = make_secret(), make_secret(), make_secret()
    headers = sign(b"{}", message_id="msg_1", at=datetime.now(UTC), with_secrets=(new, old))
    assert [one[:3] for one in headers["webhook-signature"].split(" ")] == ["v1,", "v1,"]
    verified = [verify_in_python({"secret": one, "body": "{}", "headers": headers}) for one in (new, old, other)]
    assert verified == ["verified", "verified", "No matching signature found"]


def test_the_moment_is_told_in_utc_whatever_the_zone() -> None:
    """The same moment in another zone is the same signature."""
    at = datetime(2026, 3, 2, 9, 30, 0, 900_000, tzinfo=UTC)
    there = at.astimezone(datetime.strptime("+0530", "%z").tzinfo)
    secret = make_secret()
    assert sign(b"{}", message_id="m", at=there, with_secrets=[secret]) == sign(
        b"{}", message_id="m", at=at, with_secrets=[secret]
    )
    assert sign(b"{}", message_id="m", at=at, with_secrets=[])["webhook-timestamp"] == "1772443800"


def test_a_secret_is_made_at_random() -> None:
    """Nobody has the same one."""
    made = {make_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.b64decode(one.removeprefix("whsec_"))) for one in made} == {32}


@pytest.mark.parametrize(
    "secret",
    ["whsec_" + base64.b64encode(bytes(size)).decode() for size in (24, 32, 64)]
    + ["0123456789abcdef" * 4, "x" * 24, "x" * 200, "with blanks between the words"],
)
def test_a_secret_of_the_subscriber_is_taken(secret: str) -> None:
    """As n8n makes them, or as the specification says."""
    check_secret(secret)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "x" * 23,
        "x" * 201,
        " " * 30,
        " begins with a blank, and goes on",
        "holds a line end\nand goes on",
        "é" * 30,
        "whsec_",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        "whsec_no base64 at all, but rather long",
        "whsec_" + base64.urlsafe_b64encode(b"\xff" * 33).decode(),
    ],
)
def test_a_secret_that_is_no_good_is_refused_without_being_repeated(secret: str) -> None:
    """The sentence says what a good one is."""
    with pytest.raises(SecretRefused, match="secret") as refused:
        check_secret(secret)
    assert len(secret.strip()) < 10 or secret not in str(refused.value)
