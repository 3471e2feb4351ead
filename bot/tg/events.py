"""From those of Telegram's updates that are no person's message to values of ours. Pure.

Presses, inline questions, our standing in a chat, a chat's new id, posts of channels.
"""

from collections.abc import Mapping
from types import MappingProxyType

from telegram import (
    CallbackQuery,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatMemberUpdated,
    InlineQuery,
    Message,
)
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bot.tg.incoming import PLACES, chat_of, language_of
from bot.types import InlineAsk, Membership, Migrated, Place, Posted, Press, Right, Role
from index import Channel, Post

_ROLES: Mapping[str, Role] = MappingProxyType(
    {
        ChatMemberStatus.OWNER: Role.OWNER,
        ChatMemberStatus.ADMINISTRATOR: Role.ADMIN,
        ChatMemberStatus.MEMBER: Role.MEMBER,
        ChatMemberStatus.RESTRICTED: Role.RESTRICTED,
        ChatMemberStatus.LEFT: Role.LEFT,
        ChatMemberStatus.BANNED: Role.KICKED,
    }
)


def press_of(query: CallbackQuery) -> Press:
    """Translate a press; a message that is too old for Telegram to tell still has its chat and number."""
    message = query.message
    language = language_of(query.from_user)
    if message is None:
        return Press(
            user_id=query.from_user.id,
            key=query.data or "",
            language=language,
            place=Place.GUEST,
            inline_message_id=query.inline_message_id,
        )
    in_topic = isinstance(message, Message) and message.is_topic_message
    return Press(
        user_id=query.from_user.id,
        key=query.data or "",
        language=language,
        place=PLACES.get(message.chat.type, Place.GROUP),
        chat_id=message.chat.id,
        message_id=message.message_id,
        thread_id=message.message_thread_id if in_topic and isinstance(message, Message) else None,
        chat=chat_of(message.chat),
    )


def inline_ask_of(query: InlineQuery) -> InlineAsk:
    """Translate what is typed behind our name."""
    return InlineAsk(user_id=query.from_user.id, text=query.query.strip(), language=language_of(query.from_user))


def membership_of(change: ChatMemberUpdated, *, reads_all: bool, linked_chat_id: int | None = None) -> Membership:
    """Translate a change of our own standing. `reads_all`: privacy mode is off, for all groups."""
    return Membership(
        chat=chat_of(change.chat, linked_chat_id=linked_chat_id),
        old=role_of(change.old_chat_member),
        new=role_of(change.new_chat_member),
        rights=rights_of(change.new_chat_member, change.chat.type, reads_all=reads_all),
        by_user_id=change.from_user.id,
        language=language_of(change.from_user),
    )


def role_of(member: ChatMember) -> Role:
    """Tell what somebody is; who is restricted need not be there."""
    if isinstance(member, ChatMemberRestricted) and not member.is_member:
        return Role.LEFT
    return _ROLES[member.status]


def rights_of(member: ChatMember, chat_type: str, *, reads_all: bool) -> frozenset[Right]:
    """Tell which rights we hold: an admin of a group reads and writes everything there."""
    role = role_of(member)
    if role in (Role.LEFT, Role.KICKED):
        return frozenset()
    if chat_type == ChatType.CHANNEL:
        return _rights_in_channel(member)
    may_send = member.can_send_messages if isinstance(member, ChatMemberRestricted) else True
    reads = reads_all or role in (Role.OWNER, Role.ADMIN) or chat_type == ChatType.PRIVATE
    held = {Right.SEND_MESSAGES: may_send, Right.READ_MESSAGES: reads}
    return frozenset(right for right, holds in held.items() if holds)


def _rights_in_channel(member: ChatMember) -> frozenset[Right]:
    if not isinstance(member, ChatMemberAdministrator):
        return frozenset()
    held = {
        Right.READ_MESSAGES: True,
        Right.POST_MESSAGES: member.can_post_messages,
        Right.EDIT_MESSAGES: member.can_edit_messages,
    }
    return frozenset(right for right, holds in held.items() if holds)


def migration_of(message: Message) -> Migrated | None:
    """Tell of a chat's new id, which both the old chat and the new one are told; None for any other message."""
    if message.migrate_to_chat_id is not None:
        return Migrated(old_chat_id=message.chat.id, new_chat_id=message.migrate_to_chat_id)
    if message.migrate_from_chat_id is not None:
        return Migrated(old_chat_id=message.migrate_from_chat_id, new_chat_id=message.chat.id)
    return None


def posted_of(message: Message, *, edited: bool) -> Posted:
    """Translate a post of a channel; of an album each message is a post, and the one with the caption has words."""
    chat = message.chat
    text = message.text or message.caption or (message.poll.question if message.poll else "")
    post = Post(
        channel=Channel(id=chat.id, title=chat.title or "", username=chat.username or ""),
        message_id=message.message_id,
        text=text,
        at=message.date,
        edited_at=message.edit_date,
        bold=_bold(message),
    )
    return Posted(post=post, chat=chat_of(chat), edited=edited)


def _bold(message: Message) -> str:
    """Return what is set in bold at the very beginning."""
    found = message.parse_entities([MessageEntityType.BOLD]) or message.parse_caption_entities([MessageEntityType.BOLD])
    return next((text for entity, text in found.items() if entity.offset == 0), "")
