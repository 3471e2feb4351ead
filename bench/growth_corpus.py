"""A set grown to any size by recombining what it holds: passages of a live blog dealt anew among its updates.

In every variant figures are moved, times are shifted, and in every other one a sentence gives way to another of the
same live blog. The vector of a variant is that of its original plus a difference that was measured on a real variant:
a part is encoded for that, and `realism` tells how near the rest comes to it.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

import numpy as np

from index.archive import Archive
from index.encode import Encoder
from index.ingest import content_hash
from index.text import embedded_text, sentences, text_hash
from index.types import Decision, Kind, LiveBlog, Precision, Revision, Span, TimeBasis, Verdict
from index.vectors.ports import Vectors

_READ_TOGETHER = 512
_FIGURE = re.compile(r"\d{1,6}")
_DAYS_APART = 9
_MOST_BODIES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A passage: its text and its vector. `swapped`: a sentence of it is from elsewhere."""

    body: str
    vector: Vectors
    swapped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An update of the set as it is grown from: `context` is what its passages are encoded with."""

    key: str
    live_blog: str
    context: str
    published_at: datetime
    pieces: tuple[Piece, ...]


def entries(base: Archive) -> list[Entry]:
    """Read the updates of an archive that is encoded, live blog by live blog."""
    base.follower.catch_up()
    found = []
    numbers = np.unique(base.follower.columns.updates).tolist()
    for start in range(0, len(numbers), _READ_TOGETHER):
        chosen = numbers[start : start + _READ_TOGETHER]
        passages = [one for one in base.store.passages(base.store.passage_ids(chosen)).values() if one.revision == 1]
        vectors = base.follower.vectors(np.array([one.id for one in passages], np.int64))
        loaded = base.store.revisions({(one.update_no, 1) for one in passages})
        held: dict[int, list[Piece]] = {}
        for passage, vector in zip(passages, vectors, strict=True):
            body = loaded[passage.update_no, 1][0].text[passage.span.start : passage.span.end]
            held.setdefault(passage.update_no, []).append(Piece(body=body, vector=vector))
        texts = set(base.store.texts(one.id for one in passages).values())
        for update, pieces in held.items():
            revision, citation = loaded[update, 1]
            is_bare = pieces[0].body in texts
            found.append(
                Entry(
                    key=citation.update_id,
                    live_blog=citation.live_blog,
                    context="" if is_bare else revision.title,
                    published_at=citation.published_at,
                    pieces=tuple(pieces[:_MOST_BODIES]),
                )
            )
    return sorted(found, key=lambda one: (one.live_blog, one.published_at, one.key))


def dealt(found: Sequence[Entry], copy: int) -> Iterator[list[Entry]]:
    """Yield the live blogs of one copy; copy 0 is the set itself."""
    for live_blog, group in groupby(found, key=lambda one: one.live_blog):
        blog = list(group)
        yield blog if copy == 0 else list(_dealt(blog, f"{live_blog}~{copy}", copy))


def _dealt(blog: Sequence[Entry], live_blog: str, copy: int) -> Iterator[Entry]:
    lot = random.Random(f"{live_blog}")
    pieces = [piece for one in blog for piece in one.pieces]
    lot.shuffle(pieces)
    hand = iter(pieces)
    for one in blog:
        yield Entry(
            key=f"{one.key}~{copy}",
            live_blog=live_blog,
            context=one.context,
            published_at=one.published_at - timedelta(days=_DAYS_APART * copy, minutes=lot.randrange(240)),
            pieces=tuple(_varied(next(hand), pieces, copy, lot) for _ in one.pieces),
        )


def _varied(piece: Piece, others: Sequence[Piece], copy: int, lot: random.Random) -> Piece:
    spans, strange = sentences(piece.body), lot.choice(others)
    swaps = len(spans) > 1 and strange is not piece and lot.random() < 0.5
    body = piece.body
    if swaps:
        place, foreign = lot.choice(spans), lot.choice(sentences(strange.body))
        body = body[: place.start] + strange.body[foreign.start : foreign.end] + body[place.end :]
    body = _FIGURE.sub(lambda found: str(int(found.group()) + copy), body)
    return Piece(body=body, vector=piece.vector, swapped=swaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What real variants' vectors differ from their originals' by, (n, d), by whether a sentence was swapped."""

    by_swap: Mapping[bool, Vectors]
    realism: Mapping[str, float]

    def moved(self, pieces: Sequence[Piece], lot: np.random.Generator) -> Vectors:
        """Return unit vectors for variants."""
        rows = [self.by_swap[one.swapped][lot.integers(len(self.by_swap[one.swapped]))] for one in pieces]
        return _units(np.stack([one.vector for one in pieces]) + np.stack(rows))


