"""An article whose sections are entries: the lead and each part under a heading, found by structure.

The page gives one time for all of them, so theirs is inherited and no more exact than a day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from selectolax.lexbor import LexborNode

from index.errors import NoUpdatesError
from index.sources import linked, markup
from index.sources.entries import Look, edited, reading
from index.sources.linked import Node
from index.sources.markup import Line
from index.sources.page import Page, read_page
from index.sources.sections import Section, updates_of, without_notes
from index.sources.times import Moment, find
from index.types import LiveBlog, Precision, Reading, TimeBasis, Update

_ARTICLE_TYPES = (
    "NewsArticle",
    "Article",
    "ReportageNewsArticle",
    "BlogPosting",
    "AnalysisNewsArticle",
    "LiveBlogPosting",
)
_PARAGRAPH_TAGS = frozenset("p li blockquote pre td dd dt".split())
_SPLITTING = frozenset(("h2", "h3"))
_GOOD_CHARS = 40
_MARKED = 60  # elements and levels that are weighed: each costs a walk over all below it


def read(content: bytes, look: Look) -> Reading:
    """Read an article.

    Raises: FormatError where it is empty or in an unknown encoding; NoUpdatesError where it has no running text.
    """
    page = read_page(content, look)
    node = next((node for kind in _ARTICLE_TYPES for node in page.nodes if linked.is_a(node, kind)), {})
    sections, notes = without_notes(_sections(page))
    if not sections:
        raise NoUpdatesError(look.where, "no entries found: neither a live blog nor an article with text")
    title = _title(page, node)
    moment = _moment(page, node)
    key = page.url or f"{page.source} {title}".strip()
    updates = updates_of(
        sections,
        title=title,
        scope=page.scope,
        live_blog=key,
        url=page.url,
        day=moment.as_day_seen_in(look.zone) if moment else None,
    )
    if len(updates) == 1 and moment is not None:
        updates = [_alone(updates[0], moment, page, node)]
    return reading(
        look,
        source=page.source,
        format_name="article",
        updates=updates,
        live_blogs=(
            LiveBlog(
                key=key,
                title=title or page.source,
                url=page.url,
                started_at=moment.at if moment else None,
                closed=True if notes.closed else None,
                credits=notes.credits,
            ),
        ),
        warnings=page.warnings,
    )


def _alone(update: Update, moment: Moment, page: Page, node: Node) -> Update:
    """Give an article that is one entry the page's time as its own."""
    modified = page.moment(*linked.texts(node.get("dateModified")), page.meta("article:modified_time"))
    minute = moment.precision is Precision.MINUTE
    return replace(
        update,
        published_at=moment.at,
        time_basis=TimeBasis.OWN,
        time_precision=moment.precision,
        modified_at=edited(moment.at, modified.at if modified else None, now=page.look.now) if minute else None,
    )


def _title(page: Page, node: Node) -> str:
    headline = markup.clean_line(linked.text(node, "headline", "name"))
    if headline or page.tree is None:
        return headline
    heading = page.tree.css_first("h1")
    if heading is not None and (title := markup.clean_line(heading.text())):
        return title
    titled = page.tree.css_first("title")
    return markup.clean_line(page.meta("og:title") or (titled.text() if titled is not None else ""))


def _moment(page: Page, node: Node) -> Moment | None:
    metas = ("article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "publishdate", "pubdate")
    stated = page.moment(*linked.texts(node.get("datePublished")), *(page.meta(name) for name in metas))
    if stated is not None or page.tree is None:
        return stated
    for clock in page.tree.css("article time, main time, header time, time"):
        written = next((moment for _, _, moment in find(clock.text(), page.look.zone)), None)
        if moment := page.moment(clock.attributes.get("datetime")) or written:
            return moment
    for heading in page.tree.css("h1")[:1]:
        beside = heading.parent.text(separator=" ")[:2_000] if heading.parent is not None else ""
        return next((moment for _, _, moment in find(beside, page.look.zone)), None)
    return None


def _sections(page: Page) -> list[Section]:
    if page.tree is None or page.tree.body is None:
        return []
    body = _body(page.tree.body)
    lines = [*_standfirst(body), *markup.lines_of(body)]
    return list(_split([line for line in lines if _belongs(line)]) or _split(_loose(lines)))


def _split(lines: Sequence[Line]) -> Iterator[Section]:
    heading, anchor, paragraphs = "", "", list[str]()
    for line in lines:
        if line.tag in _SPLITTING:
            if paragraphs:
                yield Section(heading=heading, anchor=anchor, paragraphs=tuple(paragraphs))
            heading, anchor, paragraphs = line.text, line.anchor, []
        elif line.tag != "h1":
            paragraphs.append(line.text)
    if paragraphs:
        yield Section(heading=heading, anchor=anchor, paragraphs=tuple(paragraphs))


def _belongs(line: Line) -> bool:
    """Tell running text and headings from labels, menus and teasers."""
    if line.noise or line.is_link:
        return False
    return line.tag in _PARAGRAPH_TAGS or line.is_heading


def _loose(lines: Sequence[Line]) -> list[Line]:
    """Take text without paragraph marks where a page has no other: lines broken by `<br>`."""
    return [
        line
        for line in lines
        if not (line.noise or line.is_link) and (line.is_heading or len(line.text) >= _GOOD_CHARS)
    ]


def _standfirst(body: LexborNode) -> list[Line]:
    """Take the summary that stands in the article's own header."""
    found: list[Line] = []
    for header in body.css("header"):
        if header.css_first("h1") is not None:
            # Such a summary is often classed as a teaser.
            found += [
                replace(line, noise=0) for line in markup.lines_of(header) if line.tag == "p" and len(line.text) >= 60
            ]
    return found


def _body(body: LexborNode) -> LexborNode:
    """Find the element that holds the article: the marked one with most text, else the narrowest with nearly all."""
    whole = _good_chars(body)
    marked = body.css("[itemprop=articleBody], article, main, [role=main]")
    best = max(marked[:_MARKED], key=_good_chars, default=None)
    if best is not None and _good_chars(best) * 2 >= whole:
        inner = [node for node in best.css("article")[:_MARKED] if _good_chars(node) * 10 >= _good_chars(best) * 8]
        return inner[-1] if inner else best
    node = body
    for _ in range(_MARKED):
        child = _heaviest(node)
        if child is None or child.tag in _PARAGRAPH_TAGS or _good_chars(child) * 10 < _good_chars(node) * 9:
            break
        node = child
    return node


def _heaviest(node: LexborNode) -> LexborNode | None:
    return max(node.iter(), key=_good_chars, default=None)


def _good_chars(node: LexborNode) -> int:
    lines = markup.lines_of(node)
    return sum(
        len(line.text) for line in lines if _belongs(line) and not line.is_heading and len(line.text) >= _GOOD_CHARS
    )
