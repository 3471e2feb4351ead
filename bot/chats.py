"""The part of bot.db that knows chats: what they are and chose, whether we may speak there, how far who has read.

A chat's id is rewritten here and nowhere else.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.records import Chat, ChatKind, Cursor, PauseReason
from bot.settings import ChatSettings, Policy
from bot.tables import Tables, as_int, as_int_or_none, as_moment, as_text, from_us, storable, to_us

_TITLE_CHARS = 256
_SETTINGS = "language, zone, policy, sources, live_blogs"
_CHAT = f"""chat_id, kind, title, username, linked_chat_id, forum, {_SETTINGS},
            settings_at, paused_for, state_at, added_at, introduced_at, missing_rights"""


class Chats(Tables):
    """Chats, their settings, their readers."""

    def note_chat(
        self,
        chat_id: int,
        *,
        kind: ChatKind,
        at: datetime,
        title: str = "",
        username: str | None = None,
        linked_chat_id: int | None = None,
        forum: bool = False,
    ) -> Chat:
        """Learn of a chat, or how it is named now; what it chose stays, and so does a link that is not told again.

        Writes only what differs, so that it may be called with every message.
        """
        if kind is ChatKind.PRIVATE:
            title, username = "", None
        title, username = storable(title)[:_TITLE_CHARS], None if username is None else storable(username)
        held = self.chat(chat_id)
        link = linked_chat_id or (held.linked_chat_id if held else None)
        told = (kind, title, username, link, forum)
        if held and told == (held.kind, held.title, held.username, held.linked_chat_id, held.forum):
            return held
        with self._transaction():
            self._write(
                """insert into chats (chat_id, kind, title, username, linked_chat_id, forum, policy, state_at, added_at)
                   values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                   on conflict do update set kind = excluded.kind, title = excluded.title,
                     username = excluded.username, linked_chat_id = excluded.linked_chat_id, forum = excluded.forum""",
                chat_id, kind.value, title, username, link, int(forum), ChatSettings().policy.value, to_us(at),
                to_us(at),
            )  # fmt: skip
            return self._chat(chat_id)

    def chat(self, chat_id: int) -> Chat | None:
        """Return a chat, None where we do not know it."""
        rows = self._rows(f"select {_CHAT} from chats where chat_id = ?", chat_id)
        return _read_chat(rows[0]) if rows else None

    def chosen_in(self, chat_ids: Iterable[int]) -> Mapping[int, tuple[ChatKind, ChatSettings]]:
        """Return of those of these chats that we know what they are, and what they have chosen."""
        rows = self._rows(
            f"select chat_id, kind, {_SETTINGS} from chats where chat_id in (select value from json_each(?))",
            json.dumps(list(chat_ids)),
        )
        # Most have chosen the same: each choice is read once.
        known = {columns: (ChatKind(str(columns[0])), _settings(columns[1:])) for columns in {row[1:] for row in rows}}
        return {as_int(row[0]): known[row[1:]] for row in rows}

    def chats(self) -> tuple[Chat, ...]:
        """Return every chat, by when it was added."""
        return tuple(_read_chat(row) for row in self._rows(f"select {_CHAT} from chats order by added_at, chat_id"))

    def linked_to(self, chat_id: int) -> Chat | None:
        """Return the chat that names this one as linked: a channel's discussion group, or a group's channel."""
        rows = self._rows(f"select {_CHAT} from chats where linked_chat_id = ? order by added_at limit 1", chat_id)
        return _read_chat(rows[0]) if rows else None

    def people_in(self, chat_id: int, *, limit: int) -> tuple[int, ...]:
        """Return who asked in a chat, latest first."""
        rows = self._rows(
            """select user_id from sent where chat_id = ? and user_id is not null
               group by user_id order by max(sent_at) desc limit ?""",
            chat_id,
            limit,
        )
        return tuple(as_int(row[0]) for row in rows)

    def rooms_near(self, user_id: int, *, limit: int) -> tuple[Chat, ...]:
        """Return groups and channels we may speak in, those where a person has asked first, then the newest."""
        rows = self._rows(
            f"""select {_CHAT} from chats where paused_for is null and kind <> ?
                order by chat_id in (select chat_id from sent where user_id = ?
                                     union select chat_id from readers where user_id = ?) desc,
                  added_at desc, chat_id limit ?""",
            ChatKind.PRIVATE.value,
            user_id,
            user_id,
            limit,
        )
        return tuple(_read_chat(row) for row in rows)

    def put_settings(self, chat_id: int, settings: ChatSettings, *, at: datetime) -> bool:
        """Keep what a chat chose; False where we do not know the chat."""
        with self._transaction():
            return bool(
                self._write(
                    """update chats set language = ?, zone = ?, policy = ?, sources = ?, live_blogs = ?, settings_at = ?
                       where chat_id = ?""",
                    settings.language, settings.zone, settings.policy.value, _listed(settings.sources),
                    _listed(settings.live_blogs), to_us(at), chat_id,
                )
            )  # fmt: skip

    def pause(self, chat_id: int, reason: PauseReason, *, at: datetime) -> bool:
        """Note that we cannot speak in a chat; what it chose stays, and what is to be sent waits. True where news."""
        with self._transaction():
            return self._pause(chat_id, reason, at=at)

    def _pause(self, chat_id: int, reason: PauseReason, *, at: datetime) -> bool:
        self._hold(chat_id, at)
        return bool(
            self._write(
                "update chats set paused_for = ?, state_at = ? where chat_id = ? and paused_for is not ?",
                reason.value, to_us(at), chat_id, reason.value,
            )
        )  # fmt: skip

    def _hold(self, chat_id: int, at: datetime) -> None:
        """Let what is to be sent to a chat wait for its return."""
        self._write(
            "update outbox set state = 'held', settled_at = ? where chat_id = ? and state in ('pending', 'retry')",
            to_us(at),
            chat_id,
        )

    def resume(self, chat_id: int, *, at: datetime) -> bool:
        """Note that we may speak in a chat again. True where that is news."""
        with self._transaction():
            self._write(
                "update outbox set state = 'pending', settled_at = null where chat_id = ? and state = 'held'", chat_id
            )
            return bool(
                self._write(
                    """update chats set paused_for = null, state_at = ?
                       where chat_id = ? and paused_for is not null""",
                    to_us(at),
                    chat_id,
                )
            )

    def introduce(self, chat_id: int, *, at: datetime) -> bool:
        """Take the one right to introduce ourselves in a chat: True the first time only, and only where it is known."""
        with self._transaction():
            return bool(
                self._write(
                    "update chats set introduced_at = ? where chat_id = ? and introduced_at is null",
                    to_us(at),
                    chat_id,
                )
            )

    def note_missing_rights(self, chat_id: int, rights: Iterable[str]) -> bool:
        """Keep which rights we lack in a chat. True where that is news, so that it is told once."""
        listed = json.dumps(sorted(set(rights)))
        with self._transaction():
            return bool(
                self._write(
                    "update chats set missing_rights = ? where chat_id = ? and missing_rights <> ?",
                    listed,
                    chat_id,
                    listed,
                )
            )

    # Readers

    def cursor(self, chat_id: int, user_id: int) -> Cursor | None:
        """Return how far a reader has looked in a chat, None for one who never has."""
        rows = self._rows("select seq, seen_until_at from readers where chat_id = ? and user_id = ?", chat_id, user_id)
        return Cursor(seq=as_int(rows[0][0]), seen_until=from_us(as_int(rows[0][1]))) if rows else None

    def move_cursor(self, chat_id: int, user_id: int, cursor: Cursor) -> None:
        """Move a reader on. Never back in time: of two looks at once, the later one counts."""
        with self._transaction():
            self._write(
                """insert into readers values (?, ?, ?, ?) on conflict do update set
                     seq = excluded.seq, seen_until_at = excluded.seen_until_at
                   where excluded.seen_until_at >= seen_until_at""",
                chat_id,
                user_id,
                cursor.seq,
                to_us(cursor.seen_until),
            )

    # A group that became a supergroup

    def migrate_chat(self, old: int, new: int) -> None:
        """Rewrite a chat's id everywhere, in one transaction; again, or with rows of the new id there, is right too.

        Of two rows for one thing the later stays: settings by when they were changed, a cursor by its time.
        The ids of messages do not move along: a supergroup counts its own, so the old ones cannot be reached.
        """
        with self._transaction():
            self._migrate_chat(old, new)

    def _migrate_chat(self, old: int, new: int) -> None:
        if old == new:
            return
        self._merge_chats(old, new)
        self._merge_readers(old, new)
        self._merge_notices(old, new)
        self._write("delete from messages where chat_id = ?", old)
        self._let_go_of_messages(old)
        self._write("update chats set linked_chat_id = ? where linked_chat_id = ?", new, old)
        for table in ("sent", "buttons", "start_links", "subscriptions", "watches", "outbox"):
            self._write(f"update {table} set chat_id = ? where chat_id = ?", new, old)

    def _let_go_of_messages(self, chat_id: int) -> None:
        """Make what is to be sent lean on no message of a chat: replies stand alone, edits become the reply for them.

        An edit that has none has nobody to tell.
        """
        self._write("update outbox set reply_to = null where chat_id = ? and reply_to is not null", chat_id)
        unsent = "chat_id = ? and edit_message_id is not null and state <> 'sent'"
        self._write(f"delete from outbox where {unsent} and instead_id is null", chat_id)
        self._write(
            f"update outbox set body_id = instead_id, edit_message_id = null, instead_id = null where {unsent}",
            chat_id,
        )

    def _merge_notices(self, old: int, new: int) -> None:
        self._write(
            """insert into notices select ?, corrections, quiet, chosen_at from notices where chat_id = ?
               on conflict do update set corrections = excluded.corrections, quiet = excluded.quiet,
                 chosen_at = excluded.chosen_at where excluded.chosen_at > chosen_at""",
            new,
            old,
        )
        self._write("delete from notices where chat_id = ?", old)

    def _merge_chats(self, old: int, new: int) -> None:
        self._write(
            """update chats as n set language = o.language, zone = o.zone, policy = o.policy, sources = o.sources,
                 live_blogs = o.live_blogs, settings_at = o.settings_at
               from chats as o where n.chat_id = ? and o.chat_id = ?
                 and o.settings_at is not null and (n.settings_at is null or o.settings_at > n.settings_at)""",
            new,
            old,
        )
        self._write(
            """update chats as n set added_at = min(n.added_at, o.added_at),
                 linked_chat_id = coalesce(n.linked_chat_id, o.linked_chat_id),
                 introduced_at = coalesce(min(n.introduced_at, o.introduced_at), n.introduced_at, o.introduced_at)
               from chats as o where n.chat_id = ? and o.chat_id = ?""",
            new,
            old,
        )
        if self._rows("select 1 from chats where chat_id = ?", new):
            self._write("delete from chats where chat_id = ?", old)
        else:
            kind = ChatKind.SUPERGROUP.value
            self._write("update chats set chat_id = ?, kind = ? where chat_id = ?", new, kind, old)

    def _merge_readers(self, old: int, new: int) -> None:
        self._write(
            """insert into readers select ?, user_id, seq, seen_until_at from readers where chat_id = ?
               on conflict do update set seq = excluded.seq, seen_until_at = excluded.seen_until_at
               where excluded.seen_until_at > seen_until_at""",
            new,
            old,
        )
        self._write("delete from readers where chat_id = ?", old)

    def _chat(self, chat_id: int) -> Chat:
        return _read_chat(self._rows(f"select {_CHAT} from chats where chat_id = ?", chat_id)[0])


def _listed(names: Sequence[str] | None) -> str | None:
    return None if names is None else json.dumps(list(names), ensure_ascii=False)


def _names(column: object) -> tuple[str, ...] | None:
    if column is None or column == "[]":
        return None if column is None else ()
    return tuple(json.loads(str(column)))


def _read_chat(row: tuple[object, ...]) -> Chat:
    return Chat(
        chat_id=as_int(row[0]),
        kind=ChatKind(str(row[1])),
        title=str(row[2]),
        username=as_text(row[3]),
        linked_chat_id=as_int_or_none(row[4]),
        forum=bool(row[5]),
        settings=_settings(row[6:11]),
        settings_at=as_moment(row[11]),
        paused_for=None if row[12] is None else PauseReason(str(row[12])),
        state_at=from_us(as_int(row[13])),
        added_at=from_us(as_int(row[14])),
        introduced_at=as_moment(row[15]),
        missing_rights=_names(row[16]) or (),
    )


def _settings(columns: tuple[object, ...]) -> ChatSettings:
    language, zone, policy, sources, live_blogs = columns
    return ChatSettings(
        language=as_text(language),
        zone=as_text(zone),
        policy=Policy(str(policy)),
        sources=_names(sources),
        live_blogs=_names(live_blogs),
    )
