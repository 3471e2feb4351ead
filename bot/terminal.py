"""The terminal as a chat: shows a Reply as text, and talks through the same dialogue, desk and texts as Telegram."""

import unicodedata
from asyncio import Runner
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import assert_never
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from bot import dialogue, times
from bot.actions import Action
from bot.desk import Desk
from bot.texts import ENGLISH, line
from bot.types import Block, Incoming, Paragraph, Place, Pointer, Quote, Reply, Struck
from index import Citation, Precision, TimeBasis

OUR_NAME = "dateline"
PROMPT = "> "
LEAVE = frozenset({"/quit", "/exit", "quit", "exit"})
_BAR = "│ "
_STRUCK = "~"
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def console() -> Console:
    """Make the console for results: colours on a terminal only, and none where NO_COLOR is set."""
    return Console(highlight=False, markup=False, emoji=False)


def show(reply: Reply, output: Console, *, language: str = ENGLISH) -> None:
    """Print a reply, a blank line between its blocks, and below it the words to type instead of pressing a button."""
    for number, block in enumerate(reply.blocks):
        if number and not (isinstance(block, Pointer) and isinstance(reply.blocks[number - 1], Pointer)):
            output.print()
        for text in _lines(block, reply.zone, output, language):
            output.print(text, soft_wrap=True)
    words = [button.key for row in reply.buttons for button in row if button.key]
    if words:
        output.print()
        output.print(Text(f"[{' · '.join(words)}]", style="dim"), soft_wrap=True)


def chat(
    desk: Desk,
    runner: Runner,
    output: Console,
    *,
    read_line: Callable[[], str],
    clock: Callable[[], datetime],
    echo: bool = False,
    language: str = ENGLISH,
) -> None:
    """Talk until the end of the input; `read_line` raises EOFError there. Ctrl-C gives up the running question.

    `echo` prints each line before its reply: for input that no terminal has shown already.
    """
    for number in count(1):
        try:
            typed = read_line().strip()
            if typed.lower() in LEAVE:
                return
            incoming = incoming_from(typed, number, clock(), language=language)
            action = dialogue.decide(incoming, our_name=OUR_NAME) if typed else None
            if action is not None:
                if echo:
                    output.print(Text(f"{PROMPT}{_clean(typed)}", style="bold"), soft_wrap=True)
                    output.print()
                reply = runner.run(_answered(desk, action, incoming, clock()))
                if reply is not None:
                    show(reply, output, language=reply.language)
                    output.print()
        except EOFError:
            return
        except KeyboardInterrupt:
            output.print()


async def _answered(desk: Desk, action: Action, incoming: Incoming, now: datetime) -> Reply | None:
    reply = await desk.handle(action, incoming, now)
    if reply is not None:
        # What is printed has arrived; its number is the line's that it answers.
        await desk.sent(reply, incoming.chat_id, (incoming.message_id,), incoming)
    return reply


def welcome(output: Console, *, language: str = ENGLISH) -> None:
    """Say what this is and how to leave."""
    output.print(Text(line("terminal_welcome", language=language)), soft_wrap=True)


def incoming_from(typed: str, number: int, now: datetime, *, language: str = ENGLISH) -> Incoming:
    """Translate a typed line: `/command@name text`, or plain text."""
    command, addressee, text = None, "", typed
    if typed.startswith("/") and typed[1:2].isalpha():
        called, _, text = typed[1:].partition(" ")
        command, _, addressee = called.lower().partition("@")
    return Incoming(
        chat_id=0,
        message_id=number,
        place=Place.TERMINAL,
        text=text.strip(),
        sent_at=now,
        command=command,
        addressee=addressee,
        user_id=0,
        language=language,
    )


def _lines(block: Block, zone: str, output: Console, language: str) -> list[Text]:
    match block:
        case Paragraph(text=text):
            return _wrapped(_clean(text), output)
        case Quote():
            return _quote(block, zone, output, language)
        case Pointer(citation=citation):
            title = _title(citation) or line("untitled", language=language)
            return [Text(f"• {title}", style="bold"), *_citation(citation, zone, language, indent="  ")]
        case Struck(text=text):
            return [Text(_STRUCK).append(row).append(_STRUCK) for row in _wrapped(_clean(text), output, indent=2)]
        case _:
            assert_never(block)


def _quote(block: Quote, zone: str, output: Console, language: str) -> list[Text]:
    citation = block.excerpt.citation
    title = _title(citation)
    shown = title if title != " ".join(_clean(block.excerpt.text).split()) else ""
    head = Text(shown, style="bold")
    if block.note:
        head.append(f"{' — ' if shown else ''}{_clean(block.note)}", style="italic")
    quoted = _wrapped(_clean(block.excerpt.text), output, indent=len(_BAR))
    cited = _citation(citation, zone, language)
    return [*([head] if head else []), *(Text(_BAR).append_text(text) for text in quoted), *cited]


def _citation(citation: Citation, zone: str, language: str, indent: str = "") -> list[Text]:
    host = host_of(citation.url)
    published, edited = _published(citation, zone, language), _edited(citation, zone, language)
    parts = dict.fromkeys([_clean(citation.source), host, published, edited])
    lines = [Text(f"{indent}{' · '.join(part for part in parts if part)}", style="dim")]
    if citation.url and host:
        lines.append(Text(f"{indent}{_clean(citation.url)}", style="dim"))
    return lines


def host_of(url: str | None) -> str:
    """Return the host of an http(s) link without `www.`; "" for anything else, which is not shown as a link."""
    try:
        address = urlsplit(url or "")
        return (address.hostname or "").removeprefix("www.") if address.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _published(citation: Citation, zone: str, language: str) -> str:
    written = times.moment(citation.published_at, zone, citation.time_precision, language=language)
    match citation.time_basis:
        case TimeBasis.OWN:
            return written
        case TimeBasis.INHERITED:
            return line("basis_inherited", language=language, time=written)
        case TimeBasis.SEEN:
            return line("basis_seen", language=language, time=written)
        case _:
            assert_never(citation.time_basis)


def _edited(citation: Citation, zone: str, language: str) -> str:
    if not citation.edited:
        return ""
    if citation.modified_at is None or citation.time_precision is Precision.DAY:
        return line("edited", language=language)
    return line("edited_at", language=language, time=times.moment(citation.modified_at, zone, language=language))


def _title(citation: Citation) -> str:
    return " ".join(_clean(citation.title).split())


def _wrapped(text: str, output: Console, *, indent: int = 0) -> list[Text]:
    """Break lines at the terminal's width; elsewhere a line stays whole, so that other programs find it."""
    paragraphs = [Text(paragraph) for paragraph in text.split("\n")]
    if not output.is_terminal:
        return paragraphs
    width = max(output.width - indent, 20)
    rows = [row for paragraph in paragraphs for row in paragraph.wrap(output, width) or [Text()]]
    for row in rows:
        row.rstrip()
    return rows


def _clean(text: str) -> str:
    """Drop what could steer the terminal or turn the reading direction: sources are hostile."""
    return "".join(
        char for char in text if char in "\n\t" or (unicodedata.category(char) != "Cc" and char not in _BIDI)
    )
