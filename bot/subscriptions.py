"""The part of bot.db that knows who wants a digest and when, and what a chat wants to be told of unasked.

The clock decides when a digest is due, the archive's seq what it holds: so a clock that is set loses and doubles
nothing. What is due becomes a digest in `bot.planning`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.schedule import Days, Quiet, Rhythm, due_after_change, next_due, strayed
from bot.tables import UNSAID, Tables, as_int, as_int_or_none, as_text, fresh_key, from_us, storable, to_us

# No rhythm is due later than this after a right clock's now.
_LONGEST = timedelta(days=5)
_COLUMNS = """s.id, s.chat_id, s.thread_id, s.local_time, s.zone, s.days, s.topics, s.length, s.empty_day, s.picture,
              s.paused_for, s.window_no, s.window_since_at, s.seq, s.next_due_at, s.created_at"""


class Length(StrEnum):
    """How much a digest holds at most."""

    SHORT = "short"
    STANDARD = "standard"
    LONG = "long"


class EmptyDay(StrEnum):
    """What is sent where there is nothing to tell."""

    SILENT = "silent"
    LINE = "line"


class PausedFor(StrEnum):
    """Why a subscription or a watch rests: somebody asked for it, or its topic is closed."""

    ASKED = "asked"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestChoice:
    """What a chat chose of its digest; no topics: all."""

    rhythm: Rhythm
    topics: tuple[str, ...] = ()
    length: Length = Length.STANDARD
    empty_day: EmptyDay = EmptyDay.SILENT
    picture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A digest for a chat, or a topic of its forum. Digest number `window_no` + 1 begins at `window_since`.

    `seq`: the last change of the archive that an earlier digest has taken in.
    """

    id: str
    chat_id: int
    choice: DigestChoice
    window_since: datetime
    seq: int
    next_due_at: datetime
    created_at: datetime
    window_no: int = 0
    thread_id: int | None = None
    paused_for: PausedFor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What a chat wants to be told unasked: whether corrections of what was said, and in which hours nothing."""

    corrections: bool = True
    quiet: Quiet | None = None


class Subscriptions(Tables):
    """Who is sent a digest."""

    def subscribe(
        self, chat_id: int, choice: DigestChoice, *, now: datetime, seq: int, thread_id: int | None = None
    ) -> Subscription:
        """Begin a subscription: its first window begins now, behind the archive's change `seq`."""
        choice = replace(choice, topics=tuple(storable(topic) for topic in choice.topics))
        subscription = Subscription(
            id=fresh_key(),
            chat_id=chat_id,
            thread_id=thread_id,
            choice=choice,
            window_since=now,
            seq=seq,
            next_due_at=next_due(choice.rhythm, now),
            created_at=now,
        )
        with self._transaction():
            self._write(
                """insert into subscriptions (id, chat_id, thread_id, local_time, zone, days, topics, length, empty_day,
                     picture, created_at, window_since_at, seq, next_due_at)
                   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                subscription.id, chat_id, thread_id, *_chosen(choice), to_us(now), to_us(now), seq,
                to_us(subscription.next_due_at),
            )  # fmt: skip
        return subscription

    def change_subscription(self, subscription_id: str, choice: DigestChoice, *, now: datetime) -> Subscription | None:
        """Choose anew; the window that has begun goes on. None where there is no such subscription (any more)."""
        choice = replace(choice, topics=tuple(storable(topic) for topic in choice.topics))
        with self._transaction():
            held = self.subscription(subscription_id)
            if held is None:
                return None
            due_at = due_after_change(choice.rhythm, window_since=held.window_since, now=now)
            self._write(
                """update subscriptions set local_time = ?, zone = ?, days = ?, topics = ?, length = ?, empty_day = ?,
                     picture = ?, next_due_at = ? where id = ?""",
                *_chosen(choice), to_us(due_at), subscription_id,
            )  # fmt: skip
        return replace(held, choice=choice, next_due_at=due_at)

    def subscription(self, subscription_id: str) -> Subscription | None:
        """Return a subscription, None where there is none."""
        rows = self._rows(f"select {_COLUMNS} from subscriptions s where s.id = ?", subscription_id)
        return _read(rows[0]) if rows else None

    def subscriptions(self, chat_id: int) -> tuple[Subscription, ...]:
        """Return a chat's subscriptions, oldest first, those of its topics too."""
        rows = self._rows(
            f"select {_COLUMNS} from subscriptions s where s.chat_id = ? order by s.created_at, s.id", chat_id
        )
        return tuple(_read(row) for row in rows)

    def due_subscriptions(
        self, *, now: datetime, limit: int, after: Subscription | None = None
    ) -> tuple[Subscription, ...]:
        """Return what is due in chats where we may speak, longest due first; `after`: the last one that was seen."""
        since, last = (to_us(after.next_due_at), after.id) if after else (-(1 << 62), "")
        rows = self._rows(
            f"""select {_COLUMNS} from subscriptions s indexed by subscriptions_by_due
                left join chats c on c.chat_id = s.chat_id
                where s.paused_for is null and s.next_due_at <= ? and (s.next_due_at, s.id) > (?, ?)
                  and c.paused_for is null
                order by s.next_due_at, s.id limit ?""",
            to_us(now), since, last, limit,
        )  # fmt: skip
        # Most have chosen the same: each choice is read once.
        choices: dict[tuple[object, ...], DigestChoice] = {}
        return tuple(_read(row, choices) for row in rows)

    def pause_subscription(self, subscription_id: str) -> bool:
        """Let a subscription rest; its window stays open. True where that is news."""
        with self._transaction():
            return bool(
                self._write(
                    "update subscriptions set paused_for = ? where id = ? and paused_for is null",
                    PausedFor.ASKED.value,
                    subscription_id,
                )
            )

    def resume_subscription(self, subscription_id: str, *, now: datetime) -> Subscription | None:
        """Go on: one digest for all that was missed, at the next time. None where there is none that rests."""
        with self._transaction():
            held = self.subscription(subscription_id)
            if held is None or held.paused_for is None:
                return None
            due_at = due_after_change(held.choice.rhythm, window_since=held.window_since, now=now)
            self._write(
                "update subscriptions set paused_for = null, next_due_at = ? where id = ?",
                to_us(due_at),
                subscription_id,
            )
        return replace(held, paused_for=None, next_due_at=due_at)

    def unsubscribe(self, subscription_id: str) -> bool:
        """End a subscription; what of it has not left yet stays here. True where there was one."""
        with self._transaction():
            self._drop_unsaid("subscription_id = ?", subscription_id, over=UNSAID)
            return bool(self._write("delete from subscriptions where id = ?", subscription_id))

    def realign_subscriptions(self, *, now: datetime) -> int:
        """Bring back what a clock that was far ahead has put off for days; returns how many."""
        with self._transaction():
            rows = self._rows(
                f"select {_COLUMNS} from subscriptions s where s.paused_for is null and s.next_due_at > ?",
                to_us(now + _LONGEST),
            )
            late = map(_read, rows)
            ahead = [one for one in late if strayed(one.choice.rhythm, next_due_at=one.next_due_at, now=now)]
            for one in ahead:
                self._write(
                    "update subscriptions set next_due_at = ?, window_since_at = min(window_since_at, ?) where id = ?",
                    to_us(next_due(one.choice.rhythm, now)),
                    to_us(now),
                    one.id,
                )
        return len(ahead)

    # What a chat wants to be told

    def notices(self, chat_id: int) -> Notices:
        """Return what a chat wants to be told; what holds where it has not chosen."""
        rows = self._rows("select corrections, quiet from notices where chat_id = ?", chat_id)
        return _read_notices(rows[0]) if rows else Notices()

    def notices_of(self, chat_ids: Iterable[int]) -> Mapping[int, Notices]:
        """Return what each of these chats wants to be told, where it has chosen."""
        rows = self._rows(
            "select chat_id, corrections, quiet from notices where chat_id in (select value from json_each(?))",
            json.dumps(list(chat_ids)),
        )
        return {as_int(row[0]): _read_notices(row[1:]) for row in rows}

    def put_notices(self, chat_id: int, notices: Notices, *, at: datetime) -> None:
        """Keep what a chat wants to be told. What waits in the outbox keeps the quiet hours it was planned with."""
        with self._transaction():
            self._write(
                "insert or replace into notices values (?, ?, ?, ?)",
                chat_id, int(notices.corrections), str(notices.quiet) if notices.quiet else None, to_us(at),
            )  # fmt: skip


def _read_notices(row: tuple[object, ...]) -> Notices:
    quiet = as_text(row[1])
    return Notices(corrections=bool(row[0]), quiet=Quiet.read(quiet) if quiet else None)


def _chosen(choice: DigestChoice) -> tuple[object, ...]:
    rhythm = choice.rhythm
    return (
        f"{rhythm.at:%H:%M}",
        rhythm.zone,
        rhythm.days.value,
        json.dumps(choice.topics, ensure_ascii=False),
        choice.length.value,
        choice.empty_day.value,
        int(choice.picture),
    )


def _read(row: tuple[object, ...], choices: dict[tuple[object, ...], DigestChoice] | None = None) -> Subscription:
    known, columns = {} if choices is None else choices, row[3:10]
    if columns not in known:
        known[columns] = _choice(columns)
    return Subscription(
        id=str(row[0]),
        chat_id=as_int(row[1]),
        thread_id=as_int_or_none(row[2]),
        choice=known[columns],
        paused_for=None if row[10] is None else PausedFor(str(row[10])),
        window_no=as_int(row[11]),
        window_since=from_us(as_int(row[12])),
        seq=as_int(row[13]),
        next_due_at=from_us(as_int(row[14])),
        created_at=from_us(as_int(row[15])),
    )


def _choice(columns: tuple[object, ...]) -> DigestChoice:
    clock, zone, days, topics, length, empty_day, picture = columns
    return DigestChoice(
        rhythm=Rhythm(at=time.fromisoformat(str(clock)), zone=str(zone), days=Days(str(days))),
        topics=tuple(json.loads(str(topics))),
        length=Length(str(length)),
        empty_day=EmptyDay(str(empty_day)),
        picture=bool(picture),
    )
