"""schema.org LiveBlogPosting: JSON-LD in a page (in a graph, a list, nested) or a JSON-LD document of its own.

An entry's own markup on the page, found by its id, wins over JSON-LD for its time, heading and text.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urldefrag

from index.errors import FormatError, NoUpdatesError
from index.sources import linked, markup
from index.sources.entries import (
    Look,
    digest,
    edited,
    entry_key,
    reading,
    slug,
    web_url,
    without_duplicates,
    without_fragment,
)
from index.sources.entry_markup import OwnMarkup, find_own_markup, key_points
from index.sources.linked import Node
from index.sources.page import Page, read_page
from index.sources.times import Moment
from index.sources.wording import kind_of, says_closed
from index.types import Kind, LiveBlog, Precision, Reading, TimeBasis, Update

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One BlogPosting as JSON-LD states it, joined with its own markup."""

    key: str
    title: str
    text: str
    published: Moment | None
    modified: Moment | None
    url: str | None
    correction: str
    own: OwnMarkup | None = None


def read(content: bytes, look: Look) -> Reading:
    """Read a page with a LiveBlogPosting.

    Raises: FormatError where no JSON-LD can be read; NoUpdatesError where it holds no entry.
    """
    page = read_page(content, look)
    known = {str(node["@id"]): node for node in page.nodes if "@id" in node and len(node) > 1}
    blogs = [node for node in page.nodes if linked.is_a(node, "LiveBlogPosting")]
    if not blogs:
        raise FormatError(look.where, page.warnings[0] if page.warnings else "no LiveBlogPosting in it")
    postings = _once(entry for blog in blogs for entry in linked.listed(blog.get("liveBlogUpdate"), known))
    entries = _joined(_entries(postings, blogs[0], page), page)
    if not entries:
        raise NoUpdatesError(look.where, "no entries found: its LiveBlogPosting has none yet")
    return _reading(blogs[0], entries, page)


def _reading(blog: Node, entries: Sequence[_Entry], page: Page) -> Reading:
    live_blog_key = page.url or f"{page.source} {markup.clean_line(linked.text(blog, 'headline', 'name'))}"
    updates, warnings = without_duplicates(_updates(entries, live_blog_key, page))
    box = _key_points(blog, entries, live_blog_key, page)
    return reading(
        page.look,
        source=page.source,
        format_name="jsonld",
        updates=[*box, *updates],
        live_blogs=(_live_blog(blog, live_blog_key, updates, page),),
        window_from=_window_from(updates, page.look.now),
        warnings=[*page.warnings, *warnings],
    )


def _entries(postings: Sequence[Node], blog: Node, page: Page) -> list[_Entry]:
    headlines = Counter(linked.text(node, "headline", "name") for node in postings)
    keys = _keys(postings, page)
    entries: list[_Entry] = []
    for node, key in zip(postings, keys, strict=True):
        headline = linked.text(node, "headline", "name")
        # One headline for every entry is the page's, not the entry's.
        shared = _is_shared(headlines[headline], len(postings)) or headline == linked.text(blog, "headline", "name")
        entries.append(
            _Entry(
                key=key,
                title="" if shared else markup.clean_line(headline),
                text=markup.clean(linked.text(node, "articleBody", "text", "description")),
                published=page.moment(*linked.texts(node.get("datePublished")), *linked.texts(node.get("dateCreated"))),
                modified=page.moment(*linked.texts(node.get("dateModified"))),
                url=web_url(linked.address(node.get("url")), page.url) or web_url(linked.address(node.get("@id"))),
                correction=_correction(node),
            )
        )
    return entries


def _once(postings: Iterable[Node]) -> list[Node]:
    """Leave out postings that a page states twice, word for word."""
    seen: dict[tuple[str, ...], Node] = {}
    for node in postings:
        names = ("@id", "url", "headline", "datePublished", "articleBody", "text")
        seen.setdefault(tuple(linked.address(node.get(name)) for name in names), node)
    return list(seen.values())


def _is_shared(count: int, total: int) -> bool:
    """Tell whether what so many of all entries say is the page's rather than theirs."""
    return count == total > 1 or (count > 2 and count * 2 > total)


def _correction(node: Node) -> str:
    value = node.get("correction")
    if isinstance(value, dict):
        return markup.clean(linked.text(value, "text", "description", "name"))
    return markup.clean(next(iter(linked.texts(value)), ""))


def _keys(postings: Sequence[Node], page: Page) -> list[str]:
    """Give each entry its source's id, or one made of its time and title that an edit of the body survives."""
    stated = [_stated_ids(node, page) for node in postings]
    counts = Counter(value for values in stated for value in dict.fromkeys(values))
    made: Counter[str] = Counter()
    keys: list[str] = []
    for node, values in zip(reversed(postings), reversed(stated), strict=True):
        # An id that most entries share is the page's.
        key = next((value for value in values if not _is_shared(counts[value], len(postings))), "")
        if not key:
            key = _made_key(node, page)
            made[key] += 1
            key = key if made[key] == 1 else f"{key}-{made[key]}"
        keys.append(key)
    return keys[::-1]


