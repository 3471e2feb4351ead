"""Fakes at the ports of bot: an archive that answers from a script and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from index import (
    Answer,
    ArchiveError,
    ArchiveStatus,
    IngestReport,
    Look,
    Progress,
    Question,
    QuestionError,
    Saved,
    SourceConfig,
    SourceError,
)
from tests.bot.builders import make_answer, make_excerpt, make_status


class FakeArchive:
    """Answers every question with `answer`, but refuses those that hold the word "refuse"."""

    def __init__(
        self,
        *,
        answer: Answer | None = None,
        status: ArchiveStatus | None = None,
        failure: ArchiveError | None = None,
        findings: Sequence[str] = (),
    ) -> None:
        self.answer = answer or make_answer(make_excerpt())
        self.told = status or make_status()
        self.failure = failure
        self.findings = tuple(findings)
        self.questions: list[Question] = []
        self.runs: list[int] = []
        self.foreseen: list[int] = []
        self.latest_calls: list[tuple[str, str, tuple[str, ...]]] = []
        self.polls: list[str] = []
        self.poll_failures: list[Exception] = []
        self.pending = 0
        self.encodings: list[int | None] = []
        self.saving: Callable[[], Saved | None] | None = None
        self.saved: list[Saved | None] = []
        self.files: list[tuple[Path, str | None, str | None]] = []
        self.urls: list[str] = []
        self.threads: set[str] = set()
        self.closed = False

    def ask(self, question: Question) -> Answer:
        self.threads.add(threading.current_thread().name)
        if self.failure:
            raise self.failure
        if "refuse" in question.text:
            raise QuestionError("the question is refused")
        self.questions.append(question)
        query = replace(self.answer.query, question=question.text, leave_out=question.leave_out)
        return replace(self.answer, query=query)

    def foresee(self, questions: Sequence[Question]) -> None:
        self.foreseen.append(len(questions))

    def ask_many(self, questions: Sequence[Question]) -> Iterator[Answer]:
        self.runs.append(len(questions))
        if any("refuse" in question.text for question in questions):
            raise QuestionError("the question is refused")
        for question in questions:
            yield self.ask(question)

    def latest(
        self,
        *,
        now: datetime,
        limit: int = 3,
        topic: str = "",
        zone: str = "UTC",
        live_blog: str | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> Answer:
        self.latest_calls.append((topic, zone, leave_out))
        return replace(self.answer, query=replace(self.answer.query, question=topic, leave_out=leave_out))

    def status(self, *, now: datetime) -> ArchiveStatus:
        return self.told

    def start_look(self, source: SourceConfig, *, now: datetime) -> Callable[[], Look]:
        self.polls.append(source.name)
        return Look

    def finish_look(self, source: SourceConfig, look: Look, *, now: datetime) -> tuple[IngestReport, ...]:
        if self.poll_failures:
            raise self.poll_failures.pop(0)
        self.pending += 40
        return (IngestReport(source=source.name, new=2, warnings=("an entry without a time",)),)

    def encode_pending(self, *, progress: Progress | None = None, limit: int | None = None) -> int:
        done = self.pending if limit is None else min(limit, self.pending)
        self.pending -= done
        self.encodings.append(limit)
        return done

    def start_save(self) -> Callable[[], Saved | None] | None:
        if self.saving is None:
            return None
        saving, self.saving = self.saving, None
        return saving

    def finish_save(self, saved: Saved | None) -> None:
        self.saved.append(saved)

    def ingest_file(
        self,
        path: Path,
        *,
        now: datetime,
        format: str | None = None,
        source: str | None = None,
        progress: Progress | None = None,
    ) -> tuple[IngestReport, ...]:
        self.files.append((path, format, source))
        if path.name.startswith("bad"):
            raise SourceError(str(path), "no entries found")
        return (IngestReport(source="Harbour Gazette", new=3, unchanged=1, warnings=("an entry without a time",)),)

    def ingest_url(
        self,
        url: str,
        *,
        now: datetime,
        format: str | None = None,
        source: str | None = None,
        progress: Progress | None = None,
    ) -> tuple[IngestReport, ...]:
        self.urls.append(url)
        return (IngestReport(source="Web", revised=1),)

    def rebuild(self, *, progress: Progress | None = None) -> int:
        return 9

    def check(self) -> tuple[str, ...]:
        return self.findings

    def warm(self) -> None:
        self.threads.add(threading.current_thread().name)

    def close(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.closed = True
