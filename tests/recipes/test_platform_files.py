"""The files for Make and Zapier: they are shaped as those take them, and what they send counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from milepost.app import create_app
from milepost.cli.commands import main
from milepost.errors import Invalid, NotFound
from milepost.operations.export_recipe import APP, APP_VERSION, SERVER, Export, Platform, ZapierApp, export_recipe
from milepost.operations.install_recipe import install_recipe
from milepost.operations.load_recipe import list_recipes, load_recipe
from milepost.operations.services import Services
from milepost.operations.write_build_sheet import FIELDS, write_build_sheet
from milepost.settings import Settings
from milepost.storage import open_store
from tests.recipes import make_rules, zap_rules

ROOT = Path(__file__).parents[2]
SLUGS = [recipe.slug for recipe in list_recipes()]
ADDRESS = "https://milepost.acme.test/in-a-folder"
MINE = ZapierApp("App123456CLIAPI", "1.2.3")
KEY = "settings-key-for-tests-0123456789"

Json = dict[str, Any]

#: When files are exported: the last Sunday of March, on which clocks in Europe go forward.
NOW = datetime(2026, 3, 29, 9, tzinfo=UTC)

every_recipe = pytest.mark.parametrize("slug", SLUGS)


def exported(slug: str, *, platform: Platform, url: str, app: ZapierApp | None = None) -> Export:
    """Export a recipe on that day."""
    return export_recipe(slug, platform=platform, url=url, now=NOW, app=app)


def shipped(slug: str, name: str) -> str:
    """Read a file as it comes with Milepost."""
    return (ROOT / "recipes" / slug / name).read_text("utf-8")


def blueprint_of(slug: str) -> Json:
    """Give the blueprint of a recipe."""
    blueprint: Json = json.loads(shipped(slug, f"make/{slug}.blueprint.json"))
    return blueprint


def template_of(slug: str) -> Json:
    """Give the Zap template of a recipe."""
    template: Json = json.loads(shipped(slug, f"zapier/{slug}.zap.json"))
    return template


def told_by_make(slug: str) -> Json:
    """Give the call that tells Milepost: the mapper of that module."""
    (module,) = [one for one in make_rules.modules_of(blueprint_of(slug)["flow"]) if one["id"] == 3]
    mapper: Json = module["mapper"]
    return mapper


def mapped_by_make(text: str, body: Json, settings: Json) -> str:
    """Fill in what Make would, for the two forms that the call uses."""

    def value(path: str) -> str:
        module, *keys = path.strip().split(".")
        found: Any = {"1": body, "2": settings}[module]
        for key in keys:
            found = (found or {}).get(key)
        return "" if found is None else str(found).lower() if isinstance(found, bool) else str(found)

    def expression(match: re.Match[str]) -> str:
        choices = re.fullmatch(r"ifempty\((.+); (.+)\)", match[1])
        return value(match[1]) if choices is None else value(choices[1]) or value(choices[2])

    return re.sub(r"\{\{(.*?)\}\}", expression, text)


# --------------------------------------------------------------------- Make


@every_recipe
def test_the_blueprint_is_one_that_make_takes(slug: str) -> None:
    """As far as that can be told without Make."""
    assert make_rules.faults_of(blueprint_of(slug)) == []


@every_recipe
def test_writing_is_tried_again_and_telling_people_is_not(slug: str) -> None:
    """What Milepost was not told is lost; a message that does not get through stops nothing."""
    calls = [one for one in make_rules.modules_of(blueprint_of(slug)["flow"]) if one["module"] == "http:MakeRequest"]
    ends = {call["mapper"]["url"]: call["onerror"][-1]["module"] for call in calls}
    assert ends.pop("{{2.base_url}}/v1/evaluate") == "builtin:Break"
    assert set(ends.values()) == {"builtin:Ignore"}


@every_recipe
def test_the_description_says_what_to_do_after_the_import(slug: str) -> None:
    """And who tells the manager."""
    said = blueprint_of(slug)["description"]
    for words in ("After import", "webhook", "base_url", "X-API-Key", "evaluate", "Managers", "digest"):
        assert words in said


def _without_dlq(blueprint: Json) -> None:
    blueprint["metadata"]["scenario"]["dlq"] = False


def _with_a_key(blueprint: Json) -> None:
    blueprint["flow"][2]["mapper"]["headers"].append({"name": "X-API-Key", "value": "1"})


def _not_repeatable(blueprint: Json) -> None:
    blueprint["flow"][2]["mapper"]["headers"] = []


def _looking_ahead(blueprint: Json) -> None:
    blueprint["flow"][1]["mapper"]["variables"][0]["value"] = "{{3.data.message}}"


def _invented_module(blueprint: Json) -> None:
    blueprint["flow"][2]["module"] = "http:MakeARequest"


def _invented_function(blueprint: Json) -> None:
    blueprint["flow"][2]["mapper"]["url"] = "{{escapeJSON(2.base_url)}}"


def _bound(blueprint: Json) -> None:
    blueprint["flow"][0]["parameters"]["hook"] = 17


def _exported(blueprint: Json) -> None:
    blueprint["flow"][0]["metadata"]["expect"] = []


def _unattended(blueprint: Json) -> None:
    del blueprint["flow"][2]["onerror"]


def _twice(blueprint: Json) -> None:
    blueprint["flow"][1]["id"] = 1


PLANTED = [
    _without_dlq,
    _with_a_key,
    _not_repeatable,
    _looking_ahead,
    _invented_module,
    _invented_function,
    _bound,
    _exported,
    _unattended,
    _twice,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_fault_in_a_blueprint_is_noticed(plant: Callable[[Json], None]) -> None:
    """The test above can fail."""
    blueprint = deepcopy(blueprint_of("helpdesk-sla"))
    plant(blueprint)
    assert make_rules.faults_of(blueprint) != []


# ------------------------------------------------------- what the flows send


def properties_needed(slug: str) -> set[str]:
    """Give the properties that the rules of a recipe look at, and those of its examples."""
    recipe = load_recipe(slug)
    found = {name for event in recipe.events for name in event["example"].get("properties", {})}
    stack: list[Any] = [dict(document) for document in recipe.achievements]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            found |= {one[key] for key in ("property", "once_per") if key in one} | set(one.get("complete", []))
        stack.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else [])
    return found - {"subject"}


@every_recipe
def test_both_platforms_send_all_that_the_rules_look_at(slug: str) -> None:
    """And nothing else, because it would be kept for nothing."""
    sent = {one["name"] for one in told_by_make(slug)["urlEncodedBodyContent"]}
    properties = {name.removeprefix("properties.") for name in sent if name.startswith("properties.")}
    assert properties == properties_needed(slug)
    assert sent - {f"properties.{name}" for name in properties} == {
        "id",
        "type",
        "actor",
        "subject",
        "occurred_at",
        "revised_at",
    }
    recorded = template_of(slug)["zaps"][0]["nodes"]["2"]["params"]
    assert set(recorded["properties"]) == properties


@dataclass
class Clock:
    """A clock that stands where the test sets it."""

    now: datetime = datetime(2026, 2, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the moment it stands at."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Stand before all examples."""
    return Clock()


