"""Keys, imports and stored answers in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from milepost.storage.records import ImportRecord, KeyRecord, SetAside
from milepost.storage.statements import Row, SqlPart, Statement, add_missing, columns, same, upsert
from milepost.storage.tables import ANSWERS, IMPORTS, KEYS, SET_ASIDE
from milepost.storage.texts import (
    json_list,
    maybe_moment_text,
    maybe_read_moment,
    moment_text,
    read_json,
    read_moment,
)

_KEY = ("id", "name", "digest", "hint", "scopes", "created_at", "revoked_at", "last_used_at")
_KEYS = select(*columns(KEYS, _KEY)).order_by(KEYS.c.created_at, KEYS.c.id)
KEY_BY_ID = Statement(_KEYS.where(*same(KEYS, "id")))
KEY_BY_DIGEST = Statement(_KEYS.where(*same(KEYS, "digest")))
ALL_KEYS = Statement(_KEYS)
PUT_KEY = upsert(KEYS)

IMPORT_BY_ID = Statement(
    select(*columns(IMPORTS, ("id", "file_name", "mapping", "position", "set_aside", "finished_at"))).where(
        *same(IMPORTS, "id")
    )
)
PUT_IMPORT = upsert(IMPORTS)
SET_ASIDE_OF = Statement(
    select(*columns(SET_ASIDE, ("import_id", "line", "reason", "row")))
    .where(*same(SET_ASIDE, "import_id"))
    .order_by(SET_ASIDE.c.line, SET_ASIDE.c.reason)
)
PUT_SET_ASIDE = upsert(SET_ASIDE)

ANSWER = Statement(select(ANSWERS.c.fingerprint, ANSWERS.c.answer).where(*same(ANSWERS, "scope", "key")))
ADD_ANSWER = add_missing(ANSWERS)


def _read_key(row: Row) -> KeyRecord:
    key_id, name, digest, hint, scopes, created_at, revoked_at, last_used_at = row
    return KeyRecord(
        id=key_id,
        name=name,
        digest=digest,
        hint=hint,
        scopes=frozenset(read_json(scopes)),
        created_at=read_moment(created_at),
        revoked_at=maybe_read_moment(revoked_at),
        last_used_at=maybe_read_moment(last_used_at),
    )


def _read_import(row: Row) -> ImportRecord:
    import_id, file_name, mapping, position, set_aside, finished_at = row
    return ImportRecord(import_id, file_name, mapping, position, set_aside, maybe_read_moment(finished_at))


def _read_set_aside(row: Row) -> SetAside:
    return SetAside(*row)


class RunningReading(SqlPart):
    """Questions about keys, imports and answers."""

    __slots__ = ()

    def key(self, key_id: str) -> KeyRecord | None:
        """Give a key by id."""
        return self._one(KEY_BY_ID, _read_key, {"id": key_id})

    def key_by_digest(self, digest: str) -> KeyRecord | None:
        """Give a key by the hash of its secret."""
        return self._one(KEY_BY_DIGEST, _read_key, {"digest": digest})

    def keys(self) -> list[KeyRecord]:
        """Give all keys, oldest first."""
        return self._all(ALL_KEYS, _read_key)

    def import_record(self, import_id: str) -> ImportRecord | None:
        """Give how far an import has come."""
        return self._one(IMPORT_BY_ID, _read_import, {"id": import_id})

    def set_aside(self, import_id: str) -> list[SetAside]:
        """Give the rows an import could not read, by line."""
        return self._all(SET_ASIDE_OF, _read_set_aside, {"import_id": import_id})

    def answer(self, scope: str, key: str) -> tuple[str, str] | None:
        """Give the fingerprint and stored answer for an idempotency key."""
        return self._one(ANSWER, lambda row: (row[0], row[1]), {"scope": scope, "key": key})


class RunningWriting(RunningReading):
    """Changes of keys, imports and answers."""

    __slots__ = ()

    def put_key(self, key: KeyRecord) -> None:
        """Add or replace a key."""
        values = {
            "id": key.id,
            "name": key.name,
            "digest": key.digest,
            "hint": key.hint,
            "scopes": json_list(sorted(key.scopes)),
            "created_at": moment_text(key.created_at),
            "revoked_at": maybe_moment_text(key.revoked_at),
            "last_used_at": maybe_moment_text(key.last_used_at),
        }
        self._change(PUT_KEY, values)

    def put_import(self, record: ImportRecord, set_aside: Sequence[SetAside] = ()) -> None:
        """Note how far an import has come, and the rows it could not read."""
        values = {
            "id": record.id,
            "file_name": record.file_name,
            "mapping": record.mapping,
            "position": record.position,
            "set_aside": record.set_aside,
            "finished_at": maybe_moment_text(record.finished_at),
        }
        self._change(PUT_IMPORT, values)
        rows = [
            {"import_id": aside.import_id, "line": aside.line, "reason": aside.reason, "row": aside.row}
            for aside in set_aside
        ]
        self._change_each(PUT_SET_ASIDE, rows)

    def put_answer(self, scope: str, key: str, fingerprint: str, answer: str, at: datetime) -> None:
        """Keep the first answer given under an idempotency key."""
        values = {"scope": scope, "key": key, "fingerprint": fingerprint, "answer": answer, "at": moment_text(at)}
        self._change(ADD_ANSWER, values)
