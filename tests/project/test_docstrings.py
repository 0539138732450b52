"""Everything public says in its first line what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from tests.project.sources import Function, Module, modules

Documented: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

#: Decorators of what has its sentence elsewhere.
_WITHOUT = frozenset({"overload", "setter"})


def public_parts(node: ast.AST, name: str) -> Iterator[tuple[str, Documented]]:
    """Give the public classes, functions and methods in *node* by name; what is inside a function is its own."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If):
            yield from public_parts(child, name)
        if not isinstance(child, ast.ClassDef | Function) or is_private(child):
            continue
        yield f"{name}:{child.name}", child
        if isinstance(child, ast.ClassDef):
            yield from public_parts(child, f"{name}:{child.name}")


def is_private(node: ast.ClassDef | Function) -> bool:
    """Say whether a name begins with an underscore, or is told elsewhere."""
    decorators = {ast.unparse(one).rpartition(".")[2] for one in node.decorator_list}
    is_special = node.name.startswith("__") and node.name.endswith("__")
    return bool(decorators & _WITHOUT) or (node.name.startswith("_") and not is_special)


def first_line(node: Documented) -> str:
    """Give the first line of a docstring; nothing if there is none."""
    text = ast.get_docstring(node) or ""
    return text.partition("\n")[0]


def mute_parts(module: Module) -> Iterator[str]:
    """Give the public parts of a module without a sentence."""
    for name, node in ((module.name, module.tree), *public_parts(module.tree, module.name)):
        if not first_line(node).endswith("."):
            yield name


def test_every_public_thing_begins_with_a_sentence() -> None:
    """The first line of each docstring is a sentence with a full stop."""
    assert [name for module in modules() for name in mute_parts(module)] == []
