"""Where the bot may speak: chats it knows, membership, permissions, topics. Each rule ends in Telegram's own words."""

from tests.botapi.core import Core
from tests.botapi.refusals import bad_request, forbidden
from tests.botapi.state import Chat, Kind, Member, Message, Status, User

GENERAL = 1


def find_chat(core: Core, chat_id: int | str) -> Chat:
    """Return the chat that a call names. Raises: RefusalError."""
    chat = _by_name(core, chat_id) if isinstance(chat_id, str) else core.world.chats.get(chat_id)
    user = core.world.users.get(chat_id) if isinstance(chat_id, int) else None
    if user is not None and not user.started:
        _refuse_stranger(core, user)
    if chat is None or (chat.kind is not Kind.PRIVATE and not chat.username and chat.member(core.bot) is None):
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to.id)
    return chat


def _by_name(core: Core, name: str) -> Chat | None:
    known = (chat for chat in core.world.chats.values() if chat.kind is not Kind.PRIVATE and chat.username)
    return next((chat for chat in known if f"@{chat.username}".lower() == name.lower()), None)


def _refuse_stranger(core: Core, user: User) -> None:
    if user.is_bot:
        raise forbidden("bot can't send messages to bots")
    if any(chat.member(user) and chat.member(core.bot) for chat in core.world.chats.values()):
        raise forbidden("bot can't initiate conversation with a user")
    raise bad_request("chat not found")


def our_membership(core: Core, chat: Chat) -> Member:
    """Return what the bot is in a group or channel. Raises: RefusalError where it is nothing."""
    member, place = chat.member(core.bot), f"{chat.kind.value} chat"
    if member is None or member.status is Status.LEFT:
        raise forbidden(f"bot is not a member of the {place}")
    if member.status is Status.KICKED:
        raise forbidden(f"bot was kicked from the {place}")
    return member


def check_may_send(core: Core, chat: Chat, right: str = "can_send_messages", what: str = "text messages") -> None:
    """Raise: RefusalError where the bot must not send this kind of thing now."""
    if chat.kind is Kind.PRIVATE:
        _check_person(core.world.users[chat.id])
        return
    member = our_membership(core, chat)
    if chat.kind is Kind.CHANNEL:
        if not (member.is_admin and member.rights.get("can_post_messages", True)):
            raise bad_request("need administrator rights in the channel chat")
        return
    allowed = chat.permissions.get(right, True) and chat.permissions.get("can_send_messages", True)
    if member.status is Status.RESTRICTED:
        allowed = allowed and member.rights.get(right, True) and member.rights.get("can_send_messages", True)
    if not (allowed or member.is_admin):
        raise bad_request(f"not enough rights to send {what} to the chat")


def _check_person(user: User) -> None:
    if user.deactivated:
        raise forbidden("user is deactivated")
    if user.blocked:
        raise forbidden("bot was blocked by the user")


def check_topic(core: Core, chat: Chat, thread_id: int | None) -> None:
    """Raise: RefusalError where a message cannot go to this topic; General has no number to send to."""
    if thread_id is not None:
        topic = chat.topics.get(thread_id) if chat.is_forum and thread_id != GENERAL else None
        if topic is None or topic.deleted:
            raise bad_request("message thread not found")
        closed = topic.closed
    else:
        closed = chat.is_forum and chat.general_closed
    member = chat.member(core.bot)
    may_enter = member is not None and member.is_admin and member.rights.get("can_manage_topics", True)
    if closed and not may_enter:
        raise bad_request("TOPIC_CLOSED")


def find_message(chat: Chat, message_id: int, complaint: str) -> Message:
    message = chat.log.get(message_id)
    if message is None or message.deleted:
        raise bad_request(complaint)
    return message


def reaches_bot(core: Core, message: Message) -> bool:
    """Tell whether a message of somebody else is given to the bot: membership and privacy mode."""
    chat = message.chat
    if chat.kind is Kind.PRIVATE:
        return not core.world.users[chat.id].blocked
    member = chat.member(core.bot)
    if member is None or not member.is_present:
        return False
    if chat.kind is Kind.CHANNEL or member.is_admin or not core.settings.privacy:
        return True
    return message.is_service or _is_meant_for(core, message)


def _is_meant_for(core: Core, message: Message) -> bool:
    """Apply privacy mode: our commands, replies to us, messages sent through us."""
    if message.via_bot is core.bot or (message.reply_to is not None and message.reply_to.sender is core.bot):
        return True
    name = f"@{core.bot.username}".lower()
    for command in message.of("bot_command"):
        addressee = command.lower().partition("@")[2]
        if f"@{addressee}" == name or not addressee:
            return True
    return core.settings.mentions_delivered and name in (mention.lower() for mention in message.of("mention"))
