"""Channels, through the real Application on the strict server: posts as updates, comments, never a word of ours."""

from collections.abc import Callable

import pytest

from bot.records import ChatKind
from bot.texts import line
from index import SourceConfig, UpdateView
from tests.bot.tg.house import ANSWER, ASKED, House, play
from tests.botapi import Channel, Group, Message, Person

pytestmark = pytest.mark.enable_socket

WIRE = SourceConfig(name="Harbour wire", kind="telegram_channel", chat="@harbour_wire")
POST = "Seven seals were counted on the breakwater this morning."


def quotes(message: Message) -> list[str]:
    return message.of("blockquote") + message.of("expandable_blockquote")


def a_channel(house: House, *, username: str = "harbour_wire") -> tuple[Person, Channel, Group]:
    ann = house.server.user("Ann")
    channel = house.server.channel("Harbour wire", ann, username=username)
    group = house.server.supergroup("Harbour talk", ann)
    channel.links(group)
    return ann, channel, group


async def held(house: House, post: Message) -> UpdateView | None:
    found = await house.read(
        lambda archive: archive.update(str(post.message_id), now=house.clock(), source="Harbour wire")
    )
    assert found is None or isinstance(found, UpdateView)
    return found


async def until(house: House, post: Message, holds: Callable[[UpdateView], bool]) -> UpdateView:
    for _ in range(100):
        view = await held(house, post)
        if view is not None and holds(view):
            return view
        await house.server.quiet(for_s=0.02)
    raise AssertionError("the archive never held it")


def test_post_when_its_channel_is_a_source_then_it_is_cited_with_its_link() -> None:
    async def scene(house: House) -> None:
        ann, channel, _ = a_channel(house)
        post = channel.posts(POST)
        view = await until(house, post, lambda view: True)
        assert (view.text, view.citation.url) == (POST, f"https://t.me/harbour_wire/{post.message_id}")
        answer = await house.server.reply_to(ann.says("How many seals were counted on the breakwater?"))
        assert POST in quotes(answer)
        assert f"https://t.me/harbour_wire/{post.message_id}" in str(answer.links)
        assert channel.ours == []

    assert play(scene, sources=[WIRE]).refused() == []


def test_post_when_edited_then_a_revision_and_its_copy_in_the_group_is_not_taken_too() -> None:
    async def scene(house: House) -> None:
        _, channel, group = a_channel(house)
        post = channel.posts(POST)
        await until(house, post, lambda view: True)
        house.clock.moves(300)
        channel.edits(post, POST.replace("Seven", "Nine"))
        view = await until(house, post, lambda view: len(view.revisions) == 2)
        assert view.text.startswith("Nine seals")
        await house.server.quiet()
        blogs = await house.read(lambda archive: archive.live_blogs())
        assert [blog.updates for blog in blogs if blog.source == "Harbour wire"] == [1]
        assert group.ours == []

    assert play(scene, sources=[WIRE]).refused() == []


def test_album_when_posted_then_one_update_of_its_caption() -> None:
    async def scene(house: House) -> None:
        _, channel, _ = a_channel(house)
        album = channel.posts_album(["", POST, ""])
        await until(house, album[1], lambda view: view.text == POST)
        await house.server.quiet()
        assert [await held(house, post) is not None for post in album] == [False, True, False]

    assert play(scene, sources=[WIRE]).refused() == []


def test_post_when_its_channel_is_no_source_then_nothing_of_it_is_stored() -> None:
    async def scene(house: House) -> None:
        ann, channel, _ = a_channel(house, username="another_wire")
        channel.edits(channel.posts(POST), POST + " More came.")
        channel.posts_photo("Seals.")
        await house.server.quiet()
        assert {blog.source for blog in await house.read(lambda archive: archive.live_blogs())} == {
            "Harbour Gazette",
            "Town Radio",
        }
        assert await house.db(lambda store: store.chats()) == ()
        answer = await house.server.reply_to(ann.says("How many seals were counted on the breakwater?"))
        assert POST not in quotes(answer)

    assert play(scene, sources=[WIRE]).refused() == []


def test_channel_when_it_asks_us_something_then_we_never_answer_in_it() -> None:
    async def scene(house: House) -> None:
        _, channel, group = a_channel(house)
        for text in (f"/ask {ASKED}", f"/ask@dateline_bot {ASKED}", f"@dateline_bot {ASKED}", "/settings", "/start"):
            channel.posts(text)
        await house.server.quiet(for_s=0.8)
        assert channel.ours + group.ours == [], "neither there nor under its copy in the group"
        assert channel.actions + group.actions == []

    assert play(scene).refused() == []


def test_channel_when_we_are_added_then_whoever_did_it_is_told_in_private_if_they_know_us() -> None:
    async def scene(house: House) -> None:
        ann, bob = house.server.user("Ann", language="fr"), house.server.user("Bob")
        await house.server.reply_to(ann.starts())
        for person, told in ((ann, 1), (bob, 0)):
            channel = house.server.channel(f"Wire of {person.user.first_name}", person, bot=None)
            before = len(person.ours)
            channel.promotes_bot()
            await house.server.quiet()
            assert len(person.ours) == before + told
            assert channel.ours == []
            assert (await house.chat(channel.id)).kind is ChatKind.CHANNEL
        assert ann.texts[-1] == line("introduction_channel", language="fr", chat="Wire of Ann")

    assert play(scene).refused() == []


def test_comment_when_it_asks_then_answered_under_the_post_and_in_its_light() -> None:
    async def scene(house: House) -> None:
        ann, channel, _ = a_channel(house)
        post = channel.posts(POST)
        await until(house, post, lambda view: True)
        copy = channel.copy_of(post)
        asked = ann.replies(copy, "/ask")
        answer = await house.server.reply_to(asked)
        assert POST in quotes(answer), "a bare /ask is about the post"
        assert answer.reply_to is asked
        house.clock.moves(600)
        later = channel.posts("Eleven seals lie on the breakwater now, says the warden.")
        await until(house, later, lambda view: True)
        since = await house.server.reply_to(ann.replies(copy, "/ask and since then?"))
        assert later.text in quotes(since), "since the post"
        assert POST not in quotes(since)
        other = await house.server.reply_to(ann.replies(copy, f"/ask {ASKED}"))
        assert quotes(other) == [ANSWER]
        assert channel.ours == []

    assert play(scene, sources=[WIRE]).refused() == []


def test_comment_when_the_channel_is_no_source_then_still_in_its_light() -> None:
    async def scene(house: House) -> None:
        ann, channel, _ = a_channel(house, username="another_wire")
        copy = channel.copy_of(channel.posts("Ferries of the north pier"))
        answer = await house.server.reply_to(ann.replies(copy, "/ask how many of them were there?"))
        assert quotes(answer) == [ANSWER]

    assert play(scene, sources=[WIRE]).refused() == []
