import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from threading import Event, Timer

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import snapshot
from index.errors import StoreError
from index.rows import to_us
from index.store import Store
from index.sync import Follower, Saved
from index.vectors.engines import ENGINES
from index.vectors.exact import ExactIndex
from index.vectors.rows import FrozenRows, VectorRows
from tests.index.builders import at, encode_all, make_follower, make_update, rebuilt, take
from tests.index.fakes import BagEncoder

ENGINE = pytest.mark.parametrize("engine", ENGINES)
ENCODER = BagEncoder(dimension=16)
TEXTS = (
    "Two boats are missing. The crews wait on the pier.",
    "Three boats are missing. The wind has turned.",
    "The mayor has left town. Nobody knows where to. The council meets at noon in the old hall by the market square, "
    "and the fishers will be heard first. It will take an hour, perhaps two, and then the council votes in the open.",
    "The inn is full.",
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from("abcd"), st.sampled_from(TEXTS)),
        st.tuples(st.just("withdraw"), st.sampled_from("abcd"), st.just("")),
        st.tuples(st.just("encode"), st.just(""), st.just("")),
        st.tuples(st.just("encode some"), st.just(""), st.just("")),
        st.tuples(st.just("follow"), st.just(""), st.just("")),
        st.tuples(st.just("save"), st.just(""), st.just("")),
        st.tuples(st.just("begin to save"), st.just(""), st.just("")),
        st.tuples(st.just("end saving"), st.just(""), st.just("")),
        st.tuples(st.just("restart"), st.just(""), st.just("")),
    ),
    max_size=14,
)


