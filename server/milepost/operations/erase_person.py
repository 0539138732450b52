"""Erase one person: nothing names them any more, and what was counted with their work stays right."""

from __future__ import annotations

import glob
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from milepost.engine.people import ERASED, Actor, Holder, HolderKind, is_erased
from milepost.errors import Conflict, invalid
from milepost.operations.erased_rows import Erasure
from milepost.operations.erased_telling import telling_of, unnamed_rows
from milepost.operations.identifiers import Hiding, Identifiers, Row, identifiers_of, rows_that_name
from milepost.operations.minimal_properties import properties_read
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.rule_book import rule_book
from milepost.operations.save_people import unknown_actor
from milepost.operations.services import Services
from milepost.operations.settle_awards import award_id
from milepost.schemas.addresses import same_address
from milepost.storage.backups import list_backups
from milepost.storage.base import Transaction
from milepost.storage.errors import StoreUnavailable
from milepost.storage.records import AwardSource

log = structlog.get_logger()

#: An event's id that was made of its content, and so of its actor.
_MADE_OF_CONTENT = re.compile(r"ev_[0-9a-f]{32}")
_MADE_OF_CONTENT_HINT = "ev_"
_RULE_HISTORY = "achievement_versions"
#: What files are called, after the name of the store's, that an upgrade or a restored backup put aside.
_ASIDE = ("before", "replaced")


@dataclass(frozen=True, slots=True)
class Erased:
    """How much named the person, and what is not gone yet."""

    #: Rows rewritten or removed, by table.
    rows: dict[str, int]
    notes: tuple[str, ...]


def erase_person(services: Services, actor_id: str, *, confirm: str) -> dict[str, Any]:
    """Erase somebody for good, and write the store's files anew; *confirm* must be the id once more.

    Raises `NotFound` for somebody unknown, which somebody erased is.
    """
    actor_id = same_address(actor_id)
    if same_address(confirm) != actor_id:
        raise invalid("/confirm", "Write the id of the person once more as *confirm*: this cannot be undone.")
    erased = erase(services, actor_id)
    notes = (*erased.notes, *compacted(services), _note_on_backups(services))
    return {"erased": True, "rows": erased.rows, "notes": list(notes)}


def erase(services: Services, actor_id: str) -> Erased:
    """Put a pseudonym in place of the person, in one transaction; the store's files still hold what was there."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        return erase_in(tx, services, actor_id)


def erase_in(tx: Transaction, services: Services, actor_id: str) -> Erased:
    """Put a pseudonym in place of the person, inside a transaction that has locked everything."""
    person = tx.actor(actor_id)
    if person is None:
        raise unknown_actor(actor_id)
    if is_erased(actor_id):
        raise Conflict("This person is erased already; the id is a pseudonym that belongs to nobody.")
    pseudonym = f"{ERASED}{secrets.token_hex(8)}"
    rows = _rewrite(tx, person, identifiers_of(tx, person), pseudonym)
    _judge_again(tx, services, person, pseudonym)
    log.info("person_erased", rows=sum(rows.values()))
    return Erased(rows, tuple(_notes(rows)))


def compacted(services: Services) -> list[str]:
    """Have nothing of what was removed in the store's files; say so where it cannot be done now."""
    try:
        services.store.compact()
    except StoreUnavailable as error:
        log.warning("not_compacted", reason=str(error))
        return [str(error)]
    return []


def _rewrite(tx: Transaction, person: Actor, identifiers: Identifiers, pseudonym: str) -> dict[str, int]:
    named = list(rows_that_name(tx, identifiers))
    renamed = dict(_renamed(tx, person, identifiers, pseudonym, named))
    erasure = Erasure(
        person=person,
        identifiers=identifiers,
        pseudonym=pseudonym,
        renamed=renamed,
        judged_properties=frozenset().union(*properties_read(rule_book(tx)).values()),
        telling=telling_of(tx, person, identifiers, named),
        award_id=lambda key, kind, holder, slot: award_id(key, Holder(HolderKind(kind), holder), slot),
    )
    if any(map(_MADE_OF_CONTENT.fullmatch, renamed)):
        # they stand alone in evidence and causes, so all that holds any such id must be looked at
        changed = Counter(tx.rewrite(tx.mentions({*identifiers.hints(), _MADE_OF_CONTENT_HINT}), erasure))
    else:
        changed = Counter(tx.rewrite(named, erasure))
    for rows in unnamed_rows(tx, erasure.telling):
        changed.update(tx.rewrite(rows, erasure))
    return dict(changed)


def _renamed(
    tx: Transaction, person: Actor, identifiers: Identifiers, pseudonym: str, rows: list[tuple[str, Row]]
) -> Iterator[tuple[str, str]]:
    """Give the ids that are made of the person's, and new ones: they would tell who it was to whoever tries names."""
    hide = Hiding(identifiers.distinctive() | identifiers.words(), word=pseudonym, except_in=identifiers.others)
    for table, row in rows:
        if table in ("events", "other_revisions") and row["actor"] == person.id:
            if _MADE_OF_CONTENT.fullmatch(row["id"]):
                yield row["id"], f"ev_{secrets.token_hex(16)}"
            for name in (row["id"], row["subject"] or ""):
                if hide(name) != name:
                    yield name, hide(name)
    holder, renamed = Holder(HolderKind.ACTOR, person.id), Holder(HolderKind.ACTOR, pseudonym)
    for award in tx.awards_of(None, holder):
        slot = hide(award.slot) if award.source is AwardSource.HAND else award.slot
        yield award.id, award_id(award.achievement, renamed, slot)


def _judge_again(tx: Transaction, services: Services, person: Actor, pseudonym: str) -> None:
    """Judge what the person had a part in: of things at the same moment, another one may now come first by its id."""
    teams = {profile.team for profile in person.profiles if profile.team}
    holders = [Holder(HolderKind.ACTOR, pseudonym), *(Holder(HolderKind.TEAM, team) for team in sorted(teams))]
    rejudge_everything(tx, services, holders=holders, achievements=None, cause="erasure")
    compared = rule_book(tx).compared()
    if compared:
        rejudge_everything(tx, services, holders=None, achievements=compared, cause="erasure")


def _notes(rows: dict[str, int]) -> Iterator[str]:
    yield "Told again by a source, this person comes back as a new one: take them out there as well."
    if rows.get(_RULE_HISTORY):
        yield "The person stood in the history of rules; it was chained anew, so a hash noted earlier fits no more."


def _note_on_backups(services: Services) -> str:
    """Say until when backups hold the person."""
    file = services.store.file
    if file is None:
        return "Backups made before now still hold the person: nobody here can see which the database has."
    kept, keep = len(list_backups(file)), services.settings.backups
    sentences = ["Copies you made elsewhere still hold the person, and are yours to remove."]
    if kept and keep:
        gone_on = (services.clock() + timedelta(days=keep)).date().isoformat()
        sentences.append(
            f"So does what is in {file.name}.backups: one a day goes, the last of the {kept} by {gone_on}."
        )
    elif kept:
        sentences.append(f"So does what is in {file.name}.backups ({kept}), and nothing removes it but you.")
    aside = sorted(path.name for way in _ASIDE for path in file.parent.glob(f"{glob.escape(file.name)}.{way}-*"))
    if aside:
        sentences.append(f"So do files that were put aside: {', '.join(aside)}. Remove them.")
    return " ".join(sentences)
