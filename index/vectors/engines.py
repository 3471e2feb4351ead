"""ENGINES: the name of a vector engine in the config -> how to make it. A new engine is a file and a line here."""

from collections.abc import Callable

from index.vectors.ports import VectorIndex


def _exact(dimension: int) -> VectorIndex:
    from index.vectors.exact import ExactIndex

    return ExactIndex(dimension)


def _faiss(dimension: int) -> VectorIndex:
    from index.vectors.faiss import FaissIndex  # loads the library only where it is used

    return FaissIndex(dimension)


ENGINES: dict[str, Callable[[int], VectorIndex]] = {"exact": _exact, "faiss": _faiss}
