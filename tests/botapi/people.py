"""A person as a test handles them: speaks, replies, edits, presses, types inline, forwards, blocks."""

from collections.abc import Sequence

from tests.botapi import membership
from tests.botapi.answering import cached_answer, name_inline, result_wording
from tests.botapi.composing import announce, announce_edit, compose
from tests.botapi.core import CallbackQuery, Core, GuestQuery, InlineQuery
from tests.botapi.keyboards import check_start, start_link
from tests.botapi.media import album_wordings, media_wording, text_of
from tests.botapi.places import Place
from tests.botapi.sending import origin_of
from tests.botapi.state import Button, Chat, Json, Kind, Member, Message, Status, User, Wording, reword
from tests.botapi.wire import chat_json, message_json, user_json


class Person(Place):
    """Somebody with an account. As a Place this is their private chat with the bot, where they act unless told."""

    def __init__(self, core: Core, user: User) -> None:
        super().__init__(core, core.world.chat_of(user))
        self.user = user

    def says(
        self, text: str, to: Place | None = None, *, reply_to: Message | None = None, entities: Sequence[Json] = ()
    ) -> Message:
        return self._sends(text_of(text, self.core.clock(), entities=entities), to, reply_to=reply_to)

    def replies(self, message: Message, text: str) -> Message:
        """Reply where the message stands."""
        return self._sends(text_of(text, self.core.clock()), self._place_of(message), reply_to=message)

    def starts(self, parameter: str = "") -> Message:
        """Press Start, by a deep link where a parameter is given; unblocks the bot."""
        check_start(parameter)
        if self.user.blocked:
            self.unblocks()
        return self.says(f"/start {parameter}".strip())

    def follows(self, url: str) -> Message:
        """Open a link to the bot and press Start."""
        name, parameter = start_link(url) or ("", "")
        if name.lower() != self.core.bot.username.lower():
            raise ValueError(f"{url} does not open @{self.core.bot.username}")
        return self.starts(parameter)

    def sends(self, kind: str, to: Place | None = None, *, caption: str = "", content: bytes = b"") -> Message:
        """Send a file: "photo", "voice", "sticker", "video", "document", "audio", "animation"."""
        return self._sends(media_wording(self.core, kind, caption, content), to)

    def sends_album(self, captions: Sequence[str], to: Place | None = None) -> list[Message]:
        album: Json = {"media_group_id": str(self.core.world.number())}
        return [self._sends(wording, to, extra=album) for wording in album_wordings(self.core, captions)]

    def forwards(self, message: Message, to: Place | None = None) -> Message:
        return self._sends(message.wording, to, extra={"forward_origin": origin_of(message)})

    def edits(self, message: Message, text: str) -> None:
        reword(message, text_of(text, self.core.clock(), media=message.wording.media), self.core.clock())
        announce_edit(self.core, message)

    def deletes(self, message: Message) -> None:
        """Remove a message; Telegram tells bots nothing of it."""
        message.deleted = True
        self.core.touch()

    def button(self, message: Message, button: str | int) -> Button:
        """Find a button by its place or by a part of its text."""
        if isinstance(button, int):
            return message.buttons[button]
        found = [one for one in message.buttons if button.lower() in one.text.lower()]
        if not found:
            raise LookupError(f"no button {button!r} among {[one.text for one in message.buttons]}")
        return found[0]

    def presses(self, message: Message, button: str | int) -> CallbackQuery:
        """Press a button that calls the bot; `answer` of what is returned tells the toast."""
        pressed = self.button(message, button)
        if not pressed.data:
            raise ValueError(f"the button {pressed.text!r} does not call the bot")
        return self.calls_back(message, pressed.data)

    def calls_back(self, message: Message, data: str) -> CallbackQuery:
        """Send callback data, as a forger may without any button."""
        number = self.core.world.number()
        query = CallbackQuery(
            id=f"{self.user.id}{number:06d}", user=self.user, data=data, message=message, asked_at=self.core.clock()
        )
        self.core.queries.callbacks[query.id] = query
        told: Json = {"id": query.id, "from": user_json(self.user), "data": data}
        told["chat_instance"] = str(-(10**17) - message.chat.id)
        if message.inline_message_id:
            told["inline_message_id"] = message.inline_message_id
        else:
            gone = {"chat": chat_json(message.chat), "message_id": message.message_id, "date": 0}
            told["message"] = gone if message.deleted else message_json(message)
        self.core.updates.push("callback_query", told)
        return query

    def opens(self, message: Message, button: str | int) -> Message:
        """Press a button whose link opens the bot in private."""
        return self.follows(self.button(message, button).url)

    def types_inline(self, text: str, where: Place | None = None, *, offset: str = "") -> InlineQuery:
        """Type `@bot text` somewhere; `results` of what is returned are the offers."""
        number = self.core.world.number()
        query = InlineQuery(
            id=f"{self.user.id}{number:06d}", user=self.user, text=text, offset=offset, asked_at=self.core.clock()
        )
        kept = cached_answer(self.core, query)
        if kept is not None:
            query.answer, query.cached = kept, True
            return query
        if not self.core.settings.inline:
            return query
        self.core.queries.inline[query.id] = query
        kind = "sender" if where is None or where is self else where.chat.kind.value
        told: Json = {"id": query.id, "from": user_json(self.user), "query": text, "offset": offset, "chat_type": kind}
        self.core.updates.push("inline_query", told)
        return query

    def chooses(self, query: InlineQuery, result: int, to: Place | None = None) -> Message:
        """Send one of the offers into a chat; the bot hears of it where @BotFather was asked to tell it."""
        chosen = query.results[result]
        wording = result_wording(self.core, chosen)
        message = self._sends(wording, to, via_bot=self.core.bot, named=wording.markup is not None)
        told: Json = {"result_id": chosen["id"], "from": user_json(self.user), "query": query.text}
        if message.inline_message_id:
            told["inline_message_id"] = message.inline_message_id
        if self.core.settings.inline_feedback:
            self.core.updates.push("chosen_inline_result", told)
        return message

    def opens_offers_button(self, query: InlineQuery) -> Message:
        """Press the button above the offers, which leads into the private chat."""
        return self.starts((query.button or {})["start_parameter"])

    def asks_as_guest(self, text: str, where: Place, *, reply_to: Message | None = None) -> GuestQuery:
        """Mention the bot in a chat that it is no member of. `text` is said as it is: mention the bot in it."""
        message = self._sends(text_of(text, self.core.clock()), where, reply_to=reply_to)
        number = self.core.world.number()
        query = GuestQuery(id=f"guest{number:06d}", user=self.user, message=message, asked_at=self.core.clock())
        mentions = [mention.lower() for mention in message.of("mention")]
        if self.core.settings.guest and f"@{self.core.bot.username}".lower() in mentions:
            self.core.queries.guests[query.id] = query
            self.core.updates.push("guest_message", {**message_json(message), "guest_query_id": query.id})
        return query

    def blocks(self) -> None:
        membership.block(self.core, self.user, blocked=True)

    def unblocks(self) -> None:
        membership.block(self.core, self.user, blocked=False)

    def leaves(self, place: Place) -> None:
        membership.remove(self.core, place.chat, self.user, self.user)

    def _place_of(self, message: Message) -> Place:
        topic = message.chat.topics.get(message.thread_id or 0) if message.is_topic_message else None
        return Place(self.core, message.chat, topic)

    def _sends(
        self,
        wording: Wording,
        to: Place | None,
        *,
        reply_to: Message | None = None,
        extra: Json | None = None,
        via_bot: User | None = None,
        named: bool = False,
    ) -> Message:
        place = to or self
        self._enters(place.chat)
        message = compose(
            self.core,
            place.chat,
            wording,
            sender=self.user,
            topic=place.topic_state,
            reply_to=reply_to,
            extra=extra,
        )
        message.via_bot = via_bot
        if named:
            name_inline(self.core, message)
        return announce(self.core, message)

    def _enters(self, chat: Chat) -> None:
        """Be where one speaks: the private chat is begun, a group is joined unseen."""
        if chat.kind is Kind.PRIVATE:
            if self.user.blocked:
                raise ValueError(f"{self.user.first_name} has blocked the bot and cannot write to it")
            self.user.started = True
            return
        if chat.kind is Kind.CHANNEL:
            raise ValueError("a channel has posts, not what people say: use `channel.posts`")
        member = chat.members.setdefault(self.user.id, Member(user=self.user))
        if not member.is_present:
            member.status = Status.MEMBER
