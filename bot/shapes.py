"""How a message that nobody asked for is kept, so that it can be written again with its corrections. Pure.

Our own words, notes and what was struck are kept as they were; quotes and named updates by what they cite.
Of answers no shape is kept, since their words may be the asker's.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, assert_never

from bot.types import Block, Paragraph, Pointer, Quote, Struck
from index import Citation, Excerpt

Named = Callable[[int], Citation | None]


def written(blocks: Sequence[Block]) -> str:
    """Write a message's blocks down; its quotes are numbered as the ledger numbers them."""
    rows: list[dict[str, Any]] = []
    quotes = 0
    for block in blocks:
        match block:
            case Paragraph(text=text, moments=moments):
                rows.append({"said": text, "moments": [[word, at.isoformat()] for word, at in moments]})
            case Quote(note=note):
                rows.append({"quote": quotes, "note": note})
                quotes += 1
            case Struck(text=text):
                rows.append({"struck": text})
            case Pointer(citation=citation):
                rows.append({"named": citation.update_no})
            case _:
                assert_never(block)
    return json.dumps(rows, ensure_ascii=False)


def read(shape: str, quotes: Sequence[Excerpt | None], named: Named) -> tuple[tuple[Block, int | None], ...]:
    """Return a message's blocks, each with the place of its quote; what can no longer be shown is left out.

    `quotes`: the ledger's, by place; None for one that cannot be proved.
    """
    found: list[tuple[Block, int | None]] = []
    for row in json.loads(shape):
        block = _block(row, quotes, named)
        if block is not None:
            found.append((block, row.get("quote")))
    return tuple(found)


def _block(row: dict[str, Any], quotes: Sequence[Excerpt | None], named: Named) -> Block | None:
    if "said" in row:
        moments = tuple((str(word), datetime.fromisoformat(at)) for word, at in row["moments"])
        return Paragraph(text=row["said"], moments=moments)
    if "struck" in row:
        return Struck(text=row["struck"])
    if "named" in row:
        citation = named(row["named"])
        return None if citation is None else Pointer(citation=citation)
    excerpt = quotes[row["quote"]] if row["quote"] < len(quotes) else None
    return None if excerpt is None else Quote(excerpt=excerpt, note=row["note"])
