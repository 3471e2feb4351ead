"""A column for each thing that a search filters by, sorted by passage id. Pure.

Grows at its end and changes in place: passages are never taken out, they only cease to stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.rows import FOREVER, PassageRow
from index.vectors.ports import Ids, Mask
from index.vectors.rows import with_room

NAMES = (
    "ids", "updates", "revisions", "starts", "ends", "live_blogs", "published", "valid_from", "valid_until", "encoded",
)  # fmt: skip
_IDS, _ENCODED = 0, len(NAMES) - 1
# Up to so many live blogs a comparison each is faster than numpy's general way.
_FEW = 8
# So many times more places are looked at than different values are wanted.
_SPARE = 8


class Columns:
    """Arrays (n,) of one length; times in microseconds, `encoded`: has a vector. Views, valid until the next change."""

    def __init__(self, room: int = 0) -> None:
        """Start empty; `room`: for so many nothing has to be copied to grow, and nothing is left over."""
        self._columns: tuple[NDArray[np.int64], ...] = ()
        self._encoded: Mask = np.empty(0, np.bool_)
        self._set(tuple(np.empty(room, np.int64) for _ in NAMES[:-1]), np.empty(room, np.bool_), 0)

    def _set(self, columns: tuple[NDArray[np.int64], ...], encoded: Mask, used: int) -> None:
        self._columns, self._encoded, self._used = columns, encoded, used
        (
            self.ids, self.updates, self.revisions, self.starts, self.ends,
            self.live_blogs, self.published, self.valid_from, self.valid_until,
        ) = (column[:used] for column in columns)  # fmt: skip
        self.encoded = encoded[:used]
        self._changed()

    def _changed(self) -> None:
        self._standing: Mask | None = None
        self._edges: NDArray[np.int64] | None = None
        self._is_dense = bool(self._used) and int(self.ids[-1] - self.ids[0]) == self._used - 1
        self.count_encoded = int(np.count_nonzero(self.encoded))

    def __len__(self) -> int:
        """Return how many passages there are."""
        return self._used

    # Changes

    def take(self, rows: Sequence[PassageRow]) -> None:
        """Put rows, sorted by id, each over what stands under its id or else among the others."""
        if not rows:
            return
        table = np.array([_values(row) for row in rows], np.int64).T
        known = self.has(table[_IDS])
        places = self.places(table[_IDS][known])
        for column, values in zip((*self._columns, self._encoded), table, strict=True):
            column[places] = values[known]
        self._append(table[:, ~known])
        self._changed()

    def _append(self, table: NDArray[np.int64]) -> None:
        count = table.shape[1]
        in_order = not count or not self._used or table[_IDS, 0] > self.ids[-1]
        columns = tuple(with_room(column, self._used, count) for column in self._columns)
        encoded = with_room(self._encoded, self._used, count)
        for column, values in zip((*columns, encoded), table, strict=True):
            column[self._used : self._used + count] = values
        self._set(columns, encoded, self._used + count)
        if not in_order:  # another process stored them between two that we have seen
            order = np.argsort(self.ids, kind="stable")
            self._set(tuple(column[: self._used][order] for column in columns), self.encoded[order], self._used)

    # Looks

    def has(self, ids: Ids) -> Mask:
        """Tell of each id whether it is there."""
        if self._is_dense:
            inside: Mask = (ids >= self.ids[0]) & (ids <= self.ids[-1])
            return inside
        places = np.minimum(np.searchsorted(self.ids, ids), max(self._used - 1, 0))
        return self.ids[places] == ids if self._used else np.zeros(len(ids), np.bool_)

    def places(self, ids: Ids) -> NDArray[np.int64]:
        """Return where ids stand; all must be there."""
        return ids - self.ids[0] if self._is_dense and len(ids) else np.searchsorted(self.ids, ids)

    def beside(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the passages of the same revision begin and end (exclusive), for a place in each.

        They stand beside each other: a revision is stored in one step.
        """
        if self._edges is None:
            differs = (self.updates[1:] != self.updates[:-1]) | (self.revisions[1:] != self.revisions[:-1])
            self._edges = np.concatenate([[0], np.flatnonzero(differs) + 1, [self._used]])
        found = np.searchsorted(self._edges, places, side="right")
        return self._edges[found - 1], self._edges[found]

    def mask_by_id(self, mask: Mask) -> Mask:
        """Turn a mask over the columns into one by id."""
        if not self._used:
            return mask
        by_id = np.zeros(int(self.ids[-1]) + 1, np.bool_)
        if self._is_dense:
            by_id[int(self.ids[0]) :] = mask
        else:
            by_id[self.ids] = mask
        return by_id

    def newest_not_encoded(self, limit: int) -> Ids:
        """Return ids without a vector, the newest first."""
        return self.ids[np.flatnonzero(~self.encoded)[-limit:][::-1]]

    def select(
        self, *, now_us: int, since_us: int | None, until_us: int | None, live_blogs: Sequence[int] | None
    ) -> Mask:
        """Return a mask of what was published and stood at `now`, inside the scope."""
        mask = self._at(now_us)
        if since_us is not None:
            mask &= self.published >= since_us
        if until_us is not None:
            mask &= self.published < until_us
        if live_blogs is not None:
            mask &= self._of_live_blogs(live_blogs)
        return mask

    def _at(self, now_us: int) -> Mask:
        if now_us < self._last_event():
            mask: Mask = self.published <= now_us
            mask &= self.valid_from <= now_us
            mask &= self.valid_until > now_us
            return mask
        return self._standing.copy() if self._standing is not None else np.empty(0, np.bool_)

    def _last_event(self) -> int:
        """Return the moment after which nothing that is known changes any more what stands; and what stands then."""
        if self._standing is None:
            self._standing = self.valid_until == FOREVER
            ends = self.valid_until[~self._standing]
            moments = [array.max() for array in (self.published, self.valid_from, ends) if len(array)]
            self._event = int(max(moments, default=0))
        return self._event

    def _of_live_blogs(self, live_blogs: Sequence[int]) -> Mask:
        if len(live_blogs) > _FEW:
            inside: Mask = np.isin(self.live_blogs, np.array(live_blogs, np.int64))
            return inside
        mask = np.zeros(self._used, np.bool_)
        for number in live_blogs:
            mask |= self.live_blogs == number
        return mask

    # Files

    def frozen(self, *, copied: bool) -> "FrozenColumns":
        """Take what is there now, to be written; copied: from any thread, while this goes on."""
        columns = tuple(getattr(self, name) for name in NAMES)
        return FrozenColumns(tuple(column.copy() for column in columns) if copied else columns)

    @classmethod
    def load(cls, path: Path) -> "Columns":
        """Map what was written; what is changed stays in memory. Raises: ValueError; OSError."""
        table = np.load(path, mmap_mode="c", allow_pickle=False)
        if table.dtype != np.int64 or table.ndim != 2 or len(table) != len(NAMES):
            raise ValueError(f"{path} holds other columns")
        columns = cls()
        plain = table.view(np.ndarray)
        columns._set(tuple(plain[:_ENCODED]), plain[_ENCODED].astype(np.bool_), table.shape[1])
        return columns


