"""The methods that change or remove what stands in a chat, also where it was sent through inline or guest mode."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.botapi.core import Core
from tests.botapi.keyboards import check_markup
from tests.botapi.refusals import bad_request
from tests.botapi.rights import check_may_send, find_chat, find_message, our_membership
from tests.botapi.sending import caption_wording, text_wording
from tests.botapi.state import Chat, Json, Kind, Message, Wording, reword
from tests.botapi.wire import message_json

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current"
    " content and reply markup of the message"
)
DELETED_AT_ONCE = 100


def edit_message_text(core: Core, given: Json) -> Json | bool:
    message = _editable(core, given)
    if not given.get("text"):
        raise bad_request("message text is empty")
    if message.wording.media:
        raise bad_request("there is no text in the message to edit")
    return _reworded(core, given, message, text_wording(core, given))


def edit_message_caption(core: Core, given: Json) -> Json | bool:
    message = _editable(core, given)
    if not message.wording.media:
        raise bad_request("there is no caption in the message to edit")
    return _reworded(core, given, message, caption_wording(core, given, message.wording.media))


def edit_message_reply_markup(core: Core, given: Json) -> Json | bool:
    message = _editable(core, given)
    markup = check_markup(given.get("reply_markup"))
    return _reworded(core, given, message, replace(message.wording, markup=markup, since=core.clock()))


def _editable(core: Core, given: Json) -> Message:
    """Find what a call wants to edit. Raises: RefusalError where there is none, it is not ours, or it is too old."""
    if given.get("inline_message_id"):
        message = core.world.inline_messages.get(given["inline_message_id"])
        if message is None or message.deleted:
            raise bad_request("MESSAGE_ID_INVALID")
    else:
        if given.get("chat_id") is None:
            raise bad_request("chat_id is empty")
        if given.get("message_id") is None:
            raise bad_request("message identifier is not specified")
        chat = find_chat(core, given["chat_id"])
        check_may_send(core, chat)
        message = find_message(chat, given["message_id"], "message to edit not found")
        if not _is_ours(core, message):
            raise bad_request("message can't be edited")
    window_s = core.settings.edit_window_s
    if window_s is not None and (core.clock() - message.date).total_seconds() > window_s:
        raise bad_request("message can't be edited")
    return message


def _is_ours(core: Core, message: Message) -> bool:
    if message.by_bot:
        return "forward_origin" not in message.extra
    member = message.chat.member(core.bot)
    is_channel = message.chat.kind is Kind.CHANNEL
    return is_channel and member is not None and member.rights.get("can_edit_messages", True)


def _reworded(core: Core, given: Json, message: Message, wording: Wording) -> Json | bool:
    if _seen(wording) == _seen(message.wording):
        raise bad_request(NOT_MODIFIED)
    core.meter.take(message.chat, core.clock())
    reword(message, wording, core.clock())
    core.touch()
    return True if given.get("inline_message_id") else message_json(message)


def _seen(wording: Wording) -> object:
    disabled = bool((wording.preview or {}).get("is_disabled"))
    return wording.text, wording.entities, wording.media, wording.markup, disabled


def delete_message(core: Core, given: Json) -> bool:
    chat = find_chat(core, given["chat_id"])
    message = find_message(chat, given["message_id"], "message to delete not found")
    _check_deletable(core, chat, message)
    message.deleted = True
    core.touch()
    return True


def delete_messages(core: Core, given: Json) -> bool:
    chat, wanted = find_chat(core, given["chat_id"]), given["message_ids"]
    if not 1 <= len(wanted) <= DELETED_AT_ONCE:
        raise bad_request("too many messages to delete")
    for message in (chat.log[number] for number in wanted if number in chat.log):
        _check_deletable(core, chat, message)
        message.deleted = True
    core.touch()
    return True


def _check_deletable(core: Core, chat: Chat, message: Message) -> None:
    too_old = (core.clock() - message.date).total_seconds() > core.settings.delete_window_s
    if chat.kind is Kind.PRIVATE:
        if too_old:
            raise bad_request("message can't be deleted for everyone")
        return
    member = our_membership(core, chat)
    if member.is_admin and member.rights.get("can_delete_messages", True):
        return
    if not message.by_bot or too_old:
        raise bad_request("message can't be deleted")


def pin(pinned: bool) -> Callable[[Core, Json], bool]:
    """Make pinChatMessage or its opposite."""

    def change(core: Core, given: Json) -> bool:
        chat = find_chat(core, given["chat_id"])
        _check_may_pin(core, chat)
        find_message(chat, given.get("message_id", 0), "message to pin not found").pinned = pinned
        core.touch()
        return True

    return change


def _check_may_pin(core: Core, chat: Chat) -> None:
    if chat.kind is Kind.PRIVATE:
        return
    member = our_membership(core, chat)
    right = "can_edit_messages" if chat.kind is Kind.CHANNEL else "can_pin_messages"
    if not (member.is_admin and member.rights.get(right, True)):
        raise bad_request("not enough rights to manage pinned messages in the chat")


METHODS: Mapping[str, Callable[[Core, Json], object]] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin(True),
    "unpinChatMessage": pin(False),
}
