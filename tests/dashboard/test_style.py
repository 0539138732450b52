from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

SHEET = (files("milepost") / "dashboard" / "static" / "pages.css").read_text("utf-8")
#: What stands on what, and how much they must differ (WCAG 2.2, AA): 4.5 for text, 3 for what one presses or types in.
PAIRS = [
    ("ink", "ground", 4.5),
    ("quiet", "ground", 4.5),
    ("accent", "ground", 4.5),
    ("on-accent", "accent", 4.5),
    ("ink", "alert", 4.5),
    ("field", "ground", 3.0),
]


def _colours(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", sheet))


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("is_dark", [False, True])
def test_everything_can_be_read_by_day_and_by_night(pair: Any, is_dark: Any) -> None:
    """Also by people who see less well."""
    light, dark = SHEET.split("@media (prefers-color-scheme: dark)")
    colours = _colours(dark if is_dark else light)
    upper, lower, least = pair
    one, other = sorted((_light(colours[upper]), _light(colours[lower])))
    assert (other + 0.05) / (one + 0.05) >= least
