"""From what the archive says to a Reply: pure. Quotes pass through untouched; the words around them are `texts`'s."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import smalltalk, times
from bot.texts import line, listed
from bot.types import Block, Paragraph, Pointer, Quote, Reply
from index import (
    Answer,
    ArchiveStatus,
    AsOf,
    Citation,
    Excerpt,
    Intent,
    Precision,
    Question,
    SourceStatus,
    Status,
    TimeScope,
    local_day,
    may_lie_outside,
    may_lie_within,
)

NEAREST = 3
# From then on whoever asks for the newest is told first how old it is.
STALE_AFTER = timedelta(hours=12)


def of_answer(answer: Answer, *, now: datetime, zone: str, language: str = "en", only: Sequence[str] = ()) -> Reply:
    """Write an answer: the range that was searched, its quotes with their times, how fresh it is; or an honest no.

    `only`: what alone was searched, for the no.
    """
    answered = answer.status is Status.ANSWERED and bool(answer.excerpts)
    blocks = [*(_answered if answered else _abstained)(answer, now, zone, language)]
    if only and not answered:
        names = listed(only, language=language)
        blocks.insert(1, Paragraph(text=line("searched_only", language=language, names=names)))
    return Reply(blocks=tuple(blocks), zone=zone, more=answer.more, language=language)


def of_no_more(answer: Answer, *, now: datetime, zone: str, language: str = "en") -> Reply:
    """Say that there are no next excerpts of a question, and what came near."""
    key = "no_more_updates" if answer.query.intent is Intent.CATCH_UP else "no_more"
    blocks = [Paragraph(text=line(key, language=language)), *_near(answer, "nearest", language)]
    blocks += _as_of(answer.as_of, now, zone, language)
    return Reply(blocks=tuple(blocks), zone=zone, language=language)


def of_next(excerpts: Iterable[Excerpt], *, more: int, zone: str, language: str = "en") -> Reply:
    """Write the next excerpts of a question, and say so where they are the last."""
    blocks: list[Block] = [*_quotes(excerpts, language)]
    if not more:
        blocks.append(Paragraph(text=line("last_of_it", language=language)))
    return Reply(blocks=tuple(blocks), zone=zone, more=more, language=language)


def of_latest(answer: Answer, *, topic: str, now: datetime, zone: str, language: str = "en") -> Reply:
    """Write the newest updates."""
    suffix = "_topic" if topic else ""
    if not answer.excerpts:
        return said(f"latest{suffix}_none", language=language, topic=topic)
    blocks = (
        *_stale(answer.as_of, now, zone, language),
        Paragraph(text=line(f"latest{suffix}", language=language, topic=topic)),
        *_quotes(answer.excerpts, language),
        *_as_of(answer.as_of, now, zone, language),
    )
    return Reply(blocks=blocks, zone=zone, more=answer.more, language=language)


def of_status(
    status: ArchiveStatus, *, now: datetime, zone: str, language: str = "en", only: tuple[str, ...] | None = None
) -> Reply:
    """Tell what is read and when it was last looked at; `only`: of these sources, None for all."""
    sources = [source for source in status.sources if only is None or source.name in only]
    if not sources:
        return said("sources_none", language=language)
    lines = [f"• {_source(source, now, zone, language)}" for source in sources]
    texts = [line("sources", language=language), *lines]
    return Reply(blocks=(Paragraph(text="\n".join(texts)),), zone=zone, language=language)


def fresh(as_of: AsOf, *, now: datetime, zone: str, language: str = "en") -> tuple[Block, ...]:
    """Say how fresh what is shown is; nothing where nothing is known."""
    return tuple(_as_of(as_of, now, zone, language))


def said(key: str, *, language: str = "en", **values: object) -> Reply:
    """Say one of our texts."""
    return Reply(blocks=(Paragraph(text=line(key, language=language, **values)),), language=language)


def refused_chatter(question: Question, answer: Answer) -> Answer:
    """Take back the answer to what was no question: thanks and greetings are never met with quotes."""
    if smalltalk.line_for(question.text) is None:
        return answer
    return replace(answer, status=Status.ABSTAINED, confidence=0.0, excerpts=(), more=0)


def label(name: str, language: str = "en") -> str:
    """Name an excerpt's label in the reader's words; one that we have no words for stays as it is."""
    try:
        return line(f"label_{name}", language=language) if name else ""
    except KeyError:
        return name


def _answered(answer: Answer, now: datetime, zone: str, language: str) -> Iterator[Block]:
    query = answer.query
    if query.intent in (Intent.LATEST, Intent.CATCH_UP) and query.scope is None and query.as_of is None:
        yield from _stale(answer.as_of, now, zone, language)
    yield from _searched(answer, zone, language)
    if query.intent is Intent.FIGURE:
        yield Paragraph(text=line("figure", language=language))
    yield from _quotes(answer.excerpts, language)
    if query.intent is Intent.FIGURE and answer.more:
        yield Paragraph(text=line("figure_more", language=language, count=answer.more))
    yield from _as_of(answer.as_of, now, zone, language)


def _abstained(answer: Answer, now: datetime, zone: str, language: str) -> Iterator[Block]:
    if answer.newest is None and not answer.nearest:
        yield _nothing_read(answer, zone, language)
        return
    query = answer.query
    if answer.scope_empty:
        yield from _searched(answer, zone, language, key="nothing_then")
    else:
        missing = "abstained_figure" if query.intent is Intent.FIGURE else "abstained"
        yield Paragraph(text=line("abstained_scope" if query.scope else missing, language=language))
        yield from _searched(answer, zone, language)
    if answer.newest is not None:
        old = _age(answer.as_of, now, zone, language)
        yield Paragraph(text=line("newest_old" if old else "newest_known", language=language, age=old))
        yield Pointer(citation=answer.newest)
    yield from _near(answer, "nearest_outside" if answer.scope_empty else "nearest", language)
    yield from _as_of(answer.as_of, now, zone, language)


def _near(answer: Answer, key: str, language: str) -> Iterator[Block]:
    newest_no = answer.newest.update_no if answer.newest else None
    nearest = [near.citation for near in answer.nearest if near.citation.update_no != newest_no][:NEAREST]
    if nearest:
        yield Paragraph(text=line(key, language=language))
        yield from (Pointer(citation=citation) for citation in nearest)


def _nothing_read(answer: Answer, zone: str, language: str) -> Paragraph:
    """Tell an empty archive from one whose updates all came later than the moment that was asked about."""
    if answer.as_of.last_checked_at is None:
        return Paragraph(text=line("nothing_read", language=language))
    moment = times.moment(answer.query.as_of or answer.query.now, zone, language=language)
    return Paragraph(text=line("nothing_read_by", language=language, moment=moment))


def _quotes(excerpts: Iterable[Excerpt], language: str) -> Iterator[Block]:
    for excerpt in excerpts:
        yield Quote(excerpt=excerpt, note=label(excerpt.label, language))


def _searched(answer: Answer, zone: str, language: str, *, key: str = "searched") -> Iterator[Block]:
    query = answer.query
    if query.as_of is not None:
        moment = times.moment(query.as_of, zone, language=language)
        yield Paragraph(text=line("stood_at", language=language, moment=moment))
    if query.scope is None or (query.scope.since is None and query.scope.until is None):
        return
    written = times.span(query.scope.since, query.scope.until, zone, language=language)
    cited = [excerpt.citation for excerpt in answer.excerpts]
    if not query.scope_strict and any(_is_outside(query.scope, one, zone) for one in cited):
        yield Paragraph(text=line("searched_near", language=language, range=written))
        return
    said_key = f"{key}_phrase" if query.scope.phrase else key
    yield Paragraph(text=line(said_key, language=language, phrase=query.scope.phrase, range=written))
    if cited and all(may_lie_outside(query.scope, one, zone=zone, now=query.now) for one in cited):
        yield Paragraph(text=line("searched_days", language=language))


def _is_outside(scope: TimeScope, citation: Citation, zone: str) -> bool:
    """Tell whether an update is from outside of a range; one that is known by its day alone, with all of its day."""
    at = citation.published_at
    if citation.time_precision is not Precision.DAY:
        return (scope.since is not None and at < scope.since) or (scope.until is not None and at >= scope.until)
    return not may_lie_within(scope, zone, times.day_of(at))


def _stale(as_of: AsOf, now: datetime, zone: str, language: str) -> Iterator[Block]:
    """Say first how old the newest is, where somebody who asks for the newest could take it for today's."""
    if as_of.newest_published_at is not None and (old := _age(as_of, now, zone, language)):
        newest = times.moment(as_of.newest_published_at, zone, as_of.newest_precision, language=language)
        yield Paragraph(text=line("stale", language=language, age=old, newest=newest))


