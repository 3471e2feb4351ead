"""An entry's own markup on its page, found by the entry's id: its time, heading, text and permalink.

Pure. Knows nothing of JSON-LD.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.sources import markup
from index.sources.times import Moment, parse
from index.sources.wording import is_call, is_key_points
from index.text import normalise

_ID_NAMES = ("id", "data-block-id", "data-entry-id", "data-post-id", "data-update-id", "data-id", "name")
_PUBLISHED_NAMES = (
    "data-post-time",
    "data-published",
    "data-publish-time",
    "data-timestamp",
    "data-time",
    "data-created",
)
_MODIFIED_NAMES = ("data-last-modified-time", "data-last-modified", "data-modified", "data-updated")
_UPDATED = re.compile(
    r"\b(?:updated|modified|edited|aktualisiert|bearbeitet|modifié|mis à jour|actualizado|editado)\b", re.IGNORECASE
)
_PARAGRAPHS = frozenset("p li blockquote pre td th dd dt".split())
_CLIMB = 3
_ANCESTORS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMarkup:
    """What an entry's own element says."""

    text: str
    heading: str
    published: Moment | None
    modified: Moment | None
    href: str
    element_id: str


def find_own_markup(tree: LexborHTMLParser, keys: Iterable[str], zone: ZoneInfo) -> dict[str, OwnMarkup]:
    """Find the elements of these entries; an id may be written with or without `block-`."""
    wanted = {spelling: key for key in keys for spelling in (key, f"block-{key}", f"entry-{key}", f"post-{key}")}
    found: dict[str, LexborNode] = {}
    for name in reversed(_ID_NAMES):  # the plainer name wins: a menu may hold the same id under another
        for element in reversed(tree.css(f"[{name}]")):
            key = wanted.get(element.attributes.get(name) or "")
            if key is not None and element.tag not in ("meta", "script", "input"):
                found[key] = element
    held = Counter(above.mem_id for element in found.values() for above in _ancestors(element))
    return {key: _read(_whole(element, held), zone) for key, element in found.items()}


def key_points(tree: LexborHTMLParser, entry_ids: frozenset[str]) -> tuple[str, str]:
    """Find the key-points box of a page.

    Returns: its heading and its points, one a line; two empty strings where there is none.
    """
    for heading in tree.css("h1,h2,h3,h4,h5,h6,strong,button,summary"):
        title = markup.clean_line(heading.text())
        if not is_key_points(title):
            continue
        start: LexborNode | None = heading
        for _ in range(_CLIMB):
            if start is None or start.tag in ("body", "main"):
                break
            if points := _points_after(start, entry_ids):
                return title, points
            start = start.parent
    return "", ""


def _points_after(start: LexborNode, entry_ids: frozenset[str]) -> str:
    points: list[str] = []
    sibling = start.next
    while sibling is not None:
        tag = sibling.tag or ""
        if tag in ("h1", "h2", "h3") or (not tag.startswith("-") and _holds_entry(sibling, entry_ids)):
            break
        if tag not in ("-text", "-comment", "nav", "footer"):
            lines = markup.lines_of(sibling)
            points += [line.text for line in lines if not (line.is_link or line.noise or is_call(line.text))]
        sibling = sibling.next
    return normalise("\n".join(points))


def _holds_entry(node: LexborNode, entry_ids: frozenset[str]) -> bool:
    if node.tag == "article":
        return True
    return any((element.attributes.get("id") or "") in entry_ids for element in node.css("[id]"))


def _ancestors(element: LexborNode) -> Iterator[LexborNode]:
    above = element.parent
    for _ in range(_ANCESTORS):
        if above is None or above.tag in ("body", "main", "html"):
            return
        yield above
        above = above.parent


def _whole(element: LexborNode, held: Mapping[int, int]) -> LexborNode:
    """Climb from a mere anchor to the element that holds the entry, never into one that holds another."""
    whole = element
    for above in islice(_ancestors(element), _CLIMB):
        if whole.tag in ("article", "li", "section") or whole.css_first("p") or held[above.mem_id] > 1:
            break
        whole = above
    return whole


def _read(element: LexborNode, zone: ZoneInfo) -> OwnMarkup:
    heading = element.css_first("h1,h2,h3,h4,h5,h6") if element.tag not in ("h1", "h2", "h3", "h4") else element
    published, modified = _times(element, zone)
    element_id = element.attributes.get("id") or ""
    return OwnMarkup(
        text=_text(element, heading),
        heading=markup.clean_line(heading.text()) if heading is not None else "",
        published=published,
        modified=modified,
        href=_permalink(element, element_id),
        element_id=element_id,
    )


def _text(element: LexborNode, heading: LexborNode | None) -> str:
    whole = markup.text_of(element, without=heading)
    lines = [line for line in markup.lines_of(element, without=heading) if line.tag in _PARAGRAPHS]
    if not lines:
        return whole
    # Beside paragraphs, a short loose line is a byline, a label or a clock.
    paragraphs = {line.text for line in lines}
    kept = (text for text in whole.split("\n") if text in paragraphs or len(text) >= 60 or text[-1] in '.!?:”"')
    return normalise("\n".join(kept))


def _times(element: LexborNode, zone: ZoneInfo) -> tuple[Moment | None, Moment | None]:
    published = _attribute_time(element.attributes, _PUBLISHED_NAMES, zone)
    modified = _attribute_time(element.attributes, _MODIFIED_NAMES, zone)
    for clock in element.css("time"):
        if _is_quoted(clock, element):
            continue
        moment = parse(clock.attributes.get("datetime"), zone)
        if moment is None:
            continue
        if _is_edit(clock):
            modified = modified or moment
        else:
            published = published or moment
    return published, modified


def _attribute_time(attributes: Mapping[str, str | None], names: Iterable[str], zone: ZoneInfo) -> Moment | None:
    return next((moment for name in names if (moment := parse(attributes.get(name), zone))), None)


def _is_edit(clock: LexborNode) -> bool:
    named = " ".join(clock.attributes.get(name) or "" for name in ("itemprop", "class", "title"))
    beside = clock.parent.text() if clock.parent is not None else ""
    near = beside if len(beside) < 80 and len(clock.parent.css("time") if clock.parent else ()) == 1 else ""
    return bool(
        _UPDATED.search(clock.text()) or _UPDATED.search(near) or re.search("modified|updated", named, re.IGNORECASE)
    )


def _is_quoted(clock: LexborNode, element: LexborNode) -> bool:
    above = clock.parent
    while above is not None and above.mem_id != element.mem_id:
        if above.tag in ("blockquote", "figure", "aside", "article"):
            return True
        above = above.parent
    return False


def _permalink(element: LexborNode, element_id: str) -> str:
    if not element_id:
        return ""
    for link in element.css("a[href]"):
        href = link.attributes.get("href") or ""
        if href.endswith("#" + element_id) and "share" not in href:
            return href
    return ""
