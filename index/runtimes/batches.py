"""Texts into batches of about the same work: sorted by length, so that little is padded, and bounded by tokens.

Pure.
"""

from collections.abc import Iterator, Sequence


def by_tokens(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Give the places of all texts in batches, longest first, so that a batch that is too large fails at once.

    Args:
        lengths: tokens of each text.
        most: padded tokens of a batch; a text that is longer by itself is a batch of its own.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: (-lengths[place], place)):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
