"""Builders for what the tests of the Telegram edge start from."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from telegram import Update

from bot.types import Block, Paragraph, Quote, Reply
from tests.bot.builders import make_citation, make_excerpt

NOW = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
OUR_ID = 4242
OUR_NAME = "DatelineBot"
ASKER = 7
GROUP = -100500
TOKEN = "4242:AAF-secret_half_of_a_token_in_tests"

_ids = count(1)

Json = dict[str, Any]


def make_quote(
    text: str = "The ferry sailed at noon.",
    *,
    note: str = "",
    start: str = "",
    **citation: Any,  # noqa: ANN401
) -> Quote:
    return Quote(excerpt=make_excerpt(text, citation=make_citation(**citation)), note=note, start=start)


def make_reply(*blocks: Block, **more: Any) -> Reply:  # noqa: ANN401
    return Reply(blocks=blocks or (make_quote(), Paragraph(text="As of noon.")), **more)


def make_user(user_id: int = ASKER, **more: Any) -> Json:  # noqa: ANN401
    return {"id": user_id, "is_bot": False, "first_name": "Ada", "language_code": "de", **more}


def our_user() -> Json:
    return {"id": OUR_ID, "is_bot": True, "first_name": "Dateline", "username": OUR_NAME}


def private_chat(chat_id: int = ASKER) -> Json:
    return {"id": chat_id, "type": "private", "first_name": "Ada"}


def group_chat(chat_id: int = GROUP) -> Json:
    return {"id": chat_id, "type": "supergroup", "title": "Harbour talk"}


def make_message(
    text: str | None = None,
    *,
    chat: Json | None = None,
    sent_at: datetime = NOW,
    sender: Json | None = None,
    **more: Any,  # noqa: ANN401
) -> Json:
    """Write a message as Telegram does, with the command's entity where it starts with one."""
    message: Json = {
        "message_id": next(_ids),
        "date": int(sent_at.timestamp()),
        "chat": chat or private_chat(),
        "from": sender or make_user(),
    }
    if text is not None:
        message["text"] = text
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return {**message, **more}


def make_update(message: Json, *, kind: str = "message") -> Json:
    return {"update_id": next(_ids), kind: message}


def read_update(raw: Json) -> Update:
    update = Update.de_json(raw, bot=None)
    assert update is not None
    return update
