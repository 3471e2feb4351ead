"""What is searchable, as of one change number: the VectorIndex and a column for each thing a search filters by.

Follows the store's changes; may lag, never lies. A lost, stale or foreign snapshot is rebuilt from stored vectors.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from uuid import uuid4

import numpy as np

from index import snapshot
from index.columns import NAMES, Columns, FrozenColumns
from index.errors import StoreError
from index.rows import PassageRow
from index.store import Store
from index.vectors.engines import ENGINES
from index.vectors.ports import Frozen, Ids, Mask, VectorIndex, Vectors
from index.vectors.rows import products

logger = logging.getLogger(__name__)

_FORMAT = 4
_READ_TOGETHER = 8192
_FOLLOWED_TOGETHER = 2048
# Share of all passages that must have changed before a snapshot is written by itself.
_WORTH_SAVING = 1 / 20


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot that was written, mapped; the index that it is of, and what that got since."""

    index: VectorIndex
    written: VectorIndex
    added: list[Ids]


class Follower:
    """Keeps a VectorIndex and its Columns in step with a Store, for one encoder."""

    def __init__(self, store: Store, encoder_id: str, engine: str, folder: Path) -> None:
        """Start empty; `folder` is where snapshots lie."""
        self._store = store
        self._encoder_id = encoder_id
        self._engine = engine
        self._folder = folder
        self._saved_seq = -1
        self._failed_seq = -1  # what could not be saved is tried again once it is worth it again
        self._writing = Lock()
        self._clear()

    def _clear(self) -> None:
        self.seq = 0
        self.columns = Columns()
        self._index: VectorIndex | None = None
        self._added: list[Ids] | None = None  # while a snapshot is written: what came since it was begun

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
        changed = self._store.changed_since(self.seq)
        for start in range(0, len(changed), _FOLLOWED_TOGETHER):
            self._take(self._store.passage_rows(self._encoder_id, changed[start : start + _FOLLOWED_TOGETHER]))
        self.seq = newest
        return True

    @property
    def pending(self) -> int:
        """How many of the passages have no vector yet."""
        return len(self.columns) - self.columns.count_encoded

    def rebuild(self) -> int:
        """Make everything again from the store, without a model.

        Returns: the number of vectors.
        """
        with self._writing:
            self._clear()
            self._saved_seq = 0
        self.columns = Columns(room=self._store.counts()["passages"])
        newest = self._store.last_seq()
        while rows := self._store.passage_rows_after(self._encoder_id, self._last_id(), _READ_TOGETHER):
            self._take(rows)
        self.seq = newest
        logger.info("index rebuilt vectors=%d seq=%d", self.columns.count_encoded, newest)
        return self.columns.count_encoded

    def _last_id(self) -> int:
        return int(self.columns.ids[-1]) if len(self.columns) else 0

    def _take(self, rows: Sequence[PassageRow]) -> None:
        held = self._has_vector(np.array([row.id for row in rows], np.int64))
        self._add([row for row, is_held in zip(rows, held, strict=True) if row.vector is not None and not is_held])
        self.columns.take(rows)

    def _has_vector(self, ids: Ids) -> list[bool]:
        has = self.columns.has(ids)
        has[has] = self.columns.encoded[self.columns.places(ids[has])]
        held: list[bool] = has.tolist()
        return held

    def _add(self, rows: Sequence[PassageRow]) -> None:
        if not rows:
            return
        vectors = np.frombuffer(b"".join(row.vector or b"" for row in rows), "<f4").reshape(len(rows), -1)
        if self._index is None:
            self._index = ENGINES[self._engine](vectors.shape[1], self._folder.parent)
        ids = np.array([row.id for row in rows], np.int64)
        self._index.add(ids, vectors)
        if self._added is not None:
            self._added.append(ids)

    # Search

    def select(
        self, *, now_us: int, since_us: int | None, until_us: int | None, live_blogs: Sequence[int] | None
    ) -> Mask:
        """Return a mask over the columns: what was published and stood at `now`, inside the scope."""
        return self.columns.select(now_us=now_us, since_us=since_us, until_us=until_us, live_blogs=live_blogs)

    def nearest(self, vector: Vectors, limit: int, mask: Mask) -> tuple[Ids, Vectors]:
        """Find the passages nearest to a vector among those of a mask, best first."""
        if self._index is None:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return self._index.search(vector, limit, None if mask.all() else self.columns.mask_by_id(mask))

    def similarities(self, vector: Vectors, ids: Ids) -> Vectors:
        """Return the cosine of a vector with each passage (n,); 0 where one is not encoded yet."""
        result = np.zeros(len(ids), np.float32)
        there = self.columns.encoded[self.places(ids)]
        if self._index is not None and there.any():
            result[there] = products(self._index.vectors(ids[there]), vector)
        return result

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors (n, d) of passages that are encoded. Raises: KeyError when one is not."""
        return np.empty((0, 0), np.float32) if self._index is None else self._index.vectors(ids)

    def places(self, ids: Ids) -> Ids:
        """Return where ids stand in the columns; all must be known."""
        return self.columns.places(ids)

    def differences(self, other: "Follower") -> list[str]:
        """Tell in one line each how this index differs from another of the same store; none when it does not."""
        found = [
            f"column {name} of the index differs from the archive"
            for name in NAMES
            if not np.array_equal(getattr(self.columns, name), getattr(other.columns, name))
        ]
        mine, theirs = self._index, other._index
        if found or mine is None or theirs is None:
            return found
        ids = self.columns.ids[self.columns.encoded]
        blocks = (ids[start : start + _READ_TOGETHER] for start in range(0, len(ids), _READ_TOGETHER))
        if not all(np.array_equal(mine.vectors(block), theirs.vectors(block)) for block in blocks):
            found.append("vectors of the index differ from the archive")
        return found

    # Snapshot

    def save(self, *, lazily: bool = False) -> None:
        """Write a snapshot, atomically; lazily: only once the changes since the last one are a twentieth of all.

        A disk that is full or may not be written costs the next start a rebuild, and nothing else: lazily, it is
        logged. Raises: StoreError for it, when the snapshot was asked for.
        """
        if saving := self._prepare(lazily=lazily, aside=False):
            self.finish_save(saving())

    def start_save(self) -> "Callable[[], Saved | None] | None":
        """Prepare to save lazily: the slow part, to be called in any thread while this goes on.

        Returns: None where it is not worth it.
        """
        return self._prepare(lazily=True, aside=True)

    def _prepare(self, *, lazily: bool, aside: bool) -> "Callable[[], Saved | None] | None":
        with self._writing:  # the end of one that is under way is waited for
            worth = max(1, int(len(self.columns) * _WORTH_SAVING)) if lazily else 1
            last = max(self._saved_seq, self._failed_seq) if lazily else self._saved_seq
            if self._index is None or self.seq - last < worth:
                return None
            # A name of its own: another process may have mapped what was written for the same change.
            name = f"{self.seq}-{uuid4().hex[:8]}"
            note = self._identity() | {
                "seq": self.seq,
                "update_at_seq": self._store.update_at_seq(self.seq),
                "dimension": self._dimension(),
                "vectors": f"vectors-{name}",
                "columns": f"columns-{name}.npy",
            }
            columns = self.columns.frozen(copied=aside)
            self._added = []
            return partial(self._write, self._index, self._index.frozen(), columns, self._added, note, lazily)

    def _write(
        self,
        index: VectorIndex,
        frozen: Frozen,
        columns: FrozenColumns,
        added: list[Ids],
        note: dict[str, object],
        lazily: bool,
    ) -> "Saved | None":
        stem, seq = self._folder / str(note["vectors"]), int(str(note["seq"]))
        with self._writing:
            if self._index is not index or seq <= self._saved_seq:
                return None  # it was made again, or saved by another, before we came to it
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                files = (columns.write(self._folder / str(note["columns"])), *frozen.write(stem))
                written = self._mapped(note)
                snapshot.write_note(self._folder, note, files)
            except (OSError, ValueError) as error:
                snapshot.clear_away(self._folder, (str(note["columns"]), stem.name))
                if not lazily:
                    reason = getattr(error, "strerror", None) or error
                    raise StoreError(f"{self._folder}: the index could not be saved: {reason}") from error
                logger.warning("snapshot not saved folder=%s error=%s", self._folder, error)
                self._failed_seq = seq
                return None
            self._saved_seq = seq
        logger.info("snapshot saved seq=%d passages=%d", seq, len(columns))
        return Saved(index, written, added)

    def finish_save(self, saved: "Saved | None") -> None:
        """Read from what was written from now on: what is mapped needs no memory of ours.

        Nothing happens where it is of an index that was made again, or another was begun meanwhile.
        """
        if saved is not None and self._index is saved.index and self._added is saved.added:
            for ids in saved.added:
                saved.written.add(ids, saved.index.vectors(ids))
            self._index, self._added = saved.written, None

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
            note = snapshot.read_note(self._folder)
            if {key: note.get(key) for key in self._identity()} != self._identity():
                logger.info("snapshot is of another archive, encoder or engine")
                return False
            seq = int(str(note["seq"]))
            if self._store.update_at_seq(seq) != note["update_at_seq"]:
                logger.warning("snapshot does not fit the archive seq=%d", seq)
                return False
            snapshot.check_files(self._folder, note)
            columns = Columns.load(self._folder / str(note["columns"]))
            index = self._mapped(note)
            index.vectors(columns.ids[columns.encoded][-1:])
        except FileNotFoundError:
            return False
        except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
            logger.warning("snapshot is damaged error=%s", error)
            return False
        self.columns, self._index, self.seq, self._saved_seq = columns, index, seq, seq
        return True

    def _mapped(self, note: Mapping[str, object]) -> VectorIndex:
        index = ENGINES[self._engine](int(str(note["dimension"])), self._folder.parent)
        index.load(self._folder / str(note["vectors"]))
        return index

    def size_bytes(self) -> int:
        """Return what the snapshot takes on disk."""
        return snapshot.size_bytes(self._folder)
