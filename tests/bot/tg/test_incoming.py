from datetime import timedelta
from typing import Any

import pytest

from bot.records import ChatKind
from bot.tg.incoming import read
from bot.types import ChatSeen, Incoming, Media, Place
from tests.bot.tg.builders import (
    ASKER,
    GROUP,
    NOW,
    OUR_ID,
    OUR_NAME,
    Json,
    group_chat,
    make_message,
    make_update,
    make_user,
    our_user,
    read_update,
)


def reading(message: Json, *, kind: str = "message") -> Incoming | None:
    return read(read_update(make_update(message, kind=kind)), our_id=OUR_ID, our_name=OUR_NAME)


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


FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = {**FILE, "width": 1, "height": 1}
CLIP = {**PICTURE, "duration": 3}
STICKER = {**PICTURE, "type": "regular", "is_animated": False, "is_video": False}
SPOT = {"latitude": 54.3, "longitude": 10.1}
POLL = {
    "id": "1",
    "question": "Which ferry?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}


@pytest.mark.parametrize(
    ("attached", "media"),
    [
        ({"photo": [PICTURE]}, Media.PHOTO),
        ({"voice": {**FILE, "duration": 3}}, Media.VOICE),
        ({"audio": {**FILE, "duration": 3}}, Media.VOICE),
        ({"sticker": STICKER}, Media.STICKER),
        ({"video": CLIP}, Media.VIDEO),
        ({"video_note": {**FILE, "length": 1, "duration": 3}}, Media.VIDEO),
        ({"animation": CLIP, "document": FILE}, Media.VIDEO),
        ({"location": SPOT}, Media.LOCATION),
        ({"venue": {"location": SPOT, "title": "Pier", "address": "Quay 1"}, "location": SPOT}, Media.LOCATION),
        ({"poll": POLL}, Media.POLL),
        ({"document": FILE}, Media.FILE),
        ({"dice": {"emoji": "🎲", "value": 3}}, None),
        ({"contact": {"phone_number": "1", "first_name": "Bo"}}, None),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_read_when_there_are_no_words_then_what_is_attached_is_told(attached: Json, media: Media | None) -> None:
    incoming = taken(make_message(**attached))
    assert (incoming.text, incoming.command, incoming.media) == ("", None, media)


def test_read_when_there_is_nothing_in_it_that_the_library_knows_then_none() -> None:
    assert reading(make_message(chat=group_chat())) is None


def mention(text: str, name: str) -> Json:
    offset = len(text[: text.index(name)].encode("utf-16-le")) // 2
    return {"text": text, "entities": [{"type": "mention", "offset": offset, "length": len(name)}]}


@pytest.mark.parametrize(
    ("text", "name", "ours"),
    [
        ("@DatelineBot how many?", "@DatelineBot", True),
        ("🏟🏟 how many, @datelinebot?", "@datelinebot", True),
        ("ask @DatelineBot2 how many", "@DatelineBot2", False),
    ],
)
def test_read_when_somebody_is_mentioned_anywhere_then_it_says_whether_that_is_us(
    text: str, name: str, ours: bool
) -> None:
    incoming = taken(make_message(chat=group_chat(), **mention(text, name)))
    assert (incoming.mentions_us, incoming.text) == (ours, text)


def test_read_when_we_are_mentioned_without_our_name_or_in_a_caption_then_that_is_us_too() -> None:
    linked = {"type": "text_mention", "offset": 0, "length": 4, "user": our_user()}
    assert taken(make_message("Bot! how many?", entities=[linked])).mentions_us
    named = mention("see @DatelineBot", "@DatelineBot")
    captioned = make_message(photo=[PICTURE], caption=named["text"], caption_entities=named["entities"])
    assert taken(captioned).mentions_us


def test_read_when_our_name_is_no_mention_then_it_is_not_one() -> None:
    assert not taken(make_message("write to me@DatelineBot", entities=[])).mentions_us


def test_read_when_a_comment_stands_under_a_post_then_the_thread_is_no_topic() -> None:
    post = make_message("The pier is closed.", chat=group_chat(), is_automatic_forward=True)
    message = make_message("/ask why?", chat=group_chat(), reply_to_message=post, message_thread_id=post["message_id"])
    incoming = taken(message)
    assert (incoming.is_comment, incoming.thread_id, incoming.reply_to_us) == (True, None, False)
    assert incoming.reply_to_whole == "The pier is closed."


def test_read_when_the_reply_is_to_what_was_sent_through_us_then_it_is_to_us() -> None:
    offered = make_message("The ferry sailed.", chat=group_chat(), via_bot=our_user())
    assert taken(make_message("/verify", chat=group_chat(), reply_to_message=offered)).reply_to_us


@pytest.mark.parametrize(
    "forwarded",
    [
        {"forward_origin": {"type": "user", "date": 1, "sender_user": our_user()}},
        {"forward_origin": {"type": "user", "date": 1, "sender_user": make_user(9)}, "via_bot": our_user()},
    ],
    ids=["ours", "sent through us"],
)
def test_read_when_our_message_is_forwarded_then_it_says_so_and_a_reply_to_it_is_none_to_us(forwarded: Json) -> None:
    message = make_message("The ferry sailed.", **forwarded)
    assert taken(message).forwards_us
    assert not taken(make_message("/verify", reply_to_message=message)).reply_to_us


def test_read_when_somebody_elses_message_is_forwarded_then_it_is_not_ours() -> None:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Bo"}
    assert not taken(make_message("The ferry sailed.", forward_origin=origin)).forwards_us


def test_read_when_a_guest_message_comes_then_its_query_and_no_chat_of_ours() -> None:
    message = make_message("@DatelineBot how many?", chat=group_chat(), guest_query_id="g1")
    incoming = taken(message, kind="guest_message")
    assert (incoming.place, incoming.guest_query_id, incoming.chat) == (Place.GUEST, "g1", None)


def test_read_when_in_a_forum_then_the_chat_is_told() -> None:
    forum = {**group_chat(), "is_forum": True, "username": "harbour"}
    assert taken(make_message("/ask a", chat=forum)).chat == ChatSeen(
        chat_id=GROUP, kind=ChatKind.SUPERGROUP, title="Harbour talk", username="harbour", forum=True
    )


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
    assert (incoming.reply_to_text, incoming.reply_to_whole) == ("it sank", "I heard it sank. Anyway.")


def test_read_when_the_reply_is_the_opening_of_a_topic_of_ours_then_it_is_no_reply() -> None:
    opening = make_message(
        chat=group_chat(), forum_topic_created={"name": "Ferries", "icon_color": 1}, sender=our_user()
    )
    incoming = taken(make_message("hello all", chat=group_chat(), reply_to_message=opening))
    assert (incoming.reply_to_us, incoming.reply_to_message_id) == (False, None)


def test_read_when_an_administrator_is_anonymous_then_the_chat_is_the_user() -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    incoming = taken(make_message("/ask a", chat=group_chat(), sender_chat=group_chat(), sender=anonymous))
    assert (incoming.user_id, incoming.sender_chat_id, incoming.is_anonymous_admin) == (GROUP, GROUP, True)


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
