"""The other commands, and what all of them say when something is wrong."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from milepost import __version__
from milepost.cli.commands import main
from tests.acceptance.commands import KEY, Desk
from tests.acceptance.servers import free_port

TICKETS = """\
ticket,agent,solved,within_sla
T-1,ana@example.com,2026-03-02 10:00,yes
T-2,ana@example.com,not a day,yes
T-3,ben@example.com,2026-03-02 12:00,no
"""
MAPPING = {
    "source": "our-helpdesk",
    "zone": "Europe/Madrid",
    "dates": ["%Y-%m-%d %H:%M"],
    "events": [
        {
            "id": "{ticket}-solved",
            "type": "ticket.solved",
            "actor": "{agent}",
            "subject": "{ticket}",
            "occurred_at": {"path": "solved"},
            "properties": {"within_sla": {"path": "within_sla", "map": {"yes": True, "no": False}}},
        }
    ],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("STORE", "HOST", "PORT", "API_KEY", "URL", "KEY", "LATE_LIMIT_DAYS"):
        monkeypatch.delenv(f"MILEPOST_{name}", raising=False)
    (tmp_path / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING), encoding="utf-8")
    return tmp_path


def run(*words: str, told: str | None = None) -> tuple[int, str, str]:
    """Run a command in this process; give exit code, output and errors."""
    result = CliRunner().invoke(main, words, input=told, prog_name="milepost")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_version_is_said() -> None:
    """One line for a bug report."""
    assert run("--version") == (0, f"milepost {__version__}\n", "")


def test_every_command_has_help_and_stands_in_the_reference(request: pytest.FixtureRequest) -> None:
    """The documentation and the code name the same commands and options."""
    page = (request.config.rootpath / "docs/reference/cli.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^## `milepost (.*?)`$", page, re.MULTILINE))
    assert described == {" ".join(words) for words, _ in commands(main)}
    for words, command in commands(main):
        code, text, _ = run(*words, "--help")
        assert (code, bool(command.help)) == (0, True)
        section = page.partition(f"## `milepost {' '.join(words)}`")[2].partition("\n## ")[0]
        assert [one for one in re.findall(r"(--[a-z-]+)", text) if one != "--help" and one not in section] == []


def commands(group: click.Group, *before: str) -> list[tuple[tuple[str, ...], click.Command]]:
    """Give every command that does something, with the words that call it."""
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in group.commands.items():
        found += commands(command, *before, name) if isinstance(command, click.Group) else [((*before, name), command)]
    return found


def test_recipes_are_listed_shown_and_installed_once(folder: Path) -> None:
    """Installing again leaves everything as it is."""
    assert "helpdesk-sla" in run("recipe", "list")[1]
    assert "First Clean Solve" in run("recipe", "show", "helpdesk-sla")[1]
    assert not (folder / "milepost.db").exists()
    assert "6 achievements added" in run("recipe", "install", "helpdesk-sla")[1]
    code, text, _ = run("recipe", "install", "helpdesk-sla")
    assert (code, "0 achievements added" in text, "left as they are" in text) == (0, True, True)


def test_keys_are_made_listed_and_revoked(folder: Path) -> None:
    """The secret is the only thing on standard output, so that a script can take it."""
    code, secret, note = run("key", "create", "our flow", "--scope", "evaluate", "--scope", "read")
    assert code == 0
    assert KEY.fullmatch(secret.strip())
    assert "may evaluate, read" in note
    listed = run("key", "list")[1]
    assert "our flow" in listed
    assert secret.strip() not in listed
    key_id = re.findall(r"key_\w+", listed)[0]
    assert run("key", "revoke", key_id)[0] == 0
    assert "revoked" in run("key", "list")[1]
    assert secret.strip().encode() not in (folder / "milepost.db").read_bytes()


@pytest.mark.usefixtures("folder")
def test_a_file_imported_twice_counts_once() -> None:
    """The line that cannot be read is named; the second time nothing changes."""
    run("recipe", "install", "helpdesk-sla")
    code, text, errors = run("import", "tickets.csv", "--mapping", "mapping.json")
    assert (code, errors) == (0, "")
    assert "tickets.csv: 2 events told" in text
    assert "line 3: " in text
    assert "Awards standing: 1 (First Clean Solve 1)" in text
    code, text, _ = run("import", "tickets.csv", "--mapping", "mapping.json")
    assert code == 0
    assert "nothing changed" in text
    assert "Awards standing: 1 (First Clean Solve 1)" in text
    assert run("verify")[0] == 0


def test_a_mapping_of_a_recipe_is_found_by_its_name(folder: Path) -> None:
    """``recipe/source`` says which one is meant."""
    rows = "number,incident_state,resolved_by,resolved_at,sys_updated_at,made_sla,reopen_count\n"
    (folder / "incidents.csv").write_text(
        rows + "INC1,Closed,Ana,02-03-2026 10:00,02-03-2026 10:00,TRUE,0\n", encoding="utf-8"
    )
    code, text, errors = run("import", "incidents.csv", "-m", "helpdesk-sla/servicenow-incidents")
    assert (code, "1 events told" in text) == (0, True), text + errors
    assert "No achievement is in force yet" in errors
    code, _, errors = run("import", "incidents.csv", "-m", "helpdesk-sla/servicenow")
    assert (code, "it has helpdesk-sla/servicenow-incidents" in errors) == (1, True)


@pytest.mark.usefixtures("folder")
def test_rebuild_and_verify_agree() -> None:
    """Nothing changes where everything is right."""
    run("recipe", "install", "helpdesk-sla")
    run("import", "tickets.csv", "-m", "mapping.json")
    assert run("rebuild") == (0, "Rebuilt: 0 awards granted, 0 taken back, 0 late events now count.\n", "")
    assert "All is as the events say" in run("verify")[1]


def test_the_doctor_finds_nothing_on_a_sound_machine_and_makes_nothing(folder: Path) -> None:
    """Looking does not create a store."""
    code, text, errors = run("doctor")
    assert (code, errors) == (0, ""), text + errors
    assert not (folder / "milepost.db").exists()
    assert {"Python", "SQLite", "Disk", "Store", "Clock", "Port"} <= set(re.findall(r"^\w+ +(\w+)", text, re.MULTILINE))


def test_the_doctor_names_each_fault_with_its_fix(folder: Path) -> None:
    """A file of another program, that everybody may read."""
    (folder / "milepost.db").write_bytes(b"something else" * 100)
    (folder / "milepost.db").chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IROTH)
    code, text, errors = run("doctor")
    assert code == 1
    assert errors.startswith("Error: 1 of ")
    assert re.search(r"^wrong  Store .*\n +Fix: .*no Milepost database", text, re.MULTILINE)
    assert f"Fix: chmod 600 '{folder / 'milepost.db'}'" in text


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["serve", "--store", "mysql://h/n"], 2, "is not a store's address"),
        (["verify", "--store", "/nowhere/at/all.db"], 3, "Its folder must exist"),
        (["recipe", "show", "helpdesk-sls"], 1, "Did you mean 'helpdesk-sla'?"),
        (["key", "revoke", "key_none"], 1, "There is no key 'key_none'"),
        (["import", "none.csv", "-m", "x"], 2, "'none.csv' does not exist"),
        (["import", "tickets.csv", "-m", "nobody"], 1, "Install a recipe that has its mapping"),
        (["import", "tickets.csv", "-m", "none.json"], 1, "none.json cannot be read"),
        (["event", "send", "--type", "a.b", "--url", "http://127.0.0.1:1"], 1, "No server answers at"),
        (["event", "send", "--type", "a.b", "--url", "ftp://x"], 2, "is no address of a server"),
        (["event", "send", "-p", "nonsense"], 2, "is not NAME=VALUE"),
        (["event", "send"], 2, "Standard input is no JSON"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(words: list[str], code: int, says: str) -> None:
    """With the exit code that scripts can tell apart, and without a traceback."""
    exit_code, _, errors = run(*words)
    assert (exit_code, says in errors) == (code, True), errors
    assert "Traceback" not in errors


@pytest.mark.usefixtures("folder")
def test_a_setting_that_makes_no_sense_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as wrong use."""
    monkeypatch.setenv("MILEPOST_PORT", "http")
    code, _, errors = run("serve")
    assert (code, errors.startswith("Error: MILEPOST_PORT is 'http'")) == (2, True)


