"""The methods that tell about chats and their members, leave them, and tend the topics of a forum."""

from collections.abc import Callable, Mapping

from tests.botapi.composing import compose
from tests.botapi.core import Core
from tests.botapi.refusals import bad_request
from tests.botapi.rights import GENERAL, find_chat, our_membership
from tests.botapi.state import Chat, Json, Kind, Member, Status, Topic, Wording
from tests.botapi.wire import chat_json, member_json

_ACCEPTED_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
TITLE_CHARS = 128


def get_chat(core: Core, given: Json) -> Json:
    chat = find_chat(core, given["chat_id"])
    if chat.kind is not Kind.PRIVATE:
        our_membership(core, chat)
    told: Json = {**chat_json(chat), "accent_color_id": 0, "max_reaction_count": 11}
    told["accepted_gift_types"] = _ACCEPTED_GIFTS
    if chat.linked is not None:
        told["linked_chat_id"] = chat.linked.id
    if chat.kind in (Kind.GROUP, Kind.SUPERGROUP):
        told["permissions"] = {"can_send_messages": True, **chat.permissions}
    return told


def get_chat_member(core: Core, given: Json) -> Json:
    chat = find_chat(core, given["chat_id"])
    if chat.kind is not Kind.PRIVATE:
        ours = our_membership(core, chat)
        if chat.kind is Kind.CHANNEL and not ours.is_admin:
            raise bad_request("member list is inaccessible")
    user = core.world.users.get(given["user_id"])
    if user is None:
        raise bad_request("invalid user_id specified")
    return member_json(chat, chat.member(user) or Member(user=user, status=Status.LEFT))


def get_chat_administrators(core: Core, given: Json) -> list[Json]:
    chat = find_chat(core, given["chat_id"])
    if chat.kind is Kind.PRIVATE:
        raise bad_request("there are no administrators in the private chat")
    our_membership(core, chat)
    return [
        member_json(chat, member)
        for member in chat.members.values()
        if member.is_admin and (not member.user.is_bot or member.user is core.bot)
    ]


def get_chat_member_count(core: Core, given: Json) -> int:
    chat = find_chat(core, given["chat_id"])
    if chat.kind is Kind.PRIVATE:
        return 2
    our_membership(core, chat)
    return sum(member.is_present for member in chat.members.values())


def leave_chat(core: Core, given: Json) -> bool:
    chat = find_chat(core, given["chat_id"])
    if chat.kind is Kind.PRIVATE:
        raise bad_request("chat can't be left")
    our_membership(core, chat).status = Status.LEFT
    core.touch()
    return True


def _forum(core: Core, given: Json) -> Chat:
    chat = find_chat(core, given["chat_id"])
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    member = our_membership(core, chat)
    if not (member.is_admin and member.rights.get("can_manage_topics", True)):
        raise bad_request("not enough rights to create a topic")
    return chat


def create_forum_topic(core: Core, given: Json) -> Json:
    chat = _forum(core, given)
    if not 1 <= len(given["name"]) <= TITLE_CHARS:
        raise bad_request("TOPIC_TITLE_INVALID")
    topic = add_topic(core, chat, given["name"], core.bot.id)
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": 7322096}


def add_topic(core: Core, chat: Chat, name: str, creator_id: int) -> Topic:
    """Open a topic; its number is that of the service message that says so."""
    extra: Json = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
    message = compose(core, chat, Wording(), sender=core.world.users[creator_id], extra=extra)
    topic = Topic(id=message.message_id, name=name)
    message.thread_id, message.is_topic_message = topic.id, True
    chat.topics[topic.id] = topic
    return topic


def _own_topic(core: Core, given: Json) -> Topic:
    topic = _forum(core, given).topics.get(given["message_thread_id"])
    if topic is None or topic.deleted or topic.id == GENERAL:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def close_forum_topic(core: Core, given: Json) -> bool:
    _own_topic(core, given).closed = True
    return True


def reopen_forum_topic(core: Core, given: Json) -> bool:
    _own_topic(core, given).closed = False
    return True


METHODS: Mapping[str, Callable[[Core, Json], object]] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "createForumTopic": create_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
}
