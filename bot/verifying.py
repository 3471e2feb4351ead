"""`/verify`: finds which of our messages is meant, and holds what it quoted against what stands now."""

import re
from datetime import datetime

from bot import pages, replies
from bot.actions import Verify
from bot.backroom import AnsweringArchive, Backroom, Voice, kept_of
from bot.keyboard import asker_of
from bot.noting import Noting
from bot.pages import Checked
from bot.records import Quoted, Sent, SentKind
from bot.store import BotStore
from bot.types import Incoming, Reply
from index import Standing

# As `noting` writes it under a reply, or as somebody types it after the command.
_SHORT_ID = re.compile(r"(?:\bid[ \u00a0]|/verify )([2-9a-zA-Z]{11})\b")
_TYPED_ID = re.compile(r"[2-9a-zA-Z]{11}")


class Verifying:
    """The room where quotes are checked."""

    def __init__(self, backroom: Backroom, noting: Noting) -> None:
        """Take where to look, and where to write down."""
        self._backroom = backroom
        self._noting = noting

    async def verify(self, action: Verify, incoming: Incoming, voice: Voice, now: datetime, *, last: str = "") -> Reply:
        """Check every quote of the message that is meant; `last`: what the asker was told last, as far as we recall."""
        sent, quotes = await self._backroom.store(lambda store: _meant(store, action, incoming, last))
        if sent is None:
            return replies.said(_why_none(action, incoming), language=voice.language)
        if not quotes:
            return replies.said("verify_nothing", language=voice.language)
        checked = await self._backroom.archive(lambda archive: _checked(archive, quotes, now))
        reply = pages.of_verification(checked, now=now, zone=voice.zone, language=voice.language)
        return await self._noting.noted(reply, asker_of(incoming), kind=SentKind.UPDATE, at=now)


def short_id_in(text: str) -> str:
    """Return the short id that one of our messages shows, the last where several do; "" for none."""
    found = _SHORT_ID.findall(text)
    return found[-1] if found else ""


def _meant(store: BotStore, action: Verify, incoming: Incoming, last: str) -> tuple[Sent | None, tuple[Quoted, ...]]:
    """Find the message: by the id that was typed, by the one it replies to, by an id that stands in either's text.

    Where it names none, it is the last that quoted something for this asker.
    """
    if action.sent_id:
        sent = store.sent(_typed(action))
    elif incoming.forwards_us or incoming.reply_to_message_id is not None:
        sent = _replied(store, incoming)
    else:
        sent = _last(store, incoming, last)
    return sent, store.quotes(sent.id) if sent else ()


def _replied(store: BotStore, incoming: Incoming) -> Sent | None:
    sent = None
    if incoming.reply_to_message_id is not None:
        sent = store.sent_by_message(incoming.chat_id, incoming.reply_to_message_id)
    shown = short_id_in(incoming.text if incoming.forwards_us else incoming.reply_to_whole)
    return sent or (store.sent(shown) if shown else None)


def _last(store: BotStore, incoming: Incoming, last: str) -> Sent | None:
    sent = store.sent(last) if last else None
    if sent is not None and store.quotes(sent.id):
        return sent
    asked = None if incoming.user_id is None else store.last_quoting(incoming.chat_id, incoming.user_id)
    return asked or sent


def _typed(action: Verify) -> str:
    """Read an id as it may be typed or copied: alone, or with the words around it."""
    text = action.sent_id.strip()
    return text if _TYPED_ID.fullmatch(text) else short_id_in(text)


def _why_none(action: Verify, incoming: Incoming) -> str:
    if action.sent_id:
        return "verify_unknown" if _typed(action) else "verify_what"
    if incoming.reply_to_us or incoming.forwards_us:
        shown = short_id_in(incoming.text if incoming.forwards_us else incoming.reply_to_whole)
        return "verify_unknown" if shown else "verify_nothing"
    return "verify_not_ours" if incoming.reply_to_message_id is not None else "verify_what"


def _checked(archive: AnsweringArchive, quotes: tuple[Quoted, ...], now: datetime) -> tuple[Checked, ...]:
    """Check quotes, and look up the update of each that was edited since, be it elsewhere."""
    found = []
    for one in archive.verify(kept_of(quotes), now=now):
        edited = one.standing is not Standing.UNKNOWN and one.newest_revision > one.quoted.revision
        update = archive.update(one.quoted.update_id, now=now, source=one.quoted.source) if edited else None
        found.append(Checked(verification=one, update=update))
    return tuple(found)
