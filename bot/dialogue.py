"""Decides what one message asks of us, or that it is not for us at all. Pure: no archive, no platform.

In a private chat and in the terminal every message is for us. In a group only our commands, replies to our messages
and messages that mention us are; all else is met with silence, as are commands that we do not know: they are another's.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot import smalltalk
from bot.actions import (
    Action,
    Ask,
    Forget,
    Latest,
    More,
    Open,
    Page,
    PressWord,
    Say,
    Settings,
    Since,
    Sources,
    Subscribe,
    TakenBack,
    Topic,
    Verify,
)
from bot.types import Incoming, Place
from index import asks_more

QUESTION_CHARS = 1_000

# What the buttons of other platforms are called in the terminal, and which of an answer's quotes is meant.
_WORD = re.compile(r"(context|since|forget|cancel)(?:\s+(\d{1,2}))?", re.IGNORECASE)

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
    act = _COMMANDS.get(incoming.command or "")
    if incoming.command in _PRIVATE and incoming.place is not Place.PRIVATE:
        act = None
    if act is None and incoming.place is Place.GROUP and not incoming.addressee:
        return None
    return act(incoming) if act else Say(line="unknown_command")


def _plain(incoming: Incoming, our_name: str) -> Action | None:
    if incoming.forwards_us and incoming.place is Place.PRIVATE:
        return Verify()
    if incoming.place is not Place.GROUP:
        return _pressed(incoming) or _wordless(incoming) or _say_or_ask(incoming.text)
    rest, is_named = without_name(incoming.text, our_name)
    if is_named or incoming.mentions_us:
        return _ask_about(rest, incoming)
    if not incoming.reply_to_us or not incoming.text:
        return None
    action = _say_or_ask(incoming.text)
    return None if isinstance(action, Say) and action.line in _NOT_WORTH_A_GROUP else action


def without_name(text: str, our_name: str) -> tuple[str, bool]:
    """Return a text without the mentions of us, and whether there were any."""
    if not our_name:
        return text, False
    rest, count = re.subn(rf"(?<![\w@])@{re.escape(our_name)}(?!\w)[,:]?", " ", text, flags=re.IGNORECASE)
    return " ".join(rest.split()) if count else text, bool(count)


def without_mentions(text: str) -> str:
    """Return a text without a mention at its beginning or end: how one calls a bot that is not in the chat."""
    return re.sub(r"^\s*@\w{5,32}\b[,:]?|(?<!\w)@\w{5,32}\s*$", " ", text).strip()


def _pressed(incoming: Incoming) -> Action | None:
    """Read a button's word, where there are no buttons."""
    found = _WORD.fullmatch(incoming.text) if incoming.place is Place.TERMINAL else None
    if found is None:
        return None
    return PressWord(action=found[1].lower(), place=int(found[2]) - 1 if found[2] and int(found[2]) else None)


def _wordless(incoming: Incoming) -> Action | None:
    """Say that we cannot look at pictures, listen, …; of what has a caption, that is the question."""
    if incoming.media is None or incoming.text:
        return None
    return Say(line=f"wordless_{incoming.media.value}")


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


def _start(incoming: Incoming) -> Action:
    """Open what a link into the private chat names; without one, say who we are."""
    key = incoming.text.strip()
    return Open(key=key) if key and incoming.place is Place.PRIVATE else Page(topic=Topic.START)


def _subscribe(incoming: Incoming) -> Action:
    return Subscribe(command=incoming.command or "", text=" ".join(incoming.text.split())[:QUESTION_CHARS])


# Known elsewhere to nobody.
_PRIVATE = frozenset({"status"})
_COMMANDS: Mapping[str, Callable[[Incoming], Action]] = MappingProxyType(
    {
        "ask": _ask,
        "figure": _figure,
        "more": lambda incoming: More(),
        "latest": lambda incoming: Latest(topic=" ".join(incoming.text.split())[:QUESTION_CHARS]),
        "sources": lambda incoming: Sources(),
        "since": lambda incoming: Since(moment=" ".join(incoming.text.split())[:QUESTION_CHARS]),
        "verify": lambda incoming: Verify(sent_id=incoming.text.strip()[:QUESTION_CHARS]),
        "settings": lambda incoming: Settings(text=incoming.text.strip()[:QUESTION_CHARS]),
        "subscribe": _subscribe,
        "unsubscribe": _subscribe,
        "digest": _subscribe,
        "corrections": lambda incoming: TakenBack(text=incoming.text.strip()[:QUESTION_CHARS]),
        "watch": _subscribe,
        "watches": _subscribe,
        "status": lambda incoming: Page(topic=Topic.STATUS),
        "forget": lambda incoming: Forget(),
        "start": _start,
        "help": lambda incoming: Page(topic=Topic.HELP),
        "privacy": lambda incoming: Page(topic=Topic.PRIVACY),
    }
)
