"""The part of bot.db that answers for it: what is kept of whom, forgetting it, retention, status, damage."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.buttons import Buttons
from bot.records import ConversationStatus
from bot.tables import as_int, from_us, to_us, translated

Held = Mapping[str, tuple[Mapping[str, object], ...]]

# What is kept of a chat and of a person, by table; quotes, messages and feedback go with what was sent, which is
# therefore the last, so that what hangs on it is counted before.
_OF_CHAT = dict.fromkeys(
    ("chats", "readers", "notices", "buttons", "start_links", "outbox", "subscriptions", "watches", "sent"),
    "chat_id = :chat",
)
_OF_PERSON = {"feedback": "user_hash = :hash"} | dict.fromkeys(
    ("readers", "buttons", "start_links", "watches", "sent"), "user_id = :user"
)
_UNTOLD = {"user_hash", "vector"}
_STILL_TO_LEAVE = "state in ('pending', 'sending', 'retry', 'held')"
# What is to be sent, and how it is written, stands beside its row.
_TOLD = {
    "outbox": "outbox.*, html, plain from outbox left join bodies on bodies.id = body_id",
    "sent": "sent.*, shape from sent left join contents on contents.id = content_id",
}


class Keeping(Buttons):
    """Privacy and care."""

    def exported(self, *, chat_id: int | None = None, user_id: int | None = None) -> Held:
        """Return all that is kept of a chat or a person (of both: either's), by table; empty tables are absent."""
        held: dict[str, tuple[Mapping[str, object], ...]] = {}
        for table in {**_OF_CHAT, **_OF_PERSON}:
            known = [conditions[table] for conditions in _chosen(chat_id, user_id) if table in conditions]
            rows = self._told(table, " or ".join(known), self._values(chat_id, user_id)) if known else ()
            if rows:
                held[table] = rows
        return held

    def forget_person(self, user_id: int) -> Mapping[str, int]:
        """Delete all that is kept of a person, their private chat included; returns how many rows, by table.

        What we said in groups stays, since corrections follow it, but no longer knows who asked.
        """
        # A private chat has the id of its person.
        return self._forget(user_id, user_id)

    def forget_chat(self, chat_id: int) -> Mapping[str, int]:
        """Delete all that is kept of a chat; returns how many rows, by table."""
        return self._forget(chat_id, None)

    def _forget(self, chat_id: int, user_id: int | None) -> Mapping[str, int]:
        gone: Counter[str] = Counter()
        values = self._values(chat_id, user_id)
        with self._transaction():
            for conditions in reversed(_chosen(chat_id, user_id)):
                for table, condition in conditions.items():
                    is_ours = conditions is _OF_PERSON and table == "sent"
                    what = (
                        "update sent set user_id = null where chat_id is not :chat and"
                        if is_ours
                        else f"delete from {table} where"
                    )
                    gone[table] += self._connection.execute(f"{what} {condition}", values).rowcount
            self._write("update chats set linked_chat_id = null where linked_chat_id = ?", chat_id)
        # Deleted rows would stand in the write-ahead log until its next turn.
        self._rows("pragma wal_checkpoint(truncate)")
        return {table: rows for table, rows in gone.items() if rows}

    def _values(self, chat_id: int | None, user_id: int | None) -> dict[str, object]:
        return {"chat": chat_id, "user": user_id, "hash": None if user_id is None else self._user_hash(user_id)}

    def _told(self, table: str, condition: str, values: dict[str, object]) -> tuple[Mapping[str, object], ...]:
        with translated(self.path):
            cursor = self._connection.execute(f"select {_TOLD.get(table, '* from ' + table)} where {condition}", values)
            names = [str(column[0]) for column in cursor.description]
            rows = cursor.fetchall()
        return tuple(
            {name: _readable(name, value) for name, value in zip(names, row, strict=True) if name not in _UNTOLD}
            for row in rows
        )

    def retain(self, *, now: datetime, days: int) -> Mapping[str, int]:
        """Delete what is older than the retention, and keys that expired; returns how many rows, by table.

        Chats stay, with what they chose, for as long as nobody has them forgotten; so does what is still to leave, and
        what the ledger is to know it by.
        """
        before = to_us(now - timedelta(days=days))
        gone = {}
        with self._transaction():
            gone["sent"] = self._write(
                f"""delete from sent where sent_at < ?
                    and not exists (select 1 from outbox o where o.sent_id = sent.id and o.{_STILL_TO_LEAVE})""",
                before,
            )
            gone["readers"] = self._write("delete from readers where seen_until_at < ?", before)
            gone["buttons"] = self._write("delete from buttons where expires_at <= ?", to_us(now))
            gone["start_links"] = self._write("delete from start_links where expires_at <= ?", to_us(now))
            gone["rechecks"] = self._write("delete from rechecks where due_at is null and changed_since_at < ?", before)
            gone["outbox"] = self._write(f"delete from outbox where settled_at < ? and not {_STILL_TO_LEAVE}", before)
        return {table: rows for table, rows in gone.items() if rows}

    def status(self) -> ConversationStatus:
        """Count what there is, for the operator."""
        states = self._counts("select coalesce(paused_for, ''), count(*) from chats group by 1 order by 1")
        return ConversationStatus(
            active=states.pop("", 0),
            paused=states,
            sent=self._counts("select kind, count(*) from sent group by kind order by kind"),
            feedback=self._counts("select verdict, count(*) from feedback group by verdict order by verdict"),
            outbox=self._counts("select state, count(*) from outbox group by state order by state"),
        )

    def _counts(self, sql: str) -> dict[str, int]:
        return {str(name): as_int(count) for name, count in self._rows(sql)}

    def integrity(self) -> tuple[str, ...]:
        """Return what SQLite finds wrong with the file; empty when sound."""
        findings = [str(row[0]) for row in self._rows("pragma integrity_check") if row[0] != "ok"]
        findings += [f"broken reference in {row[0]} row {row[1]}" for row in self._rows("pragma foreign_key_check")]
        return tuple(f"{self.path}: {finding}" for finding in findings)


def _chosen(chat_id: int | None, user_id: int | None) -> tuple[Mapping[str, str], ...]:
    return (*((_OF_CHAT,) if chat_id is not None else ()), *((_OF_PERSON,) if user_id is not None else ()))


def _readable(name: str, value: object) -> object:
    """Write a moment as people read it; the column's name tells which is one."""
    return from_us(as_int(value)).isoformat() if name.endswith("_at") and value is not None else value
