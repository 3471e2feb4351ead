"""One contract for every engine, held against a dictionary of vectors."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vectors.engines import ENGINES
from index.vectors.ports import Ids, VectorIndex, Vectors

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
    inside = None if allowed is None else ids_of(allowed & oracle.keys())
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
    index.save(path)
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
    index.save(tmp_path / "saved")
    other = ENGINES[engine](3)
    with pytest.raises(ValueError, match="saved"):
        other.load(tmp_path / "saved")
    assert other.search(np.ones(3, np.float32), 5, None)[0].tolist() == []


@ENGINE
@pytest.mark.parametrize("damage", ["empty", "cut to 10 bytes", "half", "last byte gone", "garbage", "another array"])
def test_load_when_the_file_is_damaged_then_value_error_and_the_old_content_stays(
    engine: str, damage: str, tmp_path: Path
) -> None:
    path = tmp_path / "saved"
    index, oracle = replay(engine, [("add", {no: [no, 1, 0, 0] for no in range(1, 12)})])
    index.save(path)
    content = path.read_bytes()
    if damage == "another array":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    else:
        damaged = {"empty": b"", "cut to 10 bytes": content[:10], "half": content[: len(content) // 2],
                   "last byte gone": content[:-1], "garbage": b"pier " * 200}  # fmt: skip
        path.write_bytes(damaged[damage])
    with pytest.raises(ValueError, match="saved"):
        index.load(path)
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
    assert index.search(unit([1, 0, 0, 0]), 5, np.empty(0, np.int64))[0].tolist() == []


@ENGINE
def test_search_when_allowed_names_ids_that_are_not_there_then_they_are_left_out(engine: str) -> None:
    index, _ = replay(engine, [("add", {1: [1, 0, 0, 0], 9: [0, 1, 0, 0]})])
    assert index.search(unit([1, 0, 0, 0]), 5, np.array([1, 2, 70], np.int64))[0].tolist() == [1]