def _stated_ids(node: Node, page: Page) -> list[str]:
    fragments: list[str] = []
    wholes: list[str] = []
    for name in ("@id", "url"):
        value = linked.address(node.get(name))
        address, fragment = urldefrag(value) if "#" in value else (value, "")
        if fragment:
            fragments.append(entry_key(unquote(fragment).removeprefix("block-")))
        elif value and web_url(value) is None:
            fragments.append(entry_key(value.removeprefix("block-")))
        elif value and without_fragment(address) != page.url:
            wholes.append(entry_key(value))
    identifier = node.get("identifier")
    fragments.append(entry_key(identifier))
    return [value for value in (*fragments, *wholes) if value]


def _made_key(node: Node, page: Page) -> str:
    title = markup.clean_line(linked.text(node, "headline", "name"))
    moment = page.moment(*linked.texts(node.get("datePublished")))
    stamp = moment.at.strftime("%Y%m%dT%H%M%S") if moment else ""
    return "-".join(part for part in (stamp, slug(title)) if part) or digest(linked.text(node, "articleBody", "text"))


def _joined(entries: Sequence[_Entry], page: Page) -> list[_Entry]:
    """Add each entry's own markup; leave out entries that say nothing at all."""
    own: dict[str, OwnMarkup] = {}
    if page.tree is not None:
        own = find_own_markup(page.tree, [entry.key for entry in entries], page.look.zone)
    joined: list[_Entry] = []
    for entry in entries:
        beside = own.get(entry.key)
        if beside is not None and not _is_same(entry, beside):
            beside = None
        title = entry.title
        if beside is not None and (not title or title.endswith(("…", "..."))):
            title = beside.heading or title
        text = (beside.text if beside else "") or entry.text or title
        if text:
            joined.append(replace(entry, own=beside, title=title, text=text))
    return joined


def _is_same(entry: _Entry, beside: OwnMarkup) -> bool:
    """Make sure that an element with the entry's id holds the entry, not a link to it."""
    if not entry.text:
        return bool(beside.published or beside.text or beside.heading)
    words = _WORD.findall(entry.text.lower())[:-1]  # the last one may be cut
    theirs = set(_WORD.findall(f"{beside.heading} {beside.text}".lower()))
    return bool(beside.text) and sum(word in theirs for word in words) * 10 >= len(words) * 8


def _updates(entries: Sequence[_Entry], live_blog: str, page: Page) -> list[Update]:
    stated = [entry.published for entry in entries]
    repeated = len(entries) > 1 and None not in stated and len({moment.at for moment in stated if moment}) == 1
    days_only = len(entries) > 1 and all(moment is not None and moment.midnight for moment in stated)
    edits = {entry.modified.at for entry in entries if entry.modified}
    shift = timedelta() if repeated or days_only else _shift(entries)
    return [
        _update(
            entry,
            live_blog,
            page,
            repeated=repeated,
            days_only=days_only,
            same_edit=len(edits) == 1 < len(entries),
            shift=shift,
        )
        for entry in entries
    ]


def _update(
    entry: _Entry, live_blog: str, page: Page, *, repeated: bool, days_only: bool, same_edit: bool, shift: timedelta
) -> Update:
    own, moment, basis = entry.own, entry.published, TimeBasis.OWN
    zone = page.look.zone
    if (
        own is not None
        and own.published is not None
        and not _is_coarser(own.published, moment, zone, repeated or days_only)
    ):
        moment = own.published
    elif repeated or moment is None:
        moment, basis = (moment or _page_moment(page)), TimeBasis.INHERITED
        moment = (moment.as_day(zone) if moment.midnight else moment.as_day_seen_in(zone)) if moment else None
    elif days_only:
        moment = moment.as_day(zone)
    elif shift:
        moment = replace(moment, at=moment.at + shift)
    modified = own.modified if own and own.modified else None if same_edit or repeated or days_only else entry.modified
    text = entry.text
    if entry.correction and entry.correction not in text:
        text = f"{text}\n{entry.correction}"
    minute = moment is not None and moment.precision is Precision.MINUTE
    return Update(
        key=entry.key,
        text=text,
        title=entry.title,
        live_blog=live_blog,
        kind=Kind.CORRECTION if entry.correction else kind_of(entry.title, text),
        published_at=moment.at if moment else None,
        time_basis=basis if moment else TimeBasis.SEEN,
        time_precision=moment.precision if moment else Precision.MINUTE,
        modified_at=edited(moment.at, modified.at if modified else None, now=page.look.now)
        if moment and minute
        else None,
        url=_permalink(entry, page),
    )