def _age(as_of: AsOf, now: datetime, zone: str, language: str) -> str:
    """Return how old the newest update known is, or "" where it is young."""
    newest = as_of.newest_published_at
    if newest is None or now - newest < STALE_AFTER:
        return ""
    if as_of.newest_precision is Precision.DAY and local_day(now, zone) <= times.day_of(newest):
        return ""
    return times.age(newest, now, zone, as_of.newest_precision, language=language)


def _as_of(as_of: AsOf, now: datetime, zone: str, language: str) -> Iterator[Block]:
    if as_of.newest_published_at is None:
        return
    newest = times.moment(as_of.newest_published_at, zone, as_of.newest_precision, language=language)
    moments = () if as_of.newest_precision is Precision.DAY else ((newest, as_of.newest_published_at),)
    if as_of.last_checked_at is None or as_of.last_checked_at > now:
        yield Paragraph(text=line("as_of", language=language, newest=newest), moments=moments)
    else:
        ago = times.ago(as_of.last_checked_at, now, language=language)
        yield Paragraph(text=line("as_of_checked", language=language, newest=newest, ago=ago), moments=moments)


def _source(source: SourceStatus, now: datetime, zone: str, language: str) -> str:
    if source.newest_published_at is None:
        text = line("source_empty", language=language, name=source.name)
    else:
        newest = times.moment(source.newest_published_at, zone, source.newest_precision, language=language)
        checked = source.last_checked_at
        text = line(
            "source" if checked else "source_unchecked",
            language=language,
            name=source.name,
            count=source.updates,
            newest=newest,
            ago=times.ago(checked, now, language=language) if checked else "",
        )
    return line("source_failing", language=language, line=text) if source.last_error else text
