from collections.abc import Sequence
from threading import Event

import numpy as np
import pytest

from index.errors import EncoderError
from index.query_vectors import TOGETHER, QueryVectors
from index.vectors.ports import Vectors
from tests.index.fakes import BagEncoder, CountingEncoder


def test_of_when_asked_again_then_encoded_once_and_in_the_order_asked() -> None:
    encoder = CountingEncoder()
    vectors = QueryVectors(encoder)
    texts = ["Where are the boats?", "Who shut the pier?", "Where are the boats?"]
    first = vectors.of(texts)
    assert np.array_equal(first, BagEncoder().encode_queries(texts))
    assert np.array_equal(vectors.of(texts[::-1]), first[::-1])
    assert np.array_equal(vectors.one(texts[1]), first[1])
    assert encoder.asked == [texts[:2]]


def test_of_when_very_many_then_all_come_back_and_only_the_last_are_remembered() -> None:
    encoder = CountingEncoder()
    vectors = QueryVectors(encoder)
    many = [f"boat {number}" for number in range(5 * TOGETHER)]
    assert len(vectors.of(many)) == len(many)
    vectors.one(many[-1])
    assert len(encoder.asked) == 1
    vectors.one(many[0])
    assert len(encoder.asked) == 2


def test_of_when_kept_then_no_words_are() -> None:
    vectors = QueryVectors(BagEncoder())
    vectors.one("Is my secret safe?")
    assert "secret" not in repr(vars(vectors))


class SlowEncoder(BagEncoder):
    """Encodes questions only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = Event()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        assert self.may.wait(10)
        return super().encode_queries(texts)


class BrokenEncoder(BagEncoder):
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        raise EncoderError("no model")


def test_begin_when_the_encoder_is_slow_then_the_caller_goes_on_and_waits_when_it_needs_them() -> None:
    encoder = SlowEncoder()
    wait = QueryVectors(encoder).begin(["Where are the boats?"])
    encoder.may.set()  # reached though nothing is encoded
    assert np.array_equal(wait(), BagEncoder().encode_queries(["Where are the boats?"]))
    assert np.array_equal(wait(), wait())


def test_begin_when_the_encoder_fails_then_whoever_waits_is_told() -> None:
    wait = QueryVectors(BrokenEncoder()).begin(["Where are the boats?"])
    with pytest.raises(EncoderError):
        wait()
