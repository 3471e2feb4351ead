"""What becomes of a text on its way: markup read, cleaned and trimmed, limits checked, mentions and commands found."""

import re
from collections.abc import Sequence

from tests.botapi.html_entities import QUOTES, may_stand_in, parse_html
from tests.botapi.refusals import bad_request, not_simulated
from tests.botapi.state import Json, cut, units

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
ENTITIES = 100
ENTITY_BYTES = 9500
_LINE_MARKS = re.compile(r"[\u2028-\u202e\r]")
_CONTROLS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_FOUND = (
    ("url", re.compile(r"(?<![\w@.])(?:https?://[^\s<>\"]+[^\s<>\".,;:!?)»”]|t\.me/[\w+/?=&-]+)")),
    ("email", re.compile(r"(?<![\w.+@-])[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{2,31}\b", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/])", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{3,8}\b")),
)
_OPAQUE = ("pre", "code", "text_link", "text_mention", "custom_emoji", "date_time")


def formatted(text: str, parse_mode: str | None, entities: Sequence[Json] | None = None) -> tuple[str, list[Json]]:
    """Turn what a bot sends into what a chat shows. Raises: RefusalError where Telegram would not take it."""
    match (parse_mode or "").lower():
        case "html":
            shown, given = parse_html(text)
        case "":
            shown, given = text, [checked(text, entity) for entity in entities or ()]
            _check_nesting(given)
        case "markdown" | "markdownv2":
            raise not_simulated(f"parse_mode {parse_mode}")
        case _:
            raise bad_request("unsupported parse_mode")
    if len(given) > ENTITIES or sum(len(str(entity)) for entity in given) > 10 * ENTITY_BYTES:
        raise bad_request("ENTITIES_TOO_LONG")
    shown, given = trimmed(*cleaned(shown, given))
    return shown, with_found(shown, given)


def message_text(text: str | None, parse_mode: str | None, entities: Sequence[Json] | None) -> tuple[str, list[Json]]:
    if not text:
        raise bad_request("message text is empty")
    shown, found = formatted(text, parse_mode, entities)
    if not shown:
        raise bad_request("text must be non-empty")
    if units(shown) > TEXT_UNITS:
        raise bad_request("message is too long")
    return shown, found


def caption_text(text: str | None, parse_mode: str | None, entities: Sequence[Json] | None) -> tuple[str, list[Json]]:
    shown, found = formatted(text or "", parse_mode, entities)
    if units(shown) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return shown, found


def checked(text: str, entity: Json) -> Json:
    """Take an entity that a bot has placed itself. Raises: RefusalError where it does not lie in the text."""
    start, end = entity["offset"], entity["offset"] + entity["length"]
    if start < 0 or entity["length"] <= 0 or end > units(text):
        raise bad_request(
            f"can't parse entities: entity at offset {start} with length {entity['length']} is out of text"
        )
    try:
        cut(text, entity)
    except UnicodeDecodeError as error:
        message = f"can't parse entities: entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol"
        raise bad_request(f"{message} at byte offset {error.start}") from error
    return entity


def _check_nesting(entities: list[Json]) -> None:
    for inner in entities:
        around = [outer["type"] for outer in entities if outer is not inner and _covers(outer, inner)]
        if not may_stand_in(inner["type"], around):
            raise bad_request(f"can't parse entities: {inner['type']} can't be nested in {', '.join(around)}")
        if any(_crosses(inner, other) for other in entities):
            raise bad_request(f"can't parse entities: {inner['type']} crosses another entity")


def _covers(outer: Json, inner: Json) -> bool:
    begins, ends = outer["offset"], outer["offset"] + outer["length"]
    return bool(begins <= inner["offset"] and inner["offset"] + inner["length"] <= ends) and (
        outer["length"] > inner["length"] or outer["type"] in (*QUOTES, "pre", "code")
    )


def _crosses(one: Json, other: Json) -> bool:
    end = one["offset"] + one["length"]
    return bool(one["offset"] < other["offset"] < end < other["offset"] + other["length"])


def cleaned(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Drop line marks and bidi overrides, put spaces for control characters, and let the entities follow."""
    kept = _CONTROLS.sub(" ", _LINE_MARKS.sub("", text))
    if len(kept) == len(text):
        return kept, entities
    gone = [units(text[: mark.start()]) for mark in _LINE_MARKS.finditer(text)]

    def moved(offset: int) -> int:
        return offset - sum(place < offset for place in gone)

    placed = [
        {**entity, "offset": moved(entity["offset"]),
         "length": moved(entity["offset"] + entity["length"]) - moved(entity["offset"])}
        for entity in entities
    ]  # fmt: skip
    return kept, [entity for entity in placed if entity["length"]]


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Cut white space at both ends, before the first entity at most, and cut the entities with it."""
    shown = text.rstrip(" \n")
    first = min((entity["offset"] for entity in entities), default=len(shown))
    lead = min(len(shown) - len(shown.lstrip(" \n")), first)
    shown = shown[lead:]
    size = units(shown)
    kept = []
    for entity in entities:
        offset = entity["offset"] - lead
        length = min(entity["length"], size - offset)
        if length > 0:
            kept.append({**entity, "offset": offset, "length": length})
    return shown, kept


def with_found(text: str, entities: list[Json]) -> list[Json]:
    """Add what Telegram finds by itself, except inside code and links."""
    closed = [
        (entity["offset"], entity["offset"] + entity["length"]) for entity in entities if entity["type"] in _OPAQUE
    ]
    found = list(entities)
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, end = units(text[: match.start()]), units(text[: match.end()])
            if all(end <= begin or start >= stop for begin, stop in closed):
                found.append({"type": kind, "offset": start, "length": end - start})
                closed.append((start, end))
    return sorted(found, key=lambda entity: (entity["offset"], -entity["length"]))
