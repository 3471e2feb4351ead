"""Posts of a channel: the same update whether they come live or out of an export, and never a double."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from index.archive import Archive
from index.sources.channel import Channel, Post, live_blog_of, update_of
from index.types import Kind, Question, TimeBasis, Update
from tests.index.builders import at, make_archive
from tests.index.fakes import BagEncoder

CHANNEL = Channel(id=-1001200300400, title="Alder Roads")
TEXT = "Ferry timetable\n\nEvery twenty minutes, Port Alder says."


def make_post(
    text: str = TEXT,
    *,
    message_id: int = 7,
    channel: Channel = CHANNEL,
    minute: float = 0,
    edited_at: datetime | None = None,
    bold: str = "",
) -> Post:
    return Post(channel=channel, message_id=message_id, text=text, at=at(minute), edited_at=edited_at, bold=bold)


def taken(post: Post) -> Update:
    update = update_of(post, now=at(500))
    assert update is not None
    return update


def exported(path: Path, *messages: dict[str, object]) -> Path:
    """Write messages as the desktop app exports them, all from our channel."""
    chat = {"name": "Alder Roads", "type": "public_channel", "id": 1200300400}
    told = [{"type": "message", "from_id": "channel1200300400"} | message for message in messages]
    path.write_text(json.dumps(chat | {"messages": told}), encoding="utf-8")
    return path


def unix(minute: float) -> str:
    return str(int(at(minute).timestamp()))


def test_update_of_when_a_post_has_words_then_their_update_with_its_own_time() -> None:
    update = taken(make_post(bold="Ferry timetable", edited_at=at(20)))
    assert (update.key, update.live_blog) == ("7", "telegram:1200300400")
    assert (update.title, update.text) == ("Ferry timetable", "Ferry timetable\nEvery twenty minutes, Port Alder says.")
    assert (update.published_at, update.time_basis, update.modified_at) == (at(0), TimeBasis.OWN, at(20))
    assert update.url == "https://t.me/c/1200300400/7"


def test_update_of_when_there_are_no_words_then_no_update() -> None:
    assert update_of(make_post(" \u200b\n"), now=at(0)) is None


@pytest.mark.parametrize(
    ("text", "bold", "title"),
    [
        (TEXT, "", ""),
        (TEXT, "Ferry", ""),
        ("Ferry timetable", "Ferry timetable", ""),
        ("F" * 161 + "\nmore", "F" * 161, ""),
        ("Ferry  timetable \nmore", "Ferry timetable", "Ferry timetable"),
    ],
)
def test_title_when_the_first_line_is_bold_and_more_follows_then_that_line(text: str, bold: str, title: str) -> None:
    assert taken(make_post(text, bold=bold)).title == title


def test_kind_when_a_post_corrects_then_a_correction() -> None:
    assert taken(make_post("Correction: the ferry costs nothing.")).kind is Kind.CORRECTION


@pytest.mark.parametrize(
    ("channel", "url"),
    [
        (replace(CHANNEL, username="alder_roads"), "https://t.me/alder_roads/7"),
        (replace(CHANNEL, username="alder/../x"), "https://t.me/c/1200300400/7"),
        (replace(CHANNEL, has_links=False), None),
        (replace(CHANNEL, id=0), None),
    ],
)
def test_permalink_when_the_channel_has_a_name_then_by_it_else_by_number(channel: Channel, url: str | None) -> None:
    assert taken(make_post(channel=channel)).url == url


def test_is_named_when_the_config_names_it_by_any_of_its_names_then_yes() -> None:
    channel = replace(CHANNEL, username="Alder_Roads")
    assert all(channel.is_named(chat) for chat in ("@alder_roads", "1200300400", "-1001200300400"))
    assert not any(channel.is_named(chat) for chat in ("@alder", "@", "", "100", "120030040", "-100", "0"))
    assert not CHANNEL.is_named("@")


# Into the archive


def take(archive: Archive, *posts: Post, minute: float) -> None:
    updates = [update for post in posts if (update := update_of(post, now=at(minute))) is not None]
    archive.take("Alder Roads", updates, now=at(minute), live_blogs=[live_blog_of(CHANNEL)])
    archive.encode_pending()


def test_take_when_posted_and_edited_then_one_update_of_two_revisions(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        take(archive, make_post(), minute=0)
        take(archive, make_post(TEXT.replace("twenty", "thirty"), edited_at=at(9)), minute=9)
        view = archive.update("7", now=at(10))
        assert view is not None
        assert [(one.number, one.edited_at) for one in view.revisions] == [(1, None), (2, at(9))]
        assert (view.citation.source, view.citation.live_blog_title) == ("Alder Roads", "Alder Roads")
        answer = archive.ask(Question(text="Is it every thirty minutes?", now=at(10)))
        assert "thirty minutes" in answer.excerpts[0].text
        assert archive.status(now=at(10)).sources[0].last_checked_at == at(9)


def test_take_when_an_album_comes_message_by_message_then_one_update_that_its_edit_finds(tmp_path: Path) -> None:
    album = [make_post("", message_id=8), make_post("The pier at dawn.", message_id=9), make_post("", message_id=10)]
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        for post in album:
            take(archive, post, minute=0)
        take(archive, replace(album[1], text="The pier at noon.", edited_at=at(5)), minute=5)
        status = archive.status(now=at(6))
        assert (status.updates, status.revisions) == (1, 2)


def test_take_when_an_export_is_read_too_then_nothing_doubles(tmp_path: Path) -> None:
    posts = [
        make_post(bold="Ferry timetable", edited_at=at(20)),
        make_post("The pier at dawn.", message_id=9, minute=3),
    ]
    messages: list[dict[str, object]] = [
        {
            "id": 7,
            "date_unixtime": unix(0),
            "edited_unixtime": unix(20),
            "text": [{"type": "bold", "text": "Ferry timetable"}, TEXT.removeprefix("Ferry timetable")],
        },
        {"id": 8, "date_unixtime": unix(3), "photo": "1.jpg", "text": ""},
        {"id": 9, "date_unixtime": unix(3), "photo": "2.jpg", "text": "The pier at dawn."},
    ]
    path = exported(tmp_path / "result.json", *messages)
    with closing(make_archive(tmp_path / "data", BagEncoder())) as archive:
        take(archive, *posts, minute=30)
        (report,) = archive.ingest_file(path, now=at(40))
        assert (report.source, report.new, report.revised, report.unchanged) == ("Alder Roads", 0, 0, 2)
        take(archive, *posts, minute=50)
        assert archive.status(now=at(60)).revisions == 2
