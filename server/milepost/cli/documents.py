"""Read a JSON document that is named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from milepost.cli.failures import WrongUse


def read_document(file: Path) -> dict[str, Any]:
    """Give the JSON object in a file, or say what is wrong with it."""
    try:
        document = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise WrongUse(f"{file} is no JSON: {error}.") from None
    if not isinstance(document, dict):
        raise WrongUse(f"{file} must be one JSON object, a rule.")
    return document
