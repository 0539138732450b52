"""What becomes of what was told to an erased person, and to others about them.

What was theirs goes: their messages and places, the news about them, and what anybody is still owed of it. A message to
somebody else stays, with a pseudonym where it names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from milepost.engine.people import Actor, Holder, HolderKind
from milepost.engine.telling import NewsKind
from milepost.operations.identifiers import Hiding, Identifiers, Row
from milepost.operations.owe_news import award_topic
from milepost.operations.tell_of_review import review_topic
from milepost.storage.base import Reading
from milepost.storage.outbox import ReviewState

#: The columns that say whose a row is: their kind and id.
_WHOSE = {
    "news": ("holder_kind", "holder_id"),
    "streak_watches": ("holder_kind", "holder_id"),
    "messages": ("recipient_kind", "recipient_id"),
    "owed": ("recipient_kind", "recipient_id"),
    "subscriptions": ("recipient_kind", "recipient_id"),
}
_OPEN_REVIEWS = frozenset({ReviewState.WAITING, ReviewState.ASKED})


@dataclass(frozen=True)
class ErasedTelling:
    """Which rows of telling people go with a person, and who was told of them."""

    person: Holder
    #: What is told of their awards.
    topics: frozenset[str]
    #: The news about them; told to a flow, the message has the same id.
    news: frozenset[str]
    #: Who may have been told of them by first name alone: managers, reviewers and teams.
    heard: frozenset[Holder]
    #: The news that a digest of theirs is there, which holds the digest.
    digests: frozenset[str]
    #: Puts a word in the place of what surely names them.
    hide: Hiding

    def takes(self, table: str, row: Row) -> bool:
        """Say whether a row goes with the person."""
        if table in _WHOSE and self._is_theirs(table, row):
            return True
        match table:
            case "views":
                return bool(row["actor"] == self.person.id)
            case "messages":
                return row["id"] in self.news
            case "owed":
                return row["topic"] in self.topics or row["news_id"] in self.news or self._names(row["topic"])
            case "subscriptions":
                return row["address"] == self.person.id or self._names(row["address"])
            case _:
                return False

    def was_heard(self, table: str, row: Row) -> bool:
        """Say whether a row is, or holds, a message to somebody who was told of the person."""
        if row["id"] in self.digests:
            return True
        return table == "messages" and _recipient(row) in self.heard

    def is_message(self, table: str, row: Row) -> bool:
        """Say whether a row is all words to somebody, and no fields for a flow."""
        return self.was_heard(table, row) or (table == "messages" and row["recipient_id"] is not None)

    def _is_theirs(self, table: str, row: Row) -> bool:
        kind, whose = _WHOSE[table]
        return bool(row[kind] == self.person.kind and row[whose] == self.person.id)

    def _names(self, text: str) -> bool:
        return self.hide(text) != text


def telling_of(
    reading: Reading, person: Actor, identifiers: Identifiers, rows: Iterable[tuple[str, Row]]
) -> ErasedTelling:
    """Find out what was told of a person; *rows* are those that name them."""
    holder = Holder(HolderKind.ACTOR, person.id)
    award_ids = [award.id for award in reading.awards_of(None, holder)]
    heard = frozenset(_heard(reading, person, award_ids))
    news = {row["id"] for table, row in rows if table == "news" and _is_about(row, holder)}
    return ErasedTelling(
        person=holder,
        topics=frozenset({topic(award_id) for award_id in award_ids for topic in (award_topic, review_topic)}),
        news=frozenset(news),
        heard=heard,
        digests=frozenset(_digests(reading, heard)),
        hide=Hiding(identifiers.distinctive(), word="", except_in=identifiers.others),
    )


def unnamed_rows(reading: Reading, telling: ErasedTelling) -> Iterator[list[tuple[str, Row]]]:
    """Give the rows about a person that need not name them, table by table."""
    yield reading.having("owed", "topic", sorted(telling.topics))
    yield reading.having("news", "id", sorted(telling.digests))
    yield reading.having("messages", "recipient_id", _ids(telling.heard))
    yield reading.having("messages", "id", sorted(telling.digests))


def without_person(table: str, row: Row, person_id: str) -> Row:
    """Let whoever looks after Milepost do what the person was to do, and take out what they were asked and answered."""
    changed = dict(row)
    if table == "subscriptions" and row["contact"] == person_id:
        changed["contact"] = None
    if table == "reviews":
        is_own = row["holder_kind"] == HolderKind.ACTOR and row["holder_id"] == person_id
        if is_own or row["asked"] == person_id:
            changed |= {"question": None, "asked": None, "answer": None}
            changed["state"] = ReviewState.WAITING.value if row["state"] == ReviewState.ASKED else row["state"]
        if row["reviewer"] == person_id and row["state"] in _OPEN_REVIEWS:
            changed["reviewer"] = None
    return changed


def _is_about(row: Row, holder: Holder) -> bool:
    return bool(row["holder_kind"] == holder.kind and row["holder_id"] == holder.id)


def _digests(reading: Reading, heard: Collection[Holder]) -> Iterator[str]:
    for _, row in reading.having("news", "holder_id", _ids(heard)):
        if row["kind"] == NewsKind.DIGEST_READY and Holder(HolderKind(row["holder_kind"]), row["holder_id"]) in heard:
            yield row["id"]


def _recipient(row: Row) -> Holder | None:
    kind = row["recipient_kind"]
    return None if kind is None else Holder(HolderKind(kind), row["recipient_id"])


def _ids(holders: Iterable[Holder]) -> list[str]:
    return sorted({one.id for one in holders})


def _heard(reading: Reading, person: Actor, award_ids: Collection[str]) -> Iterator[Holder]:
    for profile in person.profiles:
        if profile.manager:
            yield Holder(HolderKind.ACTOR, profile.manager)
        if profile.team:
            yield Holder(HolderKind.TEAM, profile.team)
    for award_id in award_ids:
        review = reading.review(award_id)
        if review and review.reviewer:
            yield Holder(HolderKind.ACTOR, review.reviewer)
