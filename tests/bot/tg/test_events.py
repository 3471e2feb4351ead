"""Presses, inline questions, membership, moves and channel posts, as the strict server tells them."""

from telegram import Update

from bot.records import ChatKind
from bot.tg.events import inline_ask_of, membership_of, migration_of, posted_of, press_of
from bot.tg.lanes import lane_of
from bot.types import ChatSeen, InlineAsk, Membership, Migrated, Place, Press, Right, Role
from tests.botapi import Server
from tests.botapi.state import Json, Message, Wording


def updates(server: Server) -> list[Update]:
    """Read what is on its way to the bot."""
    read = [Update.de_json(raw, bot=None) for raw in server.undelivered()]
    assert read
    return [update for update in read if update is not None]


def last(server: Server) -> Update:
    return updates(server)[-1]


def ours(server: Server, chat: object, *, markup: Json | None = None) -> Message:
    """Put a message of ours into a chat without a call."""
    from tests.botapi.composing import compose

    wording = Wording(text="The ferry sailed.", markup=markup)
    message = compose(server.core, chat.chat, wording, sender=server.core.bot)  # type: ignore[attr-defined]
    message.by_bot = True
    return message


def pressed(server: Server) -> Press:
    query = last(server).callback_query
    assert query is not None
    return press_of(query)


def test_press_when_in_a_group_then_chat_message_and_person_are_told() -> None:
    server = Server()
    ann = server.user("Ann", language="uk")
    group = server.supergroup("Desk", ann)
    message = ours(server, group)
    ann.calls_back(message, "k1")
    seen = ChatSeen(chat_id=group.id, kind=ChatKind.SUPERGROUP, title="Desk")
    assert pressed(server) == Press(
        user_id=ann.user.id,
        key="k1",
        language="uk",
        place=Place.GROUP,
        chat_id=group.id,
        message_id=message.message_id,
        chat=seen,
    )


def test_press_when_in_a_topic_then_the_topic_is_told() -> None:
    server = Server()
    ann = server.user("Ann")
    group = server.supergroup("Desk", ann, forum=True)
    topic = group.topic("Fires")
    message = ours(server, group)
    message.thread_id, message.is_topic_message = topic.thread_id, True
    ann.calls_back(message, "k1")
    assert pressed(server).thread_id == topic.thread_id


def test_press_when_the_message_is_too_old_to_be_told_then_its_number_is_known() -> None:
    server = Server()
    ann = server.user("Ann")
    message = ours(server, ann)
    message.deleted = True
    ann.calls_back(message, "k1")
    press = pressed(server)
    assert (press.chat_id, press.message_id, press.place) == (ann.id, message.message_id, Place.PRIVATE)


def test_press_when_the_message_was_sent_by_way_of_a_reader_then_only_its_own_id_is_known() -> None:
    server = Server()
    ann = server.user("Ann")
    message = ours(server, server.group("Friends", ann, bot=None))
    message.inline_message_id = "AgAAAI1"
    ann.calls_back(message, "k1")
    press = pressed(server)
    assert (press.chat_id, press.message_id, press.inline_message_id) == (None, None, "AgAAAI1")


def test_lane_when_presses_and_questions_mix_then_a_press_waits_only_for_the_same_message() -> None:
    server = Server()
    ann, bob = server.user("Ann"), server.user("Bob")
    one, other = ours(server, ann), ours(server, ann)
    ann.calls_back(one, "k1")
    ann.calls_back(one, "k2")
    ann.calls_back(other, "k1")
    ann.says("How many?")
    ann.types_inline("how")
    bob.types_inline("how")
    lanes = [lane_of(update) for update in updates(server)]
    assert lanes[0] == lanes[1]
    assert len(set(lanes)) == 5


def test_inline_question_when_typed_then_its_words_and_the_reader_are_told() -> None:
    server = Server()
    ann = server.user("Ann", language="de")
    ann.types_inline(" how many ")
    query = last(server).inline_query
    assert query is not None
    assert inline_ask_of(query) == InlineAsk(user_id=ann.user.id, text="how many", language="de")


def joined(server: Server, *, reads_all: bool = False, linked: int | None = None) -> Membership:
    change = last(server).my_chat_member
    assert change is not None
    return membership_of(change, reads_all=reads_all, linked_chat_id=linked)


