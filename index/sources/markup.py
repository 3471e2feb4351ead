"""HTML -> clean lines of text: blocks become lines, furniture is left out, entities are undone as often as needed.

Pure. The only home of the HTML parser; what comes out has been through `text.normalise`.
"""

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.errors import FormatError
from index.sources.wording import is_call
from index.text import normalise, normalise_line

_DROPPED = frozenset(
    "script style noscript template svg math iframe figure figcaption picture video audio object embed form button nav "
    "aside footer header input select textarea canvas map head title time amp-img img source dialog".split()
)
_NEVER_TEXT = frozenset("script style noscript template svg iframe head".split())
_BLOCKS = frozenset(
    "address article blockquote body center dd details div dl dt fieldset h1 h2 h3 h4 h5 h6 hr html li main ol p pre "
    "section summary table tbody td tfoot th thead tr ul".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_FURNITURE = frozenset(
    "share sharing social related promo newsletter advert advertisement ad ads adslot byline caption credit copyright "
    "teaser recommended breadcrumb breadcrumbs sponsor sponsored comments comment toolbar kicker feedback "
    "subscribe subscription signup paywall tags permalinks".split()
)
_EMBEDS = frozenset("tweet instagram tiktok embed embedded facebook youtube".split())
_UNSEEN_ROLES = frozenset("button navigation complementary banner contentinfo search dialog".split())
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")
_TAG = re.compile(
    r"</?(?:p|br|a|b|i|u|s|em|strong|div|span|ul|ol|li|blockquote|h[1-6]|figure|figcaption|img|section|article|small|sup|sub"
    r"|table|tr|td|th|tbody|iframe|script|style|cite|q|mark|time|hr|pre|font|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_CUT_TAG = re.compile(
    r"</?(?:a|p|b|i|u|br?|em|strong|div|span|img|li|ul|blockquote|figure)(?:\s[^<>]*)?$", re.IGNORECASE
)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MORE_LINK = re.compile(
    r"(?:<(?:b|strong|i|em|p|span|u)\b[^<>]*>\s{0,9}){0,4}\b(?:read more|read also|more here)(?: here)?\s*[:\-–]?\s*"
    r"(?:<(?:b|strong|i|em|span|u)\b[^<>]*>\s{0,9}){0,4}<a\b[^<>]*>.*?(?:</a>|$)",
    re.IGNORECASE | re.DOTALL,
)
_CALL_LINK = re.compile(
    r"<a\b[^<>]*>(?:\s|<[^<>]*>){0,9}"
    r"(?:(?:for|to read) the full story,? click here|click here[^<]{0,60}|read the full story[^<]{0,60})"
    r"(?:\s|<[^<>]*>){0,9}?</a>\.?",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,40})""", re.IGNORECASE)
_TEXT_CODEC = re.compile(
    r"utf-?8|utf-?16(?:-?[lb]e)?|us-ascii|ascii|iso-?8859-?\d+|latin-?\d|windows-?\d+|cp\d+|koi8-[ru]|gb2312|gbk|gb18030|big5"
    r"|euc-(?:jp|kr)|shift[_-]jis|iso-2022-jp|mac-?cyrillic|macintosh",
    re.IGNORECASE,
)
_OPENING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)[^<>]*?(/?)>")
_UNNESTED = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option tbody "
    "thead".split()
)
_MAX_DEPTH = 3_000  # the parser's time grows with the square of the depth
_MAX_ATTRIBUTES = 1_000  # so does it with the number of one element's attributes
_LONG_OPENING = re.compile(r"<[A-Za-z][^<>]{2000,}")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_LONG_ENOUGH_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One block of text as it stands in a page: the tag of its block, how much of it is links, its anchor."""

    text: str
    tag: str
    link_chars: int = 0
    anchor: str = ""
    noise: int = 0
    depth: int = 0

    @property
    def is_heading(self) -> bool:
        """Tell a heading from a paragraph."""
        return self.tag in _HEADINGS

    @property
    def is_link(self) -> bool:
        """Tell a line that is little else than a link."""
        return bool(self.text) and self.link_chars * 10 > len(self.text) * 6


def decode(content: bytes, *, where: str, charset: str | None = None) -> str:
    """Turn bytes into text: a byte order mark, UTF-8, then what the server or the page declares.

    Raises: FormatError where none of them fits.
    """
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _decoded(content, codec, where)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        declared = charset or _declared(content)
        if declared and _TEXT_CODEC.fullmatch(declared):
            # Browsers read these two as the Windows page that contains them.
            same = re.fullmatch(r"iso-?8859-?1|latin-?1|us-ascii|ascii", declared, re.IGNORECASE)
            return _decoded(content, "cp1252" if same else declared, where)
        raise FormatError(where, f"not UTF-8 (byte {error.start}) and no other encoding declared") from error


