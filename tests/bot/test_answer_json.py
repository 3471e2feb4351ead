import json
from datetime import UTC, datetime

from bot import answer_json
from index import AsOf, TimeScope
from tests.bot.builders import NOW, PUBLISHED, make_answer, make_citation, make_excerpt


def test_answer_when_answered_then_the_contract_s_keys_in_their_order() -> None:
    answer = make_answer(make_excerpt(), nearest=[make_citation()], confidence=0.123456789)
    assert answer_json.of_answer(answer, asked_id=["a", 1], question="How many?") == {
        "id": ["a", 1],
        "question": "How many?",
        "now": "2031-05-04T12:00:00+00:00",
        "status": "answered",
        "confidence": 0.123457,
        "scope": None,
        "as_of": {
            "newest_published_at": "2031-05-04T09:30:00+00:00",
            "last_checked_at": "2031-05-04T11:58:00+00:00",
        },
        "excerpts": [
            {
                "text": "Nine ferries sailed before noon.",
                "start": 4,
                "end": 36,
                "update_id": "e1",
                "revision": 1,
                "title": "Ferry runs again",
                "kind": "update",
                "live_blog": "harbour",
                "source": "Harbour Gazette",
                "url": "https://www.example.org/blog#e1",
                "published_at": "2031-05-04T09:30:00+00:00",
                "time_basis": "own",
                "time_precision": "minute",
                "edited": False,
                "score": 0.876543,
                "label": "",
            }
        ],
        "nearest": [
            {
                "update_id": "e1",
                "title": "Ferry runs again",
                "published_at": "2031-05-04T09:30:00+00:00",
                "url": "https://www.example.org/blog#e1",
                "score": 0.5,
            }
        ],
    }


def test_answer_when_abstained_then_the_scope_and_what_is_unknown_is_null() -> None:
    scope = TimeScope(since=datetime(2031, 5, 3, tzinfo=UTC), phrase="since yesterday")
    answer = make_answer(scope=scope, as_of=AsOf(newest_published_at=None), nearest=[make_citation(url=None)])
    written = json.loads(json.dumps(answer_json.of_answer(answer, asked_id=None, question="?")))
    assert written["status"] == "abstained"
    assert written["id"] is None
    assert written["scope"] == {"since": "2031-05-03T00:00:00+00:00", "until": None}
    assert written["as_of"] == {"newest_published_at": None, "last_checked_at": None}
    assert written["excerpts"] == []
    assert written["nearest"][0]["url"] is None
    assert datetime.fromisoformat(written["now"]) == NOW
    assert datetime.fromisoformat(written["nearest"][0]["published_at"]) == PUBLISHED
