"""What is new since somebody last looked: new updates and those that say something else now. Encodes nothing itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from index import changes
from index.errors import QuestionError
from index.question import understand
from index.related import opening_excerpt
from index.rows import NewsRow
from index.search import Search
from index.store import Store
from index.types import Citation, Intent, Kind, Query, Question, Revision, Status
from index.vectors.ports import Vectors
from index.views import News


class _Told(NamedTuple):
    revision: Revision
    citation: Citation
    revised: bool


def since(
    search: Search, store: Store, encode: Callable[[str], Vectors], seen: int | str | None, bounds: Question
) -> News:
    """Return what is new since a cursor, a time in words or, for None, the newest; `bounds.text` is the topic.

    Raises: QuestionError where words hold no time.
    """
    query = Query(
        text=bounds.text,
        now=bounds.now,
        zone=bounds.zone,
        intent=Intent.CATCH_UP,
        limit=bounds.limit,
        live_blogs=bounds.live_blogs,
        sources=bounds.sources,
        question=bounds.text,
        leave_out=bounds.leave_out,
    )
    if isinstance(seen, str):
        asked = _asked_since(seen, bounds)
        topic = bounds.text or asked.text
        query = replace(query, text=topic, question=topic, scope=asked.scope)
    vector = encode(query.text) if query.text else None
    if isinstance(seen, int):
        return _since_cursor(search, store, seen, query, vector)
    cursor = store.last_seq()
    return News(answer=search.latest(query, vector, query.limit), cursor=cursor)


def _asked_since(text: str, bounds: Question) -> Query:
    """Understand a time as it is written where only a time is asked for: "14:00", "2 hours", "yesterday"."""
    for wording in ("{}", "since {}", "last {}"):
        query = understand(replace(bounds, text=wording.format(text.strip())))
        if query.scope is not None and query.scope.since is not None and query.scope.until is None:
            return query
    raise QuestionError(f"not a time: {text!r}; say for example 14:00, 2 hours or yesterday")


def _since_cursor(search: Search, store: Store, cursor: int, query: Query, vector: Vectors | None) -> News:
    """Return what was seen after a cursor, newest sight first, key points before all, up to the query's limit.

    A revision counts where its words changed, or where the update had been withdrawn. Updates that are withdrawn now
    are left out. With a vector, only what is about the query's text.
    """
    rows, last = store.news_since(cursor, now=query.now)
    bound = store.chosen_live_blogs(live_blogs=query.live_blogs, sources=query.sources)
    told = _told(store, [row for row in rows if bound is None or row.live_blog_no in bound], query)
    if vector is not None:
        about = search.on_topic(query, vector, [one.revision.update_no for one in told])
        told = [one for one in told if one.revision.update_no in about]
    told.sort(key=lambda one: (one.revision.seen_at, one.citation.published_at), reverse=True)
    told.sort(key=lambda one: one.revision.kind is not Kind.KEY_POINT)
    shown = told[: query.limit]
    excerpts = tuple(opening_excerpt(one.revision, one.citation) for one in shown)
    frame = search.latest(query, None, 1)
    answer = replace(
        frame,
        status=Status.ANSWERED if excerpts else Status.ABSTAINED,
        confidence=1.0 if excerpts else 0.0,
        excerpts=excerpts,
        nearest=(),
        more=len(told) - len(shown),
    )
    return News(answer=answer, cursor=last, revised=tuple(one.revision.update_no for one in shown if one.revised))


def _told(store: Store, rows: Sequence[NewsRow], query: Query) -> list[_Told]:
    """Load what stands now of each update, but for those whose words did not change or that were shown already."""
    standing = store.revision_numbers([row.update_no for row in rows], query.now)
    before = {(row.update_no, row.first - 1) for row in rows if row.first > 1}
    loaded = store.revisions(set(standing.items()) | before)
    told = []
    for row in rows:
        current = loaded.get((row.update_no, standing.get(row.update_no, 0)))
        old = loaded.get((row.update_no, row.first - 1))
        if current is None or current[1].update_id in query.leave_out:
            continue
        if old is None or _says_else(old[0], current[0]):
            told.append(_Told(*current, revised=old is not None))
    return told


def _says_else(old: Revision, new: Revision) -> bool:
    return old.withdrawn or changes.is_material(changes.compare(old.text, new.text))
