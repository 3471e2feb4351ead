"""What is pressed to choose something: texts and rows of options. Pure: who shows a panel gives its options keys.

A panel is about one chat, which need not be the one it is shown in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.records import Chat, Payload
from bot.titles import shown

PAGE = 8

Rows = tuple[tuple["Option", ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something to press: `payload` says what it does, to the chat `chat_id` where that is not the panel's."""

    label: str
    payload: Payload = field(default_factory=dict)
    chat_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Lines of text and rows of options."""

    texts: tuple[str, ...]
    rows: Rows = ()


def pairs(options: Sequence[Option]) -> list[list[Option]]:
    """Put options side by side, two in a row."""
    return [list(options[start : start + 2]) for start in range(0, len(options), 2)]


def frozen(rows: Iterable[Sequence[Option]]) -> Rows:
    """Return rows as a panel has them, without those that are empty."""
    return tuple(tuple(row) for row in rows if row)


def chat_name(chat: Chat) -> str:
    """Name a chat by its title, else by its number."""
    return shown(chat.title) or str(chat.chat_id)
