"""From Reply to the parts Telegram is sent: pure. Escaping is `markup.Line`'s, and nobody else's.

A quote is never altered: one that is too long is carried on in a further part, each with its citation.
Times are `<tg-time>`, written in the chat's zone where an app cannot show the reader's; a day stays a day.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import assert_never
from urllib.parse import urlsplit

from telegram.constants import MessageLimit

from bot.records import Picture
from bot.texts import line
from bot.tg.keyboards import start_link
from bot.tg.markup import Line, Piece, units, visible
from bot.times import day_of, moment, written
from bot.types import Block, Paragraph, Pointer, Quote, Reply, Struck
from index import Citation, Precision, TimeBasis

LIMIT_UNITS = int(MessageLimit.MAX_TEXT_LENGTH)
LIMIT_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
_TITLE_CHARS = 200
_URL_CHARS = 1500
_GAP = "\n\n"
_SLOT = "\0"
_BASES = MappingProxyType({TimeBasis.INHERITED: "basis_inherited", TimeBasis.SEEN: "basis_seen"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message: `html` for Telegram, `plain` says the same where the HTML is refused; below a `picture`, both.

    `blocks`: which of the reply's blocks it shows, by their places.
    """

    html: str
    plain: str
    picture: bytes | None = None
    blocks: tuple[int, ...] = ()


def parts(reply: Reply, *, our_name: str = "") -> tuple[Part, ...]:
    """Render a reply, split at block boundaries; one part wherever the limits allow.

    A picture comes last, in a part of its own with its words below it.
    `our_name`, without @, makes start parameters links into our private chat; without it there are none.
    No part exceeds 4,096 UTF-16 units (neither as HTML, after parsing, nor as plain text) or 100 entities.
    """
    groups: list[list[Piece]] = []
    shown: list[list[int]] = []
    for place, block in enumerate(reply.blocks):
        for piece in _pieces(block, reply, our_name):
            if not groups or not _fits(*groups[-1], piece):
                groups.append([])
                shown.append([])
            groups[-1].append(piece)
            shown[-1].append(place)
    texts = tuple(
        Part(
            html=_GAP.join(piece.html for piece in group),
            plain=_GAP.join(piece.plain for piece in group),
            blocks=tuple(dict.fromkeys(places)),
        )
        for group, places in zip(groups, shown, strict=True)
    )
    return (*texts, _picture(reply.picture)) if reply.picture else texts


def _picture(picture: Picture) -> Part:
    words = Line().text(picture.words).piece()
    return Part(html=words.html, plain=words.plain, picture=picture.png)


