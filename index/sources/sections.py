"""Headed sections of one text -> Updates: what is news, what is the key-points box, what is the desk's own note.

Pure. Shared by the article and the pasted text.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.sources.entries import slug
from index.sources.times import Moment
from index.sources.wording import is_call, is_closing_note, is_key_points, is_sign_off, kind_of
from index.text import normalise, normalise_line
from index.types import Kind, Precision, TimeBasis, Update

_SIGN_OFF_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and the paragraphs under it; the lead has no heading."""

    heading: str
    paragraphs: tuple[str, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the desk said about the live blog itself."""

    closed: bool
    credits: str


def without_notes(sections: Sequence[Section]) -> tuple[list[Section], Notes]:
    """Take the desk's own lines out: "closed" notes, "click here" lines, the sign-off at the end."""
    closed = False
    signed = ""
    kept: list[Section] = []
    for place, section in enumerate(sections):
        paragraphs: list[str] = []
        for line_place, line in enumerate(section.paragraphs):
            at_end = place == len(sections) - 1 and len(section.paragraphs) - line_place <= _SIGN_OFF_LINES
            if is_closing_note(line):
                closed = True
            elif at_end and is_sign_off(line):
                signed = line
            elif not is_call(line):
                paragraphs.append(line)
        if is_closing_note(section.heading):
            closed = True
        if paragraphs:
            kept.append(replace(section, paragraphs=tuple(paragraphs)))
    return kept, Notes(closed=closed, credits=signed)


def updates_of(
    sections: Sequence[Section],
    *,
    title: str,
    scope: str,
    live_blog: str,
    url: str | None,
    day: Moment | None,
) -> list[Update]:
    """Make an update of each section; all share the page's day.

    Args:
        sections: in order; one without heading is the lead.
        title: the page's, and so the lead's.
        scope: what the keys are prefixed with, "" for none.
        live_blog: the live blog's key.
        url: the page's address, to which a section's anchor is added.
        day: the page's day; None where it gives none.
    """
    updates: list[Update] = []
    used: Counter[str] = Counter()
    for section in sections:
        lead = not section.heading
        name = "lead" if lead else section.anchor or slug(section.heading) or "section"
        if is_key_points(section.heading):
            name = "key-points"
        used[name] += 1
        name = name if used[name] == 1 else f"{name}-{used[name]}"
        text = normalise("\n".join(section.paragraphs))
        heading = normalise_line(title if lead else section.heading)
        updates.append(
            Update(
                key=f"{scope}#{name}" if scope else name,
                text=text,
                title=heading,
                live_blog=live_blog,
                kind=Kind.UPDATE if lead else kind_of(heading, text),
                published_at=day.at if day else None,
                time_basis=TimeBasis.INHERITED if day else TimeBasis.SEEN,
                time_precision=day.precision if day else Precision.MINUTE,
                url=f"{url}#{section.anchor}" if url and section.anchor else url,
            )
        )
    return updates
