"""Fakes at the ports of index: an encoder that needs no model, and ones that break on purpose."""

import zlib
from collections.abc import Sequence

import numpy as np

from index.terms import STOP_WORDS, stem, words
from index.vectors.ports import Vectors


class BagEncoder:
    """A bag of stems, hashed into a fixed number of places: texts that share words are near each other.

    Deterministic on every machine and run. `calls` counts batches of passages, `texts` holds what they were.
    """

    def __init__(self, *, dimension: int = 64, name: str = "bag") -> None:
        """Make an encoder; two of the same name and dimension are the same vector space."""
        self._dimension = dimension
        self._name = name
        self.calls = 0
        self.texts: list[str] = []

    @property
    def id(self) -> str:
        """Return the name of this vector space."""
        return f"{self._name}:{self._dimension}"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) unit vectors."""
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) unit vectors."""
        self.calls += 1
        self.texts.extend(texts)
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in words(text):
                if word not in STOP_WORDS:
                    row[zlib.crc32(f"{self._name} {stem(word)}".encode()) % self._dimension] += 1
            if not row.any():
                row[0] = 1
            row /= np.linalg.norm(row)
        return rows


class CountingEncoder(BagEncoder):
    """A BagEncoder that keeps what each call for questions held, in `asked`."""

    def __init__(self) -> None:
        """Start with no call."""
        super().__init__()
        self.asked: list[list[str]] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) unit vectors."""
        self.asked.append(list(texts))
        return super().encode_queries(texts)


class EncoderBreaksError(Exception):
    """What BreakingEncoder raises."""


class BreakingEncoder(BagEncoder):
    """A BagEncoder that raises at one batch of passages, counted from 1, and works before and after."""

    def __init__(self, *, breaks_at: int, dimension: int = 64, name: str = "bag") -> None:
        """Make one that breaks at that batch."""
        super().__init__(dimension=dimension, name=name)
        self._breaks_at = breaks_at

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) unit vectors, or break."""
        if self.calls + 1 == self._breaks_at:
            self.calls += 1
            raise EncoderBreaksError
        return super().encode_passages(texts)
