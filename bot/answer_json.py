"""The JSON form of an Answer: a contract that other programs rely on. Pure."""

from datetime import datetime
from typing import Any

from index import Answer, AsOf, Citation, Excerpt, Nearest, TimeScope

PLACES = 6


def of_answer(answer: Answer, *, asked_id: object, question: str) -> dict[str, Any]:
    """Write an answer; `asked_id` is the asker's, of any JSON type, and `question` what they asked, word for word."""
    return {
        "id": asked_id,
        "question": question,
        "now": _time(answer.query.now),
        "status": answer.status.value,
        "confidence": round(answer.confidence, PLACES),
        "scope": _scope(answer.query.scope),
        "as_of": _as_of(answer.as_of),
        "excerpts": [_excerpt(excerpt) for excerpt in answer.excerpts],
        "nearest": [_nearest(near) for near in answer.nearest],
    }


def _scope(scope: TimeScope | None) -> dict[str, str | None] | None:
    return None if scope is None else {"since": _time(scope.since), "until": _time(scope.until)}


def _as_of(as_of: AsOf) -> dict[str, str | None]:
    return {
        "newest_published_at": _time(as_of.newest_published_at),
        "last_checked_at": _time(as_of.last_checked_at),
    }


def _excerpt(excerpt: Excerpt) -> dict[str, Any]:
    return {
        "text": excerpt.text,
        "start": excerpt.span.start,
        "end": excerpt.span.end,
        **_citation(excerpt.citation),
        "score": round(excerpt.score, PLACES),
        "label": excerpt.label,
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "update_id": citation.update_id,
        "revision": citation.revision,
        "title": citation.title,
        "kind": citation.kind.value,
        "live_blog": citation.live_blog,
        "source": citation.source,
        "url": citation.url,
        "published_at": _time(citation.published_at),
        "time_basis": citation.time_basis.value,
        "time_precision": citation.time_precision.value,
        "edited": citation.edited,
    }


def _nearest(near: Nearest) -> dict[str, Any]:
    return {
        "update_id": near.citation.update_id,
        "title": near.citation.title,
        "published_at": _time(near.citation.published_at),
        "url": near.citation.url,
        "score": round(near.score, PLACES),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
