from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from milepost.api.bodies import parse_form, parse_json
from milepost.errors import BodyUnreadable

sys.path.insert(0, str(Path(__file__).parent))
from hostile import COMPRESSED, HOSTILE

DOORS = [
    "/v1/evaluate",
    "/v1/evaluate/batch",
    "/v1/awards",
    "/v1/keys",
    "/v1/streaks/tidy/check-ins",
    "/v1/sources/helpdesk",
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_gets_a_problem_that_says_what_to_do(unchanged_admin: Any, door: str, name: str) -> None:
    """Whatever comes in: a 4xx, readable JSON, a sentence; never a fault of ours."""
    content_type, body = HOSTILE[name]
    headers = {"Content-Encoding": "gzip"} if name in COMPRESSED else {}
    answer = unchanged_admin.post(door, data=body, content_type=content_type, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.content_type == "application/problem+json"
    problem = json.loads(answer.data.decode("utf-8", "strict"))
    assert problem["status"] == answer.status_code
    assert problem["detail"].rstrip(")").endswith((".", "?"))
    assert len(answer.data) < 60_000


@pytest.mark.parametrize(
    "address",
    [
        "/v1/events/%00",
        "/v1/events/%ff%fe",
        "/v1/events/" + "x" * 5_000,
        "/v1/events/..%2f..%2fetc",
        "/v1/awards?actor=%00",
        "/v1/awards?actor=%ed%a0%80",
        "/v1/awards?after=%00",
        "/v1/awards?limit=99999999999999999999999",
        "/v1/awards?limit=" + "9" * 5_000,
        "/v1/awards?since=0001-01-01T00:00:00%2B14:00",
        "/v1/streaks?actor=%F0%9F%8E%89&achievement=%00",
        "/v1/keys/%00",
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_hostile_address_is_answered_as_any_other(unchanged_admin: Any, method: str, address: str) -> None:
    """What stands in the path or query breaks nothing either."""
    answer = unchanged_admin.call(method, address)
    assert answer.status_code < 500
    json.loads(answer.data.decode("utf-8", "strict"))


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key", "Idempotency-Key", "Content-Type", "Content-Encoding"])
@pytest.mark.parametrize("value", ["\xff\xfe", "x" * 20_000, "Bearer \xa0", "a=b; c=\x01", "=?utf-8?q?=00?="])
def test_a_hostile_header_is_answered_as_any_other(unchanged_admin: Any, name: str, value: str) -> None:
    """Nor does what stands in a header."""
    answer = unchanged_admin.post("/v1/evaluate", data=b"{}", content_type="application/json", headers={name: value})
    assert 400 <= answer.status_code < 500
    assert answer.content_type == "application/problem+json"


def test_ten_megabytes_are_refused_before_they_are_read(unchanged_admin: Any) -> None:
    """A large body costs next to nothing."""
    body = HOSTILE["10 MB"][1]
    started = time.perf_counter()
    answer = unchanged_admin.post("/v1/evaluate", data=body, content_type="application/json")
    assert answer.status_code == 413
    assert "1 MB" in answer.get_json()["detail"]
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"csat":5,"csat":1}', "'csat' twice"),
        (b'{"a":NaN}', "NaN is no JSON number"),
        (b'{"a":\n  tru}', "line 2, column 3"),
        (b"[" * 200 + b"]" * 200, "more than 32 levels"),
        (b'{"a":"\\ud800"}', "half of a character"),
        (b'{"a":12345678901234567890}', "too large to keep exactly"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
    ],
)
def test_the_problem_names_the_place(body: Any, said: str) -> None:
    """Somebody who reads it knows what to correct."""
    with pytest.raises(BodyUnreadable, match=said):
        parse_json(body)


@pytest.mark.parametrize(
    "document",
    [
        {"a": "Zoë 🎉 \u2028"},
        {"a": [1, -1, 0.5, 1e300, True, None, 2**63 - 1, -(2**63 - 1)]},
        {"a": "x" * 100_000},
        {"k" * 200: {}},
        {f"k{number}": number for number in range(1_000)},
        [[[[[[[[[[1]]]]]]]]]],
    ],
    ids=range(6),
)
def test_clean_json_is_read_as_it_is(document: Any) -> None:
    """The limits leave room for what tools send."""
    assert parse_json(json.dumps(document).encode()) == document
    assert parse_json(json.dumps(document, ensure_ascii=False).encode()) == document


def test_a_form_stands_for_the_same_document_as_json() -> None:
    """Both ways to name a property work, and lists too."""
    body = b"type=ticket.solved&actor=Zo%C3%AB&properties.csat=5&properties[due at]=+x&evidence[]=a&evidence[]=b"
    assert parse_form(body) == {
        "type": "ticket.solved",
        "actor": "Zoë",
        "properties": {"csat": "5", "due at": " x"},
        "evidence": ["a", "b"],
    }


def test_a_blank_form_field_counts_as_left_out_but_a_blank_property_is_kept() -> None:
    """Low-code tools send every field of their form; an empty property means something."""
    assert parse_form(b"type=x&subject=&properties.next_step=") == {"type": "x", "properties": {"next_step": ""}}


def test_a_property_with_dots_keeps_them() -> None:
    """Rules find a dotted name first."""
    assert parse_form(b"properties.custom.csat=5") == {"properties": {"custom.csat": "5"}}
