"""The part of bot.db that knows what was taken back, of which updates, and what of each message was told to be.

A recheck is one update whose quotes may no longer hold; it goes through the messages that quote it page by page, so
that a crash loses no page and repeats none. How often a source changes one update is counted with it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.deliveries import Planned, Rendered, State, Urgency
from bot.planning import Planning, read_buttons
from bot.records import Quoted, Sent, SentKind
from bot.tables import as_int, as_moment, from_us, to_us
from bot.types import Buttons
from index import Affected

FOLLOWER = "corrections"
# A chat gets a word about one update once in so long; an update that changes oftener than so in that time rests.
AT_MOST_EVERY = timedelta(hours=1)
RESTLESS = 6
RESTS = timedelta(minutes=10)
# What is being sent has arrived, or has not, by then.
SHORTLY = timedelta(minutes=1)
TOLD_UNASKED = (SentKind.DIGEST, SentKind.ALERT)
AMENDED = (
    *TOLD_UNASKED, SentKind.ANSWER, SentKind.LATEST, SentKind.FIGURE, SentKind.INLINE, SentKind.GUEST,
    SentKind.CORRECTION,
)  # fmt: skip
_KINDS = ", ".join(f"'{kind.value}'" for kind in AMENDED)
_UNASKED = ", ".join(f"'{kind.value}'" for kind in TOLD_UNASKED)
_OPEN = (State.PENDING, State.RETRY, State.HELD)
_WAITING = """from outbox where sent_id = ? and state in ('pending', 'retry', 'held')
              and edit_message_id is null and edit_inline_id is null"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What has become of the quote at a place of a message. `state` tells one outcome from another.

    `at`: when the source changed it, as far as we know.
    """

    place: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """An update to be held against what we said of it, since `seen_at`. `run_at`: when this went through began.

    `after`: the last message that was dealt with, as `Told.after` has it.
    """

    source: str
    update_id: str
    seen_at: datetime
    run_at: datetime
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPart:
    """A part of a message as it stands in the outbox."""

    part: int
    state: State
    buttons: Buttons


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message that quotes an update, with all it takes to write it again. `shape` is "" for an answer.

    `message_ids`: the platform's, by part; one that may have left lacks its own. `parts`: none where it never was in
    the outbox. `heard`: what its chat was told of its quotes, as states by place. `is_spoken_for`: its chat is told in
    this run already, by way of another message, or a word about the update waits. `told_at`: when its chat last got a
    word, `since`: if it ever did, what it was sent unasked after the message. `after`: where a recheck goes on behind.
    """

    after: str
    sent: Sent
    quotes: tuple[Quoted, ...]
    shape: str
    amendments: tuple[Amendment, ...]
    heard: Mapping[int, str]
    message_ids: Mapping[int, int]
    parts: tuple[SentPart, ...]
    is_spoken_for: bool
    told_at: datetime | None
    since: tuple[Quoted, ...]
    has_more: bool

    @property
    def open_parts(self) -> frozenset[int]:
        """Name the parts that have not left yet, and may be rewritten."""
        return frozenset(part.part for part in self.parts if part.state in _OPEN)