def parse(text: str, *, where: str) -> LexborHTMLParser:
    """Parse a page.

    Raises: FormatError where its elements are nested absurdly deep or have absurdly many attributes.
    """
    if _depth(text) > _MAX_DEPTH:
        raise FormatError(where, f"HTML nested more than {_MAX_DEPTH} deep")
    if _has_endless_element(text):
        raise FormatError(where, f"an HTML element with more than {_MAX_ATTRIBUTES} attributes")
    return LexborHTMLParser(text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for closing, tag, alone in _OPENING.findall(text):
        if not alone and tag.lower() not in _UNNESTED:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _has_endless_element(text: str) -> bool:
    return any(len(_QUOTED.sub("", tag).split()) > _MAX_ATTRIBUTES for tag in _LONG_OPENING.findall(text))


def clean(text: str) -> str:
    """Bring a string that may hold tags and entities, perhaps escaped twice, to normalised text."""
    text = _CUT_TAG.sub("", text)
    for _ in range(3):
        if _TAG.search(text):
            text = _without_tags(text)
        elif _ENTITY.search(text):
            text = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
        else:
            break
    return normalise(text)


def clean_line(text: str) -> str:
    """Bring a title that may hold tags and entities to one normalised line."""
    return normalise_line(clean(text))


def text_of(node: LexborNode, *, without: LexborNode | None = None) -> str:
    """Give the text of an entry's own markup: paragraphs as lines, furniture and embeds left out.

    An entry that is nothing but an embed gives the embed's text.
    """
    lines = [line for line in lines_of(node, without=without) if not _is_call(line)]
    for level in (0, 1):
        kept = [line.text for line in lines if line.noise <= level]
        if kept:
            return normalise("\n".join(kept))
    return normalise("\n".join(line.text for line in lines if len(line.text) >= _LONG_ENOUGH_CHARS))


def lines_of(root: LexborNode, *, without: LexborNode | None = None) -> list[Line]:
    """Give every line of text below a node, in order, with what is known of its block."""
    return [] if root.tag in _NEVER_TEXT else list(_Walk(root, without).lines())


def _is_call(line: Line) -> bool:
    return is_call(line.text) and (line.is_link or line.link_chars * 3 > len(line.text) or len(line.text) < 100)


def _decoded(content: bytes, codec: str, where: str) -> str:
    try:
        return content.decode(codec)
    except (UnicodeDecodeError, LookupError) as error:
        raise FormatError(where, f"not {codec.upper()}, although it says so") from error


def _declared(content: bytes) -> str | None:
    found = _CHARSET.search(content[:4096])
    return found.group(1).decode("ascii") if found else None


def _without_tags(fragment: str) -> str:
    fragment = _CALL_LINK.sub("", _MORE_LINK.sub("\n", fragment))
    if _depth(fragment) > _MAX_DEPTH or _has_endless_element(fragment):
        return _ANY_TAG.sub("\n", fragment)  # one absurd entry must not cost the others of its page
    body = parse(f"<body>{fragment}", where="a fragment").body
    if body is None:
        return ""
    return "\n".join(line.text for line in lines_of(body) if not _is_call(line) and line.noise == 0)


class _Walk:
    """One pass over a subtree in document order, without recursion, collecting lines."""

    def __init__(self, root: LexborNode, without: LexborNode | None) -> None:
        self._root = root
        self._without = without.mem_id if without is not None else None
        self._parts: list[str] = []
        self._link_chars = 0
        self._links = 0
        self._noise: list[int] = [0]
        self._blocks: list[tuple[str, str]] = [("", "")]

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the subtree."""
        stack: list[tuple[LexborNode, bool]] = [(self._root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                yield from self._leave(node)
                continue
            yield from self._enter(node)
            if self._is_open(node):
                stack.append((node, True))
                below = [(child, False) for child in node.iter(include_text=True)]
                stack.extend(reversed(below))
        yield from self._flush()

    def _is_open(self, node: LexborNode) -> bool:
        tag = node.tag or ""
        if tag.startswith(("-", "!")) or tag == "br" or node.mem_id == self._without:
            return False
        return node.mem_id == self._root.mem_id or not (tag in _DROPPED or _is_hidden(node))

    def _enter(self, node: LexborNode) -> Iterator[Line]:
        tag = node.tag or ""
        if tag == "-text":
            part = node.text_content or ""
            self._parts.append(part)
            if self._links:
                self._link_chars += len(part.strip())
            return
        if tag == "br":
            yield from self._flush()
            return
        if not self._is_open(node):
            if tag in _BLOCKS or tag in ("figure", "header", "footer", "aside"):
                yield from self._flush()
            return
        if tag in _BLOCKS:
            yield from self._flush()
            self._blocks.append((tag, node.attributes.get("id") or ""))
        self._links += tag == "a"
        root = node.mem_id == self._root.mem_id
        self._noise.append(self._noise[-1] if root else max(self._noise[-1], _noise_of(node)))

    def _leave(self, node: LexborNode) -> Iterator[Line]:
        if node.tag in _BLOCKS:
            yield from self._flush()
            self._blocks.pop()
        self._links -= node.tag == "a"
        self._noise.pop()

    def _flush(self) -> Iterator[Line]:
        text = normalise_line("".join(self._parts))
        tag, anchor = self._blocks[-1]
        if text:
            yield Line(
                text=text,
                tag=tag,
                anchor=anchor,
                link_chars=self._link_chars,
                noise=self._noise[-1],
                depth=len(self._blocks),
            )
        self._parts.clear()
        self._link_chars = 0


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    return (attributes.get("role") or "").lower() in _UNSEEN_ROLES


def _noise_of(node: LexborNode) -> int:
    """Judge an element by the words of its class: 2 furniture, 1 an embed, 0 text."""
    named = node.attributes.get("class") or ""
    if not named:
        return 0
    words = {word.lower() for word in _WORD.findall(named[:400])}
    return 2 if words & _FURNITURE else 1 if words & _EMBEDS else 0
