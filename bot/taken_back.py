"""`/corrections`: what the sources have taken back lately of what was said here, and whether that is told."""

from dataclasses import replace
from datetime import datetime

from bot import replies
from bot.actions import TakenBack
from bot.admins import Admins
from bot.amending import Voiced, renewed, said_at, taken_back
from bot.amendments import Amendment
from bot.backroom import Backroom, Voice, kept_of
from bot.keyboard import asker_of
from bot.noting import Noting
from bot.records import Quoted, Sent, SentKind
from bot.smalltalk import bare
from bot.store import BotStore
from bot.texts import line
from bot.types import Block, Incoming, Paragraph, Place, Quote, Reply
from index import Grade, Verification

_SHOWN = 5
_SWITCH = {"on": True, "off": False}


class Corrected:
    """The room for what no longer stands."""

    def __init__(self, backroom: Backroom, noting: Noting, admins: Admins) -> None:
        """Take where to look, where to write down, and who knows admins."""
        self._backroom = backroom
        self._noting = noting
        self._admins = admins

    async def command(self, action: TakenBack, incoming: Incoming, voice: Voice, now: datetime) -> Reply | None:
        """List what was taken back, or switch telling of it. None: silence, as for those in a group who may not."""
        if incoming.place not in (Place.PRIVATE, Place.GROUP):
            return replies.said("corrections_none", language=voice.language)
        wanted = _switch(action.text, voice.language)
        if wanted is None:
            return await self._listed(incoming, voice, now)
        if incoming.place is Place.GROUP and not await self._admins.is_admin(incoming.chat_id, incoming.user_id, now):
            return replies.said("settings_admins_only", language=voice.language) if incoming.addressee else None
        await self._backroom.store(lambda store: _switched(store, incoming.chat_id, wanted, now))
        return replies.said("corrections_on" if wanted else "corrections_off", language=voice.language)

    async def _listed(self, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        found, is_told = await self._backroom.store(
            lambda store: (
                store.amended_lately(incoming.chat_id, incoming.thread_id, limit=_SHOWN),
                store.notices(incoming.chat_id).corrections,
            )
        )
        quotes = kept_of([quote for _, quote, _ in found])
        checked = await self._backroom.archive(lambda archive: archive.verify(quotes, now=now))
        voiced = Voiced(zone=voice.zone, language=voice.language)
        blocks: list[Block] = []
        for (sent, quote, amendment), one in zip(found, checked, strict=True):
            blocks += _blocks(sent, quote, amendment, one, voiced)
        if not blocks:
            blocks.append(Paragraph(text=line("corrections_none", language=voice.language)))
        hint = "corrections_hint" if is_told else "corrections_off"
        blocks.append(Paragraph(text=line(hint, language=voice.language)))
        reply = Reply(blocks=tuple(blocks), zone=voice.zone, language=voice.language)
        return await self._noting.noted(reply, asker_of(incoming), kind=SentKind.UPDATE, at=now)


def _blocks(sent: Sent, quote: Quoted, amendment: Amendment, found: Verification, voiced: Voiced) -> list[Block]:
    if found.excerpt is None or found.grade is not Grade.MATERIAL:
        return []
    shown = Quote(excerpt=found.excerpt, note=replies.label(quote.label, voiced.language))
    return [said_at("amended_reply", sent.at, voiced), *taken_back(shown, renewed(amendment, found), found, voiced)]


def _switch(text: str, language: str) -> bool | None:
    """Read "on" or "off", in English or the reader's language, with or without accents; None for neither."""
    word = bare(text.casefold()).strip(" .!")
    for name, value in _SWITCH.items():
        if word in (name, bare(line(f"corrections_word_{name}", language=language).casefold())):
            return value
    return None


def _switched(store: BotStore, chat_id: int, wanted: bool, now: datetime) -> None:
    store.put_notices(chat_id, replace(store.notices(chat_id), corrections=wanted), at=now)
