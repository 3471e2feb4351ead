"""From a Reading to what is written: decide (pure) what is new, revised, the same or withdrawn, then apply.

Never fetches, never encodes.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from index.errors import ConflictError
from index.reports import IngestReport
from index.store import Store
from index.text import passages
from index.types import (
    Decision,
    Kind,
    Known,
    Precision,
    Reading,
    Revision,
    TimeBasis,
    Update,
    Verdict,
)

logger = logging.getLogger(__name__)

PASSAGE_LIMIT_CHARS = 240
LONGEST_WITHDRAWN_RUN = 5
_TOO_OFTEN = 3
_ATTEMPTS = 5
_BASES = (TimeBasis.OWN, TimeBasis.INHERITED, TimeBasis.SEEN)


def content_hash(title: str, text: str, kind: Kind, withdrawn: bool) -> str:
    """Return the hash that tells one revision's content from another's.

    Line breaks do not count: an entry that leaves the page's markup and stays in its JSON-LD loses them.
    """
    content = "\x1f".join((title, " ".join(text.split()), kind.value, "withdrawn" if withdrawn else ""))
    return hashlib.sha256(content.encode()).hexdigest()


def decide(update: Update, known: Known | None, now: datetime) -> Decision:
    """Compare what a source says now with what is held. Pure.

    The time of best basis wins and, among equals, the one known first: `published_at` is the source's
    first time. A changed text takes effect at its edit time where that is later than what stood before,
    else when we saw it.
    """
    published_at, basis, precision = _published(update, known, now)
    revision = _revision(update, known, published_at, now)
    if known is None:
        verdict = Verdict.NEW
    elif revision is None:
        verdict = Verdict.SAME
    else:
        verdict = Verdict.WITHDRAWN if revision.withdrawn else Verdict.REVISED
    spans = () if revision is None else passages(revision.text, limit_chars=PASSAGE_LIMIT_CHARS)
    return Decision(
        verdict=verdict,
        key=update.key,
        live_blog=update.live_blog,
        published_at=published_at,
        time_basis=basis,
        time_precision=precision,
        modified_at=update.modified_at or (known.modified_at if known else None),
        url=update.url or (known.url if known else None),
        revision=revision,
        passages=spans,
        context=update.title,
    )


def _published(update: Update, known: Known | None, now: datetime) -> tuple[datetime, TimeBasis, Precision]:
    ours = (now, TimeBasis.SEEN, Precision.MINUTE)
    if update.published_at is not None:
        ours = (update.published_at, update.time_basis, update.time_precision)
    if known is None:
        return ours
    theirs = (known.published_at, known.time_basis, known.time_precision)
    better = _BASES.index(ours[1]) < _BASES.index(theirs[1])
    sharper = ours[1] is theirs[1] and ours[2] is Precision.MINUTE and theirs[2] is Precision.DAY
    return ours if better or sharper else theirs


def _revision(update: Update, known: Known | None, published_at: datetime, now: datetime) -> Revision | None:
    text = "" if update.withdrawn else update.text
    fingerprint = content_hash(update.title, text, update.kind, update.withdrawn)
    if known is not None and (known.content_hash == fingerprint or (known.withdrawn and update.withdrawn)):
        return None
    return Revision(
        update_no=known.update_no if known else 0,
        number=known.number + 1 if known else 1,
        title=update.title,
        text=text,
        kind=update.kind,
        content_hash=fingerprint,
        seen_at=now,
        effective_at=_effective(update, known, published_at, now),
        withdrawn=update.withdrawn,
    )


def _effective(update: Update, known: Known | None, published_at: datetime, now: datetime) -> datetime:
    if known is None:
        return published_at
    if update.modified_at is not None and known.effective_at < update.modified_at <= now:
        return update.modified_at
    return max(now, known.effective_at)


def changes_anything(decision: Decision, known: Known | None) -> bool:
    """Tell whether anything of a decision has to be written."""
    if known is None or decision.revision is not None:
        return True
    now_said = (decision.published_at, decision.time_basis, decision.time_precision, decision.modified_at)
    held = (known.published_at, known.time_basis, known.time_precision, known.modified_at)
    return now_said != held or (decision.url, decision.live_blog) != (known.url, known.live_blog)


def shared_titles(reading: Reading) -> frozenset[tuple[str, str]]:
    """Return the (live blog, title) pairs that name the whole live blog and no entry of it. Pure.

    Some sources give every entry the headline of the page: searched with each passage it only blurs them.
    """
    blogs = Counter(update.live_blog for update in reading.updates)
    titles = Counter((update.live_blog, update.title) for update in reading.updates)
    named = {(blog.key, blog.title) for blog in reading.live_blogs}
    common = {pair for pair, count in titles.items() if count >= _TOO_OFTEN and 2 * count > blogs[pair[0]]}
    return frozenset(named | common)


def missing(reading: Reading, known: Mapping[str, Known]) -> tuple[Update, ...]:
    """Return a tombstone for each update, of those known inside the reading's window, that it no longer shows. Pure.

    A long gap is a page that shows fewer entries below a pinned one, not a desk that withdrew them all: such a
    run is left alone.
    """
    present = {update.key for update in reading.updates}
    gone: list[Update] = []
    run: list[Update] = []
    for key, held in sorted(known.items(), key=lambda pair: pair[1].published_at):
        if key in present:
            gone, run = gone + _withdrawable(run), []
        elif not held.withdrawn:
            run.append(Update(key=key, text="", live_blog=held.live_blog, withdrawn=True))
    return tuple(gone + _withdrawable(run))


def _withdrawable(run: list[Update]) -> list[Update]:
    return run if len(run) <= LONGEST_WITHDRAWN_RUN else []


def apply(store: Store, reading: Reading, now: datetime) -> IngestReport:
    """Take one reading into the store in one transaction; reading the same again changes nothing.

    A key that stands twice in a reading is taken in order, each over the one before. Where another process
    wrote one of the updates meanwhile, everything is decided anew from what is held then.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _apply(store, reading, now)
        except ConflictError:
            logger.info("reading decided anew source=%s", reading.source)
    return _apply(store, reading, now)


