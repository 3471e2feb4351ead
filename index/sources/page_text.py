"""Plain text as a reader copies it from a live blog's page: title, date line, key points, headed entries, a sign-off.

A heading is a short line with no closing punctuation before a paragraph; a date line may be glued to what follows it.
"""

import re
from collections.abc import Iterator, Sequence

from index.errors import FormatError, NoUpdatesError
from index.sources import markup
from index.sources.entries import Look, reading, slug
from index.sources.sections import Section, updates_of, without_notes
from index.sources.times import Moment, find
from index.sources.wording import is_call, is_closing_note, is_key_points, is_sign_off
from index.text import normalise
from index.types import LiveBlog, Reading

_HEAD_LINES = 8
_HEADING_CHARS = 140
_ENDS = re.compile(r"[.!?…:;,][\"'”’»)\]]*$|[.…]$")
_BULLET = re.compile(r"^(?:[•‣▪◦●–—*·-]|\d{1,2}[.)])\s+")
_DATED = re.compile(
    r"published|updated|posted|date|veröffentlicht|aktualisiert|stand|publié|mis à jour|publicado|actualizado"
    r"|pubblicato|aggiornato|опубликовано|обновлено|опубліковано|оновлено",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:share|copy link|advertisement|anzeige|werbung|skip (?:next|to)\b.*|image|photo|video|bild|listen|print|menu"
    r"|log in|sign in|subscribe)"
    r"(?:\s*:.{0,120})?",
    re.IGNORECASE,
)
_DATE_LEFTOVER = re.compile(r"^[\s|,;:·•–—-]+|[\s|,;:·•–—-]+$")


def read(content: bytes, look: Look) -> Reading:
    """Read a pasted page.

    Raises: FormatError where it is empty or no text; NoUpdatesError where no paragraph stands in it.
    """
    text = normalise(markup.decode(content, where=look.where, charset=look.charset))
    if not text:
        raise FormatError(look.where, "is empty")
    title, moment, lines = _head(text.split("\n"), look)
    sections, notes = without_notes(list(_sections(lines)))
    if not sections:
        raise NoUpdatesError(look.where, "no entries found: a title without paragraphs")
    # Under a name that the caller gives, several files may meet: the file keeps their keys apart.
    scope = slug(look.stem) if look.source else ""
    key = f"{look.source or look.place}/{slug(look.stem)}"
    return reading(
        look,
        source=look.place,
        format_name="page_text",
        updates=updates_of(
            sections,
            title=title,
            scope=scope,
            live_blog=key,
            url=None,
            day=moment.as_day(look.zone) if moment else None,
        ),
        live_blogs=(
            LiveBlog(
                key=key,
                title=title or look.stem,
                started_at=moment.at if moment else None,
                closed=True if notes.closed else None,
                credits=notes.credits,
            ),
        ),
    )


def _head(lines: Sequence[str], look: Look) -> tuple[str, Moment | None, list[str]]:
    """Take title and date line from the top.

    Returns: the title, the page's time, and the lines that remain, what was glued to the date among them.
    """
    for place, line in enumerate(lines[:_HEAD_LINES]):
        found = list(find(line, look.zone))
        if not found or not _is_date_line(line, found[0][0], place):
            continue
        before = line[: found[0][0]]
        rest = _DATE_LEFTOVER.sub("", line[found[-1][1] :])
        named = _DATED.search(before)
        glued = before[: named.start()] if named else before if place == 0 else ""
        above = [*lines[:place], *([glued.strip()] if len(glued.strip()) > 8 else [])]
        title = above[0] if above else ""
        return title, found[0][2], [*above[1:], *([rest] if rest else []), *lines[place + 1 :]]
    if len(lines) > 1 and not _ENDS.search(lines[0]) and len(lines[0]) <= 2 * _HEADING_CHARS:
        return lines[0], None, list(lines[1:])
    return "", None, list(lines)


def _is_date_line(line: str, date_at: int, place: int) -> bool:
    if _DATED.search(line[:date_at]):
        return len(line[:date_at]) < 60 or place == 0
    return date_at <= 30 and len(line) < 120 and not _ENDS.search(line)


def _sections(lines: Sequence[str]) -> Iterator[Section]:
    heading, paragraphs = "", list[str]()
    told = [line for line in lines if not _LABEL.fullmatch(line)]
    for place, line in enumerate(told):
        after = told[place + 1] if place + 1 < len(told) else ""
        if is_key_points(line) or _is_heading(line, after):
            if paragraphs:
                yield Section(heading=heading, paragraphs=tuple(paragraphs))
            heading, paragraphs = line, []
        else:
            paragraphs.append(_BULLET.sub("", line))
    if paragraphs:
        yield Section(heading=heading, paragraphs=tuple(paragraphs))


def _is_heading(line: str, after: str) -> bool:
    if (
        not after
        or is_closing_note(after)
        or is_call(after)
        or is_sign_off(after)
        or len(line) > _HEADING_CHARS
        or _BULLET.match(line)
        or is_sign_off(line)
    ):
        return False
    if line[0].islower() or len(line) < 4 or _BULLET.match(after):
        return False
    if _ENDS.search(line) and not (line.endswith("?") and len(line) <= 90 and len(after) > len(line)):
        return False
    return bool(_ENDS.search(after)) or len(after) > _HEADING_CHARS
