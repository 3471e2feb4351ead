"""Does what the buttons under our messages stand for. A key that is forged, expired or somebody else's gets a toast."""

from datetime import datetime

from bot.admins import Admins
from bot.asking import Asking
from bot.backroom import Backroom, Voice
from bot.forgetting import Forgetting
from bot.keyboard import BACK, Message, message_of, presser_of, verdicts
from bot.memory import Memory
from bot.noting import Noting
from bot.reading import Reading
from bot.records import Button, ButtonAction, FeedbackVerdict, Presser, Sent, may_press
from bot.settings_talk import SettingsTalk
from bot.store import BotStore
from bot.subscribing import Subscribing
from bot.texts import line
from bot.types import Place, Press, Pressed
from bot.watching import Watching

# Which of an answer's quotes a verdict is kept with: the first is what the answer stands on.
MAIN = 0


class Pressing:
    """The room for buttons."""

    def __init__(
        self,
        backroom: Backroom,
        noting: Noting,
        memory: Memory,
        *,
        asking: Asking,
        reading: Reading,
        forgetting: Forgetting,
        talk: SettingsTalk,
        subscribing: Subscribing,
        watching: Watching,
        admins: Admins,
    ) -> None:
        """Take the rooms that buttons lead to."""
        self._backroom = backroom
        self._noting = noting
        self._memory = memory
        self._asking = asking
        self._reading = reading
        self._forgetting = forgetting
        self._talk = talk
        self._subscribing = subscribing
        self._watching = watching
        self._admins = admins

    async def press(self, press: Press, voice: Voice, now: datetime) -> Pressed:
        """Do what a button stands for, where the presser may."""
        button = await self._backroom.store(lambda store: store.button(press.key, now=now))
        if button is None or not _is_of_here(button, press):
            return _toast("button_expired", voice)
        if button.action is ButtonAction.SETTINGS:
            return await self._talk.press(button, press, now)
        if button.action is ButtonAction.SUBSCRIBE:
            return await self._subscribing.press(button, press, voice, now)
        if button.action is ButtonAction.WATCH:
            return await self._watching.press(button, press, voice, now)
        if not await self._may_press(button, press, now):
            key = "settings_admins_only" if button.presser is Presser.ADMINS else "button_not_yours"
            return _toast(key, voice)
        if button.action is ButtonAction.FORGET:
            return await self._forgetting.pressed(button, voice)
        sent_id = button.sent_id or ""
        sent = await self._backroom.store(lambda store: store.sent(sent_id))
        return _toast("button_expired", voice) if sent is None else await self._about(sent, button, press, voice, now)

    async def _about(self, sent: Sent, button: Button, press: Press, voice: Voice, now: datetime) -> Pressed:
        """Do what a button says of the message that it belongs to."""
        asker = presser_of(press, button)
        match button.action:
            case ButtonAction.MORE:
                exchange = self._memory.of_sent(sent.id, now)
                more = await self._asking.more_of(sent.id, exchange, asker, None, voice, now)
                return Pressed(reply=more) if more else _toast("button_nothing_more", voice)
            case ButtonAction.CONTEXT:
                return Pressed(reply=await self._reading.context(sent.id, asker, voice, now))
            case ButtonAction.SINCE:
                since = await self._reading.since_then(sent.id, asker, voice, now)
                return Pressed(reply=since) if since else _toast("button_nothing_since", voice)
            case ButtonAction.WRONG:
                message = await self._message(sent, button, press, voice, now)
                rows = await self._noting.keyed(verdicts(message, asker))
                if press.place is Place.GROUP:  # the others go on seeing theirs
                    rows = (*await self._noting.keyboard(message, asker), *rows)
                return Pressed(toast=line("wrong_question", language=voice.language), buttons=rows)
            case ButtonAction.VERDICT:
                return await self._judged(sent, button, press, voice, now)
            case ButtonAction.SETTINGS | ButtonAction.SUBSCRIBE | ButtonAction.WATCH | ButtonAction.FORGET:
                return Pressed()

    async def _judged(self, sent: Sent, button: Button, press: Press, voice: Voice, now: datetime) -> Pressed:
        """Keep a verdict, one a person, and put the message's own buttons back."""
        verdict = str(button.payload.get("verdict", BACK))
        toast = "" if verdict == BACK else await self._told(sent, FeedbackVerdict(verdict), press.user_id, now)
        message = await self._message(sent, button, press, voice, now)
        rows = await self._noting.keyboard(message, presser_of(press, button))
        return Pressed(toast=line(toast, language=voice.language) if toast else "", buttons=rows)

    async def _told(self, sent: Sent, verdict: FeedbackVerdict, user_id: int, now: datetime) -> str:
        def job(store: BotStore) -> str:
            if store.has_feedback(sent.id, user_id):
                return "feedback_already"
            kept = store.give_feedback(sent.id, user_id, verdict, at=now, place=MAIN)
            return "feedback_thanks" if kept else "button_expired"

        return await self._backroom.store(job)

    async def _message(self, sent: Sent, button: Button, press: Press, voice: Voice, now: datetime) -> Message:
        """Return the message as its buttons see it, in the presser's language only where nobody else sees them."""
        quotes = await self._backroom.store(lambda store: store.quotes(sent.id))
        alone = press.place is Place.PRIVATE and sent.chat_id is not None
        language = voice.language if alone else sent.language
        return message_of(sent, button, cites=bool(quotes), language=language, now=now)

    async def _may_press(self, button: Button, press: Press, now: datetime) -> bool:
        admin = False
        if button.presser is Presser.ADMINS and press.chat_id is not None:
            known = press.by_admin
            admin = await self._admins.is_admin(press.chat_id, press.user_id, now) if known is None else known
        return may_press(button, user_id=press.user_id, admin=admin)


def _is_of_here(button: Button, press: Press) -> bool:
    """Tell whether a key is pressed where it was given: one that is carried into another chat is forged."""
    anywhere = button.action in (ButtonAction.SETTINGS, ButtonAction.SUBSCRIBE, ButtonAction.WATCH)
    return anywhere or button.chat_id is None or button.chat_id == press.chat_id


def _toast(key: str, voice: Voice) -> Pressed:
    return Pressed(toast=line(key, language=voice.language))
