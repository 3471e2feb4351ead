"""One contract for every engine, held against a dictionary of vectors."""

from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import faiss as library
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vectors import faiss, rows
from index.vectors.engines import ENGINES
from index.vectors.exact import ExactIndex
from index.vectors.faiss import FaissIndex
from index.vectors.ports import Ids, Mask, VectorIndex, Vectors

DIMENSION = 4
ENGINE = pytest.mark.parametrize("engine", ENGINES)
# Few directions, so that ties are common.
COMPONENTS = st.lists(st.integers(-2, 2), min_size=DIMENSION, max_size=DIMENSION).filter(any)
IDS = st.integers(1, 12)
BATCHES = st.dictionaries(IDS, COMPONENTS, max_size=6)
STEPS = st.lists(
    st.one_of(st.tuples(st.just("add"), BATCHES), st.tuples(st.just("remove"), st.sets(IDS, max_size=6))), max_size=10
)


def unit(components: list[int]) -> Vectors:
    vector = np.array(components, np.float32)
    return vector / np.linalg.norm(vector)


def mask_of(numbers: object) -> Mask:
    mask = np.zeros(100, np.bool_)
    mask[ids_of(numbers)] = True
    return mask


def ids_of(numbers: object) -> Ids:
    return np.array(sorted(numbers), np.int64)  # type: ignore[call-overload]


def put(index: VectorIndex, batch: dict[int, Vectors]) -> None:
    rows = np.array(list(batch.values()), np.float32).reshape(-1, DIMENSION)
    index.add(np.array(list(batch), np.int64), rows)


def replay(engine: str, steps: list[tuple[str, object]]) -> tuple[VectorIndex, dict[int, Vectors]]:
    """Take the same steps with an engine and with a plain dictionary."""
    index, oracle = ENGINES[engine](DIMENSION), dict[int, Vectors]()
    for what, argument in steps:
        if what == "add":
            batch = {no: unit(components) for no, components in argument.items()}  # type: ignore[attr-defined]
            put(index, batch)
            oracle |= batch
        else:
            index.remove(ids_of(argument))
            oracle = {no: vector for no, vector in oracle.items() if no not in argument}  # type: ignore[operator]
    return index, oracle


def assert_best(found: tuple[Ids, Vectors], oracle: dict[int, Vectors], vector: Vectors, limit: int) -> None:
    """Check ids and scores against the dictionary; among equal scores any order and any choice is right."""
    ids, scores = found
    expected = {no: float(held @ vector) for no, held in oracle.items()}
    assert ids.dtype == np.dtype(np.int64)
    assert scores.dtype == np.dtype(np.float32)
    assert len(ids) == len(set(ids.tolist())) == min(limit, len(expected))
    assert np.allclose(scores, sorted(expected.values(), reverse=True)[:limit], atol=1e-5)
    assert np.allclose(scores, [expected[no] for no in ids.tolist()], atol=1e-5)


@ENGINE
@given(steps=STEPS, query=COMPONENTS, limit=st.integers(1, 15), allowed=st.none() | st.sets(IDS))
def test_search_when_anything_was_added_and_removed_then_as_the_oracle(
    engine: str, steps: list[tuple[str, object]], query: list[int], limit: int, allowed: set[int] | None
) -> None:
    index, oracle = replay(engine, steps)
    inside = None if allowed is None else mask_of(allowed)
    scope = oracle if allowed is None else {no: vector for no, vector in oracle.items() if no in allowed}
    assert_best(index.search(unit(query), limit, inside), scope, unit(query), limit)


@ENGINE
@given(steps=STEPS)
def test_vectors_when_anything_was_added_and_removed_then_what_was_put_last(
    engine: str, steps: list[tuple[str, object]]
) -> None:
    index, oracle = replay(engine, steps)
    ids = ids_of(oracle)
    got = index.vectors(ids)
    assert got.shape == (len(oracle), DIMENSION)
    assert np.array_equal(got, np.array([oracle[no] for no in ids.tolist()]).reshape(-1, DIMENSION))


@ENGINE
def test_vectors_when_an_id_is_not_there_then_key_error(engine: str) -> None:
    index, _ = replay(engine, [("add", {1: [1, 0, 0, 0], 3: [0, 1, 0, 0]})])
    for missing in ([2], [1, 4], [0]):
        with pytest.raises(KeyError):
            index.vectors(np.array(missing, np.int64))


