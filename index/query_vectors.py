"""Vectors of questions: those that wait together are encoded together, and the last few are not encoded again.

Keeps no words: a vector stands under a hash that only this process can make.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from index.encode import Encoder
from index.vectors.ports import Vectors

# What waits together; so few that the first one of them does not wait long for the others.
TOGETHER = 32
_REMEMBERED = 2 * TOGETHER


class QueryVectors:
    """The query side of an encoder."""

    def __init__(self, encoder: Encoder) -> None:
        """Take the encoder; loads nothing."""
        self._encoder = encoder
        self._salt = secrets.token_bytes(16)
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) unit vectors, encoding in one call those that are not remembered."""
        keys = [self._key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        fresh: dict[bytes, Vectors] = {}
        if missing:
            fresh = dict(zip(missing, self._encoder.encode_queries(list(missing.values())), strict=True))
        found = np.stack([fresh[key] if key in fresh else self._vectors[key] for key in keys])
        self._remember(fresh)
        return found

    def one(self, text: str) -> Vectors:
        """Return the vector (d,) of one question."""
        vector: Vectors = self.of([text])[0]
        return vector

    def _key(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._salt).digest()

    def _remember(self, fresh: dict[bytes, Vectors]) -> None:
        self._vectors.update(fresh)
        while len(self._vectors) > _REMEMBERED:
            self._vectors.popitem(last=False)
