"""Groups, topics and channels as a test handles them: what their admins do, and what stands in them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.botapi import membership
from tests.botapi.chats import add_topic
from tests.botapi.composing import ANONYMOUS_ID, announce, announce_edit, automatic_copies, compose
from tests.botapi.core import Core
from tests.botapi.media import album_wordings, media_wording, text_of
from tests.botapi.state import Chat, Json, Kind, Member, Message, Status, Topic, Wording, reword

if TYPE_CHECKING:
    from tests.botapi.people import Person


class Place:
    """A chat, or one topic of it. `messages` is what stands there now, `ours` what of it the bot sent."""

    def __init__(self, core: Core, chat: Chat, topic: Topic | None = None) -> None:
        self.core = core
        self.chat = chat
        self.topic_state = topic

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def messages(self) -> list[Message]:
        if self.topic_state is None:
            return self.chat.messages
        return [message for message in self.chat.messages if message.thread_id == self.topic_state.id]

    @property
    def ours(self) -> list[Message]:
        return [message for message in self.messages if message.by_bot]

    @property
    def texts(self) -> list[str]:
        """Return the texts that the bot sent here, as they stand now."""
        return [message.text for message in self.ours]

    @property
    def actions(self) -> list[str]:
        """Return the chat actions ("typing") shown here so far."""
        return [action for chat, action, _ in self.core.actions if chat is self.chat]


class GroupTopic(Place):
    """One topic of a forum."""

    topic_state: Topic

    @property
    def thread_id(self) -> int:
        return self.topic_state.id

    def closes(self) -> None:
        self.topic_state.closed = True
        membership.service(self.core, self.chat, None, {"forum_topic_closed": {}}, thread_id=self.thread_id)

    def reopens(self) -> None:
        self.topic_state.closed = False
        membership.service(self.core, self.chat, None, {"forum_topic_reopened": {}}, thread_id=self.thread_id)

    def is_deleted(self) -> None:
        """Delete the topic with all in it; Telegram tells nobody."""
        for message in self.messages:
            message.deleted = True
        self.topic_state.deleted = True


class Group(Place):
    """A group or supergroup. `by` is who does it; the owner where nobody is named."""

    @property
    def owner(self) -> Member:
        return next(member for member in self.chat.members.values() if member.status is Status.CREATOR)

    def adds_bot(self, by: "Person | None" = None) -> None:
        membership.add(self.core, self.chat, self.core.bot, by.user if by else self.owner.user)

    def removes_bot(self, by: "Person | None" = None) -> None:
        membership.remove(self.core, self.chat, self.core.bot, by.user if by else self.owner.user)

    def promotes_bot(self, **rights: bool) -> None:
        """Make the bot an admin; rights not named are given."""
        membership.change(self.core, self.chat, self.core.bot, Status.ADMINISTRATOR, self.owner.user, rights)

    def demotes_bot(self) -> None:
        membership.change(self.core, self.chat, self.core.bot, Status.MEMBER, self.owner.user)

    def restricts_bot(self, **rights: bool) -> None:
        """Take rights from the bot, such as `can_send_messages=False`."""
        membership.change(self.core, self.chat, self.core.bot, Status.RESTRICTED, self.owner.user, rights)

    def permits(self, **permissions: bool) -> None:
        """Set what every member may do; the bot is not told."""
        self.chat.permissions.update(permissions)

    def adds(self, person: "Person") -> None:
        membership.add(self.core, self.chat, person.user, self.owner.user)

    def removes(self, person: "Person") -> None:
        membership.remove(self.core, self.chat, person.user, self.owner.user)

    def promotes(self, person: "Person", *, anonymous: bool = False, **rights: bool) -> None:
        membership.change(self.core, self.chat, person.user, Status.ADMINISTRATOR, self.owner.user, rights)
        self.chat.members[person.user.id].anonymous = anonymous

    def demotes(self, person: "Person") -> None:
        membership.change(self.core, self.chat, person.user, Status.MEMBER, self.owner.user)

    def is_renamed(self, title: str) -> None:
        self.chat.title = title
        membership.service(self.core, self.chat, self.owner.user, {"new_chat_title": title})

    def topic(self, name: str) -> GroupTopic:
        """Open a topic."""
        topic = add_topic(self.core, self.chat, name, self.owner.user.id)
        announce(self.core, self.chat.log[topic.id])
        return GroupTopic(self.core, self.chat, topic)

    def closes_general(self, closed: bool = True) -> None:
        self.chat.general_closed = closed
        membership.service(self.core, self.chat, None, {"forum_topic_closed": {}})

    def says_anonymously(self, text: str, *, to: GroupTopic | None = None, reply_to: Message | None = None) -> Message:
        """Speak as an anonymous admin: the sender is the group itself."""
        message = compose(
            self.core,
            self.chat,
            text_of(text, self.core.clock()),
            sender=self.core.world.users[ANONYMOUS_ID],
            sender_chat=self.chat,
            topic=to.topic_state if to else None,
            reply_to=reply_to,
        )
        return announce(self.core, message)

    def migrates(self) -> "Group":
        """Become a supergroup with another number. Returns: it; the old number is refused from now on."""
        chat = Chat(id=-1_002_000_000_000 - self.core.world.number(), kind=Kind.SUPERGROUP, title=self.chat.title)
        self.core.world.chats[chat.id] = chat
        membership.migrate(self.core, self.chat, chat, self.owner.user)
        return Group(self.core, chat)


class Channel(Group):
    """A channel: posts have no person."""

    def links(self, group: Group) -> None:
        """Make a supergroup the discussion group: posts are copied there from now on."""
        if group.chat.kind is not Kind.SUPERGROUP:
            raise ValueError("only a supergroup can be linked to a channel")
        self.chat.linked, group.chat.linked = group.chat, self.chat

    def posts(self, text: str, *, reply_to: Message | None = None) -> Message:
        return self._stands(text_of(text, self.core.clock()), reply_to=reply_to)

    def posts_photo(self, caption: str = "", *, content: bytes = b"") -> Message:
        return self._stands(media_wording(self.core, "photo", caption, content))

    def posts_album(self, captions: Sequence[str]) -> list[Message]:
        album: Json = {"media_group_id": str(self.core.world.number())}
        return [self._stands(wording, extra=album) for wording in album_wordings(self.core, captions)]

    def copy_of(self, post: Message) -> Message:
        """Return the automatic copy in the linked group, which comments reply to."""
        return automatic_copies(post)[0]

    def edits(self, post: Message, text: str) -> None:
        """Reword a post; its copy in the linked group follows."""
        wording = text_of(text, self.core.clock(), media=post.wording.media)
        for message in (post, *automatic_copies(post)):
            reword(message, wording, self.core.clock())
            announce_edit(self.core, message)

    def _stands(self, wording: Wording, reply_to: Message | None = None, extra: Json | None = None) -> Message:
        post = compose(self.core, self.chat, wording, sender_chat=self.chat, reply_to=reply_to, extra=extra)
        return announce(self.core, post)