class Word(Enum):
    """Whether a chat is told that a message of it was edited: by a reply, not at all, or once the hour is over."""

    SAID = auto()
    NEEDLESS = auto()
    LATER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is done about one message: what is sent, what is rewritten before it leaves, what of it is amended now.

    `rewritten`: by part, None: it does not leave. `word`: what is known then by whoever was sent it.
    """

    sent: Sent
    update: tuple[str, str]
    amendments: tuple[Amendment, ...]
    restored: tuple[int, ...] = ()
    word: Word = Word.NEEDLESS
    messages: tuple[Planned, ...] = ()
    rewritten: tuple[tuple[int, Rendered | None], ...] = ()


Notice = Callable[[Affected, int], Sequence[Planned]]


class Amendments(Planning):
    """What was taken back."""

    # Which updates are to be looked at

    def follow_changes(
        self, affected: Iterable[Affected], *, was: int | None, seq: int, now: datetime, restless: Notice
    ) -> bool:
        """Note updates whose quotes may no longer hold, and move the follower on from `was` to `seq`; all or nothing.

        Only those that a message quotes. `restless` gives what the operator is told of an update that changes too
        often, once an hour. Returns: False where the follower has moved meanwhile.
        """
        with self._transaction():
            if not self._follow(FOLLOWER, was, seq):
                return False
            for one in affected:
                key = (one.citation.source, one.citation.update_id)
                if not self._rows("select 1 from quotes where source = ? and update_id = ? limit 1", *key):
                    continue
                count = self._count_change(key, now)
                due_at = now if count <= RESTLESS else now + RESTS
                self._recheck(key, seen_at=one.seen_at, due_at=due_at)
                if count == RESTLESS + 1:
                    for message in restless(one, count):
                        self._put(message, now)
            return True

    def _count_change(self, key: tuple[str, str], now: datetime) -> int:
        """Count an update's changes within an hour; returns how many by now."""
        rows = self._rows("select changes, changed_since_at from rechecks where source = ? and update_id = ?", *key)
        count, since = (as_int(rows[0][0]), from_us(as_int(rows[0][1]))) if rows else (0, now)
        if not timedelta(0) <= now - since < AT_MOST_EVERY:
            count, since = 0, now
        self._write(
            """insert into rechecks (source, update_id, seen_at, changes, changed_since_at) values (?, ?, ?, ?, ?)
               on conflict do update set changes = excluded.changes, changed_since_at = excluded.changed_since_at""",
            *key, to_us(now), count + 1, to_us(since),
        )  # fmt: skip
        return count + 1

    def _recheck(self, key: tuple[str, str], *, seen_at: datetime, due_at: datetime) -> None:
        """Begin anew at the first message; one that waits for a while already does not wait longer for it."""
        self._write(
            """update rechecks set seen_at = max(?, iif(due_at is null, 0, seen_at)), after_id = '', run_at = null,
                 due_at = min(?, coalesce(due_at, ?)) where source = ? and update_id = ?""",
            to_us(seen_at), to_us(due_at), to_us(due_at), *key,
        )  # fmt: skip

    def due_rechecks(self, *, now: datetime, limit: int) -> tuple[Recheck, ...]:
        """Return what is to be looked at, the longest due first; a run that was begun goes on as it was begun."""
        rows = self._rows(
            """select source, update_id, seen_at, run_at, after_id from rechecks where due_at <= ?
               order by due_at, source, update_id limit ?""",
            to_us(now),
            limit,
        )
        return tuple(
            Recheck(
                source=str(row[0]),
                update_id=str(row[1]),
                seen_at=from_us(as_int(row[2])),
                run_at=as_moment(row[3]) or now,
                after=str(row[4]),
            )
            for row in rows
        )

    # What we said of it

    def quoting(self, recheck: Recheck, *, limit: int) -> tuple[Told, ...]:
        """Return the next messages that quote an update, with all it takes to write them again.

        By what they say, then by id: so a page costs no more than the messages that say the same as its last one.
        """
        content_id, after = _read_place(recheck.after)
        rows = self._rows(
            f"""select q.content_id, s.id from quotes q indexed by quotes_by_update
                cross join sent s on s.content_id = q.content_id and s.kind in ({_KINDS})
                  and (s.chat_id is not null or s.inline_message_id is not null)
                  and (s.kind <> 'correction' or s.sent_at < ?)
                where q.update_id = ? and q.source = ? and q.content_id >= ? and (q.content_id > ? or s.id > ?)
                  and q.place = (select min(place) from quotes f where f.content_id = q.content_id
                                   and f.update_id = q.update_id and f.source = q.source)
                order by q.content_id, s.id limit ?""",
            to_us(recheck.run_at), recheck.update_id, recheck.source, content_id, content_id, after, limit,
        )  # fmt: skip
        found = ((as_int(row[0]), self.sent(str(row[1]))) for row in rows)
        return tuple(self._told_of(sent, content_id, recheck) for content_id, sent in found if sent is not None)

    def _told_of(self, sent: Sent, content_id: int, recheck: Recheck) -> Told:
        shape = self._rows("select shape from contents where id = ?", content_id)[0][0]
        parts = self._rows(
            """select part, state, buttons from outbox where sent_id = ? and (urgency <> ? or ?)
                 and edit_message_id is null and edit_inline_id is null order by part""",
            sent.id, int(Urgency.CORRECTION), sent.kind is SentKind.CORRECTION,
        )  # fmt: skip
        messages = self._rows("select place, message_id from messages where sent_id = ? order by message_id", sent.id)
        heard = self._rows("select place, told_state from amendments where sent_id = ? and told_state <> ''", sent.id)
        is_spoken_for, told_at = self._words(sent, recheck)
        return Told(
            after=f"{content_id} {sent.id}",
            sent=sent,
            quotes=self.quotes(sent.id),
            shape=str(shape),
            amendments=self.amendments(sent.id),
            heard={as_int(place): str(state) for place, state in heard},
            message_ids={as_int(part): as_int(message_id) for part, message_id in messages},
            parts=tuple(
                SentPart(part=as_int(row[0]), state=State(str(row[1])), buttons=read_buttons(str(row[2])))
                for row in parts
            ),
            is_spoken_for=is_spoken_for or (told_at is not None and self._is_about_to_be_told(sent, recheck)),
            told_at=told_at,
            since=() if told_at is None else self._sent_since(sent),
            has_more=self.pending_count(sent.id) > 0,
        )

    def _words(self, sent: Sent, recheck: Recheck) -> tuple[bool, datetime | None]:
        """Return whether in this run a chat, or a topic of it, got a word about another message, and the last before.

        Read from the few messages of the chat: an update that went to thousands has as many amendments.
        """
        rows = self._rows(
            """select max(a.told_at = ?1 and s.thread_id is ?2 and s.id <> ?3),
                 max(iif(a.told_at <> ?1, a.told_at, null))
               from sent s cross join amendments a on a.sent_id = s.id
               where a.update_id = ?4 and a.source = ?5 and s.chat_id = ?6 and a.told_at is not null""",
            to_us(recheck.run_at), sent.thread_id, sent.id, recheck.update_id, recheck.source, sent.chat_id,
        )  # fmt: skip
        return bool(rows[0][0]), as_moment(rows[0][1])

    def _is_about_to_be_told(self, sent: Sent, recheck: Recheck) -> bool:
        """Tell whether a word about the update still waits: it is corrected itself before it leaves."""
        rows = self._rows(
            """select 1 from outbox o join sent s on s.id = o.sent_id join quotes q on q.content_id = s.content_id
               where o.chat_id = ? and o.thread_id is ? and o.state in ('pending', 'retry', 'held')
                 and o.edit_message_id is null and s.kind = 'correction'
                 and q.update_id = ? and q.source = ? and s.id <> ? limit 1""",
            sent.chat_id, sent.thread_id, recheck.update_id, recheck.source, sent.id,
        )  # fmt: skip
        return bool(rows)

    def _sent_since(self, sent: Sent) -> tuple[Quoted, ...]:
        """Return what a chat, or a topic of it, was sent unasked after a message."""
        return self._quotes_of(
            f"select id from sent where chat_id = ? and thread_id is ? and sent_at > ? and kind in ({_UNASKED})",
            sent.chat_id, sent.thread_id, to_us(sent.at),
        )  # fmt: skip

    def amendments(self, sent_id: str) -> tuple[Amendment, ...]:
        """Return what a message has been told to be corrected, by place; what was restored since is left out."""
        rows = self._rows(
            "select place, state, corrected_at from amendments where sent_id = ? and state <> '' order by place",
            sent_id,
        )
        return tuple(Amendment(place=as_int(row[0]), state=str(row[1]), at=from_us(as_int(row[2]))) for row in rows)

    def amended_lately(
        self, chat_id: int, thread_id: int | None, *, limit: int
    ) -> tuple[tuple[Sent, Quoted, Amendment], ...]:
        """Return what was taken back of what we said in a chat, or a topic of it; newest first, an update once."""
        rows = self._rows(
            """select a.sent_id, a.place, max(a.amended_at) from amendments a join sent s on s.id = a.sent_id
               where s.chat_id = ? and s.thread_id is ? and a.state <> ''
               group by a.source, a.update_id order by max(a.amended_at) desc limit ?""",
            chat_id, thread_id, limit,
        )  # fmt: skip
        found = []
        for sent_id, place, _ in rows:
            sent = self.sent(str(sent_id))
            amendment = next((one for one in self.amendments(str(sent_id)) if one.place == place), None)
            if sent is not None and amendment is not None:
                found.append((sent, self.quotes(sent.id)[amendment.place], amendment))
        return tuple(found)

    # What is done about it

    def plan_corrections(
        self, corrections: Iterable[Correction], recheck: Recheck, *, after: str, again_at: datetime | None,
        is_last: bool, now: datetime,
    ) -> bool:  # fmt: skip
        """Put corrections into the outbox and move their recheck on, all or nothing.

        `after`: the last message of this page. `again_at`: when the update must be looked at anew for some of them,
        None: for none; `is_last`: no page follows. Returns: False where the recheck has begun anew meanwhile; then
        nothing is done.
        """
        key = (recheck.source, recheck.update_id)
        with self._transaction():
            held = self._rows(
                """select 1 from rechecks where source = ? and update_id = ? and due_at <= ? and after_id = ?
                     and coalesce(run_at, ?) = ?""",
                *key, to_us(now), recheck.after, to_us(recheck.run_at), to_us(recheck.run_at),
            )  # fmt: skip
            if not held:
                return False
            bodies: dict[Rendered, int] = {}
            left = [one for one in corrections if not self._correct(one, recheck, now, bodies)]
            again = [at for at in (again_at, now + SHORTLY if left else None) if at is not None]
            self._write(
                """update rechecks set run_at = ?, after_id = ?, again_at = coalesce(min(again_at, ?), again_at, ?)
                   where source = ? and update_id = ?""",
                to_us(recheck.run_at), after, *2 * (_us(min(again, default=None)),), *key,
            )  # fmt: skip
            if is_last:
                self._write(
                    """update rechecks set due_at = again_at, again_at = null, run_at = null, after_id = ''
                       where source = ? and update_id = ?""",
                    *key,
                )
            return True

    def _correct(self, one: Correction, recheck: Recheck, now: datetime, bodies: dict[Rendered, int]) -> bool:
        """Do what is to be done about a message; False, and nothing, where what was to be rewritten leaves just now."""
        if not self._rows("select 1 from sent where id = ?", one.sent.id):
            return True  # forgotten meanwhile
        waiting = {as_int(row[0]) for row in self._rows(f"select part {_WAITING}", one.sent.id)}
        if not {part for part, _ in one.rewritten} <= waiting:
            return False
        restored = tuple(Amendment(place=place, state="", at=now) for place in one.restored)
        for amendment in (*one.amendments, *restored):
            self._write(
                """insert into amendments (sent_id, place, source, update_id, state, corrected_at, amended_at)
                   values (?, ?, ?, ?, ?, ?, ?) on conflict do update set state = excluded.state,
                     corrected_at = excluded.corrected_at, amended_at = excluded.amended_at""",
                one.sent.id, amendment.place, *one.update, amendment.state, to_us(amendment.at), to_us(recheck.run_at),
            )  # fmt: skip
        if one.word is not Word.LATER:
            self._write(
                """update amendments set told_state = state, told_at = coalesce(?, told_at)
                   where sent_id = ? and source = ? and update_id = ?""",
                to_us(recheck.run_at) if one.word is Word.SAID else None, one.sent.id, *one.update,
            )  # fmt: skip
        for part, body in one.rewritten:
            self._rewrite(one.sent.id, part, body, bodies)
        for message in one.messages:
            self._put(message, now)
        return True

    def _rewrite(self, sent_id: str, part: int, body: Rendered | None, bodies: dict[Rendered, int]) -> None:
        """Let a part that has not left say something else, or nothing, whoever else is to be sent what it said."""
        if body is None:
            self._write(f"delete {_WAITING} and part = ?", sent_id, part)
            return
        for (number,) in self._rows(f"select id {_WAITING} and part = ?", sent_id, part):
            self._write("update outbox set body_id = ? where id = ?", self._body(body, bodies), number)


def _read_place(after: str) -> tuple[int, str]:
    """Read which message a recheck has come to: the number of what it says, and its id."""
    content_id, _, sent_id = after.partition(" ")
    return int(content_id or 0), sent_id


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)
