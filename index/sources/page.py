"""One web page as the HTML formats see it: its tree, its JSON-LD, its own address, its publisher."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from index.errors import FormatError
from index.sources import json_text, linked, markup
from index.sources.entries import Look, host_of, web_url, without_fragment
from index.sources.linked import Node
from index.sources.times import Moment, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page; a JSON-LD document without a page around it has no tree."""

    look: Look
    tree: LexborHTMLParser | None
    nodes: tuple[Node, ...]
    url: str | None
    site: str
    warnings: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The source's name where the caller gives none: host, publisher or file stem."""
        return host_of(self.url) or self.site or self.look.place

    @property
    def scope(self) -> str:
        """What keys made from titles are prefixed with, so that two pages of a source do not share one."""
        return self.url or self.look.stem

    def meta(self, *names: str) -> str:
        """Give the content of the first meta element with one of these names."""
        if self.tree is None:
            return ""
        held = {
            (element.attributes.get("property") or element.attributes.get("name") or "").lower(): element
            for element in reversed(self.tree.css("meta[property],meta[name]"))
        }
        found = (held[name].attributes.get("content") or "" for name in names if name in held)
        return next((content.strip() for content in found if content.strip()), "")

    def moment(self, *values: object) -> Moment | None:
        """Read the first of the values that is a time."""
        return next((moment for value in values if (moment := parse(value, self.look.zone))), None)


def read_page(content: bytes, look: Look) -> Page:
    """Read a page or a bare JSON-LD document.

    Raises: FormatError where it is empty, in an unknown encoding or not what it should be.
    """
    text = markup.decode(content, where=look.where, charset=look.charset).replace("\0", "")
    if not text.strip():
        raise FormatError(look.where, "is empty")
    if text.lstrip()[0] in "{[":
        return _bare(text, look)
    tree = markup.parse(text, where=look.where)
    found, broken = linked.documents(tree)
    nodes = tuple(linked.nodes(found))
    url = _own_url(tree, nodes, look)
    return Page(look=look, tree=tree, nodes=nodes, url=url, site=_site(nodes), warnings=tuple(broken))


def _bare(text: str, look: Look) -> Page:
    try:
        nodes = tuple(linked.nodes([json_text.parse(text)]))
    except ValueError as error:
        raise FormatError(look.where, f"JSON-LD that is not JSON: {json_text.reason(error)}") from error
    return Page(look=look, tree=None, nodes=nodes, url=_stated_url(nodes, look), site=_site(nodes))


def _own_url(tree: LexborHTMLParser, nodes: tuple[Node, ...], look: Look) -> str | None:
    base = web_url(look.where)
    for selector, name in (("link[rel=canonical]", "href"), ('meta[property="og:url"]', "content")):
        for element in tree.css(selector):
            if url := web_url(element.attributes.get(name), base):
                return without_fragment(url)
    return _stated_url(nodes, look)


def _stated_url(nodes: tuple[Node, ...], look: Look) -> str | None:
    kinds = ("LiveBlogPosting", "NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting", "WebPage")
    for kind in kinds:
        for node in nodes:
            if linked.is_a(node, kind):
                stated = (linked.address(node.get(name)) for name in ("url", "mainEntityOfPage", "@id"))
                if url := next((url for value in stated if (url := web_url(value))), None):
                    return without_fragment(url)
    url = web_url(look.where)
    return without_fragment(url) if url else None


def _site(nodes: tuple[Node, ...]) -> str:
    for node in nodes:
        publisher = node.get("publisher")
        if isinstance(publisher, dict) and (name := linked.text(publisher, "name")):
            return markup.clean_line(name)
    return ""
