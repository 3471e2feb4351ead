"""The desk: what a chat platform talks to. Leads each action, press and event to its room and sees to who may what.

Knows no platform. Trouble with the archive or bot.db is logged, never with a question's text, and becomes a line.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, assert_never

from bot import dialogue, replies
from bot.actions import (
    Action,
    Ask,
    Forget,
    Latest,
    More,
    Open,
    Page,
    PressWord,
    Say,
    Settings,
    Since,
    Sources,
    Subscribe,
    TakenBack,
    Topic,
    Verify,
)
from bot.admins import Admins
from bot.alerts import AlertArchive, Alerts
from bot.asking import Asking
from bot.backroom import AnsweringArchive, Backroom, Voice
from bot.backtest import Backtest, WatchedArchive
from bot.config import Config
from bot.corrections import CorrectingArchive, Corrections
from bot.digests import DigestArchive, Digests
from bot.entering import Entering
from bot.forgetting import CANCEL, CHAT, PERSON, Forgetting
from bot.keyboard import asker_of
from bot.limits import Gate, Queue, is_question
from bot.manners import may_answer, may_send
from bot.membership import Rooms
from bot.memory import Memory
from bot.noting import Noting
from bot.offering import Offering
from bot.operating import Operating
from bot.ports import Platform
from bot.posts import Posts, TakingArchive
from bot.pressing import Pressing
from bot.reading import Reading
from bot.records import Button, ButtonAction, Chat, PauseReason
from bot.settings_talk import BindableArchive, SettingsTalk
from bot.store import BotStore
from bot.subscribing import Subscribing
from bot.taken_back import Corrected
from bot.texts import chosen, line
from bot.types import (
    ChatSeen,
    Incoming,
    InlineAsk,
    Membership,
    Migrated,
    Offers,
    Outgoing,
    Paragraph,
    Place,
    Posted,
    Press,
    Pressed,
    Reply,
)
from bot.unasked import Unasked
from bot.verifying import Verifying
from bot.watching import Watching
from bot.workers import Worker
from index import ArchiveError, QuestionError

logger = logging.getLogger(__name__)


class DeskArchive(
    AnsweringArchive,
    BindableArchive,
    TakingArchive,
    DigestArchive,
    AlertArchive,
    CorrectingArchive,
    WatchedArchive,
    Protocol,
):
    """What all rooms together need of the archive."""


class Desk:
    """Answers one message at a time, any number of them at once. A `types.Conversation`."""

    def __init__(
        self,
        archive: Worker[DeskArchive],
        store: Worker[BotStore],
        config: Config,
        *,
        on_stored: Callable[[], None] | None = None,
    ) -> None:
        """Furnish the rooms; whoever started the workers stops them, and encodes what `on_stored` tells of."""
        chat, operators = config.chat, config.telegram.operators
        self._platform: Platform | None = None
        self._language = chat.language
        self._memory = Memory()
        self._backroom = Backroom(
            archive,
            store,
            zone=chat.zone,
            language=chat.language,
            has_private=not all(source.public for source in config.sources),
        )
        self._noting = Noting(self._backroom)
        self._admins = Admins(lambda: self._platform)
        self._operating = Operating(self._backroom, operators)
        self._asking = Asking(self._backroom, self._noting, self._memory)
        self._reading = Reading(self._backroom, self._noting)
        self._verifying = Verifying(self._backroom, self._noting)
        self._offering = Offering(self._backroom, self._noting, self._asking, self._memory)
        self._forgetting = Forgetting(self._backroom, self._noting, self._memory, keep_days=chat.keep_days)
        self._talk = SettingsTalk(
            store, archive, self._admins, language=chat.language, zone=chat.zone, operators=operators
        )
        self.digests = Digests(archive, self._backroom)
        self._corrected = Corrected(self._backroom, self._noting, self._admins)
        corrections = Corrections(archive, self._backroom, self._noting, operators=operators)
        self.unasked = Unasked(self._backroom, (corrections, Alerts(archive, self._backroom), self.digests))
        self._subscribing = Subscribing(self._backroom, self._noting, self.digests, self._admins)
        self._watching = Watching(Backtest(archive), self._backroom, self._noting, self._memory, self._admins)
        self._entering = Entering(self._backroom, self._noting, self._memory, self._asking, self._reading, self._talk)
        self._pressing = Pressing(
            self._backroom,
            self._noting,
            self._memory,
            asking=self._asking,
            reading=self._reading,
            forgetting=self._forgetting,
            talk=self._talk,
            subscribing=self._subscribing,
            watching=self._watching,
            admins=self._admins,
        )
        self._rooms = Rooms(store, self._admins, language=chat.language)
        self._posts = Posts(archive, config.sources, on_stored)
        self._gate = Gate(config.limits)
        self._queue = Queue(config.limits.questions_waiting)

    def meet(self, platform: Platform) -> None:
        """Learn who to ask about admins."""
        self._platform = platform

    # Messages

    async def handle(self, action: Action, incoming: Incoming, now: datetime) -> Reply | None:
        """Do what was asked and say what to reply; None: stay silent."""
        try:
            return await self._admitted(action, incoming, now)
        except QuestionError as error:
            logger.info("question refused reason=%s", type(error).__name__)
            return self._said("empty_question", incoming.language)
        except ArchiveError as error:
            logger.error("archive failed action=%s error=%r", type(action).__name__, error)
            return self._said("unavailable", incoming.language)

    async def _admitted(self, action: Action, incoming: Incoming, now: datetime) -> Reply | None:
        """Answer what the chat's policy and the limits let in."""
        if incoming.place is not Place.TERMINAL and self._gate.is_silenced(action, incoming, now):
            return None
        chat = await self._chat(incoming.chat_id, incoming.chat, now)
        voice = await self._backroom.voice(chat, incoming.language, incoming.place)
        if not may_answer(action, incoming, voice.policy):
            return None
        if incoming.place is not Place.TERMINAL:
            refused = self._gate.admit(action, incoming, now)
            if refused is not None:
                return _text(self._gate.told(refused, voice.language), voice) if refused.tell else None
            typed = await self._typed(incoming, now)
            if typed is not None:
                return typed
        reply = await self._queued(action, incoming, chat, voice, now)
        if reply is None or may_send(action, incoming, voice.policy, reply):
            return reply
        await self.unsent(reply.sent_id)
        return None

    async def _typed(self, incoming: Incoming, now: datetime) -> Reply | None:
        """Take plain words that settings have asked for."""
        return None if incoming.command is not None else await self._talk.typed(incoming, now)

    async def _queued(
        self, action: Action, incoming: Incoming, chat: Chat | None, voice: Voice, now: datetime
    ) -> Reply | None:
        """Wait for the archive only where not too many do already."""
        if not is_question(action):
            return await self._done(action, incoming, chat, voice, now)
        if not self._queue.enter():
            return replies.said("busy_full", language=voice.language)
        try:
            return await self._done(action, incoming, chat, voice, now)
        finally:
            self._queue.leave()

    async def _done(
        self, action: Action, incoming: Incoming, chat: Chat | None, voice: Voice, now: datetime
    ) -> Reply | None:
        match action:
            case Ask():
                return await self._asking.ask(action, incoming, voice, now, post=self._posts.commented(incoming, now))
            case More():
                return await self._asking.more(incoming, voice, now)
            case Latest():
                return await self._asking.latest(action, incoming, voice, now)
            case Since():
                return await self._asking.since(action, incoming, voice, now)
            case Verify():
                last = self._memory.last(incoming, now)
                return await self._verifying.verify(action, incoming, voice, now, last=last.sent_id if last else "")
            case Open(key=key):
                return await self._entering.open(key, incoming, voice, now)
            case Settings(text=text):
                return await self._settings(text, incoming, voice, now)
            case Subscribe(command="watch" | "watches"):
                return await self._watching.command(action, incoming, chat, voice, now)
            case Subscribe():
                return await self._subscribing.command(action, incoming, chat, voice, now)
            case TakenBack():
                return await self._corrected.command(action, incoming, voice, now)
            case Forget():
                return await self._forget(incoming, chat, voice, now)
            case Sources():
                return await self._sources(voice, now)
            case Page(topic=topic):
                return await self._page(topic, incoming, voice, now)
            case PressWord():
                return await self._press_word(action, incoming, voice, now)
            case Say(line=key):
                return replies.said(key, language=voice.language)
            case _:
                assert_never(action)

    async def _page(self, topic: Topic, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        if topic is Topic.PRIVACY:
            return await self._forgetting.privacy(incoming, voice, now)
        if topic is Topic.STATUS:
            return await self._operating.status(incoming, voice, now)
        page = replies.said(topic.value, language=voice.language)
        if topic is not Topic.HELP:
            return page
        is_terminal = incoming.place is Place.TERMINAL
        more = Paragraph(text=line("help_terminal" if is_terminal else "help_chat", language=voice.language))
        return Reply(blocks=(*page.blocks, more), language=voice.language)

    async def _sources(self, voice: Voice, now: datetime) -> Reply:
        """Tell of the sources that this chat is answered from."""
        status = await self._backroom.archive(lambda archive: archive.status(now=now))
        return replies.of_status(status, now=now, zone=voice.zone, language=voice.language, only=voice.sources)

    async def _settings(self, text: str, incoming: Incoming, voice: Voice, now: datetime) -> Reply | None:
        if incoming.place is Place.TERMINAL:  # its settings are the config's
            return replies.said("unknown_command", language=voice.language)
        return await self._talk.command(text, incoming, now)

    async def _forget(self, incoming: Incoming, chat: Chat | None, voice: Voice, now: datetime) -> Reply:
        """Offer an admin to wipe the group, anybody else to wipe what is theirs."""
        is_admin = incoming.place is Place.GROUP and await self._admins.is_admin(
            incoming.chat_id, incoming.user_id, now
        )
        title = chat.title if chat else ""
        whose = CHAT if is_admin else PERSON
        return await self._forgetting.ask(incoming, asker_of(incoming), voice, now, whose=whose, title=title)

    # Buttons

    async def press(self, press: Press, now: datetime) -> Pressed:
        """Do what a button stands for. Never raises for a forged or expired key: a toast says so."""
        try:
            refused = self._gate.admit_press(press.user_id, now)
            if refused is not None:
                return Pressed(toast=self._gate.told(refused, chosen(self._language, press.language)))
            chat_id = press.user_id if press.chat_id is None else press.chat_id
            chat = await self._chat(chat_id, press.chat, now)
            voice = await self._backroom.voice(chat, press.language, press.place)
            return await self._pressing.press(press, voice, now)
        except ArchiveError as error:
            logger.error("press failed error=%r", error)
            return Pressed(toast=line("unavailable", language=chosen(self._language, press.language)))

    async def _press_word(self, word: PressWord, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Press what has no button in the terminal."""
        if word.action in (ButtonAction.FORGET.value, CANCEL):
            what = PERSON if word.action == ButtonAction.FORGET.value else CANCEL
            button = Button(
                action=ButtonAction.FORGET,
                expires_at=now,
                payload={"what": what},
                chat_id=incoming.chat_id,
                user_id=incoming.user_id,
            )
            pressed = await self._forgetting.pressed(button, voice)
            return pressed.edit or replies.said("forget_cancelled", language=voice.language)
        exchange = self._memory.last(incoming, now)
        if exchange is None:
            return replies.said("more_of_what", language=voice.language)
        asker = asker_of(incoming)
        if word.action == ButtonAction.CONTEXT.value:
            return await self._reading.context(exchange.sent_id, asker, voice, now, place=word.place)
        since = await self._reading.since_then(exchange.sent_id, asker, voice, now, place=word.place)
        return since or replies.said("button_nothing_since", language=voice.language)

    # Chats that we are not in

    async def offers(self, ask: InlineAsk, now: datetime) -> Offers:
        """Offer quotes for what was typed in another chat, in the language and zone of the asker's own chat with us."""
        try:
            chat = await self._chat(ask.user_id, None, now)
            voice = await self._backroom.voice(chat, ask.language, Place.PRIVATE)
            return await self._offering.offers(ask, voice, now)
        except ArchiveError as error:
            logger.error("offers failed error=%r", error)
            return Offers(cache_s=0)

    async def guest(self, incoming: Incoming, now: datetime) -> Reply:
        """Answer completely, once, in a chat that we are not in."""
        try:
            chat = await self._chat(incoming.user_id or 0, None, now)
            voice = await self._backroom.voice(chat, incoming.language, Place.GUEST)
            refused = self._gate.admit(Ask(question=""), incoming, now)
            if refused is not None:
                return _text(self._gate.told(refused, voice.language), voice)
            text = dialogue.without_mentions(incoming.text) or incoming.reply_to_text
            question = " ".join(text.split())[: dialogue.QUESTION_CHARS]
            return await self._offering.guest(incoming, question, voice, now)
        except QuestionError:
            return self._said("guest_empty", incoming.language)
        except ArchiveError as error:
            logger.error("guest failed error=%r", error)
            return self._said("unavailable", incoming.language)

    # What happens to chats and messages

    async def membership(self, membership: Membership, now: datetime) -> tuple[Outgoing, ...]:
        """Learn what we are in a chat now; returns what is to be said about it."""
        return await self._rooms.changed(membership, now)

    async def migrated(self, migrated: Migrated) -> tuple[Outgoing, ...]:
        """Learn a chat's new id."""
        return await self._rooms.migrated(migrated)

    async def posted(self, posted: Posted, now: datetime) -> None:
        """Take a channel's post in, where that channel is a source."""
        await self._posts.take(posted, now)

    async def unreachable(self, chat_id: int, reason: PauseReason, now: datetime) -> None:
        """Learn that sending to a chat is forbidden."""
        await self._rooms.unreachable(chat_id, reason, now)

    async def topic_closed(self, chat: ChatSeen, thread_id: int, now: datetime) -> tuple[Outgoing, ...]:
        """Learn that a topic takes no more messages; returns the notice to whom it concerns."""
        return await self._rooms.topic_closed(chat, thread_id, now)

    async def sent(
        self, reply: Reply, chat_id: int, message_ids: Sequence[int], incoming: Incoming | None = None
    ) -> None:
        """Learn which messages a reply became."""
        if reply.sent_id:
            await self._backroom.store(lambda store: store.note_messages(reply.sent_id, chat_id, message_ids))
            await self._asking.settle(reply.sent_id)

    async def sent_inline(self, sent_id: str, inline_message_id: str) -> None:
        """Learn which message an offer or a guest's answer became."""
        await self._backroom.store(lambda store: store.note_inline(sent_id, inline_message_id))

    async def unsent(self, sent_id: str) -> None:
        """Learn that a reply certainly did not leave."""
        if sent_id:
            await self._asking.undo(sent_id)
            await self._backroom.store(lambda store: store.drop_sent(sent_id))

    async def _chat(self, chat_id: int, seen: ChatSeen | None, now: datetime) -> Chat | None:
        if seen is not None:
            return await self._rooms.seen(seen, now)
        return await self._backroom.store(lambda store: store.chat(chat_id))

    def _said(self, key: str, client: str) -> Reply:
        return replies.said(key, language=chosen(self._language, client))


def _text(text: str, voice: Voice) -> Reply:
    return Reply(blocks=(Paragraph(text=text),), zone=voice.zone, language=voice.language)
