"""`dateline status`: what is read, how fresh it is, how much of it there is, and what the bot did with it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot import times
from bot.commands import opening
from bot.commands.options import Options
from bot.deliveries import Trouble
from bot.records import ConversationStatus
from index import ArchiveStatus, SourceStatus

# The newest of what is uncertain or dead: enough to see a pattern.
_TROUBLES = 10


def run(options: Options, *, as_json: bool) -> None:
    """Print the status of the archive and, where the bot has run, of the conversation."""
    settings = opening.load(options)
    now = opening.utc_now()
    with opening.opened_archive(settings) as archive:
        status = archive.status(now=now)
    with opening.opened_store(settings) as store:
        conversation = store.status() if store else None
        troubles = store.troubles(limit=_TROUBLES) if store else ()
    if as_json:
        told = of_status(status, now) | {"conversation": of_conversation(conversation, troubles)}
        print(json.dumps(told, ensure_ascii=False))
    else:
        zone = settings.chat.zone
        print("\n".join([*lines(status, now, zone), *conversation_lines(conversation, troubles, zone)]))


def of_conversation(status: ConversationStatus | None, troubles: Sequence[Trouble]) -> dict[str, Any] | None:
    """Write what the bot did as JSON values, null where it never ran."""
    if status is None:
        return None
    return {
        "chats": {"active": status.active, "paused": dict(status.paused)},
        "sent": dict(status.sent),
        "feedback": dict(status.feedback),
        "outbox": dict(status.outbox),
        "troubles": [
            {
                "state": one.state.value,
                "at": one.at.isoformat(),
                "chat_id": one.chat_id,
                "urgency": one.urgency.name.lower(),
                "reason": one.reason,
            }
            for one in troubles
        ],
    }


def conversation_lines(status: ConversationStatus | None, troubles: Sequence[Trouble], zone: str) -> list[str]:
    """Write what the bot did for a person."""
    if status is None:
        return []
    return [
        f"chats: {status.active} active, {_counted(status.paused)} paused",
        f"sent: {_counted(status.sent)}",
        f"feedback: {_counted(status.feedback)}",
        f"outbox: {_counted(status.outbox)}",
        *(_trouble(one, zone) for one in troubles),
    ]


def _trouble(one: Trouble, zone: str) -> str:
    where = f"chat {one.chat_id}" if one.chat_id is not None else "an inline message"
    return f"  {one.state} {times.moment(one.at, zone)}, {where}, {one.urgency.name.lower()}: {one.reason}"


def _counted(counts: Mapping[str, int]) -> str:
    """Write "3 (2 answer, 1 latest)"."""
    named = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    return f"{sum(counts.values())} ({named})" if named else "0"


def of_status(status: ArchiveStatus, now: datetime) -> dict[str, Any]:
    """Write the status as JSON values; `lag_s` is the time since the last look that succeeded."""
    return {
        "sources": [_source(source, now) for source in status.sources],
        "live_blogs": status.live_blogs,
        "updates": status.updates,
        "revisions": status.revisions,
        "passages": status.passages,
        "pending": status.pending,
        "index_bytes": status.index_bytes,
        "encoder": status.encoder,
        "engine": status.engine,
    }


def lines(status: ArchiveStatus, now: datetime, zone: str) -> list[str]:
    """Write the status for a person."""
    counts = (
        f"{status.live_blogs} live blogs, {status.updates} updates, {status.revisions} revisions, "
        f"{status.passages} passages ({status.pending} waiting for the encoder)"
    )
    sources = [line for source in status.sources for line in _lines(source, now, zone)]
    return [
        *(["sources:", *sources] if sources else ["sources: none yet"]),
        f"held: {counts}",
        f"index: {status.index_bytes / 1_000_000:.1f} MB, {status.engine}",
        f"encoder: {status.encoder}",
    ]


def _lines(source: SourceStatus, now: datetime, zone: str) -> list[str]:
    at = source.newest_published_at
    newest = times.moment(at, zone, source.newest_precision) if at else "none"
    checked = times.ago(source.last_checked_at, now) if source.last_checked_at else "never"
    every = f", every {source.interval_s:g} s" if source.interval_s else ""
    first = f"  {source.name}: {source.updates} updates, newest {newest}, last look {checked}{every}"
    return [first, f"    last look failed: {source.last_error}"] if source.last_error else [first]


def _source(source: SourceStatus, now: datetime) -> dict[str, Any]:
    checked = source.last_checked_at
    return {
        "name": source.name,
        "updates": source.updates,
        "newest_published_at": _time(source.newest_published_at),
        "newest_precision": source.newest_precision.value,
        "last_checked_at": _time(checked),
        "lag_s": round((now - checked).total_seconds(), 1) if checked else None,
        "last_error": source.last_error,
        "interval_s": source.interval_s,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
