"""Our coming and going: one calm introduction, rights that are missing, chats that pause, come back, or get another id.

Never trusts a title. What is said is returned, not sent.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from bot.admins import Admins
from bot.records import Chat, ChatKind, PauseReason
from bot.store import BotStore
from bot.texts import chosen, line, listed
from bot.titles import shown
from bot.types import ChatSeen, Membership, Migrated, Outgoing, Paragraph, Reply, Right, Role
from bot.workers import Priority, Worker

logger = logging.getLogger(__name__)

T = TypeVar("T")

_PRESENT = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER, Role.RESTRICTED})
_NEEDED = {
    ChatKind.PRIVATE: frozenset[Right](),
    ChatKind.GROUP: frozenset({Right.SEND_MESSAGES}),
    ChatKind.SUPERGROUP: frozenset({Right.SEND_MESSAGES}),
    ChatKind.CHANNEL: frozenset({Right.POST_MESSAGES, Right.EDIT_MESSAGES}),
}
_TOLD_OF_TOPICS = 3


class Rooms:
    """The chats we are in. `language`: the config's, "" for each chat's or person's own."""

    def __init__(self, store: Worker[BotStore], admins: Admins, *, language: str = "") -> None:
        """Take where chats are kept and who knows admins."""
        self._store = store
        self._admins = admins
        self._language = language
        self._closed: set[tuple[int, int]] = set()

    async def changed(self, membership: Membership, now: datetime) -> tuple[Outgoing, ...]:
        """Note what we are in a chat now. Returns: what is to be said, there or to whoever changed it."""
        chat = membership.chat
        self._admins.forget(chat.chat_id)
        logger.info("membership changed chat=%d old=%s new=%s", chat.chat_id, membership.old, membership.new)
        return await self._do(lambda store: self._change(store, membership, now))

    async def seen(self, chat: ChatSeen, now: datetime) -> Chat:
        """Note a chat that speaks to us: how it is named now, and that it can be spoken to."""
        return await self._do(lambda store: _met(store, chat, now))

    async def migrated(self, migrated: Migrated) -> tuple[Outgoing, ...]:
        """Take a chat's new id over everywhere. Says nothing: to its people nothing has changed."""
        await self._do(lambda store: store.migrate_chat(migrated.old_chat_id, migrated.new_chat_id))
        self._admins.forget(migrated.old_chat_id)
        logger.info("chat moved from=%d to=%d", migrated.old_chat_id, migrated.new_chat_id)
        return ()

    async def unreachable(self, chat_id: int, reason: PauseReason, now: datetime) -> None:
        """Pause a chat where we may not write; what it chose stays for its return."""
        if await self._do(lambda store: store.pause(chat_id, reason, at=now)):
            logger.info("chat paused chat=%d reason=%s", chat_id, reason)

    async def topic_closed(self, chat: ChatSeen, thread_id: int, now: datetime) -> tuple[Outgoing, ...]:
        """Tell one admin, once, in private, that a topic takes no messages; nobody where none has spoken to us."""
        if (chat.chat_id, thread_id) in self._closed:
            return ()
        self._closed.add((chat.chat_id, thread_id))
        logger.info("topic closed chat=%d thread=%d", chat.chat_id, thread_id)
        for user_id in await self._do(lambda store: store.people_in(chat.chat_id, limit=_TOLD_OF_TOPICS)):
            if await self._admins.is_admin(chat.chat_id, user_id, now):
                notice = await self._do(partial(self._private, user_id=user_id, lines=["topic_closed"], about=chat))
                if notice is not None:
                    return (notice,)
        return ()

    def topic_open(self, chat_id: int, thread_id: int) -> None:
        """Learn that a topic takes messages again, so that its next closing is told again."""
        self._closed.discard((chat_id, thread_id))

    async def _do(self, job: Callable[[BotStore], T]) -> T:
        return await self._store.do(Priority.QUESTION, job)

    def _change(self, store: BotStore, membership: Membership, now: datetime) -> tuple[Outgoing, ...]:
        chat = membership.chat
        if membership.new not in _PRESENT:
            store.pause(chat.chat_id, _why(membership), at=now)
            return ()
        known = _met(store, chat, now)
        if chat.kind is ChatKind.PRIVATE:
            return ()
        missing = sorted(_NEEDED[chat.kind] - membership.rights) if membership.new is not Role.OWNER else []
        news = store.note_missing_rights(chat.chat_id, missing) and bool(missing)
        if chat.kind is ChatKind.CHANNEL:
            return self._in_channel(store, membership, missing, news, now)
        return self._in_group(store, membership, known, missing, news, now)

    def _in_group(
        self, store: BotStore, membership: Membership, chat: Chat, missing: list[Right], news: bool, now: datetime
    ) -> tuple[Outgoing, ...]:
        if missing:
            return self._to_whoever_did_it(store, membership, [], missing) if news else ()
        if not store.introduce(chat.chat_id, at=now):
            return ()
        language = chosen(chat.settings.language or "", self._language, membership.language)
        reply = _said(line("introduction_group", language=language), language=language)
        return (Outgoing(chat_id=chat.chat_id, reply=reply),)

    def _in_channel(
        self, store: BotStore, membership: Membership, missing: list[Right], news: bool, now: datetime
    ) -> tuple[Outgoing, ...]:
        """Speak to whoever did it, never in the channel itself: its readers did not ask for us."""
        told = self._to_whoever_did_it(store, membership, ["introduction_channel"], missing)
        if told and store.introduce(membership.chat.chat_id, at=now):
            return told
        return self._to_whoever_did_it(store, membership, [], missing) if news else ()

    def _to_whoever_did_it(
        self, store: BotStore, membership: Membership, lines: list[str], missing: list[Right]
    ) -> tuple[Outgoing, ...]:
        if membership.by_user_id is None:
            return ()
        lines = [*lines, *(["missing_rights"] if missing else [])]
        notice = self._private(
            store,
            user_id=membership.by_user_id,
            lines=lines,
            about=membership.chat,
            client=membership.language,
            missing=missing,
        )
        return () if notice is None else (notice,)

    def _private(
        self,
        store: BotStore,
        *,
        user_id: int,
        lines: Sequence[str],
        about: ChatSeen,
        client: str = "",
        missing: Sequence[Right] = (),
    ) -> Outgoing | None:
        """Write to a person about a chat; None where they have not started us, or have blocked us."""
        chat = store.chat(user_id)
        if chat is None or chat.paused_for is not None:
            return None
        language = chosen(chat.settings.language or "", self._language, client)
        rights = listed([line(f"right_{right.value}", language=language) for right in missing], language=language)
        values = {"chat": shown(about.title) or str(about.chat_id), "rights": rights}
        texts = [line(key, language=language, **values) for key in lines]
        return Outgoing(chat_id=user_id, reply=_said(*texts, language=language))


def _met(store: BotStore, chat: ChatSeen, now: datetime) -> Chat:
    known = store.note_chat(
        chat.chat_id,
        kind=chat.kind,
        at=now,
        title=chat.title,
        username=chat.username,
        linked_chat_id=chat.linked_chat_id,
        forum=chat.forum,
    )
    if known.paused_for is not None and store.resume(chat.chat_id, at=now):
        logger.info("chat resumed chat=%d", chat.chat_id)
        return replace(known, paused_for=None, state_at=now)
    return known


def _why(membership: Membership) -> PauseReason:
    if membership.chat.kind is ChatKind.PRIVATE:
        return PauseReason.BLOCKED
    return PauseReason.KICKED if membership.new is Role.KICKED else PauseReason.GONE


def _said(*texts: str, language: str) -> Reply:
    return Reply(blocks=tuple(Paragraph(text=text) for text in texts), language=language)
