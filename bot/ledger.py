"""The part of bot.db that knows what we said: each message, the revisions it quoted, and what "More" has left to show.

Holds spans and hashes, never a quote's text and never a question.
"""

import hashlib
import json
from collections.abc import Sequence

from bot.records import Claim, Draft, Quoted, Sent, SentKind
from bot.tables import Tables, as_int, as_int_or_none, as_text, from_us, is_key, serial_key, storable, to_us
from index import Span

_SENT = "id, kind, chat_id, thread_id, inline_message_id, user_id, language, zone, sent_at"
_QUOTED = 'place, source, update_id, update_no, revision, start, "end", text_hash, label'


class Ledger(Tables):
    """What was sent and what it quoted."""

    def keep_sent(self, draft: Draft) -> Sent:
        """Write a message down before it is sent, with its quotes; gives it its id.

        Before, so that a button pressed at once is known, and a crash leaves at most a row of a message nobody saw.
        """
        with self._transaction():
            return self._keep_sent(draft)

    def _keep_sent(self, draft: Draft) -> Sent:
        (sent_id,) = self._keep_drafts([draft])
        return Sent(
            id=sent_id,
            kind=draft.kind,
            at=draft.at,
            chat_id=draft.chat_id,
            thread_id=draft.thread_id,
            message_ids=(),
            inline_message_id=None,
            asked_by=draft.asked_by,
            language=draft.language,
            zone=draft.zone,
        )

    def _keep_drafts(self, drafts: Sequence[Draft]) -> list[str]:
        """Write many down at once; returns their ids, in order."""
        first = self._number("select max(rowid) from sent") + 1
        kept = [(serial_key(first + n), draft) for n, draft in enumerate(drafts)]
        # A morning's digests are a few texts sent to many.
        contents = {_content_key(one): one for one in drafts}
        shared = {key: self._keep_content(one) for key, one in contents.items()}
        self._write_many(
            f"insert into sent ({_SENT}, content_id, mark) values (?, ?, ?, ?, null, ?, ?, ?, ?, ?, ?)",
            [
                (sent_id, one.kind.value, one.chat_id, one.thread_id, one.asked_by, one.language, one.zone,
                 to_us(one.at), *shared[_content_key(one)])
                for sent_id, one in kept
            ],
        )  # fmt: skip
        self._keep_quotes(
            "pending_quotes (sent_id", [(sent_id, *row) for sent_id, one in kept for row in _columns(one.pending)]
        )
        return [sent_id for sent_id, _ in kept]

    def _keep_content(self, draft: Draft) -> tuple[int | None, int]:
        """Write down what a message says; returns its number, None where that is nothing to keep, and its mark."""
        rows, shape = _columns(draft.quotes), storable(draft.shape)
        if not rows and not shape:
            return None, _mark(rows)
        content_id = as_int(self._connection.execute("insert into contents (shape) values (?)", (shape,)).lastrowid)
        self._keep_quotes("quotes (content_id", [(content_id, *row) for row in rows])
        return content_id, _mark(rows)

    def _keep_quotes(self, whose: str, rows: Sequence[tuple[object, ...]]) -> None:
        self._write_many(f"insert into {whose}, {_QUOTED}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def note_messages(self, sent_id: str, chat_id: int, message_ids: Sequence[int]) -> None:
        """Learn which messages of the platform it became, in order. One that is forgotten meanwhile stays so."""
        with self._transaction():
            if not self._write("update sent set chat_id = ? where id = ?", chat_id, sent_id):
                return
            for place, message_id in enumerate(message_ids):
                # A chat that began to count anew reuses ids: the newest message is the one that is meant.
                self._write("insert or replace into messages values (?, ?, ?, ?)", chat_id, message_id, sent_id, place)
            self._look_again(sent_id)

    def note_inline(self, sent_id: str, inline_message_id: str) -> None:
        """Learn the platform's id of a message that was sent by way of a reader."""
        with self._transaction():
            self._write("update sent set inline_message_id = ? where id = ?", inline_message_id, sent_id)
            self._look_again(sent_id)

    def _look_again(self, sent_id: str) -> None:
        """Let what was taken back while a message was on its way be looked at once more: it left as it was written."""
        self._write("delete from amendments where sent_id = ?", sent_id)
        self._write(
            """update rechecks set due_at = min(coalesce(due_at, seen_at), seen_at),
                 again_at = iif(run_at is null, again_at, seen_at)
               where seen_at >= (select sent_at from sent where id = ?1)
                 and (source, update_id) in (select q.source, q.update_id from quotes q
                                            join sent s on s.content_id = q.content_id where s.id = ?1)""",
            sent_id,
        )

    def drop_sent(self, sent_id: str) -> None:
        """Forget a message that certainly did not leave."""
        with self._transaction():
            self._write("delete from sent where id = ?", sent_id)

    def sent(self, sent_id: str) -> Sent | None:
        """Return a message by its id, None where there is none (any more)."""
        return self._one_sent("id = ?", sent_id) if is_key(sent_id) else None

    def sent_by_message(self, chat_id: int, message_id: int) -> Sent | None:
        """Return the message that a message of the platform is (part of)."""
        return self._one_sent(
            "id = (select sent_id from messages where chat_id = ? and message_id = ?)", chat_id, message_id
        )

    def last_quoting(self, chat_id: int, user_id: int) -> Sent | None:
        """Return the newest message for this person in this chat that quoted something."""
        return self._one_sent(
            """chat_id = ? and user_id = ? and exists (select 1 from quotes q where q.content_id = sent.content_id)
               order by +sent_at desc, id desc limit 1""",
            chat_id,
            user_id,
        )

    def _one_sent(self, condition: str, *parameters: object) -> Sent | None:
        found = self._sent(condition, *parameters)
        return found[0] if found else None

    def _sent(self, condition: str, *parameters: object) -> tuple[Sent, ...]:
        rows = self._rows(
            f"""select {_SENT}, (select json_group_array(message_id) from
                  (select message_id from messages where sent_id = sent.id order by place))
                from sent where {condition}""",
            *parameters,
        )
        return tuple(_read_sent(row) for row in rows)

    # Quotes

    def quotes(self, sent_id: str) -> tuple[Quoted, ...]:
        """Return what a message quoted, in order."""
        rows = self._rows(
            f"""select {_QUOTED} from quotes where content_id = (select content_id from sent where id = ?)
                order by place""",
            sent_id,
        )
        return tuple(_read_quoted(row) for row in rows)

    def _quotes_of(self, chosen: str, *parameters: object) -> tuple[Quoted, ...]:
        """Return what messages quoted that a query chooses by their ids, oldest first."""
        rows = self._rows(
            f"select {_QUOTED} from sent s join quotes q on q.content_id = s.content_id where s.id in ({chosen}) "
            "order by s.sent_at, s.id, place",
            *parameters,
        )
        return tuple(_read_quoted(row) for row in rows)

    # More

    def pending_count(self, sent_id: str) -> int:
        """Count what "More" has left to show of a message."""
        return self._number("select count(*) from pending_quotes where sent_id = ? and not claimed", sent_id)

    def claim_more(self, sent_id: str, n: int) -> Claim:
        """Take the next `n` quotes for one "More"; two presses never get the same.

        Whoever cannot send them gives them back (`give_back`); who sends them writes them down as a message.
        """
        with self._transaction():
            rows = self._rows(
                f"select {_QUOTED} from pending_quotes where sent_id = ? and not claimed order by place limit ?",
                sent_id,
                max(n, 0),
            )
            for row in rows:
                self._write("update pending_quotes set claimed = 1 where sent_id = ? and place = ?", sent_id, row[0])
            left = self.pending_count(sent_id)
        return Claim(
            quotes=tuple(_read_quoted(row) for row in rows), places=tuple(as_int(row[0]) for row in rows), left=left
        )

    def give_back(self, sent_id: str, claim: Claim) -> None:
        """Undo a claim whose quotes certainly did not leave."""
        with self._transaction():
            for place in claim.places:
                self._write("update pending_quotes set claimed = 0 where sent_id = ? and place = ?", sent_id, place)


def _read_sent(row: tuple[object, ...]) -> Sent:
    return Sent(
        id=str(row[0]),
        kind=SentKind(str(row[1])),
        chat_id=as_int_or_none(row[2]),
        thread_id=as_int_or_none(row[3]),
        inline_message_id=as_text(row[4]),
        asked_by=as_int_or_none(row[5]),
        language=str(row[6]),
        zone=str(row[7]),
        at=from_us(as_int(row[8])),
        message_ids=tuple(json.loads(str(row[9]))),
    )


def _content_key(draft: Draft) -> tuple[int, str]:
    """Tell apart what drafts say that are written together; what many are told is one object for all of them."""
    return id(draft.quotes), draft.shape


def _columns(quotes: Sequence[Quoted]) -> list[tuple[object, ...]]:
    return [
        (place, one.source, one.update_id, one.update_no, one.revision, one.span.start, one.span.end, one.text_hash,
         one.label)
        for place, one in enumerate(quotes)
    ]  # fmt: skip


def _mark(rows: Sequence[tuple[object, ...]]) -> int:
    """Return a number of 63 bits that is the same where the same was quoted."""
    return int.from_bytes(hashlib.sha256(repr(rows).encode()).digest()[:8]) >> 1


def _read_quoted(row: tuple[object, ...]) -> Quoted:
    _, source, update_id, update_no, revision, start, end, digest, label = row
    return Quoted(
        source=str(source),
        update_id=str(update_id),
        update_no=as_int(update_no),
        revision=as_int(revision),
        span=Span(start=as_int(start), end=as_int(end)),
        text_hash=str(digest),
        label=str(label),
    )
