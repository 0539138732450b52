"""Find the mapping of a source system: installed, of a recipe, or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from milepost.errors import FieldError, Invalid, NotFound
from milepost.operations.load_recipe import list_recipes
from milepost.operations.services import Services
from milepost.schemas.base import unknown_word
from milepost.schemas.mapping_values import SourceMapping
from milepost.schemas.mappings import parse_mapping
from milepost.schemas.reader import RuleInvalid


def find_mapping(services: Services, source: str) -> SourceMapping:
    """Give the mapping installed for a source; raises `NotFound` with the nearest name."""
    with services.store.reading() as reading:
        record = reading.mapping(source)
        known = [one.source for one in reading.mappings()]
    if record is None:
        fix = unknown_word(source, known, what="an installed source")
        raise NotFound(f"{fix} Install a recipe that has its mapping, or give a mapping file.")
    return read_mapping(record.document)


def find_any_mapping(services: Services, name: str) -> SourceMapping:
    """Give the mapping in the file *name*, or the one installed for this source, or a recipe's."""
    path = Path(name)
    if path.suffix == ".json":
        return read_mapping_file(path)
    try:
        return find_mapping(services, name)
    except NotFound:
        shipped = [mapping for recipe in list_recipes() for mapping in recipe.mappings if mapping["source"] == name]
        if not shipped:
            raise
        return read_mapping(shipped[0])


def read_mapping_file(path: Path) -> SourceMapping:
    """Read a mapping from a JSON file."""
    try:
        return read_mapping(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror or error}.") from None
    except orjson.JSONDecodeError as error:
        raise Invalid(f"{path} is no JSON: {error}.") from None


def read_mapping(document: Any) -> SourceMapping:
    """Parse a mapping, or raise `Invalid` with every place that needs a correction."""
    try:
        return parse_mapping(document)
    except RuleInvalid as error:
        places = [FieldError(problem.path, problem.message) for problem in error.problems]
        raise Invalid(f"The mapping needs a correction: {error}", errors=places) from None
