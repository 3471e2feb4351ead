"""From what the archive says to a Reply: pure. Quotes pass through untouched; the words around them are `texts`'s."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from bot import smalltalk, times
from bot.texts import line
from bot.types import Block, Paragraph, Pointer, Quote, Reply
from index import Answer, ArchiveStatus, AsOf, Excerpt, Query, Question, SourceStatus, Status

NEAREST = 3


def of_answer(answer: Answer, *, now: datetime, zone: str, language: str = "en") -> Reply:
    """Write an answer: the range that was searched, its quotes with their times, how fresh it is; or an honest no."""
    blocks = _answered if answer.status is Status.ANSWERED and answer.excerpts else _abstained
    return Reply(blocks=tuple(blocks(answer, now, zone, language)), zone=zone)


def of_latest(answer: Answer, *, topic: str, now: datetime, zone: str, language: str = "en") -> Reply:
    """Write the newest updates."""
    suffix = "_topic" if topic else ""
    if not answer.excerpts:
        return said(f"latest{suffix}_none", language=language, topic=topic)
    blocks = (
        Paragraph(text=line(f"latest{suffix}", language=language, topic=topic)),
        *_quotes(answer.excerpts, language),
        *_as_of(answer.as_of, now, zone, language),
    )
    return Reply(blocks=blocks, zone=zone)


def of_status(status: ArchiveStatus, *, now: datetime, zone: str, language: str = "en") -> Reply:
    """Tell what is read and when it was last looked at."""
    if not status.sources:
        return said("sources_none", language=language)
    lines = [f"• {_source(source, now, zone, language)}" for source in status.sources]
    return Reply(blocks=(Paragraph(text="\n".join([line("sources", language=language), *lines])),), zone=zone)


def said(key: str, *, language: str = "en", **values: object) -> Reply:
    """Say one of our texts."""
    return Reply(blocks=(Paragraph(text=line(key, language=language, **values)),))


def refused_chatter(question: Question, answer: Answer) -> Answer:
    """Take back the answer to what was no question: thanks and greetings are never met with quotes."""
    if smalltalk.line_for(question.text) is None:
        return answer
    return replace(answer, status=Status.ABSTAINED, confidence=0.0, excerpts=())


def label(name: str, language: str = "en") -> str:
    """Name an excerpt's label in the reader's words; one that we have no words for stays as it is."""
    try:
        return line(f"label_{name}", language=language) if name else ""
    except KeyError:
        return name


def _answered(answer: Answer, now: datetime, zone: str, language: str) -> Iterator[Block]:
    yield from _searched(answer.query, zone, language)
    yield from _quotes(answer.excerpts, language)
    yield from _as_of(answer.as_of, now, zone, language)


def _abstained(answer: Answer, now: datetime, zone: str, language: str) -> Iterator[Block]:
    if answer.newest is None and not answer.nearest:
        yield _nothing_read(answer, zone, language)
        return
    yield Paragraph(text=line("abstained_scope" if answer.query.scope else "abstained", language=language))
    yield from _searched(answer.query, zone, language)
    if answer.newest is not None:
        yield Paragraph(text=line("newest_known", language=language))
        yield Pointer(citation=answer.newest)
    newest_no = answer.newest.update_no if answer.newest else None
    nearest = [near.citation for near in answer.nearest if near.citation.update_no != newest_no][:NEAREST]
    if nearest:
        yield Paragraph(text=line("nearest", language=language))
        yield from (Pointer(citation=citation) for citation in nearest)
    yield from _as_of(answer.as_of, now, zone, language)


def _nothing_read(answer: Answer, zone: str, language: str) -> Paragraph:
    """Tell an empty archive from one whose updates all came later than the moment that was asked about."""
    if answer.as_of.last_checked_at is None:
        return Paragraph(text=line("nothing_read", language=language))
    moment = times.moment(answer.query.as_of or answer.query.now, zone)
    return Paragraph(text=line("nothing_read_by", language=language, moment=moment))


def _quotes(excerpts: Iterable[Excerpt], language: str) -> Iterator[Block]:
    for excerpt in excerpts:
        yield Quote(excerpt=excerpt, note=label(excerpt.label, language))


def _searched(query: Query, zone: str, language: str) -> Iterator[Block]:
    if query.as_of is not None:
        yield Paragraph(text=line("stood_at", language=language, moment=times.moment(query.as_of, zone)))
    if query.scope is None or (query.scope.since is None and query.scope.until is None):
        return
    written = times.span(query.scope.since, query.scope.until, zone)
    key = "searched_phrase" if query.scope.phrase else "searched"
    yield Paragraph(text=line(key, language=language, phrase=query.scope.phrase, range=written))


def _as_of(as_of: AsOf, now: datetime, zone: str, language: str) -> Iterator[Block]:
    if as_of.newest_published_at is None:
        return
    newest = times.moment(as_of.newest_published_at, zone, as_of.newest_precision)
    if as_of.last_checked_at is None or as_of.last_checked_at > now:
        yield Paragraph(text=line("as_of", language=language, newest=newest))
    else:
        ago = times.ago(as_of.last_checked_at, now)
        yield Paragraph(text=line("as_of_checked", language=language, newest=newest, ago=ago))


def _source(source: SourceStatus, now: datetime, zone: str, language: str) -> str:
    if source.newest_published_at is None:
        text = line("source_empty", language=language, name=source.name)
    else:
        newest = times.moment(source.newest_published_at, zone, source.newest_precision)
        checked = source.last_checked_at
        text = line(
            "source" if checked else "source_unchecked",
            language=language,
            name=source.name,
            updates=source.updates,
            newest=newest,
            ago=times.ago(checked, now) if checked else "",
        )
    return line("source_failing", language=language, line=text) if source.last_error else text
