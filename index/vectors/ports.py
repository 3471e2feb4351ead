"""The port of nearest-neighbour search: ids and unit vectors in, nearest ids out."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


class VectorIndex(Protocol):
    """Unit vectors under int64 ids; similarity is their inner product.

    Ids are small and dense, as row numbers are. Adding one that is there replaces its vector; removing one that is not
    is no error.
    """

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors (n, d) under ids (n,), all different."""

    def remove(self, ids: Ids) -> None:
        """Take ids out."""

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors (n, d) of ids that are all there.

        Raises: KeyError when one is not.
        """

    def search(self, vector: Vectors, limit: int, allowed: Mask | None) -> tuple[Ids, Vectors]:
        """Find the nearest to one vector (d,), among the ids where `allowed[id]` holds, if it is given.

        Returns: ids (k,) int64 and cosine similarities (k,) float32, best first; k < limit when fewer are there.
        """

    def frozen(self) -> "Frozen":
        """Take what is there now, to be written from any thread while this index goes on."""

    def load(self, stem: Path) -> None:
        """Replace everything by what was written, by memory map where that saves reading.

        The files must stay as they are while this index is used. Raises: ValueError when they are not such ones or of
        another dimension; FileNotFoundError.
        """


class Frozen(Protocol):
    """What an index held at one moment."""

    def write(self, stem: Path) -> tuple[Path, ...]:
        """Write it to files whose names begin with `stem`; returns them. Raises: OSError."""
