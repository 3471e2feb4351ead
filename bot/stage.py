"""What the rooms share where something is chosen for a chat: whose it is, who may, and panels whose options have keys.

Every step looks again at whether who acts may: rights are lost while panels stand.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.admins import Admins
from bot.backroom import Backroom, Voice
from bot.panel import Panel, Rows
from bot.records import Button, ButtonAction, Chat, ChatKind, Presser
from bot.subscriptions import Notices
from bot.texts import line
from bot.types import Buttons, Paragraph, Place, Press, Pressed, Reply, ReplyButton

PANEL_FOR = timedelta(days=1)
_ROOMS_ASKED, _ROOMS_SHOWN = 30, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Whose things, and where they are talked about; `thread_id`: the topic that they are of."""

    chat: Chat
    here: int
    user_id: int | None
    thread_id: int | None
    voice: Voice
    notices: Notices
    with_rooms: bool = False

    @property
    def own(self) -> bool:
        """Tell whether it is a person's private chat."""
        return self.chat.kind is ChatKind.PRIVATE

    @property
    def in_room(self) -> bool:
        """Tell whether others than its person see what is said."""
        return self.here == self.chat.chat_id and not self.own


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who came in by a button, for which chat and topic, and from where."""

    chat: Chat
    here: int
    user_id: int
    thread_id: int | None
    voice: Voice


class Stages:
    """Lets in who may, and shows panels; `action`: what the buttons of this room do."""

    def __init__(self, action: ButtonAction, backroom: Backroom, admins: Admins) -> None:
        """Take where chats and keys are kept, and who knows admins."""
        self._action = action
        self._backroom = backroom
        self._admins = admins

    async def may_set(self, chat: Chat, user_id: int | None, now: datetime) -> bool:
        """Tell whether somebody may choose for a chat."""
        if chat.kind is ChatKind.PRIVATE:
            return user_id == chat.chat_id
        return await self._admins.is_admin(chat.chat_id, user_id, now)

    async def entered(self, button: Button, press: Press, voice: Voice, now: datetime) -> Entry | Pressed:
        """Let in who pressed a button, or say why not."""
        here = press.chat_id if press.chat_id is not None else press.user_id
        chat_id = button.chat_id if button.chat_id is not None else here
        chat = await self._backroom.store(lambda store: store.chat(chat_id))
        if chat is None or (chat.paused_for is not None and chat.kind is not ChatKind.PRIVATE):
            return Pressed(toast=line("settings_unknown_chat", language=voice.language), alert=True)
        if not await self.may_set(chat, press.user_id, now):
            return Pressed(toast=line("settings_admins_only", language=voice.language), alert=True)
        if here != chat_id:
            voice = replace(await self._backroom.voice(chat, voice.language, Place.GROUP), language=voice.language)
        thread = button.payload.get("thread")
        thread_id = thread if isinstance(thread, int) else None
        return Entry(chat=chat, here=here, user_id=press.user_id, thread_id=thread_id, voice=voice)

    async def rooms(self, user_id: int | None, now: datetime) -> list[Chat]:
        """Return groups and channels that a person may set something for."""
        near = await self._backroom.store(lambda store: store.rooms_near(user_id or 0, limit=_ROOMS_ASKED))
        theirs = [chat for chat in near if await self._admins.is_admin(chat.chat_id, user_id, now)]
        return theirs[:_ROOMS_SHOWN]

    async def shown(self, stage: Stage, panel: Panel, now: datetime) -> Reply:
        """Make a panel a reply, with a key behind each option."""
        blocks = tuple(Paragraph(text=text) for text in panel.texts)
        buttons = await self.keyed(stage, panel.rows, now)
        return Reply(blocks=blocks, language=stage.voice.language, zone=stage.voice.zone, buttons=buttons)

    async def keyed(self, stage: Stage, rows: Rows, now: datetime) -> Buttons:
        """Give each option a key."""
        buttons = [
            Button(
                action=self._action,
                expires_at=now + PANEL_FOR,
                presser=Presser.ADMINS if stage.in_room else Presser.ASKER,
                payload={**option.payload, **({"thread": stage.thread_id} if stage.thread_id is not None else {})},
                chat_id=option.chat_id if option.chat_id is not None else stage.chat.chat_id,
                user_id=None if stage.in_room else stage.user_id,
            )
            for row in rows
            for option in row
        ]
        keyed = iter(await self._backroom.store(lambda store: store.add_buttons(buttons)))
        return tuple(tuple(ReplyButton(label=each.label, key=next(keyed).key) for each in row) for row in rows)
