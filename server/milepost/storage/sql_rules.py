"""Rule versions and source mappings in SQL."""

from __future__ import annotations

from sqlalchemy import insert, select

from milepost.storage.errors import StoreConflict
from milepost.storage.records import AchievementVersion, MappingRecord
from milepost.storage.statements import Row, SqlPart, Statement, columns, same, upsert
from milepost.storage.tables import ACHIEVEMENT_VERSIONS, MAPPINGS
from milepost.storage.texts import json_text, moment_text, read_json, read_moment

_VERSIONS = select(
    *columns(ACHIEVEMENT_VERSIONS, ("key", "number", "document", "effective_at", "author", "note"))
).order_by(ACHIEVEMENT_VERSIONS.c.key, ACHIEVEMENT_VERSIONS.c.number)
ALL_VERSIONS = Statement(_VERSIONS)
VERSIONS_OF = Statement(_VERSIONS.where(*same(ACHIEVEMENT_VERSIONS, "key")))
VERSION = Statement(_VERSIONS.where(*same(ACHIEVEMENT_VERSIONS, "key", "number")))
ADD_VERSION = Statement(insert(ACHIEVEMENT_VERSIONS))

_MAPPINGS = select(*columns(MAPPINGS, ("source", "document", "recipe"))).order_by(MAPPINGS.c.source)
MAPPING_BY_SOURCE = Statement(_MAPPINGS.where(*same(MAPPINGS, "source")))
ALL_MAPPINGS = Statement(_MAPPINGS)
PUT_MAPPING = upsert(MAPPINGS)


def _read_version(row: Row) -> AchievementVersion:
    key, number, document, effective_at, author, note = row
    return AchievementVersion(key, number, read_json(document), read_moment(effective_at), author, note)


def _read_mapping(row: Row) -> MappingRecord:
    source, document, recipe = row
    return MappingRecord(source, read_json(document), recipe)


class RuleReading(SqlPart):
    """Questions about rules."""

    __slots__ = ()

    def achievement_versions(self, key: str | None = None) -> list[AchievementVersion]:
        """Give all versions (of one achievement), by key and number."""
        if key is None:
            return self._all(ALL_VERSIONS, _read_version)
        return self._all(VERSIONS_OF, _read_version, {"key": key})

    def mapping(self, source: str) -> MappingRecord | None:
        """Give the mapping of a source system."""
        return self._one(MAPPING_BY_SOURCE, _read_mapping, {"source": source})

    def mappings(self) -> list[MappingRecord]:
        """Give all mappings by source."""
        return self._all(ALL_MAPPINGS, _read_mapping)


class RuleWriting(RuleReading):
    """Changes of rules."""

    __slots__ = ()

    def put_achievement_version(self, version: AchievementVersion) -> None:
        """Add a version; one that is there already is never overwritten."""
        if self._one(VERSION, _read_version, {"key": version.key, "number": version.number}):
            raise StoreConflict(
                f"Version {version.number} of {version.key!r} exists already. Give the change the next number."
            )
        values = {
            "key": version.key,
            "number": version.number,
            "effective_at": moment_text(version.effective_at),
            "author": version.author,
            "note": version.note,
            "document": json_text(version.document),
        }
        self._change(ADD_VERSION, values)

    def put_mapping(self, mapping: MappingRecord) -> None:
        """Add or replace a source mapping."""
        values = {"source": mapping.source, "recipe": mapping.recipe, "document": json_text(mapping.document)}
        self._change(PUT_MAPPING, values)
