from __future__ import annotations

import json

import pytest
import structlog

from milepost.log import configure_log, scrub


def test_a_line_of_the_log_is_json_with_a_static_event_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs can read it."""
    configure_log(as_json=True)
    structlog.get_logger().info("event_recorded", event_id="zd-1")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["event_id"], line["level"]) == ("event_recorded", "zd-1", "info")
    assert line["timestamp"].endswith("Z")


def test_people_get_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal shows no JSON."""
    configure_log(as_json=False)
    structlog.get_logger().info("event_recorded", event_id="zd-1")
    assert "event_recorded" in capsys.readouterr().err


def test_secrets_never_reach_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Keys, signing secrets and passwords are blotted out wherever they stand."""
    configure_log(as_json=True)
    structlog.get_logger().info(
        "call_failed",
        note="sent mp_0A1b2C3d4E5f and whsec_abcd1234+/= to postgresql://mile:hunter2@db/x",
        authorization="Bearer anything",
        body={"deep": ["mp_0A1b2C3d4E5f"], "password": "hunter2"},
    )
    written = capsys.readouterr().err
    for secret in ("0A1b2C3d4E5f", "abcd1234", "hunter2", "anything"):
        assert secret not in written
    assert "postgresql://mile:" in json.loads(written)["note"]


def test_what_is_no_secret_stays() -> None:
    """Words that only look a little like a key are kept."""
    for text in ("camp_site", "mp_", "https://example.com:8400/path", "a@b", "@ana"):
        assert scrub(text) == text


def test_the_log_names_nobody() -> None:
    """An address that stands in what went wrong is put out, wherever it stands."""
    for text in ("KeyError: 'ana.ruiz+x@mail.example.com'", "/v1/actors/ana@example.com/leave", "<ana@example.co.uk>"):
        assert "ana" not in scrub({"exception": [text]})["exception"][0]
    assert scrub("postgresql://ops:pass@db.example.com/milepost") == "postgresql://ops:…@db.example.com/milepost"
