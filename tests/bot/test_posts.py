from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.posts import Posts
from bot.types import Place, Posted
from index import Channel, Post, SourceConfig, StoreError
from tests.bot.builders import NOW, make_incoming
from tests.bot.rooms import FakeShelf, Rooms, make_seen, play

NEWS = Channel(id=-1001234567890, title="Harbour news", username="harbour_news")
SOURCE = SourceConfig(name="Harbour channel", kind="telegram_channel", chat="@harbour_news")
PAGE = SourceConfig(name="A page", url="https://news.example/live")


def post(
    text: str = "Nine ferries sailed.", *, channel: Channel = NEWS, message_id: int = 4, edited: int = 0
) -> Posted:
    edited_at = NOW + timedelta(minutes=edited) if edited else None
    value = Post(channel=channel, message_id=message_id, text=text, at=NOW, edited_at=edited_at)
    return Posted(post=value, chat=make_seen(channel.id, title=channel.title), edited=bool(edited))


@pytest.mark.parametrize("chat", ["@harbour_news", "@Harbour_News", "-1001234567890", "1234567890"])
def test_post_when_its_channel_is_a_source_then_taken_under_its_name_and_told_of(tmp_path: Path, chat: str) -> None:
    async def scene(rooms: Rooms) -> None:
        told: list[int] = []
        posts = Posts(
            rooms.archive,
            [PAGE, SOURCE.model_copy(update={"chat": chat})],
            on_stored=lambda: told.append(len(rooms.shelf.taken)),
        )
        report = await posts.take(post(), NOW)
        assert report is not None
        ((source, update, live_blog),) = rooms.shelf.taken
        assert (source, update.key, update.text) == ("Harbour channel", "4", "Nine ferries sailed.")
        assert update.url == "https://t.me/harbour_news/4"
        assert (live_blog.title, update.live_blog) == ("Harbour news", live_blog.key)
        assert told == [1], "what is stored is encoded by another, after it"

    play(tmp_path, scene)


def test_post_when_its_channel_is_no_source_then_nothing_is_kept_anywhere(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        posts = Posts(rooms.archive, [PAGE, SOURCE])
        other = Channel(id=-1009, title="Harbour news", username="another")
        assert await posts.take(post(channel=other), NOW) is None
        assert await Posts(rooms.archive, []).take(post(), NOW) is None
        assert rooms.shelf.taken == []
        assert await rooms.db(lambda store: store.chats()) == ()

    play(tmp_path, scene)


def test_post_when_edited_then_the_same_update_with_its_time_of_change(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        posts = Posts(rooms.archive, [SOURCE])
        await posts.take(post(), NOW)
        await posts.take(post("Ten ferries sailed.", edited=5), NOW + timedelta(minutes=5))
        first, second = (update for _, update, _ in rooms.shelf.taken)
        assert first.key == second.key
        assert second.modified_at == NOW + timedelta(minutes=5)

    play(tmp_path, scene)


def test_album_when_one_picture_has_a_caption_then_one_update(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        posts = Posts(rooms.archive, [SOURCE])
        for number, caption in enumerate(["", "The quay at noon.", ""]):
            await posts.take(post(caption, message_id=10 + number), NOW)
        assert [update.key for _, update, _ in rooms.shelf.taken] == ["11"]

    play(tmp_path, scene)


def test_post_when_the_archive_fails_then_logged_and_not_raised(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(rooms: Rooms) -> None:
        assert await Posts(rooms.archive, [SOURCE]).take(post(), NOW) is None

    play(tmp_path, scene, FakeShelf(failure=StoreError("the disk is full")))
    assert "post not taken source=Harbour channel update=4" in caplog.text
    assert "ferries" not in caplog.text


@pytest.mark.parametrize(("sources", "cited"), [([SOURCE], ("4",)), ([PAGE], ())])
def test_comment_when_it_stands_under_a_post_then_that_is_what_it_leans_on(
    tmp_path: Path, sources: list[SourceConfig], cited: tuple[str, ...]
) -> None:
    async def scene(rooms: Rooms) -> None:
        posts = Posts(rooms.archive, sources)
        comment = replace(make_incoming(place=Place.GROUP), is_comment=True, comment_on=post().post)
        previous = posts.commented(comment, NOW)
        assert previous is not None
        assert (previous.question, previous.cited) == ("Nine ferries sailed.", cited)
        assert posts.commented(make_incoming(place=Place.GROUP), NOW) is None
        wordless = replace(comment, comment_on=post("").post)
        assert posts.commented(wordless, NOW) is None

    play(tmp_path, scene)
