"""What is searchable, as of one change number: the VectorIndex and a column for each thing a search filters by.

Follows the store's changes; may lag, never lies. A lost, stale or foreign snapshot is rebuilt from stored vectors.
"""

import json
import logging
import mmap
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.rows import PassageRow
from index.store import Store
from index.vectors.engines import ENGINES
from index.vectors.ports import Ids, VectorIndex, Vectors

logger = logging.getLogger(__name__)

_COLUMNS = ("ids", "updates", "live_blogs", "published", "valid_from", "valid_until", "encoded")
_FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """One array each, (n,), sorted by passage id; times in microseconds, `encoded`: has a vector."""

    ids: Ids
    updates: Ids
    live_blogs: Ids
    published: Ids
    valid_from: Ids
    valid_until: Ids
    encoded: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[PassageRow]) -> "Columns":
        """Take the columns of rows that are sorted by id."""
        fields = [
            (row.id, row.update_no, row.live_blog_no, row.published_us, row.valid_from_us, row.valid_until_us)
            for row in rows
        ]
        table = np.array(fields, np.int64).reshape(-1, 6)
        encoded = np.array([row.vector is not None for row in rows], np.bool_)
        return cls(**dict(zip(_COLUMNS, (*table.T, encoded), strict=True)))

    def without_updates(self, updates: Iterable[int]) -> "Columns":
        """Drop every passage of these updates."""
        keep = ~np.isin(self.updates, np.fromiter(updates, np.int64))
        return Columns(**{name: getattr(self, name)[keep] for name in _COLUMNS})

    def merged(self, other: "Columns") -> "Columns":
        """Add rows of other ids."""
        order = np.argsort(np.concatenate([self.ids, other.ids]), kind="stable")
        return Columns(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)])[order] for name in _COLUMNS}
        )


