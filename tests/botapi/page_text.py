"""Text and entities back to HTML for the eye, each stretch escaped."""

import html
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.botapi.state import Json, Wording

_TAGS = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre"}
_LINKS = {"mention": "https://t.me/", "url": "", "email": "mailto:", "hashtag": "#", "bot_command": "#", "cashtag": "#"}


def shown(wording: Wording, zone: ZoneInfo | None = None) -> str:
    """Return the text with its entities as HTML; moments as the reader's app writes them, as sent where no zone is."""
    raw = wording.text.encode("utf-16-le")
    entities = sorted(wording.entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return _stretch(raw, 0, len(raw) // 2, entities, zone)


def _stretch(raw: bytes, begin: int, end: int, entities: list[Json], zone: ZoneInfo | None) -> str:
    out, at = [], begin
    while entities:
        outer = entities[0]
        stop = outer["offset"] + outer["length"]
        inner = [one for one in entities[1:] if one["offset"] < stop]
        entities = [one for one in entities[1:] if one["offset"] >= stop]
        out.append(_plain(raw, at, outer["offset"]))
        opening, closing = _tag(outer, raw[2 * outer["offset"] : 2 * stop].decode("utf-16-le"))
        written = _moment(outer, zone) or _stretch(raw, outer["offset"], stop, inner, zone)
        out.append(opening + written + closing)
        at = stop
        if closing in ("</blockquote>", "</pre>") and raw[2 * at : 2 * at + 2] == "\n".encode("utf-16-le"):
            at += 1
    return "".join(out) + _plain(raw, at, end)


def _moment(entity: Json, zone: ZoneInfo | None) -> str:
    """Write a moment in the reader's zone; nothing for any other entity and for shapes that are relative to now."""
    shape = entity.get("date_time_format") or ""
    if zone is None or entity["type"] != "date_time" or not shape or "r" in shape:
        return ""
    at = datetime.fromtimestamp(entity["unix_time"], zone)
    days = {"d": f"{at:%d.%m.%Y}", "D": f"{at.day} {at:%B %Y}"}
    clocks = {"t": f"{at:%H:%M}", "T": f"{at:%H:%M:%S}"}
    weekday = [f"{at:%A}"] if "w" in shape else []
    return ", ".join([*weekday, *(text for sign, text in (days | clocks).items() if sign in shape)])


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