class World:
    """A store, an index that follows it, and a clock that moves with every step."""

    def __init__(self, folder: Path, *, engine: str = "faiss") -> None:
        """Start with nothing."""
        self.folder = folder
        self.engine = engine
        self.store = Store(":memory:")
        self.follower = self.new_follower()
        self._minute = 0
        self._saving: Callable[[], Saved | None] | None = None

    def new_follower(self) -> Follower:
        return make_follower(self.store, ENCODER, self.folder, engine=self.engine)

    def take(self, what: str, key: str, text: str) -> None:
        self._minute += 1
        match what:
            case "say":
                update = make_update(key, text, title=f"About {key}", published_at=at(0))
                take(self.store, update, now=at(self._minute))
            case "withdraw":
                take(self.store, make_update(key, withdrawn=True), now=at(self._minute))
            case "encode":
                encode_all(self.store, ENCODER)
            case "encode some":
                rows = self.store.passage_rows_after(ENCODER.id, 0, 999)
                texts = self.store.texts([row.id for row in rows if row.vector is None][:1])
                vectors = ENCODER.encode_passages(list(texts.values()))
                self.store.add_vectors(
                    ENCODER.id, {key: row.tobytes() for key, row in zip(texts, vectors, strict=True)}
                )
            case "follow":
                self.follower.catch_up()
            case "save":
                self.follower.catch_up()
                self.follower.save()
            case "begin to save":
                self.follower.catch_up()
                self._saving = self.follower.start_save()
            case "end saving":
                saving, self._saving = self._saving, None
                if saving is not None:
                    self.follower.finish_save(saving())
            case "restart":
                self._saving = None
                self.follower = self.new_follower()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield a world with three updates encoded, followed and saved."""
    made = World(tmp_path / "snapshot")
    with closing(made.store):
        for key, text in zip("abc", TEXTS, strict=False):
            made.take("say", key, text)
        made.take("encode", "", "")
        made.take("save", "", "")
        yield made


def assert_as_rebuilt(follower: Follower, store: Store) -> None:
    oracle = rebuilt(store, ENCODER)
    assert follower.differences(oracle) == []
    assert follower.seq == store.last_seq()
    everything = np.ones(len(oracle.columns.ids), np.bool_)
    vector = ENCODER.encode_queries(["missing boats"])[0]
    ours, theirs = follower.nearest(vector, 50, everything), oracle.nearest(vector, 50, everything)
    assert np.allclose(ours[1], theirs[1], atol=1e-5)
    assert sorted(ours[0].tolist()) == sorted(theirs[0].tolist())


@ENGINE
@given(steps=STEPS)
def test_catch_up_when_anything_happened_then_as_rebuilt(
    tmp_path_factory: pytest.TempPathFactory, engine: str, steps: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("snapshot")
    world = World(folder, engine=engine)
    with closing(world.store):
        for step in steps:
            world.take(*step)
        world.follower.catch_up()
        assert_as_rebuilt(world.follower, world.store)
        restarted = world.new_follower()
        restarted.catch_up()
        assert_as_rebuilt(restarted, world.store)
    shutil.rmtree(folder)


def test_catch_up_when_many_changes_come_in_bulk_then_as_rebuilt(tmp_path: Path) -> None:
    random = Random(7)
    world = World(tmp_path)
    with closing(world.store):
        for _ in range(150):
            what = random.choices(["say", "withdraw", "encode some", "follow", "save", "restart"], [6, 1, 4, 3, 1, 1])
            text = " ".join(random.choices("pier boat crew wind inn mayor noon storm rope sail".split(), k=9)) + "."
            world.take(what[0], random.choice("abcdefghijkl"), text)
        world.follower.catch_up()
        assert_as_rebuilt(world.follower, world.store)


def test_rebuild_when_much_is_read_in_parts_then_there_is_room_for_it_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(27):
        world.take("say", f"more {number}", "A boat came in. ")
    monkeypatch.setattr("index.sync._READ_TOGETHER", 2)
    columns = rebuilt(world.store, ENCODER).columns
    assert len(columns) >= 30
    wholes = [column.base for column in (columns.ids, columns.updates, columns.encoded)]
    assert [0 if whole is None else len(whole) for whole in wholes] == [len(columns)] * 3


def test_catch_up_when_nothing_changed_then_says_so(world: World) -> None:
    assert world.follower.catch_up() is False
    world.take("say", "d", TEXTS[3])
    assert world.follower.catch_up() is True


def test_load_when_the_snapshot_is_whole_then_taken_and_not_rebuilt(world: World) -> None:
    restarted = world.new_follower()
    assert restarted.catch_up() is False
    assert_as_rebuilt(restarted, world.store)


def test_load_when_changes_came_after_the_snapshot_then_followed_from_there(world: World) -> None:
    world.take("say", "a", TEXTS[3])
    world.take("withdraw", "b", "")
    world.take("say", "d", TEXTS[0])
    world.take("encode", "", "")
    restarted = world.new_follower()
    restarted.catch_up()
    assert_as_rebuilt(restarted, world.store)


def snapshot_files(world: World) -> list[Path]:
    return sorted(world.folder.iterdir())


def test_save_when_saved_again_then_only_the_newest_snapshot_lies_there(world: World) -> None:
    before = [path.name for path in snapshot_files(world)]
    world.take("say", "d", TEXTS[3])
    world.take("encode", "", "")
    world.take("save", "", "")
    after = [path.name for path in snapshot_files(world)]
    assert len(before) == len(after) == 4
    assert set(before) & set(after) == {"snapshot.json"}


def test_save_when_others_have_mapped_a_snapshot_of_the_same_change_then_what_they_read_stays(world: World) -> None:
    other = world.new_follower()
    other.catch_up()
    ids = other.columns.ids[other.columns.encoded]
    before = other.vectors(ids)
    files = {path.name for path in snapshot_files(world)}
    again = world.new_follower()
    again.rebuild()
    again.save()
    assert files & {path.name for path in snapshot_files(world)} == {"snapshot.json"}
    assert np.array_equal(other.vectors(ids), before), "a mapped file that is cut to be written anew ends the process"


def test_save_when_it_is_not_worth_it_then_nothing_is_written(world: World) -> None:
    for number in range(60):
        world.take("say", f"boat {number}", f"Boat {number} is back.")
    world.take("encode", "", "")
    world.take("save", "", "")
    before = [(path.name, path.stat().st_mtime_ns) for path in snapshot_files(world)]
    world.take("say", "d", TEXTS[3])
    world.follower.catch_up()
    world.follower.save(lazily=True)
    assert [(path.name, path.stat().st_mtime_ns) for path in snapshot_files(world)] == before


def rewrite_meta(world: World, **changes: object) -> None:
    path = world.folder / "snapshot.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def with_a_bit_flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("damage", ["lost", "empty", "half", "garbage", "last byte gone", "one bit"])
def test_load_when_a_file_of_the_snapshot_is_damaged_then_rebuilt(world: World, part: int, damage: str) -> None:
    path = snapshot_files(world)[part]
    content = path.read_bytes()
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "half": content[: len(content) // 2], "garbage": b"[\"pier\"]",
                          "last byte gone": content[:-1], "one bit": with_a_bit_flipped(content)}[damage])  # fmt: skip
    restarted = world.new_follower()
    assert restarted.catch_up() is True
    assert_as_rebuilt(restarted, world.store)


def test_load_when_a_large_file_was_touched_then_it_is_read_and_else_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "ALWAYS_READ_BYTES", 0)
    path = world.folder / f"{json.loads((world.folder / 'snapshot.json').read_text())['vectors']}.npy"
    stamp, content = path.stat().st_mtime_ns, path.read_bytes()
    path.write_bytes(content[:-4] + with_a_bit_flipped(content[-4:]))
    os.utime(path, ns=(stamp, stamp))
    assert world.new_follower().catch_up() is False, "nobody reads what looks untouched; `check` does"
    os.utime(path, ns=(stamp, stamp + 1))
    assert world.new_follower().catch_up() is True


@pytest.mark.parametrize(
    "changes",
    [
        {"archive": "of somebody else"},
        {"encoder": "another"},
        {"engine": "exact"},
        {"format": 0},
        {"seq": 10_000},
        {"seq": 1, "update_at_seq": 3},
        {"seq": "soon"},
        {"dimension": 3},
        {"vectors": "nowhere"},
        {"columns": None},
        {"files": "all"},
        {"files": {"vectors": 1}},
    ],
    ids=lambda changes: " ".join(changes),
)
def test_load_when_the_snapshot_is_not_ours_then_rebuilt(world: World, changes: dict[str, object]) -> None:
    rewrite_meta(world, **changes)
    restarted = world.new_follower()
    assert restarted.catch_up() is True
    assert_as_rebuilt(restarted, world.store)


def test_load_when_the_snapshot_is_of_another_archive_with_the_same_updates_then_rebuilt(
    world: World, tmp_path: Path
) -> None:
    other = World(tmp_path / "other")
    with closing(other.store):
        for key, text in zip("cab", TEXTS, strict=False):
            other.take("say", key, text)
        other.take("encode", "", "")
        other.folder = world.folder
        other.follower = other.new_follower()
        assert other.follower.catch_up() is True
        assert_as_rebuilt(other.follower, other.store)


def test_load_when_the_encoder_is_another_then_its_vectors_are_not_used(world: World) -> None:
    stranger = make_follower(world.store, BagEncoder(dimension=8, name="other"), world.folder)
    stranger.catch_up()
    assert len(stranger.columns.ids) == len(world.follower.columns.ids)
    assert not stranger.columns.encoded.any()
    vector = np.ones(8, np.float32)
    assert stranger.nearest(vector, 5, np.ones(len(stranger.columns.ids), np.bool_))[0].tolist() == []
    assert stranger.similarities(vector, stranger.columns.ids).tolist() == [0.0] * len(stranger.columns.ids)


def test_load_when_the_database_was_put_back_from_a_copy_then_rebuilt(tmp_path: Path) -> None:
    world = World(tmp_path / "snapshot")
    world.store = Store(tmp_path / "news.db")
    world.follower = world.new_follower()
    world.take("say", "a", TEXTS[0])
    world.take("encode", "", "")
    world.store.close()
    shutil.copy(tmp_path / "news.db", tmp_path / "copy.db")
    world.store = Store(tmp_path / "news.db")
    world.follower = world.new_follower()
    world.take("say", "b", TEXTS[1])
    world.take("encode", "", "")
    world.take("save", "", "")
    world.store.close()
    with closing(Store(tmp_path / "copy.db")) as copy:
        back = make_follower(copy, ENCODER, world.folder)
        assert back.catch_up() is True
        assert_as_rebuilt(back, copy)


class FullDiskIndex(ExactIndex):
    """An engine whose disk is full half-way through a snapshot."""

    def frozen(self) -> FrozenRows:
        """Take what writes a part and fails."""
        return FullDisk(VectorRows(1), np.empty(0, np.int64))


class FullDisk(FrozenRows):
    """What cannot be written whole."""

    def write(self, stem: Path) -> tuple[Path, Path]:
        """Write a part and fail."""
        stem.write_bytes(b"half")
        raise OSError(28, "No space left on device")


def test_save_when_the_disk_is_full_then_the_old_snapshot_still_serves(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.take("say", "a", TEXTS[3])
    world.take("encode", "", "")
    monkeypatch.setitem(ENGINES, "faiss", FullDiskIndex)
    broken = Follower(world.store, ENCODER.id, "faiss", world.folder)
    broken.rebuild()
    with pytest.raises(StoreError, match="No space"):
        broken.save()
    broken.save(lazily=True)
    assert "No space" in caplog.text
    monkeypatch.undo()
    restarted = world.new_follower()
    restarted.catch_up()
    assert_as_rebuilt(restarted, world.store)


def test_save_when_a_rebuilt_index_dies_in_the_middle_then_rebuilt_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(ENGINES, "faiss", FullDiskIndex)
    broken = Follower(world.store, ENCODER.id, "faiss", world.folder)
    broken.rebuild()
    with pytest.raises(StoreError, match="No space"):
        broken.save()
    broken.save(lazily=True)
    assert "No space" in caplog.text
    monkeypatch.undo()
    restarted = world.new_follower()
    restarted.catch_up()
    assert_as_rebuilt(restarted, world.store)


# While it goes on


def begun(world: World) -> Callable[[], Saved | None]:
    """Bring something new and begin to save it."""
    world.take("say", "d", TEXTS[3])
    world.take("encode", "", "")
    world.take("follow", "", "")
    saving = world.follower.start_save()
    assert saving is not None
    return saving


def test_start_save_when_much_happens_while_it_is_written_then_both_the_snapshot_and_what_goes_on_are_right(
    world: World,
) -> None:
    saving = begun(world)
    world.take("say", "a", "Two boats are back.")
    world.take("withdraw", "b", "")
    world.take("encode", "", "")
    world.take("follow", "", "")
    saved = saving()
    world.take("say", "e", "Five more boats set out.")
    world.take("encode", "", "")
    world.take("follow", "", "")
    world.follower.finish_save(saved)
    assert_as_rebuilt(world.follower, world.store)
    world.take("say", "f", "All boats are back.")
    world.take("encode", "", "")
    world.take("follow", "", "")
    assert_as_rebuilt(world.follower, world.store)
    restarted = world.new_follower()
    assert restarted.catch_up() is True, "the snapshot is of the moment when it was begun"
    assert_as_rebuilt(restarted, world.store)


def test_start_save_when_the_index_is_made_again_meanwhile_then_that_stays(world: World) -> None:
    saving = begun(world)
    world.take("say", "e", "Five more boats set out.")
    world.take("encode", "", "")
    world.follower.rebuild()
    world.follower.finish_save(saving())
    assert_as_rebuilt(world.follower, world.store)


def test_start_save_when_nothing_is_new_then_there_is_nothing_to_do(world: World) -> None:
    assert world.follower.start_save() is None


def test_start_save_when_the_disk_is_full_then_it_goes_on_in_memory_and_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(ENGINES, "faiss", FullDiskIndex)
    broken = Follower(world.store, ENCODER.id, "faiss", world.folder)
    broken.rebuild()
    saving = broken.start_save()
    assert saving is not None
    broken.finish_save(saving())
    assert "No space" in caplog.text
    assert_as_rebuilt(broken, world.store)
    assert len(snapshot_files(world)) == 4, "nothing is left of it on a disk that is full"
    assert broken.start_save() is None, "it is not tried again after every piece of news"
    world.take("say", "d", TEXTS[3])
    broken.catch_up()
    assert broken.start_save() is not None
    with pytest.raises(StoreError, match="No space"):
        broken.save()


def test_start_save_when_two_overlap_then_only_the_later_is_taken_over(world: World) -> None:
    first = begun(world)()
    world.take("say", "e", "Five more boats set out.")
    world.take("encode", "", "")
    world.take("follow", "", "")
    second = world.follower.start_save()
    assert second is not None
    world.take("say", "f", "All boats are back.")
    world.take("encode", "", "")
    world.take("follow", "", "")
    world.follower.finish_save(first)
    assert_as_rebuilt(world.follower, world.store)
    world.follower.finish_save(second())
    assert_as_rebuilt(world.follower, world.store)


def test_start_save_when_a_newer_one_was_written_before_it_then_that_stays(world: World) -> None:
    late = begun(world)
    world.take("say", "e", "Five more boats set out.")
    world.take("encode", "", "")
    world.take("save", "", "")
    before = [path.name for path in snapshot_files(world)]
    assert late() is None
    assert [path.name for path in snapshot_files(world)] == before
    assert_as_rebuilt(world.follower, world.store)


def test_rebuild_when_a_snapshot_is_being_written_then_what_was_rebuilt_is_saved(world: World) -> None:
    saving = begun(world)
    world.follower.rebuild()
    assert saving() is None
    before = {path.name for path in snapshot_files(world)}
    world.follower.save()
    assert before & {path.name for path in snapshot_files(world)} == {"snapshot.json"}


def test_save_when_another_is_being_written_then_it_waits_for_that_and_writes_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving = begun(world)
    is_writing, may_go_on, notes = Event(), Event(), list[object]()
    write_note = snapshot.write_note

    def slowly(folder: Path, note: Mapping[str, object], files: Iterable[Path]) -> None:
        is_writing.set()
        assert may_go_on.wait(20)
        write_note(folder, note, files)
        notes.append(note)

    monkeypatch.setattr(snapshot, "write_note", slowly)
    with ThreadPoolExecutor(1) as threads:
        written = threads.submit(saving)
        assert is_writing.wait(20)
        Timer(0.1, may_go_on.set).start()
        world.follower.save(lazily=True)
        assert len(notes) == 1
        assert written.result(20) is not None


# What a search may see


def test_select_when_asked_of_a_moment_then_only_what_stood(world: World) -> None:
    world.take("say", "a", TEXTS[3])
    world.follower.catch_up()

    def seen(
        minute: float, *, since: float | None = None, until: float | None = None, blogs: list[int] | None = None
    ) -> list[int]:
        mask = world.follower.select(
            now_us=to_us(at(minute)),
            since_us=None if since is None else to_us(at(since)),
            until_us=None if until is None else to_us(at(until)),
            live_blogs=blogs,
        )
        return [int(no) for no in world.follower.columns.updates[mask]]

    assert seen(-1) == []
    assert set(seen(1)) == {1, 2, 3}
    assert len(seen(1)) == len(seen(99)) == 3
    assert seen(99, since=1) == []
    assert seen(99, until=0) == []
    assert seen(99, blogs=[2]) == []
    assert seen(99, blogs=[]) == []


def test_nearest_when_a_mask_is_given_then_nothing_else_comes_back(world: World) -> None:
    vector = ENCODER.encode_queries(["missing boats"])[0]
    columns = world.follower.columns
    for update in (1, 2, 3):
        mask = columns.updates == update
        ids, scores = world.follower.nearest(vector, 10, mask)
        assert set(ids.tolist()) == set(columns.ids[mask].tolist())
        assert np.allclose(world.follower.similarities(vector, ids), scores, atol=1e-5)


def test_differences_when_an_index_lags_then_it_is_told(world: World) -> None:
    world.take("say", "d", TEXTS[3])
    assert world.follower.differences(rebuilt(world.store, ENCODER)) != []


def test_differences_when_a_vector_is_wrong_then_it_is_told(world: World) -> None:
    vector = ENCODER.encode_passages(["something else"])[0]
    other = rebuilt(world.store, ENCODER)
    key = next(iter(world.store.texts([1])))
    world.store.add_vectors(ENCODER.id, {key: vector.tobytes()})
    assert rebuilt(world.store, ENCODER).differences(other) == ["vectors of the index differ from the archive"]
