"""Corpora and question sets to measure on: our own questions, and the shared data beside the repository."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.archive import Archive, open_archive
from index.config import ArchiveConfig, StoreConfig
from index.encode import Encoder
from index.types import Previous, Question

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
OUT = ROOT / "bench" / "out"
MOST_FITTED = 1_500
_QUESTIONS = ROOT / "bench" / "questions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A question, what answers it, and how it is asked. `gold` holds update ids; `kind` is the set's own word."""

    id: str
    question: Question
    answers: tuple[str, ...]
    gold: frozenset[str]
    unanswerable: bool
    kind: str
    split: str
    stale: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchSet:
    """A corpus with its questions. `judges_excerpts` is False where whole updates stand as answers."""

    name: str
    corpus: Path
    questions: Path
    judges_excerpts: bool = True

    def is_there(self) -> bool:
        """Tell whether the corpus can be read here."""
        return self.corpus.is_file() and self.questions.is_file()


def sets() -> dict[str, BenchSet]:
    """Return every set by name, also those whose corpus is absent."""
    shared = SHARED / "eval"
    own = {
        "sample": ROOT / "samples" / "harbour-fire.html",
        "election": ROOT / "samples" / "brennmark-election.json",
        "storm": ROOT / "samples" / "storm-ottilie.atom",
        "seed": SHARED / "seed" / "dw-ukraine-updates-2024-10-24.txt",
        "mirror": SHARED / "pages" / "mirror-uk-riots-2024-08-05.html.gz",
        "guardian": SHARED / "pages" / "guardian-ukraine-2023-05-15.html.gz",
        "dw": SHARED / "pages" / "dw-article-2024-01-30.html.gz",
    }
    made = [BenchSet(name=name, corpus=path, questions=_QUESTIONS / f"{name}.jsonl") for name, path in own.items()]
    made += [
        BenchSet(
            name=name,
            corpus=shared / folder / "corpus.jsonl.gz",
            questions=shared / folder / "queries.jsonl.gz",
            judges_excerpts=judged,
        )
        for name, folder, judged in (("liveblogs", "liveblogs-valid", False), ("passages", "passages-valid", True))
    ]
    return {one.name: one for one in made}


def archive_of(
    bench_set: BenchSet,
    config: ArchiveConfig | None = None,
    *,
    folder: Path | None = None,
    encoder: Encoder | None = None,
) -> Archive:
    """Open the set's archive, ingesting and encoding its corpus the first time.

    Args:
        bench_set: whose corpus.
        config: other settings than the shipped ones.
        folder: where the archive lies; None for the set's own folder under `OUT`.
        encoder: stands in for the config's.
    """
    place = StoreConfig(directory=folder or OUT / "archives" / bench_set.name)
    settings = (config or ArchiveConfig()).model_copy(update={"store": place})
    archive = open_archive(settings, now=datetime.now(UTC), encoder=encoder)
    if not archive.status(now=datetime.now(UTC)).updates:
        archive.ingest_file(bench_set.corpus, now=datetime.now(UTC), source=bench_set.name)
    archive.encode_pending()
    return archive


def judgements(bench_set: BenchSet, keys_by_title: Mapping[str, str], *, scoped_to_stream: bool) -> list[Judgement]:
    """Read a set's questions.

    Args:
        bench_set: whose questions.
        keys_by_title: hash of an update's title -> its key, for sets whose corpus gives no ids.
        scoped_to_stream: ask within the question's own live blog.
    """
    return [_judgement(row, keys_by_title, scoped_to_stream) for row in _rows(bench_set.questions)]


def fitted(judged: Sequence[Judgement]) -> list[Judgement]:
    """Choose what of a set's questions the shipped weights are fitted on, `MOST_FITTED` at most.

    Small talk and what is off topic teach other things.
    """
    tunable = [one for one in judged if one.split == "tune" and one.kind != "smalltalk"]
    return tunable[:: max(1, -(-len(tunable) // MOST_FITTED))]


def title_hash(title: str) -> str:
    """Return the digest by which `gold_title_hashes` names an update."""
    return hashlib.sha256(title.strip().encode()).hexdigest()[:12]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            yield json.loads(line)


def _judgement(row: Mapping[str, Any], keys_by_title: Mapping[str, str], scoped: bool) -> Judgement:
    asked_at = row.get("asked_at")
    previous = row.get("previous")
    gold = row.get("gold_ids") or [keys_by_title.get(digest, digest) for digest in row.get("gold_title_hashes", ())]
    question = Question(
        text=row["question"],
        now=datetime.fromisoformat(asked_at).astimezone(UTC) if asked_at else datetime.now(UTC),
        zone=row.get("zone", "UTC"),
        live_blog=row.get("stream") if scoped else None,
        previous=Previous(question=previous) if previous else None,
    )
    return Judgement(
        id=str(row["id"]),
        question=question,
        answers=tuple(row.get("answers", ())),
        gold=frozenset(gold),
        unanswerable=bool(row.get("unanswerable")),
        kind=row.get("kind") or ("near_miss" if row.get("unanswerable") else "fact"),
        split=row.get("split", "tune"),
        stale=frozenset(row.get("stale", ())),
    )
