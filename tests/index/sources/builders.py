"""What the tests of sources build their input with."""

import json
from datetime import UTC, datetime
from pathlib import Path

from index.sources import formats
from index.types import Reading, Update

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def read(content: str | bytes, *, where: str = "input", **given: str | None) -> Reading:
    """Read an input at NOW; what is given goes to `formats.read`."""
    raw = content.encode() if isinstance(content, str) else content
    return formats.read(
        raw,
        where=where,
        now=NOW,
        format=given.get("format"),
        source=given.get("source"),
        zone=given.get("zone") or "UTC",
        charset=given.get("charset"),
    )


def make_entry(number: int, **given: object) -> dict[str, object]:
    """Make one BlogPosting of an invented live blog, an hour after the one before."""
    entry: dict[str, object] = {
        "@type": "BlogPosting",
        "@id": f"https://live.example/quake#e{number}",
        "headline": f"Headline {number}",
        "datePublished": f"2026-03-01T{number:02}:00:00Z",
        "articleBody": f"Body of entry {number}.",
    }
    return {name: value for name, value in (entry | given).items() if value is not None}


def make_page(entries: list[dict[str, object]], *, body: str = "", blog: dict[str, object] | None = None) -> str:
    """Make a page with a LiveBlogPosting."""
    posting = {
        "@type": "LiveBlogPosting",
        "@id": "https://live.example/quake",
        "headline": "Quake: live",
        "datePublished": "2026-03-01T00:00:00Z",
        "liveBlogUpdate": entries,
    }
    data = json.dumps(posting | (blog or {}))
    script = f'<script type="application/ld+json">{data}</script>'
    return f"<!doctype html><html><head>{script}</head><body>{body}</body></html>"


def by_key(reading: Reading) -> dict[str, Update]:
    """Give a Reading's updates by key."""
    return {update.key: update for update in reading.updates}
