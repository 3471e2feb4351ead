"""Enters a reply in the ledger before it is sent, with what it quotes, and gives it what depends on that.

Its short id, the links of its citations, its buttons. All of one reply is one job in the thread of bot.db.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.backroom import Backroom
from bot.keyboard import Asker, Keyboard, Keyed, Message, rows_of
from bot.records import Button, Draft, LinkKind, SentKind, quoted
from bot.store import BotStore
from bot.texts import line
from bot.types import Block, Buttons, Paragraph, Place, Pointer, Quote, Reply, ReplyButton
from index import Citation, Excerpt

LINKS_FOR = timedelta(days=7)
# Of what is sent into chats where we may not be, a reader has to be told what its id is for.
_ELSEWHERE = (SentKind.INLINE, SentKind.GUEST)
# A no-break space: the word and the key stay on one line.
_ID = "id\u00a0"


class Noting:
    """The ledger's clerk."""

    def __init__(self, backroom: Backroom) -> None:
        """Take where to write."""
        self._backroom = backroom

    async def noted(
        self,
        reply: Reply,
        asker: Asker,
        *,
        kind: SentKind,
        at: datetime,
        pending: Sequence[Excerpt] = (),
        more_from: str = "",
        dated: bool = False,
    ) -> Reply:
        """Return the reply as it can be sent.

        `pending`: what "more" shows next. `more_from`: the earlier message that still has some, where it is not this.
        `dated`: its last line says how fresh it is, and takes the short id too.
        """
        return await self._backroom.store(
            lambda store: _noted(store, reply, asker, kind, at, pending, more_from, dated)
        )

    async def keyboard(self, message: Message, asker: Asker) -> Buttons:
        """Return the buttons of a message anew."""
        return await self._backroom.store(lambda store: _keyed(store, rows_of(message, asker), message, asker))

    async def keyed(self, rows: Sequence[Sequence[tuple[str, Button]]]) -> Buttons:
        """Return rows of labelled buttons with their keys."""
        labelled = tuple(tuple(Keyed(label=label, button=button) for label, button in row) for row in rows)
        return await self._backroom.store(lambda store: _with_keys(store, labelled))


def _noted(
    store: BotStore,
    reply: Reply,
    asker: Asker,
    kind: SentKind,
    at: datetime,
    pending: Sequence[Excerpt],
    more_from: str,
    dated: bool,
) -> Reply:
    quotes = tuple(quoted(block.excerpt) for block in reply.blocks if isinstance(block, Quote))
    sent = store.keep_sent(
        Draft(
            kind=kind,
            at=at,
            chat_id=None if kind is SentKind.INLINE else asker.chat_id,
            thread_id=asker.thread_id,
            asked_by=asker.user_id,
            language=reply.language,
            zone=reply.zone,
            quotes=quotes,
            pending=tuple(quoted(excerpt) for excerpt in pending),
        )
    )
    blocks = reply.blocks if asker.place is Place.TERMINAL else linked(store, reply.blocks)
    message = Message(
        sent_id=sent.id,
        kind=kind,
        at=at,
        language=reply.language,
        more_from=sent.id if pending else more_from,
        update_start=next((block.start for block in blocks if isinstance(block, Quote)), ""),
        cites=bool(quotes),
    )
    return replace(
        reply,
        sent_id=sent.id,
        blocks=with_id(blocks, kind, sent.id, reply.language, dated=dated) if quotes else blocks,
        buttons=_keyed(store, rows_of(message, asker), message, asker),
    )


def _keyed(store: BotStore, rows: Keyboard, message: Message, asker: Asker) -> Buttons:
    """Give buttons their keys, and the one that leads into the private chat its link."""
    return _with_keys(store, tuple(tuple(_led(store, one, message, asker) for one in row) for row in rows))


def _led(store: BotStore, one: Keyed, message: Message, asker: Asker) -> Keyed:
    if one.button is not None or one.start or one.word:
        return one
    key = store.add_link(
        LinkKind.ASK,
        chat_id=asker.chat_id or asker.user_id or 0,
        sent_id=message.sent_id,
        expires_at=message.at + LINKS_FOR,
    )
    return replace(one, start=key)


def _with_keys(store: BotStore, rows: Keyboard) -> Buttons:
    kept = iter(store.add_buttons(one.button for row in rows for one in row if one.button is not None))
    return tuple(
        tuple(
            ReplyButton(label=one.label, key=next(kept).key if one.button else one.word, start=one.start) for one in row
        )
        for row in rows
    )


def linked(store: BotStore, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Give every citation the link that opens its update in private."""
    cited = [citation for block in blocks if (citation := _citation(block)) is not None]
    keys = iter(store.link_updates(cited))
    return tuple(replace(block, start=next(keys)) if isinstance(block, Quote | Pointer) else block for block in blocks)


def _citation(block: Block) -> Citation | None:
    match block:
        case Quote(excerpt=excerpt):
            return excerpt.citation
        case Pointer(citation=citation):
            return citation
        case _:
            return None


def with_id(
    blocks: tuple[Block, ...], kind: SentKind, sent_id: str, language: str, *, dated: bool = False
) -> tuple[Block, ...]:
    """Put the short id, by which a message can be checked wherever it went, into its last line."""
    if kind in _ELSEWHERE:
        return (*blocks, Paragraph(text=line("verify_id", language=language, id=sent_id)))
    *before, last = blocks
    if isinstance(last, Paragraph) and dated:
        return (*before, replace(last, text=f"{last.text} · {_ID}{sent_id}"))
    return (*blocks, Paragraph(text=f"{_ID}{sent_id}"))