def _is_coarser(own: Moment, stated: Moment | None, zone: object, distrusted: bool) -> bool:
    """Tell a mere day in the markup from the full time that JSON-LD gives of the same entry."""
    return (
        own.precision is Precision.DAY
        and stated is not None
        and not distrusted
        and stated.precision is Precision.MINUTE
    )


def _shift(entries: Sequence[_Entry]) -> timedelta:
    """Find by how much JSON-LD is wrong about every time: a plug-in that wrote local time as UTC.

    Only a whole number of quarters, the same for all entries whose own markup can be compared, counts.
    """
    pairs = [
        (entry.published, entry.own.published)
        for entry in entries
        if entry.own and entry.own.published and entry.published
    ]
    errors = {own.at - stated.at for stated, own in pairs if own.precision is Precision.MINUTE}
    if len(pairs) < 3 or len(errors) != 1:
        return timedelta()
    error = errors.pop()
    return error if abs(error) <= timedelta(hours=14) and error % timedelta(minutes=15) == timedelta() else timedelta()


def _page_moment(page: Page) -> Moment | None:
    for node in page.nodes:
        if linked.is_a(node, "LiveBlogPosting"):
            return page.moment(*linked.texts(node.get("datePublished")), *linked.texts(node.get("dateModified")))
    return None


def _permalink(entry: _Entry, page: Page) -> str | None:
    if entry.own is not None and entry.own.href and (url := web_url(entry.own.href, page.url)):
        return url
    if entry.url and entry.url != page.url:
        return entry.url
    if entry.own is not None and entry.own.element_id and page.url:
        return web_url(f"{page.url}#{entry.own.element_id}") or page.url
    return page.url


def _key_points(blog: Node, entries: Sequence[_Entry], live_blog: str, page: Page) -> Iterable[Update]:
    """Give the page's key-points box as one update, dated with the day the page was last touched."""
    if page.tree is None:
        return
    ids = frozenset(entry.own.element_id for entry in entries if entry.own and entry.own.element_id)
    title, text = key_points(page.tree, ids)
    if not text:
        return
    moment = page.moment(*linked.texts(blog.get("dateModified")), *linked.texts(blog.get("datePublished")))
    day = moment.as_day_seen_in(page.look.zone) if moment else None
    yield Update(
        key=f"{page.scope}#key-points",
        text=text,
        title=title,
        live_blog=live_blog,
        kind=Kind.KEY_POINT,
        published_at=day.at if day else None,
        time_basis=TimeBasis.INHERITED if day else TimeBasis.SEEN,
        time_precision=Precision.DAY if day else Precision.MINUTE,
        url=page.url,
    )


def _live_blog(blog: Node, key: str, updates: Sequence[Update], page: Page) -> LiveBlog:
    starts = [
        moment.at
        for name in ("coverageStartTime", "datePublished")
        if (moment := page.moment(*linked.texts(blog.get(name))))
    ]
    times = [update.published_at for update in updates if update.published_at and update.time_basis is TimeBasis.OWN]
    started = min([*starts, *times], default=None)
    end = page.moment(*linked.texts(blog.get("coverageEndTime")))
    # An end that equals the start is a plug-in's default; one before the newest entry was overtaken.
    ended = end.at if end and starts and end.at > max(starts) and end.at >= max(times, default=end.at) else None
    newest = max(updates, key=lambda update: (update.published_at is not None, update.published_at), default=None)
    closed = (ended is not None and ended <= page.look.now) or any(update.kind is Kind.CLOSING for update in updates)
    closed = closed or (newest is not None and says_closed(newest.text))
    return LiveBlog(
        key=key,
        title=markup.clean_line(linked.text(blog, "headline", "name")) or page.source,
        url=page.url,
        started_at=started,
        ended_at=ended,
        closed=True if closed else None,
    )


def _window_from(updates: Sequence[Update], now: datetime) -> datetime | None:
    """Find the oldest time down to which the page shows everything.

    An entry out of the page's order (pinned to its top) is left out: what lies between it and the rest is not here.
    """
    times = [
        update.published_at
        for update in updates
        if update.published_at and update.time_basis is TimeBasis.OWN and update.time_precision is Precision.MINUTE
    ]
    if len(times) < 2 or len(set(times)) == 1 or len(times) < len(updates):
        return None
    stamps = [moment.timestamp() for moment in times]
    falling, rising = _longest_rising([-stamp for stamp in stamps]), _longest_rising(stamps)
    # Newest first is the rule; oldest first is believed of three entries or more.
    runs = [falling] if len(rising) < 3 or len(falling) > len(rising) else [rising]
    runs += [falling] if len(falling) == len(rising) else []
    return max(min(times[place] for place in run) for run in runs)


def _longest_rising(values: Sequence[float]) -> list[int]:
    """Give the places of a longest run that never falls (patience sorting)."""
    tops: list[float] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_right(tops, value)
        before.append(places[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(value)
            places.append(place)
        else:
            tops[pile], places[pile] = value, place
    run: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run
