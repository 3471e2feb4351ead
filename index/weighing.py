"""What many texts hold of one question, weighed at once: rows of titles and sentences, a column for each stem. Pure.

The inmost loop of an answer: a few hundred sentences go through it, so it is numpy's and not Python's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.asked import KIN_SHARE, Asked
from index.reading import Reading

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Holds = NDArray[np.bool_]

_K1 = 0.9
_B = 0.4
_TYPICAL_WORDS = 120.0
_NEAR = 3  # words apart


class Rows(NamedTuple):
    """What titles and sentences hold; a text's title stands before its sentences.

    `firsts` (n + 1,): the row of each text's title, and the number of rows. `held`: a column for each stem of the
    question's reach. `coverage`: the share of its weight. `context`: what title and neighbours add to it, 0 for a
    title. `pairs`: the share of its word pairs.
    """

    firsts: Places
    held: Holds
    coverage: Numbers
    context: Numbers
    pairs: Numbers


class Texts(NamedTuple):
    """What whole texts (n,) hold: terms by weight, names and figures by weight, BM25, and the stems of their titles."""

    coverage: Numbers
    name_coverage: Numbers
    lexical: Numbers
    in_title: tuple[frozenset[str], ...]


class _Hits(NamedTuple):
    """The words that a question reaches, in order: the place among all words, the row, the text, the stem's place."""

    places: Places
    rows: Places
    texts: Places
    stems: Places


def weigh(readings: Sequence[Reading], question: Asked) -> tuple[Rows, Texts]:
    """Weigh texts (one or more), each by itself, against a question."""
    firsts = np.cumsum([0, *(len(one.counts) for one in readings)])
    hits = _hits(readings, firsts, question)
    held = np.zeros((firsts[-1], len(question.marks)), np.bool_)
    held[hits.rows, hits.stems] = True
    around = _around(held, firsts)
    whole = np.logical_or.reduceat(held, firsts[:-1], axis=0)
    coverage, wider, coverage_of_whole = np.split(
        _coverage(np.concatenate([held, around, whole]), question), [len(held), 2 * len(held)]
    )
    rows = Rows(
        firsts=firsts,
        held=held,
        coverage=coverage,
        context=wider - coverage,
        pairs=_pairs(hits, len(held), question),
    )
    texts = Texts(
        coverage=coverage_of_whole,
        name_coverage=_name_coverage(whole, question),
        lexical=_bm25(hits, np.array([len(one.marks) for one in readings]), question),
        in_title=_in_title(held[firsts[:-1]], question),
    )
    return rows, texts


def _hits(readings: Sequence[Reading], firsts: Places, question: Asked) -> _Hits:
    if not len(question.marks):
        none = np.empty(0, np.int64)
        return _Hits(none, none, none, none)
    marks = np.concatenate([one.marks for one in readings])
    stems = np.minimum(np.searchsorted(question.marks, marks), len(question.marks) - 1)
    places = np.flatnonzero(question.marks[stems] == marks)
    ends = np.cumsum(np.concatenate([one.counts for one in readings]))
    rows = np.searchsorted(ends, places, side="right")
    return _Hits(places, rows, np.searchsorted(firsts, rows, side="right") - 1, stems[places])


def _around(held: Holds, firsts: Places) -> Holds:
    """Return what each sentence holds together with its neighbours and its title; of a title, what it holds itself."""
    around = np.repeat(held[firsts[:-1]], np.diff(firsts), axis=0)
    around |= held
    is_sentence = np.ones((len(held), 1), np.bool_)
    is_sentence[firsts[:-1]] = False
    around[1:] |= held[:-1] & is_sentence[1:]
    around[:-1] |= held[1:] & is_sentence[1:] & is_sentence[:-1]
    return around


def _coverage(held: Holds, question: Asked) -> Numbers:
    """Return the share of the question's weight that each row holds; a term's kin counts for less than the term."""
    total = np.zeros(len(held))
    for own, kin, part in question.shares:
        instead = KIN_SHARE * part * held[:, kin].any(axis=1) if kin else 0.0
        total += np.where(held[:, own], part, instead)
    return total


def _name_coverage(held: Holds, question: Asked) -> Numbers:
    """Return the share of the question's names and figures that each row holds; 1 where it has none."""
    names = [(question.reach[term.stem], term.weight) for term in question.terms if term.name]
    if not names:
        return np.ones(len(held))
    total = np.zeros(len(held))
    for place, weight in names:
        total += weight * held[:, place]
    return total / sum(weight for _, weight in names)


def _pairs(hits: _Hits, rows: int, question: Asked) -> Numbers:
    """Return the share of the question's neighbouring content words that are near each other in each row too."""
    shares = np.zeros(rows)
    if not question.pairs:
        return shares
    pairs = {(question.reach[a], question.reach[b]) for a, b in question.pairs}
    is_paired = np.zeros(len(question.marks), np.bool_)
    is_paired[[place for pair in pairs for place in pair]] = True
    chosen = np.flatnonzero(is_paired[hits.stems])
    here, there = chosen[:-1], chosen[1:]
    near = (hits.places[there] - hits.places[here] <= _NEAR) & (hits.rows[here] == hits.rows[there])
    here, there = here[near], there[near]
    met: dict[int, set[tuple[int, int]]] = {}
    for row, a, b in zip(hits.rows[here].tolist(), hits.stems[here].tolist(), hits.stems[there].tolist(), strict=True):
        met.setdefault(row, set()).update(pairs & {(a, b), (b, a)})
    for row, found in met.items():
        shares[row] = len(found) / len(pairs)
    return shares


def _bm25(hits: _Hits, lengths: Places, question: Asked) -> Numbers:
    """Return BM25 (k1 0.9, b 0.4) over title and text, as a share of the most that the question could get."""
    width = len(question.marks)
    counts = np.bincount(hits.texts * width + hits.stems, minlength=len(lengths) * width).reshape(len(lengths), width)
    norm = _K1 * (1 - _B + _B * lengths / _TYPICAL_WORDS)
    score = np.zeros(len(lengths))
    for own, kin, part in question.shares:
        instead = KIN_SHARE * counts[:, kin].max(axis=1) if kin else 0.0
        count = np.where(counts[:, own] > 0, counts[:, own], instead)
        score += part * count / (count + norm)
    return score


def _in_title(held: Holds, question: Asked) -> tuple[frozenset[str], ...]:
    stems = tuple(question.reach)
    found: list[set[str]] = [set() for _ in held]
    for text, place in np.argwhere(held).tolist():
        found[text].add(stems[place])
    return tuple(map(frozenset, found))
