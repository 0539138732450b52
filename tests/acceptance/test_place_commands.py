"""The real commands beside a real server and a real receiver: from no place at all to a message that arrived."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.commands import Desk
from tests.acceptance.servers import free_port
from tests.delivery.receivers import Receiver, answer

pytestmark = pytest.mark.slow


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Play Slack and a flow."""
    with Receiver() as one:
        yield one


def test_a_place_is_added_tried_repaired_and_removed_while_the_server_runs(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> None:
    """Every step is one command, and says what came of it."""
    desk = Desk(tmp_path_factory.mktemp("places"))
    with desk.running("serve", "--port", str(free_port()), MILEPOST_ALLOWED_ADDRESSES=receiver.allowed) as server:
        assert server.call("PUT", "/v1/teams/support", json={"name": "Support"}).ok
        asked = {"MILEPOST_URL": server.url, "MILEPOST_KEY": server.key}

        def run(*words: str, code: int = 0) -> str:
            done = desk.run(*words, **asked)
            assert done.returncode == code, done.stdout + done.stderr
            return done.stdout if code == 0 else done.stderr

        slack = run("subscription", "add", receiver.url("/slack"), "--transport", "slack", "--team", "support").strip()
        assert run("subscription", "test", slack).startswith("Sent: ")
        assert receiver.arrivals[0].json["text"].startswith("This is a test from Milepost.")
        receiver.will(answer(410), answer(200))
        flow = server.call("POST", "/v1/subscriptions", json={"url": receiver.url("/flow")}).json()["id"]
        assert "It did not arrive: " in run("subscription", "test", flow, code=1)
        assert flow in run("subscription", "enable", flow)
        assert run("delivery", "replay", "--subscription", flow) == "1 delivery is on its way again.\n"
        assert len(receiver.wait_for(3)) == 3
        assert run("subscription", "remove", flow) == f"{flow} is removed; nothing goes there any more.\n"
        listed = run("subscription", "list")
        assert (slack in listed, flow in listed) == (True, False)
