from hypothesis import given
from hypothesis import strategies as st

from index.runtimes.batches import by_tokens

lengths = st.lists(st.integers(min_value=1, max_value=300), max_size=60)


@given(lengths, st.integers(min_value=1, max_value=1000))
def test_batches_when_texts_are_of_any_length_then_each_once_and_none_too_large(sizes: list[int], most: int) -> None:
    batches = list(by_tokens(sizes, most))
    assert sorted(place for batch in batches for place in batch) == list(range(len(sizes)))
    for batch in batches:
        padded = len(batch) * max(sizes[place] for place in batch)
        assert padded <= most or len(batch) == 1


@given(lengths)
def test_batches_when_made_then_longest_first(sizes: list[int]) -> None:
    order = [sizes[place] for batch in by_tokens(sizes, 100) for place in batch]
    assert order == sorted(sizes, reverse=True)
