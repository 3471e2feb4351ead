"""Decides what one message asks of us, or that it is not for us at all. Pure: no archive, no platform.

In a private chat and in the terminal every message is for us. In a group only `/ask`, commands that name
us, replies to our messages and messages that begin with our name are; all else is met with silence.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot import smalltalk
from bot.types import Action, Ask, Incoming, Latest, More, Page, Place, Say, Sources, Topic
from index import asks_more

QUESTION_CHARS = 1_000

# To these a group gets no answer: it would be noise to everyone else.
_NOT_WORTH_A_GROUP = frozenset({"thanks", "hello", "goodbye", "insult", "praise", "feelings", "wordless"})


def decide(incoming: Incoming, *, our_name: str) -> Action | None:
    """Tell what to do about a message; None where it is not meant for us. `our_name` is without @."""
    if incoming.edited or incoming.place is Place.CHANNEL:
        return None
    if incoming.command is not None:
        return _command(incoming, our_name.lower())
    return _plain(incoming, our_name.lower())


def _command(incoming: Incoming, our_name: str) -> Action | None:
    if incoming.addressee and incoming.addressee != our_name:
        return None
    named = bool(incoming.addressee)
    if incoming.place is Place.GROUP and not named and incoming.command != "ask" and not _known_reply(incoming):
        return None
    act = _COMMANDS.get(incoming.command or "")
    return act(incoming) if act else Say(line="unknown_command")


def _known_reply(incoming: Incoming) -> bool:
    """Tell whether one of our commands stands in reply to us: then it can only be ours."""
    return incoming.reply_to_us and incoming.command in _COMMANDS


def _plain(incoming: Incoming, our_name: str) -> Action | None:
    if incoming.place is not Place.GROUP:
        return _say_or_ask(incoming.text)
    mention, _, rest = incoming.text.partition(" ")
    if our_name and mention.lower().rstrip(",:") == f"@{our_name}":
        return _ask_about(rest, incoming)
    if not incoming.reply_to_us:
        return None
    action = _say_or_ask(incoming.text)
    return None if isinstance(action, Say) and action.line in _NOT_WORTH_A_GROUP else action


def _ask(incoming: Incoming) -> Action:
    return _ask_about(incoming.text, incoming)


def _ask_about(text: str, incoming: Incoming) -> Action:
    """Ask what was written, or else about the message it replies to, unless that is one of ours."""
    if not text.strip() and not incoming.reply_to_us:
        text = incoming.reply_to_text
    return _say_or_ask(text)


def _say_or_ask(text: str) -> Action:
    line = smalltalk.line_for(text)
    if line is not None:
        return Say(line=line)
    if asks_more(text):
        return More()
    return Ask(question=" ".join(text.split())[:QUESTION_CHARS])


def _figure(incoming: Incoming) -> Action:
    """Ask how a figure developed, in the form that the archive reads as that."""
    named = " ".join(incoming.text.split())[:QUESTION_CHARS]
    return Ask(question=f"/figure {named}") if named else Say(line="empty_figure")


_COMMANDS: Mapping[str, Callable[[Incoming], Action]] = MappingProxyType(
    {
        "ask": _ask,
        "figure": _figure,
        "more": lambda incoming: More(),
        "latest": lambda incoming: Latest(topic=" ".join(incoming.text.split())[:QUESTION_CHARS]),
        "sources": lambda incoming: Sources(),
        "start": lambda incoming: Page(topic=Topic.START),
        "help": lambda incoming: Page(topic=Topic.HELP),
        "privacy": lambda incoming: Page(topic=Topic.PRIVACY),
    }
)
