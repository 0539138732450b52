"""Rules from the command line: save, look first, switch on, go back, read the history, try on the past."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from milepost.cli.commands import main

RULE: dict[str, Any] = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 2, "window": "week", "of": {"type": "ticket.solved"}},
    "repeats": "every_window",
    "points": 5,
}
#: Ana solved two tickets in one week and one in the next, Ben one.
TICKETS = """\
ticket,agent,solved
T-1,ana@example.com,2026-03-02 10:00
T-2,ana@example.com,2026-03-03 10:00
T-3,ana@example.com,2026-03-10 10:00
T-4,ben@example.com,2026-03-03 12:00
"""
MAPPING = {
    "source": "our-helpdesk",
    "zone": "UTC",
    "dates": ["%Y-%m-%d %H:%M"],
    "events": [
        {
            "id": "{ticket}-solved",
            "type": "ticket.solved",
            "actor": "{agent}",
            "subject": "{ticket}",
            "occurred_at": {"path": "solved"},
        }
    ],
}


def run(*words: str) -> tuple[int, str]:
    """Run a command in this process; give exit code, and output with errors."""
    result = CliRunner().invoke(main, words, prog_name="milepost")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a store with tickets and one draft, and a file of that rule that asks for one ticket more."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MILEPOST_")]:
        monkeypatch.delenv(name)
    files = {"tickets.csv": TICKETS, "mapping.json": json.dumps(MAPPING), "rule.json": json.dumps(RULE)}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run("import", "tickets.csv", "-m", "mapping.json")[0] == 0
    assert run("rule", "save", "rule.json")[0] == 0
    harder = {**RULE, "criterion": RULE["criterion"] | {"target": 3}}
    (tmp_path / "rule.json").write_text(json.dumps(harder), encoding="utf-8")
    return tmp_path


def standing(desk: Path) -> list[tuple[str, str]]:
    """Read from outside what stands."""
    with closing(sqlite3.connect(desk / "milepost.db")) as connection:
        return connection.execute("SELECT holder_id, slot FROM awards WHERE status = 'granted'").fetchall()


def test_a_dry_run_shows_the_effect_of_both_choices_and_keeps_nothing(desk: Path) -> None:
    code, shown = run("rule", "switch", "clean-close", "live", "--dry-run")
    assert code == 0
    keep, _, recompute = shown.partition("recompute (unless you choose)")
    assert "no award changes" in keep
    assert "1 would appear; points +5; people 1" in recompute
    assert "ana@example.com" in recompute
    assert (standing(desk), "draft" in run("rule", "list")[1]) == ([], True)


def test_a_rule_goes_live_with_or_without_its_past(desk: Path) -> None:
    assert "version 2, live" in run("rule", "switch", "clean-close", "live", "--past", "keep", "--note", "Pilot")[1]
    assert standing(desk) == []
    assert "version 3, live" in run("rule", "save", "rule.json", "--note", "Try")[1]
    code, said = run("rule", "rollback", "clean-close", "1", "--past", "recompute", "--author", "Max")
    assert (code, "everything is judged by the new version" in said) == (0, True)
    assert standing(desk) == [("ana@example.com", "2026-W10")]


def test_a_change_of_a_live_rule_asks_for_its_reason(desk: Path) -> None:
    run("rule", "switch", "clean-close", "live", "--note", "Pilot")
    assert "No reason was given" in run("rule", "save", "rule.json")[1]
    assert "says the same already" in run("rule", "save", "rule.json")[1]
    assert standing(desk) == [("ana@example.com", "2026-W10")]


@pytest.mark.usefixtures("desk")
def test_the_history_says_who_changed_what_and_why() -> None:
    run("rule", "switch", "clean-close", "live", "--note", "Pilot", "--author", "Max")
    run("rule", "save", "rule.json", "--note", "Too easy")
    lines = [line.strip() for line in run("rule", "history", "clean-close")[1].splitlines()]
    assert [line.split(",")[0] for line in lines if line.startswith("version")] == [f"version {n}" for n in (3, 2, 1)]
    assert {"why: Too easy", "Target: 2 → 3.", "why: Pilot", "New rule."} <= set(lines)
    assert lines[3].endswith("by Max")


@pytest.mark.usefixtures("desk")
def test_a_rule_is_shown_as_its_sentence_and_as_a_document_to_change() -> None:
    assert "2 solved tickets in a week" in run("rule", "show", "clean-close")[1]
    document = json.loads(run("rule", "show", "clean-close", "--json")[1])
    assert (document["key"], document["state"]) == ("clean-close", "draft")
    assert run("rule", "show", "unknown")[0] == 1


def test_a_file_or_a_saved_rule_is_tried_on_the_past(desk: Path) -> None:
    code, said = run("backtest", "clean-close")
    assert (code, "1 of 2 eligible would have earned it" in said) == (0, True)
    shown = json.loads(run("backtest", "rule.json", "--json")[1])
    assert (shown["awards_count"], shown["nearest"][0]["reason"]) == (0, "2 of 3 solved tickets")
    later = json.loads(run("backtest", "clean-close", "--since", "2026-03-09", "--json")[1])
    assert (later["awards_count"], later["events"]) == (0, 1)
    assert standing(desk) == []


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("backtest", "missing.json"), 2, "no file"),
        (("backtest", "unknown"), 1, "no achievement"),
        (("backtest", "clean-close", "--since", "soon"), 2, "moment"),
        (("rule", "save", "tickets.csv"), 2, "no JSON"),
        (("rule", "rollback", "clean-close", "9"), 1, "no version 9"),
    ],
)
def test_what_cannot_be_done_is_said(words: tuple[str, ...], code: int, said: str) -> None:
    ended, output = run(*words)
    assert (ended, said in output) == (code, True), output


def test_verify_names_the_first_change_of_a_rule_that_was_altered_outside(desk: Path) -> None:
    run("rule", "switch", "clean-close", "live", "--note", "Pilot")
    run("rule", "save", "rule.json", "--note", "Too easy")
    assert run("verify")[0] == 0
    with closing(sqlite3.connect(desk / "milepost.db")) as connection, connection:
        connection.execute("UPDATE achievement_versions SET author = 'somebody' WHERE number = 2")
    code, said = run("verify")
    assert (code, "version 2 of clean-close" in said) == (1, True), said
