"""How a message comes to stand in a chat: whose it is, in which topic, in answer to what, and who hears of it."""

from tests.botapi.core import Core
from tests.botapi.replies import external_reply
from tests.botapi.rights import reaches_bot
from tests.botapi.state import Chat, Json, Kind, Message, Topic, User, Wording
from tests.botapi.wire import chat_json, message_json, stamp

TELEGRAM_ID = 777000
ANONYMOUS_ID = 1087968824


def compose(
    core: Core,
    chat: Chat,
    wording: Wording,
    *,
    sender: User | None = None,
    sender_chat: Chat | None = None,
    topic: Topic | None = None,
    reply_to: Message | None = None,
    quote: Json | None = None,
    extra: Json | None = None,
) -> Message:
    """Put a new message into a chat. A reply stays in the topic, or the comments, of what it answers."""
    message = Message(
        chat=chat,
        message_id=core.world.next_message_id(chat),
        date=core.clock(),
        wording=wording,
        sender=sender,
        sender_chat=sender_chat,
        quote=quote,
        extra=dict(extra or {}),
    )
    if reply_to is not None and reply_to.chat is chat:
        message.reply_to = reply_to
    elif reply_to is not None:
        message.extra["external_reply"] = external_reply(reply_to)
    _place(message, topic)
    return core.world.add(message)


def _place(message: Message, topic: Topic | None) -> None:
    answered = message.reply_to
    if topic is not None:
        message.thread_id, message.is_topic_message = topic.id, True
    elif answered is None or message.chat.kind is not Kind.SUPERGROUP:
        return
    elif message.chat.is_forum:
        message.thread_id, message.is_topic_message = answered.thread_id, answered.is_topic_message
    else:
        message.thread_id = answered.thread_id or answered.message_id


def announce(core: Core, message: Message) -> Message:
    """Give a message to the bot, if it is one that the bot gets; copy a channel's post to its linked group."""
    if message.sender is not core.bot and reaches_bot(core, message):
        kind = "channel_post" if message.chat.kind is Kind.CHANNEL else "message"
        core.updates.push(kind, message_json(message))
    if message.chat.kind is Kind.CHANNEL and message.chat.linked is not None and not message.is_service:
        announce(core, copy_to_group(core, message, message.chat.linked))
    core.touch()
    return message


def copy_to_group(core: Core, post: Message, group: Chat) -> Message:
    """Make the automatic copy that people comment under."""
    extra: Json = {**post.extra, "is_automatic_forward": True, "forward_origin": channel_origin(post)}
    return compose(core, group, post.wording, sender=core.world.users[TELEGRAM_ID], sender_chat=post.chat, extra=extra)


def channel_origin(post: Message) -> Json:
    told: Json = {"type": "channel", "chat": chat_json(post.chat), "message_id": post.message_id}
    return {**told, "date": stamp(post.date)}


def announce_edit(core: Core, message: Message) -> None:
    """Give an edit to the bot; the copy of a channel's post follows it."""
    if message.sender is not core.bot and reaches_bot(core, message):
        kind = "edited_channel_post" if message.chat.kind is Kind.CHANNEL else "edited_message"
        core.updates.push(kind, message_json(message))
    core.touch()


def automatic_copies(post: Message) -> list[Message]:
    """Return what stands in the linked group for a channel's post."""
    group = post.chat.linked
    return [
        message
        for message in (group.messages if group else ())
        if message.extra.get("is_automatic_forward")
        and message.extra["forward_origin"]["message_id"] == post.message_id
    ]
