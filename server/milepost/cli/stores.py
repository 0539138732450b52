"""Open the store for a command that works on it directly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from milepost.cli.failures import StoreClosed
from milepost.clock import read_clock
from milepost.log import configure_log
from milepost.operations.services import Services
from milepost.settings import Settings, read_settings
from milepost.storage import open_store
from milepost.storage.errors import StoreError, StoreInUse

Command = TypeVar("Command", bound=Callable[..., Any])


def store_option(command: Command) -> Command:
    """Add ``--store``."""
    option = click.option(
        "--store",
        metavar="FILE|URL",
        help="Where everything is kept. [MILEPOST_STORE, else milepost.db in this folder]",
    )
    return option(command)


def chosen_settings(store: str | None = None, *, host: str | None = None, port: int | None = None) -> Settings:
    """Read the settings; what stands on the command line goes before the environment."""
    given = {
        "MILEPOST_STORE": _as_url(store),
        "MILEPOST_HOST": host,
        "MILEPOST_PORT": None if port is None else str(port),
    }
    return read_settings({**os.environ, **{name: value for name, value in given.items() if value is not None}})


def _as_url(store: str | None) -> str | None:
    """Let a file be named by its bare path."""
    return f"sqlite:///{Path(store).absolute()}" if store and ":/" not in store else store


def store_place(settings: Settings) -> str:
    """Say where the data lives, for people: the full path of a file, or a server without the password."""
    scheme, _, rest = settings.store.partition(":///")
    if scheme in {"sqlite", "tinydb"} and rest:
        return str(Path(rest).absolute())
    kind, _, address = settings.store.partition("?")[0].partition("://")
    who, _, where = address.rpartition("@")
    name = who.partition(":")[0]
    return f"{kind}://{name}@{where}" if name else f"{kind}://{where}"


@contextmanager
def open_services(settings: Settings, *, over_http: str | None = None) -> Iterator[Services]:
    """Open the store for the length of a block; *over_http* is the same command for a running server."""
    configure_log(as_json=False)
    try:
        store = open_store(settings.store)
    except StoreInUse as error:
        way_out = (
            f" For this command: {over_http} --url http://127.0.0.1:{settings.port} --key mp_…" if over_http else ""
        )
        raise StoreClosed(f"{error}{way_out}") from None
    except StoreError as error:
        raise StoreClosed(str(error)) from None
    try:
        yield Services(store=store, clock=read_clock, settings=settings)
    finally:
        store.close()
