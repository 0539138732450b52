"""One word for one thing, sober ones, and none that belong to other places."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.project.sources import DOCS, PACKAGE, ROOT, Module, modules, page, text_files

HERE = Path(__file__)

#: The words of the product; each is explained once.
TERMS = """
event, subject, revision, replay, void, actor, achievement, criterion, condition, guardrail, window, mark, holder,
progress, target, streak, run, freeze, leave, pause, hold, award, tier, points, evidence, reason, revocation, review,
cooldown, cap, audience, digest, quiet hours, budget, subscription, delivery, attempt, transport, source mapping,
recipe, rule book, version
"""

#: Other words for the same things, and ours. One word for one thing is the rule also where nobody looks.
OTHER_WORDS = {
    "badge": "award",
    "employee": "actor",
    "goal": "target",
    "medal": "award",
    "rep": "actor",
    "reward": "award",
    "ruleset": "rule book",
    "user": "actor",
}

#: At work nobody plays.
GAME_WORDS = re.compile(
    r"\b(xp|loot\w*|quests?|hero(?:es)?|superhero\w*|ninjas?|rock ?stars?|wizards?|dragons?|warriors?|boss level|"
    r"level(?:led|ed|s)? up|power[- ]?ups?|high scores?|jackpots?|legendary|epic|trophy|trophies|gamif\w+)\b",
    re.IGNORECASE,
)
#: The one list that must name them in order to advise against them.
GAME_WORD_LIST = PACKAGE / "engine" / "lint.py"

#: Marks of work that was put off.
PUT_OFF = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
#: Places of one machine. The data folder beside the project is used by tests where it exists.
PLACES = re.compile(r"(?<![\w.])/(?:work|home|root|tmp|Users)/|(?<!\w)shared/(?!data\b)")


def lines_with(pattern: re.Pattern[str], *files: Path) -> list[str]:
    """Give the lines in which a pattern is found."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def files_in(*folders: Path) -> list[Path]:
    """Give the text files in some folders."""
    return [path for path in text_files() if any(path.is_relative_to(folder) for folder in folders)]


@pytest.mark.parametrize("term", [term.strip() for term in TERMS.split(",")])
def test_every_word_of_the_product_is_in_the_glossary(term: str) -> None:
    """Each has a row of its own, or shares one."""
    bold = [
        word.strip()
        for cell in re.findall(r"^\| \*\*(.+?)\*\* \|", page("glossary.md"), re.MULTILINE)
        for word in cell.split(",")
    ]
    assert term in bold


def names_in(module: Module) -> set[str]:
    """Give the names that a module makes: classes, functions, parameters and fields."""
    found = set()
    for node in ast.walk(module.tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
    return found


def words_of(name: str) -> set[str]:
    """Give the words that a name is made of, in the singular."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    return {part.lower().removesuffix("s") for part in parts}


def test_nothing_is_named_by_another_word() -> None:
    """Whoever looks for a thing finds it by its one word."""
    wrong = {
        f"{module.name}: {name}"
        for module in modules()
        for name in names_in(module)
        if words_of(name) & OTHER_WORDS.keys()
    }
    assert wrong == set()
    assert words_of("list_of_Users") == {"list", "of", "user"}


def test_the_words_are_sober() -> None:
    """Code, API, recipes and pages speak of work."""
    files = [path for path in files_in(PACKAGE, DOCS, ROOT / "recipes") if path != GAME_WORD_LIST]
    pages = [path for path in text_files() if path.parent == ROOT]
    assert len(files) > 100
    assert lines_with(GAME_WORDS, *files, *pages) == []


def test_nothing_is_put_off() -> None:
    """What is not done is an issue, not a comment."""
    assert lines_with(PUT_OFF, *(path for path in text_files() if path != HERE)) == []


def test_nothing_depends_on_one_machine() -> None:
    """The project runs wherever it is checked out."""
    files = [path for path in text_files() if path != HERE]
    assert lines_with(PLACES, *files) == []


def test_only_tests_look_at_the_data_beside_the_project() -> None:
    """They skip where it is missing; nothing else knows of it."""
    outside = [path for path in text_files() if not path.is_relative_to(ROOT / "tests")]
    assert lines_with(re.compile(r"(?<!\w)shared/data|\.\./shared"), *outside) == []


def test_every_pattern_finds_what_it_is_for() -> None:
    """The tests above can fail."""
    assert GAME_WORDS.search("a Hero of the week")
    assert GAME_WORDS.search("earn 50 XP")
    assert PUT_OFF.search("# TODO: later")
    assert PLACES.search("see /home/ana/notes")
    assert not GAME_WORDS.search("a request, the heroic legend")
