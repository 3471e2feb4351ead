"""Corrections that follow what was said: what a source took back is taken back in every message that quoted it.

Each is planned in one transaction with how far the messages that quote an update were gone through. An answer is edited
and nothing more is said; who was sent something unasked is told too, once. Holds no state.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from bot import shapes
from bot.amending import Voiced, amended, said_at, taken_back
from bot.amendments import FOLLOWER, TOLD_UNASKED, Correction, Recheck, Told
from bot.backroom import Backroom
from bot.deliveries import Edit, Planned, Rendered, State, Urgency
from bot.keyboard import Message, asker_of_sent
from bot.noting import Noting, linked, with_id
from bot.rechecking import Held, VerifyingArchive, held
from bot.records import Draft, Quoted, Sent, SentKind, quoted
from bot.store import BotStore
from bot.subscriptions import Notices
from bot.texts import chosen, line
from bot.titles import shown
from bot.types import Block, Buttons, Paragraph, Quote, Reply
from bot.unasked import Render
from bot.workers import Priority, Worker
from index import Affected, Aftermath, Grade

logger = logging.getLogger(__name__)

_UPDATES, _PAGES, _PAGE = 8, 10, 40
_OPEN = (State.PENDING, State.RETRY, State.HELD)


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
class _Anew:
    """A message as it is to read now: its parts that differ, by number, and what is said of it to who was sent it."""

    parts: tuple[tuple[int, Rendered], ...]
    note: tuple[Rendered, ...]
    quotes: tuple[Quoted, ...]
    shape: str


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
        known: dict[object, _Anew] = {}
        for _ in range(_PAGES):
            page = await self._backroom.store(partial(_page, recheck=recheck))
            messages = await self._archive.do(Priority.LOOK, partial(held, told=page.told, recheck=recheck, now=now))
            until = [(one, one.wait_until(recheck, now)) for one in messages]
            waits = [wait for _, wait in until if wait is not None]
            due = [one for one, wait in until if wait is None and one.changed]
            speakers = _speakers(due)
            corrections = [
                await self._correction(one, recheck, page, now, render, known, speaks=one.told.sent.id in speakers)
                for one in due
            ]
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

    async def _correction(
        self,
        one: Held,
        recheck: Recheck,
        page: _Page,
        now: datetime,
        render: Render,
        known: dict[object, _Anew],
        *,
        speaks: bool,
    ) -> Correction:
        """Decide what is done about a message; `speaks`: it is the one of its chat that a reply is to follow."""
        told = one.told
        notices = page.notices[told.sent.chat_id]
        # Of a digest that went to thousands all read the same.
        key = (told.shape, told.quotes, tuple(one.amendments.values()), told.sent.zone, told.sent.language)
        if not told.shape or key not in known:
            known[key] = await self._anew(one, render)
        anew = known[key]
        still_here = _open_parts(told)
        waiting = tuple(part for part in anew.parts if part[0] in still_here)
        edits = [await self._edit(one, part, anew, notices) for part in anew.parts if part not in waiting]
        messages = [edit for edit in edits if edit is not None]
        is_unreachable = told.sent.kind not in TOLD_UNASKED and not messages and bool(told.message_ids)
        is_heard = speaks and (not anew.parts or len(waiting) < len(anew.parts))
        if notices.corrections and (is_heard or (is_unreachable and told.sent.kind is not SentKind.CORRECTION)):
            messages.append(_reply(one, anew, notices, now))
        return Correction(
            sent=told.sent,
            update=(recheck.source, recheck.update_id),
            amendments=tuple(found for place in one.changed if (found := one.now[place]) is not None),
            restored=tuple(place for place in one.changed if one.now[place] is None),
            messages=tuple(messages),
            rewritten=waiting,
        )

    async def _anew(self, one: Held, render: Render) -> _Anew:
        """Write a message again, and a note of what became of it."""
        sent = one.told.sent
        voiced = Voiced(zone=sent.zone, language=sent.language)
        note = await self._linked(_note(one, voiced))
        return _Anew(
            parts=tuple(await self._parts(one, voiced, render)),
            note=render(_as_reply(note, voiced)),
            quotes=tuple(quoted(block.excerpt) for block in note if isinstance(block, Quote)),
            shape=shapes.written(note),
        )

    async def _parts(self, one: Held, voiced: Voiced, render: Render) -> list[tuple[int, Rendered]]:
        """Write those parts again whose quotes stand otherwise now.

        None of a message in several parts of which no shape is kept: nobody knows any more what stood in which.
        """
        sent = one.told.sent
        if not one.told.shape:
            if len(one.told.message_ids) > 1 or len(one.told.parts) > 1:
                return []
            key = "amended_reply" if sent.kind in TOLD_UNASKED else "amended_answer"
            head = said_at(key, sent.at, voiced)
            blocks = [(head, None), *one.blocks]
            body = await self._fitted(blocks, one, voiced, render, is_answer=True)
            return [] if body is None else [(0, body)]
        whole = await self._linked(tuple(block for block, _ in one.blocks))
        anew = []
        for number, part in enumerate(render(_as_reply(whole, voiced))):
            blocks = [one.blocks[place] for place in part.blocks]
            if any(place in one.changed for _, place in blocks):
                body = await self._fitted(blocks, one, voiced, render)
                anew += [] if body is None else [(number, body)]
        return anew

    async def _fitted(
        self,
        blocks: Sequence[tuple[Block, int | None]],
        one: Held,
        voiced: Voiced,
        render: Render,
        *,
        is_answer: bool = False,
    ) -> Rendered | None:
        """Write blocks as one message, saying less where that does not fit; None where nothing does."""
        for each in (voiced, replace(voiced, brief=True)):
            written = await self._linked(amended(blocks, one.amendments, one.checked, each))
            if is_answer:
                written = with_id(written, one.told.sent.kind, one.told.sent.id, each.language)
            bodies = render(_as_reply(written, voiced))
            if len(bodies) == 1:
                return bodies[0]
        return None

    async def _linked(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return await self._backroom.store(lambda store: linked(store, blocks))

    async def _edit(self, one: Held, part: tuple[int, Rendered], anew: _Anew, notices: Notices) -> Planned | None:
        """Return the edit of a part that has been sent; None where it cannot be reached."""
        (number, body), sent = part, one.told.sent
        inline = sent.inline_message_id
        if inline is None and number not in one.told.message_ids:
            return None
        # Who was sent it unasked is told anyway.
        is_told = sent.kind in (*TOLD_UNASKED, SentKind.CORRECTION) or inline is not None or not notices.corrections
        return Planned(
            chat_id=None if inline else sent.chat_id,
            thread_id=sent.thread_id,
            urgency=Urgency.CORRECTION,
            parts=(body,),
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
        return next((block.start for block in await self._linked(quotes) if isinstance(block, Quote)), "")

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


def _open_parts(told: Told) -> set[int]:
    return {part.part for part in told.parts if part.state in _OPEN}


def _speakers(due: Sequence[Held]) -> set[str]:
    """Name the messages that a reply is to follow: of those that a chat was sent unasked, the newest that has left."""
    newest: dict[tuple[int | None, int | None], Sent] = {}
    for one in due:
        sent, parts = one.told.sent, {part.part for part in one.told.parts}
        has_left = not parts or parts != _open_parts(one.told)
        if sent.kind in TOLD_UNASKED and has_left and not one.told.is_spoken_for:
            key = (sent.chat_id, sent.thread_id)
            newest[key] = max(newest.get(key, sent), sent, key=lambda each: (each.at, each.id))
    return {sent.id for sent in newest.values()}


def _reply(one: Held, anew: _Anew, notices: Notices, now: datetime) -> Planned:
    """Say to who was sent something unasked what became of it."""
    sent = one.told.sent
    number = anew.parts[0][0] if anew.parts else 0
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


def _note(one: Held, voiced: Voiced) -> tuple[Block, ...]:
    """Say in short what became of the quotes that stand otherwise now."""
    blocks: list[Block] = [said_at("amended_reply", one.told.sent.at, voiced)]
    for block, place in one.blocks:
        if place not in one.changed or not isinstance(block, Quote):
            continue
        amendment = one.now[place]
        if amendment is None:
            blocks += [Paragraph(text=line("amended_restored", language=voiced.language)), block]
        else:
            blocks += taken_back(block, amendment, one.checked[place], voiced)
    return tuple(blocks)


def _as_reply(blocks: Sequence[Block], voiced: Voiced) -> Reply:
    return Reply(blocks=tuple(blocks), zone=voiced.zone, language=voiced.language)


def _page(store: BotStore, recheck: Recheck) -> _Page:
    told = store.quoting(recheck, limit=_PAGE)
    chats = {one.sent.chat_id for one in told}
    return _Page(told=told, notices={chat: Notices() if chat is None else store.notices(chat) for chat in chats})
