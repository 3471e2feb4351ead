"""JSON-LD as data: the documents of a page, their nodes, and values that may be a string, a list or an object.

Pure. Never recurses, whatever the nesting.
"""

from collections.abc import Iterator, Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser

from index.sources import json_text

Node = Mapping[str, object]


def documents(tree: LexborHTMLParser) -> tuple[list[object], list[str]]:
    """Read every JSON-LD script of a page.

    Returns: the documents that are JSON, and a remark for each that is not.
    """
    found: list[object] = []
    broken: list[str] = []
    for script in tree.css("script"):
        if "ld+json" not in (script.attributes.get("type") or "").lower():
            continue
        try:
            found.append(json_text.parse(script.text()))
        except ValueError as error:
            broken.append(f"JSON-LD that is not JSON: {json_text.reason(error)}")
    return found, broken


def nodes(roots: Sequence[object]) -> Iterator[Node]:
    """Yield every object in the documents, outer before inner, in order."""
    stack: list[object] = list(reversed(roots))
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            yield value
            stack.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            stack.extend(reversed(value))


def is_a(node: Node, *names: str) -> bool:
    """Tell whether a node is of one of these schema.org types, however the vocabulary is prefixed."""
    return any(name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] in names for name in texts(node.get("@type")))


def texts(value: object) -> list[str]:
    """Give the strings of a value that may be a string, a number, an `@value` or a list of them."""
    found: list[str] = []
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, list):
            stack.extend(reversed(part))
        elif isinstance(part, dict):
            stack.append(part.get("@value"))
    return [text for text in found if text.strip()]


def text(node: Node, *names: str) -> str:
    """Give the first string that stands under one of the names."""
    return next((found for name in names for found in texts(node.get(name))), "")


def address(value: object) -> str:
    """Give an address: a string, or the `@id` or `url` of an object, perhaps in a list."""
    for _ in range(8):
        if isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        else:
            break
    return value.strip() if isinstance(value, str) else ""


def listed(value: object, known: Mapping[str, Node]) -> list[Node]:
    """Give the objects of a value: one, a list, a list in a list, or references to `known` nodes."""
    found: list[Node] = []
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, list):
            stack.extend(reversed(part))
        elif isinstance(part, dict) and "@list" in part:
            stack.append(part["@list"])
        elif isinstance(part, dict):
            found.append(known.get(str(part["@id"]), part) if set(part) == {"@id"} else part)
        elif isinstance(part, str) and part in known:
            found.append(known[part])
    return found