@ENGINE
@given(steps=STEPS, query=COMPONENTS)
def test_save_when_loaded_elsewhere_then_the_same_answers(
    tmp_path_factory: pytest.TempPathFactory, engine: str, steps: list[tuple[str, object]], query: list[int]
) -> None:
    index, oracle = replay(engine, steps)
    path = tmp_path_factory.getbasetemp() / f"{engine}-saved"
    index.frozen().write(path)
    other = ENGINES[engine](DIMENSION)
    put(other, {99: unit([1, 1, 1, 1])})
    other.load(path)
    assert_best(other.search(unit(query), 20, None), oracle, unit(query), 20)
    put(other, {50: unit(query)})
    assert_best(other.search(unit(query), 20, None), oracle | {50: unit(query)}, unit(query), 20)


@ENGINE
def test_load_when_the_dimension_is_another_then_value_error_and_the_old_content_stays(
    engine: str, tmp_path: Path
) -> None:
    index, _ = replay(engine, [("add", {1: [1, 0, 0, 0]})])
    index.frozen().write(tmp_path / "saved")
    other = ENGINES[engine](3)
    with pytest.raises(ValueError, match="saved"):
        other.load(tmp_path / "saved")
    assert other.search(np.ones(3, np.float32), 5, None)[0].tolist() == []


