"""What the formats share: the look at a source, keys, addresses, names, and the last checks on entries.

Pure. Knows no format.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import urldefrag, urljoin, urlsplit
from zoneinfo import ZoneInfo

from index.errors import NoUpdatesError
from index.text import normalise_line
from index.types import LiveBlog, Precision, Reading, TimeBasis, Update

_AHEAD = timedelta(minutes=5)
_EDITED_AFTER = timedelta(seconds=60)
_MAX_KEY_CHARS = 300
_MAX_URL_CHARS = 2_000
_MAX_WARNINGS = 20
_ENDINGS = re.compile(r"(?:\.(?:gz|html?|txt|jsonl?|ndjson|xml|rss|atom|json))+$", re.IGNORECASE)
_NOT_SLUG = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a source: where, when, under which name (None: as the content says) and in which zone."""

    where: str
    now: datetime
    source: str | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    charset: str | None = None

    @property
    def stem(self) -> str:
        """The file's name without folders and endings, or the last part of an address."""
        path = urlsplit(self.where).path if web_url(self.where) else self.where.replace("\\", "/")
        return normalise_line(_ENDINGS.sub("", PurePosixPath(path).name)) or "source"

    @property
    def place(self) -> str:
        """What an input without a name of its own is called: the host of its address or its file's stem."""
        return host_of(self.where) or self.stem


def host_of(url: str | None) -> str:
    """Give the host of an http address without `www.`, or nothing."""
    if url is None or web_url(url) is None:
        return ""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def web_url(value: object, base: str | None = None) -> str | None:
    """Give an http(s) address as it may be shown, resolved against `base`; None for anything else."""
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_URL_CHARS:
        return None
    url = value.strip()
    try:
        url = urljoin(base, url) if base else url
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    if not usable or normalise_line(url) != url or any(mark in url for mark in ' "<>\\'):
        return None
    return url


def without_fragment(url: str) -> str:
    """Give the address of the page alone."""
    return urldefrag(url).url


def entry_key(value: object) -> str:
    """Bring a source's own id to the form in which it is stored; "" where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        key = normalise_line(str(value))
    except ValueError:  # an integer of thousands of digits
        return ""
    if len(key) > _MAX_KEY_CHARS:
        return key[: _MAX_KEY_CHARS - 17] + "~" + digest(key)
    return key


def digest(*parts: str) -> str:
    """Make a short stable name from words."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def slug(title: str) -> str:
    """Make a readable key from a title."""
    words = _NOT_SLUG.sub("-", normalise_line(title).lower()).strip("-")
    return words if len(words) <= 80 else words[:63].rstrip("-") + "-" + digest(words)


def edited(published: datetime | None, modified: datetime | None, *, now: datetime) -> datetime | None:
    """Give the edit time if it is one: later than publication by more than a minute, and not in the future."""
    if modified is None or modified > now + _AHEAD:
        return None
    return modified if published is None or modified - published > _EDITED_AFTER else None


def checked_time(update: Update, now: datetime) -> Update:
    """Treat a time in the future as unknown: it is a claim nobody can make yet."""
    if update.published_at is None or update.published_at <= now + _AHEAD:
        return update
    return replace(
        update, published_at=None, time_basis=TimeBasis.SEEN, time_precision=Precision.MINUTE, modified_at=None
    )


def without_duplicates(updates: Iterable[Update]) -> tuple[list[Update], list[str]]:
    """Drop entries that stand twice; give different ones under one key a key of their own.

    Returns: the entries in order, and a warning for each key that had to be told apart.
    """
    kept: dict[str, Update] = {}
    warnings: list[str] = []
    for update in updates:
        known = kept.get(update.key)
        if known is None:
            kept[update.key] = update
        elif (known.text, known.title) != (update.text, update.title):
            stamp = update.published_at.isoformat() if update.published_at else update.text
            key = f"{update.key}~{digest(update.title, stamp)}"
            warnings.append(f"two entries share the id {update.key!r}; the second is kept as {key!r}")
            kept.setdefault(key, replace(update, key=key))
    return list(kept.values()), warnings


def reading(
    look: Look,
    *,
    source: str,
    format_name: str,
    updates: Iterable[Update],
    live_blogs: tuple[LiveBlog, ...] = (),
    window_from: datetime | None = None,
    warnings: Iterable[str] = (),
) -> Reading:
    """Make a Reading: times checked, warnings bounded.

    Raises: NoUpdatesError where there is none.
    """
    dated = [(update, checked_time(update, look.now)) for update in updates]
    if not dated:
        raise NoUpdatesError(look.where, f"no entries found (read as {format_name})")
    told = [*warnings, *_time_warnings(dated)]
    return Reading(
        source=look.source or source or look.place,
        format=format_name,
        updates=tuple(after for _, after in dated),
        live_blogs=live_blogs,
        window_from=window_from,
        warnings=bounded(told),
    )


def bounded(warnings: list[str]) -> tuple[str, ...]:
    """Keep the first warnings and count the rest."""
    if len(warnings) <= _MAX_WARNINGS:
        return tuple(warnings)
    return (*warnings[:_MAX_WARNINGS], f"and {len(warnings) - _MAX_WARNINGS} more warnings")


def _time_warnings(dated: list[tuple[Update, Update]]) -> list[str]:
    future = [before.key for before, after in dated if before.published_at and not after.published_at]
    missing = [before.key for before, _ in dated if before.published_at is None and not before.withdrawn]
    counts: Mapping[str, list[str]] = {"has a time in the future": future, "has no time": missing}
    return [
        f"{len(keys)} of {len(dated)} entries: {what}, treated as unknown (first: {keys[0]!r})"
        for what, keys in counts.items()
        if keys
    ]
