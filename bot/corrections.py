"""Corrections that follow what was said: what a source took back is taken back in every message that quoted it.

Each is planned in one transaction with how far the messages that quote an update were gone through. Every message is
edited at once; who was sent something unasked gets a word too, of one update once an hour. Holds no state.
"""

import logging
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from bot.amendments import FOLLOWER, SHORTLY, TOLD_UNASKED, Correction, Recheck, Told, Word
from bot.backroom import Backroom
from bot.deliveries import Edit, Planned, Urgency
from bot.keyboard import Message, asker_of_sent
from bot.noting import Noting
from bot.rechecking import Held, VerifyingArchive, held
from bot.records import Draft, Sent, SentKind
from bot.rewriting import Anew, Part, Rewriting
from bot.store import BotStore
from bot.subscriptions import Notices
from bot.texts import chosen, line
from bot.titles import shown
from bot.types import Buttons, Paragraph, Quote, Reply
from bot.unasked import Render
from bot.workers import Priority, Worker
from index import Affected, Aftermath, Grade

logger = logging.getLogger(__name__)

_UPDATES, _PAGES, _PAGE = 8, 10, 40


class CorrectingArchive(VerifyingArchive, Protocol):
    """What corrections need of the archive."""

    def affected(self, seq: int | None, *, now: datetime) -> Aftermath:
        """Return what changed since a cursor and may have been quoted."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The next messages that quote an update, and what their chats want to be told."""

    told: tuple[Told, ...]
    notices: Mapping[int | None, Notices]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What can be done about a message: `edits` of what has left, `waiting`: parts to be rewritten before they leave.

    `wants_word`: its chat is to be told, by a reply to it or to another.
    """

    held: Held
    anew: Anew
    edits: tuple[Planned, ...]
    waiting: tuple[Part, ...]
    wants_word: bool


class Corrections:
    """Plans corrections."""

    def __init__(
        self,
        archive: Worker[CorrectingArchive],
        backroom: Backroom,
        noting: Noting,
        *,
        operators: Sequence[int] = (),
    ) -> None:
        """Take where changes are seen, where messages are kept, and who is told of an update that changes too often."""
        self._archive = archive
        self._backroom = backroom
        self._noting = noting
        self._rewriting = Rewriting(backroom)
        self._operators = operators

    async def plan(self, now: datetime, render: Render) -> int:
        """Put what follows from changes into the outbox; returns how many messages. Who plans twice plans once."""
        await self._follow(now, render)
        planned = 0
        for recheck in await self._backroom.store(lambda store: store.due_rechecks(now=now, limit=_UPDATES)):
            planned += await self._gone_through(recheck, now, render)
        if planned:
            logger.info("corrections planned count=%d", planned)
        return planned

    async def _follow(self, now: datetime, render: Render) -> None:
        """Note which updates are to be held against what was said of them."""
        was = await self._backroom.store(lambda store: store.followed(FOLLOWER))
        after = await self._archive.do(Priority.LOOK, lambda archive: archive.affected(was, now=now))
        # What has no vector yet may correct what was said: it waits for the next tick.
        if was == after.cursor or (after.pending and was is not None):
            return
        material = [one for one in after.affected if one.grade is Grade.MATERIAL]
        restless = partial(self._restless, render=render)
        await self._backroom.store(
            lambda store: store.follow_changes(material, was=was, seq=after.cursor, now=now, restless=restless)
        )

    def _restless(self, affected: Affected, count: int, *, render: Render) -> tuple[Planned, ...]:
        """Tell the operators of an update that changes too often to follow each change."""
        cited = affected.citation
        logger.warning("update changes too often source=%s update=%s changes=%d", cited.source, cited.update_id, count)
        language = chosen(self._backroom.language)
        name = shown(cited.title) or shown(cited.update_id)
        text = line("amended_restless", language=language, count=count, title=name, source=shown(cited.source))
        parts = render(Reply(blocks=(Paragraph(text=text),), language=language))
        return tuple(Planned(chat_id=one, urgency=Urgency.ALERT, parts=parts) for one in self._operators)

    async def _gone_through(self, recheck: Recheck, now: datetime, render: Render) -> int:
        """Go through some pages of the messages that quote an update; the next tick goes on from there."""
        planned = 0
        known: dict[object, Anew] = {}
        for _ in range(_PAGES):
            page = await self._backroom.store(partial(_page, recheck=recheck))
            messages = await self._archive.do(Priority.LOOK, partial(held, told=page.told, recheck=recheck, now=now))
            due = [one for one in messages if not one.is_leaving and (one.changed or one.unheard)]
            cases = [await self._case(one, page.notices[one.told.sent.chat_id], render, known) for one in due]
            waits = [wait for one in cases if one.wants_word and (wait := one.held.wait_until(now)) is not None]
            waits += [now + SHORTLY for one in messages if one.is_leaving]
            speakers = _speakers(cases, now)
            corrections = [_correction(one, recheck, page, now, speakers) for one in cases]
            is_last = len(page.told) < _PAGE
            after = page.told[-1].after if page.told else recheck.after
            if not await self._kept(corrections, recheck, after, min(waits, default=None), is_last, now):
                return planned
            planned += sum(len(one.messages) for one in corrections)
            if is_last:
                break
            recheck = replace(recheck, after=after)
        return planned

    async def _kept(
        self,
        corrections: Sequence[Correction],
        recheck: Recheck,
        after: str,
        again_at: datetime | None,
        is_last: bool,
        now: datetime,
    ) -> bool:
        return await self._backroom.store(
            lambda store: store.plan_corrections(
                corrections, recheck, after=after, again_at=again_at, is_last=is_last, now=now
            )
        )

    # One message

    async def _case(self, one: Held, notices: Notices, render: Render, known: dict[object, Anew]) -> _Case:
        """Work out what can be done about a message."""
        told, sent = one.told, one.told.sent
        # Of a digest that went to thousands all read the same.
        amendments = tuple(one.amendments.values())
        key = (told.shape, told.quotes, one.changed, one.unheard, amendments, sent.zone, sent.language)
        if not told.shape or key not in known:
            known[key] = await self._rewriting.anew(one, render)
        anew = known[key]
        still_here = told.open_parts
        here = [part for part in anew.parts if part.number in still_here]
        changed = [part for part in anew.parts if part.is_changed]
        found = [await self._edit(one, part, anew, notices) for part in changed if part not in here]
        edits = tuple(edit for edit in found if edit is not None)
        if sent.kind in TOLD_UNASKED:
            # What waits will leave as it reads now.
            is_stale = len(here) < len(anew.parts) if anew.parts else len(still_here) < max(len(told.parts), 1)
        else:
            is_stale = sent.kind is not SentKind.CORRECTION and not edits and bool(told.message_ids)
        return _Case(
            held=one,
            anew=anew,
            edits=edits,
            waiting=tuple(part for part in changed if part in here),
            wants_word=is_stale and notices.corrections and bool(one.unheard),
        )

    async def _edit(self, one: Held, part: Part, anew: Anew, notices: Notices) -> Planned | None:
        """Return the edit of a part that has been sent; None where it cannot be reached."""
        number, sent = part.number, one.told.sent
        inline = sent.inline_message_id
        if part.body is None or (inline is None and number not in one.told.message_ids):
            return None
        # Who was sent it unasked is told anyway.
        is_told = sent.kind in (*TOLD_UNASKED, SentKind.CORRECTION) or inline is not None or not notices.corrections
        return Planned(
            chat_id=None if inline else sent.chat_id,
            thread_id=sent.thread_id,
            urgency=Urgency.CORRECTION,
            parts=(part.body,),
            buttons=await self._buttons(one, number),
            sent_id=sent.id,
            edit=Edit(
                message_id=None if inline else one.told.message_ids[number],
                inline_message_id=inline,
                instead=None if is_told else anew.note[0],
            ),
        )

    async def _start(self, one: Held) -> str:
        """Return the link of the first update that a message cites."""
        quotes = tuple(block for block, _ in one.blocks if isinstance(block, Quote))[:1]
        return next((block.start for block in await self._rewriting.linked(quotes) if isinstance(block, Quote)), "")

    async def _buttons(self, one: Held, number: int) -> Buttons:
        """Return the buttons that stand under a part: an edit without them would take them away."""
        told = one.told
        if told.parts:
            return next((part.buttons for part in told.parts if part.part == number), ())
        sent = told.sent
        message = Message(
            sent_id=sent.id,
            kind=sent.kind,
            at=sent.at,
            language=sent.language,
            cites=True,
            more_from=sent.id if told.has_more else "",
            update_start=await self._start(one),
        )
        return await self._noting.keyboard(message, asker_of_sent(sent))


def _speakers(cases: Sequence[_Case], now: datetime) -> set[str]:
    """Name the messages that a reply is to follow: in each chat, or topic, the newest that wants one; and answers."""
    speakers: dict[object, Sent] = {}
    for one in cases:
        told, sent = one.held.told, one.held.told.sent
        if not one.wants_word or told.is_spoken_for or one.held.wait_until(now) is not None:
            continue
        # Of an answer that cannot be edited nothing else tells.
        key = (sent.chat_id, sent.thread_id) if sent.kind in TOLD_UNASKED else sent.id
        speakers[key] = max(speakers.get(key, sent), sent, key=lambda each: (each.at, each.id))
    return {sent.id for sent in speakers.values()}


def _correction(one: _Case, recheck: Recheck, page: _Page, now: datetime, speakers: Set[str]) -> Correction:
    """Decide what is done about a message; `speakers`: those that a reply is to follow."""
    held = one.held
    word = Word.NEEDLESS
    if one.wants_word:
        word = Word.SAID if held.wait_until(now) is None else Word.LATER
    reply = (
        (_reply(held, one.anew, page.notices[held.told.sent.chat_id], now),) if held.told.sent.id in speakers else ()
    )
    return Correction(
        sent=held.told.sent,
        update=(recheck.source, recheck.update_id),
        amendments=tuple(found for place in held.changed if (found := held.now[place]) is not None),
        restored=tuple(place for place in held.changed if held.now[place] is None),
        word=word,
        messages=one.edits + reply,
        rewritten=tuple((part.number, part.body) for part in one.waiting),
    )


def _reply(one: Held, anew: Anew, notices: Notices, now: datetime) -> Planned:
    """Say to who was sent something unasked what became of it."""
    sent = one.told.sent
    number = anew.parts[0].number if anew.parts else 0
    draft = Draft(
        kind=SentKind.CORRECTION,
        at=now,
        chat_id=sent.chat_id,
        thread_id=sent.thread_id,
        language=sent.language,
        zone=sent.zone,
        quotes=anew.quotes,
        shape=anew.shape,
    )
    return Planned(
        chat_id=sent.chat_id,
        thread_id=sent.thread_id,
        urgency=Urgency.CORRECTION,
        parts=anew.note,
        reply_to=one.told.message_ids.get(number),
        quiet=notices.quiet,
        draft=draft,
    )


def _page(store: BotStore, recheck: Recheck) -> _Page:
    told = store.quoting(recheck, limit=_PAGE)
    chats = {one.sent.chat_id for one in told}
    return _Page(told=told, notices={chat: Notices() if chat is None else store.notices(chat) for chat in chats})
