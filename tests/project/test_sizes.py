"""Nothing grows until it must be searched instead of read."""

from __future__ import annotations

import ast
import re

from tests.project.sources import ROOT, Function, Module, is_ignored, modules

LONGEST_MODULE = 400
LONGEST_FUNCTION = 45
MOST_PARAMETERS = 7
MOST_ROOT_ENTRIES = 20

#: A rule of the linter, a dash, and why it does not hold here.
_REASONED = re.compile(r"# (?:ruff: )?noqa: [A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*(?: - |  \()\w")


def test_modules_fit_in_one_reading() -> None:
    """A module of more than 400 lines is two."""
    long = {module.name: len(module.text.splitlines()) for module in modules()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_MODULE} == {}


def test_functions_fit_on_a_screen() -> None:
    """A function of more than 45 lines is several."""
    lengths = {
        f"{module.name}:{function.name}": (function.end_lineno or function.lineno) - function.lineno + 1
        for module in modules()
        for function in module.functions()
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def parameters(function: Function) -> int:
    """Count what a caller gives."""
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len(given) - (bool(given) and given[0].arg in {"self", "cls"})


def may_take_many(module: Module, function: Function) -> bool:
    """Say whether the line of its name says why a function takes so many parameters."""
    line = module.text.splitlines()[function.lineno - 1]
    return "PLR0913" in line and _REASONED.search(line) is not None


def test_functions_take_few_parameters_or_say_why_not() -> None:
    """More than seven parameters are mostly a value without a name."""
    many = [
        f"{module.name}:{function.name}"
        for module in modules()
        for function in module.functions()
        if parameters(function) > MOST_PARAMETERS and not may_take_many(module, function)
    ]
    assert many == []


def test_parameters_of_every_kind_are_counted() -> None:
    """Keyword-only parameters count, *self* does not."""
    function = ast.parse("class A:\n    def f(self, a, /, b, *, c): ...").body[0].body[0]  # type: ignore[attr-defined]
    assert parameters(function) == 3


def test_every_exception_from_the_linter_says_why() -> None:
    """A bare *noqa* hides a fault."""
    bare = [
        f"{module.name}:{number}"
        for module in modules()
        for number, line in enumerate(module.text.splitlines(), start=1)
        if "noqa" in line and not _REASONED.search(line)
    ]
    assert bare == []


def test_the_root_stays_readable() -> None:
    """Whoever opens the project sees what it is."""
    assert len([path for path in ROOT.iterdir() if not is_ignored(path)]) <= MOST_ROOT_ENTRIES
