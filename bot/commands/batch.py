"""`dateline ask --batch`: JSON Lines in, one JSON answer a line out, in the same order.

A line that cannot be answered gets an error on its own line; the others are answered all the same.
"""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BufferedIOBase
from pathlib import Path
from typing import Any, NoReturn

from bot import answer_json, replies, times
from bot.commands import opening
from bot.config import Config
from bot.errors import UsageError
from index import Answer, Archive, Previous, Question, QuestionError, previous_of

TOGETHER = 64
_READ_BYTES = 1 << 16
_BOM = b"\xef\xbb\xbf"
_BLANK = _BOM + b" \t\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds for a line that says nothing of it."""

    now: datetime
    zone: str
    limit: int
    live_blog: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line understood: a question, or why it is none. `previous` is left as written until its answer is known."""

    asked_id: object = None
    question: Question | None = None
    previous: object = None
    error: str = ""


@dataclass(slots=True)
class Earlier:
    """The answered lines of this batch, for follow-ups: by id and by the question's text."""

    by_id: dict[str, Previous] = field(default_factory=dict)
    by_text: dict[str, Previous] = field(default_factory=dict)

    def add(self, line: Line, text: str, answer: Answer) -> None:
        """Remember an answered line."""
        self.by_id[_key(line.asked_id)] = self.by_text[text] = previous_of(answer)

    def resolve(self, previous: object) -> Previous | None:
        """Find what a line follows. Raises: ValueError where it names nothing that is known."""
        match previous:
            case None:
                return None
            case {"question": str(text), **rest} if text.strip():
                cited = rest.get("cited")
                known = self.by_text.get(text.strip(), Previous(question=text.strip()))
                return known if cited is None else replace(known, cited=_ids(cited))
            case _ if _key(previous) in self.by_id:
                return self.by_id[_key(previous)]
            case str(text) if text.strip():
                return self.by_text.get(text.strip(), Previous(question=text.strip()))
        raise ValueError("previous is neither a question, nor the id of an earlier line that was answered")


def run(settings: Config, where: str, defaults: Defaults) -> bool:
    """Answer the lines of a file, or of stdin for "-". Returns: whether all could be answered."""
    sound = True
    with _opened(where) as stream, opening.opened_archive(settings) as archive:
        for result in answers(archive, groups(stream, defaults)):
            sound = sound and "error" not in result
            print(json.dumps(result, ensure_ascii=False), flush=True)
    return sound


def answers(archive: Archive, arrived: Iterable[Sequence[Line]]) -> Iterator[dict[str, Any]]:
    """Answer groups of lines in order, those of a group together where none follows another."""
    earlier = Earlier()
    for group in arrived:
        start = 0
        for end in range(1, len(group) + 1):
            if end == len(group) or end - start == TOGETHER or group[end].previous is not None:
                yield from _answer_run(archive, group[start:end], earlier)
                start = end


def groups(stream: BufferedIOBase, defaults: Defaults) -> Iterator[list[Line]]:
    """Read lines in groups as they arrive: questions are encoded faster together, but nobody is kept waiting for more.

    Whoever writes to our stdin may wait for an answer before the next question.
    """
    number = 0
    unfinished: list[bytes] = []
    while arrived := stream.read1(_READ_BYTES):
        first, *others = arrived.split(b"\n")
        unfinished.append(first)
        if not others:
            continue
        complete = [b"".join(unfinished), *others[:-1]]
        unfinished = others[-1:]
        yield [read_line(raw, number + n, defaults) for n, raw in enumerate(complete, start=1) if raw.strip(_BLANK)]
        number += len(complete)
    if (rest := b"".join(unfinished)).strip(_BLANK):
        yield [read_line(rest, number + 1, defaults)]


def read_line(raw: bytes, number: int, defaults: Defaults) -> Line:
    """Understand one line; what is wrong with it is in its `error`."""
    asked_id: object = None
    try:
        fields = _object(raw)
        asked_id = fields.get("id")
        zone = _optional(fields, "zone") or defaults.zone
        if not times.known_zone(zone):
            raise ValueError(f"unknown time zone {zone!r}")
        now = _optional(fields, "now")
        question = Question(
            text=_text(fields),
            now=defaults.now if now is None else opening.moment_of(now, zone),
            zone=zone,
            limit=defaults.limit,
            live_blog=_optional(fields, "live_blog") or defaults.live_blog,
        )
    except (ValueError, UsageError) as error:
        return Line(asked_id=asked_id, error=f"line {number}: {error}")
    return Line(asked_id=asked_id, question=question, previous=fields.get("previous"))


def _answer_run(archive: Archive, run: Sequence[Line], earlier: Earlier) -> Iterator[dict[str, Any]]:
    linked = [_linked(line, earlier) for line in run]
    questions = [line.question for line in linked if line.question is not None]
    found = iter(_ask(archive, questions))
    for line in linked:
        outcome: Answer | str = line.error if line.question is None else next(found)
        if isinstance(outcome, str):
            yield {"id": line.asked_id, "error": outcome}
            continue
        text = line.question.text if line.question else ""
        earlier.add(line, text, outcome)
        yield answer_json.of_answer(outcome, asked_id=line.asked_id, question=text)


def _linked(line: Line, earlier: Earlier) -> Line:
    """Give a line the question that it follows."""
    if line.question is None:
        return line
    try:
        previous = earlier.resolve(line.previous)
    except ValueError as error:
        return Line(asked_id=line.asked_id, error=str(error))
    return Line(asked_id=line.asked_id, question=replace(line.question, previous=previous))


def _ask(archive: Archive, questions: list[Question]) -> list[Answer | str]:
    """Ask together; where one is refused, each on its own, so that only that one fails."""
    try:
        answers = archive.ask_many(questions) if questions else ()
        return [replies.refused_chatter(question, answer) for question, answer in zip(questions, answers, strict=True)]
    except QuestionError as error:
        if len(questions) == 1:
            return [str(error)]
    return [outcome for question in questions for outcome in _ask(archive, [question])]


def _object(raw: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(raw.removeprefix(_BOM).decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    return fields


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"the number {number[:20]} is too large")
    return value


def _text(fields: dict[str, Any]) -> str:
    question = fields.get("question")
    if not isinstance(question, str):
        raise ValueError("question is missing or not a string")
    if not question.strip():
        raise ValueError("the question is empty")
    return question


def _optional(fields: dict[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is not a string")
    return value


def _ids(cited: object) -> tuple[str, ...]:
    if not isinstance(cited, list) or not all(isinstance(key, str) for key in cited):
        raise ValueError("previous.cited is not a list of update ids")
    return tuple(cited)


def _key(asked_id: object) -> str:
    return json.dumps(asked_id, sort_keys=True)


@contextmanager
def _opened(where: str) -> Iterator[BufferedIOBase]:
    with ExitStack() as opened:
        try:
            stream: Any = sys.stdin.buffer if where == "-" else opened.enter_context(Path(where).open("rb"))
        except OSError as error:
            raise UsageError(f"{where}: {error.strerror or error}") from error
        yield stream
