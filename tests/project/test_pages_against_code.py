"""What the pages say exists, and what exists is on a page.

Settings, problem types, rule words and the doors of the OpenAPI document are compared
beside the tests of their modules.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import cast

import click
import pytest
from werkzeug.routing import Rule

from milepost.app import create_app
from milepost.cli.commands import main
from milepost.clock import read_clock
from milepost.engine.reasons import ReasonCode
from milepost.operations.services import Services
from milepost.schemas.answers import OUTCOMES
from milepost.settings import Settings
from milepost.storage.base import Store
from tests.project.sources import DOCS, PACKAGE, ROOT, first_cells, modules, page, pages, text_files

_CALL = re.compile(r"`?\b(GET|POST|PUT|PATCH|DELETE) (?:https?://[^/\s]+)?(/[\w{}/.\-…]*)")
#: A reason code that code writes out, beside those of `ReasonCode`.
_LITERAL_CODE = re.compile(r'\breason_code="([a-z_]+)"')


# ------------------------------------------------------------------ addresses


def routes() -> list[Rule]:
    """Give every address of the application; nothing is asked of a store for that."""
    app = create_app(Services(store=cast("Store", None), clock=read_clock, settings=Settings()))
    return [rule for rule in app.url_map.iter_rules() if "static" not in rule.endpoint]


def without_names(path: str) -> str:
    """Give an address with every placeholder alike, however it is named."""
    return re.sub(r"<[^>]+>|\{[^}]+\}", "{}", path).rstrip("/") or "/"


def test_every_address_is_in_the_reference() -> None:
    """Those outside of the OpenAPI document as well."""
    told = without_names(page("reference/api.md"))
    missing = {without_names(rule.rule) for rule in routes()} - set(_addresses(told))
    assert missing == set()


def _addresses(text: str) -> Iterator[str]:
    return (without_names(path) for path in re.findall(r"`(?:[A-Z]+ )?(/[^`\s]*)`", text))


def calls_named(text: str) -> set[tuple[str, str]]:
    """Give the calls that a text names, such as ``GET /v1/me``; in f-strings braces are doubled."""
    found = _CALL.findall(text.replace("{{", "{").replace("}}", "}"))
    return {(method, without_names(path.rstrip("."))) for method, path in found if "…" not in path}


def test_every_call_that_anything_names_exists() -> None:
    """A sentence that sends somebody to a dead address is worse than none: in code, pages and recipes."""
    known = {(method, without_names(rule.rule)) for rule in routes() for method in rule.methods or ()}
    wrong = {
        (path.relative_to(ROOT).as_posix(), *call)
        for path in text_files()
        if path.is_relative_to(PACKAGE) or path.is_relative_to(ROOT / "recipes") or path.suffix == ".md"
        for call in calls_named(path.read_text("utf-8"))
        if call not in known
    }
    assert wrong == set()


def test_calls_are_found_in_sentences() -> None:
    """The test above looks at something."""
    said = calls_named("Ask `GET /v1/me`. Then send PUT /v1/actors/{id}.")
    assert said == {("GET", "/v1/me"), ("PUT", "/v1/actors/{}")}
    assert len(calls_named(page("reference/api.md"))) > 40


# ----------------------------------------------------------------- commands


def commands(command: click.Command = main, words: str = "milepost") -> Iterator[tuple[str, click.Command]]:
    """Give every command that can be typed, with the words to type."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    for name, inner in command.commands.items():
        yield from commands(inner, f"{words} {name}")


def sections_of_commands() -> dict[str, str]:
    """Give what the reference says of each command, by the words to type; under "" what it says of all."""
    everything, *parts = page("reference/cli.md").split("\n## ")
    return {"": everything} | {part.split("`")[1]: part for part in parts if part.startswith("`milepost ")}


def test_the_reference_has_a_section_for_every_command_and_no_other() -> None:
    """Whoever looks one up finds it by the words they type."""
    assert set(sections_of_commands()) - {""} == {words for words, _ in commands()}


@pytest.mark.parametrize(("words", "command"), list(commands()))
def test_every_option_is_in_its_section(words: str, command: click.Command) -> None:
    """Those that many commands have may be told once, above."""
    sections = sections_of_commands()
    told = set(re.findall(r"--[a-z-]+", sections[""] + sections[words]))
    options = {name for option in command.params for name in option.opts if name.startswith("--")}
    assert options - told == set()
    own = set(re.findall(r"--[a-z-]+", sections[words]))
    assert own - options == set()


def test_every_command_that_a_page_names_exists() -> None:
    """In backticks, or typed after a prompt."""
    known = {words for words, _ in commands()}
    groups = {words.rsplit(" ", 1)[0] for words in known} | {"milepost"}
    named = {
        match
        for path in pages()
        for match in re.findall(r"(?:`|^\$ |^)(milepost(?: [a-z]+)+)", path.read_text("utf-8"), re.MULTILINE)
    }
    wrong = {
        text for text in named if text not in groups and not any(f"{text} ".startswith(f"{one} ") for one in known)
    }
    assert wrong == set()
    assert any(text.startswith("milepost import") for text in named)


def test_every_make_target_that_a_page_names_exists() -> None:
    """In backticks, or typed in a block."""
    known = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for path in pages()
        for target in re.findall(r"(?:`|^)make ([a-z0-9-]+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named - known == set()
    assert "check" in named


# ------------------------------------------------------- reasons and outcomes


def test_every_reason_code_and_outcome_is_in_the_reference_and_nothing_else() -> None:
    """Flows are built on these words."""
    written_out = {code for module in modules() for code in _LITERAL_CODE.findall(module.text)}
    told = first_cells(page("reference/reason-codes.md"))
    assert told == {str(code) for code in ReasonCode} | written_out | set(OUTCOMES) | {"outcome", "reason_code"}


# ------------------------------------------------------------- dependencies


def declared() -> set[str]:
    """Give the names of everything the project depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = [name for names in project["project"].get("optional-dependencies", {}).values() for name in names]
    lines = [*project["project"]["dependencies"], *extras, *project["dependency-groups"]["dev"]]
    return {re.split(r"[\[<>=~! ;]", line)[0] for line in lines}


def test_every_dependency_has_its_reason() -> None:
    """A new one needs a line, an old one that is gone needs none."""
    section = page("explanation/decisions.md").split("\n## Dependencies\n")[1]
    assert first_cells(section) == declared()


def test_decisions_are_short() -> None:
    """Five lines each at most, or nobody reads them."""
    sections = page("explanation/decisions.md").split("\n## ")[1:]
    long = [one.splitlines()[0] for one in sections if len([line for line in one.splitlines()[1:] if line.strip()]) > 5]
    assert long == ["Dependencies"]


# -------------------------------------------------------------------- pages


def test_every_page_is_in_the_index() -> None:
    """A page that nothing leads to is not read."""
    index = page("README.md")
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)", index)}
    assert {path for path in pages() if path.is_relative_to(DOCS)} - linked == {DOCS / "README.md"}


def test_the_tree_of_the_architecture_page_names_every_package_and_module_of_the_engine() -> None:
    """Whoever looks for something finds its room."""
    tree = page("explanation/architecture.md").split("## The tree")[1].split("\n## ")[0]
    words = set(re.findall(r"\w+", tree))
    tops = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    engine = {path.stem for path in (PACKAGE / "engine").glob("*.py")} - {"condition_sentences", "criterion_sentences"}
    assert (tops | engine) - words - {"__init__"} == set()
