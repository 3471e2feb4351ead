"""FAISS: 4-bit product codes that find, beside the vectors themselves that score. The only home of the library.

Few are scanned exactly. Above that every code is looked at and the best are scored by their vectors, so that what is
told of a passage is always its true similarity.
"""

from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from index.vectors.ports import Ids, Mask, Vectors
from index.vectors.rows import FrozenRows, VectorRows, best, products

# Up to so many a scan of the vectors is as fast as one of codes.
EXACT_UP_TO = 4_096
# A scope of so few is scored one by one.
NARROW = 512
# So many times more than are wanted are scored, and no fewer than that: codes blur the order of what is alike.
_SPARE, _FEWEST = 4, 240
# More of either were measured to find no more, and take seconds in which a question waits.
_LEARNT_FROM, _ROUNDS = 1_024, 10
_COMPONENTS_A_CODE = 2
_BLOCK = 16_384


class FaissIndex:
    """`IndexIVFPQFastScan` with a single list: the one kind of FastScan that takes a scope as a selector."""

    def __init__(self, dimension: int, spill: Path | None = None) -> None:
        """Start empty; vectors have `dimension` components. `spill`: as of VectorRows."""
        faiss.omp_set_num_threads(1)  # a single query was measured slower on two
        self._rows = VectorRows(dimension, spill)
        self._codes: faiss.IndexIVFPQFastScan | None = None

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors under ids, replacing those that are there."""
        self.remove(ids)
        self._rows.append(ids, vectors)
        if self._codes is not None:
            # The row is the code's id: a row is never another vector's, so what is replaced needs no removal.
            places = self._rows.rows(ids)
            self._codes.add_with_ids(np.ascontiguousarray(vectors, np.float32), places)
        elif self._rows.alive > EXACT_UP_TO:
            self._encode()

    def remove(self, ids: Ids) -> None:
        """Take ids out; their codes stay, and find nothing."""
        self._rows.forget(ids)

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors of ids."""
        return self._rows.of(ids)

    def search(self, vector: Vectors, limit: int, allowed: Mask | None) -> tuple[Ids, Vectors]:
        """Find the nearest by codes where there are many, and score them by their vectors."""
        rows = self._rows
        inside = self._inside(allowed)
        count = rows.used if inside is None else int(np.count_nonzero(inside))
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        depth = max(_SPARE * limit, _FEWEST)
        if self._codes is not None and count > max(NARROW, depth):
            chosen = _found(self._codes, vector, depth, inside)
        elif inside is None:
            return best(rows.ids, rows.scores(vector), limit)
        else:
            chosen = np.flatnonzero(inside)
        return best(rows.ids[chosen], products(rows.take(chosen), vector), limit)

    def _inside(self, allowed: Mask | None) -> Mask | None:
        """Return a mask by row of what is allowed and there; None where that is every row."""
        rows = self._rows
        if allowed is None and rows.alive == rows.used:
            return None
        inside = rows.living()
        if allowed is not None:
            known = rows.ids < len(allowed)
            if known.all():
                return inside & allowed[rows.ids]
            inside &= known
            inside[known] &= allowed[rows.ids[known]]
        return inside

    def _encode(self) -> None:
        """Learn codes from a sample of what is held, and encode all of it."""
        rows, dimension = self._rows, self._rows.dimension
        if dimension % _COMPONENTS_A_CODE:
            return
        quantizer = faiss.IndexFlatIP(dimension)
        codes = faiss.IndexIVFPQFastScan(
            quantizer, dimension, 1, dimension // _COMPONENTS_A_CODE, 4, faiss.METRIC_INNER_PRODUCT
        )
        codes.by_residual = False
        codes.cp.min_points_per_centroid = codes.pq.cp.min_points_per_centroid = 1
        codes.pq.cp.niter = _ROUNDS
        places = np.random.default_rng(rows.used).permutation(rows.used)[:_LEARNT_FROM]
        codes.train(rows.take(np.sort(places)))
        for start in range(0, rows.used, _BLOCK):
            block = np.arange(start, min(start + _BLOCK, rows.used))
            codes.add_with_ids(rows.take(block), block)
        self._codes = codes

    # Files

    def frozen(self) -> "FrozenIndex":
        """Take the vectors and, where there are any, a copy of the codes.

        Without codes where some rows are dead: codes go by rows, and those move up. They are made when it is loaded.
        """
        is_whole = self._rows.alive == self._rows.used
        codes = None if self._codes is None or not is_whole else faiss.clone_index(self._codes)
        return FrozenIndex(self._rows.frozen(), codes)

    def load(self, stem: Path) -> None:
        """Map the vectors that were written, and read the codes, which are a sixteenth of them."""
        rows = VectorRows(self._rows.dimension, self._rows.spill)
        rows.load(stem)
        path = _codes_path(stem)
        codes = _read(path, rows) if path.exists() else None
        self._rows, self._codes = rows, codes
        if codes is None and rows.alive > EXACT_UP_TO:
            self._encode()


@dataclass(frozen=True, slots=True)
class FrozenIndex:
    """Vectors and codes of one moment."""

    _rows: FrozenRows
    _codes: faiss.Index | None

    def write(self, stem: Path) -> tuple[Path, ...]:
        """Write the vectors and, where there are any, the codes."""
        paths = self._rows.write(stem)
        if self._codes is None:
            return paths
        path = _codes_path(stem)
        try:
            faiss.write_index(self._codes, str(path))
        except RuntimeError as error:
            raise OSError(f"{path} cannot be written: {error}") from error
        return *paths, path


def _found(codes: "faiss.IndexIVFPQFastScan", vector: Vectors, limit: int, inside: Mask | None) -> Ids:
    """Return the rows whose codes are nearest."""
    # faiss's Python layer takes an array and keywords here, which its type stubs do not know
    selector = None if inside is None else faiss.IDSelectorBitmap(np.packbits(inside, bitorder="little"))  # type: ignore[arg-type, call-arg]
    asked = faiss.SearchParametersIVF(nprobe=1, sel=selector)  # type: ignore[call-arg]
    rows: Ids = codes.search(vector[None, :], limit, params=asked)[1][0]
    return rows[rows >= 0]


def _read(path: Path, rows: VectorRows) -> "faiss.IndexIVFPQFastScan":
    try:
        codes = faiss.read_index(str(path))
    except RuntimeError as error:
        raise ValueError(f"{path} is not an index: {error}") from error
    if not isinstance(codes, faiss.IndexIVFPQFastScan) or (codes.d, codes.ntotal) != (rows.dimension, rows.used):
        raise ValueError(f"{path} holds another kind of index")
    return codes


def _codes_path(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.codes")