def test_membership_when_added_and_promoted_in_a_group_then_roles_and_rights_are_told() -> None:
    server = Server()
    ann = server.user("Ann", language="fr")
    group = server.supergroup("Desk", ann, bot=None)
    group.adds_bot()
    added = next(update.my_chat_member for update in updates(server) if update.my_chat_member)
    membership = membership_of(added, reads_all=False)
    assert (membership.old, membership.new) == (Role.LEFT, Role.MEMBER)
    assert (membership.rights, membership.by_user_id) == (frozenset({Right.SEND_MESSAGES}), ann.user.id)
    assert membership.language == "fr"
    group.promotes_bot()
    assert joined(server).rights == {Right.SEND_MESSAGES, Right.READ_MESSAGES}
    group.demotes_bot()
    assert joined(server, reads_all=True).rights == {Right.SEND_MESSAGES, Right.READ_MESSAGES}
    group.restricts_bot(can_send_messages=False)
    assert (joined(server).new, joined(server).rights) == (Role.RESTRICTED, frozenset())
    group.removes_bot()
    assert (joined(server).new, joined(server).rights) == (Role.KICKED, frozenset())


def test_membership_when_in_a_channel_then_posting_and_editing_are_rights_of_their_own() -> None:
    server = Server()
    channel = server.channel("Wire", bot=None)
    channel.promotes_bot(can_edit_messages=False)
    membership = joined(server, linked=-1005)
    assert membership.rights == {Right.READ_MESSAGES, Right.POST_MESSAGES}
    assert (membership.chat.kind, membership.chat.linked_chat_id) == (ChatKind.CHANNEL, -1005)


def test_membership_when_blocked_in_private_then_kicked_and_back_again() -> None:
    server = Server()
    ann = server.user("Ann", started=True)
    ann.blocks()
    assert (joined(server).old, joined(server).new) == (Role.MEMBER, Role.KICKED)
    ann.unblocks()
    assert (joined(server).new, joined(server).chat.kind) == (Role.MEMBER, ChatKind.PRIVATE)


def test_migration_when_a_group_moves_then_both_chats_tell_the_same() -> None:
    server = Server()
    group = server.group("Desk", server.user("Ann"))
    moved = group.migrates()
    found = [migration_of(update.message) for update in updates(server) if update.message]
    expected = Migrated(old_chat_id=group.id, new_chat_id=moved.id)
    assert [each for each in found if each] == [expected, expected]


def test_post_when_new_and_edited_then_text_times_and_channel_are_told() -> None:
    server = Server()
    channel = server.channel("Wire", username="wire")
    message = channel.posts("Pier closed\nAll ferries wait.")
    post = last(server).channel_post
    assert post is not None
    posted = posted_of(post, edited=False)
    assert (posted.post.text, posted.post.message_id) == ("Pier closed\nAll ferries wait.", message.message_id)
    assert (posted.post.channel.id, posted.post.channel.username, posted.post.channel.title) == (
        channel.id,
        "wire",
        "Wire",
    )
    assert (posted.post.edited_at, posted.edited) == (None, False)
    channel.edits(message, "Pier open")
    edit = last(server).edited_channel_post
    assert edit is not None
    assert posted_of(edit, edited=True).post.edited_at is not None


def test_post_when_an_album_then_each_is_a_post_and_one_has_the_words() -> None:
    server = Server()
    channel = server.channel("Wire")
    channel.posts_album(["The pier at noon.", ""])
    posts = [posted_of(update.channel_post, edited=False).post for update in updates(server) if update.channel_post]
    assert [post.text for post in posts] == ["The pier at noon.", ""]


def test_post_when_it_begins_in_bold_then_that_is_its_bold() -> None:
    server = Server()
    channel = server.channel("Wire")
    message = channel.posts("Pier closed\nAll ferries wait.")
    raw = server.undelivered()[-1]
    raw["channel_post"]["entities"] = [{"type": "bold", "offset": 0, "length": 11}]
    update = Update.de_json(raw, bot=None)
    assert update.channel_post is not None
    assert posted_of(update.channel_post, edited=False).post.bold == "Pier closed"
    assert message.text.startswith("Pier closed")
