"""From the buttons of a reply to Telegram's inline keyboard, and the links that open our private chat. Pure."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.types import Buttons, ReplyButton


def keyboard_of(buttons: Buttons, *, our_name: str) -> InlineKeyboardMarkup | None:
    """Translate rows of buttons; None where there are none, which takes away those that stand."""
    rows = [[_button(button, our_name) for button in row] for row in buttons if row]
    return InlineKeyboardMarkup(rows) if rows else None


def start_link(parameter: str, *, our_name: str) -> str:
    """Return the address that opens our private chat with a start parameter."""
    return f"https://t.me/{our_name}?start={parameter}"


def _button(button: ReplyButton, our_name: str) -> InlineKeyboardButton:
    if button.key:
        return InlineKeyboardButton(button.label, callback_data=button.key)
    return InlineKeyboardButton(button.label, url=button.url or start_link(button.start, our_name=our_name))
