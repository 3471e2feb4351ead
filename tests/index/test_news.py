"""What is new since somebody last looked: nothing lost, nothing twice, nothing that says the same."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.archive import Archive
from index.errors import QuestionError
from index.types import Kind, LiveBlog, Status
from index.views import News
from tests.index.builders import at, make_archive, make_update, take
from tests.index.fakes import BagEncoder

BOATS = "Two boats are missing off the bar. The crews wait."


def tell(archive: Archive, key: str, text: str, *, minute: float, seen: float | None = None, **more: object) -> None:
    """Take one update, published at a minute and seen then or later; encoded only when somebody asks."""
    update = make_update(key, text, title=f"About {key}", published_at=at(minute))
    take(archive.store, replace(update, **more), now=at(minute if seen is None else seen))  # type: ignore[arg-type]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = make_archive(tmp_path / "data", BagEncoder())
    tell(made, "boats", BOATS, minute=0)
    tell(made, "inn", "The inn on the quay is full.", minute=10)
    with closing(made):
        yield made


def keys(news: News) -> list[str]:
    return [excerpt.citation.update_id for excerpt in news.answer.excerpts]


def cursor(archive: Archive, *, minute: float) -> int:
    return archive.since(None, now=at(minute)).cursor


def test_since_when_never_looked_then_the_newest_and_a_cursor_after_them(archive: Archive) -> None:
    first = archive.since(None, now=at(30))
    assert keys(first) == ["inn", "boats"]
    again = archive.since(first.cursor, now=at(30))
    assert (keys(again), again.answer.status) == ([], Status.ABSTAINED)
    assert again.answer.as_of.newest_published_at == at(10)


def test_since_when_something_came_then_only_that_newest_sight_first_and_once(archive: Archive) -> None:
    seen = cursor(archive, minute=30)
    tell(archive, "tug", "A tug has left.", minute=35)
    tell(archive, "late", "The school was opened at dawn.", minute=5, seen=40)
    tell(archive, "key", "The harbour stays closed.", minute=31, seen=32, kind=Kind.KEY_POINT)
    news = archive.since(seen, now=at(50))
    assert keys(news) == ["key", "late", "tug"]
    assert (news.revised, news.answer.more) == ((), 0)
    assert keys(archive.since(news.cursor, now=at(50))) == []


def test_since_when_more_came_than_the_limit_then_the_rest_is_counted_and_can_be_left_out(archive: Archive) -> None:
    seen = cursor(archive, minute=30)
    for number in range(4):
        tell(archive, f"u{number}", f"Boat {number} is back.", minute=31 + number)
    news = archive.since(seen, now=at(50), limit=3)
    assert (keys(news), news.answer.more) == (["u3", "u2", "u1"], 1)
    assert keys(archive.since(seen, now=at(50), limit=3, leave_out=("u3", "u2", "u1"))) == ["u0"]


def test_since_when_words_changed_then_revised_but_not_for_a_comma_or_a_vector(archive: Archive) -> None:
    seen = cursor(archive, minute=30)
    archive.rebuild()
    archive.encode_pending()
    tell(archive, "inn", "The inn, on the quay, is full!", minute=10, seen=40)
    assert keys(archive.since(seen, now=at(50))) == []
    tell(archive, "boats", BOATS.replace("Two", "Three"), minute=0, seen=41)
    news = archive.since(seen, now=at(50))
    assert keys(news) == ["boats"]
    assert news.revised == (news.answer.excerpts[0].citation.update_no,)
    assert news.answer.excerpts[0].text.startswith("Three boats")


def test_since_when_new_and_withdrawn_before_anybody_looked_then_never_told(archive: Archive) -> None:
    seen = cursor(archive, minute=30)
    tell(archive, "rumour", "The harbour master has resigned.", minute=31)
    tell(archive, "rumour", "(gone)", minute=31, seen=32, withdrawn=True)
    assert keys(archive.since(seen, now=at(50))) == []
    tell(archive, "rumour", "The harbour master has resigned.", minute=31, seen=60)
    assert keys(archive.since(seen, now=at(70))) == ["rumour"]


def test_since_when_it_comes_back_as_it_was_then_told_again(archive: Archive) -> None:
    tell(archive, "inn", "(gone)", minute=10, seen=20, withdrawn=True)
    seen = cursor(archive, minute=30)
    tell(archive, "inn", "The inn on the quay is full.", minute=10, seen=40)
    assert keys(archive.since(seen, now=at(50))) == ["inn"]


def test_since_when_now_is_earlier_than_what_is_held_then_the_cursor_waits(archive: Archive) -> None:
    seen = cursor(archive, minute=30)
    tell(archive, "tug", "A tug has left.", minute=35)
    tell(archive, "ahead", "The fair opens.", minute=55, seen=50)
    news = archive.since(seen, now=at(40))
    assert keys(news) == ["tug"]
    assert keys(archive.since(news.cursor, now=at(52))) == []
    assert keys(archive.since(news.cursor, now=at(56))) == ["ahead"]


def test_since_when_a_topic_is_named_then_only_what_is_about_it(archive: Archive) -> None:
    seen = cursor(archive, minute=30)
    tell(archive, "tug", "A tug has left for the bar.", minute=35)
    tell(archive, "fair", "The fair has opened.", minute=36)
    assert keys(archive.since(seen, now=at(50), topic="the fair")) == ["fair"]


def test_since_when_bound_then_nothing_of_another_live_blog_or_source(archive: Archive) -> None:
    seen = cursor(archive, minute=30)
    tell(archive, "roof", "The hall is missing a roof.", minute=31, live_blog="storm")
    other = make_update("fair", "The fair has opened.", published_at=at(32), live_blog="fair")
    take(archive.store, other, source="Harbour Mail", live_blogs=(LiveBlog(key="fair", title="The fair"),), now=at(32))
    assert keys(archive.since(seen, now=at(50))) == ["fair", "roof"]
    assert keys(archive.since(seen, now=at(50), live_blogs=("storm",))) == ["roof"]
    assert keys(archive.since(seen, now=at(50), sources=("Harbour Mail",))) == ["fair"]
    assert keys(archive.since(seen, now=at(50), live_blogs=("storm",), sources=("Harbour Mail",))) == []
    assert keys(archive.since(seen, now=at(50), live_blogs=())) == []
    assert keys(archive.since(None, now=at(50), sources=("Harbour Mail",))) == ["fair"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("08:05", ["inn"]),
        ("since 08:05", ["inn"]),
        ("25 minutes", ["inn"]),
        ("yesterday", ["inn", "boats"]),
        ("this morning", ["inn", "boats"]),
    ],
)
def test_since_when_a_time_is_named_then_by_when_it_was_published(
    archive: Archive, words: str, told: list[str]
) -> None:
    news = archive.since(words, now=at(30))
    assert keys(news) == told
    assert news.cursor == cursor(archive, minute=30)


def test_since_when_a_topic_stands_beside_the_time_then_both_count(archive: Archive) -> None:
    assert keys(archive.since("boats since 07:00", now=at(30))) == ["boats"]


def test_since_when_words_hold_no_time_then_an_error_that_quotes_them(archive: Archive) -> None:
    with pytest.raises(QuestionError, match="bananas"):
        archive.since("bananas", now=at(30))
