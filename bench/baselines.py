"""What most systems ship, over the same store, vectors and excerpts' length: full text, dense, plain hybrid."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from index.archive import Archive
from index.rows import to_us
from index.terms import content_words, match_expression, weigh
from index.types import Answer, AsOf, Excerpt, Nearest, Query, Status
from index.vectors.ports import Vectors

_LIMIT = 60
Scores = dict[int, float]


def baseline(archive: Archive, dense_share: float) -> Callable[[Query, Vectors], Answer]:
    """Make an answerer that interpolates the two scores of a passage: 0 is full text alone, 1 is dense alone."""

    def answer(query: Query, vector: Vectors) -> Answer:
        lexical = _full_text(archive, query) if dense_share < 1 else {}
        dense = _dense(archive, query, vector) if dense_share > 0 else {}
        top = {id(scores): max(scores.values(), default=1.0) or 1.0 for scores in (lexical, dense)}
        fused = {
            passage: (1 - dense_share) * lexical.get(passage, 0.0) / top[id(lexical)]
            + dense_share * dense.get(passage, 0.0) / top[id(dense)]
            for passage in lexical.keys() | dense.keys()
        }
        confidence = max((lexical if dense_share == 0 else dense).values(), default=0.0)
        return _reply(archive, query, fused, confidence)

    return answer


def _dense(archive: Archive, query: Query, vector: Vectors) -> Scores:
    ids, scores = archive.follower.nearest(vector, _LIMIT, _mask(archive, query))
    return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def _full_text(archive: Archive, query: Query) -> Scores:
    mask = _mask(archive, query)
    frequencies = archive.store.document_frequency(content_words(query.text))
    terms = weigh(query.text, frequencies, len(mask))
    blogs = () if query.live_blog is None else archive.store.live_blog_numbers(query.live_blog)
    known = [term for term in terms if term.frequency]
    expression = match_expression(known, live_blogs=blogs)
    seen = set(archive.follower.columns.ids[mask].tolist())
    hits = archive.store.match(expression, 1000) if expression else ()
    return {hit.passage_id: hit.score for hit in hits if hit.passage_id in seen}


def _mask(archive: Archive, query: Query) -> NDArray[np.bool_]:
    blogs = None if query.live_blog is None else archive.store.live_blog_numbers(query.live_blog)
    return archive.follower.select(now_us=to_us(query.now), since_us=None, until_us=None, live_blogs=blogs)


def _reply(archive: Archive, query: Query, fused: Scores, confidence: float) -> Answer:
    passages = archive.store.passages(fused)
    order = sorted(fused, key=lambda passage: (-fused[passage], passage))
    firsts: dict[int, int] = {}
    for passage in order:
        firsts.setdefault(passages[passage].update_no, passage)
    chosen = list(firsts.values())[: query.limit]
    loaded = archive.store.revisions((passages[no].update_no, passages[no].revision) for no in chosen)
    excerpts, nearest = [], []
    for best in (passages[no] for no in chosen):
        revision, citation = loaded[best.update_no, best.revision]
        text = revision.text[best.span.start : best.span.end]
        excerpts.append(Excerpt(text=text, span=best.span, citation=citation, score=fused[best.id]))
        nearest.append(Nearest(citation=citation, score=fused[best.id]))
    return Answer(
        query=query,
        status=Status.ANSWERED if excerpts else Status.ABSTAINED,
        confidence=confidence,
        as_of=AsOf(newest_published_at=None),
        excerpts=tuple(excerpts[:3]),
        nearest=tuple(nearest),
    )
