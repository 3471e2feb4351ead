"""What was edited in a range of time, to who asks what changed in it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.archive import Archive
from index.types import Answer, Question, Status
from tests.index.builders import at, make_archive, make_update, take
from tests.index.fakes import BagEncoder

STRIKE = make_update("strike", "About 300 dockers walked out. Trams run.", title="Strike", published_at=at(0))
TALKS = make_update("talks", "Talks resume at 15:00.", title="Talks", published_at=at(10))
LAMPS = make_update("lamps", "The quay has new lamps.", title="Lamps", published_at=at(20))
GONE = make_update("gone", "Police held two pickets.", title="Pickets", published_at=at(30))
LATE = make_update("late", "Fog lies over the bay.", title="Fog", published_at=at(80))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Yield an archive in which three updates were edited and one was withdrawn between minutes 60 and 75."""
    with closing(make_archive(tmp_path, BagEncoder())) as opened:
        take(opened.store, STRIKE, TALKS, LAMPS, GONE, now=at(40))
        edits = (
            make_update(
                "strike",
                "About 300 dockers walked out. Trams run no more.",
                title="Strike",
                published_at=at(0),
                modified_at=at(60),
            ),
            make_update("talks", "Talks resume at 16:30.", title="Talks", published_at=at(10), modified_at=at(70)),
            make_update("lamps", "The quay has new lamps !", title="Lamps", published_at=at(20), modified_at=at(72)),
            make_update("gone", title="Pickets", published_at=at(30), modified_at=at(75), withdrawn=True),
        )
        take(opened.store, *edits, now=at(76))
        take(opened.store, LATE, now=at(81))
        opened.encode_pending()
        yield opened


def asked(archive: Archive, text: str, *, minute: float = 90) -> Answer:
    return archive.ask(Question(text=text, now=at(minute), zone="UTC"))


def clock(minute: float) -> str:
    return f"{at(minute):%H:%M}"


def told(answer: Answer) -> list[tuple[str, str]]:
    return [(quote.citation.update_id, quote.text) for quote in answer.excerpts]


def test_catch_up_when_older_updates_were_edited_since_then_their_new_words_newest_first(archive: Archive) -> None:
    assert told(asked(archive, f"What has changed since {clock(60)}?")) == [
        ("late", "Fog lies over the bay."),
        ("talks", "Talks resume at 16:30."),
        ("strike", "Trams run no more."),
    ]


def test_catch_up_when_only_edits_are_in_the_range_then_not_called_empty(archive: Archive) -> None:
    answer = asked(archive, f"What changed between {clock(65)} and {clock(78)}?")
    assert (answer.status, answer.scope_empty) == (Status.ANSWERED, False)
    assert told(answer) == [("talks", "Talks resume at 16:30.")]


def test_catch_up_when_a_topic_is_named_then_edits_about_it(archive: Archive) -> None:
    answer = asked(archive, f"What has changed about the talks since {clock(60)}?")
    assert told(answer)[:1] == [("talks", "Talks resume at 16:30.")]


def test_catch_up_when_the_edits_lie_before_the_range_then_left_out(archive: Archive) -> None:
    assert told(asked(archive, f"What has changed since {clock(78)}?")) == [("late", "Fog lies over the bay.")]


def test_catch_up_when_asked_before_the_edit_then_as_it_stood(archive: Archive) -> None:
    assert told(asked(archive, f"What has changed since {clock(5)}?", minute=45))[-1] == (
        "talks",
        "Talks resume at 15:00.",
    )


def test_fact_when_a_range_is_asked_for_then_edits_of_older_updates_do_not_count(archive: Archive) -> None:
    answer = asked(archive, f"How many dockers walked out since {clock(60)}?")
    assert "strike" not in [update for update, _ in told(answer)]


def test_since_when_a_time_is_named_then_edits_too(archive: Archive) -> None:
    news = archive.since(clock(60), now=at(90))
    assert [quote.citation.update_id for quote in news.answer.excerpts] == ["late", "talks", "strike"]


# Several edits, and what later ones left of them


def edited(folder: Path, *texts: str, step: int = 20) -> Archive:
    """Return an archive of one update that took these texts at minutes 0, 20, 40, ..."""
    opened = make_archive(folder, BagEncoder())
    for place, text in enumerate(texts):
        when = at(step * place)
        update = make_update("points", text, title="Points", published_at=at(0), modified_at=when if place else None)
        take(opened.store, update, now=when)
    opened.encode_pending()
    return opened


def test_catch_up_when_edited_again_later_then_what_still_stands_of_it(tmp_path: Path) -> None:
    texts = ("Trams run.", "Trams run. Talks resume at 15:00.", "Trams run. Talks resume at 15:00. Fog came.")
    with closing(edited(tmp_path, *texts)) as archive:
        assert told(asked(archive, f"What changed between {clock(10)} and {clock(30)}?")) == [
            ("points", "Talks resume at 15:00.")
        ]


def test_catch_up_when_what_was_new_was_taken_back_later_then_not_told(tmp_path: Path) -> None:
    with closing(edited(tmp_path, "Trams run.", "Trams run. Nine boats sank.", "Trams run.")) as archive:
        assert asked(archive, f"What changed between {clock(10)} and {clock(30)}?").status is Status.ABSTAINED


def test_catch_up_when_several_sentences_are_new_then_they_are_told_together(tmp_path: Path) -> None:
    texts = ("Rain is due in the hills.", "Rain is due in the hills and valleys. The dam at Orme has burst.")
    with closing(edited(tmp_path, *texts)) as archive:
        assert told(asked(archive, f"What has changed since {clock(10)}?")) == [("points", texts[1])]


def test_catch_up_when_a_later_edit_lies_ahead_then_sorted_by_the_one_that_was(tmp_path: Path) -> None:
    with closing(
        edited(tmp_path, "Trams run.", "Trams run. Talks resume.", "Trams run. Talks resume. Fog came.")
    ) as archive:
        take(archive.store, make_update("fog", "Fog lies over the bay.", title="Fog", published_at=at(25)), now=at(60))
        archive.encode_pending()
        answer = asked(archive, f"What has changed since {clock(10)}?", minute=30)
        assert told(answer) == [("fog", "Fog lies over the bay."), ("points", "Talks resume.")]
