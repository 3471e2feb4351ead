"""The table of formats: a name, the function that reads it; and how a format is told from content.

A new format is one file and one line here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from index.errors import FormatError
from index.sources import article, export, feed, files, json_text, jsonl, jsonld, page_text
from index.sources.entries import Look
from index.types import Reading

FORMATS: Mapping[str, Callable[[bytes, Look], Reading]] = MappingProxyType(
    {
        "jsonld": jsonld.read,
        "article": article.read,
        "page_text": page_text.read,
        "feed": feed.read,
        "export": export.read,
        "jsonl": jsonl.read,
    }
)

_HEAD_BYTES = 65_536
_PROLOGUE = re.compile(
    rb"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(?!html)[^>\[]*(?:\[.*?\]\s*)?>)*", re.DOTALL | re.IGNORECASE
)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|atom:feed)[\s>]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p|script|main|section)\b", re.IGNORECASE)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def detect(content: bytes, where: str) -> str:
    """Tell the format from the content alone.

    Raises: FormatError where it is empty or nothing that we read.
    """
    content = _as_utf8(files.unpack(content, where=where))
    start = content[_PROLOGUE.match(content[:_HEAD_BYTES]).end() :] if content else b""  # type: ignore[union-attr]
    if not content.strip():
        raise FormatError(where, "is empty")
    if start[:1] == b"<" and _FEED.match(start):
        return "feed"
    if start[:1] in (b"{", b"["):
        return _detect_json(start, where)
    if start[:1] == b"<" or _HTML.search(content[:2_048]):
        return "jsonld" if b"LiveBlogPosting" in content else "article"
    if b"\0" in content[:_HEAD_BYTES]:
        raise FormatError(where, "is neither text nor a web page")
    return "page_text"


def read(
    content: bytes,
    *,
    where: str,
    now: datetime,
    format: str | None = None,
    source: str | None = None,
    zone: str = "UTC",
    charset: str | None = None,
) -> Reading:
    """Read an input whole.

    Args:
        content: the bytes, packed or not.
        where: its path or address, for messages and default names.
        now: the moment of this look, aware UTC.
        format: a name in FORMATS; None to detect it.
        source: the source's name; None for the one the content gives.
        zone: IANA name of the zone of times without an offset.
        charset: the encoding that the server declared.

    Raises: SourceError.
    """
    content = files.unpack(content, where=where)
    name = detect(content, where) if format is None else format
    reader = FORMATS.get(name)
    if reader is None:
        raise FormatError(where, f"unknown format {name!r}; one of {', '.join(FORMATS)}")
    return reader(content, Look(where=where, now=now, source=source, zone=ZoneInfo(zone), charset=charset))


def read_path(
    path: Path,
    *,
    now: datetime,
    format: str | None = None,
    source: str | None = None,
    zone: str = "UTC",
) -> Iterator[Reading]:
    """Read a file of any size: JSON Lines in batches as they come, everything else whole.

    Raises: SourceError; what was yielded before stays good.
    """
    where = str(path)
    if format == "jsonl" or (format is None and _holds_lines(path)):
        look = Look(where=where, now=now, source=source, zone=ZoneInfo(zone))
        yield from jsonl.read_batches(files.open_lines(path), look)
    else:
        yield read(files.load(path), where=where, now=now, format=format, source=source, zone=zone)


def count_lines(path: Path, format: str | None = None) -> int:
    """Count the lines of a file of JSON Lines, which is about how many updates it holds; 0 for any other format.

    Raises: SourceError.
    """
    return files.count_lines(path) if format == "jsonl" or (format is None and _holds_lines(path)) else 0


def _holds_lines(path: Path) -> bool:
    """Tell JSON Lines by the first line, without reading more of what may be a very large file."""
    if files.head(path, size_bytes=256).removeprefix(_MARKS[0]).lstrip()[:1] != b"{":
        return False
    first = next((line for line in files.open_lines(path) if line.strip()), b"")
    try:
        record = json_text.parse(first)
    except ValueError:
        return False
    return isinstance(record, dict) and not _is_document(record)


def _as_utf8(content: bytes) -> bytes:
    for mark in _MARKS:
        if content.startswith(mark):
            return content[3:] if mark == _MARKS[0] else content.decode("utf-16", "replace").encode("utf-8", "replace")
    return content


def _detect_json(content: bytes, where: str) -> str:
    first = content.split(b"\n", 1)[0].strip()
    try:
        record = json_text.parse(first)
    except ValueError:
        record = None
    if isinstance(record, dict) and not _is_document(record):
        return "jsonl"
    try:
        document = json_text.parse(content)
    except ValueError as error:
        if isinstance(record, dict) or first.endswith(b"}"):
            return "jsonl"
        raise FormatError(where, f"looks like JSON but is not: {json_text.reason(error)}") from error
    if isinstance(document, dict) and ("messages" in document or "chats" in document):
        return "export"
    if isinstance(document, dict) and "jsonfeed.org" in str(document.get("version", "")):
        return "feed"
    if b"LiveBlogPosting" in content:
        return "jsonld"
    if isinstance(document, dict):
        return "jsonl"
    raise FormatError(where, "is JSON of no format that we read")


def _is_document(record: Mapping[str, object]) -> bool:
    return any(name in record for name in ("messages", "chats", "@context", "@graph", "@type", "items"))
