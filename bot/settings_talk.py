"""The talk about settings: by command, by button, by start link, in the chat itself or from its admin's private chat.

Every step looks again at whether who acts may: rights are lost while panels stand.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot import settings_panel as panels
from bot.admins import Admins
from bot.errors import SettingError
from bot.panel import Option, Panel
from bot.records import Button, ButtonAction, Chat, ChatKind, LinkKind, Presser, StartLink
from bot.settings import ChatSettings, Policy, Setting
from bot.settings_panel import OVERVIEW, ROOMS, View, offered
from bot.settings_reading import SeveralZonesError, read, split
from bot.store import BotStore
from bot.texts import chosen, line, listed
from bot.titles import shown
from bot.types import Incoming, Paragraph, Place, Press, Pressed, Reply, ReplyButton
from bot.workers import Priority, Worker
from index import LiveBlogView

logger = logging.getLogger(__name__)

PANEL_FOR = timedelta(days=1)
TYPED_WITHIN = timedelta(minutes=10)
_ROOMS_ASKED = 30
_ROOMS_SHOWN = 12
_AWAITED = 10_000
_NAME_WORDS = 3
T = TypeVar("T")


class BindableArchive(Protocol):
    """What the settings need of the archive."""

    def public_sources(self) -> tuple[str, ...]:
        """Name the sources that any chat may be shown."""

    def live_blogs(self) -> tuple[LiveBlogView, ...]:
        """List the live blogs."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """Who sets what, and where it is shown: `chat` is the one that is set, `here` the one that is talked in."""

    chat: Chat
    here: int
    language: str
    user_id: int | None
    view: View


class SettingsTalk:
    """Shows and changes what chats chose. `language` and `zone` are the config's; `operators` may bind to all."""

    def __init__(
        self,
        store: Worker[BotStore],
        archive: Worker[BindableArchive],
        admins: Admins,
        *,
        language: str = "",
        zone: str = "UTC",
        operators: tuple[int, ...] = (),
    ) -> None:
        """Take where settings are kept, what can be chosen, and who knows admins."""
        self._store = store
        self._archive = archive
        self._admins = admins
        self._language = language
        self._zone = zone
        self._operators = frozenset(operators)
        self._awaited: OrderedDict[tuple[int, int], tuple[int, datetime]] = OrderedDict()

    # By command and by link

    async def command(self, text: str, incoming: Incoming, now: datetime) -> Reply | None:
        """Answer `/settings` with the panel, or change what was typed. None: silence, as for strangers in a group."""
        chat = await self._noted(incoming, now)
        if not await self._may_set(chat, incoming.user_id, now):
            spoken_to = bool(incoming.addressee) and chat.settings.policy is not Policy.OFF
            language = await self._language_of(incoming.chat_id, incoming.language)
            return _said(line("settings_admins_only", language=language), language=language) if spoken_to else None
        scene = await self._scene(chat, incoming.chat_id, incoming.user_id, incoming.language)
        setting, value = split(text, scene.language)
        if setting is None or setting not in (*scene.view.settings, Setting.ZONE, Setting.LANGUAGE):
            return await self._shown(scene, panels.overview(scene.view), now)
        if not value:
            self._await(scene, setting, None, now)
            return await self._shown(scene, panels.one(scene.view, setting), now)
        return await self._typed(scene, setting, value, now)

    async def open(self, link: StartLink, incoming: Incoming, now: datetime) -> Reply:
        """Show, in private, the settings of the chat that a start link names."""
        refusal, scene = await self._room(link.chat_id, incoming.chat_id, incoming.user_id, incoming.language, now)
        return refusal if scene is None else await self._shown(scene, panels.overview(scene.view), now)

    async def typed(self, incoming: Incoming, now: datetime) -> Reply | None:
        """Take plain words as the zone that a panel has asked for, in private or in reply to it; None: they are not.

        A name that is none is told; what looks like a question is left to be one.
        """
        key = _awaited_by(incoming.chat_id, incoming.place, incoming.reply_to_message_id)
        target, until = self._awaited.get(key, (None, now))
        if target is None or now >= until:
            self._awaited.pop(key, None)
            return None
        refusal, scene = await self._room(target, incoming.chat_id, incoming.user_id, incoming.language, now)
        if scene is None:
            self._awaited.pop(key, None)
            return refusal if incoming.place is Place.PRIVATE else None
        try:
            read(scene.view, Setting.ZONE, incoming.text, now)
        except SettingError:
            if "?" in incoming.text or len(incoming.text.split()) > _NAME_WORDS:
                self._awaited.pop(key, None)
                return None
        except SeveralZonesError:
            pass  # is asked about
        else:
            self._awaited.pop(key, None)
        return await self._typed(scene, Setting.ZONE, incoming.text, now)

    # By button

    async def press(self, button: Button, press: Press, now: datetime) -> Pressed:
        """Do what a settings button stands for: turn the panel's page, or change something and show it."""
        here = press.chat_id if press.chat_id is not None else press.user_id
        refusal, scene = await self._room(button.chat_id, here, press.user_id, press.language, now)
        if scene is None:
            in_room = here == button.chat_id
            toast = "".join(block.text for block in refusal.blocks if isinstance(block, Paragraph))
            return Pressed(toast=toast, alert=True, edit=None if in_room else refusal)
        if "set" in button.payload:
            return await self._picked(scene, Setting(str(button.payload["set"])), str(button.payload["to"]), now)
        if "toggle" in button.payload:
            return await self._toggled(scene, button, now)
        return Pressed(edit=await self._shown(scene, await self._viewed(scene, button, press, now), now))

    async def _viewed(self, scene: _Scene, button: Button, press: Press, now: datetime) -> Panel:
        view, page = str(button.payload.get("view", OVERVIEW)), button.payload.get("page")
        if view == OVERVIEW:
            return panels.overview(scene.view)
        if view == ROOMS:
            return panels.rooms(await self._rooms_of(press.user_id, now), scene.language, scene.here)
        setting = Setting(view)
        self._await(scene, setting, press.message_id, now)
        return panels.one(scene.view, setting, page if isinstance(page, int) else None)

    async def _picked(self, scene: _Scene, setting: Setting, value: str, now: datetime) -> Pressed:
        try:
            settings = read(scene.view, setting, value, now)
        except SettingError as error:
            return Pressed(toast=_wrong(scene.view, error), alert=True)
        scene = await self._changed(scene, settings, now)
        toast = line("settings_saved", language=scene.language)
        return Pressed(toast=toast, edit=await self._shown(scene, panels.overview(scene.view), now))

    async def _toggled(self, scene: _Scene, button: Button, now: datetime) -> Pressed:
        setting, name = Setting(str(button.payload["toggle"])), str(button.payload["name"])
        page = button.payload.get("page")
        if name not in scene.view.offered.names(setting):
            return Pressed(edit=await self._shown(scene, panels.one(scene.view, setting), now))
        try:
            names = scene.view.offered.toggled(scene.chat.settings, setting, name)
        except SettingError:
            return Pressed(toast=line("settings_last_one", language=scene.language), alert=True)
        # mypy cannot see that a setting's name is a field of that type.
        scene = await self._changed(scene, replace(scene.chat.settings, **{setting.value: names}), now)  # type: ignore[arg-type]
        shown_page = panels.one(scene.view, setting, page if isinstance(page, int) else None)
        return Pressed(
            toast=line("settings_saved", language=scene.language), edit=await self._shown(scene, shown_page, now)
        )

    # What is kept

    async def _typed(self, scene: _Scene, setting: Setting, value: str, now: datetime) -> Reply:
        try:
            settings = read(scene.view, setting, value, now)
        except SeveralZonesError as several:
            return await self._shown(scene, panels.which_zone(scene.view, several.zones), now)
        except SettingError as error:
            return _said(_wrong(scene.view, error), language=scene.language)
        scene = await self._changed(scene, settings, now)
        saved = line("settings_saved", language=scene.language)
        return await self._shown(scene, panels.overview(scene.view, saved), now)

    async def _changed(self, scene: _Scene, settings: ChatSettings, now: datetime) -> _Scene:
        """Keep what was chosen, and go on in the language that holds then."""
        chat_id = scene.chat.chat_id
        await self._do(lambda store: store.put_settings(chat_id, settings, at=now))
        logger.info("settings changed chat=%d", chat_id)
        client = scene.language if scene.here != chat_id or settings.language is not None else ""
        return await self._scene(replace(scene.chat, settings=settings), scene.here, scene.user_id, client)

    async def _shown(self, scene: _Scene, panel: Panel, now: datetime) -> Reply:
        """Make a panel a reply, with a key behind each option."""
        options = [option for row in panel.rows for option in row]
        buttons = [self._button(scene, each, now) for each in options]
        keyed = iter(await self._do(lambda store: store.add_buttons(buttons)))
        rows = [tuple(ReplyButton(label=each.label, key=next(keyed).key) for each in row) for row in panel.rows]
        if scene.here == scene.chat.chat_id and not scene.view.own:
            until, chat_id = now + PANEL_FOR, scene.chat.chat_id
            key = await self._do(lambda store: store.add_link(LinkKind.SETTINGS, chat_id=chat_id, expires_at=until))
            rows.append((ReplyButton(label=line("button_in_private", language=scene.language), start=key),))
        blocks = tuple(Paragraph(text=text) for text in panel.texts)
        return Reply(blocks=blocks, language=scene.language, zone=scene.view.zone, buttons=tuple(rows))

    def _button(self, scene: _Scene, option: Option, now: datetime) -> Button:
        in_room = scene.here == scene.chat.chat_id and not scene.view.own
        return Button(
            action=ButtonAction.SETTINGS,
            expires_at=now + PANEL_FOR,
            presser=Presser.ADMINS if in_room else Presser.ASKER,
            payload=option.payload,
            chat_id=option.chat_id if option.chat_id is not None else scene.chat.chat_id,
            user_id=None if in_room else scene.user_id,
        )

    def _await(self, scene: _Scene, setting: Setting, message_id: int | None, now: datetime) -> None:
        """Expect a zone to be typed: in private plainly, in a group in reply to the panel, once that has a number."""
        in_private = scene.here == scene.user_id
        key = (scene.here, 0 if in_private else message_id or -1)
        if setting is not Setting.ZONE:
            self._awaited.pop(key, None)
            return
        self._awaited[key] = scene.chat.chat_id, now + TYPED_WITHIN
        if len(self._awaited) > _AWAITED:
            self._awaited.popitem(last=False)

    # Who may set what

    async def _room(
        self, chat_id: int | None, here: int, user_id: int | None, client: str, now: datetime
    ) -> tuple[Reply, _Scene | None]:
        """Enter a chat's settings; where that may not be, return why, for this person's eyes."""
        language = await self._language_of(here, client)
        chat = None if chat_id is None else await self._do(lambda store: store.chat(chat_id))
        if chat is None or (chat.paused_for is not None and chat.kind is not ChatKind.PRIVATE):
            return _said(line("settings_unknown_chat", language=language), language=language), None
        if not await self._may_set(chat, user_id, now):
            # Nothing of the chat is named: who asks here may never have been in it.
            key = "settings_admins_only" if here == chat.chat_id else "settings_not_admin_there"
            return _said(line(key, language=language), language=language), None
        return _said(language=language), await self._scene(chat, here, user_id, client)

    async def _may_set(self, chat: Chat, user_id: int | None, now: datetime) -> bool:
        if chat.kind is ChatKind.PRIVATE:
            return user_id == chat.chat_id
        return await self._admins.is_admin(chat.chat_id, user_id, now)

    async def _rooms_of(self, user_id: int, now: datetime) -> list[Chat]:
        """Find the chats a person is an admin of, asking the platform about those that are likeliest."""
        near = await self._do(lambda store: store.rooms_near(user_id, limit=_ROOMS_ASKED))
        theirs = [chat for chat in near if await self._admins.is_admin(chat.chat_id, user_id, now)]
        return theirs[:_ROOMS_SHOWN]

    async def _scene(self, chat: Chat, here: int, user_id: int | None, client: str) -> _Scene:
        language = await self._language_of(here, client) if here != chat.chat_id else self._spoken(chat, client)
        public, live_blogs = await self._archive.do(
            Priority.QUESTION, lambda archive: (archive.public_sources(), archive.live_blogs())
        )
        own = chat.kind is ChatKind.PRIVATE
        rooms = own and bool(await self._do(lambda store: store.rooms_near(chat.chat_id, limit=1)))
        view = View(
            chat=chat,
            offered=offered(live_blogs, public, settings=chat.settings, operator=user_id in self._operators),
            language=language,
            zone=self._zone,
            own=own,
            with_rooms=rooms,
        )
        return _Scene(chat=chat, here=here, language=language, user_id=user_id, view=view)

    async def _language_of(self, chat_id: int, client: str) -> str:
        chat = await self._do(lambda store: store.chat(chat_id))
        return self._spoken(chat, client)

    def _spoken(self, chat: Chat | None, client: str) -> str:
        return chosen((chat.settings.language if chat else None) or "", self._language, client)

    async def _noted(self, incoming: Incoming, now: datetime) -> Chat:
        kind = ChatKind.GROUP if incoming.place is Place.GROUP else ChatKind.PRIVATE
        seen = incoming.chat
        chat = await self._do(lambda store: store.chat(incoming.chat_id))
        if chat is not None:
            return chat
        return await self._do(
            lambda store: store.note_chat(
                incoming.chat_id,
                kind=seen.kind if seen else kind,
                at=now,
                title=seen.title if seen else "",
                username=seen.username if seen else None,
                linked_chat_id=seen.linked_chat_id if seen else None,
                forum=seen.forum if seen else False,
            )
        )

    async def _do(self, job: Callable[[BotStore], T]) -> T:
        return await self._store.do(Priority.QUESTION, job)


def _awaited_by(chat_id: int, place: Place, reply_to_message_id: int | None) -> tuple[int, int]:
    return chat_id, 0 if place is not Place.GROUP else reply_to_message_id or -1


def _wrong(view: View, error: SettingError) -> str:
    setting = Setting(error.setting)
    known = listed(panels.known(view, setting), language=view.language)
    return view.says(f"settings_wrong_{setting.value}", text=shown(error.value), known=known)


def _said(*texts: str, language: str) -> Reply:
    return Reply(blocks=tuple(Paragraph(text=text) for text in texts), language=language)
