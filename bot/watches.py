"""The part of bot.db that knows saved questions: whom they alert, how often at most, how often they have.

A watch's vector is the encoder's, kept so that ten thousand of them are one matrix; which encoder's is kept beside it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.subscriptions import PausedFor
from bot.tables import Tables, as_int, as_int_or_none, as_moment, as_text, fresh_key, from_us, storable, to_us

_COLUMNS = """id, chat_id, thread_id, user_id, text, encoder, vector, cap_per_day, gap_s, paused_for, created_at, fired,
              fired_on, fired_that_day, fired_at"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A saved question. `vector`: of its text, as the encoder named `encoder` made it; None until then.

    `fired_that_day` is how often it has on the local day `fired_on`.
    """

    id: str
    chat_id: int
    text: str
    created_at: datetime
    thread_id: int | None = None
    user_id: int | None = None
    encoder: str | None = None
    vector: bytes | None = None
    cap_per_day: int = 5
    gap_s: int = 600
    paused_for: PausedFor | None = None
    fired: int = 0
    fired_on: date | None = None
    fired_that_day: int = 0
    fired_at: datetime | None = None

    def may_fire(self, *, now: datetime, day: date) -> bool:
        """Tell whether cap and gap leave room for an alert now, which is on the chat's local `day`."""
        if self.paused_for is not None:
            return False
        if self.fired_on == day and self.fired_that_day >= self.cap_per_day:
            return False
        return self.fired_at is None or not timedelta(0) <= now - self.fired_at < timedelta(seconds=self.gap_s)


class Watches(Tables):
    """Saved questions."""

    def add_watch(
        self,
        chat_id: int,
        text: str,
        *,
        now: datetime,
        thread_id: int | None = None,
        user_id: int | None = None,
        cap_per_day: int = 5,
        gap_s: int = 600,
    ) -> Watch:
        """Save a question."""
        watch = Watch(
            id=fresh_key(),
            chat_id=chat_id,
            text=storable(text),
            created_at=now,
            thread_id=thread_id,
            user_id=user_id,
            cap_per_day=cap_per_day,
            gap_s=gap_s,
        )
        with self._transaction():
            self._write(
                """insert into watches (id, chat_id, thread_id, user_id, text, cap_per_day, gap_s, created_at)
                   values (?, ?, ?, ?, ?, ?, ?, ?)""",
                watch.id, chat_id, thread_id, user_id, watch.text, cap_per_day, gap_s, to_us(now),
            )  # fmt: skip
        return watch

    def watch(self, watch_id: str) -> Watch | None:
        """Return a watch, None where there is none."""
        rows = self._rows(f"select {_COLUMNS} from watches where id = ?", watch_id)
        return _read(rows[0]) if rows else None

    def watches(self, chat_id: int) -> tuple[Watch, ...]:
        """Return a chat's watches, oldest first, those that rest too."""
        rows = self._rows(f"select {_COLUMNS} from watches where chat_id = ? order by created_at, id", chat_id)
        return tuple(_read(row) for row in rows)

    def active_watches(self) -> tuple[Watch, ...]:
        """Return every watch that does not rest, in chats where we may speak."""
        rows = self._rows(
            f"""select {_COLUMNS} from watches where paused_for is null
                and not exists (select 1 from chats c where c.chat_id = watches.chat_id and c.paused_for is not null)
                order by id"""
        )
        return tuple(_read(row) for row in rows)

    def put_watch_vector(self, watch_id: str, *, encoder: str, vector: bytes) -> None:
        """Keep the vector of a watch's text."""
        with self._transaction():
            self._write("update watches set encoder = ?, vector = ? where id = ?", encoder, vector, watch_id)

    def pause_watch(self, watch_id: str) -> bool:
        """Let a watch rest. True where that is news."""
        with self._transaction():
            return bool(
                self._write(
                    "update watches set paused_for = ? where id = ? and paused_for is null",
                    PausedFor.ASKED.value,
                    watch_id,
                )
            )

    def resume_watch(self, watch_id: str) -> bool:
        """Let a watch alert again. True where that is news."""
        with self._transaction():
            return bool(
                self._write("update watches set paused_for = null where id = ? and paused_for is not null", watch_id)
            )

    def delete_watch(self, watch_id: str) -> bool:
        """Delete a watch; what of it has not left yet stays here. True where there was one."""
        with self._transaction():
            return bool(self._write("delete from watches where id = ?", watch_id))


def _read(row: tuple[object, ...]) -> Watch:
    return Watch(
        id=str(row[0]),
        chat_id=as_int(row[1]),
        thread_id=as_int_or_none(row[2]),
        user_id=as_int_or_none(row[3]),
        text=str(row[4]),
        encoder=as_text(row[5]),
        vector=row[6] if isinstance(row[6], bytes) else None,
        cap_per_day=as_int(row[7]),
        gap_s=as_int(row[8]),
        paused_for=None if row[9] is None else PausedFor(str(row[9])),
        created_at=from_us(as_int(row[10])),
        fired=as_int(row[11]),
        fired_on=date.fromisoformat(str(row[12])) if row[12] else None,
        fired_that_day=as_int(row[13]),
        fired_at=as_moment(row[14]),
    )
