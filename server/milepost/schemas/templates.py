"""The words of a message: text with a closed list of placeholders, checked when saved, then filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: Every placeholder there is; ``docs/reference/rule-language.md``, "Messages", lists the same.
PLACEHOLDERS = frozenset(
    {
        "achievement.name",
        "achievement.purpose",
        "actor.first_name",
        "actor.name",
        "holder.name",
        "points",
        "progress.current",
        "progress.target",
        "subject",
        "tier",
    }
)

#: The longest message, in characters; what is longer ends with an ellipsis.
LONGEST = 500
#: From here on, numbers are written with an exponent.
_LONG_NUMBER = 1e15
#: What Jinja calls the openings of anything but a placeholder.
_STATEMENTS = frozenset({"block_begin", "comment_begin", "linecomment_begin", "linestatement_begin", "raw_begin"})


def check_template(text: str) -> list[str]:
    """Say everything that is wrong with a message, a sentence each; empty means it can be saved."""
    if len(text) > LONGEST:
        return [f"The text has {len(text)} characters; {LONGEST} is the most."]
    try:
        return list(_problems(text))
    except (TemplateSyntaxError, RecursionError) as error:
        what = error.message if isinstance(error, TemplateSyntaxError) else "too many brackets."
        return [f"The text cannot be read: {what} Write placeholders like {{{{ actor.first_name }}}}."]


def render_template(text: str, values: Mapping[str, Any]) -> str:
    """Fill in a checked message; what *values* does not have, or has as None, is left out.

    The result is plain text: making it safe for one place is that place's task. Blanks and
    line breaks inside a value become single spaces, so that no value starts a line of its own.
    """
    filled = _compiled(text).render(values)
    return filled if len(filled) <= LONGEST else filled[: LONGEST - 1].rstrip() + "…"


def _problems(text: str) -> Iterator[str]:
    for line, kind, _value in _ENVIRONMENT.lex(text):
        if kind in _STATEMENTS:
            yield f"Only placeholders are possible in a message, neither {{% … %}} nor {{# … #}} (line {line})."
            return
    for statement in _ENVIRONMENT.parse(text).body:
        for node in statement.iter_child_nodes():
            if not isinstance(node, nodes.TemplateData):
                yield from _problems_of_placeholder(node)


def _problems_of_placeholder(node: nodes.Node) -> Iterator[str]:
    name = _dotted(node)
    if name is None:
        known = ", ".join(sorted(PLACEHOLDERS))
        yield f"A placeholder holds one name and nothing else (line {node.lineno}); the names are {known}."
    elif name not in PLACEHOLDERS:
        nearest = get_close_matches(name, PLACEHOLDERS, n=1, cutoff=0.3) or ["actor.first_name"]
        yield f"There is no placeholder {name}; did you mean {{{{ {nearest[0]} }}}}?"


def _dotted(node: nodes.Node) -> str | None:
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            before = _dotted(node.node)
            return before and f"{before}.{node.attr}"
        case _:
            return None


def _plain(value: Any) -> str:
    """Write a value the way people do: nothing for None, no ``.0``, and never more than a message holds."""
    match value:
        case None:
            return ""
        case float() | Decimal() if abs(float(value)) < _LONG_NUMBER:
            written = f"{value:f}"
            return written.rstrip("0").rstrip(".") if "." in written else written
        case _:
            return " ".join(str(value)[: 2 * LONGEST].split())[: LONGEST + 1]


# autoescape is off because the result is plain text, which every transport escapes in its own way.
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False,
    undefined=ChainableUndefined,
    finalize=_plain,
    cache_size=0,
)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters.clear()
_ENVIRONMENT.tests.clear()


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)
