"""Vectors in rows under ids: those of a mapped file, then those that came since; what every engine scores by."""

from copy import copy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeVar
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from index.vectors.ports import Ids, Mask, Vectors

Rows = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)

_NONE = -1
# Rows copied at once; more would hold up whoever asks meanwhile.
_BLOCK = 2_048
# So many rows may wait in memory to be saved; a hundred thousand of 384 components are 150 MB.
SPILLED_FROM = 32_768


class VectorRows:
    """The vectors themselves, exact. An id's row is found by one look; a row whose id was taken out is dead."""

    def __init__(self, dimension: int, spill: Path | None = None) -> None:
        """Start empty. `spill`: a folder for what is too much to hold in memory until it is saved."""
        self.dimension, self.spill = dimension, spill
        self._mapped: Vectors = np.empty((0, dimension), np.float32)
        self._grown: Vectors = np.empty((0, dimension), np.float32)
        self._file: IO[bytes] | None = None
        self._ids: Ids = np.empty(0, np.int64)
        self._row_of: Rows = np.empty(0, np.int64)
        self.used = 0
        self.alive = 0

    @property
    def ids(self) -> Ids:
        """The id of each row, also of dead ones."""
        return self._ids[: self.used]

    def append(self, ids: Ids, vectors: Vectors) -> None:
        """Add rows of ids that are not there."""
        count = len(ids)
        kept = self.used - len(self._mapped)
        if kept + count > len(self._grown):
            self._make_room(kept, kept + count + kept // 2)
        self._ids = with_room(self._ids, self.used, count)
        self._grown[kept : kept + count] = vectors
        self._ids[self.used : self.used + count] = ids
        if count and ids.max() >= len(self._row_of):
            known = len(self._row_of)
            self._row_of = with_room(self._row_of, known, int(ids.max()) + 1 - known)
            self._row_of[known:] = _NONE
        self._row_of[ids] = np.arange(self.used, self.used + count)
        self.used += count
        self.alive += count

    def _make_room(self, kept: int, rows: int) -> None:
        """Grow: where there is much, in a file without a name, whose memory the system may take back.

        The file grows in place, so that nothing is copied again however much there is.
        """
        if self._file is not None:
            self._grown = self._of_file(self._file, rows)
            return
        if self.spill is None or rows <= SPILLED_FROM:
            grown = np.empty((rows, self.dimension), np.float32)
        else:
            self._file = TemporaryFile(dir=self.spill)  # noqa: SIM115  it grows as long as we do
            finalize(self, self._file.close)
            grown = self._of_file(self._file, rows)
        grown[:kept] = self._grown[:kept]
        self._grown = grown

    def _of_file(self, file: IO[bytes], rows: int) -> Vectors:
        room: Vectors = np.memmap(file, np.float32, "r+", shape=(rows, self.dimension)).view(np.ndarray)
        return room

    def forget(self, ids: Ids) -> Ids:
        """Let the rows of ids die. Returns: those that were there."""
        there: Ids = ids[self.rows(ids) != _NONE]
        self._row_of[there] = _NONE
        self.alive -= len(there)
        return there

    def rows(self, ids: Ids) -> Rows:
        """Return the row of each id, -1 where there is none."""
        inside = (ids >= 0) & (ids < len(self._row_of))
        found: Rows = np.full(len(ids), _NONE, np.int64)
        found[inside] = self._row_of[ids[inside]]
        return found

    def living(self) -> Mask:
        """Return a mask by row of what is there."""
        if self.alive == self.used:
            return np.ones(self.used, np.bool_)
        mask: Mask = self.rows(self.ids) == np.arange(self.used)  # an id that was put twice has its last row
        return mask

    def known(self) -> Ids:
        """Return the ids that are there, ascending."""
        return np.sort(self.ids[self.living()])

    def of(self, ids: Ids) -> Vectors:
        """Return the vectors of ids. Raises: KeyError when one is not there."""
        rows = self.rows(ids)
        if len(rows) and rows.min() < 0:
            raise KeyError("an id that is not there")
        return self.take(rows)

    def take(self, rows: Rows) -> Vectors:
        """Return the vectors of rows."""
        kept = len(self._mapped)
        if not len(rows) or rows.max() < kept:
            return self._mapped[rows]
        if rows.min() >= kept:
            return self._grown[rows - kept]
        found = np.empty((len(rows), self.dimension), np.float32)
        old = rows < kept
        found[old], found[~old] = self._mapped[rows[old]], self._grown[rows[~old] - kept]
        return found

    def scores(self, vector: Vectors) -> Vectors:
        """Return the inner product of every row, also of dead ones, with a vector."""
        kept = len(self._mapped)
        return np.concatenate([products(self._mapped, vector), products(self._grown[: self.used - kept], vector)])

    # Files

    def frozen(self) -> "FrozenRows":
        """Take what is there now: later changes add rows behind these, or let some die, and alter none."""
        return FrozenRows(copy(self), np.flatnonzero(self.living()))

    def load(self, stem: Path) -> None:
        """Take what was written. Raises: ValueError; FileNotFoundError."""
        ids_path, vectors_path = _paths(stem)
        try:
            ids = np.load(ids_path, allow_pickle=False)
            # Without rows there is nothing to map.
            mapped = np.load(vectors_path, mmap_mode="r" if len(ids) else None, allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(f"{stem} is not an index: {error}") from error
        if ids.dtype != np.int64 or ids.ndim != 1 or mapped.dtype != np.float32:
            raise ValueError(f"{stem} is not an index: it holds other arrays")
        if mapped.shape != (len(ids), self.dimension):
            raise ValueError(f"{stem} holds vectors of shape {mapped.shape}")
        rows = np.arange(len(ids))
        row_of = np.full(int(ids.max(initial=-1)) + 1, _NONE, np.int64)
        if ids.min(initial=0) >= 0:
            row_of[ids] = rows
        if (row_of[ids] != rows).any():
            raise ValueError(f"{stem} is not an index: its ids are not all different")
        self._mapped, self._grown = mapped.view(np.ndarray), self._grown[:0].copy()
        if self._file is not None:
            self._file.close()
            self._file = None
        self._ids, self._row_of, self.used, self.alive = ids, row_of, len(ids), len(ids)


@dataclass(frozen=True, slots=True)
class FrozenRows:
    """The rows that were alive at one moment."""

    _rows: VectorRows
    _living: Rows

    def write(self, stem: Path) -> tuple[Path, Path]:
        """Write ids and vectors as numpy files."""
        rows, living, paths = self._rows, self._living, _paths(stem)
        np.save(paths[0], rows.ids[living], allow_pickle=False)
        with paths[1].open("wb") as file:
            shape = {"descr": "<f4", "fortran_order": False, "shape": (len(living), rows.dimension)}
            np.lib.format.write_array_header_1_0(file, shape)
            for start in range(0, len(living), _BLOCK):
                file.write(np.ascontiguousarray(rows.take(living[start : start + _BLOCK]), "<f4").data)
        return paths


def products(rows: Vectors, vector: Vectors) -> Vectors:
    """Return the inner product of each row (n, d) with a vector (d,).

    Not `rows @ vector`: BLAS takes threads for it, which spin for a while after, beside the next question's encoder.
    """
    found: Vectors = np.vecdot(rows, vector)
    return found


def best(ids: Ids, scores: Vectors, limit: int) -> tuple[Ids, Vectors]:
    """Return the best-scored, best first; ties go to the lower id."""
    if len(scores) > 4 * limit:
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        enough = scores >= least
        ids, scores = ids[enough], scores[enough]
    order = np.lexsort((ids, -scores))[:limit]
    return ids[order], scores[order]


def _paths(stem: Path) -> tuple[Path, Path]:
    return stem.with_name(f"{stem.name}.ids.npy"), stem.with_name(f"{stem.name}.npy")


def with_room(array: NDArray[T], used: int, more: int) -> NDArray[T]:
    """Return the array, or a copy half as large again of what is used of it, so that growing stays cheap."""
    if used + more <= len(array):
        return array
    grown = np.empty((used + more + used // 2, *array.shape[1:]), array.dtype)
    grown[:used] = array[:used]
    return grown
