"""Builders for what the tests of index start from. Everything happens on an invented 4 May 2031 in Port Alder."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from index import ingest
from index.archive import Archive, open_archive
from index.asked import Asked, asked
from index.config import ArchiveConfig, SearchConfig, StoreConfig
from index.encode import Encoder
from index.evidence import Candidate, gather
from index.rank import Ranked, rank
from index.store import Store
from index.sync import Follower
from index.terms import weigh
from index.types import (
    Citation,
    Kind,
    Known,
    LiveBlog,
    Precision,
    Reading,
    Revision,
    TimeBasis,
    Update,
)
from index.weights import shipped

START = datetime(2031, 5, 4, 8, 0, tzinfo=UTC)
NOW = START + timedelta(hours=4)
SOURCE = "Alder Post"
BLOG = "ferry-strike"


def at(minutes: float) -> datetime:
    """Return the moment that many minutes after START."""
    return START + timedelta(minutes=minutes)


def make_update(
    key: str = "u1",
    text: str = "The ferry left the north pier at dawn. Nobody was hurt.",
    *,
    title: str = "Ferry leaves",
    live_blog: str = BLOG,
    kind: Kind = Kind.UPDATE,
    published_at: datetime | None = START,
    time_basis: TimeBasis = TimeBasis.OWN,
    time_precision: Precision = Precision.MINUTE,
    modified_at: datetime | None = None,
    url: str | None = None,
    withdrawn: bool = False,
) -> Update:
    return Update(
        key=key,
        text="" if withdrawn else text,
        title=title,
        live_blog=live_blog,
        kind=kind,
        published_at=published_at,
        time_basis=time_basis,
        time_precision=time_precision,
        modified_at=modified_at,
        url=url,
        withdrawn=withdrawn,
    )


def make_known(
    *,
    update: Update | None = None,
    published_at: datetime = START,
    time_basis: TimeBasis = TimeBasis.OWN,
    time_precision: Precision = Precision.MINUTE,
    modified_at: datetime | None = None,
    number: int = 1,
    effective_at: datetime = START,
    withdrawn: bool = False,
    update_no: int = 1,
) -> Known:
    """Return what is held of an update that was taken as `update` stands."""
    said = update or make_update()
    return Known(
        update_no=update_no,
        published_at=published_at,
        time_basis=time_basis,
        time_precision=time_precision,
        modified_at=modified_at,
        url=said.url,
        live_blog=said.live_blog,
        number=number,
        content_hash=ingest.content_hash(said.title, "" if withdrawn else said.text, said.kind, withdrawn),
        effective_at=effective_at,
        withdrawn=withdrawn,
    )


def make_reading(
    *updates: Update,
    source: str = SOURCE,
    live_blogs: Iterable[LiveBlog] = (LiveBlog(key=BLOG, title="Ferry strike, day two"),),
    window_from: datetime | None = None,
) -> Reading:
    return Reading(
        source=source, format="jsonl", updates=updates, live_blogs=tuple(live_blogs), window_from=window_from
    )


def take(store: Store, *updates: Update, now: datetime = NOW, **reading: object) -> None:
    """Ingest updates as one reading."""
    ingest.apply(store, make_reading(*updates, **reading), now)  # type: ignore[arg-type]


def encode_all(store: Store, encoder: Encoder, *, batch: int = 64) -> int:
    """Encode everything that has no vector, as the archive does; return how many texts that were."""
    done = 0
    while pending := [row.id for row in store.passage_rows_after(encoder.id, 0, 100_000) if row.vector is None][:batch]:
        texts = store.texts(pending)
        vectors = encoder.encode_passages(list(texts.values()))
        store.add_vectors(encoder.id, {key: row.tobytes() for key, row in zip(texts, vectors, strict=True)})
        done += len(texts)
    return done


def make_follower(store: Store, encoder: Encoder, folder: Path, *, engine: str = "faiss") -> Follower:
    return Follower(store, encoder.id, engine, folder)


def rebuilt(store: Store, encoder: Encoder, *, engine: str = "exact") -> Follower:
    """Return an index made from nothing: what every other way must come to."""
    oracle = Follower(store, encoder.id, engine, Path("never-written"))
    oracle.rebuild()
    return oracle


def make_archive(
    folder: Path, encoder: Encoder, *, engine: Literal["faiss", "exact"] = "faiss", abstain_below: float | None = 0.0
) -> Archive:
    """Open an archive that answers whatever it finds, so that a test sees what it would quote."""
    config = ArchiveConfig(
        store=StoreConfig(directory=folder), search=SearchConfig(engine=engine, abstain_below=abstain_below)
    )
    return open_archive(config, now=NOW, encoder=encoder)


def make_lines(path: Path, updates: Iterable[Update]) -> Path:
    """Write updates as JSON Lines."""
    lines = [
        {
            "id": update.key,
            "title": update.title,
            "text": update.text,
            "live_blog": update.live_blog,
            "published_at": None if update.published_at is None else update.published_at.isoformat(),
            "modified_at": None if update.modified_at is None else update.modified_at.isoformat(),
            "withdrawn": update.withdrawn,
        }
        for update in updates
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def make_candidate(
    text: str,
    *,
    title: str = "",
    minute: float = 0,
    update_no: int = 1,
    kind: Kind = Kind.UPDATE,
    similarity: float = 0.5,
) -> Candidate:
    """Return an update as the search finds it: one passage of a given similarity to the question."""
    revision = Revision(
        update_no=update_no,
        number=1,
        title=title,
        text=text,
        kind=kind,
        content_hash=ingest.content_hash(title, text, kind, False),
        seen_at=at(minute),
        effective_at=at(minute),
    )
    citation = Citation(
        update_id=f"u{update_no}",
        update_no=update_no,
        revision=1,
        title=title,
        kind=kind,
        live_blog=BLOG,
        live_blog_title="Ferry strike, day two",
        source=SOURCE,
        url=None,
        published_at=at(minute),
        time_basis=TimeBasis.OWN,
        time_precision=Precision.MINUTE,
        edited=False,
    )
    return Candidate(revision=revision, citation=citation, spans=((0, len(text)),), similarities=(similarity,))


def make_asked(question: str, frequencies: Mapping[str, int] | None = None, *, passages: int = 100) -> Asked:
    """Return a question as evidence is looked for; without frequencies all its words are equally rare."""
    return asked(question, weigh(question, frequencies or {}, passages))


def make_ranked(
    question: str,
    text: str,
    *,
    title: str = "",
    minute: float = 0,
    update_no: int = 1,
    kind: Kind = Kind.UPDATE,
    similarity: float = 0.5,
) -> Ranked:
    """Return one update, ranked for a question by the shipped weights."""
    candidate = make_candidate(text, title=title, minute=minute, update_no=update_no, kind=kind, similarity=similarity)
    return rank([gather(candidate, make_asked(question))], shipped())[0]
