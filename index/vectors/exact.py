"""Exact search in numpy: the oracle that the other engines are held against."""

import zipfile
from pathlib import Path

import numpy as np

from index.vectors.ports import Ids, Vectors


class ExactIndex:
    """All vectors in one matrix, sorted by id."""

    def __init__(self, dimension: int) -> None:
        """Start empty; vectors have `dimension` components."""
        self._ids: Ids = np.empty(0, np.int64)
        self._vectors: Vectors = np.empty((0, dimension), np.float32)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors under ids, replacing those that are there."""
        self.remove(ids)
        merged = np.concatenate([self._ids, ids])
        order = np.argsort(merged, kind="stable")
        self._ids = merged[order]
        self._vectors = np.concatenate([self._vectors, vectors])[order]

    def remove(self, ids: Ids) -> None:
        """Take ids out."""
        keep = ~np.isin(self._ids, ids)
        if not keep.all():
            self._ids, self._vectors = self._ids[keep], self._vectors[keep]

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors of ids."""
        places = np.searchsorted(self._ids, ids)
        if len(ids) and (places.max() >= len(self._ids) or (self._ids[places] != ids).any()):
            raise KeyError("an id that is not there")
        return self._vectors[places]

    def search(self, vector: Vectors, limit: int, allowed: Ids | None) -> tuple[Ids, Vectors]:
        """Find the nearest; ties go to the lower id."""
        ids, vectors = self._ids, self._vectors
        if allowed is not None:
            chosen = np.isin(ids, allowed, assume_unique=True)
            ids, vectors = ids[chosen], vectors[chosen]
        scores = vectors @ vector
        order = np.argsort(-scores, kind="stable")[:limit]
        return ids[order], scores[order]

    def save(self, path: Path) -> None:
        """Write ids and vectors."""
        with path.open("wb") as file:
            np.savez(file, ids=self._ids, vectors=self._vectors)

    def load(self, path: Path) -> None:
        """Read what `save` wrote."""
        if not zipfile.is_zipfile(path):
            raise ValueError(f"{path} is not an index")
        try:
            with np.load(path) as saved:
                ids, vectors = saved["ids"], saved["vectors"]
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is not an index: {error}") from error
        if vectors.ndim != 2 or vectors.shape != (len(ids), self._vectors.shape[1]):
            raise ValueError(f"{path} holds vectors of shape {vectors.shape}")
        self._ids, self._vectors = ids, vectors
