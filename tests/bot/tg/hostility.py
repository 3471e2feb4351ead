"""What of a message shows whether something hostile has come through."""

from bot.tg.render import LIMIT_UNITS
from tests.botapi import Message
from tests.botapi.state import units

# Marks that turn the writing, stand for nothing, or end a string elsewhere.
UNSEEN = frozenset("\N{RIGHT-TO-LEFT OVERRIDE}\N{RIGHT-TO-LEFT ISOLATE}\N{ZERO WIDTH SPACE}\0")


def quotes(message: Message) -> list[str]:
    return message.of("blockquote") + message.of("expandable_blockquote")


def is_harmless(message: Message) -> bool:
    """Tell whether all links lead to the web or to us, and nothing turns the direction of writing."""
    kinds = {entity["type"] for entity in message.entities}
    leads = [*message.links, *(button.url for button in message.buttons if button.url)]
    return (
        all(link.startswith(("https://", "http://")) for link in leads)
        and kinds.isdisjoint({"text_mention", "spoiler", "custom_emoji", "pre", "code"})
        and UNSEEN.isdisjoint(message.text)
        and units(message.text) <= LIMIT_UNITS
    )
