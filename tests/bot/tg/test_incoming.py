from datetime import timedelta
from typing import Any

import pytest

from bot.tg.incoming import read
from bot.types import Incoming, Place
from tests.bot.tg.builders import (
    ASKER,
    GROUP,
    NOW,
    OUR_ID,
    Json,
    group_chat,
    make_message,
    make_update,
    make_user,
    our_user,
    read_update,
)


def reading(message: Json, *, kind: str = "message") -> Incoming | None:
    return read(read_update(make_update(message, kind=kind)), our_id=OUR_ID)


def taken(message: Json, *, kind: str = "message") -> Incoming:
    incoming = reading(message, kind=kind)
    assert incoming is not None
    return incoming


def test_read_when_private_text_then_all_is_known() -> None:
    incoming = taken(make_message(" How many boats? ", sent_at=NOW))
    assert (incoming.place, incoming.chat_id, incoming.user_id) == (Place.PRIVATE, ASKER, ASKER)
    assert (incoming.text, incoming.command, incoming.addressee) == ("How many boats?", None, "")
    assert (incoming.sent_at, incoming.language, incoming.edited) == (NOW, "de", False)
    assert incoming.thread_id is None


@pytest.mark.parametrize(
    ("text", "command", "addressee", "rest"),
    [
        ("/ask", "ask", "", ""),
        ("/ASK How many?", "ask", "", "How many?"),
        ("/ask@DatelineBot\nHow many?", "ask", "datelinebot", "How many?"),
        ("/ask@OtherBot How many?", "ask", "otherbot", "How many?"),
    ],
)
def test_read_when_a_command_leads_then_it_is_split(text: str, command: str, addressee: str, rest: str) -> None:
    incoming = taken(make_message(text, chat=group_chat()))
    assert (incoming.command, incoming.addressee, incoming.text) == (command, addressee, rest)
    assert incoming.place is Place.GROUP


def test_read_when_a_command_stands_later_then_it_is_text() -> None:
    entities = [{"type": "bot_command", "offset": 4, "length": 4}]
    incoming = taken(make_message("try /ask", entities=entities))
    assert (incoming.command, incoming.text) == (None, "try /ask")


def test_read_when_a_slash_is_no_command_entity_then_it_is_text() -> None:
    assert taken(make_message("/ask", entities=[])).command is None


def test_read_when_edited_then_flagged() -> None:
    assert taken(make_message("How many?", edit_date=int(NOW.timestamp())), kind="edited_message").edited


def test_read_when_a_picture_has_a_caption_then_the_caption_is_the_text() -> None:
    entities = [{"type": "bot_command", "offset": 0, "length": 4}]
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    incoming = taken(make_message(photo=photo, caption="/ask What is this?", caption_entities=entities))
    assert (incoming.command, incoming.text) == ("ask", "What is this?")


def test_read_when_a_voice_message_comes_then_its_text_is_empty() -> None:
    assert taken(make_message(voice={"file_id": "f", "file_unique_id": "u", "duration": 3})).text == ""


def test_read_when_in_a_topic_then_the_thread_is_kept() -> None:
    message = make_message("/ask a", chat=group_chat(), message_thread_id=77, is_topic_message=True)
    assert taken(message).thread_id == 77


def test_read_when_a_thread_is_no_topic_then_it_is_dropped() -> None:
    assert taken(make_message("/ask a", chat=group_chat(), message_thread_id=77)).thread_id is None


def test_read_when_the_reply_is_to_us_then_it_says_so() -> None:
    ours = make_message("The ferry sailed.", chat=group_chat(), sender=our_user())
    incoming = taken(make_message("and then?", chat=group_chat(), reply_to_message=ours))
    assert incoming.reply_to_us
    assert incoming.reply_to_message_id == ours["message_id"]
    assert incoming.reply_to_text == "The ferry sailed."


def test_read_when_the_reply_is_to_somebody_then_only_the_text_is_kept() -> None:
    theirs = make_message("I heard it sank.", chat=group_chat())
    incoming = taken(make_message("/ask", chat=group_chat(), reply_to_message=theirs))
    assert not incoming.reply_to_us
    assert incoming.reply_to_text == "I heard it sank."


def test_read_when_words_are_marked_for_the_reply_then_they_are_the_text_replied_to() -> None:
    theirs = make_message("I heard it sank. Anyway.", chat=group_chat())
    quote = {"text": "it sank", "position": 8}
    incoming = taken(make_message("/ask", chat=group_chat(), reply_to_message=theirs, quote=quote))
    assert incoming.reply_to_text == "it sank"


def test_read_when_the_reply_is_the_opening_of_a_topic_of_ours_then_it_is_no_reply() -> None:
    opening = make_message(
        chat=group_chat(), forum_topic_created={"name": "Ferries", "icon_color": 1}, sender=our_user()
    )
    incoming = taken(make_message("hello all", chat=group_chat(), reply_to_message=opening))
    assert (incoming.reply_to_us, incoming.reply_to_message_id) == (False, None)


def test_read_when_an_administrator_is_anonymous_then_the_chat_is_the_user() -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    incoming = taken(make_message("/ask a", chat=group_chat(), sender_chat=group_chat(), sender=anonymous))
    assert incoming.user_id == GROUP


def test_read_when_the_sender_has_no_language_then_english() -> None:
    sender = {"id": 8, "is_bot": False, "first_name": "Bo"}
    assert taken(make_message("a", sender=sender)).language == "en"


@pytest.mark.parametrize(
    "more",
    [
        {"is_automatic_forward": True, "sender_chat": {"id": -1009, "type": "channel", "title": "News"}},
        {"sender": make_user(9, is_bot=True)},
        {"via_bot": our_user()},
        {"new_chat_members": [our_user()]},
        {"pinned_message": make_message("old", chat=group_chat())},
    ],
    ids=["automatic copy", "another bot", "sent through us", "joined", "pinned"],
)
def test_read_when_no_person_speaks_then_none(more: dict[str, Any]) -> None:
    text = None if {"new_chat_members", "pinned_message"} & set(more) else "/ask a"
    assert reading(make_message(text, chat=group_chat(), **more)) is None


@pytest.mark.parametrize("kind", ["channel_post", "edited_channel_post"])
def test_read_when_a_channel_posts_then_none(kind: str) -> None:
    channel = {"id": -1009, "type": "channel", "title": "News"}
    assert reading(make_message("/ask a", chat=channel), kind=kind) is None


def test_read_when_sent_long_ago_then_its_own_time_is_kept() -> None:
    assert taken(make_message("a", sent_at=NOW - timedelta(hours=3))).sent_at == NOW - timedelta(hours=3)
