"""Which buttons stand under a message of ours, and who may press them.

Pure: labels and what is behind them; keys are the store's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.records import Button, ButtonAction, FeedbackVerdict, Payload, Presser, Sent, SentKind
from bot.texts import line
from bot.types import Incoming, Place, Press

BUTTONS_FOR = timedelta(days=30)
BACK = "back"
_ANSWERS = (SentKind.ANSWER, SentKind.FIGURE)
_WITH_MORE = (*_ANSWERS, SentKind.LATEST)
_WRONG: Mapping[FeedbackVerdict, str] = MappingProxyType(
    {
        FeedbackVerdict.WRONG_PASSAGE: "wrong_passage",
        FeedbackVerdict.OUT_OF_DATE: "wrong_out_of_date",
        FeedbackVerdict.NO_ANSWER: "wrong_no_answer",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """For whom a reply is, and where: what a message and a press have in common. `presser`: who may ask it for more."""

    place: Place
    chat_id: int | None = None
    thread_id: int | None = None
    user_id: int | None = None
    presser: Presser = Presser.ANYONE


def asker_of(incoming: Incoming) -> Asker:
    """Return who sent a message. Who speaks as the group is any of its admins; a channel's voice is anybody."""
    presser = Presser.ANYONE
    if incoming.place is Place.GROUP and incoming.is_anonymous_admin:
        presser = Presser.ADMINS
    elif incoming.place is Place.GROUP and incoming.sender_chat_id is None:
        presser = Presser.ASKER
    return Asker(
        place=incoming.place,
        chat_id=incoming.chat_id,
        thread_id=incoming.thread_id,
        user_id=incoming.user_id,
        presser=presser,
    )


def presser_of(press: Press, button: Button) -> Asker:
    """Return for whom the reply to a press is: whoever its button belongs to, else who pressed."""
    return Asker(
        place=press.place,
        chat_id=press.chat_id,
        thread_id=press.thread_id,
        user_id=press.user_id if button.user_id is None else button.user_id,
        presser=Presser(str(button.payload.get("presser", button.presser.value))),
    )


def asker_of_sent(sent: Sent) -> Asker:
    """Return for whom a message was that the ledger knows."""
    in_group = sent.chat_id is not None and sent.chat_id < 0
    place = Place.GUEST if sent.kind is SentKind.GUEST else Place.GROUP if in_group else Place.PRIVATE
    presser = Presser.ANYONE
    if in_group and sent.asked_by is not None:
        presser = Presser.ADMINS if sent.asked_by == sent.chat_id else Presser.ASKER
    return Asker(place=place, chat_id=sent.chat_id, thread_id=sent.thread_id, user_id=sent.asked_by, presser=presser)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What decides about a message's buttons. `more_from`: which message "more" goes on from, "" where none is left.

    `update_start`: the link of the first update that it cites.
    """

    sent_id: str
    kind: SentKind
    at: datetime
    language: str
    cites: bool
    more_from: str = ""
    update_start: str = ""


def message_of(sent: Sent, button: Button, *, cites: bool, language: str, now: datetime) -> Message:
    """Return what the buttons of a message were made from, as one of them carried it along."""
    return Message(
        sent_id=sent.id,
        kind=sent.kind,
        at=now,
        language=language,
        cites=cites,
        more_from=str(button.payload.get("more", "")),
        update_start=str(button.payload.get("start", "")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A button to be: one that gets a key, a `word` to type, or a link; where `start` is "", to ask in private."""

    label: str
    button: Button | None = None
    word: str = ""
    start: str = ""


Keyboard = tuple[tuple[Keyed, ...], ...]


def rows_of(message: Message, asker: Asker) -> Keyboard:
    """Return the rows of buttons that suit the place; none where the platform cannot reach us from."""
    rows = (tuple(_first(message, asker)), tuple(_second(message, asker)))
    return tuple(row for row in rows if row)


def verdicts(message: Message, asker: Asker) -> tuple[tuple[tuple[str, Button], ...], ...]:
    """Return what takes the place of the buttons when somebody finds something wrong."""
    asked = [
        (line(key, language=message.language), _button(ButtonAction.VERDICT, message, asker, verdict.value))
        for verdict, key in _WRONG.items()
    ]
    back = (line("button_back", language=message.language), _button(ButtonAction.VERDICT, message, asker, BACK))
    return (tuple(asked[:2]), (*asked[2:], back))


def _first(message: Message, asker: Asker) -> Iterator[Keyed]:
    """More, the whole update, what came since."""
    if asker.place is Place.GUEST or message.kind is SentKind.INLINE:
        if message.update_start and message.kind is SentKind.INLINE:
            yield Keyed(label=line("button_context", language=message.language), start=message.update_start)
        return
    if message.more_from and message.kind in _WITH_MORE:
        yield _pressed(ButtonAction.MORE, "button_more", message, asker)
    if message.cites and message.kind in _WITH_MORE:
        yield _pressed(ButtonAction.CONTEXT, "button_context", message, asker)
    if message.cites and message.kind in _ANSWERS:
        yield _pressed(ButtonAction.SINCE, "button_since", message, asker)


def _second(message: Message, asker: Asker) -> Iterator[Keyed]:
    """What is wrong, and on in private."""
    if (
        message.cites
        and message.kind in (*_ANSWERS, SentKind.INLINE)
        and asker.place not in (Place.GUEST, Place.TERMINAL)
    ):
        yield _pressed(ButtonAction.WRONG, "button_wrong", message, asker)
    if asker.place in (Place.GROUP, Place.GUEST) and message.kind in (*_ANSWERS, SentKind.GUEST):
        yield Keyed(label=line("button_ask_private", language=message.language))


def _pressed(action: ButtonAction, label: str, message: Message, asker: Asker) -> Keyed:
    if asker.place is Place.TERMINAL:
        return Keyed(label=line(label, language=message.language), word=action.value)
    return Keyed(label=line(label, language=message.language), button=_button(action, message, asker))


def _button(action: ButtonAction, message: Message, asker: Asker, verdict: str = "") -> Button:
    """Make a button. What is wrong may be said by anybody; what makes us write more, only by whoever it is for.

    A button that changes the others carries what it takes to put them back (`message_of`, `presser_of`).
    """
    anybody = action in (ButtonAction.WRONG, ButtonAction.VERDICT)
    carried: Payload = {"presser": asker.presser.value, "more": message.more_from, "start": message.update_start}
    return Button(
        action=action,
        expires_at=message.at + BUTTONS_FOR,
        presser=Presser.ANYONE if anybody else asker.presser,
        sent_id=message.more_from if action is ButtonAction.MORE else message.sent_id,
        payload={**(carried if anybody else {}), **({"verdict": verdict} if verdict else {})},
        chat_id=None if message.kind is SentKind.INLINE else asker.chat_id,
        user_id=asker.user_id,
    )
