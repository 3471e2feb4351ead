"""Which passages hold a word: as full text says it, also once passages have come since."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.postings import Postings
from index.store import Store
from index.terms import Term, stem
from tests.index.builders import make_update, take

BOAT = {stem("boat"): "boat", stem("unheard"): "unheard"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "news.db")) as found:
        take(found, make_update("a", "Two boats are missing."), make_update("b", "The pier is open."))
        yield found


def last(store: Store) -> int:
    return store.counts()["passages"]


def make_term(word: str, frequency: int) -> Term:
    return Term(word=word, stem=stem(word), weight=1.0, frequency=frequency, name=False)


def test_frequencies_when_passages_come_then_they_are_counted_too(store: Store) -> None:
    postings = Postings(store, limit=10)
    assert postings.frequencies(BOAT, last(store)) == {"boat": 1, "unheard": 0}
    take(store, make_update("c", "A boat is back."), make_update("d", "This was unheard of."))
    assert postings.frequencies(BOAT, last(store)) == {"boat": 2, "unheard": 1}
    assert store.document_frequency(BOAT) == {"boat": 2, "unheard": 1}


def test_of_when_passages_come_then_they_are_found_behind_the_others(store: Store) -> None:
    postings, term = Postings(store, limit=10), make_term("boats", 1)
    before = postings.of(term, last(store))
    take(store, make_update("c", "A boat is back."))
    after = postings.of(term, last(store))
    assert before is not None
    assert after is not None
    assert (before.tolist(), after.tolist()) == ([1], [1, 3])
    assert after.tolist() == store.holding('"boat"', first=1, last=last(store)).tolist()


def test_of_when_too_many_hold_it_then_none_is_told(store: Store) -> None:
    assert Postings(store, limit=10).of(make_term("boat", 11), last(store)) is None


def test_holding_when_limited_then_the_last_ones_ascending(store: Store) -> None:
    take(store, make_update("c", "A boat is back."), make_update("d", "No boat, no ferry."))
    assert store.holding('"boat"', first=1, last=4, limit=2).tolist() == [3, 4]
    assert store.holding('"boat"', first=2, last=3, limit=2).tolist() == [3]
    assert store.holding('"nothing"', first=1, last=4).tolist() == []
