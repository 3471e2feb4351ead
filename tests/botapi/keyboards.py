"""What may stand under a message: buttons, and the links that open a chat with a bot."""

import re
from urllib.parse import parse_qs, urlsplit

from tests.botapi.html_entities import checked_url
from tests.botapi.refusals import bad_request
from tests.botapi.state import Json

CALLBACK_BYTES = 64
BUTTONS = 100
IN_A_ROW = 8
COPY_CHARS = 256
_ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
            "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled")  # fmt: skip
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_markup(markup: Json | None, *, is_channel: bool = False) -> Json | None:
    """Take a reply markup as it is shown; an empty inline keyboard is none. Raises: RefusalError."""
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        if is_channel:
            raise bad_request("reply markup of this kind can't be used in channels")
        return markup
    rows = [row for row in markup["inline_keyboard"] if row]
    if sum(len(row) for row in rows) > BUTTONS or any(len(row) > IN_A_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for button in (button for row in rows for button in row):
        _check_button(button)
    return {**markup, "inline_keyboard": rows} if rows else None


def _check_button(button: Json) -> None:
    if not str(button["text"]).strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [action for action in _ACTIONS if button.get(action) is not None]
    if not actions:
        message = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        raise bad_request(message)
    if len(actions) > 1:
        raise bad_request(f"can't parse inline keyboard button: exactly one action allowed, got {', '.join(actions)}")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if button.get("url") is not None:
        check_link(button["url"], "BUTTON_URL_INVALID")
    copied = (button.get("copy_text") or {}).get("text")
    if copied is not None and not 1 <= len(copied) <= COPY_CHARS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def check_link(url: str, complaint: str) -> None:
    """Refuse an address that cannot be opened, or a start parameter that no bot would be given."""
    if not checked_url(url):
        raise bad_request(complaint)
    started = start_link(url)
    if started is not None:
        check_start(started[1])


def check_start(parameter: str) -> None:
    if parameter and _START.fullmatch(parameter) is None:
        raise bad_request("START_PARAM_INVALID")


def start_link(url: str) -> tuple[str, str] | None:
    """Read `https://t.me/<bot>?start=<parameter>` into the two names, or None where it is another address."""
    parts = urlsplit(url if "//" in url else f"https://{url}")
    query = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme == "tg" and parts.netloc == "resolve" and "start" in query:
        return query.get("domain", [""])[0], query["start"][0]
    if parts.hostname not in ("t.me", "telegram.me") or "start" not in query:
        return None
    return parts.path.strip("/"), query["start"][0]