@ENGINE
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("damage", ["empty", "cut to 10 bytes", "half", "last byte gone", "garbage", "another array"])
def test_load_when_the_file_is_damaged_then_value_error_and_the_old_content_stays(
    engine: str, damage: str, part: int, tmp_path: Path
) -> None:
    index, oracle = replay(engine, [("add", {no: [no, 1, 0, 0] for no in range(1, 12)})])
    path = index.frozen().write(tmp_path / "saved")[part]
    assert_best(index.search(unit([1, 0, 0, 0]), 3, None), oracle, unit([1, 0, 0, 0]), 3)
    content = path.read_bytes()
    if damage == "another array":
        path.unlink()
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    else:
        damaged = {"empty": b"", "cut to 10 bytes": content[:10], "half": content[: len(content) // 2],
                   "last byte gone": content[:-1], "garbage": b"pier " * 200}  # fmt: skip
        path.unlink()  # what is mapped stays as it was
        path.write_bytes(damaged[damage])
    with pytest.raises(ValueError, match="saved"):
        index.load(tmp_path / "saved")
    assert_best(index.search(unit([1, 0, 0, 0]), 3, None), oracle, unit([1, 0, 0, 0]), 3)


@ENGINE
def test_load_when_there_is_no_file_then_it_says_which(engine: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match="nowhere"):
        ENGINES[engine](DIMENSION).load(tmp_path / "nowhere")


@ENGINE
def test_search_when_empty_then_nothing(engine: str) -> None:
    ids, scores = ENGINES[engine](DIMENSION).search(unit([1, 0, 0, 0]), 5, None)
    assert (len(ids), len(scores)) == (0, 0)


@ENGINE
def test_search_when_nothing_is_allowed_then_nothing(engine: str) -> None:
    index, _ = replay(engine, [("add", {1: [1, 0, 0, 0]})])
    assert index.search(unit([1, 0, 0, 0]), 5, mask_of([]))[0].tolist() == []


@ENGINE
def test_search_when_allowed_names_ids_that_are_not_there_then_they_are_left_out(engine: str) -> None:
    index, _ = replay(engine, [("add", {1: [1, 0, 0, 0], 9: [0, 1, 0, 0]})])
    assert index.search(unit([1, 0, 0, 0]), 5, mask_of([1, 2, 70]))[0].tolist() == [1]


# Above what is scanned in whole


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let codes begin with a few vectors."""
    monkeypatch.setattr(faiss, "EXACT_UP_TO", 400)
    monkeypatch.setattr(faiss, "NARROW", 20)


def crowd(count: int, *, seed: int = 7, dimension: int = 64) -> Vectors:
    """Make vectors in clusters, as texts on the same matters are."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(12, dimension))
    rows = centres[random.integers(0, 12, count)] + 0.5 * random.normal(size=(count, dimension))
    unit_rows: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit_rows


def recall(index: VectorIndex, oracle: VectorIndex, queries: Vectors, allowed: Mask | None) -> float:
    shares = []
    for query in queries:
        wanted = oracle.search(query, 10, allowed)[0].tolist()
        found, scores = index.search(query, 10, allowed)
        assert np.allclose(scores, index.vectors(found) @ query, atol=1e-6)
        assert (np.diff(scores) <= 0).all()
        shares.append(len(set(found.tolist()) & set(wanted)) / max(len(wanted), 1))
    return float(np.mean(shares))


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize(
    "way", ["at once", "bit by bit", "saved", "saved and gone on", "replaced", "removed", "removed and saved"]
)
def test_search_when_there_are_codes_then_it_finds_what_the_oracle_finds(way: str, tmp_path: Path) -> None:
    vectors = crowd(3000)
    ids = np.arange(1, 3001)
    index, oracle = FaissIndex(64), ExactIndex(64)
    match way:
        case "bit by bit":
            for start in range(0, 3000, 150):
                index.add(ids[start : start + 150], vectors[start : start + 150])
        case "saved and gone on":
            index.add(ids[:1800], vectors[:1800])
            index.frozen().write(tmp_path / "one")
            index.load(tmp_path / "one")
            index.add(ids[1800:2500], vectors[1800:2500])
            index.frozen().write(tmp_path / "two")
            index = FaissIndex(64)
            index.load(tmp_path / "two")
            index.add(ids[2500:], vectors[2500:])
        case _:
            index.add(ids, vectors)
    oracle.add(ids, vectors)
    if way == "saved":
        index.frozen().write(tmp_path / "one")
    if way in ("replaced", "removed", "removed and saved"):
        for one in (index, oracle):
            one.remove(ids[::3])
            if way == "replaced":
                one.add(ids[::6], vectors[1::6])
    if way == "removed and saved":
        index.frozen().write(tmp_path / "one")
        index.load(tmp_path / "one")
    queries = crowd(40, seed=8)
    some = np.zeros(3001, np.bool_)
    some[200:1400] = True
    assert recall(index, oracle, queries, None) > 0.97
    assert recall(index, oracle, queries, some) > 0.97
    few = np.zeros(3001, np.bool_)
    few[17:29] = True
    assert recall(index, oracle, queries, few) == 1.0


@ENGINE
def test_add_when_too_much_waits_in_memory_then_it_lies_in_a_file_without_a_name(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SPILLED_FROM", 100)
    files: list[IO[bytes]] = []

    def made(dir: Path) -> IO[bytes]:
        files.append(TemporaryFile(dir=dir))  # noqa: SIM115  closed by whom it is given to
        return files[-1]

    monkeypatch.setattr(rows, "TemporaryFile", made)
    vectors = crowd(900)
    index, oracle = ENGINES[engine](64, tmp_path), ExactIndex(64)
    for start in range(0, 900, 90):
        index.add(np.arange(start, start + 90), vectors[start : start + 90])
    oracle.add(np.arange(900), vectors)
    assert list(tmp_path.iterdir()) == []
    assert recall(index, oracle, crowd(20, seed=8), None) == 1.0
    assert len(files) == 1, "it grows in place: what is there is not copied into another"
    index.frozen().write(tmp_path / "saved")
    index.load(tmp_path / "saved")
    assert files[0].closed
    index.add(np.arange(900, 1200), crowd(300, seed=9))
    oracle.add(np.arange(900, 1200), crowd(300, seed=9))
    assert recall(index, oracle, crowd(20, seed=8), None) == 1.0
    del index
    assert files[-1].closed


def test_add_when_codes_are_learnt_then_from_few_in_few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[tuple[int, int]] = []
    kind: Any = library.IndexIVFPQFastScan
    train = kind.train

    def watched(codes: Any, vectors: Vectors) -> None:  # noqa: ANN401  the library's
        learnt.append((len(vectors), codes.pq.cp.niter))
        train(codes, vectors)

    monkeypatch.setattr(kind, "train", watched)
    index = FaissIndex(64)
    index.add(np.arange(5_000), crowd(5_000))
    assert learnt == [(1_024, 10)], "seconds in which a question waits, else"


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("damage", ["empty", "half", "garbage", "of others"])
def test_load_when_the_codes_are_damaged_then_value_error(damage: str, tmp_path: Path) -> None:
    index = FaissIndex(64)
    index.add(np.arange(500), crowd(500))
    *_, codes = index.frozen().write(tmp_path / "saved")
    content = codes.read_bytes()
    codes.unlink()
    if damage == "of others":
        other = FaissIndex(64)
        other.add(np.arange(600), crowd(600))
        other.frozen().write(tmp_path / "other")[-1].rename(codes)
    else:
        codes.write_bytes({"empty": b"", "half": content[: len(content) // 2], "garbage": b"pier " * 200}[damage])
    with pytest.raises(ValueError, match="saved"):
        FaissIndex(64).load(tmp_path / "saved")


@pytest.mark.usefixtures("few_are_many")
def test_load_when_there_are_no_codes_yet_then_they_are_made(tmp_path: Path) -> None:
    exact = ExactIndex(64)
    exact.add(np.arange(500), crowd(500))
    exact.frozen().write(tmp_path / "saved")
    index = FaissIndex(64)
    index.load(tmp_path / "saved")
    assert recall(index, exact, crowd(20, seed=8), None) > 0.97
