"""A message of ours held against what the sources say now: which of its quotes stand otherwise than it says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot import shapes
from bot.amending import amendment_of, renewed
from bot.amendments import AT_MOST_EVERY, SHORTLY, Amendment, Recheck, Told
from bot.backroom import kept_of
from bot.deliveries import State
from bot.records import Quoted
from bot.replies import label
from bot.types import Block, Quote
from index import Citation, Standing, UpdateView, Verification
from index import Quoted as Kept


class VerifyingArchive(Protocol):
    """What it takes of the archive."""

    def verify(self, quotes: Iterable[Kept], *, now: datetime) -> tuple[Verification, ...]:
        """Check quotes against what stands now."""

    def update(self, update_id: str | int, *, now: datetime, source: str = "") -> UpdateView | None:
        """Return a whole update with its revisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message held against what stands now: `checked` and `now` by the places of its quotes.

    `blocks`: as it was sent, but for our words around an answer. `now`: what became of each quote of the update in
    question, None where it stands in all that matters.
    """

    told: Told
    checked: Mapping[int, Verification]
    blocks: tuple[tuple[Block, int | None], ...]
    now: Mapping[int, Amendment | None]

    @property
    def changed(self) -> tuple[int, ...]:
        """Name the places whose quote stands otherwise than the message says."""
        said = {one.place: one.state for one in self.told.amendments}
        return tuple(place for place, one in self.now.items() if (one.state if one else None) != said.get(place))

    @property
    def amendments(self) -> dict[int, Amendment]:
        """Return all that the message is to say was taken back."""
        before = {
            one.place: renewed(one, self.checked[one.place])
            for one in self.told.amendments
            if one.place not in self.now
        }
        return before | {place: one for place, one in self.now.items() if one is not None}

    def wait_until(self, recheck: Recheck, now: datetime) -> datetime | None:
        """Return when to look again, where its chat was told of this update lately or it is being sent; None: now."""
        if any(part.state is State.SENDING for part in self.told.parts):
            return now + SHORTLY
        told_at = self.told.told_at
        if not self.changed or told_at is None or not timedelta(0) <= now - told_at < AT_MOST_EVERY:
            return None
        return told_at + AT_MOST_EVERY


def held(archive: VerifyingArchive, told: Iterable[Told], recheck: Recheck, now: datetime) -> tuple[Held, ...]:
    """Hold messages against what stands now; each quote is checked once, however many show it."""
    known: dict[Quoted, Verification] = {}
    found = []
    for each in told:
        for quote in each.quotes:
            if quote not in known:
                (known[quote],) = archive.verify(kept_of([quote]), now=now)
        checked = {place: known[quote] for place, quote in enumerate(each.quotes)}
        excerpts = [checked[place].excerpt for place in range(len(each.quotes))]
        blocks: tuple[tuple[Block, int | None], ...]
        if each.shape:
            blocks = shapes.read(each.shape, excerpts, lambda number: _named(archive, number, now))
        else:
            language = each.sent.language
            blocks = tuple(
                (Quote(excerpt=excerpt, note=label(each.quotes[place].label, language)), place)
                for place, excerpt in enumerate(excerpts)
                if excerpt is not None
            )
        found.append(Held(told=each, checked=checked, blocks=blocks, now=_now(each, checked, recheck, now)))
    return tuple(found)


def _now(
    told: Told, checked: Mapping[int, Verification], recheck: Recheck, at: datetime
) -> dict[int, Amendment | None]:
    """Tell what became of each quote of the update that is rechecked."""
    said = {one.place for one in told.amendments}
    shown = {(quote.source, quote.update_id) for quote in told.quotes}
    # What was said later than now was said before a clock was set back, and so before what we see now.
    was_known = recheck.seen_at <= told.sent.at <= at
    now: dict[int, Amendment | None] = {}
    for place, quote in enumerate(told.quotes):
        if (quote.source, quote.update_id) != (recheck.source, recheck.update_id):
            continue
        one = checked[place]
        now[place] = amendment_of(place, one, seen_at=recheck.seen_at)
        if one.standing is Standing.CORRECTED and place not in said:
            # What was known when we spoke, or stands beside the quote, is no news of it.
            beside = {(by.citation.source, by.citation.update_id) for by in one.corrected_by} <= shown
            now[place] = None if beside or was_known else now[place]
    return now


def _named(archive: VerifyingArchive, number: int, now: datetime) -> Citation | None:
    view = archive.update(number, now=now)
    return None if view is None else view.citation
