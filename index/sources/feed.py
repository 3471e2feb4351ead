"""RSS, Atom and JSON Feed: a window of entries, so absence proves nothing.

feedparser is only ever given bytes in memory: given a string it would open files and addresses.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace

from index.errors import FormatError
from index.sources import json_text, markup
from index.sources.entries import Look, digest, edited, entry_key, host_of, reading, slug, web_url, without_duplicates
from index.sources.times import Moment, parse
from index.sources.wording import kind_of
from index.types import Kind, LiveBlog, Precision, Reading, TimeBasis, Update


def read(content: bytes, look: Look) -> Reading:
    """Read a feed.

    Raises: FormatError where it is no feed; NoUpdatesError where it has no entries.
    """
    if content.lstrip()[:1] == b"{":
        return _read_json(content, look)
    import feedparser  # slow to import, and only feeds need it

    feed = feedparser.parse(io.BytesIO(content), response_headers={"content-type": "application/xml"})
    if not feed.get("version") and not feed.entries:
        reason = str(feed.get("bozo_exception") or "neither RSS nor Atom")
        raise FormatError(look.where, f"not a feed: {reason}")
    base = web_url(feed.feed.get("link"), web_url(look.where))
    return _reading(
        look, title=_text(feed.feed.get("title")), url=base, updates=[_entry(e, look, base) for e in feed.entries]
    )


def _reading(look: Look, *, title: str, url: str | None, updates: list[Update | None]) -> Reading:
    name = markup.clean_line(title)
    source = host_of(url) or host_of(look.where) or name or look.place
    key = url or f"{source} {slug(name)}".strip()
    kept, warnings = without_duplicates(update for update in _placed(updates, key))
    silent = sum(update is None for update in updates)
    if silent:
        warnings.append(f"{silent} of {len(updates)} entries have neither title nor text and were left out")
    return reading(
        look,
        source=source,
        format_name="feed",
        updates=kept,
        live_blogs=(LiveBlog(key=key, title=name or source, url=url),),
        warnings=warnings,
    )


def _placed(updates: list[Update | None], live_blog: str) -> Iterator[Update]:
    for update in updates:
        if update is not None:
            yield replace(update, live_blog=live_blog)


def _entry(parsed: Mapping[str, object], look: Look, base: str | None) -> Update | None:
    # The parser's mapping answers for a missing `updated` with `published`; a plain copy does not.
    entry = dict(parsed.items())
    contents = entry.get("content")
    first = contents[0].get("value") if isinstance(contents, list) and contents else None
    return _update(
        look,
        stated_id=entry.get("id"),
        title=markup.clean_line(_text(entry.get("title"))),
        text=markup.clean(_text(first) or _text(entry.get("summary"))),
        url=web_url(entry.get("link"), base),
        published=_moment(look, entry.get("published"), entry.get("created")),
        modified=_moment(look, entry.get("updated")),
    )


def _update(
    look: Look,
    *,
    stated_id: object,
    title: str,
    text: str,
    url: str | None,
    published: Moment | None,
    modified: Moment | None,
) -> Update | None:
    if not (title or text):
        return None
    moment = published or modified  # Atom asks for `updated` only: then it is the entry's time
    stamp = moment.at.isoformat() if moment else ""
    minute = moment is not None and moment.precision is Precision.MINUTE
    kind = kind_of(title, text)
    return Update(
        key=entry_key(stated_id) or entry_key(url) or digest(title or text, stamp),
        text=text or title,
        title=title,
        kind=Kind.UPDATE if kind is Kind.KEY_POINT else kind,
        published_at=moment.at if moment else None,
        time_basis=TimeBasis.OWN if moment else TimeBasis.SEEN,
        time_precision=moment.precision if moment else Precision.MINUTE,
        modified_at=edited(moment.at, modified.at, now=look.now) if moment and modified and minute else None,
        url=url,
    )


def _moment(look: Look, *values: object) -> Moment | None:
    return next((moment for value in values if (moment := parse(value, look.zone))), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _read_json(content: bytes, look: Look) -> Reading:
    try:
        document = json_text.parse(content)
    except ValueError as error:
        raise FormatError(look.where, f"not a JSON Feed: {json_text.reason(error)}") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise FormatError(look.where, "not a JSON Feed: no list of entries")
    base = web_url(document.get("home_page_url"), web_url(look.where))
    entries = [entry for entry in document["items"] if isinstance(entry, dict)]
    updates = [
        _update(
            look,
            stated_id=entry.get("id"),
            title=markup.clean_line(_text(entry.get("title"))),
            text=markup.clean(
                _text(entry.get("content_html")) or _text(entry.get("content_text")) or _text(entry.get("summary"))
            ),
            url=web_url(entry.get("url"), base),
            published=_moment(look, entry.get("date_published")),
            modified=_moment(look, entry.get("date_modified")),
        )
        for entry in entries
    ]
    return _reading(look, title=_text(document.get("title")), url=base, updates=updates)
