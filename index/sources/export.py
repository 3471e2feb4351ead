"""Telegram Desktop's `result.json`: the messages of one chat, or the channels of a whole account's export.

Service messages (pins, joins) are not updates; a picture without words is not one either.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from index.errors import FormatError
from index.sources import json_text
from index.sources.entries import Look, edited, entry_key, reading, without_duplicates
from index.sources.times import Moment, parse
from index.sources.wording import kind_of
from index.text import normalise, normalise_line
from index.types import Kind, LiveBlog, Precision, Reading, TimeBasis, Update

Message = Mapping[str, object]
_CHANNELS = ("public_channel", "private_channel")
_LINKED = (*_CHANNELS, "public_supergroup", "private_supergroup")
_MEDIA = ("photo", "file", "media_type")
_TITLE_CHARS = 160


def read(content: bytes, look: Look) -> Reading:
    """Read an export.

    Raises: FormatError where it is no export; NoUpdatesError where no message has text.
    """
    try:
        document = json_text.parse(content)
    except ValueError as error:
        raise FormatError(look.where, f"not a Telegram export: {json_text.reason(error)}") from error
    chats = list(_chats(document))
    if not chats:
        raise FormatError(look.where, "not a Telegram export: no messages in it")
    told = [(chat, _key_of(chat)) for chat in chats]
    found = [update for chat, key in told for update in _updates(chat, key, look, alone=len(chats) == 1)]
    updates, warnings = without_duplicates(found)
    return reading(
        look,
        source=normalise_line(str(chats[0].get("name") or "")) if len(chats) == 1 else look.stem,
        format_name="export",
        updates=updates,
        live_blogs=tuple(LiveBlog(key=key, title=_name(chat) or key) for chat, key in told),
        warnings=warnings,
    )


def _chats(document: object) -> Iterator[Message]:
    if not isinstance(document, dict):
        return
    if isinstance(document.get("messages"), list):
        yield document
        return
    for part in (document.get("chats"), document.get("left_chats")):
        chats = part.get("list") if isinstance(part, dict) else None
        for chat in chats if isinstance(chats, list) else ():
            # Of an account's export only channels are news; the rest are private conversations.
            if isinstance(chat, dict) and chat.get("type") in _CHANNELS and isinstance(chat.get("messages"), list):
                yield chat


def _key_of(chat: Message) -> str:
    return f"telegram:{entry_key(chat.get('id')) or _name(chat) or 'export'}"


def _name(chat: Message) -> str:
    name = chat.get("name")
    return normalise_line(name) if isinstance(name, str) else ""


def _updates(chat: Message, key: str, look: Look, *, alone: bool) -> Iterator[Update]:
    stated = chat.get("messages")
    messages = [message for message in stated if isinstance(message, dict)] if isinstance(stated, list) else []
    for album in _albums(message for message in messages if message.get("type", "message") == "message"):
        update = _update(album, chat, key, look)
        if update is not None:
            yield update if alone else replace(update, key=f"{key.removeprefix('telegram:')}/{update.key}")


def _albums(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Join the messages of an album: media that follow one another at the same second from the same sender."""
    told = list(messages)
    album = told[:1]
    for before, message in pairwise(told):
        if _has_media(before) and _has_media(message) and _sent(before) == _sent(message) != ("", "", ""):
            album.append(message)
        else:
            yield album
            album = [message]
    if album:
        yield album


def _has_media(message: Message) -> bool:
    return any(message.get(name) for name in _MEDIA)


def _sent(message: Message) -> tuple[str, str, str]:
    return (str(message.get("date", "")), str(message.get("date_unixtime", ""))[:20], str(message.get("from_id", "")))


def _update(album: list[Message], chat: Message, live_blog: str, look: Look) -> Update | None:
    texts = [_text(message) for message in album]
    text = normalise("\n".join(text for text in texts if text))
    key = entry_key(album[0].get("id"))
    if not text or not key:
        return None
    told = next(message for message, told in zip(album, texts, strict=True) if told)
    published = _moment(album[0], "date", look)
    modified = _moment(told, "edited", look)
    title = _title(told, text)
    kind = kind_of(title, text)
    return Update(
        key=key,
        text=text,
        title=title,
        live_blog=live_blog,
        kind=Kind.UPDATE if kind is Kind.KEY_POINT else kind,
        published_at=published.at if published else None,
        time_basis=TimeBasis.OWN if published else TimeBasis.SEEN,
        time_precision=published.precision if published else Precision.MINUTE,
        modified_at=edited(published.at, modified.at, now=look.now) if published and modified else None,
        url=_permalink(chat, key),
    )


def _moment(message: Message, name: str, look: Look) -> Moment | None:
    """Read a time: the exact one, else the local one; 1970 is how old exports say "never"."""
    return parse(message.get(f"{name}_unixtime"), look.zone) or parse(message.get(name), look.zone)


def _text(message: Message) -> str:
    parts = message.get("text")
    told = "".join(_part(part) for part in parts) if isinstance(parts, list) else _part(parts)
    poll = message.get("poll")
    if not told.strip() and isinstance(poll, dict):
        told = _part(poll.get("question"))
    return normalise(told)


def _part(part: object) -> str:
    if isinstance(part, dict):
        part = part.get("text")
    return part if isinstance(part, str) else ""


def _title(message: Message, text: str) -> str:
    """Give the first line as title where it is set in bold and more follows."""
    parts = message.get("text")
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, dict) or first.get("type") != "bold":
        return ""
    line, _, rest = text.partition("\n")
    return line if rest and len(line) <= _TITLE_CHARS and normalise_line(_part(first)) == line else ""


def _permalink(chat: Message, key: str) -> str | None:
    """Link to the message: by the chat's public name, else by its number, which opens for members only."""
    name, number = chat.get("username"), chat.get("id")
    if not key.isdigit():
        return None
    if isinstance(name, str) and name.isascii() and name.replace("_", "").isalnum():
        return f"https://t.me/{name}/{key}"
    if chat.get("type") in _LINKED and isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10**14:
        return f"https://t.me/c/{number}/{key}"
    return None
