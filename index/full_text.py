"""news.db as words are found in it: which passages hold them, and how many. Never writes."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from index.errors import ConflictError, StoreError
from index.rows import as_int
from index.types import Hit
from index.vectors.ports import Ids


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn what sqlite3 raises into our errors, which name the file; a wrong call stays a bug."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.IntegrityError as error:
        raise ConflictError(f"{path}: another process wrote the same update first ({error})") from error
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error


class FullText:
    """The part of an archive's file that is searched by words. Use from one thread."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        """Read from an open connection, which stays its owner's; `path` is for messages."""
        self.path = path
        self._connection = connection

    def _rows(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        with translated(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def _number(self, sql: str, *parameters: object) -> int:
        rows = self._rows(sql, *parameters)
        return int(str(rows[0][0])) if rows and rows[0][0] is not None else 0

    def holding(self, expression: str, *, first: int, last: int, limit: int | None = None) -> Ids:
        """Return the passages of [first, last] that match an FTS5 expression, ascending; of too many the last ones."""
        # One text of all numbers: a row for each would take four times as long. Backwards FTS5 is half as fast.
        matching = "select rowid from full_text where full_text match ? and rowid between ? and ?"
        if limit is not None:
            matching += " order by rowid desc limit ?"
        bounds = (first, last) if limit is None else (first, last, limit)
        ((told,),) = self._rows(f"select group_concat(rowid) from ({matching})", expression, *bounds)
        ids = np.fromstring(str(told or ""), np.int64, sep=",")
        return ids if limit is None else ids[::-1]

    def count_holding(self, expression: str, *, after: int, last: int) -> int:
        """Count the passages of (after, last] that match an FTS5 expression."""
        return self._number(
            "select count(*) from full_text where full_text match ? and rowid > ? and rowid <= ?",
            expression,
            after,
            last,
        )

    def match(self, expression: str, limit: int) -> tuple[Hit, ...]:
        """Run an FTS5 expression; scores are BM25 with the sign turned, best first.

        Reads and sorts every match; the search adds up `holding` of single words instead.
        """
        rows = self._rows(
            """select rowid, -rank from full_text
               where full_text match ? and rank match 'bm25(0.6, 1.0, 0.0)' order by rank limit ?""",
            expression,
            limit,
        )
        return tuple(Hit(passage_id=as_int(no), score=float(str(score))) for no, score in rows)

    def document_frequency(self, stems: Iterable[str]) -> dict[str, int]:
        """Count the passages that hold each stem; unknown stems are absent."""
        rows = self._rows(
            "select term, doc from full_text_terms where term in (select value from json_each(?))",
            json.dumps(list(stems)),
        )
        return {str(term): as_int(count) for term, count in rows}

    def known_stems(self, initial: str) -> list[str]:
        """Return every stem ever stored that begins with a letter, in order."""
        # full_text_terms would count the passages of each: a tenth of a second at a million passages.
        rows = self._rows(
            "select stem from stems where stem >= ? and stem < ? order by stem", initial, chr(ord(initial) + 1)
        )
        return [str(row[0]) for row in rows]
