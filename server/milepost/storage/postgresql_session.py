"""One transaction on one PostgreSQL connection, and the locks that keep transactions of the same people apart.

Locks are advisory ones that end with the transaction. All transactions that change something share one lock, and who
wants everything for itself takes that one alone. Beyond it each locks names, smallest number first, so that no two
ever wait for each other; who finds a smaller one later lets go of all and begins again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Sequence

import psycopg
from psycopg.pq import TransactionStatus

from milepost.storage.errors import StoreUnavailable
from milepost.storage.postgresql_connections import Connections
from milepost.storage.postgresql_errors import DRIVER_ERRORS, is_lost, translated
from milepost.storage.statements import Row, Statement, Values

_EVERYTHING = "everything"
_LOCKING = "SELECT pg_advisory_xact_lock(number) FROM"
#: Ends a transaction that changed nothing; at ROLLBACK the driver would forget its prepared statements.
_LET_GO = "COMMIT"


def lock_number(schema: str, name: str) -> int:
    """Give the number that stands for a name; every process gives the same."""
    digest = hashlib.blake2b(f"{schema}\0{name}".encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


class PostgresqlSession:
    """One consistent view; it begins with the first question, since nothing is asked for before."""

    __slots__ = (
        "_beginning",
        "_connection",
        "_connections",
        "_cursor",
        "_failed",
        "_has_begun",
        "_has_changed",
        "_open",
    )

    def __init__(
        self, connections: Connections, beginning: str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    ) -> None:
        """Take a connection for one transaction."""
        self._connections = connections
        self._beginning = beginning
        self._failed = False
        self._has_begun = False
        self._has_changed = False
        self._open = True
        self._connection = connections.take()
        self._cursor = self._connection.cursor()

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """Run a question."""
        wording = statement.postgresql
        return self.run(wording.text, {**wording.constants, **values})

    def change(self, statement: Statement, values: Values) -> None:
        """Run a change."""
        self.rows(statement, values)

    def change_each(self, statement: Statement, values: Sequence[Values]) -> None:
        """Run a change for each of many values, without waiting for the answer to each."""
        wording = statement.postgresql
        self._be_in_transaction()
        try:
            self._cursor.executemany(wording.text, [{**wording.constants, **each} for each in values])
        except DRIVER_ERRORS as error:
            self._failed = True
            raise translated(error) from error

    def run(self, text: str, values: Values) -> list[Row]:
        """Run one statement inside the transaction."""
        self._be_in_transaction()
        try:
            self._cursor.execute(text, values)
            return self._cursor.fetchall() if self._cursor.description else []
        except DRIVER_ERRORS as error:
            self._failed = True
            raise translated(error) from error

    def commit(self) -> None:
        """Make the changes durable; refused where one of them failed, even if that was passed over."""
        if self._has_begun or self._failed:
            self.run("COMMIT", {})

    def end(self) -> None:
        """Undo what is not committed, answer nothing any more, and give the connection back."""
        self._open = False
        info = self._connection.info
        if info.transaction_status is not TransactionStatus.IDLE:
            with contextlib.suppress(psycopg.Error):  # it is not sound then, and will be thrown away
                self._connection.execute("ROLLBACK" if self._has_changed or self._failed else _LET_GO, prepare=False)
        self._connections.give_back(self._connection, sound=info.transaction_status is TransactionStatus.IDLE)

    def _be_in_transaction(self) -> None:
        self._refuse_misuse()
        if not self._has_begun:
            self._begin(self._beginning)

    def _begin(self, text: str) -> None:
        """Begin; a connection that died while nobody used it is replaced, for nothing is lost with it yet."""
        try:
            try:
                self._connection.execute(text, prepare=False)
            except psycopg.Error as error:
                if not is_lost(error):
                    raise
                self._connection = self._connections.renew(self._connection)
                self._cursor = self._connection.cursor()
                self._connection.execute(text, prepare=False)
        except psycopg.Error as error:
            self._failed = True
            raise translated(error) from error
        self._has_begun = True

    def _refuse_misuse(self) -> None:
        if not self._open:
            raise RuntimeError("This view of the store is closed; ask inside its block.")
        if self._failed:
            raise StoreUnavailable("An earlier step of this transaction failed. Try it again as a whole.")


class WritingSession(PostgresqlSession):
    """One transaction that changes something, beside others that change something else."""

    __slots__ = ("_has_everything", "_locked", "_schema")

    def __init__(self, connections: Connections, schema: str) -> None:
        """Take a connection; *schema* keeps the locks of two stores in one database apart."""
        super().__init__(connections, _beginning(schema))
        self._schema = schema
        self._locked: set[int] = set()
        self._has_everything = False

    def change(self, statement: Statement, values: Values) -> None:
        """Run a change."""
        self._has_changed = True
        super().change(statement, values)

    def change_each(self, statement: Statement, values: Sequence[Values]) -> None:
        """Run a change for each of many values."""
        self._has_changed = True
        super().change_each(statement, values)

    def lock(self, names: Iterable[str]) -> None:
        """Keep others off all names asked for so far."""
        self._refuse_misuse()
        fresh = {lock_number(self._schema, name) for name in names} - self._locked
        if self._has_everything or not fresh:
            return
        self._refuse_late()
        wanted = self._locked | fresh
        if self._has_begun and (not self._locked or max(self._locked) < min(fresh)):
            self.run(f"{_LOCKING} unnest(%(numbers)s::bigint[]) AS number", {"numbers": _array(fresh)})
        else:
            locking = f"{_LOCKING} unnest('{_array(wanted)}'::bigint[]) AS number"
            self._begin_again(f"{_beginning(self._schema)}; {locking}")
        self._locked = wanted

    def lock_everything(self) -> None:
        """Keep everybody else out."""
        self._refuse_misuse()
        if self._has_everything:
            return
        self._refuse_late()
        self._begin_again(_beginning(self._schema, shared=False))
        self._has_everything = True

    def _begin_again(self, text: str) -> None:
        """Let go of all locks and take new ones, in one way to the server and back."""
        self._begin(f"{_LET_GO}; {text}" if self._has_begun else text)

    def _refuse_late(self) -> None:
        if self._has_changed:
            raise RuntimeError("Something was changed already; lock before the first change.")


def _beginning(schema: str, *, shared: bool = True) -> str:
    """Begin beside others, or alone: then what is done may take its time."""
    number = lock_number(schema, _EVERYTHING)
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT"
    if shared:
        return f"{begin} pg_advisory_xact_lock_shared({number})"
    return f"{begin} pg_advisory_xact_lock({number}); SET LOCAL statement_timeout = 0"


def _array(numbers: Iterable[int]) -> str:
    """Write an array in order: its rows come in that order, and so do the locks."""
    return f"{{{','.join(map(str, sorted(numbers)))}}}"
