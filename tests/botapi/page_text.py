"""Text and entities back to HTML for the eye, each stretch escaped."""

import html
from datetime import UTC, datetime

from tests.botapi.state import Json, Wording

_TAGS = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre"}
_LINKS = {"mention": "https://t.me/", "url": "", "email": "mailto:", "hashtag": "#", "bot_command": "#", "cashtag": "#"}


def shown(wording: Wording) -> str:
    """Return the text with its entities as HTML."""
    raw = wording.text.encode("utf-16-le")
    entities = sorted(wording.entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return _stretch(raw, 0, len(raw) // 2, entities)


def _stretch(raw: bytes, begin: int, end: int, entities: list[Json]) -> str:
    out, at = [], begin
    while entities:
        outer = entities[0]
        stop = outer["offset"] + outer["length"]
        inner = [one for one in entities[1:] if one["offset"] < stop]
        entities = [one for one in entities[1:] if one["offset"] >= stop]
        out.append(_plain(raw, at, outer["offset"]))
        opening, closing = _tag(outer, raw[2 * outer["offset"] : 2 * stop].decode("utf-16-le"))
        out.append(opening + _stretch(raw, outer["offset"], stop, inner) + closing)
        at = stop
        if closing in ("</blockquote>", "</pre>") and raw[2 * at : 2 * at + 2] == "\n".encode("utf-16-le"):
            at += 1
    return "".join(out) + _plain(raw, at, end)


def _plain(raw: bytes, begin: int, end: int) -> str:
    return html.escape(raw[2 * begin : 2 * max(begin, end)].decode("utf-16-le", "replace"))


def _tag(entity: Json, text: str) -> tuple[str, str]:
    kind = entity["type"]
    match kind:
        case "blockquote":
            return "<blockquote>", "</blockquote>"
        case "expandable_blockquote":
            return '<blockquote class="folded">' if len(text) > 200 or text.count("\n") > 2 else "<blockquote>", (
                "</blockquote>"
            )
        case "text_link":
            return f'<a href="{html.escape(entity["url"])}">', "</a>"
        case "text_mention":
            return "<a>", "</a>"
        case "spoiler":
            return '<span class="spoiler">', "</span>"
        case "date_time":
            at = datetime.fromtimestamp(entity["unix_time"], UTC)
            return f'<time datetime="{at:%Y-%m-%dT%H:%MZ}" title="{at:%d %B %Y, %H:%M} UTC">', "</time>"
        case _ if kind in _LINKS:
            return f'<a href="{html.escape(_LINKS[kind] + text.lstrip("@"))}">', "</a>"
        case _:
            tag = _TAGS.get(kind, "span")
            return f"<{tag}>", f"</{tag}>"
