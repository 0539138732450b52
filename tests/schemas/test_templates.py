from __future__ import annotations

from decimal import Decimal

import pytest

from milepost.schemas.templates import LONGEST, PLACEHOLDERS, check_template, render_template


def test_every_placeholder_may_be_used() -> None:
    text = " ".join(f"{{{{ {name} }}}}" for name in sorted(PLACEHOLDERS))
    assert check_template(f"All of them: {text}") == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{{ actor.frist_name }}", "did you mean {{ actor.first_name }}?"),
        ("{{ actor }}", "There is no placeholder actor;"),
        ("{{ actor.__class__ }}", "There is no placeholder actor.__class__;"),
        ("{{ actor.name.first }}", "There is no placeholder actor.name.first;"),
        ("{{ actor['name'] }}", "holds one name and nothing else"),
        ("{{ actor.name | upper }}", "holds one name and nothing else"),
        ("{{ tier() }}", "holds one name and nothing else"),
        ("{{ 7 * 7 }}", "holds one name and nothing else"),
        ("{{ 'text' }}", "holds one name and nothing else"),
        ("{% for a in tier %}{% endfor %}", "Only placeholders are possible"),
        ("{% set tier = 1 %}", "Only placeholders are possible"),
        ("{% include 'other' %}", "Only placeholders are possible"),
        ("{% raw %}", "Only placeholders are possible"),
        ("{# why #}", "Only placeholders are possible"),
        ("{{ actor.name", "cannot be read"),
        ("{{ " + "(" * 400, "cannot be read"),
        ("x" * (LONGEST + 1), "501 characters"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, hint: str) -> None:
    (problem,) = check_template(text)
    assert hint in problem


def test_values_are_filled_in_as_people_write_them() -> None:
    values = {
        "actor": {"first_name": "Ana"},
        "progress": {"current": 5.0, "target": Decimal("7.50")},
        "points": 10,
        "tier": None,
    }
    text = (
        "{{ actor.first_name }}: {{ progress.current }} of {{ progress.target }}, {{ points }}{{ tier }}{{ subject }}"
    )
    assert render_template(text, values) == "Ana: 5 of 7.5, 10"


def test_a_value_is_never_read_as_a_template_and_starts_no_line() -> None:
    values = {"actor": {"name": "{{ points }}\n\n<b>Ana</b>"}, "points": 5}
    assert render_template("Well done, {{ actor.name }}", values) == "Well done, {{ points }} <b>Ana</b>"


def test_a_filled_in_message_has_an_end() -> None:
    message = render_template("{{ actor.name }}", {"actor": {"name": "x" * 900}})
    assert len(message) == LONGEST
    assert message.endswith("…")
