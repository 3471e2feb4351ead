"""ENGINES: the name of a vector engine in the config -> how to make it. A new engine is a file and a line here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from index.vectors.ports import VectorIndex


class Maker(Protocol):
    """Makes an empty index of so many components; `spill` is a folder for what is too much for memory."""

    def __call__(self, dimension: int, spill: Path | None = None) -> VectorIndex:
        """Make one."""


def _exact(dimension: int, spill: Path | None = None) -> VectorIndex:
    from index.vectors.exact import ExactIndex

    return ExactIndex(dimension, spill)


def _faiss(dimension: int, spill: Path | None = None) -> VectorIndex:
    from index.vectors.faiss import FaissIndex  # loads the library only where it is used

    return FaissIndex(dimension, spill)


ENGINES: Mapping[str, Maker] = {"exact": _exact, "faiss": _faiss}
