"""The room where a question is watched: shown what it would have told, kept by a press, listed, changed, deleted.

Its words are written down only once somebody has pressed that they be kept. Every step looks again at who may.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot import replies
from bot import watch_panel as panels
from bot.actions import Subscribe
from bot.admins import Admins
from bot.alerts import switches
from bot.backroom import Backroom, Voice
from bot.backtest import Backtest, of_backtest
from bot.keyboard import asker_of
from bot.memory import Exchange, Memory
from bot.noting import Noting
from bot.panel import Option, Panel
from bot.records import Button, ButtonAction, Chat, ChatKind, Payload, SentKind
from bot.schedule import Quiet
from bot.stage import Stage, Stages
from bot.store import BotStore
from bot.texts import line
from bot.types import Buttons, Incoming, Place, Press, Pressed, Reply
from bot.watch_panel import WatchView, quoted_words
from bot.watches import Watch
from index import Previous, QuestionError, is_vague

logger = logging.getLogger(__name__)

WORDS_CHARS = 300
MOST = 20
_FIGURE = "/figure "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene(Stage):
    """Whose watches, and where they are talked about."""

    held: tuple[Watch, ...]

    @property
    def view(self) -> WatchView:
        """What the panel shows: in a room the watches of this topic, elsewhere all of the chat."""
        return WatchView(
            chat=self.chat,
            language=self.voice.language,
            zone=self.voice.zone,
            watches=tuple(one for one in self.held if not self.in_room or one.thread_id == self.thread_id),
            quiet=self.notices.quiet,
            own=self.own,
            with_rooms=self.with_rooms,
        )

    def same(self, text: str) -> Watch | None:
        """Return the watch that has these words already."""
        return next(
            (one for one in self.held if one.thread_id == self.thread_id and one.text.casefold() == text.casefold()),
            None,
        )


class Watching:
    """Saves, lists, changes and deletes watches."""

    def __init__(self, backtest: Backtest, backroom: Backroom, noting: Noting, memory: Memory, admins: Admins) -> None:
        """Take who looks back, where watches are kept, what is remembered, and who knows admins."""
        self._backtest = backtest
        self._backroom = backroom
        self._noting = noting
        self._memory = memory
        self._stages = Stages(ButtonAction.WATCH, backroom, admins)

    # By command

    async def command(
        self, action: Subscribe, incoming: Incoming, chat: Chat | None, voice: Voice, now: datetime
    ) -> Reply | None:
        """Do what was typed. None: silence, as for those in a group who may not."""
        if incoming.place not in (Place.PRIVATE, Place.GROUP) or chat is None:
            return replies.said("watch_elsewhere", language=voice.language)
        if not await self._stages.may_set(chat, incoming.user_id, now):
            return replies.said("settings_admins_only", language=voice.language) if incoming.addressee else None
        scene = await self._scene(chat, incoming.chat_id, incoming.user_id, incoming.thread_id, voice)
        if action.command == "watches":
            return await self._stages.shown(scene, panels.overview(scene.view), now)
        text = await self._words(action, incoming, now)
        if not text:
            key = "watch_forgotten" if incoming.reply_to_us else "watch_how"
            return replies.said(key, language=voice.language)
        return await self._offered(scene, text, incoming, now)

    async def _words(self, action: Subscribe, incoming: Incoming, now: datetime) -> str:
        """Return what was typed, else the message that is answered, or the question behind it; else the last one."""
        if action.text or (incoming.reply_to_message_id is not None and not incoming.reply_to_us):
            return action.text or " ".join(incoming.reply_to_text.split())
        exchange = self._memory.last(incoming, now)
        if incoming.reply_to_message_id is not None:
            chat_id, message_id = incoming.chat_id, incoming.reply_to_message_id
            sent = await self._backroom.store(lambda store: store.sent_by_message(chat_id, message_id))
            exchange = self._memory.of_sent(sent.id, now) if sent else None
        return "" if exchange is None or exchange.is_news else exchange.previous.question.removeprefix(_FIGURE)

    async def _offered(self, scene: _Scene, text: str, incoming: Incoming, now: datetime) -> Reply:
        """Show how often a watch would have alerted, and ask whether to keep it; or why it cannot be."""
        refused = self._refused(scene, text, now)
        if refused:
            return replies.said(refused[0], language=scene.voice.language, **refused[1])
        if (same := scene.same(text)) is not None:
            told = line("watch_same", language=scene.voice.language)
            return await self._stages.shown(scene, panels.one(scene.view, same, told), now)
        past = await self._backtest.past(text, scene.voice, now)
        reply = of_backtest(text, past, scene.voice)
        reply = await self._noting.noted(reply, asker_of(incoming), kind=SentKind.UPDATE, at=now)
        # Its words wait in memory, not in the rows of the buttons.
        exchange = Exchange(
            previous=Previous(question=text), at=now, kind=SentKind.UPDATE, sent_id=reply.sent_id,
            asked_by=incoming.user_id,
        )  # fmt: skip
        self._memory.keep(exchange, None)
        return replace(reply, buttons=await self._stages.keyed(scene, _offer(scene, reply.sent_id, past.seq), now))

    def _refused(self, scene: _Scene, text: str, now: datetime) -> tuple[str, dict[str, object]] | None:
        """Say why words cannot be watched: the key of what is said, and its fields."""
        if len(text) > WORDS_CHARS:
            return "watch_too_long", {"limit": WORDS_CHARS}
        if not any(char.isalnum() for char in text):
            return "watch_how", {}
        try:
            if is_vague(text, now):
                return "watch_vague", {"words": quoted_words(text)}
        except QuestionError:
            return "watch_how", {}
        if len(scene.held) >= MOST and scene.same(text) is None:
            return "watch_too_many", {"limit": MOST}
        return None

    # By button

    async def press(self, button: Button, press: Press, voice: Voice, now: datetime) -> Pressed:
        """Do what a button stands for."""
        entry = await self._stages.entered(button, press, voice, now)
        if isinstance(entry, Pressed):
            return entry
        scene = await self._scene(entry.chat, entry.here, entry.user_id, entry.thread_id, entry.voice)
        return await self._done(scene, button, press, now)

    async def _done(self, scene: _Scene, button: Button, press: Press, now: datetime) -> Pressed:
        payload = button.payload
        if "sent" in payload:
            return await self._settled(scene, payload, now)
        if payload.get("set") == panels.QUIET:
            return await self._quieted(scene, str(payload["to"]), now)
        view = str(payload.get("view", ""))
        if "watch" not in payload:
            return Pressed(edit=await self._stages.shown(scene, await self._panel(scene, view, now), now))
        watch = next((one for one in scene.held if one.id == payload["watch"]), None)
        under_alert = bool(payload.get("under"))
        if watch is None:
            gone = line("watch_gone", language=scene.voice.language)
            edit = None if under_alert else await self._stages.shown(scene, panels.overview(scene.view), now)
            return Pressed(toast=gone, edit=edit, buttons=())
        if "do" in payload:
            return await self._switched(scene, watch, str(payload["do"]), press if under_alert else None, now)
        if "set" in payload:
            return await self._limited(scene, watch, str(payload["set"]), payload.get("to"), now)
        panel = panels.limits(scene.view, watch, view) if view in panels.LIMITS else panels.one(scene.view, watch)
        return Pressed(edit=await self._stages.shown(scene, panel, now))

    async def _panel(self, scene: _Scene, view: str, now: datetime) -> Panel:
        """Return a panel about all watches of a chat."""
        match view:
            case panels.ROOMS:
                return await self._rooms(scene, {"view": panels.OVERVIEW}, now)
            case panels.QUIET:
                return panels.quiet(scene.view)
            case _:
                return panels.overview(scene.view)

    async def _rooms(self, scene: _Scene, payload: Payload, now: datetime) -> Panel:
        found = await self._stages.rooms(scene.user_id, now)
        return panels.rooms(found, scene.voice.language, scene.here, payload)

    async def _settled(self, scene: _Scene, payload: Payload, now: datetime) -> Pressed:
        """Keep what was offered, or not, or ask for which chat."""
        language, do, sent_id = scene.voice.language, payload["do"], str(payload["sent"])
        exchange = self._memory.of_sent(sent_id, now)
        if exchange is None:
            return Pressed(toast=line("button_expired", language=language))
        if do == "no":
            return Pressed(toast=line("watch_not_kept", language=language), buttons=())
        if do == panels.ROOMS:
            panel = await self._rooms(scene, {**payload, "do": "keep"}, now)
            return Pressed(reply=await self._stages.shown(scene, panel, now))
        text = exchange.previous.question
        if scene.same(text) is not None:
            return Pressed(toast=line("watch_same", language=language))
        if len(scene.held) >= MOST:
            return Pressed(toast=line("watch_too_many", language=language, limit=MOST), alert=True)
        # What came while the offer was read is what it is for.
        updates = await self._backtest.since(int(payload["seq"] or 0), now)
        watch = await self._backroom.store(lambda store: _keep(store, scene, text, updates, now))
        logger.info("watch kept chat=%d", scene.chat.chat_id)
        told = line("watch_kept", language=language)
        scene = replace(scene, held=(*scene.held, watch))
        return Pressed(buttons=(), reply=await self._stages.shown(scene, panels.one(scene.view, watch, told), now))

    async def _switched(self, scene: _Scene, watch: Watch, do: str, alert: Press | None, now: datetime) -> Pressed:
        """Pause a watch, let it go on, or delete it; under an `alert` only the buttons change."""
        language = scene.voice.language
        changed = await self._backroom.store(lambda store: _switch(store, watch, do))
        toast = line(f"watch_done_{do}", language=language)
        logger.info("watch %s chat=%d", do, watch.chat_id)
        if alert is not None:
            buttons = await self._backroom.store(lambda store: _switches(store, scene, changed, alert, now))
            return Pressed(toast=toast, buttons=buttons)
        others = tuple(one for one in scene.held if one.id != watch.id)
        scene = replace(scene, held=others if changed is None else (*others, changed))
        panel = panels.overview(scene.view) if changed is None else panels.one(scene.view, changed)
        return Pressed(toast=toast, edit=await self._stages.shown(scene, panel, now))

    async def _limited(self, scene: _Scene, watch: Watch, field: str, value: object, now: datetime) -> Pressed:
        if not isinstance(value, int):
            return Pressed(toast=line("button_expired", language=scene.voice.language))
        changed = replace(watch, cap_per_day=value) if field == panels.CAP else replace(watch, gap_s=value)
        await self._backroom.store(
            lambda store: store.limit_watch(watch.id, cap_per_day=changed.cap_per_day, gap_s=changed.gap_s, now=now)
        )
        toast = line("settings_saved", language=scene.voice.language)
        return Pressed(toast=toast, edit=await self._stages.shown(scene, panels.one(scene.view, changed), now))

    async def _quieted(self, scene: _Scene, hours: str, now: datetime) -> Pressed:
        notices = replace(scene.notices, quiet=Quiet.read(f"{hours} {scene.voice.zone}") if hours else None)
        await self._backroom.store(lambda store: store.put_notices(scene.chat.chat_id, notices, at=now))
        toast = line("settings_saved", language=scene.voice.language)
        scene = replace(scene, notices=notices)
        return Pressed(toast=toast, edit=await self._stages.shown(scene, panels.overview(scene.view), now))

    async def _scene(self, chat: Chat, here: int, user_id: int | None, thread_id: int | None, voice: Voice) -> _Scene:
        def look(store: BotStore) -> _Scene:
            return _Scene(
                chat=chat,
                here=here,
                user_id=user_id,
                thread_id=thread_id,
                voice=voice,
                held=store.watches(chat.chat_id),
                notices=store.notices(chat.chat_id),
                with_rooms=chat.kind is ChatKind.PRIVATE and bool(store.rooms_near(chat.chat_id, limit=1)),
            )

        return await self._backroom.store(look)


def _offer(scene: _Scene, sent_id: str, seq: int) -> tuple[tuple[Option, ...], ...]:
    language = scene.voice.language

    def option(do: str, key: str) -> Option:
        return Option(label=line(key, language=language), payload={"do": do, "sent": sent_id, "seq": seq})

    rows = (option("keep", "watch_keep"), option("no", "watch_no"))
    return (rows, (option(panels.ROOMS, "watch_rooms"),)) if scene.own and scene.with_rooms else (rows,)


def _keep(store: BotStore, scene: _Scene, text: str, updates: Iterable[int], now: datetime) -> Watch:
    """Keep a watch, to be asked about these updates first.

    A private chat without a language of its own keeps the one that was spoken.
    """
    settings = scene.chat.settings
    if scene.own and settings.language is None:
        store.put_settings(scene.chat.chat_id, replace(settings, language=scene.voice.language), at=now)
    # Who speaks as the group is nobody in particular.
    asked_by = scene.user_id if scene.user_id is not None and scene.user_id > 0 else None
    return store.add_watch(
        scene.chat.chat_id, text, now=now, thread_id=scene.thread_id, user_id=asked_by, updates=updates
    )


def _switch(store: BotStore, watch: Watch, do: str) -> Watch | None:
    """Do it; returns the watch as it is then, None where it is deleted."""
    match do:
        case "pause":
            store.pause_watch(watch.id)
        case "resume":
            store.resume_watch(watch.id)
        case _:
            store.delete_watch(watch.id)
    return store.watch(watch.id)


def _switches(store: BotStore, scene: _Scene, watch: Watch | None, alert: Press, now: datetime) -> Buttons:
    """Return the buttons of an alert anew, none where its watch is deleted, and note that they stand there."""
    language, own = scene.voice.language, scene.own
    buttons = () if watch is None else switches(store, watch, now, language=language, own=own)
    if alert.chat_id is not None and alert.message_id is not None:
        store.note_buttons(alert.chat_id, alert.message_id, buttons)
    return buttons