def first_different(values: Ids, order: NDArray[np.int64], limit: int) -> list[int]:
    """Return the first `limit` different values in ascending `order` (n,), of equals in the order they stand."""
    taken = _SPARE * limit
    while True:
        places = np.arange(len(values))
        if taken < len(values):  # to sort a million takes a twentieth of a second
            places = np.flatnonzero(order <= np.partition(order, taken)[taken])
        different: list[int] = list(dict.fromkeys(values[places[np.argsort(order[places], kind="stable")]].tolist()))
        if len(different) >= limit or len(places) == len(values):
            return different[:limit]
        taken *= _SPARE


def count_different(values: Ids) -> int:
    """Count different values (n,), none below 0."""
    there = np.zeros(int(values.max(initial=-1)) + 1, np.bool_)
    there[values] = True
    return int(np.count_nonzero(there))


@dataclass(frozen=True, slots=True)
class FrozenColumns:
    """The columns of one moment, in the order of their names."""

    _columns: tuple[NDArray[np.int64] | Mask, ...]

    def __len__(self) -> int:
        """Return how many passages there were."""
        return len(self._columns[_IDS])

    def write(self, path: Path) -> Path:
        """Write everything as one numpy array, a row a column; returns the file. Raises: OSError."""
        with path.open("wb") as file:
            shape = {"descr": "<i8", "fortran_order": False, "shape": (len(NAMES), len(self))}
            np.lib.format.write_array_header_1_0(file, shape)
            for column in self._columns:
                file.write(np.ascontiguousarray(column, "<i8").data)
        return path


def _values(row: PassageRow) -> tuple[int, ...]:
    return (
        row.id,
        row.update_no,
        row.revision,
        row.start,
        row.end,
        row.live_blog_no,
        row.published_us,
        row.valid_from_us,
        row.valid_until_us,
        row.vector is not None,
    )