class Follower:
    """Keeps a VectorIndex and its Columns in step with a Store, for one encoder."""

    def __init__(self, store: Store, encoder_id: str, engine: str, folder: Path) -> None:
        """Start empty; `folder` is where snapshots lie."""
        self._store = store
        self._encoder_id = encoder_id
        self._engine = engine
        self._folder = folder
        self._saved_seq = -1
        self._clear()

    def _clear(self) -> None:
        self.seq = 0
        self.columns = Columns.of([])
        self._index: VectorIndex | None = None

    def catch_up(self) -> bool:
        """Follow every change since `seq`; the first call loads the snapshot or rebuilds.

        Returns: whether anything changed.
        """
        if self._saved_seq < 0 and not self._load():
            self.rebuild()
            return True
        newest = self._store.last_seq()
        if newest == self.seq:
            return False
        self._follow(self._store.changed_since(self.seq))
        self.seq = newest
        return True

    def _follow(self, changed: Sequence[int]) -> None:
        rows = self._store.passage_rows(self._encoder_id, changed)
        gone = self.columns.ids[np.isin(self.columns.updates, np.array(changed, np.int64)) & self.columns.encoded]
        if self._index is not None:
            self._index.remove(np.setdiff1d(gone, np.array([row.id for row in rows], np.int64)))
        known = set(gone.tolist())
        self._add([row for row in rows if row.vector is not None and row.id not in known])
        self.columns = self.columns.without_updates(changed).merged(Columns.of(rows))

    def rebuild(self) -> int:
        """Make everything again from the store, without a model.

        Returns: the number of vectors.
        """
        self._clear()
        self._saved_seq = 0
        newest = self._store.last_seq()
        rows = self._store.passage_rows(self._encoder_id)
        encoded = [row for row in rows if row.vector is not None]
        self._add(encoded)
        self.columns = Columns.of(rows)
        self.seq = newest
        logger.info("index rebuilt vectors=%d seq=%d", len(encoded), newest)
        return len(encoded)

    def _add(self, rows: Sequence[PassageRow]) -> None:
        if not rows:
            return
        vectors = np.frombuffer(b"".join(row.vector or b"" for row in rows), "<f4").reshape(len(rows), -1)
        if self._index is None:
            self._index = ENGINES[self._engine](vectors.shape[1])
        self._index.add(np.array([row.id for row in rows], np.int64), vectors)

    # Search

    def select(
        self, *, now_us: int, since_us: int | None, until_us: int | None, live_blogs: Sequence[int] | None
    ) -> NDArray[np.bool_]:
        """Return a mask over the columns: what was published and stood at `now`, inside the scope."""
        columns = self.columns
        mask: NDArray[np.bool_] = columns.published <= now_us
        mask &= (columns.valid_from <= now_us) & (columns.valid_until > now_us)
        if since_us is not None:
            mask &= columns.published >= since_us
        if until_us is not None:
            mask &= columns.published < until_us
        if live_blogs is not None:
            mask &= np.isin(columns.live_blogs, np.array(live_blogs, np.int64))
        return mask

    def nearest(self, vector: Vectors, limit: int, mask: NDArray[np.bool_]) -> tuple[Ids, Vectors]:
        """Find the passages nearest to a vector among those of a mask, best first."""
        allowed = self.columns.ids[mask & self.columns.encoded]
        if self._index is None or not len(allowed):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        everything = len(allowed) == int(self.columns.encoded.sum())
        return self._index.search(vector, limit, None if everything else allowed)

    def similarities(self, vector: Vectors, ids: Ids) -> Vectors:
        """Return the cosine of a vector with each passage (n,); 0 where one is not encoded yet."""
        result = np.zeros(len(ids), np.float32)
        there = self.columns.encoded[self.places(ids)]
        if self._index is not None and there.any():
            result[there] = self._index.vectors(ids[there]) @ vector
        return result

    def places(self, ids: Ids) -> NDArray[np.int64]:
        """Return where ids stand in the columns; all must be known."""
        return np.searchsorted(self.columns.ids, ids)

    def differences(self, other: "Follower") -> list[str]:
        """Tell in one line each how this index differs from another of the same store; none when it does not."""
        found = [
            f"column {name} of the index differs from the archive"
            for name in _COLUMNS
            if not np.array_equal(getattr(self.columns, name), getattr(other.columns, name))
        ]
        ids = self.columns.ids[self.columns.encoded]
        mine, theirs = self._index, other._index
        if not found and mine and theirs and not np.array_equal(mine.vectors(ids), theirs.vectors(ids)):
            found.append("vectors of the index differ from the archive")
        return found

    # Snapshot

    def save(self, *, lazily: bool = False) -> None:
        """Write a snapshot, atomically; lazily: only once the changes since the last one are a twentieth of all.

        A disk that is full or may not be written costs the next start a rebuild, and nothing else: lazily, it is
        logged. Raises: StoreError for it, when the snapshot was asked for.
        """
        worth = max(1, len(self.columns.ids) // 20) if lazily else 1
        if self._index is None or self.seq - self._saved_seq < worth:
            return
        try:
            self._write(self._index)
        except OSError as error:
            if not lazily:
                raise StoreError(f"{self._folder}: the index could not be saved: {error.strerror or error}") from error
            logger.warning("snapshot not saved folder=%s error=%s", self._folder, error)

    def _write(self, index: VectorIndex) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        vectors, columns = self._folder / f"vectors-{self.seq}", self._folder / f"columns-{self.seq}.npz"
        index.save(vectors)
        with columns.open("wb") as file:
            np.savez(file, **{name: getattr(self.columns, name) for name in _COLUMNS})
        meta = self._identity() | {
            "seq": self.seq,
            "update_at_seq": self._store.update_at_seq(self.seq),
            "dimension": self._dimension(),
            "vectors": vectors.name,
            "vectors_crc32": _crc32(vectors),
            "columns": columns.name,
        }
        draft = self._folder / "snapshot.json.tmp"
        draft.write_text(json.dumps(meta))
        draft.replace(self._folder / "snapshot.json")
        for old in self._folder.iterdir():
            if old.name not in (vectors.name, columns.name, "snapshot.json"):
                old.unlink(missing_ok=True)  # another process may clear up too
        self._saved_seq = self.seq
        logger.info("snapshot saved seq=%d passages=%d", self.seq, len(self.columns.ids))

    def _dimension(self) -> int:
        first = self.columns.ids[self.columns.encoded][:1]
        return 0 if self._index is None or not len(first) else int(self._index.vectors(first).shape[1])

    def _identity(self) -> dict[str, object]:
        return {
            "format": _FORMAT,
            "archive": self._store.archive_id(),
            "encoder": self._encoder_id,
            "engine": self._engine,
        }

    def _load(self) -> bool:
        """Take the snapshot if it is whole, ours and not ahead of the store."""
        try:
            meta = json.loads((self._folder / "snapshot.json").read_text())
            if not isinstance(meta, dict):
                raise TypeError("snapshot.json is not an object")
            if {key: meta.get(key) for key in self._identity()} != self._identity():
                logger.info("snapshot is of another archive, encoder or engine")
                return False
            seq = int(meta["seq"])
            if self._store.update_at_seq(seq) != meta["update_at_seq"]:
                logger.warning("snapshot does not fit the archive seq=%d", seq)
                return False
            with np.load(self._folder / meta["columns"]) as saved:
                columns = Columns(**{name: saved[name] for name in _COLUMNS})
            if _crc32(self._folder / meta["vectors"]) != meta["vectors_crc32"]:
                raise ValueError("its vectors are not those that were saved")
            index = ENGINES[self._engine](int(meta["dimension"]))
            index.load(self._folder / meta["vectors"])
            index.vectors(columns.ids[columns.encoded][-1:])
        except FileNotFoundError:
            return False
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            logger.warning("snapshot is damaged error=%s", error)
            return False
        self.columns, self._index, self.seq, self._saved_seq = columns, index, seq, seq
        return True

    def size_bytes(self) -> int:
        """Return what the snapshot takes on disk."""
        return sum(file.stat().st_size for file in self._folder.glob("*")) if self._folder.is_dir() else 0


def _crc32(path: Path) -> int:
    """Return a file's checksum; of the columns, numpy's own format keeps one."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return zlib.crc32(content)
