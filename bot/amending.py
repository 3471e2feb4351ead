"""What is written where a source has taken back what a message of ours quoted. Pure.

Words that the update no longer says are struck, and what it says now stands below; a quote that a later update
corrects still stands where it stood, and is shown with the correction.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import times
from bot.amendments import Amendment
from bot.texts import line
from bot.types import Block, Paragraph, Pointer, Quote, Struck
from index import Excerpt, Grade, Standing, Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced:
    """How it is said: the zone of clocks, the language, and whether only that it was taken back is said."""

    zone: str = "UTC"
    language: str = "en"
    brief: bool = False


def amendment_of(place: int, found: Verification, *, seen_at: datetime) -> Amendment | None:
    """Return what became of a quote, None where it stands in all that matters.

    `seen_at`: when we saw that; the source's own time of the edit is told where it gives one.
    """
    if found.grade is not Grade.MATERIAL or found.excerpt is None:
        return None
    reads = shown(found)
    edited_at = next((one.citation.modified_at for one in reads if one.citation.modified_at), None)
    is_edit = found.standing in (Standing.EDITED, Standing.UNCHANGED)
    return Amendment(
        place=place,
        state=hashlib.sha256("\x1f".join((found.standing, *(one.text for one in reads))).encode()).hexdigest(),
        at=edited_at if edited_at and is_edit else seen_at,
    )


def renewed(amendment: Amendment, found: Verification) -> Amendment:
    """Return an amendment with the time of what stands now, where the update changed once more since."""
    return amendment_of(amendment.place, found, seen_at=amendment.at) or amendment


def shown(found: Verification) -> tuple[Excerpt, ...]:
    """Return what is to be shown beside a quote that was taken back."""
    match found.standing:
        case Standing.CORRECTED:
            return found.corrected_by
        case Standing.UNCHANGED:
            return found.taken_back_by
        case Standing.EDITED:
            return found.reads
        case Standing.WITHDRAWN | Standing.UNKNOWN:
            return ()


def amended(
    blocks: Sequence[tuple[Block, int | None]],
    amendments: Mapping[int, Amendment],
    found: Mapping[int, Verification],
    voiced: Voiced,
) -> tuple[Block, ...]:
    """Write a message again, with its amendments, by the places of its quotes."""
    written: list[Block] = []
    for block, place in blocks:
        if place is not None and place in amendments and place in found and isinstance(block, Quote):
            written += taken_back(block, amendments[place], found[place], voiced)
        else:
            written.append(block)
    return tuple(written)


def taken_back(quote: Quote, amendment: Amendment, found: Verification, voiced: Voiced) -> Iterator[Block]:
    """Write what was quoted, and what became of it: nothing, where it stands again by now."""
    if found.grade is not Grade.MATERIAL:
        yield quote
        return
    told = () if voiced.brief else tuple(Quote(excerpt=one) for one in shown(found))
    match found.standing:
        case Standing.WITHDRAWN:
            yield Struck(text=quote.excerpt.text)
            yield said_at("amended_withdrawn", amendment.at, voiced)
            yield Pointer(citation=quote.excerpt.citation)
        case Standing.EDITED if found.reads:
            yield Struck(text=quote.excerpt.text)
            yield said_at("amended_edited" if told else "amended_brief", amendment.at, voiced)
            yield from told or (Pointer(citation=found.reads[0].citation),)
        case Standing.EDITED:
            yield Struck(text=quote.excerpt.text)
            yield said_at("amended_removed", amendment.at, voiced)
            yield Pointer(citation=quote.excerpt.citation)
        case Standing.UNCHANGED:
            yield quote
            yield said_at("amended_added", amendment.at, voiced)
            yield from told or (Pointer(citation=one.citation) for one in found.taken_back_by[:1])
        case Standing.CORRECTED:
            yield Struck(text=quote.excerpt.text) if found.changes else quote
            yield Paragraph(text=line("verify_corrected_by", language=voiced.language))
            yield from told or (Pointer(citation=one.citation) for one in found.corrected_by)
        case Standing.UNKNOWN:
            yield quote


def said_at(key: str, at: datetime, voiced: Voiced) -> Paragraph:
    """Say one of our texts around a moment."""
    moment = times.moment(at, voiced.zone, language=voiced.language)
    return Paragraph(text=line(key, language=voiced.language, moment=moment), moments=((moment, at),))
