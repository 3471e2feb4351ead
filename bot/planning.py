"""The part of bot.db that puts messages into the outbox, each in one transaction with the state change behind it.

So a digest and its window, an alert and its watch, a correction and how far changes were followed are both there or
neither; who plans twice finds that it was done.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from bot.chats import Chats
from bot.deliveries import Planned, Rendered, State
from bot.ledger import Ledger
from bot.outbox_pictures import OutboxPictures
from bot.records import Quoted, SentKind
from bot.schedule import Rhythm, Turn, due_turn, sendable_at
from bot.subscriptions import Subscription, Subscriptions
from bot.tables import as_int, as_int_or_none, from_us, storable, to_us
from bot.types import Buttons, ReplyButton
from bot.watches import Watch, Watches

_UNASKED = ", ".join(f"'{kind.value}'" for kind in (SentKind.DIGEST, SentKind.ALERT, SentKind.CORRECTION))
# How many of our messages to a chat an alert is held against: what is older is news again.
_LATELY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """A digest that is due: the subscription as it was read, its turn, the last change taken in, what to send.

    No message: an empty day that passes in silence; the window moves on all the same.
    """

    subscription: Subscription
    turn: Turn
    seq: int
    message: Planned | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPlan:
    """What came of asking a watch about its candidates `asked`, on the chat's local `day`.

    `message`: what to alert the chat with. `held`: of the updates asked about, those that wait until `until`.
    """

    watch: Watch
    day: date
    asked: tuple[int, ...]
    message: Planned | None = None
    held: tuple[int, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cause:
    """What a message is there for, where it is a digest or an alert."""

    subscription_id: str | None = None
    window_no: int | None = None
    window_until: int | None = None
    watch_id: str | None = None


_NO_CAUSE = _Cause()


class Planning(Chats, Ledger, OutboxPictures, Subscriptions, Watches):
    """What becomes due becomes rows."""

    def plan_digests(self, plans: Iterable[DigestPlan], *, now: datetime) -> int:
        """Put digests into the outbox and move their windows on, all of them or none.

        One whose subscription has changed since it was read is left alone: it was planned already, paused or chosen
        anew; so is one of a chat where we may not speak, whose window stays open. Returns: how many were planned.
        """
        with self._transaction():
            moved = [plan for plan in plans if self._move_window(plan)]
            self._put_all([(plan.message, _cause_of(plan)) for plan in moved if plan.message is not None], now)
        return len(moved)

    def _move_window(self, plan: DigestPlan) -> bool:
        read = plan.subscription
        moved = self._write(
            """update subscriptions set window_no = window_no + 1, window_since_at = ?, seq = ?, next_due_at = ?
               where id = ? and window_no = ? and next_due_at = ? and paused_for is null
                 and not exists (select 1 from chats c where c.chat_id = subscriptions.chat_id
                                   and c.paused_for is not null)""",
            to_us(plan.turn.window_until), plan.seq, to_us(plan.turn.next_due_at), read.id, read.window_no,
            to_us(read.next_due_at),
        )  # fmt: skip
        return bool(moved)

    def told_unasked(self, chat_id: int, thread_id: int | None) -> tuple[Quoted, ...]:
        """Return all that digests, alerts and corrections have quoted to a chat, or a topic of it, oldest first."""
        rows = self._rows(
            f"""select s.id from sent s where s.chat_id = ? and s.thread_id is ? and s.kind in ({_UNASKED})
                order by s.sent_at, s.id""",
            chat_id,
            thread_id,
        )
        return tuple(quote for row in rows for quote in self.quotes(str(row[0])))

    def told_lately(self, chat_id: int, thread_id: int | None) -> tuple[Quoted, ...]:
        """Return what our last messages to a chat, or a topic of it, have quoted: answers too, asked or not."""
        return self._quotes_of(
            "select id from sent where chat_id = ? and thread_id is ? order by sent_at desc, id desc limit ?",
            chat_id,
            thread_id,
            _LATELY,
        )

    def told_marks(self, chat_ids: Iterable[int]) -> Mapping[tuple[int, int | None], str]:
        """Return, of each chat and topic that was told anything unasked, a mark of all of it: the same, the same."""
        rows = self._rows(
            f"""select chat_id, thread_id, group_concat(coalesce(mark, id), ' ') from
                  (select s.chat_id, s.thread_id, s.mark, s.id from sent s
                   where s.chat_id in (select value from json_each(?)) and s.kind in ({_UNASKED})
                   order by s.chat_id, s.thread_id, s.sent_at, s.id)
                group by chat_id, thread_id""",
            json.dumps(list(chat_ids)),
        )
        return {(as_int(chat_id), as_int_or_none(thread_id)): str(mark) for chat_id, thread_id, mark in rows}

    def last_digest(self, subscription_id: str) -> tuple[datetime | None, State | None]:
        """Return when a subscription's last digest left, and how far the one that was planned last has come."""
        rows = self._rows(
            """select (select max(settled_at) from outbox
                   where subscription_id = ?1 and state in ('sent', 'uncertain')),
                 (select state from outbox where subscription_id = ?1 order by id desc limit 1)""",
            subscription_id,
        )
        left, state = rows[0]
        return from_us(as_int(left)) if left is not None else None, State(str(state)) if state is not None else None

    def followed(self, follower: str) -> int | None:
        """Return up to which change of the archive a follower has planned what follows from it; None: none yet."""
        rows = self._rows("select seq from followers where name = ?", follower)
        return as_int(rows[0][0]) if rows else None

    def note_near(
        self, near: Iterable[tuple[str, tuple[int, ...]]], *, follower: str, was: int | None, seq: int, now: datetime
    ) -> bool:
        """Note which watches are to be asked about which updates, and move their follower on, all or nothing.

        Returns: False where the follower has moved meanwhile; then nothing is done.
        """
        with self._transaction():
            if not self._follow(follower, was, seq):
                return False
            self._note_candidates(near, due_at=now)
            return True

    def plan_alerts(self, plans: Iterable[AlertPlan], *, now: datetime) -> int:
        """Put alerts into the outbox, and be done with what was asked but for what is held, all or nothing.

        A watch that may not alert any more keeps its candidates; one whose candidates are gone was planned already.
        Returns: how many were planned.
        """
        with self._transaction():
            return sum(self._plan_alert(plan, now) for plan in plans)

    def _plan_alert(self, plan: AlertPlan, now: datetime) -> bool:
        watch = self.watch(plan.watch.id)
        if watch is None or (plan.message is not None and not watch.may_fire(now=now, day=plan.day)):
            return False
        known = self._drop_candidates(watch.id, set(plan.asked) - set(plan.held))
        if plan.until is not None:
            self._hold_candidates(watch.id, plan.held, until=plan.until)
        if plan.message is None or not known:
            return False
        day = plan.day.isoformat()
        self._write(
            """update watches set fired = fired + 1, fired_at = ?, fired_on = ?,
                 fired_that_day = iif(fired_on = ?, fired_that_day + 1, 1) where id = ?""",
            to_us(now), day, day, watch.id,
        )  # fmt: skip
        self._put(plan.message, now, _Cause(watch_id=watch.id))
        return True

    def _follow(self, follower: str, was: int | None, seq: int) -> bool:
        if self.followed(follower) != was:
            return False
        self._write("insert or replace into followers values (?, ?)", follower, seq)
        return True

    def _put(self, message: Planned, now: datetime, cause: _Cause = _NO_CAUSE) -> None:
        """Write a message down, part by part, and in the ledger."""
        self._put_all([(message, cause)], now)
        # A digest of a chat where we may not speak is not even planned.
        if message.chat_id is not None and cause.subscription_id is None:
            self._hold_if_paused(message.chat_id, now)

    def _put_all(self, messages: Sequence[tuple[Planned, _Cause]], now: datetime) -> None:
        """Write many down at once: what they share is worked out and kept once."""
        drafted = iter(self._keep_drafts([message.draft for message, _ in messages if message.draft]))
        number = self._number("select max(id) from outbox") + 1
        bodies: dict[Rendered, int] = {}
        rows: list[tuple[object, ...]] = []
        for message, cause in messages:
            self._drop_edits(message)
            sent_id = next(drafted) if message.draft else message.sent_id
            rows += self._outbox_rows(message, cause, now, number, sent_id, bodies)
            number += len(message.parts)
        self._write_many(
            """insert into outbox (id, bundle, part, chat_id, thread_id, urgency, planned_at, due_at, expires_at, quiet,
                 body_id, instead_id, buttons, reply_to, edit_message_id, edit_inline_id, sent_id, subscription_id,
                 window_no, window_until_at, watch_id, state)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')""",
            rows,
        )
        self._keep_pictures(messages, rows)

    def _drop_edits(self, message: Planned) -> None:
        """Take out edits of a message where a newer one says all that they do.

        Those that wait would undo it, late; of those that arrived nobody asks any more, and an update that is edited
        often would leave thousands.
        """
        if message.edit is not None:
            self._write(
                """delete from outbox where sent_id = ? and state in ('pending', 'retry', 'held', 'sent')
                     and edit_message_id is ? and edit_inline_id is ?""",
                message.sent_id, message.edit.message_id, message.edit.inline_message_id,
            )  # fmt: skip

    def _keep_pictures(self, messages: Sequence[tuple[Planned, _Cause]], rows: Sequence[tuple[object, ...]]) -> None:
        parts = [part for message, _ in messages for part in message.parts]
        for part, row in zip(parts, rows, strict=True):
            if part.picture:
                self._keep_picture(as_int(row[0]), part.picture)

    def _outbox_rows(
        self, message: Planned, cause: _Cause, now: datetime, first: int, sent_id: str | None,
        bodies: dict[Rendered, int],
    ) -> Iterator[tuple[object, ...]]:  # fmt: skip
        """Give one row a part; the first one's number bundles the others."""
        due_at = to_us(sendable_at(max(message.due_at or now, now), message.quiet))
        edit = message.edit
        for part, body in enumerate(message.parts):
            yield (
                first + part, first if part else None, part, message.chat_id, message.thread_id, int(message.urgency),
                to_us(now), due_at, to_us(message.expires_at) if message.expires_at else None,
                str(message.quiet) if message.quiet else None, self._body(body, bodies),
                self._body(edit.instead, bodies) if edit and edit.instead else None,
                written_buttons(message.buttons if message.buttons and part == message.last_text else ()),
                message.reply_to if part == 0 else None,
                edit.message_id if edit else None, edit.inline_message_id if edit else None,
                None if body.picture else sent_id,
                cause.subscription_id, cause.window_no, cause.window_until, cause.watch_id,
            )  # fmt: skip

    def _body(self, body: Rendered, known: dict[Rendered, int]) -> int:
        """Keep a text, and return its number; of the messages that are written together, the same text once."""
        if body not in known:
            written = self._connection.execute(
                "insert into bodies (html, plain) values (?, ?)", (storable(body.html), storable(body.plain))
            )
            known[body] = as_int(written.lastrowid)
        return known[body]

    def _hold_if_paused(self, chat_id: int, now: datetime) -> None:
        if self._rows("select 1 from chats where chat_id = ? and paused_for is not null", chat_id):
            self._hold(chat_id, now)


def _cause_of(plan: DigestPlan) -> _Cause:
    read = plan.subscription
    return _Cause(subscription_id=read.id, window_no=read.window_no + 1, window_until=to_us(plan.turn.window_until))


def turns_of(due: Iterable[Subscription], *, now: datetime) -> tuple[tuple[Subscription, Turn], ...]:
    """Pair what is due with its turn; of the many that share a rhythm it is worked out once."""
    known: dict[tuple[Rhythm, datetime], Turn | None] = {}
    pairs = []
    for one in due:
        key = (one.choice.rhythm, one.next_due_at)
        if key not in known:
            known[key] = due_turn(one.choice.rhythm, next_due_at=one.next_due_at, now=now)
        if (turn := known[key]) is not None:
            pairs.append((one, turn))
    return tuple(pairs)


def written_buttons(rows: Buttons) -> str:
    """Write buttons as the outbox keeps them."""
    return json.dumps([[asdict(button) for button in row] for row in rows], ensure_ascii=False) if rows else "[]"


def read_buttons(text: str) -> Buttons:
    """Read what `written_buttons` wrote."""
    rows: Sequence[Sequence[dict[str, str]]] = json.loads(text)
    return tuple(tuple(ReplyButton(**button) for button in row) for row in rows)
