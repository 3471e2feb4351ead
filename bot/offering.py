"""Answers in chats that we are not in: offers while somebody types behind our name, one answer to who mentions us."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import replies, times
from bot.actions import Latest
from bot.asking import Asking
from bot.backroom import Backroom, Voice
from bot.keyboard import Asker, asker_of
from bot.memory import Exchange, Memory
from bot.noting import Noting
from bot.records import SentKind
from bot.texts import line
from bot.types import Incoming, InlineAsk, Offer, Offers, Paragraph, Place, Quote, Reply
from index import Answer, Excerpt, previous_of

CACHE_FOR = timedelta(seconds=30)
OFFERS = 5
GUEST_CHARS = 2_500
QUESTION_CHARS = 256
START = "ask"
_CACHED = 500
_TITLE_CHARS = 80
_SOURCE_CHARS = 60
_DESCRIPTION_CHARS = 160
_Key = tuple[str, Voice]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found for a text, and when."""

    answer: Answer
    excerpts: tuple[Excerpt, ...]
    at: datetime


class Offering:
    """The room with a window to other chats. The same text is searched for once in half a minute."""

    def __init__(self, backroom: Backroom, noting: Noting, asking: Asking, memory: Memory) -> None:
        """Take who answers, and where to write down."""
        self._backroom = backroom
        self._noting = noting
        self._asking = asking
        self._memory = memory
        self._found: OrderedDict[_Key, _Found] = OrderedDict()

    async def offers(self, ask: InlineAsk, voice: Voice, now: datetime) -> Offers:
        """Offer up to five excerpts, each complete in itself; or the honest no."""
        text = " ".join(ask.text.split())[:QUESTION_CHARS]
        private = line("inline_private", language=voice.language)
        frame = Offers(private_text=private, private_start=START, cache_s=int(CACHE_FOR.total_seconds()))
        found = await self._search(text, voice, now)
        asker = Asker(place=Place.PRIVATE, user_id=ask.user_id)
        if not found.excerpts:
            return replace(frame, offers=(await self._none(found, asker, voice, now),))
        return replace(
            frame, offers=tuple([await self._offer(found, one, asker, voice, now) for one in found.excerpts])
        )

    async def guest(self, incoming: Incoming, question: str, voice: Voice, now: datetime) -> Reply:
        """Answer once and completely, in one message as far as quotes are short enough."""
        if not question:
            return replies.said("guest_empty", language=voice.language)
        said = await self._asking.answered(question, voice, now)
        answer = replace(said.answer, excerpts=_fitting(said.answer.excerpts))
        reply = replies.of_answer(answer, now=now, zone=voice.zone, language=voice.language)
        complete = Paragraph(text=line("guest_complete", language=voice.language))
        reply = replace(reply, blocks=(*reply.blocks, complete), more=0)
        reply = await self._noting.noted(reply, asker_of(incoming), kind=SentKind.GUEST, at=now)
        exchange = Exchange(previous=previous_of(answer), at=now, sent_id=reply.sent_id, asked_by=incoming.user_id)
        self._memory.keep(exchange, None)
        return reply

    async def _search(self, text: str, voice: Voice, now: datetime) -> _Found:
        key = (text.casefold(), voice)
        known = self._found.get(key)
        if known is not None and timedelta(0) <= now - known.at < CACHE_FOR:
            return known
        said = await (self._asking.answered(text, voice, now) if text else self._asking.newest(Latest(), voice, now))
        found = _Found(answer=said.answer, excerpts=(*said.answer.excerpts, *said.upcoming)[:OFFERS], at=now)
        self._found[key] = found
        self._found.move_to_end(key)
        if len(self._found) > _CACHED:
            self._found.popitem(last=False)
        return found

    async def _offer(self, found: _Found, excerpt: Excerpt, asker: Asker, voice: Voice, now: datetime) -> Offer:
        quote = Quote(excerpt=excerpt, note=replies.label(excerpt.label, voice.language))
        fresh = replies.fresh(found.answer.as_of, now=now, zone=voice.zone, language=voice.language)
        reply = Reply(blocks=(quote, *fresh), zone=voice.zone, language=voice.language)
        reply = await self._noting.noted(reply, asker, kind=SentKind.INLINE, at=now)
        title = excerpt.citation.title or line("inline_title", language=voice.language)
        return Offer(title=_short(title, _TITLE_CHARS), description=_described(excerpt, voice), reply=reply)

    async def _none(self, found: _Found, asker: Asker, voice: Voice, now: datetime) -> Offer:
        reply = replies.of_answer(found.answer, now=now, zone=voice.zone, language=voice.language)
        reply = await self._noting.noted(reply, asker, kind=SentKind.INLINE, at=now)
        return Offer(
            title=line("inline_none", language=voice.language),
            description=line("inline_none_hint", language=voice.language),
            reply=reply,
        )


def _fitting(excerpts: tuple[Excerpt, ...]) -> tuple[Excerpt, ...]:
    """Return the first excerpts that fit into one message together; the first one always."""
    chars, fitting = 0, list[Excerpt]()
    for excerpt in excerpts:
        chars += len(excerpt.text)
        if fitting and chars > GUEST_CHARS:
            break
        fitting.append(excerpt)
    return tuple(fitting)


def _described(excerpt: Excerpt, voice: Voice) -> str:
    """Show whose words and from when they are, then how they begin."""
    citation = excerpt.citation
    time = times.moment(citation.published_at, voice.zone, citation.time_precision, language=voice.language)
    cited = " · ".join(part for part in (_short(citation.source, _SOURCE_CHARS), time) if part)
    return f"{cited}\n{_short(excerpt.text, _DESCRIPTION_CHARS)}"


def _short(text: str, chars: int) -> str:
    """Cut behind a word, where there is one to cut behind."""
    text = " ".join(text.split())
    if len(text) <= chars:
        return text
    whole, _, _ = text[:chars].rpartition(" ")
    return f"{(whole or text[: chars - 1]).rstrip(' ,;:–—-')}…"
