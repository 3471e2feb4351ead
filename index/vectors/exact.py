"""Exact search in numpy: the oracle that the other engines are held against."""

from pathlib import Path

from index.vectors.ports import Ids, Mask, Vectors
from index.vectors.rows import FrozenRows, VectorRows, best, products


class ExactIndex:
    """Every vector is looked at."""

    def __init__(self, dimension: int, spill: Path | None = None) -> None:
        """Start empty; vectors have `dimension` components. `spill`: as of VectorRows."""
        self._rows = VectorRows(dimension, spill)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors under ids, replacing those that are there."""
        self.remove(ids)
        self._rows.append(ids, vectors)

    def remove(self, ids: Ids) -> None:
        """Take ids out."""
        self._rows.forget(ids)

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors of ids."""
        return self._rows.of(ids)

    def search(self, vector: Vectors, limit: int, allowed: Mask | None) -> tuple[Ids, Vectors]:
        """Find the nearest; ties go to the lower id."""
        ids = self._rows.known()
        if allowed is not None:
            ids = ids[ids < len(allowed)]
            ids = ids[allowed[ids]]
        return best(ids, products(self._rows.of(ids), vector), limit)

    def frozen(self) -> FrozenRows:
        """Take ids and vectors."""
        return self._rows.frozen()

    def load(self, stem: Path) -> None:
        """Map what was written."""
        self._rows.load(stem)