def host_of(url: str | None) -> str | None:
    """Tell the host to show beside a link; None where the address must not become one.

    Only http(s) is linked; an internationalised name is shown in its ASCII form, so that it cannot pass for another.
    """
    if not url or len(url) > _URL_CHARS or not url.isprintable() or any(char.isspace() for char in url):
        return None
    try:
        address = urlsplit(url)
        host = (address.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if address.scheme.lower() not in {"http", "https"} or not host:
        return None
    return host.removeprefix("www.")


def _fits(*pieces: Piece) -> bool:
    gaps = len(_GAP) * (len(pieces) - 1)
    return (
        sum(piece.units for piece in pieces) + gaps <= LIMIT_UNITS
        and sum(piece.entities for piece in pieces) <= LIMIT_ENTITIES
    )


def _pieces(block: Block, reply: Reply, our_name: str) -> Iterator[Piece]:
    match block:
        case Paragraph():
            for text in _cut(visible(block.text).strip(), LIMIT_UNITS):
                yield _timed(text, block).piece()
        case Quote():
            yield from _quote(block, reply, our_name)
        case Pointer():
            name = _title(block.citation) or line("untitled", language=reply.language)
            title = Line().text("• ").join(_named(name, block.start, our_name)).text("\n")
            yield title.join(_citation(block.citation, reply)).piece()
        case Struck(text=text):
            for stretch in _cut(visible(text).strip(), LIMIT_UNITS - len("~~")):
                yield Line().struck(stretch).piece()
        case _:
            assert_never(block)


def _quote(block: Quote, reply: Reply, our_name: str) -> Iterator[Piece]:
    head = _head(block, our_name)
    start = "" if _shows_title(block) else block.start
    foot = _citation(block.excerpt.citation, reply, start=start, our_name=our_name)
    around = max(head.units, head.plain_units) + max(foot.units, foot.plain_units) + len("“”\n\n")
    for text in _cut(block.excerpt.text, LIMIT_UNITS - around):
        yield Line().join(head).quote(text).join(foot).piece()


def _head(block: Quote, our_name: str) -> Line:
    head, shows_title = Line(), _shows_title(block)
    if shows_title:
        head.join(_named(_title(block.excerpt.citation), block.start, our_name))
    if block.note:
        head.text(" — " if shows_title else "").italic(_short(block.note))
    return head.text("\n") if shows_title or block.note else head


def _shows_title(block: Quote) -> bool:
    title = _title(block.excerpt.citation)
    return bool(title) and title != " ".join(block.excerpt.text.split())


def _named(title: str, start: str, our_name: str) -> Line:
    """Render an update's name; it opens the update in private where we may link to it."""
    if not start or not our_name:
        return Line().bold(title)
    return Line().link(title, start_link(start, our_name=our_name), is_bold=True)


def _citation(citation: Citation, reply: Reply, *, start: str = "", our_name: str = "") -> Line:
    """Render source, host, time and edited mark; the host is the link. `start`: the source's name opens the update."""
    source = _short(citation.source)
    if start and our_name and source:
        found = Line().link(source, start_link(start, our_name=our_name))
    else:
        found = Line().text(source)
    host = host_of(citation.url)
    if host and citation.url:
        found.text(" · ").link(host, citation.url)
    found.text(" · ").join(_when(citation, reply))
    return found.text(" · ").join(_edited(citation, reply)) if citation.edited else found


def _when(citation: Citation, reply: Reply) -> Line:
    """Render the time of publication, with its basis; of a day never more than the day."""
    if citation.time_precision is Precision.DAY:
        time = Line().text(written(day_of(citation.published_at), language=reply.language))
    else:
        time = _clock(citation.published_at, reply)
    basis = _BASES.get(citation.time_basis)
    return _framed(basis, time, reply.language) if basis else time


def _edited(citation: Citation, reply: Reply) -> Line:
    if citation.modified_at is None or citation.time_precision is Precision.DAY:
        return Line().text(line("edited", language=reply.language))
    return _framed("edited_at", _clock(citation.modified_at, reply), reply.language)


def _clock(at: datetime, reply: Reply) -> Line:
    return Line().time(at, moment(at, reply.zone, language=reply.language))


def _timed(text: str, block: Paragraph) -> Line:
    """Render our words, the moments in them as moments."""
    found = Line()
    for named, at in block.moments:
        if named in text:
            before, _, text = text.partition(named)
            found.text(before).time(at, named)
    return found.text(text)


def _framed(key: str, time: Line, language: str) -> Line:
    """Put a time into the words around it."""
    before, _, after = line(key, language=language, time=_SLOT).partition(_SLOT)
    return Line().text(before).join(time).text(after)


def _title(citation: Citation) -> str:
    return _short(citation.title)


def _short(text: str) -> str:
    """Bring our label or a title to one line of bounded length. Never used on a quote."""
    shown = " ".join(visible(text).split())
    return shown if len(shown) <= _TITLE_CHARS else shown[: _TITLE_CHARS - 1].rstrip() + "…"


def _cut(text: str, room: int) -> Iterator[str]:
    """Cut into slices of at most `room` units that concatenate to the text; nothing for an empty text."""
    while text:
        end = _end(text, room)
        yield text[:end]
        text = text[end:]


def _end(text: str, room: int) -> int:
    """Find where the first slice ends: after a line, a sentence or a word, else between two characters."""
    if units(text) <= room:
        return len(text)
    end = 0
    for char in text:
        room -= 2 if char > "\uffff" else 1
        if room < 0:
            break
        end += 1
    for mark in ("\n", ". ", " "):
        found = text.rfind(mark, end // 2, end)
        if found >= 0:
            return found + len(mark)
    whole = end
    while whole > end // 2 and _clings(text[whole]):
        whole -= 1
    return whole if whole > end // 2 else end


def _clings(char: str) -> bool:
    """Tell whether a character belongs to the one before it, as an accent or an emoji's variant does."""
    return bool(unicodedata.combining(char)) or unicodedata.category(char) in {"Mn", "Me", "Cf", "Sk"}
