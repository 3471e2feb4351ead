"""People, chats and messages as JSON, the way a bot is given them."""

from datetime import datetime

from tests.botapi.state import Chat, Json, Kind, Member, Message, Status, User

FORBIDDING = ("can_send_messages", "can_send_other_messages", "can_send_polls", "can_add_web_page_previews",
              "can_send_photos", "can_send_videos", "can_send_audios", "can_send_documents", "can_send_voice_notes",
              "can_send_video_notes", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics",
              "can_react_to_messages", "can_edit_tag")  # fmt: skip
ADMIN_RIGHTS = ("can_be_edited", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
                "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
                "can_post_stories", "can_edit_stories", "can_delete_stories", "can_send_welcome_messages")  # fmt: skip
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages")
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics")


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def user_json(user: User) -> Json:
    told: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    if user.username:
        told["username"] = user.username
    if not user.is_bot:
        told["language_code"] = user.language_code
    return told


def chat_json(chat: Chat) -> Json:
    told: Json = {"id": chat.id, "type": chat.kind.value}
    told["first_name" if chat.kind is Kind.PRIVATE else "title"] = chat.title
    if chat.username:
        told["username"] = chat.username
    if chat.is_forum:
        told["is_forum"] = True
    return told


def message_json(message: Message, *, with_reply: bool = True) -> Json:
    """Tell a message; what it replies to is told one step deep, as Telegram does."""
    told: Json = {"message_id": message.message_id, "date": stamp(message.date), "chat": chat_json(message.chat)}
    if message.sender is not None:
        told["from"] = user_json(message.sender)
    if message.sender_chat is not None:
        told["sender_chat"] = chat_json(message.sender_chat)
    if message.thread_id is not None:
        told["message_thread_id"] = message.thread_id
    if message.is_topic_message:
        told["is_topic_message"] = True
    answered = _answered(message) if with_reply else None
    if answered is not None and not answered.deleted:
        told["reply_to_message"] = message_json(answered, with_reply=False)
    if message.quote is not None:
        told["quote"] = message.quote
    if message.via_bot is not None:
        told["via_bot"] = user_json(message.via_bot)
    if message.edited_at is not None:
        told["edit_date"] = stamp(message.edited_at)
    return {**told, **message.extra, **_content(message)}


def _answered(message: Message) -> Message | None:
    """Return the target of a reply; in a topic every other message replies to the one that opened the topic."""
    if message.reply_to is None and message.is_topic_message and message.thread_id != message.message_id:
        return message.chat.log.get(message.thread_id or 0)
    return message.reply_to


def _content(message: Message) -> Json:
    wording = message.wording
    told: Json = dict(wording.media)
    text, entities = ("caption", "caption_entities") if wording.media else ("text", "entities")
    if wording.text:
        told[text] = wording.text
    if wording.entities:
        told[entities] = list(wording.entities)
    if wording.markup and "inline_keyboard" in wording.markup:
        told["reply_markup"] = wording.markup
    if wording.preview:
        told["link_preview_options"] = wording.preview
    return told


def member_json(chat: Chat, member: Member) -> Json:
    """Tell a ChatMember of the kind that its status makes it."""
    told: Json = {"status": member.status.value, "user": user_json(member.user)}
    match member.status:
        case Status.CREATOR:
            told["is_anonymous"] = member.anonymous
        case Status.ADMINISTRATOR:
            own = CHANNEL_RIGHTS if chat.kind is Kind.CHANNEL else GROUP_RIGHTS
            rights = {right: member.rights.get(right, right != "can_be_edited") for right in ADMIN_RIGHTS + own}
            told |= {**rights, "is_anonymous": member.anonymous}
        case Status.RESTRICTED:
            told |= {right: member.rights.get(right, True) for right in FORBIDDING}
            told |= {"is_member": True, "until_date": 0}
        case Status.KICKED:
            told["until_date"] = 0
        case _:
            pass
    return told
