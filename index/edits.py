"""Updates that say something else since a time: what was edited then is new to who asks what changed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from index.columns import Columns, first_different
from index.grading import said_anew
from index.rows import FOREVER, to_us
from index.store import Store
from index.types import Span, TimeScope
from index.vectors.ports import Mask

# So many of the last edits are compared with what stood before: a few milliseconds.
_MOST = 64


def edited_within(store: Store, columns: Columns, standing: Mask, scope: TimeScope) -> Mapping[int, Span]:
    """Return the updates older than a range, by our number, that say something new since an edit in it.

    `standing`: the passages that stand. Returns: the first sentence that is new; the last edits alone where they are
    many. Empty for a range without a beginning.
    """
    if scope.since is None:
        return {}
    since_us, until_us = to_us(scope.since), FOREVER if scope.until is None else to_us(scope.until)
    edited = standing & (columns.revisions > 1) & (columns.published < since_us)
    edited &= (columns.valid_from >= since_us) & (columns.valid_from < until_us)
    if not edited.any():
        return {}
    updates = first_different(columns.updates[edited], -columns.valid_from[edited], _MOST)
    return _news(store, updates, _numbers(columns, edited), scope.since)


def _numbers(columns: Columns, edited: Mask) -> dict[int, int]:
    """Return which revision of each update stands."""
    return dict(zip(columns.updates[edited].tolist(), columns.revisions[edited].tolist(), strict=True))


def _news(store: Store, updates: list[int], standing: Mapping[int, int], since: datetime) -> dict[int, Span]:
    before = store.revision_numbers(updates, since - timedelta.resolution)
    pairs = {no: (before.get(no), standing[no]) for no in updates}
    loaded = store.revisions({(no, number) for no, both in pairs.items() for number in both if number})
    found = {}
    for no, (old, new) in pairs.items():
        text = loaded[no, new][0].text
        spans = said_anew(loaded[no, old][0].text if old else "", text)
        if spans:
            found[no] = spans[0]
    return found


def when_new(published: NDArray[np.int64], valid_from: NDArray[np.int64], scope: TimeScope | None) -> NDArray[np.int64]:
    """Return when passages became news to who asks for a range: when they were published, or edited in it."""
    if scope is None or scope.since is None:
        return published
    return np.where(published < to_us(scope.since), valid_from, published)