def _apply(store: Store, reading: Reading, now: datetime) -> IngestReport:
    known = store.known(reading.source, {update.key for update in reading.updates})
    tombstones: tuple[Update, ...] = ()
    if reading.window_from is not None:
        blogs = {update.live_blog for update in reading.updates}
        tombstones = missing(reading, store.known_since(reading.source, blogs, reading.window_from))
        known |= store.known(reading.source, {update.key for update in tombstones})
    shared = shared_titles(reading)
    decisions: list[Decision] = []
    verdicts: dict[str, Verdict] = {}
    for update in (*reading.updates, *tombstones):
        held = known.get(update.key)
        decision = decide(update, held, now)
        if (update.live_blog, update.title) in shared:
            decision = replace(decision, context="")
        if verdicts.get(update.key) in (None, Verdict.SAME):
            verdicts[update.key] = decision.verdict
        if changes_anything(decision, held):
            decisions.append(decision)
            known[update.key] = _held(decision, held)
    store.apply(reading.source, reading.format, reading.live_blogs, decisions, now=now)
    return _report(reading, list(verdicts.values()))


def _held(decision: Decision, known: Known | None) -> Known:
    """Return what will be held once a decision is written, for a second entry of the same key."""
    stamp = decision.revision or known
    if stamp is None:
        raise ValueError("a new update without a revision")
    return Known(
        update_no=known.update_no if known else 0,
        published_at=decision.published_at,
        time_basis=decision.time_basis,
        time_precision=decision.time_precision,
        modified_at=decision.modified_at,
        url=decision.url,
        live_blog=decision.live_blog,
        number=stamp.number,
        content_hash=stamp.content_hash,
        effective_at=stamp.effective_at,
        withdrawn=stamp.withdrawn,
    )


def _report(reading: Reading, verdicts: list[Verdict]) -> IngestReport:
    report = IngestReport(
        source=reading.source,
        new=verdicts.count(Verdict.NEW),
        revised=verdicts.count(Verdict.REVISED),
        unchanged=verdicts.count(Verdict.SAME),
        withdrawn=verdicts.count(Verdict.WITHDRAWN),
        warnings=reading.warnings,
    )
    logger.info(
        "reading taken source=%s new=%d revised=%d unchanged=%d withdrawn=%d",
        report.source, report.new, report.revised, report.unchanged, report.withdrawn,
    )  # fmt: skip
    return report