@pytest.fixture
def client(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[FlaskClient]:
    """Open a server with a recipe installed."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    services = Services(store=store, clock=clock, settings=Settings(api_key=KEY))
    install_recipe(services, request.getfixturevalue("slug"), author="test", state="live")
    yield create_app(services).test_client()
    store.close()


def call_of(slug: str, body: Json) -> tuple[str, Json]:
    """Give what Make sends for a body that was posted to its webhook: the form and the headers."""
    call = told_by_make(slug)
    (variables,) = [one["mapper"]["variables"] for one in blueprint_of(slug)["flow"] if one["id"] == 2]
    settings = {one["name"]: mapped_by_make(one["value"], body, {}) for one in variables}
    assert mapped_by_make(call["url"], body, settings) == f"{SERVER}/v1/evaluate"
    fields = [(one["name"], mapped_by_make(one["value"], body, settings)) for one in call["urlEncodedBodyContent"]]
    headers = {one["name"]: mapped_by_make(one["value"], body, settings) for one in call["headers"]}
    return urlencode(fields), headers | {"X-API-Key": KEY, "Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.slow
@every_recipe
def test_what_make_sends_for_an_example_is_that_event(slug: str, client: FlaskClient, clock: Clock) -> None:
    """Each goes through the blueprint's own mapping as a form; one earns the first win; repeated, none counts."""
    earned = []
    for body in sorted(
        (dict(event["example"]) for event in load_recipe(slug).events), key=lambda one: one["occurred_at"]
    ):
        clock.now = datetime.fromisoformat(body["occurred_at"]) + timedelta(minutes=1)
        form, headers = call_of(slug, body)
        first, again = (client.post("/v1/evaluate", data=form, headers=headers) for _ in range(2))
        answer = first.json or {}
        assert first.status_code == 200, answer
        assert answer["event_id"] == body["id"]
        assert answer["outcome"] not in {"unknown_type", "too_late"}, answer
        assert again.json == answer
        assert again.headers["Idempotency-Replayed"] == "true"
        earned += [(award["achievement"], award["holder"]) for award in answer["awards"]]
        assert answer["unlocked"] == bool(answer["awards"])
    assert (load_recipe(slug).achievements[0]["key"], load_recipe(slug).people["actors"][0]["id"]) in earned


@every_recipe
def test_the_examples_count_on_the_day_they_are_written(slug: str, client: FlaskClient, clock: Clock) -> None:
    """They are moved to lately, because what is told too late does not count; days inside of them move along."""
    (text,) = exported(slug, platform=Platform.MAKE, url=ADDRESS).examples.values()
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["id"] for event in events] == [event["example"]["id"] for event in load_recipe(slug).events]
    clock.now, earned = NOW, set()
    for event in sorted(events, key=lambda one: str(one["occurred_at"])):
        answer = client.post("/v1/evaluate", json=event, headers={"X-API-Key": KEY}).json or {}
        assert answer["outcome"] != "too_late", answer
        earned |= {award["achievement"] for award in answer["awards"]}
    assert load_recipe(slug).achievements[0]["key"] in earned


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["helpdesk-sla"])
def test_a_ticket_that_changed_is_told_again_by_its_newer_moment(slug: str, client: FlaskClient, clock: Clock) -> None:
    """Then it is a correction; the same moments with other content are refused, as the page says."""
    body = deepcopy(dict(load_recipe(slug).events[0]["example"]))
    clock.now = datetime.fromisoformat(body["occurred_at"]) + timedelta(hours=2)
    changed = body | {"properties": {"within_sla": False}}
    later = changed | {"revised_at": clock.now.isoformat()}
    answers = []
    for one in (body, changed, later):
        form, headers = call_of(slug, one)
        answers.append(client.post("/v1/evaluate", data=form, headers=headers))
    assert [answer.status_code for answer in answers] == [200, 422, 200]
    taken = answers[-1].json or {}
    assert [award["achievement"] for award in taken["revoked"]] == ["first-clean-solve"]


