"""What the PostgreSQL store does about servers that are down, slow, foreign or shared."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

import psycopg
import pytest

from milepost.storage import open_store
from milepost.storage.errors import (
    NotStorable,
    StillTaken,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreFull,
    StoreTooNew,
    StoreUnavailable,
)
from milepost.storage.postgresql_errors import translated
from tests.acceptance.servers import free_port
from tests.postgresql import PostgresqlServer
from tests.storage.examples import put, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from milepost.storage.base import Store

pytestmark = pytest.mark.slow

#: What a caller may have to wait for a server that is back.
HEALED_SECONDS = 5.0
_END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'milepost'"


@pytest.fixture
def url(server: PostgresqlServer, tables: str) -> str:
    """Name a schema in which all tables are empty."""
    server.clear(tables)
    return tables


@pytest.fixture
def fresh(server: PostgresqlServer) -> str:
    """Name a schema in which there is nothing."""
    return server.fresh_url()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Open an empty store."""
    store = open_store(url)
    yield store
    store.close()


def ids(store: Store) -> list[str]:
    """Give the ids of all events."""
    with store.reading() as view:
        return [record.event.id for record in view.events()]


# ------------------------------------------------------------------- opening


def test_many_that_open_an_empty_database_at_once_make_one_store(fresh: str) -> None:
    """Whoever comes first makes the tables, and the others find them."""
    together = Barrier(6)

    def open_and_tell(number: int) -> None:
        together.wait(30)
        store = open_store(fresh)
        put(store, told(f"e{number}"))
        store.close()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(open_and_tell, range(6)))
    store = open_store(fresh)
    assert ids(store) == [f"e{number}" for number in range(6)]
    store.close()


def test_a_database_of_something_else_is_refused(server: PostgresqlServer, fresh: str) -> None:
    """Nothing is made beside tables that are not ours."""
    server.execute("CREATE TABLE orders (id int)", fresh)
    with pytest.raises(StoreForeign, match="orders"):
        open_store(fresh)
    assert server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()", fresh) == [(1,)]


def test_a_database_of_a_newer_version_is_refused(server: PostgresqlServer, fresh: str) -> None:
    """It says which version to install."""
    open_store(fresh).close()
    server.execute("UPDATE alembic_version SET version_num = '9999'", fresh)
    with pytest.raises(StoreTooNew, match="9999"):
        open_store(fresh)


