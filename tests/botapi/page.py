"""A chat as a person sees it: bubbles, names, replies, quotes, keyboards, times. Returns HTML, changes nothing."""

import base64
import html
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from tests.botapi.page_style import DARK, FACES, LIGHT, NAMES_DARK, NAMES_LIGHT, STYLE
from tests.botapi.page_text import shown
from tests.botapi.state import Button, Chat, Json, Kind, Message, Topic

_MEDIA_NAMES = {"photo": "Photo", "voice": "Voice message", "sticker": "Sticker", "video": "Video", "audio": "Audio",
                "document": "File", "animation": "GIF"}  # fmt: skip


def page(
    chat: Chat, *, files: Mapping[str, bytes], dark: bool = False, topic: Topic | None = None, zone: str = "UTC"
) -> str:
    """Return one chat, or one topic of it, as a whole page; in private the person's messages stand on the right.

    `zone`: the reader's, in which their app shows clocks, also those that a bot left to it.
    """
    messages = [one for one in chat.messages if topic is None or one.thread_id == topic.id]
    view = _View(chat, files, dark=dark, zone=ZoneInfo(zone))
    title = html.escape(topic.name if topic else _title(chat, messages))
    under = html.escape(_under(chat, topic))
    face = view.face(topic.name if topic else _title(chat, messages), topic.id if topic else _number(chat, messages))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>:root {{{DARK if dark else LIGHT}}}{STYLE}</style>'
        f"<body><header>{face}<div><b>{title}</b><span>{under}</span></div></header>"
        f"<main>{view.rows(messages)}</main></body></html>"
    )


def _title(chat: Chat, messages: list[Message]) -> str:
    if chat.kind is not Kind.PRIVATE:
        return chat.title
    bots = [message.sender.first_name for message in messages if message.by_bot and message.sender]
    return bots[0] if bots else chat.title


def _number(chat: Chat, messages: list[Message]) -> int:
    """Return whose colour a chat has: in private the bot's."""
    bots = [message.sender.id for message in messages if message.by_bot and message.sender]
    return bots[0] if bots and chat.kind is Kind.PRIVATE else chat.id


def _under(chat: Chat, topic: Topic | None) -> str:
    count = sum(member.is_present for member in chat.members.values())
    if topic is not None:
        return f"topic in {chat.title}" + (" · closed" if topic.closed else "")
    match chat.kind:
        case Kind.PRIVATE:
            return "bot"
        case Kind.CHANNEL:
            return "channel"
        case _:
            return f"{count} member{'' if count == 1 else 's'}"


