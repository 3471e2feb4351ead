"""FAISS: inverted lists of 8-bit codes that find, beside the vectors themselves that score. Its only home.

Exact while few. Above that, what is found is still scored by its vector, and a narrow scope is searched exactly.
"""

import math
import os
from pathlib import Path

import faiss
import numpy as np

from index.vectors.ports import Ids, Mask, Vectors
from index.vectors.rows import VectorRows, best

# Up to so many a scan of all is as fast as anything.
EXACT_UP_TO = 16_384
# So many rows are scored one by one faster than a list is looked through for them.
NARROW = 4_096
# Share of the lists that is looked through where all is allowed; a narrower scope needs more of them.
PROBED = 1 / 8
# Codes are near enough for the order of all but neighbours: so many more are scored than are wanted.
_SPARE = 2
_POINTS_A_LIST = 32
_ROUNDS = 5
# Lists are laid out anew once there would be so many times more of them.
_OUTGROWN = 2
_BY_RANGE_OF_IDS, _EVERY_ID = 0, (0, 2**62)  # faiss::InvertedLists::SUBSET_TYPE_ID_RANGE


class FaissIndex:
    """`IndexIVFScalarQuantizer` over the rows: lists mapped from a file, and lists of what came since."""

    def __init__(self, dimension: int) -> None:
        """Start empty; vectors have `dimension` components."""
        faiss.omp_set_num_threads(1)  # a single query was measured slower on two
        self._rows = VectorRows(dimension)
        self._mapped: faiss.IndexIVFScalarQuantizer | None = None
        self._young: faiss.IndexIVFScalarQuantizer | None = None

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors under ids, replacing those that are there."""
        self.remove(ids)
        self._rows.append(ids, vectors)
        if self._young is not None:
            self._young.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)
        elif self._rows.alive > EXACT_UP_TO:
            self._lay_out()

    def remove(self, ids: Ids) -> None:
        """Take ids out; their codes stay, and find nothing."""
        gone = self._rows.forget(ids)
        if self._young is not None and len(gone):
            self._young.remove_ids(faiss.IDSelectorBatch(gone))

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors of ids."""
        return self._rows.of(ids)

    def search(self, vector: Vectors, limit: int, allowed: Mask | None) -> tuple[Ids, Vectors]:
        """Find the nearest among the vectors themselves where that is few, else by codes first."""
        rows = self._rows
        mask = self._allowed(allowed)
        count = rows.alive if mask is None else int(np.count_nonzero(mask))
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if self._young is not None and count > max(NARROW, _SPARE * limit):
            ids = self._found(vector, _SPARE * limit, mask, count / rows.alive)
            return best(ids, rows.of(ids) @ vector, limit)
        if mask is None or 2 * count > rows.used:
            return self._of_all(vector, limit, mask)
        ids = np.flatnonzero(mask)
        return best(ids, rows.of(ids) @ vector, limit)

    def _allowed(self, allowed: Mask | None) -> Mask | None:
        """Return a mask by id of what is allowed and there; None where that is every row."""
        rows = self._rows
        if allowed is None:
            return None if rows.alive == rows.used else rows.living()
        mask = rows.living()
        mask[: len(allowed)] &= allowed[: len(mask)]
        mask[len(allowed) :] = False
        return mask

    def _of_all(self, vector: Vectors, limit: int, mask: Mask | None) -> tuple[Ids, Vectors]:
        ids, scores = self._rows.ids, self._rows.scores(vector)
        if mask is not None:
            # Of an id that was put twice, only the last row counts.
            inside = mask[ids] & (self._rows.rows(ids) == np.arange(len(ids)))
            ids, scores = ids[inside], scores[inside]
        return best(ids, scores, limit)

    def _found(self, vector: Vectors, limit: int, mask: Mask | None, share: float) -> Ids:
        """Return the ids whose codes are nearest."""
        # faiss's Python layer takes an array and keywords here, which its type stubs do not know
        selector = None if mask is None else faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))  # type: ignore[arg-type, call-arg]
        found = []
        for lists in (self._mapped, self._young):
            if lists is not None and lists.ntotal:
                probes = probed(lists.nlist, share)
                asked = faiss.SearchParametersIVF(nprobe=probes, sel=selector)  # type: ignore[call-arg]
                found.append(lists.search(vector[None, :], limit, params=asked)[1][0])
        ids = np.unique(np.concatenate(found))
        return ids[ids >= 0]

    # Lists

    def _lay_out(self) -> None:
        """Learn lists from what is held, and put all of it into them."""
        lists = self._learnt()
        for ids, vectors in self._rows.blocks():
            lists.add_with_ids(vectors, ids)
        self._mapped, self._young = None, lists

    def _learnt(self) -> "faiss.IndexIVFScalarQuantizer":
        rows = self._rows
        count = lists_for(rows.alive)
        lists = _lists(faiss.IndexFlatIP(rows.dimension), count)
        lists.cp.niter, lists.cp.min_points_per_centroid = _ROUNDS, 1
        ids = np.flatnonzero(rows.living())
        chosen = np.random.default_rng(count).choice(ids, min(len(ids), _POINTS_A_LIST * count), replace=False)
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        try:
            lists.train(rows.of(np.sort(chosen)))
        finally:
            faiss.omp_set_num_threads(1)
        return lists

    # Files

    def save(self, stem: Path) -> tuple[Path, ...]:
        """Write the vectors and, where there are any, the lists; lists that were outgrown are laid out anew."""
        path = _lists_path(stem)
        if self._young is None:
            return self._rows.save(stem)
        if lists_for(self._rows.alive) >= _OUTGROWN * self._young.nlist or self._rows.alive < self._rows.used:
            self._lay_out()
        whole = _empty_like(self._young)
        for lists in (self._mapped, self._young):
            if lists is not None:
                lists.copy_subset_to(whole, _BY_RANGE_OF_IDS, *_EVERY_ID)
        try:
            faiss.write_index(whole, str(path))
        except RuntimeError as error:
            raise OSError(f"{path} cannot be written: {error}") from error
        paths = self._rows.save(stem)
        self._take(_read(path, self._rows))
        return *paths, path

    def load(self, stem: Path) -> None:
        """Map what `save` wrote."""
        rows = VectorRows(self._rows.dimension)
        rows.load(stem)
        path = _lists_path(stem)
        lists = _read(path, rows) if path.exists() else None
        self._rows, self._mapped, self._young = rows, None, None
        if lists is not None:
            self._take(lists)
        elif rows.alive > EXACT_UP_TO:
            self._lay_out()

    def _take(self, lists: "faiss.IndexIVFScalarQuantizer") -> None:
        self._mapped, self._young = lists, _empty_like(lists)


