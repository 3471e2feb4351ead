"""The part of bot.db that holds the outbox: what may leave next, what became of it, what a crash left open.

Knows the states and no rule: which follows which is decided in `bot.outbox`, and written down here in one transaction.
"""

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import datetime

from bot.deliveries import Delivery, Edit, Rendered, Settlement, State, Trouble, Urgency
from bot.planning import Planning, read_buttons, written_buttons
from bot.schedule import Quiet, sendable_at
from bot.subscriptions import PausedFor
from bot.tables import as_int, as_int_or_none, as_text, from_us, to_us
from bot.types import Buttons

_OPEN = "state in ('pending', 'retry')"
_OVER = "'dead'"
_DELIVERY = """
    select o.id, o.chat_id, o.thread_id, o.urgency, o.part, b.html, b.plain, o.buttons, o.due_at, o.tries, o.reply_to,
      o.sent_id, o.edit_message_id, o.edit_inline_id, i.html, i.plain
    from outbox o join bodies b on b.id = o.body_id left join bodies i on i.id = o.instead_id where o.id = ?"""


class OutboxRows(Planning):
    """The outbox."""

    def claim(self, *, now: datetime, limit: int, busy: Set[object] = frozenset()) -> tuple[Delivery, ...]:
        """Take what leaves now, the most urgent first, then the longest due: at most `limit`, and one for a chat.

        `busy`: the lanes that get nothing now. What quiet hours hold, and what has expired, is put aside.
        """
        if limit < 1:
            return ()
        with self._transaction():
            self._expire(now)
            chosen = self._choose(now, limit, set(busy))
            for number in chosen:
                self._write("update outbox set state = 'sending', tries = tries + 1 where id = ?", number)
            return tuple(map(self._delivery, chosen))

    def _expire(self, now: datetime) -> None:
        """Give up what nobody wants any more; what nobody was told leaves the ledger, as if it had not been said."""
        expired = self._rows(
            f"select id from outbox where {_OPEN} and expires_at is not null and expires_at <= ?", to_us(now)
        )
        for number in (as_int(row[0]) for row in expired):
            self._write(
                "update outbox set state = 'dead', reason = 'expired', settled_at = ? where id = ?", to_us(now), number
            )
            self._drop_unsaid("id = ? and edit_message_id is null and edit_inline_id is null", number, over=_OVER)

    def _delivery(self, number: int) -> Delivery:
        delivery = _read(self._rows(_DELIVERY, number)[0])
        picture = self._picture(number)
        return replace(delivery, body=replace(delivery.body, picture=picture)) if picture else delivery

    def _choose(self, now: datetime, limit: int, taken: set[object]) -> list[int]:
        chosen: list[int] = []
        held: dict[int, datetime] = {}
        for number, chat_id, inline_id, quiet in self._ready(now):
            lane = chat_id if chat_id is not None else f"inline {inline_id}"
            if lane in taken:
                continue
            # Only here is it known that it would leave in quiet hours: it may be late.
            until = sendable_at(now, Quiet.read(str(quiet)) if quiet else None)
            if until > now:
                held[as_int(number)] = until
                continue
            taken.add(lane)
            chosen.append(as_int(number))
            if len(chosen) == limit:
                break
        for number, until in held.items():
            self._write("update outbox set due_at = ? where id = ?", to_us(until), number)
        return chosen

    def _ready(self, now: datetime) -> Iterator[tuple[object, ...]]:
        """Go through what is due, as far as it is asked for: there may be a hundred thousand."""
        for urgency in Urgency:
            yield from self._connection.execute(
                f"""select id, chat_id, edit_inline_id, quiet from outbox
                    where {_OPEN} and urgency = ? and due_at <= ? order by due_at, id""",
                (int(urgency), to_us(now)),
            )

    def settle(self, settlement: Settlement) -> bool:
        """Write down what became of an attempt, with all that follows from it; False where it was forgotten.

        The number of what was forgotten may be another's by then.
        """
        one = settlement.delivery
        is_open = settlement.state is State.RETRY
        with self._transaction():
            known = self._write(
                """update outbox set state = ?, due_at = coalesce(?, due_at), settled_at = ?, message_id = ?,
                     reason = ?
                   where id = ? and sent_id is ? and state = 'sending'""",
                settlement.state.value, _us(settlement.due_at), None if is_open else to_us(settlement.at),
                settlement.message_id, settlement.reason, one.id, one.sent_id,
            )  # fmt: skip
            if known and settlement.state is State.SENT:
                self._write("update outbox set body_id = null, instead_id = null where id = ?", one.id)
            if known and settlement.instead:
                self._reply_instead(one)
            if known and is_open and one.edit:
                self._drop_outdated(one, one.edit)
            if known and is_open and settlement.due_at:
                self._hold_later_parts(one, settlement.due_at)
            if one.chat_id is not None:
                self._follow_up(settlement, one.chat_id)
            if settlement.state is State.DEAD and not one.edit:
                self._drop_unsaid("id = ?", one.id, over=_OVER)
        return bool(known)

    def _follow_up(self, settlement: Settlement, chat_id: int) -> None:
        """Do to the chat what the attempt has told of it."""
        one = settlement.delivery
        if settlement.chat_until is not None:
            self._write(
                f"update outbox set due_at = max(due_at, ?) where chat_id = ? and {_OPEN}",
                to_us(settlement.chat_until),
                chat_id,
            )
        if settlement.pause is not None:
            self._pause(chat_id, settlement.pause, at=settlement.at)
        if settlement.topic_closed:
            self._close_topic(chat_id, one.thread_id, settlement)
        if settlement.moved_to is not None:
            self._migrate_chat(chat_id, settlement.moved_to)
        if settlement.message_id is not None and one.sent_id is not None and one.edit is None:
            self._write(
                "insert or replace into messages select ?, ?, id, ? from sent where id = ?",
                settlement.moved_to or chat_id, settlement.message_id, one.part, one.sent_id,
            )  # fmt: skip

    def _drop_outdated(self, one: Delivery, edit: Edit) -> None:
        """Take out an edit that did not arrive and whose message another one was planned for meanwhile."""
        self._write(
            """delete from outbox where id = ?1 and exists (select 1 from outbox newer where newer.sent_id = ?2
                 and newer.id > ?1 and newer.edit_message_id is ?3 and newer.edit_inline_id is ?4)""",
            one.id, one.sent_id, edit.message_id, edit.inline_message_id,
        )  # fmt: skip

    def _hold_later_parts(self, one: Delivery, until: datetime) -> None:
        self._write(
            f"""update outbox set due_at = max(due_at, ?)
                where bundle = (select coalesce(bundle, id) from outbox where id = ?) and part > ? and {_OPEN}""",
            to_us(until),
            one.id,
            one.part,
        )

    def _close_topic(self, chat_id: int, thread_id: int | None, settlement: Settlement) -> None:
        """Let everything rest that would go to a topic."""
        for table in ("subscriptions", "watches"):
            self._write(
                f"update {table} set paused_for = ? where chat_id = ? and thread_id is ? and paused_for is null",
                PausedFor.TOPIC.value,
                chat_id,
                thread_id,
            )
        self._write(
            f"""update outbox set state = 'dead', reason = ?, settled_at = ?
                where chat_id = ? and thread_id is ? and {_OPEN}""",
            settlement.reason, to_us(settlement.at), chat_id, thread_id,
        )  # fmt: skip
        self._drop_unsaid("chat_id = ? and thread_id is ?", chat_id, thread_id, over=_OVER)

    def _reply_instead(self, one: Delivery) -> None:
        """Send a reply for an edit whose message is gone: it is the message from now on."""
        if one.edit is not None and one.edit.message_id is not None:
            self._write("delete from messages where chat_id = ? and message_id = ?", one.chat_id, one.edit.message_id)
        self._write(
            """update outbox set body_id = instead_id, reply_to = edit_message_id, edit_message_id = null,
                 instead_id = null where id = ?""",
            one.id,
        )

    def note_buttons(self, chat_id: int, message_id: int, buttons: Buttons) -> None:
        """Learn which buttons stand under a message by now: whoever edits its words leaves them there."""
        with self._transaction():
            self._write(
                "update outbox set buttons = ? where chat_id = ? and message_id = ?",
                written_buttons(buttons), chat_id, message_id,
            )  # fmt: skip

    def recover(self) -> int:
        """Settle what a crash left in sending, once, before the first claim: it may have arrived.

        An edit is made again, since making it twice is making it once. Returns: how many are uncertain.
        """
        with self._transaction():
            self._write(
                """update outbox set state = 'retry'
                   where state = 'sending' and (edit_message_id is not null or edit_inline_id is not null)"""
            )
            return self._write(
                """update outbox set state = 'uncertain', settled_at = due_at, reason = 'stopped while it was sent'
                   where state = 'sending'"""
            )

    def troubles(self, *, limit: int) -> tuple[Trouble, ...]:
        """Return what died or is uncertain, newest first, at most so many."""
        rows = self._rows(
            """select state, settled_at, chat_id, urgency, reason from outbox indexed by outbox_troubles
               where state in ('dead', 'uncertain') order by settled_at desc, id desc limit ?""",
            limit,
        )
        return tuple(
            Trouble(
                state=State(str(state)),
                at=from_us(as_int(at)),
                chat_id=as_int_or_none(chat_id),
                urgency=Urgency(as_int(urgency)),
                reason=str(reason),
            )
            for state, at, chat_id, urgency, reason in rows
        )


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)


def _read(row: tuple[object, ...]) -> Delivery:
    message_id, inline_id = as_int_or_none(row[12]), as_text(row[13])
    edit = None
    if message_id is not None or inline_id is not None:
        instead = None if row[14] is None else Rendered(html=str(row[14]), plain=str(row[15]))
        edit = Edit(message_id=message_id, inline_message_id=inline_id, instead=instead)
    return Delivery(
        id=as_int(row[0]),
        chat_id=as_int_or_none(row[1]),
        thread_id=as_int_or_none(row[2]),
        urgency=Urgency(as_int(row[3])),
        part=as_int(row[4]),
        body=Rendered(html=str(row[5]), plain=str(row[6])),
        buttons=read_buttons(str(row[7])),
        due_at=from_us(as_int(row[8])),
        tries=as_int(row[9]),
        reply_to=as_int_or_none(row[10]),
        sent_id=as_text(row[11]),
        edit=edit,
    )
