"""From a message of Telegram's to Incoming: pure, and the only reader of messages that people write.

Says what a message is, never whether we answer it: that is `dialogue.decide`.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from telegram import Chat, Message, MessageEntity, MessageOriginChannel, MessageOriginUser, Update, User
from telegram.constants import ChatType, MessageAttachmentType, MessageEntityType
from telegram.ext import filters

from bot.records import ChatKind
from bot.types import ChatSeen, Incoming, Media, Place
from index import Channel, Post

PLACES: Mapping[str, Place] = MappingProxyType(
    {
        ChatType.PRIVATE: Place.PRIVATE,
        ChatType.GROUP: Place.GROUP,
        ChatType.SUPERGROUP: Place.GROUP,
        ChatType.CHANNEL: Place.CHANNEL,
    }
)
_KINDS: Mapping[MessageAttachmentType, Media | None] = MappingProxyType(
    {
        MessageAttachmentType.PHOTO: Media.PHOTO,
        MessageAttachmentType.LIVE_PHOTO: Media.PHOTO,
        MessageAttachmentType.VOICE: Media.VOICE,
        MessageAttachmentType.AUDIO: Media.VOICE,
        MessageAttachmentType.STICKER: Media.STICKER,
        MessageAttachmentType.ANIMATION: Media.VIDEO,
        MessageAttachmentType.VIDEO: Media.VIDEO,
        MessageAttachmentType.VIDEO_NOTE: Media.VIDEO,
        MessageAttachmentType.VENUE: Media.LOCATION,
        MessageAttachmentType.LOCATION: Media.LOCATION,
        MessageAttachmentType.POLL: Media.POLL,
        MessageAttachmentType.DOCUMENT: Media.FILE,
    }
)


def read(update: Update, *, our_id: int, our_name: str) -> Incoming | None:
    """Translate one update, or return None where it holds no message of a person.

    Dropped: channel posts and their automatic copies in the linked group, service messages, messages
    of bots, and what was sent through our own inline mode. Edits are kept and flagged.
    """
    message = update.message or update.edited_message or update.guest_message
    if message is None or not _is_from_a_person(message, our_id):
        return None
    if filters.StatusUpdate.ALL.check_update(update) or _is_empty(message):
        return None
    return of_message(message, our_id=our_id, our_name=our_name, edited=update.edited_message is not None)


def of_message(message: Message, *, our_id: int, our_name: str, edited: bool = False) -> Incoming:
    """Translate a message of a person. `our_name` is without @."""
    text, command, addressee = _command(message)
    answered = _answered(message)
    sender, is_guest = message.from_user, bool(message.guest_query_id)
    return Incoming(
        chat_id=message.chat.id,
        message_id=message.message_id,
        place=Place.GUEST if is_guest else PLACES[message.chat.type],
        text=text,
        sent_at=message.date,
        command=command,
        addressee=addressee,
        user_id=message.sender_chat.id if message.sender_chat else sender.id if sender else None,
        sender_chat_id=message.sender_chat.id if message.sender_chat else None,
        thread_id=message.message_thread_id if message.is_topic_message else None,
        is_comment=_is_comment(message),
        comment_on=_commented(message),
        media=_media(message),
        mentions_us=_mentions(message, our_id, our_name.lower()),
        reply_to_us=answered is not None and _is_ours(answered, our_id),
        reply_to_message_id=answered.message_id if answered else None,
        reply_to_text=_quoted(message, answered),
        reply_to_whole=(answered.text or answered.caption or "") if answered else "",
        forwards_us=_forwards(message, our_id),
        guest_query_id=message.guest_query_id or "",
        language=language_of(sender),
        edited=edited,
        chat=None if is_guest else chat_of(message.chat),
    )


def chat_of(chat: Chat, *, linked_chat_id: int | None = None) -> ChatSeen:
    """Translate a chat."""
    return ChatSeen(
        chat_id=chat.id,
        kind=ChatKind(chat.type),
        title=chat.title or "",
        username=chat.username,
        forum=bool(chat.is_forum),
        linked_chat_id=linked_chat_id,
    )


def language_of(user: User | None) -> str:
    """Return the language of somebody's app, English where it is not told."""
    return (user.language_code if user else None) or "en"


