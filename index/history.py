"""An update with all its revisions, and quotes held against them: what stood, what stands now, what became of it.

Reads only. What was quoted is proved by the stored revision, never by what somebody remembers of it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import takewhile

from index import changes
from index.changes import Change
from index.grading import Grade, grade, taken_back_by
from index.related import Near, Related, excerpt_of, opening_excerpt
from index.store import Store
from index.terms import content_words
from index.types import Citation, Excerpt, Revision, Span
from index.views import Quoted, RevisionView, Standing, UpdateView, Verification

_Told = tuple[Revision, Citation]


class History:
    """Shows updates and checks quotes of a store; `related` finds the corrections."""

    def __init__(self, store: Store, related: Related) -> None:
        """Take where to look."""
        self._store = store
        self._related = related

    def update(self, update: str | int, *, now: datetime, source: str = "") -> UpdateView | None:
        """Return an update as of `now`; None where it is unknown, or published later."""
        told = self._told(update, source, now)
        standing = next((one for one in reversed(told) if not one[0].withdrawn), None)
        if standing is None:
            return None
        number = standing[0].update_no
        return UpdateView(
            citation=standing[1],
            text=standing[0].text,
            withdrawn=told[-1][0].withdrawn,
            revisions=tuple(_views([revision for revision, _ in told])),
            corrected_by=tuple(one.citation for one in self._related.corrections_of(number, now=now)),
            corrects=self._related.corrected_of(number, now=now),
        )

    def quoted(self, quotes: Iterable[Quoted]) -> tuple[Excerpt, ...]:
        """Turn stored spans back into excerpts, in order; one that its revision does not prove is left out."""
        excerpts = (self._excerpt(one, self._store.history(self._number(one))) for one in quotes)
        return tuple(excerpt for excerpt in excerpts if excerpt is not None)

    def verify(self, quotes: Iterable[Quoted], *, now: datetime) -> tuple[Verification, ...]:
        """Check each quote against the revision that it cites and against what stands now."""
        return tuple(self._verified(quoted, now) for quoted in quotes)

    def _verified(self, quoted: Quoted, now: datetime) -> Verification:
        number = self._number(quoted)
        history = self._store.history(number)
        excerpt = self._excerpt(quoted, history)
        told = self._told(number, "", now)
        if excerpt is None or not told:
            return Verification(quoted=quoted, standing=Standing.UNKNOWN)
        newest, citation = told[-1]
        became = _became(excerpt, history, told)
        corrections = [one for one in self._related.corrections_of(number, now=now) if _concerns(one, excerpt)]
        standing = _standing(newest, became, corrections)
        return Verification(
            quoted=quoted,
            standing=standing,
            proven=True,
            excerpt=excerpt,
            newest_revision=newest.number,
            changes=tuple(change for change in became if change.kind is not changes.ChangeKind.SAME),
            now=_new_sentences(newest, citation, became),
            corrected_by=tuple(opening_excerpt(one.revision, one.citation) for one in corrections),
            grade=_graded(standing, excerpt, history, newest),
            reads=()
            if newest.withdrawn
            else _reads(newest, citation, [*became, *_beside(excerpt, history, newest, became)]),
            taken_back_by=() if newest.withdrawn else _taken_back_by(excerpt, history, newest, citation),
        )

    def _number(self, quoted: Quoted) -> int:
        return self._store.update_number(quoted.update_id, quoted.source)

    def _told(self, update: str | int, source: str, now: datetime) -> list[_Told]:
        """Return the revisions that were known at `now`, in order; none where the update was published later."""
        told = self._store.history(self._store.update_number(update, source))
        if not told or told[-1][1].published_at > now:
            return []
        return [one for one in told if one[0].number == 1 or one[0].effective_at <= now]

    def _excerpt(self, quoted: Quoted, told: Sequence[_Told]) -> Excerpt | None:
        """Return the quote from the revision that it cites; None where that does not hold it."""
        for revision, citation in told:
            if revision.number == quoted.revision and quoted.span.end <= len(revision.text):
                excerpt = excerpt_of(revision, citation, quoted.span)
                return excerpt if quoted.proves(excerpt.text) else None
        return None


def _views(revisions: Sequence[Revision]) -> Iterable[RevisionView]:
    """Show revisions in order, each with what changed since the last one that was no tombstone."""
    before: Revision | None = None
    for revision in revisions:
        yield RevisionView(
            number=revision.number,
            seen_at=revision.seen_at,
            edited_at=revision.effective_at if revision.number > 1 else None,
            title=revision.title,
            text=revision.text,
            kind=revision.kind,
            withdrawn=revision.withdrawn,
            changes=changes.compare(before.text, revision.text) if before and not revision.withdrawn else (),
        )
        before = before if revision.withdrawn else revision


def _became(excerpt: Excerpt, history: Sequence[_Told], told: Sequence[_Told]) -> tuple[Change, ...]:
    """Return what became of the quoted sentences in the newest text that is told and no tombstone."""
    cited = next(revision for revision, _ in history if revision.number == excerpt.citation.revision)
    newest = [revision for revision, _ in told if not revision.withdrawn][-1]
    return changes.carried(cited.text, newest.text, excerpt.span)


def _standing(newest: Revision, became: Sequence[Change], corrections: Sequence[Near]) -> Standing:
    if newest.withdrawn:
        return Standing.WITHDRAWN
    if corrections:
        return Standing.CORRECTED
    return Standing.UNCHANGED if changes.stands(became) else Standing.EDITED


def _graded(standing: Standing, excerpt: Excerpt, history: Sequence[_Told], newest: Revision) -> Grade:
    if standing in (Standing.WITHDRAWN, Standing.CORRECTED):
        return Grade.MATERIAL
    cited = next(revision for revision, _ in history if revision.number == excerpt.citation.revision)
    return grade(cited.text, newest.text, excerpt.span)


def _new_sentences(newest: Revision, citation: Citation, became: Sequence[Change]) -> tuple[Excerpt, ...]:
    if newest.withdrawn:
        return ()
    return tuple(
        excerpt_of(newest, citation, change.new_span)
        for change in became
        if change.new_span and change.kind is changes.ChangeKind.REWORDED
    )


def _reads(newest: Revision, citation: Citation, became: Sequence[Change]) -> tuple[Excerpt, ...]:
    """Return the quoted sentences that are still there, as they read now; those side by side as one excerpt."""
    spans: list[Span] = []
    for span in sorted((change.new_span for change in became if change.new_span), key=lambda span: span.start):
        if spans and not newest.text[spans[-1].end : span.start].strip():
            spans[-1] = Span(start=spans[-1].start, end=max(span.end, spans[-1].end))
        else:
            spans.append(span)
    return tuple(excerpt_of(newest, citation, span) for span in spans)


def _beside(excerpt: Excerpt, history: Sequence[_Told], newest: Revision, became: Sequence[Change]) -> Iterator[Change]:
    """Return the new sentences next to a quoted one that was written anew, and of the same: it was cut into several."""
    cited = next(revision for revision, _ in history if revision.number == excerpt.citation.revision)
    aligned = changes.align(cited.text, newest.text)
    for place, change in enumerate(aligned):
        if change in became and change.kind is changes.ChangeKind.REWORDED:
            said = content_words(change.old).keys()
            for side in (reversed(aligned[:place]), aligned[place + 1 :]):
                yield from takewhile(partial(_is_piece, said), side)


def _is_piece(said: Collection[str], change: Change) -> bool:
    return change.kind is changes.ChangeKind.ADDED and not content_words(change.new).keys().isdisjoint(said)


def _taken_back_by(
    excerpt: Excerpt, history: Sequence[_Told], newest: Revision, citation: Citation
) -> tuple[Excerpt, ...]:
    cited = next(revision for revision, _ in history if revision.number == excerpt.citation.revision)
    notes = taken_back_by(cited.text, newest.text, excerpt.span)
    return tuple(excerpt_of(newest, citation, note) for note in notes)


def _concerns(correction: Near, excerpt: Excerpt) -> bool:
    """Tell whether a correction speaks of anything that was quoted, and not of another sentence only."""
    said = content_words(f"{correction.revision.title}\n{correction.revision.text}")
    return not content_words(excerpt.text).keys().isdisjoint(said)