def test_a_database_that_does_not_keep_every_character_is_refused(server: PostgresqlServer) -> None:
    """The sentence names the way out."""
    server.execute("CREATE DATABASE narrow TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(StoreForeign, match="--encoding=UTF8"):
        open_store(server.url.removesuffix("/milepost") + "/narrow")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://ann:s3cret@127.0.0.1:{closed}/x", "refused"),
        ("postgresql://ann:s3cret@127.0.0.1:{port}/milepost", '"ann" does not exist'),
        ("postgresql://milepost:s3cret@127.0.0.1:{port}/nowhere", '"nowhere" does not exist'),
        ("postgresql://milepost:s3cret@127.0.0.1:{port}/milepost?options=-csearch_path%3Dnowhere", "no schema"),
        ("postgresql://milepost:s3cret@[::1/x", "cannot be read"),
        ("postgresql://milepost:s3cret@127.0.0.1:port/x", "cannot be reached.*port"),
        ("postgresql://milepost:s3cret@127.0.0.1:{port}/x?what=s3cret", "cannot be read"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_without_its_password(
    server: PostgresqlServer, address: str, says: str
) -> None:
    """Within seconds, in a sentence."""
    with pytest.raises(StoreError, match=says) as refused:
        open_store(address.format(port=server.port, closed=free_port()))
    assert "s3cret" not in str(refused.value)


# ------------------------------------------------------------------- sharing


def test_two_stores_keep_each_other_off_the_same_names_only(url: str) -> None:
    """As two processes do."""
    one, other = open_store(url), open_store(url)
    order: list[str] = []
    free = Event()

    def tell_of(name: str) -> None:
        with other.transaction() as tx:
            tx.lock([name])
            order.append(name)
        free.set()

    with one.transaction() as tx:
        tx.lock(["actor:ana"])
        Thread(target=tell_of, args=["actor:ben"]).start()
        assert free.wait(10)
        waiting = Thread(target=tell_of, args=["actor:ana"])
        waiting.start()
        time.sleep(0.1)
        order.append("first")
    waiting.join(30)
    assert order == ["actor:ben", "first", "actor:ana"]
    one.close()
    other.close()


def test_two_stores_in_one_database_do_not_wait_for_each_other(server: PostgresqlServer, store: Store) -> None:
    """Each has a schema, and locks of its own."""
    other = open_store(server.fresh_url())
    with store.transaction() as tx, ThreadPoolExecutor(1) as thread:
        tx.lock_everything()
        assert thread.submit(put, other, told()).result(10) is None
    assert (ids(store), ids(other)) == ([], ["zd-1"])
    other.close()


def test_a_turn_holds_for_all_processes(url: str) -> None:
    """Two stores stand for two."""
    one, other = open_store(url), open_store(url)
    with one.turn("a", patience_seconds=0):
        with pytest.raises(StillTaken), other.turn("a", patience_seconds=0.1):
            pass
        with other.turn("b", patience_seconds=0):
            pass
    with other.turn("a", patience_seconds=0):
        pass
    one.close()
    other.close()


def test_more_turns_than_connections_can_be_had_at_once(store: Store) -> None:
    """Everybody who has one needs further connections."""
    together = Barrier(32)

    def take(number: int) -> None:
        with store.turn(f"call {number}", patience_seconds=0):
            together.wait(30)
            put(store, told(f"e{number:02}"))

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(take, range(32)))
    assert len(ids(store)) == 32


def test_locking_after_a_change_is_refused(store: Store) -> None:
    """What was changed would be undone unseen."""
    with store.transaction() as tx:
        tx.put_event(told())
        with pytest.raises(RuntimeError):
            tx.lock(["actor:ana"])
        with pytest.raises(RuntimeError):
            tx.lock_everything()
    assert ids(store) == ["zd-1"]


# ------------------------------------------------------------------- failures


def test_a_connection_that_died_unused_is_replaced_unseen(server: PostgresqlServer, store: Store) -> None:
    """An administrator, a firewall or a restart ends it."""
    put(store, told("a"))
    server.execute(_END_ALL)
    put(store, told("b"))
    server.execute(_END_ALL)
    with store.turn("a", patience_seconds=0):
        assert ids(store) == ["a", "b"]


def test_a_connection_that_dies_in_a_transaction_leaves_nothing(server: PostgresqlServer, store: Store) -> None:
    """The caller is told to try again, and can."""

    def tell_while_it_dies(*behind: str) -> None:
        with store.transaction() as tx:
            tx.put_event(told("a"))
            server.execute(_END_ALL)
            for event_id in behind:
                tx.put_event(told(event_id))

    for behind in ([], ["b"]):
        with pytest.raises(StoreUnavailable, match="Try again"):
            tell_while_it_dies(*behind)
    put(store, told("c"))
    assert ids(store) == ["c"]


def test_a_turn_outlives_its_connection(server: PostgresqlServer, store: Store) -> None:
    """Its end is no failure of what was done in it."""
    with store.turn("a", patience_seconds=0):
        server.execute(_END_ALL)
    with store.turn("a", patience_seconds=0):
        pass


def test_a_server_that_is_down_is_told_at_once_and_found_again_when_it_is_back(
    server: PostgresqlServer, store: Store
) -> None:
    """Nobody restarts anything, and nobody waits for a server that is not there."""
    put(store, told("a"))
    server.stop()
    begun = time.monotonic()
    for _ in range(30):
        with pytest.raises(StoreUnavailable), store.reading() as view:
            view.event("a")
    assert time.monotonic() - begun < HEALED_SECONDS
    server.start()
    begun = time.monotonic()
    put(store, told("b"))
    assert time.monotonic() - begun < HEALED_SECONDS
    assert ids(store) == ["a", "b"]


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
def test_who_waits_too_long_is_told_so(url: str, store: Store, setting: str) -> None:
    """The limits of the URL go before ours, which are longer."""
    hasty = open_store(f"{url}%20-c%20{setting}%3D100")
    with store.transaction() as tx:
        tx.lock(["actor:ana"])
        with ThreadPoolExecutor(1) as thread:
            refused = thread.submit(_lock_ana, hasty).exception(10)
    assert isinstance(refused, StoreUnavailable)
    assert "busy" in str(refused)
    hasty.close()


def _lock_ana(store: Store) -> None:
    with store.transaction() as tx:
        tx.lock(["actor:ana"])


def test_a_database_that_takes_no_changes_says_so(url: str, store: Store) -> None:
    """Reading goes on."""
    put(store, told())
    reader = open_store(f"{url}%20-c%20default_transaction_read_only%3Don")
    with pytest.raises(StoreUnavailable, match="read-only"):
        put(reader, told("b"))
    assert ids(reader) == ["zd-1"]
    reader.close()


@pytest.mark.parametrize("field", ["id", "subject", "answer"])
def test_a_null_character_is_refused(store: Store, field: str) -> None:
    """PostgreSQL keeps none; nothing else of the transaction is kept either."""
    with pytest.raises(NotStorable):
        put(store, told("before"), told(**{"event_id" if field == "id" else field: "a\0b"}))
    assert ids(store) == []


@pytest.mark.parametrize(
    ("raised", "means"),
    [
        (psycopg.errors.DiskFull, StoreFull),
        (psycopg.errors.OutOfMemory, StoreUnavailable),
        (psycopg.errors.TooManyConnections, StoreUnavailable),
        (psycopg.errors.DeadlockDetected, StoreUnavailable),
        (psycopg.errors.SerializationFailure, StoreUnavailable),
        (psycopg.errors.AdminShutdown, StoreUnavailable),
        (psycopg.errors.CannotConnectNow, StoreUnavailable),
        (psycopg.errors.InsufficientPrivilege, StoreUnavailable),
        (psycopg.errors.UniqueViolation, StoreConflict),
        (psycopg.errors.ForeignKeyViolation, StoreConflict),
        (psycopg.errors.UndefinedTable, StoreDamaged),
        (psycopg.errors.DataCorrupted, StoreDamaged),
        (psycopg.errors.ProgramLimitExceeded, NotStorable),
        (psycopg.errors.SyntaxError, StoreUnavailable),
        (psycopg.InterfaceError, StoreUnavailable),
    ],
)
def test_every_failure_has_its_meaning(raised: type[psycopg.Error], means: type[StoreError]) -> None:
    """No driver's exception leaves the store, and a row that it may show is not repeated."""
    meant = translated(raised("It went wrong\nDETAIL: ana@example.com"))
    assert type(meant) is means
    assert "ana@example.com" not in str(meant)


# ----------------------------------------------------------------- looking after


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("DELETE FROM belongs", "tied to the wrong actors"),
        ("DROP INDEX events_by_subject", "index events_by_subject is missing"),
        ("DROP TABLE freezes", "table freezes is missing"),
    ],
)
def test_damage_by_hand_is_found(server: PostgresqlServer, fresh: str, damage: str, says: str) -> None:
    """With the way out."""
    store = open_store(fresh)
    put(store, told())
    server.execute(damage, fresh)
    assert store.check() == f"The database is damaged: {_full(says)}. Restore it from a backup."
    store.close()


def _full(says: str) -> str:
    return f"events are {says}" if "tied" in says else f"the {says}"


def test_compacting_keeps_everything(store: Store) -> None:
    """It takes as long as it takes."""
    put(store, told())
    store.compact()
    assert ids(store) == ["zd-1"]