def differences(found: Sequence[Entry], encoder: Encoder, *, count: int) -> Differences:
    """Encode a sample of variants; half of them give the differences, the other half tell how realistic those are."""
    variants = [(one, piece) for blog in dealt(found, 1) for one in blog for piece in one.pieces]
    sample = random.Random(11).sample(variants, min(2 * count, len(variants)))
    pieces = [piece for _, piece in sample]
    real = encoder.encode_passages([embedded_text(one.context, piece.body) for one, piece in sample])
    original = np.stack([piece.vector for piece in pieces])
    swapped = np.array([piece.swapped for piece in pieces])
    half = np.arange(len(pieces)) < len(pieces) // 2
    moved = real - original
    by_swap = {is_swap: moved[half & (swapped == is_swap)] for is_swap in (False, True)}
    for is_swap in (False, True):
        by_swap[is_swap] = by_swap[is_swap] if len(by_swap[is_swap]) else moved
    made = Differences(by_swap=by_swap, realism={}).moved(pieces, np.random.default_rng(5))
    everything = np.stack([piece.vector for one in found for piece in one.pieces])
    rows = {"real": real[~half], "made": made[~half]}
    realism = {"real variants encoded": float(len(pieces))}
    for name, vectors in rows.items():
        cosines = (vectors * original[~half]).sum(1)
        near = np.sort(vectors @ everything.T, axis=1)[:, -10:]
        realism[f"{name}: cosine with the original, mean"] = float(cosines.mean())
        realism[f"{name}: the same, 5th percentile"] = float(np.percentile(cosines, 5))
        realism[f"{name}: cosine of the 10 nearest, mean"] = float(near.mean())
        realism[f"{name}: first less tenth nearest, mean"] = float((near[:, -1] - near[:, 0]).mean())
    return Differences(by_swap=by_swap, realism=realism)


def grow(archive: Archive, found: Sequence[Entry], moves: Differences, *, passages: int) -> None:
    """Add copies to an archive, whole live blogs, until it holds so many passages; goes on where it stopped before."""
    lot = np.random.default_rng(archive.store.last_seq())
    held = archive.store.counts()["passages"]
    there = set(archive.store.live_blog_names())
    copy = 0
    while held < passages:
        for blog in dealt(found, copy):
            if blog[0].live_blog in there:
                continue
            if held >= passages:
                return
            held += _keep(archive, blog, copy, moves, lot)
        copy += 1


def _keep(archive: Archive, blog: Sequence[Entry], copy: int, moves: Differences, lot: np.random.Generator) -> int:
    now = datetime.now(UTC)
    decisions = [_decision(one, now) for one in blog]
    archive.store.apply("growth", "jsonl", [LiveBlog(key=blog[0].live_blog, title="")], decisions, now=now)
    pieces = [piece for one in blog for piece in one.pieces]
    vectors = np.stack([one.vector for one in pieces]) if copy == 0 else moves.moved(pieces, lot)
    hashes = [text_hash(embedded_text(one.context, piece.body)) for one in blog for piece in one.pieces]
    octets = (vector.astype("<f4").tobytes() for vector in vectors)
    archive.store.add_vectors(archive.encoder.id, dict(zip(hashes, octets, strict=True)))
    return len(pieces)


def _decision(one: Entry, now: datetime) -> Decision:
    spans, start = [], 0
    for piece in one.pieces:
        spans.append(Span(start=start, end=start + len(piece.body)))
        start += len(piece.body) + 1
    text = " ".join(piece.body for piece in one.pieces)
    revision = Revision(
        update_no=0,
        number=1,
        title=one.context,
        text=text,
        kind=Kind.UPDATE,
        content_hash=content_hash(one.context, text, Kind.UPDATE, False),
        seen_at=now,
        effective_at=one.published_at,
    )
    return Decision(
        verdict=Verdict.NEW,
        key=one.key,
        live_blog=one.live_blog,
        published_at=one.published_at,
        time_basis=TimeBasis.OWN,
        time_precision=Precision.MINUTE,
        modified_at=None,
        url=None,
        revision=revision,
        passages=tuple(spans),
        context=one.context,
    )


def _units(rows: Vectors) -> Vectors:
    units: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units