def lists_for(count: int) -> int:
    """Return how many lists so many vectors are laid out in: the power of two next to twice the root."""
    return 1 << round(math.log2(2 * math.sqrt(max(count, 1))))


def probed(lists: int, share: float) -> int:
    """Return how many lists are looked through where that share of all is allowed."""
    return max(1, min(lists, round(lists * PROBED / math.sqrt(share))))


def _lists(quantizer: "faiss.Index", count: int) -> "faiss.IndexIVFScalarQuantizer":
    kind, metric = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    return faiss.IndexIVFScalarQuantizer(quantizer, quantizer.d, count, kind, metric, False)


def _empty_like(learnt: "faiss.IndexIVFScalarQuantizer") -> "faiss.IndexIVFScalarQuantizer":
    """Make empty lists that take the same vectors to the same places."""
    lists = _lists(faiss.clone_index(learnt.quantizer), learnt.nlist)
    faiss.copy_array_to_vector(faiss.vector_to_array(learnt.sq.trained), lists.sq.trained)
    lists.is_trained = True
    return lists


def _read(path: Path, rows: VectorRows) -> "faiss.IndexIVFScalarQuantizer":
    try:
        lists = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
    except RuntimeError as error:
        raise ValueError(f"{path} is not an index: {error}") from error
    if not isinstance(lists, faiss.IndexIVFScalarQuantizer) or (lists.d, lists.ntotal) != (rows.dimension, rows.alive):
        raise ValueError(f"{path} holds another kind of index")
    # By default a thread for each list reads ahead, which costs ten times what the search does.
    faiss.downcast_InvertedLists(lists.invlists).prefetch_nthread = 0  # type: ignore[arg-type, attr-defined]
    return lists


def _lists_path(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.lists")
