"""Which passages hold a word: read from full text once, remembered, and followed as passages come.

Passages are never taken out of full text, so what is remembered holds; only what came since is looked up.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.store import Store
from index.terms import Term, match_expression
from index.vectors.ports import Ids

_Found = TypeVar("_Found")

_WORDS = 2048  # so many are remembered; were all as long as may be, in 40 MB


class Postings:
    """The passages of words, and how many there are, up to the newest passage that is asked for."""

    def __init__(self, store: Store, *, limit: int) -> None:
        """Take where to look; `limit`: of a word that more passages hold, only the newest are looked up, each time."""
        self._store = store
        self._limit = limit
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._ids: OrderedDict[str, tuple[int, NDArray[np.int32]]] = OrderedDict()

    def frequencies(self, words: Mapping[str, str], last: int) -> dict[str, int]:
        """Return in how many passages up to the `last` each stem stands; `words`: stem -> a word of that stem."""
        unknown = [stem for stem in words if stem not in self._counts]
        fresh = self._store.document_frequency(unknown) if unknown else {}
        self._counts.update({stem: (last, fresh.get(stem, 0)) for stem in unknown})
        for stem, word in words.items():
            upto, count = self._counts[stem]
            if upto < last:
                self._counts[stem] = (last, count + self._store.count_holding(f'"{word}"', after=upto, last=last))
            self._counts.move_to_end(stem)
        found = {stem: self._counts[stem][1] for stem in words}
        _shorten(self._counts)
        return found

    def of(self, term: Term, last: int) -> Ids | None:
        """Return the passages up to the `last` that hold a term, ascending; None where they are too many."""
        if term.frequency > self._limit:
            return None
        upto, ids = self._ids.get(term.word, (0, np.empty(0, np.int32)))
        if upto < last:
            fresh = self._store.holding(match_expression([term]), first=upto + 1, last=last)
            ids = np.concatenate([ids, fresh.astype(np.int32)]) if len(fresh) else ids
            self._ids[term.word] = (last, ids)
            _shorten(self._ids)
        self._ids.move_to_end(term.word)
        return ids.astype(np.int64)


def _shorten(remembered: OrderedDict[str, _Found]) -> None:
    while len(remembered) > _WORDS:
        remembered.popitem(last=False)
