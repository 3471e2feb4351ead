"""The port of nearest-neighbour search: ids and unit vectors in, nearest ids out."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]


class VectorIndex(Protocol):
    """Unit vectors under int64 ids; similarity is their inner product.

    Adding an id that is there replaces its vector; removing one that is not is no error.
    """

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors (n, d) under ids (n,), all different."""

    def remove(self, ids: Ids) -> None:
        """Take ids out."""

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors (n, d) of ids that are all there.

        Raises: KeyError when one is not.
        """

    def search(self, vector: Vectors, limit: int, allowed: Ids | None) -> tuple[Ids, Vectors]:
        """Find the nearest to one vector (d,), among `allowed` (sorted) where given.

        Returns: ids (k,) int64 and cosine similarities (k,) float32, best first; k < limit when fewer are there.
        """

    def save(self, path: Path) -> None:
        """Write everything to one file."""

    def load(self, path: Path) -> None:
        """Replace everything by what `save` wrote.

        Raises: ValueError when the file is not such a one or of another dimension.
        """
