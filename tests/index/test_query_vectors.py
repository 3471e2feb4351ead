import numpy as np

from index.query_vectors import TOGETHER, QueryVectors
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