# ------------------------------------------------------------------- Zapier


@every_recipe
def test_the_zap_is_shaped_like_those_zapier_exports(slug: str) -> None:
    """Once it was written for somebody's app."""
    written = exported(slug, platform=Platform.ZAPIER, url=ADDRESS, app=MINE).files[f"{slug}.zap.json"]
    assert APP not in written
    assert list(zap_rules.faults_of(json.loads(written), f"{MINE.name}@{MINE.version}")) == []


@pytest.mark.parametrize(
    ("step", "key", "value"),
    [
        ("2", "parent_id", 3),
        ("2", "authentication_id", "0"),
        ("2", "action", "record_an_event"),
        ("2", "params", {"type": "{{4__type}}"}),
        ("4", "action", "send_message"),
        ("4", "selected_api", "SlackCLIAPI"),
        ("1", "title", "Another"),
    ],
)
def test_a_fault_in_a_zap_is_noticed(step: str, key: str, value: Any) -> None:
    """The test above can fail."""
    written = exported("helpdesk-sla", platform=Platform.ZAPIER, url=ADDRESS, app=MINE).files
    zaps = json.loads(written["helpdesk-sla.zap.json"])
    zaps["zaps"][0]["nodes"][step][key] = value
    assert list(zap_rules.faults_of(zaps, f"{MINE.name}@{MINE.version}")) != []


@every_recipe
def test_the_build_sheet_is_made_of_the_template(slug: str) -> None:
    """Whoever changes one runs the export again and replaces the other."""
    sheet = shipped(slug, f"zapier/{slug}.build-sheet.md")
    assert sheet == write_build_sheet(template_of(slug), slug=slug, address=SERVER)
    assert "Import untested" in sheet


def test_the_fields_are_those_of_the_zapier_app() -> None:
    """Keys and labels of Record Event."""
    events, fields = (
        (ROOT / "zapier_app" / name).read_text("utf-8") for name in ("creates/events.js", "lib/fields.js")
    )
    told = events.split("export const recordEvent")[1].split("export const")[0]
    for key, label in FIELDS.items():
        pair = rf"(?:key: '{key}',\s+label: '{label}'|momentField\('{key}', '{label}')"
        assert re.search(pair, told + fields), key
    assert set(template_of("helpdesk-sla")["zaps"][0]["nodes"]["2"]["params"]) <= set(FIELDS)
    assert json.loads((ROOT / "zapier_app" / "package.json").read_text("utf-8"))["version"] == APP_VERSION


