"""JSON Lines, ours: one update a line, read in batches so that the size of a file does not matter.

Also understands `published` and `stream`, the names of the corpora that answers are measured on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from index.errors import FormatError, NoUpdatesError
from index.sources import json_text
from index.sources.entries import Look, bounded, edited, entry_key, reading, web_url
from index.sources.times import parse
from index.sources.wording import kind_of
from index.text import normalise, normalise_line
from index.types import Kind, LiveBlog, Precision, Reading, TimeBasis, Update

BATCH_UPDATES = 2_000
_REMEMBERED_IDS = 200_000
_MAX_PROBLEMS = 20
_KINDS = {
    **{kind.value: kind for kind in Kind},
    "key point": Kind.KEY_POINT,
    "key_points": Kind.KEY_POINT,
    "closing": Kind.CLOSING,
    "closing note": Kind.CLOSING,
}


@dataclass(slots=True)
class _Batch:
    """What one source has in the batch being filled."""

    updates: list[Update] = field(default_factory=list)
    live_blogs: dict[str, LiveBlog] = field(default_factory=dict)


@dataclass(slots=True)
class _Progress:
    """What is remembered across batches: problems not yet told, and ids with what they said."""

    problems: list[str] = field(default_factory=list)
    problem_count: int = 0
    good: int = 0
    seen: dict[int, int] = field(default_factory=dict)

    def note(self, problem: str) -> None:
        """Keep a problem; only the first ones are told in full."""
        self.problem_count += 1
        if self.problem_count <= _MAX_PROBLEMS:
            self.problems.append(problem)

    def told(self) -> list[str]:
        """Hand over the problems of this batch."""
        problems, self.problems = self.problems, []
        return problems


class _BadLineError(ValueError):
    """A line that is no update; the message says why."""


def read(content: bytes, look: Look) -> Reading:
    """Read JSON Lines held in memory as one Reading.

    Lines that name several sources are all taken under the input's own name.
    Raises: FormatError or NoUpdatesError where no line is good.
    """
    readings = list(read_batches(content.splitlines(), look, batch_updates=len(content) + 1))
    if len(readings) == 1:
        return readings[0]
    updates = [update for part in readings for update in part.updates]
    blogs = {blog.key: blog for part in readings for blog in part.live_blogs}
    warnings = [warning for part in readings for warning in part.warnings]
    warnings.append(f"its lines name {len(readings)} sources; all were taken as {look.place!r}")
    return Reading(
        source=look.place,
        format="jsonl",
        updates=tuple(updates),
        live_blogs=tuple(blogs.values()),
        warnings=bounded(warnings),
    )


def read_batches(lines: Iterable[bytes], look: Look, *, batch_updates: int = BATCH_UPDATES) -> Iterator[Reading]:
    """Read lines as they come, a Reading for each source in each batch.

    A bad line is skipped with a warning that gives its number.
    Raises: FormatError where no line is good; NoUpdatesError where there is none. What was yielded before stays good.
    """
    progress = _Progress()
    batches: dict[str, _Batch] = {}
    held = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            held += _take(line, number, look, batches, progress)
        except _BadLineError as error:
            progress.note(f"line {number}: {error}")
        if held >= batch_updates:
            yield from _flush(batches, look, progress)
            held = 0
    if not progress.good:
        if progress.problems:
            raise FormatError(look.where, f"no good line in it; {progress.problems[0]}")
        raise NoUpdatesError(look.where, "no entries found: it is empty")
    if progress.problem_count > _MAX_PROBLEMS:
        progress.problems.append(f"and {progress.problem_count - _MAX_PROBLEMS} more lines skipped or doubted")
    yield from _flush(batches, look, progress)


def _flush(batches: dict[str, _Batch], look: Look, progress: _Progress) -> Iterator[Reading]:
    for source, batch in batches.items():
        yield reading(
            look,
            source=source,
            format_name="jsonl",
            updates=batch.updates,
            live_blogs=tuple(batch.live_blogs.values()),
            warnings=progress.told(),
        )
    batches.clear()


def _take(line: bytes, number: int, look: Look, batches: dict[str, _Batch], progress: _Progress) -> int:
    try:
        record = json_text.parse(line)
    except ValueError as error:
        raise _BadLineError(f"not JSON: {json_text.reason(error)}") from error
    if not isinstance(record, dict):
        raise _BadLineError("not a JSON object")
    update, live_blog = _update(record, look)
    progress.good += 1
    _watch_ids(update, number, progress)
    batch = batches.setdefault(normalise_line(_string(record, "source")) or look.place, _Batch())
    batch.updates.append(update)
    if live_blog is not None:
        known = batch.live_blogs.get(live_blog.key)
        if known is None or known.title == known.key:
            batch.live_blogs[live_blog.key] = live_blog
    return 1


def _watch_ids(update: Update, number: int, progress: _Progress) -> None:
    """Warn where one id says two things and no edit time tells which is the later."""
    key, said = hash(update.key), hash((update.text, update.title, update.withdrawn))
    before = progress.seen.get(key)
    if before is not None and before != said and update.modified_at is None and not update.withdrawn:
        progress.note(
            f"line {number}: id {update.key!r} again with another text and no modified_at; taken as its next revision"
        )
    if before is not None or len(progress.seen) < _REMEMBERED_IDS:
        progress.seen[key] = said


def _update(record: Mapping[str, object], look: Look) -> tuple[Update, LiveBlog | None]:
    key = entry_key(record.get("id"))
    if not key:
        raise _BadLineError("no id")
    title = normalise_line(_string(record, "title"))
    text = normalise(_string(record, "text")) or title
    withdrawn = record.get("withdrawn") is True
    if not text and not withdrawn:
        raise _BadLineError(f"id {key!r} has neither text nor title")
    live_blog = _live_blog(record)
    moment = parse(record.get("published_at", record.get("published")), look.zone)
    modified = parse(record.get("modified_at"), look.zone)
    update = Update(
        key=key,
        text=text,
        title=title,
        live_blog=live_blog.key if live_blog else "",
        kind=_kind(record, title, text),
        published_at=moment.at if moment else None,
        time_basis=TimeBasis.OWN if moment else TimeBasis.SEEN,
        time_precision=moment.precision if moment else Precision.MINUTE,
        modified_at=edited(moment.at if moment else None, modified.at if modified else None, now=look.now),
        url=web_url(record.get("url")),
        withdrawn=withdrawn,
    )
    return update, live_blog


def _kind(record: Mapping[str, object], title: str, text: str) -> Kind:
    stated = record.get("kind")
    if stated is None:
        guessed = kind_of(title, text)
        return guessed if guessed is Kind.CORRECTION else Kind.UPDATE
    kind = _KINDS.get(stated.lower()) if isinstance(stated, str) else None
    if kind is None:
        raise _BadLineError(f"unknown kind {str(stated)[:40]!r}; one of {', '.join(kind.value for kind in Kind)}")
    return kind


def _live_blog(record: Mapping[str, object]) -> LiveBlog | None:
    value = record.get("live_blog", record.get("stream"))
    if isinstance(value, dict):
        key = entry_key(value.get("key")) or entry_key(value.get("url")) or entry_key(value.get("title"))
        blog = LiveBlog(key=key, title=normalise_line(_string(value, "title")) or key, url=web_url(value.get("url")))
    else:
        key = entry_key(value)
        blog = LiveBlog(key=key, title=normalise_line(_string(record, "live_blog_title")) or key, url=web_url(key))
    return replace(blog) if key else None


def _string(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
