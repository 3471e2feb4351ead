"""The part of bot.db behind what a reader can press or open: buttons, feedback, start links.

Keys are short, unguessable and survive a restart. Who gave feedback is kept as a salted hash.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from bot.records import Button, ButtonAction, Feedback, FeedbackVerdict, LinkKind, Presser, StartLink
from bot.tables import (
    Tables,
    as_int,
    as_int_or_none,
    as_moment,
    as_text,
    fresh_key,
    from_us,
    is_key,
    to_us,
)
from index import Citation

_LINK_BYTES = 9
# A message may be forgotten while it is being sent; what belongs to it is then not kept either.
_IS_KNOWN = "? is null or exists (select 1 from sent where id = ?)"


class Buttons(Tables):
    """Buttons by key, feedback by message, links by key."""

    def add_buttons(self, buttons: Iterable[Button]) -> tuple[Button, ...]:
        """Keep buttons; returns them with their keys, of 11 characters."""
        keyed = tuple(replace(button, key=fresh_key()) for button in buttons)
        with self._transaction():
            for button in keyed:
                self._write(
                    f"insert into buttons select ?, ?, ?, ?, ?, ?, ?, ? where {_IS_KNOWN}",
                    button.key, button.sent_id, button.action.value, json.dumps(dict(button.payload)), button.chat_id,
                    button.presser.value, button.user_id, to_us(button.expires_at), button.sent_id, button.sent_id,
                )  # fmt: skip
        return keyed

    def button(self, key: str, *, now: datetime) -> Button | None:
        """Return what a key stands for; None where it is forged, forgotten or expired."""
        rows = self._rows(
            """select key, sent_id, action, payload, chat_id, presser, user_id, expires_at from buttons
               where key = ? and expires_at > ?""",
            key if is_key(key) else "",
            to_us(now),
        )
        return _read_button(rows[0]) if rows else None

    # Feedback

    def give_feedback(
        self, sent_id: str, user_id: int, verdict: FeedbackVerdict, *, at: datetime, place: int | None = None
    ) -> bool:
        """Keep one reader's verdict, with the revision cited at `place`; a second one replaces the first.

        Returns: False where the message is no longer known.
        """
        with self._transaction():
            if not self._rows("select 1 from sent where id = ?", sent_id):
                return False
            self._write(
                """insert into feedback (sent_id, user_hash, place, verdict, given_at, source, update_id, revision)
                   select s.id, ?, q.place, ?, ?, q.source, q.update_id, q.revision
                   from sent s left join quotes q on q.content_id = s.content_id and q.place = ? where s.id = ?
                   on conflict do update set place = excluded.place, verdict = excluded.verdict,
                     given_at = excluded.given_at, source = excluded.source, update_id = excluded.update_id,
                     revision = excluded.revision""",
                self._user_hash(user_id), verdict.value, to_us(at), place, sent_id,
            )  # fmt: skip
            return True

    def has_feedback(self, sent_id: str, user_id: int) -> bool:
        """Tell whether a reader has given a verdict on a message already."""
        by = self._user_hash(user_id)
        return bool(self._rows("select 1 from feedback where sent_id = ? and user_hash = ?", sent_id, by))

    def feedback(self, sent_id: str | None = None) -> tuple[Feedback, ...]:
        """Return the verdicts on a message (None: on all), oldest first."""
        chosen = "" if sent_id is None else "where sent_id = ?"
        rows = self._rows(
            f"""select sent_id, verdict, given_at, place, source, update_id, revision from feedback {chosen}
                order by given_at, sent_id""",
            *(() if sent_id is None else (sent_id,)),
        )
        return tuple(_read_feedback(row) for row in rows)

    def feedback_counts(self) -> Mapping[FeedbackVerdict, int]:
        """Count the verdicts of each kind; kinds without any are absent."""
        return Counter(each.verdict for each in self.feedback())

    def _user_hash(self, user_id: int) -> bytes:
        (salt,) = self._rows("select salt from salt")[0]
        return hashlib.blake2b(str(user_id).encode(), key=salt, digest_size=16).digest()  # type: ignore[arg-type]

    # Start links

    def link_updates(self, citations: Sequence[Citation]) -> tuple[str, ...]:
        """Return the key of each cited update's link, in order: the same for ever, also in another bot.db."""
        keys = tuple(_update_key(cited.source, cited.update_id) for cited in citations)
        with self._transaction():
            for key, cited in zip(keys, citations, strict=True):
                self._write(
                    """insert into update_links values (?, ?, ?, ?) on conflict do update
                       set update_no = excluded.update_no where update_no <> excluded.update_no""",
                    key, cited.source, cited.update_id, cited.update_no,
                )  # fmt: skip
        return keys

    def add_link(
        self,
        kind: LinkKind,
        *,
        chat_id: int,
        expires_at: datetime,
        user_id: int | None = None,
        sent_id: str | None = None,
    ) -> str:
        """Make a link's key: to ask on in private about a message, or to set a chat (`user_id`: who may)."""
        key = kind.value + fresh_key()
        with self._transaction():
            self._write(
                f"insert into start_links select ?, ?, ?, ?, ?, ? where {_IS_KNOWN}",
                key, kind.value, chat_id, user_id, sent_id, to_us(expires_at), sent_id, sent_id,
            )  # fmt: skip
        return key

    def start_link(self, key: str, *, user_id: int, now: datetime) -> StartLink | None:
        """Return what a key opens for this person; None where it is forged, expired, or somebody else's."""
        if not is_key(key):
            return None
        if key[0] == LinkKind.UPDATE:
            return self._update_link(key)
        rows = self._rows(
            """select key, kind, chat_id, user_id, sent_id, expires_at from start_links
               where key = ? and expires_at > ? and coalesce(user_id, ?) = ?""",
            key,
            to_us(now),
            user_id,
            user_id,
        )
        return _read_link(rows[0]) if rows else None

    def _update_link(self, key: str) -> StartLink | None:
        rows = self._rows("select source, update_id, update_no from update_links where key = ?", key)
        if not rows:
            return None
        source, update_id, update_no = rows[0]
        return StartLink(
            key=key, kind=LinkKind.UPDATE, source=str(source), update_id=str(update_id), update_no=as_int(update_no)
        )


def _update_key(source: str, update_id: str) -> str:
    named = json.dumps([source, update_id]).encode()
    return LinkKind.UPDATE.value + urlsafe_b64encode(hashlib.blake2b(named, digest_size=_LINK_BYTES).digest()).decode()


def _read_button(row: tuple[object, ...]) -> Button:
    return Button(
        key=str(row[0]),
        sent_id=as_text(row[1]),
        action=ButtonAction(str(row[2])),
        payload=MappingProxyType(json.loads(str(row[3]))),
        chat_id=as_int_or_none(row[4]),
        presser=Presser(str(row[5])),
        user_id=as_int_or_none(row[6]),
        expires_at=from_us(as_int(row[7])),
    )


def _read_feedback(row: tuple[object, ...]) -> Feedback:
    return Feedback(
        sent_id=str(row[0]),
        verdict=FeedbackVerdict(str(row[1])),
        at=from_us(as_int(row[2])),
        place=as_int_or_none(row[3]),
        source=as_text(row[4]),
        update_id=as_text(row[5]),
        revision=as_int_or_none(row[6]),
    )


def _read_link(row: tuple[object, ...]) -> StartLink:
    return StartLink(
        key=str(row[0]),
        kind=LinkKind(str(row[1])),
        chat_id=as_int(row[2]),
        user_id=as_int_or_none(row[3]),
        sent_id=as_text(row[4]),
        expires_at=as_moment(row[5]),
    )
