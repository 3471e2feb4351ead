"""A watch fires where asking now would quote the new update, once for each piece of news, and never for another's."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from index.archive import Archive
from index.novelty import is_news
from index.types import Excerpt, Span
from index.watches import Near, Watch, is_vague
from tests.index.builders import NOW, at, make_archive, make_candidate, make_lines, make_update
from tests.index.fakes import BagEncoder

FERRY = "Is the ferry to Hesper running?"
OTHERS = [
    make_update(f"o{n}", f"The council of ward {n} met about {what}.", title=what.title(), published_at=at(n))
    for n, what in enumerate(("school meals", "bus lanes", "tree felling", "library hours", "market stalls"))
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", BagEncoder(dimension=512), abstain_below=0.3)) as opened:
        yield opened


def take(archive: Archive, folder: Path, *updates: object) -> None:
    archive.ingest_file(make_lines(folder / "in.jsonl", updates), now=NOW, source="Alder Post")  # type: ignore[arg-type]


def watch(archive: Archive, text: str = FERRY, key: str = "w1", **bounds: tuple[str, ...]) -> Watch:
    return Watch(key=key, text=text, vector=archive.watch_vectors([text], now=NOW)[0], **bounds)  # type: ignore[arg-type]


def quote(text: str, *, minute: int = 0, number: int = 1) -> Excerpt:
    citation = replace(make_candidate(text).citation, published_at=at(minute), update_no=number)
    return Excerpt(text=text, span=Span(start=0, end=len(text)), citation=citation, score=1.0)


def test_matches_when_one_of_many_watches_is_answered_then_only_that_one_fires(
    archive: Archive, tmp_path: Path
) -> None:
    ferry = make_update("f1", "The ferry to Hesper is running again.", title="Ferry", published_at=at(60))
    take(archive, tmp_path, *OTHERS, ferry)
    number = archive.store.update_number("f1")
    watches = [
        watch(archive),
        watch(archive, "Has the volcano erupted?", "w2"),
        watch(archive, key="w3", sources=("Another",)),
        watch(archive, "what is new?", "w4"),
    ]
    found = archive.matches(watches, [number], now=NOW)
    assert [(one.key, one.excerpt.text) for one in found] == [("w1", "The ferry to Hesper is running again.")]
    old = archive.store.update_number("o1")
    assert archive.matches(watches, [old], now=NOW) == ()
    assert archive.matches(watches, [], now=NOW) == archive.matches([], [number], now=NOW) == ()


def test_matches_when_an_older_update_says_the_same_then_the_newer_still_fires(
    archive: Archive, tmp_path: Path
) -> None:
    old = make_update("f1", "The ferry to Hesper is not running.", title="Ferry", published_at=at(30))
    new = make_update("f2", "The ferry to Hesper is running.", title="Ferry", published_at=at(90))
    take(archive, tmp_path, *OTHERS, old, new)
    found = archive.matches([watch(archive)], [archive.store.update_number("f2")], now=NOW)
    assert [one.excerpt.citation.update_id for one in found] == ["f2"]


def test_matches_when_many_older_updates_are_as_near_then_the_new_one_is_read_all_the_same(
    archive: Archive, tmp_path: Path
) -> None:
    said = [
        make_update(f"f{n}", f"The ferry to Hesper is running with {n} boats.", title="Ferry", published_at=at(n / 2))
        for n in range(100, 180)
    ]
    take(archive, tmp_path, *OTHERS, *said)
    found = archive.matches([watch(archive)], [archive.store.update_number("f179")], now=NOW)
    assert [one.excerpt.citation.update_id for one in found] == ["f179"]


def test_matches_when_a_vector_is_of_another_encoder_then_it_is_refused(archive: Archive, tmp_path: Path) -> None:
    take(archive, tmp_path, *OTHERS)
    foreign = Watch(key="w9", text=FERRY, vector=b"\0" * 8)
    with pytest.raises(ValueError, match="w9"):
        archive.matches([foreign], [1], now=NOW)


def test_backtest_when_the_past_holds_news_and_a_rephrasing_then_each_news_is_told_with_its_time(
    archive: Archive, tmp_path: Path
) -> None:
    said = [
        ("f1", "The ferry to Hesper is running with 4 boats.", 30),
        ("f2", "The ferry to Hesper is running with four boats.", 60),
        ("f3", "The ferry to Hesper is running with 6 boats.", 90),
    ]
    updates = [make_update(key, text, title="Ferry", published_at=at(minute)) for key, text, minute in said]
    take(archive, tmp_path, *OTHERS, *updates)
    fired = archive.backtest(watch(archive), since=NOW - timedelta(days=7), now=NOW)
    assert [(one.excerpt.citation.update_id, one.at) for one in fired] == [("f1", at(30)), ("f3", at(90))]
    assert [one.at for one in archive.backtest(watch(archive), since=at(31), now=NOW)] == [at(60), at(90)]


@pytest.mark.parametrize(
    ("new", "told", "news"),
    [
        ("Three people were hurt at the mill.", "3 people were hurt at the mill.", False),
        ("Three people were hurt at the mill.", "At the mill, three people were injured.", False),
        ("Four people were hurt at the mill.", "Three people were hurt at the mill.", True),
        ("The mill is not closed.", "The mill is closed.", True),
        ("The mill is closed.", "The pier is open.", True),
        ("The train leaves at 14:05.", "The train leaves at 15:05.", True),
        ("The mill was sold to Kovar this week.", "The mill was sold this week.", True),
    ],
)
def test_is_news_when_told_before_then_only_what_differs_in_sense(new: str, told: str, news: bool) -> None:
    before = [quote(told, number=2), quote("Nothing else is known.", number=3)]
    assert is_news(quote(new, minute=9), before) is news
    assert is_news(quote(new), [])


def test_is_news_when_a_figure_returns_to_what_it_was_then_once_more() -> None:
    told = [
        quote("23 people died in the fire.", minute=1, number=1),
        quote("24 people died in the fire.", minute=2, number=2),
    ]
    back = quote("In the fire 23 people died.", minute=3, number=3)
    assert is_news(back, told)
    assert is_news(back, told[::-1]), "what counts is when it was stated, not when it was told"
    assert not is_news(quote("The fire: 23 people died.", minute=4, number=4), [*told, back])
    assert not is_news(told[0], told), "what was told of this very revision is not"
    assert not is_news(quote("In the fire 24 people died.", minute=3, number=3), told)


@pytest.mark.parametrize(
    "text", ["news", "what is new?", "Latest updates!", "anything happening", "новости", "noticias"]
)
def test_is_vague_when_words_name_nothing_then_they_are(text: str) -> None:
    assert is_vague(text, NOW)


@pytest.mark.parametrize("text", [FERRY, "ferry", "how many died?", "news of the ferry", "Погода у Львові"])
def test_is_vague_when_words_name_something_then_they_are_not(text: str) -> None:
    assert not is_vague(text, NOW)


def test_near_when_ten_thousand_watches_meet_one_update_then_no_search_is_made(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(archive, tmp_path, *OTHERS, make_update("f1", "The ferry to Hesper is running again.", published_at=at(60)))
    number = archive.store.update_number("f1")
    ferry, volcano = archive.watch_vectors([FERRY, "Has the volcano erupted?"], now=NOW)
    watches = [(f"w{n}", ferry if n % 1000 == 7 else volcano) for n in range(10_000)]
    asked: list[object] = []
    monkeypatch.setattr(archive.search, "answer", lambda *given: asked.append(given))
    found = archive.near(watches, [number], now=NOW)
    assert found == tuple(Near(key=f"w{n}", updates=(number,)) for n in range(7, 10_000, 1000))
    assert asked == []


def test_affected_when_the_way_is_long_then_it_is_gone_in_steps_and_nothing_is_left_out(
    archive: Archive, tmp_path: Path
) -> None:
    start = archive.affected(None, now=NOW).cursor
    take(archive, tmp_path, *OTHERS)
    seen: list[int] = []
    cursor = start
    while (step := archive.affected(cursor, now=NOW, limit=2)).cursor > cursor:
        assert step.cursor <= cursor + 2
        assert step.pending == 0
        seen += step.updates
        cursor = step.cursor
    assert sorted(seen) == sorted(archive.affected(start, now=NOW).updates)
    assert len(seen) == len(OTHERS)
