"""What the pages for receivers say is true: their code runs, and every failure is explained."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from milepost.delivery.signing import make_secret, sign
from tests.project.sources import PACKAGE, page, prose

PAGE = "how-to/receive-webhooks.md"
BODY = '{"id":"msg_1","data":{"name":"Zoë \\"the\\r\\n best\\""}}'
OWN_SECRET = "0123456789abcdef" * 4
#: The page on which each transport's words are explained.
PAGES = {
    "slack": "how-to/connect-slack.md",
    "teams": "how-to/connect-teams.md",
    "email": "how-to/send-mail.md",
    "webhook": PAGE,
    "wire": PAGE,
}
#: How sentences begin that people read when a message did not arrive.
_WORDS = re.compile(
    r"(?:Slack|Teams) (?:says|could)|The mail server|The receiver|Its \w+|It did not|The name of|Handed"
)


def blocks(language: str) -> list[str]:
    """Give the code of a language on the page about webhooks."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page(PAGE), re.MULTILINE | re.DOTALL)


def calls() -> list[tuple[str, dict[str, str], str, bool]]:
    """Give secrets, headers and bodies, and whether they are genuine."""
    secret, former, now = make_secret(), make_secret(), datetime.now(UTC)

    def signed(moment: datetime, *with_secrets: str) -> dict[str, str]:
        return sign(BODY.encode(), message_id="msg_1", at=moment, with_secrets=with_secrets)

    return [
        (secret, signed(now, secret), BODY, True),
        (OWN_SECRET, signed(now, OWN_SECRET), BODY, True),
        (former, signed(now, secret, former), BODY, True),
        (secret, signed(now, secret, former), BODY, True),
        (make_secret(), signed(now, secret, former), BODY, False),
        (secret, signed(now, secret), BODY.replace("best", "rest"), False),
        (secret, signed(now - timedelta(minutes=6), secret), BODY, False),
    ]


def test_the_code_for_python_tells_what_is_genuine() -> None:
    """As it stands on the page."""
    (code,) = blocks("python")
    names: dict[str, Callable[..., Any]] = {}
    exec(compile(code, PAGE, "exec"), names)  # noqa: S102 - our own page
    for secret, headers, body, is_genuine in calls():
        if is_genuine:
            assert names["read_call"](secret, headers, body.encode()) == json.loads(body)
        else:
            with pytest.raises(WebhookVerificationError):
                names["read_call"](secret, headers, body.encode())


@pytest.mark.slow
def test_the_code_for_node_tells_what_is_genuine(npm_folder: Path) -> None:
    """With the library and without it."""
    with_library, without = blocks("javascript")
    given = [{"secret": secret, "headers": headers, "body": body} for secret, headers, body, _ in calls()]
    script = npm_folder / "page.cjs"
    script.write_text(
        f"{with_library}\n{without}\n"
        'const calls = JSON.parse(require("node:fs").readFileSync(0, "utf8"));\n'
        "const read = (one) => readCall(one.secret, one.headers, one.body).id === 'msg_1';\n"
        "const reads = (one) => { try { return read(one) } catch { return false } };\n"
        "const found = calls.map((one) => [reads(one), isGenuine(one.secret, one.headers, one.body)]);\n"
        "process.stdout.write(JSON.stringify(found));\n",
        "utf-8",
    )
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(  # noqa: S603 - our own words
        [node, str(script)], input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == [[is_genuine] * 2 for *_, is_genuine in calls()]


def sentences(module: str) -> set[str]:
    """Give how the sentences begin with which a transport says what happened, up to the first part that changes."""
    tree = ast.parse((PACKAGE / "delivery" / f"{module}.py").read_text("utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    found = {re.split(r"[.(,:]", text)[0].strip() for text in texts if _WORDS.match(text) and "\n" not in text}
    return found - {"The receiver"}


@pytest.mark.parametrize("module", PAGES)
def test_every_failure_is_explained(module: str) -> None:
    """Whoever reads why something did not arrive finds what to do."""
    told = prose(page(PAGES[module]))
    assert len(sentences(module)) > 0
    assert [one for one in sorted(sentences(module)) if one not in told] == []
