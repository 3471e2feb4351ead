"""What a text is as evidence looks at it: where its sentences stand, and a mark for each word's stem. Pure.

The same for every question, so it is made once, when a text is taken in, and kept beside it.
"""

import hashlib
import struct
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.terms import stem, words
from index.text import sentences

# Goes up with whatever changes what `read` makes of a text: what was kept before is then made anew.
FORM = 1
_HEAD = struct.Struct("<ii")
_INTS = np.dtype("<i4")
_MARKS = np.dtype("<u8")


class Reading(NamedTuple):
    """The sentences' starts and ends (n,), how many words the title and each of them has, the marks of all in order."""

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    counts: NDArray[np.int32]
    marks: NDArray[np.uint64]


def mark(stemmed: str) -> int:
    """Return 64 bits that stand for a stem: of all words that news has, no two have the same."""
    return int.from_bytes(hashlib.blake2b(stemmed.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=100_000)
def _mark_of(word: str) -> int:
    return mark(stem(word))


def read(title: str, text: str) -> Reading:
    """Read a normalised title and text."""
    spans = sentences(text)
    told = [words(title), *(words(text[span.start : span.end]) for span in spans)]
    return Reading(
        starts=np.array([span.start for span in spans], _INTS),
        ends=np.array([span.end for span in spans], _INTS),
        counts=np.array([len(own) for own in told], _INTS),
        marks=np.array([_mark_of(word) for own in told for word in own], _MARKS),
    )


def pack(reading: Reading) -> bytes:
    """Write a reading down: its form and the number of sentences, the marks, then the rest."""
    head = _HEAD.pack(FORM, len(reading.starts))
    return b"".join((head, reading.marks.tobytes(), *(column.tobytes() for column in reading[:3])))


def unpack(packed: bytes) -> Reading | None:
    """Return what `pack` wrote, without a copy; None for what is of another form."""
    form, size = _HEAD.unpack_from(packed) if packed else (0, 0)
    if form != FORM:
        return None
    rest = len(packed) - (3 * size + 1) * _INTS.itemsize
    columns = np.frombuffer(packed, _INTS, 3 * size + 1, rest)
    marks = np.frombuffer(packed, _MARKS, (rest - _HEAD.size) // _MARKS.itemsize, _HEAD.size)
    return Reading(columns[:size], columns[size : 2 * size], columns[2 * size :], marks)
