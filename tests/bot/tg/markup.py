"""A strict reader of Telegram's HTML: it refuses what Telegram refuses and tells what Telegram would show."""

import re
from dataclasses import dataclass
from html import unescape

_TOKEN = re.compile(r"<(/?)([a-z-]+)([^<>]*)>|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);|[^<>&]", re.S)
_ATTRIBUTE = re.compile(r'\s+([a-z]+)(?:="([^"]*)")?')
_ALLOWED = {
    "b": frozenset[str](),
    "i": frozenset[str](),
    "a": frozenset({"href"}),
    "blockquote": frozenset({"expandable"}),
    "tg-time": frozenset({"unix", "format"}),
}
_STYLES = {"b", "i"}
_TIME_FORMAT = re.compile(r"r|(?=.)w?[dD]?[tT]?")


class MarkupError(ValueError):
    """Telegram would answer "can't parse entities"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    tag: str
    text: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    text: str
    entities: tuple[Entity, ...]

    def of(self, tag: str) -> list[Entity]:
        return [entity for entity in self.entities if entity.tag == tag]


def parse(markup: str) -> Shown:
    """Read the whole markup. Raises: MarkupError."""
    shown: list[str] = []
    opened: list[tuple[str, dict[str, str], int]] = []
    entities: list[Entity] = []
    position = 0
    while position < len(markup):
        token = _TOKEN.match(markup, position)
        if token is None:
            raise MarkupError(f"unescaped {markup[position]!r} at {position}")
        position = token.end()
        closing, tag, rest = token.groups()
        if tag is None:
            shown.append(unescape(token.group()))
        elif closing:
            _check(bool(opened) and opened[-1][0] == tag and not rest, f"unexpected end tag {tag}")
            name, attributes, start = opened.pop()
            entities.append(Entity(tag=name, text="".join(shown[start:]), attributes=attributes))
        else:
            attributes = _attributes(tag, rest)
            _check_nesting(tag, [name for name, _, _ in opened])
            opened.append((tag, attributes, len(shown)))
    _check(not opened, "a tag is not closed")
    return Shown(text="".join(shown), entities=tuple(entities))


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _attributes(tag: str, rest: str) -> dict[str, str]:
    _check(tag in _ALLOWED, f"unsupported start tag {tag}")
    _check(_ATTRIBUTE.sub("", rest) == "", f"odd attributes {rest!r}")
    attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(rest)}
    _check(set(attributes) <= _ALLOWED[tag], f"unknown attribute of {tag}: {rest!r}")
    if tag == "tg-time":
        _check(attributes["unix"].isdigit(), "not a time")
        _check(_TIME_FORMAT.fullmatch(attributes.get("format", "r")) is not None, "unknown time format")
    return attributes


def _check_nesting(tag: str, around: list[str]) -> None:
    if tag == "blockquote":
        _check("blockquote" not in around, "quotes cannot nest")
    elif tag not in _STYLES:
        _check(set(around) <= _STYLES | {"blockquote"}, f"{tag} cannot stand in {around}")


def _check(condition: bool, complaint: str) -> None:
    if not condition:
        raise MarkupError(complaint)
