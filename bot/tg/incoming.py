"""From `telegram.Update` to Incoming: pure, and the only reader of Telegram's messages.

Says what a message is, never whether we answer it: that is `dialogue.decide`.
"""

from telegram import Message, Update
from telegram.constants import ChatType, MessageEntityType
from telegram.ext import filters

from bot.types import Incoming, Place

_PLACES = {
    ChatType.PRIVATE: Place.PRIVATE,
    ChatType.GROUP: Place.GROUP,
    ChatType.SUPERGROUP: Place.GROUP,
}


def read(update: Update, *, our_id: int) -> Incoming | None:
    """Translate one update, or return None where it holds no message of a person.

    Dropped: channel posts and their automatic copies in the linked group, service messages, messages
    of bots, and what was sent through our own inline mode. Edits are kept and flagged.
    `user_id` is the sending chat's id for an anonymous administrator or a channel that writes in a group.
    """
    message = update.message or update.edited_message
    if message is None or not _is_from_a_person(update, message, our_id):
        return None
    text, command, addressee = _command(message)
    answered = _answered(message)
    sender = message.from_user
    return Incoming(
        chat_id=message.chat.id,
        message_id=message.message_id,
        place=_PLACES[ChatType(message.chat.type)],
        text=text,
        sent_at=message.date,
        command=command,
        addressee=addressee,
        user_id=message.sender_chat.id if message.sender_chat else sender.id if sender else None,
        thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_to_us=answered is not None and answered.from_user is not None and answered.from_user.id == our_id,
        reply_to_message_id=answered.message_id if answered else None,
        reply_to_text=_quoted(message, answered),
        language=(sender.language_code if sender else None) or "en",
        edited=update.message is None,
    )


def _is_from_a_person(update: Update, message: Message, our_id: int) -> bool:
    if message.chat.type not in _PLACES or message.is_automatic_forward:
        return False
    if filters.StatusUpdate.ALL.check_update(update):
        return False
    if message.via_bot is not None and message.via_bot.id == our_id:
        return False
    # Anonymous administrators and channels also come with a bot as sender, but name the chat they speak for.
    return message.sender_chat is not None or message.from_user is None or not message.from_user.is_bot


def _command(message: Message) -> tuple[str, str | None, str]:
    """Split into what follows the command, the command, and the bot it is meant for."""
    text = message.text or message.caption or ""
    for entity in message.entities or message.caption_entities:
        if entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0:
            # A command is ASCII, so Telegram's UTF-16 length is ours too.
            name, _, addressee = text[1 : entity.length].partition("@")
            return text[entity.length :].strip(), name.lower(), addressee.lower()
    return text.strip(), None, ""


def _answered(message: Message) -> Message | None:
    """Find the message that this one answers; None for the opening of its topic, which no person replied to."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    return answered


def _quoted(message: Message, answered: Message | None) -> str:
    """Take the words that the sender marked for the reply, else the whole text of the answered message."""
    if message.quote is not None:
        return message.quote.text
    if answered is None:
        return ""
    return answered.text or answered.caption or ""
