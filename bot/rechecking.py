"""A message of ours held against what the sources say now: which of its quotes stand otherwise than it says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot import shapes
from bot.amending import amendment_of, renewed, shown
from bot.amendments import AT_MOST_EVERY, Amendment, Recheck, Told
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
    question, None where it stands in all that matters. `since`: what its chat was sent unasked after it.
    """

    told: Told
    checked: Mapping[int, Verification]
    blocks: tuple[tuple[Block, int | None], ...]
    now: Mapping[int, Amendment | None]
    since: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[int, ...]:
        """Name the places whose quote stands otherwise than the message says."""
        return self._unlike({one.place: one.state for one in self.told.amendments})

    @property
    def unheard(self) -> tuple[int, ...]:
        """Name the places whose quote stands otherwise than whoever was sent it was told."""
        return tuple(place for place in self._unlike(self.told.heard) if not self._is_heard(place))

    def _unlike(self, said: Mapping[int, str]) -> tuple[int, ...]:
        return tuple(place for place, one in self.now.items() if (one.state if one else None) != said.get(place))

    def _is_heard(self, place: int) -> bool:
        """Tell whether what stands now was quoted to the chat since, say by an alert."""
        reads = shown(self.checked[place]) if self.now[place] is not None else ()
        return bool(reads) and all(any(one.text in text for text in self.since) for one in reads)

    @property
    def is_leaving(self) -> bool:
        """Tell whether it is just being sent: then it is looked at again."""
        return any(part.state is State.SENDING for part in self.told.parts)

    @property
    def amendments(self) -> dict[int, Amendment]:
        """Return all that the message is to say was taken back."""
        before = {
            one.place: renewed(one, self.checked[one.place])
            for one in self.told.amendments
            if one.place not in self.now
        }
        return before | {place: one for place, one in self.now.items() if one is not None}

    def wait_until(self, now: datetime) -> datetime | None:
        """Return when its chat may get a word again, where it got one of this update lately; None: now."""
        told_at = self.told.told_at
        if told_at is None or not timedelta(0) <= now - told_at < AT_MOST_EVERY:
            return None
        return told_at + AT_MOST_EVERY


def held(archive: VerifyingArchive, told: Iterable[Told], recheck: Recheck, now: datetime) -> tuple[Held, ...]:
    """Hold messages against what stands now; each quote is checked once, however many show it."""
    known: dict[Quoted, Verification] = {}
    found = []
    for each in told:
        for quote in (*each.quotes, *each.since):
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
        since = tuple(excerpt.text for quote in each.since if (excerpt := known[quote].excerpt) is not None)
        now_stands = _now(each, checked, recheck, now)
        found.append(Held(told=each, checked=checked, blocks=blocks, now=now_stands, since=since))
    return tuple(found)


def _now(
    told: Told, checked: Mapping[int, Verification], recheck: Recheck, at: datetime
) -> dict[int, Amendment | None]:
    """Tell what became of each quote of the update that is rechecked."""
    said = {one.place for one in told.amendments}
    cited = {(quote.source, quote.update_id) for quote in told.quotes}
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
            beside = {(by.citation.source, by.citation.update_id) for by in one.corrected_by} <= cited
            now[place] = None if beside or was_known else now[place]
    return now


def _named(archive: VerifyingArchive, number: int, now: datetime) -> Citation | None:
    view = archive.update(number, now=now)
    return None if view is None else view.citation
