"""FAISS: a flat inner-product index under our ids. The only home of the faiss library."""

from pathlib import Path

import faiss
import numpy as np

from index.vectors.ports import Ids, Vectors


class FaissIndex:
    """`IndexIDMap2` over `IndexFlatIP`: exact, and an id can be replaced or removed."""

    def __init__(self, dimension: int) -> None:
        """Start empty; vectors have `dimension` components."""
        faiss.omp_set_num_threads(1)  # a single query was measured slower on two
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors under ids, replacing those that are there."""
        self.remove(ids)
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)

    def remove(self, ids: Ids) -> None:
        """Take ids out."""
        if len(ids) and self._index.ntotal:
            self._index.remove_ids(faiss.IDSelectorBatch(ids))

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors of ids."""
        try:
            return np.stack([self._index.reconstruct(int(no)) for no in ids]) if len(ids) else self._none()
        except RuntimeError as error:
            raise KeyError("an id that is not there") from error

    def _none(self) -> Vectors:
        return np.empty((0, self._index.d), np.float32)

    def search(self, vector: Vectors, limit: int, allowed: Ids | None) -> tuple[Ids, Vectors]:
        """Find the nearest by one scan."""
        limit = min(limit, self._index.ntotal if allowed is None else len(allowed))
        if limit < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            bits = np.zeros(int(allowed[-1]) + 1, np.bool_)
            bits[allowed] = True
            # faiss's Python layer takes an array and keywords here, which its type stubs do not know
            selector = faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))  # type: ignore[arg-type, call-arg]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, ids = self._index.search(vector[None, :], limit, params=parameters)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def save(self, path: Path) -> None:
        """Write the index in FAISS's own format."""
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(f"{path} cannot be written: {error}") from error

    def load(self, path: Path) -> None:
        """Read what `save` wrote."""
        if not path.exists():
            raise FileNotFoundError(path)
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise ValueError(f"{path} is not an index: {error}") from error
        if not isinstance(index, faiss.IndexIDMap2) or index.d != self._index.d:
            raise ValueError(f"{path} holds another kind of index")
        self._index = index