def _is_from_a_person(message: Message, our_id: int) -> bool:
    if message.chat.type not in PLACES or message.chat.type == ChatType.CHANNEL or message.is_automatic_forward:
        return False
    # Chosen from our own offers; a forward of such a message is somebody's again.
    if message.via_bot is not None and message.via_bot.id == our_id and message.forward_origin is None:
        return False
    # Anonymous administrators and channels also come with a bot as sender, but name the chat they speak for.
    return message.sender_chat is not None or message.from_user is None or not message.from_user.is_bot


def _is_empty(message: Message) -> bool:
    """Tell whether nothing was written or attached: a service message of a kind that the library does not know yet."""
    return not (message.text or message.caption or message.effective_attachment)


def _command(message: Message) -> tuple[str, str | None, str]:
    """Split into what follows the command, the command, and the bot it is meant for."""
    text = message.text or message.caption or ""
    for entity in _entities(message):
        if entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0:
            # A command is ASCII, so Telegram's UTF-16 length is ours too.
            name, _, addressee = text[1 : entity.length].partition("@")
            return text[entity.length :].strip(), name.lower(), addressee.lower()
    return text.strip(), None, ""


def _mentions(message: Message, our_id: int, our_name: str) -> bool:
    """Tell whether we are named anywhere: by our @name, or by a link to us without one."""
    text = (message.text or message.caption or "").encode("utf-16-le", "surrogatepass")
    for entity in _entities(message):
        if entity.type == MessageEntityType.TEXT_MENTION and entity.user is not None and entity.user.id == our_id:
            return True
        if entity.type == MessageEntityType.MENTION:
            named = text[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le", "replace")
            if named.lower() == f"@{our_name}":
                return True
    return False


def _entities(message: Message) -> Sequence[MessageEntity]:
    return message.entities or message.caption_entities


def _media(message: Message) -> Media | None:
    """Tell what is attached, None for nothing and for what there is no word for (dice, games, contacts)."""
    return next((media for kind, media in _KINDS.items() if getattr(message, kind.value)), None)


def _answered(message: Message) -> Message | None:
    """Find the message that this one answers; None for the opening of its topic, which no person replied to."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    # What opened a topic may come without saying so, but it always has the topic's number.
    if message.is_topic_message and answered.message_id == message.message_thread_id and message.quote is None:
        return None
    return answered


def _is_ours(answered: Message, our_id: int) -> bool:
    """Tell whether we wrote it, ourselves or by way of a reader who chose one of our offers."""
    if answered.forward_origin is not None:
        return False
    return any(author is not None and author.id == our_id for author in (answered.from_user, answered.via_bot))


def _forwards(message: Message, our_id: int) -> bool:
    origin = message.forward_origin
    if origin is None:
        return False
    by_us = isinstance(origin, MessageOriginUser) and origin.sender_user.id == our_id
    return by_us or (message.via_bot is not None and message.via_bot.id == our_id)


def _is_comment(message: Message) -> bool:
    """Tell whether it answers the copy of a channel's post; of a reply to a comment Telegram does not tell the post."""
    answered = message.reply_to_message
    if message.is_topic_message or message.chat.is_forum or answered is None:
        return False
    return bool(answered.is_automatic_forward)


def _commented(message: Message) -> Post | None:
    """Return the channel's post that a message is a comment on, as far as its copy in the group shows it."""
    copied = message.reply_to_message
    if copied is None or not _is_comment(message) or not isinstance(copied.forward_origin, MessageOriginChannel):
        return None
    origin = copied.forward_origin
    return Post(
        channel=Channel(id=origin.chat.id, title=origin.chat.title or "", username=origin.chat.username or ""),
        message_id=origin.message_id,
        text=copied.text or copied.caption or "",
        at=origin.date,
    )


def _quoted(message: Message, answered: Message | None) -> str:
    """Take the words that the sender marked for the reply, else the whole text of the answered message."""
    if message.quote is not None:
        return message.quote.text
    if answered is None:
        return ""
    return answered.text or answered.caption or ""
