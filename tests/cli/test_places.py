"""``milepost subscription`` and ``milepost delivery`` on a store that no server has open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from milepost.cli.commands import main
from milepost.clock import read_clock
from milepost.operations.save_people import save_team
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.outbox import DeliveryQuery, DeliveryStatus, SubscriptionStatus

HOOK = "https://hooks.zapier.com/hooks/standard/1234/abcd"
SLACK = "https://hooks.slack.com/services/T000/B000/XXXXXXXXa1b2"
Run = Callable[..., Result]


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    """Make a store that knows a team."""
    path = tmp_path / "milepost.db"
    store = open_store(f"sqlite:///{path}")
    save_team(Services(store, read_clock, Settings()), {"id": "support"})
    store.close()
    return path


@pytest.fixture
def run(store_file: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs a command on the store."""
    for name in ("MILEPOST_URL", "MILEPOST_KEY"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, [*words, "--store", str(store_file)])
        assert result.exit_code == code, result.output
        return result

    return invoke


def test_a_webhook_is_added_and_its_secret_shown_this_once(run: Run) -> None:
    """A script reads two lines from standard output."""
    place_id, secret = run("subscription", "add", HOOK, "--event", "achievement.awarded").stdout.splitlines()
    assert secret.startswith("whsec_")
    listed = run("subscription", "list").stdout
    assert place_id in listed
    assert "https://hooks.zapier.com/…abcd" in listed
    assert "news: achievement.awarded" in listed
    assert secret not in listed


def test_a_channel_of_a_team_is_added_and_has_no_secret(run: Run) -> None:
    """Only the id stands on standard output."""
    added = run("subscription", "add", SLACK, "--transport", "slack", "--team", "support", "--name", "Support channel")
    (place_id,) = added.stdout.splitlines()
    assert f"milepost subscription test {place_id}" in added.stderr
    listed = run("subscription", "list").stdout
    assert "what is told to the team support; active" in listed
    assert "Support channel https://hooks.slack.com/…a1b2" in listed


def test_a_place_that_makes_no_sense_is_refused_with_what_to_do(run: Run) -> None:
    """In the words of the server."""
    refused = run("subscription", "add", SLACK, "--transport", "slack", "--team", "suport", code=1)
    assert "Did you mean *support*?" in refused.stderr
    mistyped = run("subscription", "add", HOOK, "--event", "achievement.award", code=1)
    assert "Did you mean *achievement.awarded*?" in mistyped.stderr
    assert "There is no place yet" in run("subscription", "list").stdout


def test_a_place_is_tried_and_its_deliveries_are_listed_and_replayed(run: Run, store_file: Path) -> None:
    """From the command line alone, without a server."""
    place_id = run("subscription", "add", HOOK).stdout.splitlines()[0]
    delivery_id = run("subscription", "test", place_id).stdout.split()[0]
    listed = run("delivery", "list", "--subscription", place_id, "--status", "waiting").stdout
    assert delivery_id in listed
    assert run("delivery", "list", "--status", "failed").stdout == "There is none.\n"
    store = open_store(f"sqlite:///{store_file}")
    with store.transaction() as tx:
        (waiting,) = tx.deliveries(DeliveryQuery())
        tx.put_delivery(replace(waiting, status=DeliveryStatus.FAILED, next_at=None, words="Nobody answered."))
    store.close()
    assert "Nobody answered." in run("delivery", "list").stdout
    assert run("delivery", "replay", "--all").stdout == "1 delivery is on its way again.\n"
    assert run("delivery", "replay", delivery_id).stdout == "1 delivery is on its way again.\n"
    assert run("delivery", "replay", "--subscription", place_id).stdout == "0 deliveries are on their way again.\n"


def test_a_replay_says_what_it_means(run: Run) -> None:
    """All of them would be many."""
    assert "Say which" in run("delivery", "replay", code=1).stderr
    assert "not both" in run("delivery", "replay", "dl_1", "--all", code=2).stderr
    assert "There is no delivery" in run("delivery", "replay", "dl_1", code=1).stderr


def test_a_disabled_place_is_switched_on_again_and_removed(run: Run, store_file: Path) -> None:
    """The doctor says which need it."""
    place_id = run("subscription", "add", HOOK).stdout.splitlines()[0]
    store = open_store(f"sqlite:///{store_file}")
    with store.transaction() as tx:
        (place,) = tx.subscriptions()
        tx.put_subscription(replace(place, status=SubscriptionStatus.DISABLED, words="Nobody is there."))
    store.close()
    assert "disabled: Nobody is there." in run("subscription", "list").stdout
    checked = run("doctor")
    assert f"1, 1 of them disabled: {place_id}" in checked.stdout
    assert "milepost subscription enable" in checked.stdout
    assert "is active" in run("subscription", "enable", place_id).stdout
    assert "1, none of them disabled" in run("doctor").stdout
    assert "is removed" in run("subscription", "remove", place_id).stdout
    assert "There is no place yet" in run("subscription", "list").stdout
