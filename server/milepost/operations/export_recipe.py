"""Give a recipe's files for an automation platform, with the address of one's own server in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

import orjson

from milepost.errors import Invalid
from milepost.operations.load_recipe import load_recipe, recipes_folder
from milepost.operations.write_build_sheet import write_build_sheet
from milepost.schemas.recipes import Recipe

#: The address that stands in the files as they come with Milepost.
SERVER = "https://milepost.example.com"
#: What stands in a Zap template in place of somebody's own app.
APP = "MILEPOST_APP@MILEPOST_VERSION"
#: The version that the app in ``zapier_app`` is pushed as.
APP_VERSION = "1.0.0"

#: A host, a port and a path; nothing that would mean something in the files it is written into.
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*")
_DAY_OR_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\S+)?")
_APP_NAME = re.compile(r"App[0-9]{1,12}CLIAPI")
_APP_VERSION = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}")


class Platform(StrEnum):
    """Where flows are built."""

    MAKE = "make"
    ZAPIER = "zapier"
    N8N = "n8n"


@dataclass(frozen=True, slots=True)
class ZapierApp:
    """Somebody's own registration of the Zapier app."""

    #: As Zapier names it: ``App123456CLIAPI``.
    name: str
    version: str = APP_VERSION

    def __post_init__(self) -> None:
        """Refuse what cannot be one; raises `Invalid`."""
        if not _APP_NAME.fullmatch(self.name):
            raise Invalid(
                f"{self.name[:60]!r} is no private app of Zapier. Give App, its number and CLIAPI, such as "
                "App123456CLIAPI; the number is in .zapierapprc once the app is registered."
            )
        if not _APP_VERSION.fullmatch(self.version):
            raise Invalid(f"{self.version[:60]!r} is no version of an app. Give three numbers, such as {APP_VERSION}.")


@dataclass(frozen=True, slots=True)
class Export:
    """Files to be written, and what to do with them."""

    #: Texts by file name; somebody may have changed those of an earlier export.
    files: dict[str, str]
    #: Events to try it with, which happened lately: texts by file name, other ones every day.
    examples: dict[str, str]
    next_steps: tuple[str, ...]


def export_recipe(slug: str, *, platform: Platform, url: str, now: datetime, app: ZapierApp | None = None) -> Export:
    """Give the files of a recipe for one platform.

    Without an *app* Zapier gets the build sheet only, because the file to import names the
    app. Raises `NotFound` for an unknown recipe, and `Invalid` for an address that the
    platform could not call.
    """
    examples = _example_bodies(load_recipe(slug), now)
    address = _read_address(url, platform)
    match platform:
        case Platform.MAKE:
            return Export(_fill(slug, platform, address), examples, _STEPS_AT_MAKE)
        case Platform.N8N:
            return Export(_fill_for_n8n(slug, address), examples, _STEPS_AT_N8N)
        case Platform.ZAPIER:
            steps = (*_STEPS_AT_ZAPIER, _NO_IMPORT if app is None else _IMPORT)
            return Export(_fill_for_zapier(slug, address, app), examples, steps)
        case _ as never:
            assert_never(never)


def _read_address(url: str, platform: Platform) -> str:
    address = url.strip().rstrip("/")
    if not _ADDRESS.fullmatch(address):
        raise Invalid(f"{url[:100]!r} is no address of a server. Give it like {SERVER}, without a key or a query.")
    if platform is not Platform.N8N and not address.startswith("https://"):
        raise Invalid(f"{platform.capitalize()} calls from the internet. Give an address that starts with https://.")
    return address


def _fill(slug: str, platform: Platform, address: str) -> dict[str, str]:
    """Give the files that lie ready, by name, with the address in them."""
    return {path.name: path.read_text("utf-8").replace(SERVER, address) for path in _files(slug, platform)}


def _files(slug: str, platform: Platform) -> Iterator[Path]:
    return iter(sorted((recipes_folder() / slug / platform).glob("*.json")))


def _fill_for_n8n(slug: str, address: str) -> dict[str, str]:
    """Give the recipe's workflows, and the one that tells people, which serves all recipes."""
    telling = (recipes_folder() / "tell-people.n8n.json").read_text("utf-8").replace(SERVER, address)
    return {**_fill(slug, Platform.N8N, address), "tell-people.json": telling}


def _fill_for_zapier(slug: str, address: str, app: ZapierApp | None) -> dict[str, str]:
    files: dict[str, str] = {}
    for path in _files(slug, Platform.ZAPIER):
        template = path.read_text("utf-8")
        if app is not None:
            files[path.name] = template.replace(APP, f"{app.name}@{app.version}")
        sheet = write_build_sheet(orjson.loads(template), slug=slug, address=address)
        files[f"{path.name.removesuffix('.zap.json')}.build-sheet.md"] = sheet
    return files


def _example_bodies(recipe: Recipe, now: datetime) -> dict[str, str]:
    """Give a body to post for each type of event, moved to lately: what is told too late does not count."""
    examples: list[dict[str, Any]] = [dict(event["example"]) for event in recipe.events]
    by = timedelta(days=(now - max(datetime.fromisoformat(one["occurred_at"]) for one in examples)).days)
    lines = [orjson.dumps({key: _moved(value, by) for key, value in one.items()}).decode() for one in examples]
    return {f"{recipe.slug}.events.jsonl": "\n".join(lines) + "\n"}


def _moved(value: Any, by: timedelta) -> Any:
    """Move a day or a moment; anything else stays."""
    if isinstance(value, dict):
        return {key: _moved(one, by) for key, one in value.items()}
    if not isinstance(value, str) or not _DAY_OR_MOMENT.fullmatch(value):
        return value
    read = datetime.fromisoformat if "T" in value else date.fromisoformat
    return (read(value) + by).isoformat()


_STEPS_AT_MAKE = (
    "In Make create a scenario, and choose Import Blueprint in its menu.",
    "Create the webhook in module 1, and post a line of the .events.jsonl to it.",
    "Choose an API key credential in module 3: header X-API-Key, a key with the scope evaluate.",
    "Choose one for Slack in modules 6 and 7, or replace them by your own chat: docs/how-to/make.md.",
    "Run it once, then set the schedule to immediately.",
)
_STEPS_AT_ZAPIER = (
    "Register the app in zapier_app as your own, and connect it: docs/how-to/zapier.md.",
    "Follow the build sheet; it works on every plan that has the steps it names.",
)
_IMPORT = (
    "On a Team or Enterprise plan the .zap.json may be imported instead. Its shape was compared with public exports; "
    "the import itself is untested."
)
_NO_IMPORT = "For the file that Team and Enterprise plans may import, say which app is yours: --app App123456CLIAPI."
_STEPS_AT_N8N = (
    "In n8n import a file into a new workflow (menu ⋯, Import): .webhook.json for any system, or your system's own.",
    "Do what its note says: connect its Milepost steps with your server and a key, and publish it.",
    "Post a line of the .events.jsonl to the webhook: it answers what that means.",
    "Import tell-people.json too, once for all recipes, unless Milepost itself tells people.",
)
