"""What is kept of a person or a chat: told in counts, and deleted once it was asked for and confirmed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot import replies
from bot.backroom import Backroom, Voice
from bot.keyboard import Asker
from bot.memory import Memory
from bot.noting import Noting
from bot.records import Button, ButtonAction, Presser
from bot.settings import ChatSettings, Setting
from bot.texts import line, listed
from bot.titles import shown
from bot.types import Buttons, Incoming, Paragraph, Place, Pressed, Reply, ReplyButton

CONFIRM_FOR = timedelta(hours=1)
PERSON, CHAT, CANCEL = "person", "chat", "cancel"
FORGET = "forget"  # the word for it in the terminal
_NAMES = {
    "chats": "forget_settings",
    "sent": "forget_quotes",
    "buttons": "forget_quotes",
    "start_links": "forget_quotes",
    "subscriptions": "forget_digest",
    "notices": "forget_digest",
    "watches": "forget_digest",
    "outbox": "forget_digest",
    "readers": "forget_cursor",
    "feedback": "forget_feedback",
    "memory": "forget_question",
}
# Counted with the message that they belong to.
_UNCOUNTED = frozenset({"buttons", "start_links", "notices", "outbox"})


class Forgetting:
    """The room with the shredder. `keep_days`: after how long everything but settings is deleted anyway."""

    def __init__(self, backroom: Backroom, noting: Noting, memory: Memory, *, keep_days: int) -> None:
        """Take where things are kept."""
        self._backroom = backroom
        self._noting = noting
        self._memory = memory
        self._keep_days = keep_days

    async def privacy(self, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Say what is kept in general, and of the asker."""
        what = await self._kept(incoming.chat_id, incoming.user_id, PERSON, now)
        told = _counted(what, voice.language)
        texts = (
            line("privacy", language=voice.language),
            line("privacy_kept", language=voice.language, count=self._keep_days),
            line("privacy_now", language=voice.language, what=told)
            if told
            else line("privacy_nothing_now", language=voice.language),
        )
        return Reply(blocks=tuple(Paragraph(text=text) for text in texts), zone=voice.zone, language=voice.language)

    async def ask(
        self, incoming: Incoming, asker: Asker, voice: Voice, now: datetime, *, whose: str, title: str = ""
    ) -> Reply:
        """Ask whether to delete what is kept of the asker, or of the chat where an admin asks."""
        what = await self._kept(incoming.chat_id, incoming.user_id, whose, now)
        told = _named(what, voice.language)
        if not told:
            return replies.said("forget_nothing", language=voice.language)
        if whose == CHAT:
            text = line(
                "forget_ask_group", language=voice.language, chat=shown(title) or str(incoming.chat_id), what=told
            )
        else:
            text = line("forget_ask", language=voice.language, what=told)
        button = Button(
            action=ButtonAction.FORGET,
            expires_at=now + CONFIRM_FOR,
            presser=Presser.ADMINS if whose == CHAT else asker.presser,
            chat_id=incoming.chat_id,
            user_id=incoming.user_id,
        )
        labels = [
            (line("button_forget", language=voice.language), whose),
            (line("button_cancel", language=voice.language), CANCEL),
        ]
        rows: Buttons
        if incoming.place is Place.TERMINAL:
            words = (FORGET, CANCEL)
            rows = (tuple(ReplyButton(label=label, key=word) for (label, _), word in zip(labels, words, strict=True)),)
        else:
            rows = await self._noting.keyed([[(label, _for(button, what)) for label, what in labels]])
        return Reply(blocks=(Paragraph(text=text),), zone=voice.zone, language=voice.language, buttons=rows)

    async def pressed(self, button: Button, voice: Voice) -> Pressed:
        """Delete, or leave everything as it is; the question says then which."""
        whose, chat_id, user_id = button.payload.get("what"), button.chat_id, button.user_id
        chose = await self._chosen(chat_id if whose == CHAT else user_id)
        if whose == CANCEL or chat_id is None:
            return Pressed(edit=replies.said("forget_cancelled", language=voice.language))
        if whose == CHAT:
            gone = Counter(await self._backroom.store(lambda store: store.forget_chat(chat_id)))
            gone["memory"] = self._memory.forget(chat_id=chat_id)
        elif user_id is not None:
            gone = Counter(await self._backroom.store(lambda store: store.forget_person(user_id)))
            gone["memory"] = self._memory.forget(chat_id=user_id, user_id=user_id)
        else:
            gone = Counter()
        told = _counted({**gone, "chats": chose}, voice.language)
        if not told:
            return Pressed(edit=replies.said("forget_nothing", language=voice.language))
        return Pressed(edit=replies.said("forget_done", language=voice.language, what=told))

    async def _kept(self, chat_id: int, user_id: int | None, whose: str, now: datetime) -> Mapping[str, int]:
        """Count what is kept, by table; a private chat is its person's."""
        if whose == CHAT:
            held = await self._backroom.store(lambda store: store.exported(chat_id=chat_id))
            asked = 0
        else:
            held = await self._backroom.store(lambda store: store.exported(chat_id=user_id, user_id=user_id))
            asked = self._memory.count(user_id=user_id, now=now)
        chose = await self._chosen(chat_id if whose == CHAT else user_id)
        return {**{table: len(rows) for table, rows in held.items()}, "chats": chose, "memory": asked}

    async def _chosen(self, chat_id: int | None) -> int:
        """Count the settings that somebody chose in a chat: a chat that we merely know has none."""
        chat = None if chat_id is None else await self._backroom.store(lambda store: store.chat(chat_id))
        if chat is None:
            return 0
        default = ChatSettings()
        return sum(getattr(chat.settings, each.value) != getattr(default, each.value) for each in Setting)


def _for(button: Button, what: str) -> Button:
    return replace(button, payload={"what": what})


def _named(what: Mapping[str, int], language: str) -> str:
    names = dict.fromkeys(_NAMES[table] for table in _NAMES if what.get(table))
    return listed([line(name, language=language) for name in names], language=language)


def _counted(what: Mapping[str, int], language: str) -> str:
    counts: Counter[str] = Counter()
    for table, name in _NAMES.items():
        if what.get(table) and table not in _UNCOUNTED:
            counts[name] += what[table]
    return listed([f"{line(name, language=language)} ({count})" for name, count in counts.items()], language=language)
