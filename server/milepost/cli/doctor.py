"""``milepost doctor``: is this machine fit to run Milepost? Each fault comes with its fix."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from milepost.cli.addresses import free_address
from milepost.cli.calls import Server
from milepost.cli.failures import Failure
from milepost.cli.stores import chosen_settings, store_option, store_place
from milepost.clock import read_clock
from milepost.settings import Settings
from milepost.storage import open_store, store_file
from milepost.storage.backups import list_backups
from milepost.storage.base import Store
from milepost.storage.errors import StoreError, StoreInUse
from milepost.storage.outbox import SubscriptionStatus
from milepost.storage.sqlite_version import OLDEST_SQLITE, sqlite_version

SUGGESTED_FREE_MB = 400
#: No clock that is right shows an earlier moment.
BUILT_AT = datetime(2026, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(minutes=5)
OLD_BACKUP = timedelta(days=2)
#: A worker sends what is due about once a second.
OLD_DELIVERY = timedelta(minutes=10)


class State(StrEnum):
    """How a check came out."""

    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it."""

    about: str
    state: State
    says: str
    fix: str = ""


@click.command()
@store_option
def doctor(store: str | None) -> None:
    """Check disk, store, clock, port and permissions; each fault comes with its fix."""
    settings = chosen_settings(store)
    findings = [*_machine(), *_folder(settings), *_store(settings)]
    findings += [*_backups(settings), *_clock(settings), *_port(settings)]
    for finding in findings:
        click.echo(f"{finding.state:<6} {finding.about:<12} {finding.says}")
        if finding.fix:
            click.echo(f"{'':<19} Fix: {finding.fix}")
    wrong = sum(finding.state is State.WRONG for finding in findings)
    if wrong:
        raise Failure(f"{wrong} of {len(findings)} checks found something wrong; what to do stands above.")
    click.echo("Nothing stands in the way.")


def _machine() -> Iterator[Finding]:
    yield Finding("Python", State.GOOD, sys.version.split()[0])
    version, needed = (".".join(map(str, numbers)) for numbers in (sqlite_version(), OLDEST_SQLITE))
    if sqlite_version() >= OLDEST_SQLITE:
        yield Finding("SQLite", State.GOOD, version)
    else:
        yield Finding(
            "SQLite", State.WRONG, f"{version} is too old", f"use a Python whose SQLite is {needed} or newer."
        )


def _folder(settings: Settings) -> Iterator[Finding]:
    path = store_file(settings.store)
    if path is None:
        return
    folder = path.parent
    if not folder.is_dir():
        yield Finding("Folder", State.WRONG, f"{folder} is not there", f"make it: mkdir -p '{folder}'")
        return
    free = shutil.disk_usage(folder).free // 2**20
    if free >= SUGGESTED_FREE_MB:
        yield Finding("Disk", State.GOOD, f"{free} MB free at {folder}")
    else:
        yield Finding(
            "Disk", State.WRONG, f"{free} MB free at {folder}", f"free some; {SUGGESTED_FREE_MB} MB are suggested."
        )
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding("Permission", State.NOTE, f"other users of this machine can reach {path}", f"chmod 600 '{path}'")


def _store(settings: Settings) -> Iterator[Finding]:
    path = store_file(settings.store)
    if path is not None and not path.exists():
        yield Finding("Store", State.GOOD, f"{path} is not there yet; `milepost serve` makes it")
        return
    try:
        store = open_store(settings.store)
    except StoreInUse as error:
        yield _running_store(settings, str(error))
        return
    except StoreError as error:
        yield Finding("Store", State.WRONG, f"{store_place(settings)} cannot be opened", str(error))
        return
    with closing(store):
        fault = store.check()
        if fault is None:
            yield Finding("Store", State.GOOD, f"{store_place(settings)} is whole")
            yield from look_at_places(store)
        else:
            yield Finding("Store", State.WRONG, "the file is damaged", fault)


def look_at_places(store: Store) -> Iterator[Finding]:
    """Say how many places messages go to, which of them do not answer, and whether somebody sends what is due."""
    now = read_clock()
    with store.reading() as reading:
        places = reading.subscriptions()
        due = reading.deliveries_due(by=now - OLD_DELIVERY, limit=1)
    off = [one.id for one in places if one.status is SubscriptionStatus.DISABLED]
    says = f"{len(places)}, {len(off) or 'none'} of them disabled" if places else "none yet"
    if off:
        fix = "repair what `milepost subscription list` says, then: milepost subscription enable ID"
        yield Finding("Places", State.NOTE, f"{says}: {', '.join(off)}", fix)
    else:
        yield Finding("Places", State.GOOD, says)
    if due:
        since = due[0].next_at or due[0].created_at
        fix = "start what sends them: milepost serve"
        yield Finding("Messages", State.NOTE, f"some wait to be sent since {since:%Y-%m-%d %H:%M} UTC", fix)


def _backups(settings: Settings) -> Iterator[Finding]:
    path = store_file(settings.store)
    if path is None or not path.exists():
        return
    backups = list_backups(path)
    newest = f"the newest is of {backups[-1].made_at:%Y-%m-%d %H:%M} UTC" if backups else "there is none yet"
    if backups and read_clock() - backups[-1].made_at < OLD_BACKUP:
        yield Finding("Backups", State.GOOD, newest)
    elif not settings.backups:
        yield Finding("Backups", State.NOTE, f"none are made by themselves; {newest}", "milepost backup, every day")
    else:
        fix = "milepost backup; a running server makes one every day, and its log says `backup_failed` if it cannot."
        yield Finding("Backups", State.NOTE, newest, fix)


def _running_store(settings: Settings, says: str) -> Finding:
    """Ask the server that has the store open."""
    url = f"http://127.0.0.1:{settings.port}"
    try:
        Server(url).ask("GET", "/ready")
    except Failure as failure:
        return Finding("Store", State.NOTE, f"in use, and not checked: {failure.message}", says)
    return Finding("Store", State.GOOD, f"in use by the server at {url}, which says that it is ready")


def _clock(settings: Settings) -> Iterator[Finding]:
    now = read_clock()
    path = store_file(settings.store)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC) if path and path.exists() else BUILT_AT
    if now + CLOCK_TOLERANCE < max(written, BUILT_AT):
        yield Finding("Clock", State.WRONG, f"{now:%Y-%m-%d %H:%M} UTC is in the past", "set it, best by NTP.")
    else:
        yield Finding("Clock", State.GOOD, f"{now:%Y-%m-%d %H:%M} UTC; compare it with another clock")
    try:
        ZoneInfo("Europe/Madrid")
    except ZoneInfoNotFoundError:
        yield Finding("Time zones", State.WRONG, "there are none", "pip install tzdata")


def _port(settings: Settings) -> Iterator[Finding]:
    try:
        address = free_address(settings.host, settings.port)
    except Failure as failure:
        try:
            Server(f"http://127.0.0.1:{settings.port}").ask("GET", "/health")
        except Failure:
            yield Finding("Port", State.WRONG, f"{settings.port} cannot be used", failure.message)
        else:
            yield Finding("Port", State.GOOD, f"{settings.port}: a Milepost answers there")
    else:
        yield Finding("Port", State.GOOD, f"{address.port} of {address.host} is free")
