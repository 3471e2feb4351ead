"""The room where a digest is begun, changed and ended: by words, by buttons, for a channel from the private chat.

Every step looks again at whether who acts may: rights are lost while panels stand.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, time

from bot import digest_panel as panels
from bot import replies, times
from bot.actions import Subscribe
from bot.admins import Admins
from bot.backroom import Backroom, Voice
from bot.digest_panel import DigestView
from bot.digest_words import Wish, picked, read
from bot.digests import PREVIEW, Digests, of_digest, pictured, wanted_of
from bot.keyboard import asker_of
from bot.noting import Noting
from bot.records import Button, ButtonAction, Chat, ChatKind, SentKind
from bot.schedule import Rhythm, next_due, sendable_at
from bot.settings_reading import SeveralZonesError
from bot.stage import Stage, Stages
from bot.store import BotStore
from bot.subscriptions import DigestChoice, Notices, Subscription
from bot.texts import line
from bot.titles import shown
from bot.types import Incoming, Paragraph, Place, Press, Pressed, Reply

logger = logging.getLogger(__name__)

WHY = "why"
_AT = time(8, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene(Stage):
    """Whose digest, and where it is talked about."""

    subscription: Subscription | None

    @property
    def choice(self) -> DigestChoice:
        """What was chosen, or would be by one press."""
        if self.subscription is not None:
            return self.subscription.choice
        return DigestChoice(rhythm=Rhythm(at=_AT, zone=self.voice.zone))

    @property
    def view(self) -> DigestView:
        """What the panel shows."""
        return DigestView(
            chat=self.chat,
            language=self.voice.language,
            choice=self.choice,
            quiet=self.notices.quiet,
            due_at=self.subscription.next_due_at if self.subscription else None,
            own=self.own,
            with_rooms=self.with_rooms,
        )


class Subscribing:
    """Begins, shows, changes and ends digests."""

    def __init__(self, backroom: Backroom, noting: Noting, digests: Digests, admins: Admins) -> None:
        """Take where they are kept, who composes them, and who knows admins."""
        self._backroom = backroom
        self._noting = noting
        self._digests = digests
        self._stages = Stages(ButtonAction.SUBSCRIBE, backroom, admins)

    # By command

    async def command(
        self, action: Subscribe, incoming: Incoming, chat: Chat | None, voice: Voice, now: datetime
    ) -> Reply | None:
        """Do what was typed. None: silence, as for those in a group who may not."""
        if incoming.place not in (Place.PRIVATE, Place.GROUP) or chat is None:
            return replies.said("unknown_command", language=voice.language)
        scene = await self._scene(chat, incoming.chat_id, incoming.user_id, incoming.thread_id, voice)
        if action.command == "digest":
            if action.text.casefold() == WHY:
                return await self._why(scene, now)
            return await self._preview(scene, incoming, now)
        if not await self._stages.may_set(chat, incoming.user_id, now):
            return replies.said("settings_admins_only", language=voice.language) if incoming.addressee else None
        if action.command == "unsubscribe":
            return replies.said(await self._end(scene), language=voice.language)
        return await self._subscribe(scene, action.text, now)

    async def _subscribe(self, scene: _Scene, text: str, now: datetime) -> Reply:
        if not text:
            return await self._stages.shown(scene, panels.overview(scene.view), now)
        try:
            wish = read(text, scene.choice, scene.notices.quiet, language=scene.voice.language, now=now)
        except SeveralZonesError as several:
            scene = scene if scene.subscription else await self._kept(scene, _as_it_is(scene), now)
            return await self._stages.shown(scene, panels.which_zone(scene.view, several.zones), now)
        if wish.unread:
            unread = line("subscribe_unread", language=scene.voice.language, text=shown(wish.unread))
            return await self._stages.shown(scene, panels.overview(scene.view, unread), now)
        scene = await self._kept(scene, wish, now)
        saved = line("settings_saved", language=scene.voice.language)
        return await self._stages.shown(scene, panels.overview(scene.view, saved), now)

    async def _preview(self, scene: _Scene, incoming: Incoming, now: datetime) -> Reply:
        """Show what a digest would hold now; no window moves, and nothing counts as told."""
        held = scene.subscription or _imagined(scene, now)
        told = await self._backroom.store(lambda store: store.told_unasked(scene.chat.chat_id, scene.thread_id))
        voice = replace(scene.voice, zone=held.choice.rhythm.zone)
        digest = await self._digests.composed(wanted_of(held, now, voice, told), now)
        reply = await pictured(of_digest(digest, zone=voice.zone, language=voice.language), digest, held.choice)
        if scene.subscription is None:
            hint = Paragraph(text=line("digest_hint", language=voice.language))
            reply = replace(reply, blocks=(*reply.blocks, hint))
        return await self._noting.noted(reply, asker_of(incoming), kind=SentKind.UPDATE, at=now)

    async def _why(self, scene: _Scene, now: datetime) -> Reply:
        """Tell when the last went out, when the next will, and what it would hold."""
        held, language = scene.subscription, scene.voice.language
        if held is None:
            return replies.said("digest_why_none", language=language)
        zone = held.choice.rhythm.zone
        went_at, state = await self._backroom.store(lambda store: store.last_digest(held.id))
        told = await self._backroom.store(lambda store: store.told_unasked(scene.chat.chat_id, scene.thread_id))
        digest = await self._digests.composed(wanted_of(held, now, replace(scene.voice, zone=zone), told), now)
        texts = [
            line("digest_why_last", language=language, moment=times.moment(went_at, zone, language=language))
            if went_at
            else line("digest_why_waiting" if state else "digest_why_first", language=language)
        ]
        due_at = sendable_at(held.next_due_at, scene.notices.quiet)
        key = "digest_why_next" if held.paused_for is None else "digest_why_paused"
        texts.append(line(key, language=language, moment=times.moment(due_at, zone, language=language)))
        count = len(digest.highlights)
        texts.append(line("digest_why_holds", language=language, count=count, updates=digest.updates))
        return Reply(blocks=(Paragraph(text="\n".join(texts)),), zone=zone, language=language)

    # By button

    async def press(self, button: Button, press: Press, voice: Voice, now: datetime) -> Pressed:
        """Do what a button of a digest's panel stands for."""
        entry = await self._stages.entered(button, press, voice, now)
        if isinstance(entry, Pressed):
            return entry
        scene = await self._scene(entry.chat, entry.here, entry.user_id, entry.thread_id, entry.voice)
        payload = button.payload
        if "set" in payload:
            return await self._picked(scene, str(payload["set"]), str(payload["to"]), now)
        page = payload.get("page")
        return await self._turned(scene, str(payload.get("view", "")), page if isinstance(page, int) else None, now)

    async def _picked(self, scene: _Scene, field: str, value: str, now: datetime) -> Pressed:
        try:
            wish = picked(_as_it_is(scene), field, value)
        except ValueError:
            return Pressed(toast=line("button_expired", language=scene.voice.language))
        scene = await self._kept(scene, wish, now)
        toast = line("settings_saved", language=scene.voice.language)
        return Pressed(toast=toast, edit=await self._stages.shown(scene, panels.overview(scene.view), now))

    async def _turned(self, scene: _Scene, view: str, page: int | None, now: datetime) -> Pressed:
        if view == panels.END:
            return Pressed(edit=replies.said(await self._end(scene), language=scene.voice.language))
        if view == panels.ROOMS:
            rooms = await self._stages.rooms(scene.user_id, now)
            return Pressed(
                edit=await self._stages.shown(scene, panels.rooms(rooms, scene.voice.language, scene.here), now)
            )
        toast = ""
        if view == panels.SUBSCRIBE:
            scene = await self._kept(scene, _as_it_is(scene), now)
            toast = line("settings_saved", language=scene.voice.language)
        panel = panels.one(scene.view, view, page) if view in panels.FIELDS else panels.overview(scene.view)
        return Pressed(toast=toast, edit=await self._stages.shown(scene, panel, now))

    # What is kept

    async def _kept(self, scene: _Scene, wish: Wish, now: datetime) -> _Scene:
        """Keep what was chosen, and begin where nobody has begun."""
        seq = 0 if scene.subscription else await self._digests.cursor(now)
        held, notices = await self._backroom.store(lambda store: _keep(store, scene, wish, seq, now))
        logger.info("digest chosen chat=%d new=%s", scene.chat.chat_id, scene.subscription is None)
        return replace(scene, subscription=held, notices=notices)

    async def _end(self, scene: _Scene) -> str:
        """End a digest; returns what is to be said."""
        held = scene.subscription
        if held is None:
            return "unsubscribe_none"
        await self._backroom.store(lambda store: store.unsubscribe(held.id))
        logger.info("digest ended chat=%d", scene.chat.chat_id)
        return "unsubscribed"

    async def _scene(self, chat: Chat, here: int, user_id: int | None, thread_id: int | None, voice: Voice) -> _Scene:
        def look(store: BotStore) -> _Scene:
            held = [one for one in store.subscriptions(chat.chat_id) if one.thread_id == thread_id]
            return _Scene(
                chat=chat,
                here=here,
                user_id=user_id,
                thread_id=thread_id,
                voice=voice,
                subscription=held[0] if held else None,
                notices=store.notices(chat.chat_id),
                with_rooms=chat.kind is ChatKind.PRIVATE and bool(store.rooms_near(chat.chat_id, limit=1)),
            )

        return await self._backroom.store(look)


