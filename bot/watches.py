"""The part of bot.db that knows saved questions: whom they alert, how often at most, how often they have.

A watch's vector is the encoder's, kept so that ten thousand of them are one matrix; which encoder's is kept beside it.
Its candidates are the updates that it is still to be asked about, or that wait until it may alert.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.subscriptions import PausedFor
from bot.tables import UNSAID, Tables, as_int, as_int_or_none, as_moment, as_text, fresh_key, from_us, storable, to_us

CAP_PER_DAY, GAP_S = 5, 600
# No more candidates of a watch are kept than this, the newest.
_CANDIDATES = 32
_AWAKE = """paused_for is null
            and not exists (select 1 from chats c where c.chat_id = watches.chat_id and c.paused_for is not null)"""
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
    cap_per_day: int = CAP_PER_DAY
    gap_s: int = GAP_S
    paused_for: PausedFor | None = None
    fired: int = 0
    fired_on: date | None = None
    fired_that_day: int = 0
    fired_at: datetime | None = None

    def is_spent(self, day: date) -> bool:
        """Tell whether it has alerted as often as it may on the chat's local `day`."""
        return self.fired_on == day and self.fired_that_day >= self.cap_per_day

    def rests_until(self, now: datetime) -> datetime:
        """Return when the gap after the last alert ends, `now` where it has."""
        if self.fired_at is None or now < self.fired_at:  # a clock that was set back holds nothing up
            return now
        return max(self.fired_at + timedelta(seconds=self.gap_s), now)

    def may_fire(self, *, now: datetime, day: date) -> bool:
        """Tell whether cap and gap leave room for an alert now, which is on the chat's local `day`."""
        return self.paused_for is None and not self.is_spent(day) and self.rests_until(now) == now


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A watch and the updates that it is to be asked about now."""

    watch: Watch
    updates: tuple[int, ...]


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
        cap_per_day: int = CAP_PER_DAY,
        gap_s: int = GAP_S,
        updates: Iterable[int] = (),
    ) -> Watch:
        """Save a question, which is to be asked about these updates first."""
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
            self._note_candidates([(watch.id, tuple(updates))], due_at=now)
        return watch

    def watch(self, watch_id: str) -> Watch | None:
        """Return a watch, None where there is none."""
        rows = self._rows(f"select {_COLUMNS} from watches where id = ?", watch_id)
        return _read(rows[0]) if rows else None

    def watches(self, chat_id: int) -> tuple[Watch, ...]:
        """Return a chat's watches, oldest first, those that rest too."""
        rows = self._rows(f"select {_COLUMNS} from watches where chat_id = ? order by created_at, id", chat_id)
        return tuple(_read(row) for row in rows)

    def watch_vectors(self, encoder: str) -> tuple[tuple[str, bytes], ...]:
        """Return id and vector of every watch that does not rest, in chats where we may speak, of one encoder's."""
        rows = self._rows(f"select id, vector from watches where encoder = ? and {_AWAKE} order by id", encoder)
        return tuple((str(row[0]), row[1]) for row in rows if isinstance(row[1], bytes))

    def unencoded_watches(self, encoder: str, *, limit: int) -> tuple[Watch, ...]:
        """Return watches that do not rest and have no vector of an encoder's."""
        rows = self._rows(
            f"select {_COLUMNS} from watches where (encoder is null or encoder <> ?) and {_AWAKE} limit ?",
            encoder,
            limit,
        )
        return tuple(_read(row) for row in rows)

    def has_watches(self) -> bool:
        """Tell whether any watch does not rest."""
        return bool(self._rows(f"select 1 from watches where {_AWAKE} limit 1"))

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

    def limit_watch(self, watch_id: str, *, cap_per_day: int, gap_s: int, now: datetime) -> bool:
        """Choose how often a watch may alert; what waits is looked at anew. True where there is one."""
        with self._transaction():
            self._write("update candidates set due_at = ? where watch_id = ?", to_us(now), watch_id)
            return bool(
                self._write("update watches set cap_per_day = ?, gap_s = ? where id = ?", cap_per_day, gap_s, watch_id)
            )

    def delete_watch(self, watch_id: str) -> bool:
        """Delete a watch; what of it has not left yet stays here, and its words go. True where there was one."""
        with self._transaction():
            # An alert is a message of its own: what it says is nobody else's.
            self._write(
                """update contents set shape = '' where id in
                     (select s.content_id from outbox o join sent s on s.id = o.sent_id where o.watch_id = ?)""",
                watch_id,
            )
            self._drop_unsaid("watch_id = ?", watch_id, over=UNSAID)
            return bool(self._write("delete from watches where id = ?", watch_id))

    # Candidates

    def due_candidates(self, *, now: datetime, limit: int) -> tuple[Due, ...]:
        """Return watches that are to be asked now, longest due first, each with all of its candidates.

        Those of watches that rest, and of chats where we may not speak, are forgotten: nobody was to be alerted.
        """
        with self._transaction():
            rows = self._rows(
                """select watch_id from candidates where due_at <= ?
                   group by watch_id order by min(due_at), watch_id limit ?""",
                to_us(now),
                limit,
            )
            found = [self._due(str(row[0])) for row in rows]
            return tuple(one for one in found if one is not None)

    def _due(self, watch_id: str) -> Due | None:
        found = self._rows(f"select {_COLUMNS} from watches where id = ? and {_AWAKE}", watch_id)
        if not found:
            self._write("delete from candidates where watch_id = ?", watch_id)
            return None
        rows = self._rows("select update_no from candidates where watch_id = ? order by update_no", watch_id)
        return Due(watch=_read(found[0]), updates=tuple(as_int(row[0]) for row in rows))

    def _note_candidates(self, near: Iterable[tuple[str, tuple[int, ...]]], *, due_at: datetime) -> None:
        """Note of watches that are still there what they are to be asked about; of very much, the newest."""
        pairs = list(near)
        self._write_many(
            """insert into candidates select id, ?, ? from watches where id = ?
               on conflict do update set due_at = min(due_at, excluded.due_at)""",
            [(number, to_us(due_at), watch_id) for watch_id, updates in pairs for number in updates],
        )
        self._write_many(
            """delete from candidates where watch_id = ?1 and update_no <=
                 (select update_no from candidates where watch_id = ?1 order by update_no desc limit 1 offset ?2)""",
            [(watch_id, _CANDIDATES) for watch_id, _ in pairs],
        )

    def _hold_candidates(self, watch_id: str, updates: Iterable[int], *, until: datetime) -> None:
        self._write(
            """update candidates set due_at = ? where watch_id = ? and update_no in (select value from json_each(?))""",
            to_us(until),
            watch_id,
            json.dumps(list(updates)),
        )

    def _drop_candidates(self, watch_id: str, updates: Iterable[int]) -> int:
        return self._write(
            "delete from candidates where watch_id = ? and update_no in (select value from json_each(?))",
            watch_id,
            json.dumps(list(updates)),
        )


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