# ------------------------------------------------------------------- export


@every_recipe
@pytest.mark.parametrize("platform", [Platform.MAKE, Platform.ZAPIER])
def test_an_export_has_the_address_and_nothing_to_fill_in(slug: str, platform: Platform) -> None:
    """Neither the example address nor the example app is left."""
    files = exported(slug, platform=platform, url=f"{ADDRESS}/", app=MINE).files
    together = "".join(files.values())
    assert ADDRESS in together
    assert f"{ADDRESS}//" not in together
    assert SERVER not in together
    assert APP not in together


@pytest.mark.parametrize(
    "url",
    ["milepost.acme.test", "https://a b", 'https://a"b', "https://{{1.x}}", "https://me:key@a.test", "ftp://a.test"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """It would be written into code."""
    with pytest.raises(Invalid, match="no address of a server"):
        exported("helpdesk-sla", platform=Platform.MAKE, url=url)


def test_platforms_in_the_internet_need_https() -> None:
    """They send the key along."""
    with pytest.raises(Invalid, match="https://"):
        exported("helpdesk-sla", platform=Platform.ZAPIER, url="http://milepost.acme.test")


def test_an_app_that_is_none_is_refused_and_so_is_an_unknown_recipe() -> None:
    """Each with what to give instead."""
    with pytest.raises(Invalid, match="App123456CLIAPI"):
        ZapierApp("Milepost")
    with pytest.raises(Invalid, match=re.escape("1.0.0")):
        ZapierApp("App1CLIAPI", "latest")
    with pytest.raises(NotFound, match="helpdesk-sla"):
        exported("helpdesk", platform=Platform.MAKE, url=ADDRESS)


def test_the_command_writes_the_files_and_says_what_to_do_next(tmp_path: Path) -> None:
    """Again with the same address it changes no file but the examples; with another it does not overwrite."""
    words = ["recipe", "export", "helpdesk-sla", "--for", "make", "--to", str(tmp_path / "for make"), "--url"]
    done = CliRunner().invoke(main, [*words, ADDRESS])
    assert done.exit_code == 0, done.output
    assert "Import Blueprint" in done.output
    assert ADDRESS in (tmp_path / "for make" / "helpdesk-sla.blueprint.json").read_text("utf-8")
    (tmp_path / "for make" / "helpdesk-sla.events.jsonl").write_text("those of yesterday", "utf-8")
    assert CliRunner().invoke(main, [*words, ADDRESS]).exit_code == 0
    assert '"ticket.solved"' in (tmp_path / "for make" / "helpdesk-sla.events.jsonl").read_text("utf-8")
    refused = CliRunner().invoke(main, [*words, "https://other.acme.test"])
    assert refused.exit_code == 1
    assert "--to" in refused.output


def test_without_an_app_there_is_the_build_sheet(tmp_path: Path) -> None:
    """And a word on what the app is for."""
    words = ["recipe", "export", "crm-hygiene", "--for", "zapier", "--to", str(tmp_path), "--url", ADDRESS]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"crm-hygiene.build-sheet.md", "crm-hygiene.events.jsonl"}
    assert "--app App123456CLIAPI" in done.output


#: The systems that each recipe has a workflow for, besides one for any system that can post to a webhook.
SYSTEMS = {
    "crm-hygiene": {"hubspot", "pipedrive", "salesforce"},
    "fulfilment-quality": {"shopify"},
    "helpdesk-sla": {"freshdesk", "intercom", "zendesk"},
    "sales-sequence": {"hubspot", "pipedrive", "salesforce"},
}


@every_recipe
def test_n8n_gets_a_workflow_for_each_system_and_one_that_tells_people(slug: str) -> None:
    """A server in the own network is fine there."""
    files = exported(slug, platform=Platform.N8N, url="http://127.0.0.1:8400").files
    workflows = {f"{slug}.{system}.json" for system in {"webhook", *SYSTEMS[slug]}}
    assert set(files) == workflows | {"tell-people.json"}
    for name in workflows:
        assert "http://127.0.0.1:8400" in files[name]
    assert SERVER not in "".join(files.values())
