"""What is written of one update, of a quote that was checked, and of what is new: pure, from the archive's values.

Words of a source stay as they are, in quotes with their citation; the words around them are `texts`'s.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import times
from bot.replies import label
from bot.texts import line
from bot.types import Block, Paragraph, Pointer, Quote, Reply, Struck
from index import Citation, Excerpt, News, RevisionView, Span, Standing, UpdateView, Verification

REVISIONS = 5
FIRST_LOOK = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A quote that was checked, and the update it stands in where that was edited since."""

    verification: Verification
    update: UpdateView | None = None


def whole(view: UpdateView) -> Excerpt:
    """Return all of an update's text as one excerpt."""
    return Excerpt(text=view.text, span=Span(start=0, end=len(view.text)), citation=view.citation, score=1.0)


def of_update(view: UpdateView, *, zone: str, language: str) -> Reply:
    """Write a whole update, what corrects it, and how it changed, newest first."""
    blocks: list[Block] = [Quote(excerpt=whole(view))]
    withdrawn = view.revisions[-1] if view.withdrawn and view.revisions else None
    if withdrawn is not None:
        blocks.append(_timed("update_withdrawn", withdrawn.edited_at or withdrawn.seen_at, zone, language))
    if view.corrected_by:
        blocks.append(Paragraph(text=line("verify_corrected_by", language=language)))
        blocks += [Pointer(citation=citation) for citation in view.corrected_by]
    told = [revision for revision in view.revisions if not revision.withdrawn]
    if len(told) > 1:
        blocks.append(Paragraph(text=line("update_revisions", language=language)))
        for revision in told[:0:-1][:REVISIONS]:
            blocks += _changed(view.citation, revision, zone, language)
        blocks += _first(view.citation, told[0], zone, language)
    return Reply(blocks=tuple(blocks), zone=zone, language=language)


def of_context(views: Iterable[UpdateView], *, zone: str, language: str) -> Reply:
    """Write the whole updates behind an answer."""
    quotes = tuple(Quote(excerpt=whole(view)) for view in views)
    if not quotes:
        return _said("update_unknown", zone, language)
    return Reply(blocks=(Paragraph(text=line("context", language=language)), *quotes), zone=zone, language=language)


def of_related(excerpts: Iterable[Excerpt], *, zone: str, language: str) -> Reply:
    """Write what came later on the same matter."""
    quotes = (Quote(excerpt=excerpt, note=label(excerpt.label, language)) for excerpt in excerpts)
    return Reply(blocks=(Paragraph(text=line("since_then", language=language)), *quotes), zone=zone, language=language)


def of_news(news: News, *, since: datetime | None, first: bool, zone: str, language: str) -> Reply:
    """Write what is new since a moment (None: the newest), and how much more there is."""
    answer = news.answer
    blocks: list[Block] = []
    if first:
        blocks.append(Paragraph(text=line("since_first", language=language)))
    count = len(answer.excerpts) + answer.more
    if since is not None:
        moment = times.moment(since, zone, language=language)
        text = line("since", language=language, count=count, moment=moment) if count else ""
        blocks.append(Paragraph(text=text or line("since_none", language=language, moment=moment)))
    blocks += [Quote(excerpt=excerpt, note=label(excerpt.label, language)) for excerpt in answer.excerpts]
    if answer.more:
        blocks.append(Paragraph(text=line("since_rest", language=language, count=answer.more)))
    return Reply(blocks=tuple(blocks), zone=zone, more=answer.more, language=language)


def of_verification(checked: Sequence[Checked], *, now: datetime, zone: str, language: str) -> Reply:
    """Write how each quote stands now, in order."""
    blocks: list[Block] = [_timed("verify_header", now, zone, language)]
    for one in checked:
        blocks += _verified(one, zone, language)
    return Reply(blocks=tuple(blocks), zone=zone, language=language)


def _verified(checked: Checked, zone: str, language: str) -> Iterator[Block]:
    verification = checked.verification
    if verification.excerpt is not None:
        yield Quote(excerpt=verification.excerpt)
    match verification.standing:
        case Standing.UNCHANGED:
            yield _stands(checked, zone, language)
        case Standing.EDITED:
            yield _edited(checked, "verify_edited_since", zone, language)
            yield from _became(checked)
        case Standing.CORRECTED:
            yield Paragraph(text=line("verify_corrected_by", language=language))
            yield from (Quote(excerpt=excerpt) for excerpt in verification.corrected_by)
        case Standing.WITHDRAWN:
            yield Paragraph(text=line("verify_withdrawn", language=language))
        case Standing.UNKNOWN:
            yield Paragraph(text=line("verify_unknown", language=language))


def _stands(checked: Checked, zone: str, language: str) -> Paragraph:
    verification = checked.verification
    if verification.newest_revision > verification.quoted.revision:
        return _edited(checked, "verify_still_stands", zone, language)
    return Paragraph(text=line("verify_unchanged", language=language))


def _became(checked: Checked) -> Iterator[Block]:
    """Show what went and what came; where the quoted sentences went without successors, all that is left.

    What went is struck only where it is less than the whole quote above, which shows the same words already.
    """
    verification = checked.verification
    gone = [change.old for change in verification.changes if change.old]
    if verification.excerpt is None or " ".join(gone).split() != verification.excerpt.text.split():
        yield from (Struck(text=old) for old in gone)
    if verification.now:
        yield from (Quote(excerpt=excerpt) for excerpt in verification.now)
    elif checked.update is not None:
        yield Quote(excerpt=whole(checked.update))


def _edited(checked: Checked, key: str, zone: str, language: str) -> Paragraph:
    """Say when an update was edited last."""
    update = checked.update
    edited = [one.edited_at for one in update.revisions if one.edited_at and not one.withdrawn] if update else []
    return _timed(key, edited[-1], zone, language) if edited else Paragraph(text=line(key, language=language, time=""))


def _timed(key: str, at: datetime, zone: str, language: str) -> Paragraph:
    """Put a moment into our words around it, whichever of the two they call it."""
    time = times.moment(at, zone, language=language)
    return Paragraph(text=line(key, language=language, time=time, moment=time), moments=((time, at),))


def _changed(citation: Citation, revision: RevisionView, zone: str, language: str) -> Iterator[Block]:
    yield _timed("update_changed", revision.edited_at or revision.seen_at, zone, language)
    cited = _at(citation, revision)
    for change in revision.changes:
        if change.old:
            yield Struck(text=change.old)
        if change.new and change.new_span is not None:
            yield Quote(excerpt=Excerpt(text=change.new, span=change.new_span, citation=cited, score=1.0))


def _first(citation: Citation, revision: RevisionView, zone: str, language: str) -> Iterator[Block]:
    time = times.moment(citation.published_at, zone, citation.time_precision, language=language)
    yield Paragraph(text=line("update_first", language=language, time=time))
    span = Span(start=0, end=len(revision.text))
    yield Quote(excerpt=Excerpt(text=revision.text, span=span, citation=_at(citation, revision), score=1.0))


def _at(citation: Citation, revision: RevisionView) -> Citation:
    """Return the citation of an earlier revision."""
    return replace(
        citation,
        revision=revision.number,
        title=revision.title,
        edited=revision.number > 1,
        modified_at=revision.edited_at,
    )


def _said(key: str, zone: str, language: str) -> Reply:
    return Reply(blocks=(Paragraph(text=line(key, language=language)),), zone=zone, language=language)
