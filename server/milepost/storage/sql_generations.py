"""What tells whether people or rules have changed, in SQL."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from milepost.storage.statements import SqlPart, Statement, same, upsert
from milepost.storage.tables import GENERATIONS

TOKEN = Statement(select(GENERATIONS.c.token).where(*same(GENERATIONS, "topic")))
PUT_TOKEN = upsert(GENERATIONS)

PEOPLE = "people"
RULES = "rules"


class GenerationReading(SqlPart):
    """Questions about changes."""

    __slots__ = ()

    def people_token(self) -> str | None:
        """Give a word that is another one after every change of people, teams, calendars and freezes."""
        return self._token(PEOPLE)

    def rules_token(self) -> str | None:
        """Give a word that is another one after every change of a rule."""
        return self._token(RULES)

    def _token(self, topic: str) -> str | None:
        return self._one(TOKEN, lambda row: str(row[0]), {"topic": topic})


class GenerationWriting(GenerationReading):
    """Changes of what tells of changes."""

    __slots__ = ()

    def _renew(self, topic: str) -> None:
        """Take a word that no store has ever had, so that nothing remembered can be mistaken for what is kept now."""
        self._change(PUT_TOKEN, {"topic": topic, "token": secrets.token_hex(16)})
