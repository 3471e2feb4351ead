"""Telegram's HTML, written with its plain twin and counted as Telegram counts. All escaping happens here.

Knows tags and limits, no Citation and no Reply.
"""

import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from telegram.constants import MessageEntityDateTimeFormats

# As the archive drops them from what is quoted; this is for what is not.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_FOLDED_ABOVE_CHARS = 280
_FOLDED_ABOVE_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch that stays in one message. `units` are those of the longer of its two forms."""

    html: str
    plain: str
    units: int
    entities: int


def visible(text: str) -> str:
    """Take out what no reader sees: controls, marks that turn the direction of writing, lone surrogates."""
    return _HIDDEN.sub("", text)


def units(text: str) -> int:
    """Count UTF-16 code units, as Telegram does."""
    return len(text) + sum(char > "\uffff" for char in text)


class Line:
    """Collects a stretch of text in both forms and counts its entities."""

    def __init__(self) -> None:
        self._html: list[str] = []
        self._plain: list[str] = []
        self._links: list[str] = []
        self.units = 0
        self.plain_units = 0
        self.entities = 0

    def text(self, text: str) -> Self:
        """Add plain words."""
        return self._add(html.escape(text, quote=False), text)

    def bold(self, text: str) -> Self:
        """Add bold words; nothing for none."""
        return self._add(f"<b>{html.escape(text, quote=False)}</b>", text, entities=1) if text else self

    def italic(self, text: str) -> Self:
        """Add our remark."""
        return self._add(f"<i>{html.escape(text, quote=False)}</i>", text, entities=1)

    def struck(self, text: str) -> Self:
        """Add words that no longer stand; the plain twin puts them between tildes."""
        self._add(f"<s>{html.escape(text, quote=False)}</s>", text, entities=1)
        self._plain[-1] = f"~{text}~"
        self.plain_units += len("~~")
        return self

    def link(self, text: str, url: str, *, is_bold: bool = False) -> Self:
        """Add a link; the plain twin lists its address at the end."""
        self._links.append(url)
        self.plain_units += units(url) + len("\n")
        link = f'<a href="{html.escape(url)}">{html.escape(text, quote=False)}</a>'
        return self._add(f"<b>{link}</b>", text, entities=2) if is_bold else self._add(link, text, entities=1)

    def time(self, moment: datetime, fallback: str) -> Self:
        """Add a moment that each reader's app shows in their own zone; where it cannot, what is written here."""
        unix = int(moment.timestamp())
        if unix < 0:  # Telegram takes no time before 1970
            return self.text(fallback)
        shape = MessageEntityDateTimeFormats.LONG_DATE_SHORT_TIME.value
        return self._add(
            f'<tg-time unix="{unix}" format="{shape}">{html.escape(fallback)}</tg-time>', fallback, entities=1
        )

    def quote(self, text: str) -> Self:
        """Add a quote on lines of its own, folded where it is long."""
        folded = len(text) > _FOLDED_ABOVE_CHARS or text.count("\n") >= _FOLDED_ABOVE_LINES
        opening = "<blockquote expandable>" if folded else "<blockquote>"
        self._add(f"{opening}{html.escape(text, quote=False)}</blockquote>\n", f"{text}\n", entities=1)
        self._plain[-1] = f"“{text}”\n"
        self.plain_units += len("“”")
        return self

    def join(self, other: Self) -> Self:
        """Add what another line holds."""
        self._html += other._html
        self._plain += other._plain
        self._links += other._links
        self.units += other.units
        self.plain_units += other.plain_units
        self.entities += other.entities
        return self

    def piece(self) -> Piece:
        """Finish."""
        return Piece(
            html="".join(self._html),
            plain="\n".join(["".join(self._plain), *self._links]),
            units=max(self.units, self.plain_units),
            entities=self.entities,
        )

    def _add(self, markup: str, text: str, *, entities: int = 0) -> Self:
        self._html.append(markup)
        self._plain.append(text)
        self.units += units(text)
        self.plain_units += units(text)
        self.entities += entities
        return self
