"""Telegram Desktop's `result.json`: the messages of one chat, or the channels of a whole account's export.

Service messages (pins, joins) are not updates; a picture without words is not one either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from index.errors import FormatError
from index.sources import json_text
from index.sources.channel import Channel, Post, live_blog_of, update_of
from index.sources.entries import Look, entry_key, reading, without_duplicates
from index.sources.times import Moment, parse
from index.text import normalise_line
from index.types import Precision, Reading, Update

Message = Mapping[str, object]
_CHANNELS = ("public_channel", "private_channel")
_LINKED = (*_CHANNELS, "public_supergroup", "private_supergroup")
_ID_BELOW = 10**14


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
    told = [(chat, _channel(chat)) for chat in chats]
    found = [update for chat, channel in told for update in _updates(chat, channel, look, alone=len(chats) == 1)]
    updates, warnings = without_duplicates(found)
    return reading(
        look,
        source=normalise_line(str(chats[0].get("name") or "")) if len(chats) == 1 else look.stem,
        format_name="export",
        updates=updates,
        live_blogs=tuple(live_blog_of(channel) for _, channel in told),
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


def _channel(chat: Message) -> Channel:
    number, username = chat.get("id"), chat.get("username")
    return Channel(
        id=number if isinstance(number, int) and not isinstance(number, bool) and abs(number) < _ID_BELOW else 0,
        title=_text_of(chat.get("name")),
        username=_text_of(username),
        has_links=chat.get("type") in _LINKED,
    )


def _updates(chat: Message, channel: Channel, look: Look, *, alone: bool) -> Iterator[Update]:
    stated = chat.get("messages")
    for message in stated if isinstance(stated, list) else ():
        post = _post(message, channel, look) if isinstance(message, dict) else None
        update = None if post is None else update_of(post, now=look.now)
        if update is not None:
            prefix = "" if alone else f"{channel.key.removeprefix('telegram:')}/"
            yield replace(update, key=prefix + update.key)


def _post(message: Message, channel: Channel, look: Look) -> Post | None:
    number = entry_key(message.get("id"))
    if message.get("type", "message") != "message" or not (number.isascii() and number.isdecimal()):
        return None
    published = _moment(message, "date", look)
    modified = _moment(message, "edited", look)
    return Post(
        channel=channel,
        message_id=int(number),
        text=_text(message),
        at=published.at if published else None,
        edited_at=modified.at if modified else None,
        bold=_bold(message),
        precision=published.precision if published else Precision.MINUTE,
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
    return told


def _part(part: object) -> str:
    return _text_of(part.get("text") if isinstance(part, dict) else part)


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def _bold(message: Message) -> str:
    """Return what is set in bold at the very beginning."""
    parts = message.get("text")
    first = parts[0] if isinstance(parts, list) and parts else None
    return _part(first) if isinstance(first, dict) and first.get("type") == "bold" else ""