class _View:
    """Draws the messages of one chat."""

    def __init__(self, chat: Chat, files: Mapping[str, bytes], *, dark: bool, zone: ZoneInfo) -> None:
        self._chat = chat
        self._zone = zone
        self._files = files
        self._names = NAMES_DARK if dark else NAMES_LIGHT

    def face(self, name: str, number: int) -> str:
        letters = "".join(word[0] for word in name.split()[:2]).upper() or "?"
        return f'<div class="face" style="background:{FACES[abs(number) % 7]}">{html.escape(letters)}</div>'

    def rows(self, messages: list[Message]) -> str:
        drawn = []
        for before, message, after in zip([None, *messages], messages, [*messages[1:], None], strict=False):
            day = message.date.astimezone(self._zone).date()
            if before is None or before.date.astimezone(self._zone).date() != day:
                drawn.append(f'<div class="pill">{day.day} {day:%B %Y}</div>')
            drawn.append(_service(message) if message.is_service else self._row(message, before, after))
        return "".join(drawn)

    def _row(self, message: Message, before: Message | None, after: Message | None) -> str:
        same = _same_author(before, message)
        on_right = self._chat.kind is Kind.PRIVATE and not message.by_bot
        name, number = _author(message)
        classes = f"row{' right' if on_right else ''}{' next' if same else ''}"
        classes += " more" if _same_author(message, after) else ""
        face = "" if self._chat.kind in (Kind.PRIVATE, Kind.CHANNEL) else self.face(name, number)
        heading = "" if same or self._chat.kind is Kind.PRIVATE else self._name(message)
        bubble = heading + _origins(message) + self._reply(message) + self._media(message)
        text = f'{shown(message.wording, self._zone)}<span class="time">{self._time(message)}</span>'
        return (
            f'<div class="{classes}">{face}<div class="stack"><div class="{_bubble(message)}">{bubble}'
            f'<div class="text">{text}</div></div>{_keys(message)}</div></div>'
        )

    def _name(self, message: Message) -> str:
        name, number = _author(message)
        tag = (
            "<small>admin</small>" if message.sender_chat is self._chat and self._chat.kind is not Kind.CHANNEL else ""
        )
        tag = "<small>bot</small>" if message.by_bot and self._chat.kind is not Kind.CHANNEL else tag
        colour = self._names[abs(number) % 7]
        return f'<div class="name" style="color:{colour}"><span>{html.escape(name)}</span>{tag}</div>'

    def _reply(self, message: Message) -> str:
        target = message.reply_to
        if target is None or target.deleted:
            return ""
        words = message.quote["text"] if message.quote else target.text or _media_name(target)
        first = html.escape(" ".join(words.split())[:120])
        return f'<div class="reply"><b>{html.escape(_author(target)[0])}</b><span>{first}</span></div>'

    def _time(self, message: Message) -> str:
        return f"{'edited ' if message.edited_at else ''}{message.date.astimezone(self._zone):%H:%M}"

    def _media(self, message: Message) -> str:
        for kind, told in message.wording.media.items():
            file = told[0] if isinstance(told, list) else told
            content = self._files.get(file["file_id"], b"")
            if kind == "sticker":
                return f'<div class="sticker">{html.escape(file.get("emoji", ""))}</div>'
            if kind == "photo" and content:
                return f'<img class="media" alt="" src="data:image/png;base64,{base64.b64encode(content).decode()}">'
            return f'<div class="media stand-in">{_MEDIA_NAMES.get(kind, kind)}</div>'
        return ""


def _same_author(one: Message | None, other: Message | None) -> bool:
    if one is None or other is None or one.is_service or other.is_service:
        return False
    return _author(one) == _author(other)


def _bubble(message: Message) -> str:
    return "bubble bare" if "sticker" in message.wording.media else "bubble"


def _author(message: Message) -> tuple[str, int]:
    if message.sender_chat is not None:
        return message.sender_chat.title, message.sender_chat.id
    return (message.sender.first_name, message.sender.id) if message.sender else (message.chat.title, message.chat.id)


def _origins(message: Message) -> str:
    """Name who sent this through whom, or from where it was forwarded."""
    if message.via_bot is not None:
        return f'<div class="via">via <b>@{html.escape(message.via_bot.username)}</b></div>'
    origin: Json | None = message.extra.get("forward_origin")
    if origin is None or message.extra.get("is_automatic_forward"):
        return ""
    source = origin.get("sender_user", {}).get("first_name") or origin.get("chat", {}).get("title")
    return f'<div class="forward">Forwarded from {html.escape(source or origin["sender_user_name"])}</div>'


def _media_name(message: Message) -> str:
    return next((_MEDIA_NAMES.get(kind, kind) for kind in message.wording.media), "")


def _keys(message: Message) -> str:
    if not message.keyboard:
        return ""
    rows = ("".join(_key(button) for button in row) for row in message.keyboard)
    return f'<div class="keys">{"".join(f"<div>{row}</div>" for row in rows)}</div>'


def _key(button: Button) -> str:
    leads_out = bool(button.url) or button.inline_query is not None
    return f'<span class="key{" out" if leads_out else ""}">{html.escape(button.text)}</span>'


def _service(message: Message) -> str:
    who = message.sender.first_name if message.sender else message.chat.title
    return f'<div class="pill">{html.escape(_event(message.extra, who))}</div>'


def _event(what: Json, who: str) -> str:
    if "new_chat_members" in what:
        return f"{who} added {what['new_chat_members'][0]['first_name']}"
    if "left_chat_member" in what:
        return f"{what['left_chat_member']['first_name']} left"
    if "forum_topic_created" in what:
        return f"{who} created the topic “{what['forum_topic_created']['name']}”"
    if "new_chat_title" in what:
        return f"{who} changed the group name to “{what['new_chat_title']}”"
    named = next((key for key in what), "")
    return named.replace("_", " ")
