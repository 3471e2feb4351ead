"""What a start link opens in the private chat: an update, an answer to go on from, a chat's settings."""

from datetime import datetime
from typing import assert_never

from bot import replies
from bot.actions import Ask, Topic
from bot.asking import Asking
from bot.backroom import Backroom, Voice, excerpts_of
from bot.keyboard import asker_of
from bot.memory import Memory
from bot.noting import Noting
from bot.reading import Reading
from bot.records import LinkKind, SentKind, StartLink
from bot.settings_talk import SettingsTalk
from bot.types import Incoming, Quote, Reply


class Entering:
    """The door into the private chat."""

    def __init__(
        self,
        backroom: Backroom,
        noting: Noting,
        memory: Memory,
        asking: Asking,
        reading: Reading,
        talk: SettingsTalk,
    ) -> None:
        """Take the rooms that a link can lead to."""
        self._backroom = backroom
        self._noting = noting
        self._memory = memory
        self._asking = asking
        self._reading = reading
        self._talk = talk

    async def open(self, key: str, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Open what a link's key stands for; who we are, where it stands for nothing (any more)."""
        user_id = incoming.user_id or 0
        link = await self._backroom.store(lambda store: store.start_link(key, user_id=user_id, now=now))
        if link is None:
            return replies.said(Topic.START.value, language=voice.language)
        match link.kind:
            case LinkKind.UPDATE:
                return await self._reading.update(link, asker_of(incoming), voice, now)
            case LinkKind.ASK:
                return await self._ask_on(link, incoming, voice, now)
            case LinkKind.SETTINGS:
                return await self._talk.open(link, incoming, now)
            case _:
                assert_never(link.kind)

    async def _ask_on(self, link: StartLink, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Go on in private with an answer: ask its question again while we remember it, else show its quotes."""
        sent_id = link.sent_id or ""
        exchange = self._memory.of_sent(sent_id, now)
        if exchange is not None and exchange.kind in (SentKind.ANSWER, SentKind.FIGURE):
            return await self._asking.ask(Ask(question=exchange.previous.question), incoming, voice, now)
        quotes = await self._backroom.store(lambda store: store.quotes(sent_id))
        excerpts = await self._backroom.archive(lambda archive: excerpts_of(archive, quotes))
        if not excerpts:
            return replies.said(Topic.START.value, language=voice.language)
        blocks = tuple(Quote(excerpt=one, note=replies.label(one.label, voice.language)) for one in excerpts)
        reply = Reply(blocks=blocks, zone=voice.zone, language=voice.language)
        return await self._noting.noted(reply, asker_of(incoming), kind=SentKind.ANSWER, at=now)