@pytest.mark.slow
def test_beside_a_running_server_commands_go_over_http(tmp_path: Path) -> None:
    """Without an address they say how."""
    desk, port = Desk(tmp_path), str(free_port())
    with desk.running("serve", "--port", port) as server:
        over_http = {"MILEPOST_URL": server.url, "MILEPOST_KEY": server.key}
        refused = desk.run("recipe", "install", "helpdesk-sla", MILEPOST_PORT=port)
        assert refused.returncode == 3
        assert f"milepost recipe install helpdesk-sla --url {server.url} --key" in refused.stderr
        assert desk.run("recipe", "install", "helpdesk-sla", **over_http).returncode == 0
        made = desk.run("key", "create", "flow", **over_http)
        assert "flow" in desk.run("key", "list", **over_http).stdout
        event = ["event", "send", "--type", "ticket.solved", "--actor", "ana@example.com", "--id", "t-1"]
        told = desk.run(*event, "-p", "within_sla=true", MILEPOST_URL=server.url, MILEPOST_KEY=made.stdout.strip())
        assert "earned      First Clean Solve (+1) by ana@example.com" in told.stdout, told.stderr
        again = desk.run("event", "send", "--json", told='{"type": "ticket.solved", "actor": "Ana"}', **over_http)
        assert json.loads(again.stdout)["unlocked"] is False
        no_key = desk.run(*event, MILEPOST_PORT=port)
        assert no_key.returncode == 1
        assert "--key or MILEPOST_KEY" in no_key.stderr
        healthy = desk.run("doctor", MILEPOST_PORT=port)
        assert (healthy.returncode, "a Milepost answers there" in healthy.stdout) == (0, True)