def _as_it_is(scene: _Scene) -> Wish:
    return Wish(choice=scene.choice, quiet=scene.notices.quiet)


def _keep(store: BotStore, scene: _Scene, wish: Wish, seq: int, now: datetime) -> tuple[Subscription | None, Notices]:
    """Keep a choice; a private chat without a language of its own keeps the one that was spoken."""
    notices = replace(scene.notices, quiet=wish.quiet)
    if notices != scene.notices:
        store.put_notices(scene.chat.chat_id, notices, at=now)
    settings = scene.chat.settings
    if scene.own and settings.language is None:
        store.put_settings(scene.chat.chat_id, replace(settings, language=scene.voice.language), at=now)
    here = [one for one in store.subscriptions(scene.chat.chat_id) if one.thread_id == scene.thread_id]
    if not here:
        held = store.subscribe(scene.chat.chat_id, wish.choice, now=now, seq=seq, thread_id=scene.thread_id)
        return held, notices
    store.resume_subscription(here[0].id, now=now)
    return store.change_subscription(here[0].id, wish.choice, now=now), notices


def _imagined(scene: _Scene, now: datetime) -> Subscription:
    """Return a subscription that nobody has, of the last day."""
    since = now - PREVIEW
    due_at = next_due(scene.choice.rhythm, now)
    return Subscription(
        id="", chat_id=scene.chat.chat_id, choice=scene.choice, window_since=since, seq=0, next_due_at=due_at,
        created_at=now,
    )  # fmt: skip
