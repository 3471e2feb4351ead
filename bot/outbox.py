"""The outbox: every message that nobody waits for, from its planning to its end. Pure rules; rows are `outbox_rows`'.

    pending --claim--> sending --+-- it arrived ------------------------------------------> sent
       ^                         +-- it may have arrived ---------------------------------> uncertain
       |                         +-- it certainly did not, and may another time --> retry --claim--> sending
       |                         +-- it never will, or expired in waiting ----------------> dead
       +------ the chat is back ----- held <-- we may not write to the chat

- pending: planned in one transaction with the state change that caused it; its text and buttons are as they will be
  sent, however often. Due at a moment, never in quiet hours, in a chat one after the other.
- sending: written down before the attempt. Whoever finds it at the next start does not know whether it left.
- sent: its text is let go of, since the ledger knows what it quoted.
- uncertain: a time-out after the request left, or a crash in sending. Kept, counted, shown; never sent again. Of one
  message the later parts are sent all the same. An edit is never uncertain: it is made again, unless there is a newer
  one of its message, which says all that it does.
- retry: refused for a flood, for as long as Telegram says, and with it all that waits for the same chat and nothing
  else; not connected, after a pause that doubles. Neither has an end: a digest is late rather than lost.
- held: blocked, kicked or gone. Settings and rows stay for the chat's return.
- dead: refused as HTML and as plain text; a right is missing; the topic is closed, which rests what would go there; an
  edit whose message is gone, unless there is a reply to be sent instead. A message none of whose parts may have left
  leaves the ledger.

So a message leaves at most once, except an edit; and at least once, except where it is dead or uncertain, and listed.
The order: corrections, alerts, digests; of each the longest due. Answers do not wait here; they are counted with the
rest and go first (`bot.pacing`, `bot.drain`).
"""

from datetime import datetime, timedelta
from typing import assert_never

from bot.deliveries import (
    Arrived,
    Closed,
    Delivery,
    Gone,
    Later,
    Outcome,
    Perhaps,
    Refused,
    Settlement,
    State,
    TopicClosed,
    Unsent,
)

_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 600.0
# A wait beyond this is no wait that Telegram would ask for.
_LONGEST_FLOOD_S = 7 * 86_400.0


def settled(delivery: Delivery, outcome: Outcome, now: datetime) -> Settlement:
    """Decide what an attempt means for its delivery and its chat."""
    match outcome:
        case Arrived():
            return _arrived(delivery, outcome, now)
        case Later(retry_after_s=wait_s):
            until = now + timedelta(seconds=min(max(wait_s, 1.0), _LONGEST_FLOOD_S))
            return Settlement(
                delivery=delivery, state=State.RETRY, at=now, reason="flood limit", due_at=until, chat_until=until
            )
        case Unsent(reason=reason):
            return _again(delivery, reason, now)
        case Perhaps(reason=reason):
            if delivery.edit:
                return _again(delivery, reason, now)
            return Settlement(delivery=delivery, state=State.UNCERTAIN, at=now, reason=reason)
        case Closed(pause=None, reason=reason) | Refused(reason=reason):
            return Settlement(delivery=delivery, state=State.DEAD, at=now, reason=reason)
        case Closed(pause=pause, reason=reason):
            return Settlement(delivery=delivery, state=State.HELD, at=now, reason=reason, pause=pause)
        case TopicClosed(reason=reason):
            return Settlement(delivery=delivery, state=State.DEAD, at=now, reason=reason, topic_closed=True)
        case Gone(reason=reason):
            return _gone(delivery, reason, now)
        case _:
            assert_never(outcome)


def pause_s(tries: int) -> float:
    """Return how long to wait after so many attempts that did not leave: doubling, to ten minutes."""
    return min(_FIRST_PAUSE_S * 2.0 ** min(max(tries, 1) - 1, 20), _LONGEST_PAUSE_S)


def _arrived(delivery: Delivery, outcome: Arrived, now: datetime) -> Settlement:
    is_moved = outcome.chat_id is not None and outcome.chat_id != delivery.chat_id
    return Settlement(
        delivery=delivery,
        state=State.SENT,
        at=now,
        message_id=outcome.message_id,
        moved_to=outcome.chat_id if is_moved else None,
    )


def _again(delivery: Delivery, reason: str, now: datetime) -> Settlement:
    due_at = now + timedelta(seconds=pause_s(delivery.tries))
    return Settlement(delivery=delivery, state=State.RETRY, at=now, reason=reason, due_at=due_at)


def _gone(delivery: Delivery, reason: str, now: datetime) -> Settlement:
    if delivery.edit is None or delivery.edit.instead is None:
        return Settlement(delivery=delivery, state=State.DEAD, at=now, reason=reason)
    return Settlement(delivery=delivery, state=State.RETRY, at=now, reason=reason, due_at=now, instead=True)
