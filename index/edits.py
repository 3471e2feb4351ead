"""Updates that say something else since a time: what was edited then is new to who asks what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from index.columns import Columns, first_different
from index.excerpt import LIMIT_CHARS
from index.grading import said_anew
from index.rows import to_us
from index.store import Store
from index.text import sentences
from index.types import Span, TimeScope
from index.vectors.ports import Mask

# So many of the last edits are compared with what stood before: a few milliseconds.
_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """When an update was edited last in a range, in microseconds, and what of it is new since."""

    at_us: int
    span: Span


def edited_within(
    store: Store, columns: Columns, standing: Mask, scope: TimeScope, now: datetime
) -> Mapping[int, Edit]:
    """Return the updates older than a range, by our number, that say something new since an edit in it.

    `standing`: the passages that stand, of what may be shown. What was edited again later counts as far as its new
    words still stand. The last edits alone where they are many; empty for a range without a beginning.
    """
    if scope.since is None:
        return {}
    since_us, until_us = to_us(scope.since), to_us(now) + 1 if scope.until is None else to_us(scope.until)
    made = (columns.revisions > 1) & (columns.published < since_us)
    made &= (columns.valid_from >= since_us) & (columns.valid_from < until_us)
    if not made.any():
        return {}
    there = standing & np.isin(columns.updates, columns.updates[made])
    made &= np.isin(columns.updates, columns.updates[there])
    last = dict(sorted(zip(columns.updates[made].tolist(), columns.valid_from[made].tolist(), strict=True)))
    updates = first_different(columns.updates[made], -columns.valid_from[made], _MOST)
    before = store.revision_numbers(updates, scope.since - timedelta.resolution)
    after = store.revision_numbers(updates, now if scope.until is None else scope.until - timedelta.resolution)
    stands = store.revision_numbers(updates, now)
    loaded = store.revisions({(no, numbers[no]) for numbers in (before, after, stands) for no in numbers})
    texts = {key: revision.text for key, (revision, _) in loaded.items()}
    found = {}
    for no in updates:
        old, new, current = (texts.get((no, numbers.get(no, 0)), "") for numbers in (before, after, stands))
        if span := _news(old, new, current):
            found[no] = Edit(at_us=last[no], span=span)
    return found


def _news(old: str, new: str, current: str) -> Span | None:
    """Return the longest run of sentences of the current text that were new in the text of a range."""
    fresh = {new[span.start : span.end] for span in said_anew(old, new)}
    runs: list[Span] = []
    goes_on = False
    for span in sentences(current):
        is_new = current[span.start : span.end] in fresh
        if is_new and goes_on and span.end - runs[-1].start <= LIMIT_CHARS:
            runs[-1] = Span(start=runs[-1].start, end=span.end)
        elif is_new:
            runs.append(span)
        goes_on = is_new
    return max(runs, key=lambda span: span.end - span.start, default=None)
