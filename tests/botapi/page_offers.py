"""The list that opens above the typing line in inline mode: title, description and the button into the private chat."""

import html

from tests.botapi.core import InlineQuery
from tests.botapi.page_style import DARK, FACES, LIGHT, STYLE
from tests.botapi.state import Json

_STYLE = """
main { padding: 0; max-width: none; background: var(--bar); }
.lead { padding: 11px 16px; color: var(--link); font-weight: 600; text-align: center; }
.offer { display: flex; gap: 12px; padding: 9px 16px; border-top: 1px solid var(--line); }
.offer .face { border-radius: 7px; width: 48px; height: 48px; font-size: 20px; }
.offer b { display: block; font-weight: 600; }
.offer span { color: var(--faint); font-size: 14px; display: -webkit-box; -webkit-line-clamp: 3;
  -webkit-box-orient: vertical; overflow: hidden; }
.offer div:last-child { min-width: 0; }
.typed { padding: 13px 18px; border-top: 1px solid var(--line); background: var(--bar); }
.typed b { color: var(--link); font-weight: 400; }
"""


def offers(query: InlineQuery, bot_name: str, *, dark: bool = False) -> str:
    """Return the offers to one query as a page."""
    lead = f'<div class="lead">{html.escape(query.button["text"])}</div>' if query.button else ""
    drawn = "".join(_offer(result, number) for number, result in enumerate(query.results))
    typed = f'<div class="typed"><b>@{html.escape(bot_name)}</b> {html.escape(query.text)}</div>'
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>@{html.escape(bot_name)}</title>'
        f"<style>:root {{{DARK if dark else LIGHT}}}{STYLE}{_STYLE}</style>"
        f"<body><main>{lead}{drawn}{typed}</main></body></html>"
    )


def _offer(result: Json, number: int) -> str:
    title, under = html.escape(result.get("title", "")), html.escape(result.get("description", ""))
    letter = html.escape((result.get("title") or "?")[0].upper())
    face = f'<div class="face" style="background:{FACES[number % 7]}">{letter}</div>'
    return f'<div class="offer">{face}<div><b>{title}</b><span>{under}</span></div></div>'
