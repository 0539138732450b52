"""Rule versions and source mappings in SQL."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, insert, select

from milepost.storage.errors import StoreConflict
from milepost.storage.records import AchievementVersion, MappingRecord
from milepost.storage.rule_log import chain_on
from milepost.storage.sql_generations import PEOPLE, RULES, GenerationReading, GenerationWriting
from milepost.storage.statements import Row, Statement, columns, same, upsert
from milepost.storage.tables import ACHIEVEMENT_VERSIONS, MAPPINGS
from milepost.storage.texts import (
    json_text,
    maybe_moment_text,
    maybe_read_moment,
    moment_text,
    read_json,
    read_moment,
)

_COLUMNS = (
    *("key", "number", "document", "effective_at", "author", "note"),
    *("sequence", "past", "starts_at", "chained"),
)
_VERSIONS = select(*columns(ACHIEVEMENT_VERSIONS, _COLUMNS)).order_by(
    ACHIEVEMENT_VERSIONS.c.key, ACHIEVEMENT_VERSIONS.c.number
)
ALL_VERSIONS = Statement(_VERSIONS)
VERSIONS_OF = Statement(_VERSIONS.where(*same(ACHIEVEMENT_VERSIONS, "key")))
VERSION = Statement(_VERSIONS.where(*same(ACHIEVEMENT_VERSIONS, "key", "number")))
ADD_VERSION = Statement(insert(ACHIEVEMENT_VERSIONS))
END_OF_LOG = Statement(
    select(*columns(ACHIEVEMENT_VERSIONS, ("sequence", "chained"))).where(
        ACHIEVEMENT_VERSIONS.c.sequence == select(func.max(ACHIEVEMENT_VERSIONS.c.sequence)).scalar_subquery()
    )
)

_MAPPINGS = select(*columns(MAPPINGS, ("source", "document", "recipe"))).order_by(MAPPINGS.c.source)
MAPPING_BY_SOURCE = Statement(_MAPPINGS.where(*same(MAPPINGS, "source")))
ALL_MAPPINGS = Statement(_MAPPINGS)
PUT_MAPPING = upsert(MAPPINGS)


def _read_version(row: Row) -> AchievementVersion:
    key, number, document, effective_at, author, note, sequence, past, starts_at, chained = row
    return AchievementVersion(
        key=key,
        number=number,
        document=read_json(document),
        effective_at=read_moment(effective_at),
        author=author,
        note=note,
        sequence=sequence,
        past=past,
        starts_at=maybe_read_moment(starts_at),
        chained=chained,
    )


def _read_end(row: Row) -> tuple[int, str]:
    sequence, chained = row
    return sequence, chained


def _read_mapping(row: Row) -> MappingRecord:
    source, document, recipe = row
    return MappingRecord(source, read_json(document), recipe)


class RuleReading(GenerationReading):
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


class RuleWriting(RuleReading, GenerationWriting):
    """Changes of rules."""

    __slots__ = ()

    def put_achievement_version(self, version: AchievementVersion) -> None:
        """Add a version to the end of the log; one that is there already is never overwritten."""
        if self._one(VERSION, _read_version, {"key": version.key, "number": version.number}):
            raise StoreConflict(
                f"Version {version.number} of {version.key!r} exists already. Give the change the next number."
            )
        last, before = self._one(END_OF_LOG, _read_end, {}) or (0, "")
        version = replace(version, sequence=last + 1)
        values = {
            "key": version.key,
            "number": version.number,
            "effective_at": moment_text(version.effective_at),
            "author": version.author,
            "note": version.note,
            "document": json_text(version.document),
            "sequence": version.sequence,
            "past": version.past,
            "starts_at": maybe_moment_text(version.starts_at),
            "chained": chain_on(version, after=before),
        }
        self._change(ADD_VERSION, values)
        self._renew(RULES)
        self._renew(PEOPLE)  # so that a store with rules has a token for either

    def put_mapping(self, mapping: MappingRecord) -> None:
        """Add or replace a source mapping."""
        values = {"source": mapping.source, "recipe": mapping.recipe, "document": json_text(mapping.document)}
        self._change(PUT_MAPPING, values)
