"""What every part of bot.db's store stands on: one connection, transactions, moments as microseconds, fresh keys.

All SQL of bot stands in the modules that use this one. Never hands out a cursor.
"""

import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from index import StoreError

# States of the outbox in which nothing has left, and nothing will where the row goes.
UNSAID = "'pending', 'retry', 'held', 'dead'"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Without letters and digits that look alike: a reader may type a key.
_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_KEY_LENGTH = 11
_SERIAL_LENGTH = 5
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(value: int) -> datetime:
    """Return the aware UTC time of a count of microseconds since 1970."""
    return _EPOCH + value * _MICROSECOND


def fresh_key() -> str:
    """Make a key that nobody guesses: 63 bits in 11 characters."""
    return _letters(secrets.randbelow(len(_ALPHABET) ** _KEY_LENGTH), _KEY_LENGTH)


def serial_key(number: int) -> str:
    """Make a key that follows a number, so that rows of a morning lie side by side; its last 34 bits nobody guesses."""
    rest = _KEY_LENGTH - _SERIAL_LENGTH
    return _letters(number, _SERIAL_LENGTH) + _letters(secrets.randbelow(len(_ALPHABET) ** rest), rest)


def _letters(number: int, length: int) -> str:
    """Write the last digits of a number in our alphabet."""
    pairs = []
    for _ in range(0, length, 2):
        number, place = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[place])
    return "".join(reversed(pairs))[-length:]


def is_key(text: str) -> bool:
    """Tell whether a text from outside has the form of a key, so that it may be looked up."""
    return _KEY.fullmatch(text) is not None


def storable(text: str) -> str:
    """Return a text from outside as SQLite takes it: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode()


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn what sqlite3 raises into StoreError, which names the file; a wrong call stays a bug."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error


class Tables:
    """A connection to bot.db. Use from one thread."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        """Work on an open connection; `path` is for messages."""
        self.path = path
        self._connection = connection

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Do all or nothing. Takes the right to write at once, so that what is read inside still holds when writing."""
        with translated(self.path):
            self._connection.execute("begin immediate")
            try:
                yield
                self._connection.execute("commit")
            finally:
                self._connection.rollback()

    def _drop_unsaid(self, which: str, *parameters: object, over: str) -> None:
        """Take out of the ledger what was never said: no part of it has left or may have, and the others are `over`.

        `which`: the rows of the outbox in question. Inside a transaction.
        """
        self._write(
            f"""delete from sent where id in (select sent_id from outbox where {which})
                 and not exists (select 1 from messages m where m.sent_id = sent.id)
                 and not exists (select 1 from outbox o where o.sent_id = sent.id and o.state not in ({over}))""",
            *parameters,
        )

    def _rows(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        with translated(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def _number(self, sql: str, *parameters: object) -> int:
        rows = self._rows(sql, *parameters)
        return as_int(rows[0][0]) if rows and rows[0][0] is not None else 0

    def _write(self, sql: str, *parameters: object) -> int:
        """Run one statement inside a transaction and return how many rows it changed."""
        return self._connection.execute(sql, parameters).rowcount

    def _write_many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each row, inside a transaction."""
        self._connection.executemany(sql, rows)


def as_int(value: object) -> int:
    """Return a column that is an integer."""
    return int(value)  # type: ignore[call-overload, no-any-return]


def as_int_or_none(value: object) -> int | None:
    """Return a column that is an integer or null."""
    return None if value is None else as_int(value)


def as_text(value: object) -> str | None:
    """Return a column of text that may be null."""
    return None if value is None else str(value)


def as_moment(value: object) -> datetime | None:
    """Return a column of microseconds since 1970 that may be null."""
    return None if value is None else from_us(as_int(value))
