"""How members come, go, rise and fall, and what the bot is told of it; a group becomes a supergroup here."""

from tests.botapi.composing import ANONYMOUS_ID, announce, compose
from tests.botapi.core import Core
from tests.botapi.state import Chat, Json, Kind, Member, Message, Status, User, Wording
from tests.botapi.wire import chat_json, member_json, message_json, stamp, user_json


def change(core: Core, chat: Chat, user: User, status: Status, by: User, rights: dict[str, bool] | None = None) -> None:
    """Give a member a new status and tell the bot, where it is told such things."""
    member = chat.members.setdefault(user.id, Member(user=user, status=Status.LEFT))
    before = member_json(chat, member)
    was_admin = _is_bot_admin(core, chat)
    member.status, member.rights = status, dict(rights or {})
    told: Json = {"chat": chat_json(chat), "from": user_json(by), "date": stamp(core.clock())}
    told |= {"old_chat_member": before, "new_chat_member": member_json(chat, member)}
    if user is core.bot:
        core.updates.push("my_chat_member", told)
    elif was_admin:
        core.updates.push("chat_member", told)
    core.touch()


def _is_bot_admin(core: Core, chat: Chat) -> bool:
    member = chat.member(core.bot)
    return member is not None and member.is_admin


def add(core: Core, chat: Chat, user: User, by: User) -> None:
    """Let somebody in, with the service message that groups show."""
    change(core, chat, user, Status.MEMBER, by)
    if chat.kind is not Kind.CHANNEL:
        service(core, chat, by, {"new_chat_members": [user_json(user)]})


def remove(core: Core, chat: Chat, user: User, by: User) -> None:
    """See somebody out: kicked by another, or gone by themselves."""
    change(core, chat, user, Status.LEFT if by is user else Status.KICKED, by)
    if chat.kind is not Kind.CHANNEL and user is not core.bot:
        service(core, chat, by, {"left_chat_member": user_json(user)})


def service(core: Core, chat: Chat, by: User | None, what: Json, *, thread_id: int | None = None) -> Message:
    """Let the chat say what has happened in it."""
    message = compose(core, chat, Wording(), sender=by, extra=what)
    if thread_id is not None:
        message.thread_id, message.is_topic_message = thread_id, True
    return announce(core, message)


def block(core: Core, user: User, *, blocked: bool) -> None:
    """Let a person block the bot, or take it back."""
    chat = core.world.chat_of(user)
    user.blocked = blocked
    statuses = (Status.MEMBER, Status.KICKED) if blocked else (Status.KICKED, Status.MEMBER)
    old, new = (member_json(chat, Member(user=core.bot, status=status)) for status in statuses)
    told: Json = {"chat": chat_json(chat), "from": user_json(user), "date": stamp(core.clock())}
    core.updates.push("my_chat_member", {**told, "old_chat_member": old, "new_chat_member": new})


def migrate(core: Core, old: Chat, new: Chat, by: User) -> None:
    """Turn a group into a supergroup: members go over, both chats say so, the old number answers no more."""
    new.members = dict(old.members)
    new.permissions = dict(old.permissions)
    leaving = compose(core, old, Wording(), sender=by, extra={"migrate_to_chat_id": new.id})
    told = message_json(leaving)
    old.migrated_to = new
    core.updates.push("message", told)
    anonymous = core.world.users[ANONYMOUS_ID]
    arrived = compose(core, new, Wording(), sender=anonymous, sender_chat=new, extra={"migrate_from_chat_id": old.id})
    announce(core, arrived)
