"""What becomes of each row that names an erased person: a pseudonym stands in place of whatever names them.

The pseudonym stands in all places alike, so everything that is counted, compared or added up comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import orjson

from milepost.engine.people import Actor, Preferences, Visibility
from milepost.operations.erased_telling import ErasedTelling, without_person
from milepost.operations.first_answers import ERASED_FINGERPRINT
from milepost.operations.identifiers import Hiding, Identifiers, Row
from milepost.storage.documents import actor_document
from milepost.storage.records import AwardSource

#: Columns and fields that hold words of the rules and of the organisation, and never a person.
_VOCABULARY = frozenset(
    {
        *("achievement", "key", "source", "type", "through", "window", "tier", "status", "change", "reason_code"),
        *("scopes", "decision", "team", "role", "zone", "calendar", "segments", "fingerprint", "digest", "hint"),
    }
)
#: Fields of answers and awards that are read by people.
_PROSE = frozenset({"message", "text", "reason", "note", "next_step", "warnings", "cause", "question", "answer"})
#: Fields that hold the id of an actor and nothing else.
_WHO = frozenset({"actor", "holder", "manager", "reviewer", "delegated_by"})
#: Tables that are about the organisation; a person stands in their free text only.
_ORGANISATION = frozenset({"teams", "calendars", "mappings", "achievement_versions", "keys", "imports"})


@dataclass(frozen=True)
class Erasure:
    """One person's way out of all rows."""

    person: Actor
    identifiers: Identifiers
    pseudonym: str
    #: Ids that name the person, and what they become: of events, subjects and awards.
    renamed: Mapping[str, str]
    #: Properties that rules look at: there, only what surely names the person is replaced.
    judged_properties: Collection[str]
    #: What was told to them and about them.
    telling: ErasedTelling
    #: Makes the id of an award from its achievement, kind and id of holder, and slot.
    award_id: Callable[[str, str, str, str], str]

    def __call__(self, table: str, row: Row) -> Row | None:
        """Give a row as it shall be; None: nothing of it is needed."""
        if self.telling.takes(table, row):
            return None
        match table:
            case "aliases" if row["actor"] == self.person.id:
                return None
            case "actors" if row["id"] == self.person.id:
                return self._person()
            case "answers" | "other_revisions":
                return row if self._plainly(row) == row else None
            case _:
                return self._changed(table, row)

    def _changed(self, table: str, row: Row) -> Row:
        match table:
            case "events":
                return self._event(row)
            case "awards":
                return self._award(row)
            case "messages" | "news":
                return self._told(table, row)
            case "reviews" | "subscriptions":
                return self._plainly(without_person(table, row, self.person.id))
            case "award_changes" if row["award_id"] in self.renamed.values():
                return self._without_first_names(self._plainly(row))
            case _:
                return self._plainly(row, only_surely=table in _ORGANISATION)

    def _person(self) -> Row:
        """Keep what judging needs: profiles, leave, pauses and the part in comparisons."""
        profiles = tuple(replace(profile, manager=None) for profile in self.person.profiles)
        preferences = Preferences(Visibility.PRIVATE, self.person.preferences.opt_out)
        person = replace(self.person, id=self.pseudonym, name=None, profiles=profiles, preferences=preferences)
        document = orjson.dumps(actor_document(person), default=dict).decode()
        return {"id": self.pseudonym, "name": None, "search_text": self.pseudonym, "document": document}

    def _event(self, row: Row) -> Row:
        """Rewrite an event with its answer; told again as it was, it is no replay: nothing may tell who it was."""
        is_own = row["actor"] == self.person.id
        changed = dict(self._plainly({name: value for name, value in row.items() if name != "answer"}))
        if is_own:
            properties = orjson.loads(changed["properties"])
            kept = {name: self._own_value(name, value) for name, value in properties.items()}
            changed["properties"] = _as_text(kept)
        changed["answer"] = self._answer(row["answer"])
        if changed != row and not changed["fingerprint"].startswith(ERASED_FINGERPRINT):
            changed["fingerprint"] = ERASED_FINGERPRINT
        return changed

    def _own_value(self, name: str, value: Any) -> Any:
        """Replace a value of a person's own event that is nothing but one of their names."""
        if name in self.judged_properties or not isinstance(value, str):
            return value
        is_name = value.strip().casefold() in {word.casefold() for word in self.identifiers.words()}
        return self.pseudonym if is_name else value

    def _answer(self, text: str | None) -> str | None:
        """Rewrite a kept answer; in one that is about the person, their first name is put out as well."""
        plain = self._text(text)
        if text is None or plain == text:
            return text
        return _as_text(self._in_prose(orjson.loads(plain or "{}")))

    def _in_prose(self, value: Any, *, is_prose: bool = False) -> Any:
        if isinstance(value, Mapping):
            return {name: self._in_prose(inner, is_prose=is_prose or name in _PROSE) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._in_prose(inner, is_prose=is_prose) for inner in value]
        return self._prose(value) if is_prose else value

    def _award(self, row: Row) -> Row:
        """Rewrite an award; its id is made of its holder, so it becomes another one."""
        is_own = row["holder_kind"] == "actor" and row["holder_id"] == self.person.id
        place = ("achievement", "holder_kind", "holder_id", "slot")
        is_derived = row["id"] == self.award_id(*(row[name] for name in place))
        changed = dict(self._plainly(row))
        if is_own and row["source"] == AwardSource.HAND:
            changed["slot"] = self._narrow(row["slot"])
        if is_derived:
            changed["id"] = self.award_id(*(changed[name] for name in place))
        return changed

    def _told(self, table: str, row: Row) -> Row:
        """Rewrite what was told to others; in what is about the person, their first name is put out as well."""
        plain = self._plainly(row)
        if plain == row and not self.telling.was_heard(table, row):
            return row
        document = orjson.loads(plain["document"])
        changed = self._without_links(self._in_prose(document, is_prose=self.telling.is_message(table, row)))
        return plain if changed == document else {**plain, "document": _as_text(changed)}

    def _without_links(self, value: Any) -> Any:
        """Take out what links to something of the person's: the id of an award can be read from the link."""
        if isinstance(value, Mapping):
            return {name: self._without_links(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._without_links(inner) for inner in value if not self._is_link(inner)]
        return value

    def _is_link(self, value: Any) -> bool:
        return isinstance(value, Mapping) and "url" in value and self.pseudonym in _as_text(value)

    # ------------------------------------------------------------------- texts

    def _plainly(self, row: Row, *, only_surely: bool = False) -> Row:
        """Rewrite every column; *only_surely*: where a short id may mean something else, it stays."""
        changed = {name: self._hide(value) if only_surely else self._cell(name, value) for name, value in row.items()}
        if row.get("holder_kind") == "actor" and row["holder_id"] == self.person.id:
            return self._without_first_names({**changed, "holder_id": self.pseudonym})
        return changed

    def _without_first_names(self, row: Row) -> Row:
        """Rewrite what is about the person for people to read."""
        return {name: self._prose(value) if name in _PROSE else value for name, value in row.items()}

    def _hide(self, value: Any) -> Any:
        return self._wide(value) if isinstance(value, str) else value

    def _cell(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or name in _VOCABULARY:
            return self._hide(value) if name in _VOCABULARY else value
        if name in _WHO and value == self.person.id:
            return self.pseudonym
        return self._text(value)

    def _text(self, value: str | None) -> str | None:
        """Rewrite a text, or the values in it where it is JSON."""
        if value is None or value in self._exact:
            return self._exact[value] if value is not None else None
        if value.startswith(("{", "[")):
            try:
                document = orjson.loads(value)
            except orjson.JSONDecodeError:
                return self._wide(value)
            changed = self._walk("", document)
            return value if changed == document else _as_text(changed)
        return self._wide(value)

    def _walk(self, name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {self._wide(key): self._walk(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._walk(name, inner) for inner in value]
        return self._cell(name, value)

    def _prose(self, value: Any) -> Any:
        return self._narrow(value) if isinstance(value, str) else value

    @cached_property
    def _exact(self) -> Mapping[str, str]:
        """Give texts that are replaced as a whole, and nowhere in the middle of another."""
        has_letter = any(map(str.isalpha, self.person.id))
        return {**({self.person.id: self.pseudonym} if has_letter else {}), **self.renamed}

    @cached_property
    def _wide(self) -> Hiding:
        ids = self.identifiers
        return Hiding(ids.distinctive(), word=self.pseudonym, except_in=ids.others)

    @cached_property
    def _narrow(self) -> Hiding:
        ids = self.identifiers
        return Hiding(ids.distinctive() | ids.words(), word=self.pseudonym, except_in=ids.others)


def _as_text(value: Any) -> str:
    return orjson.dumps(value).decode()
