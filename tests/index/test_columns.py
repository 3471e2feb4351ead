from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.columns import NAMES, Columns, count_different, first_different
from index.rows import FOREVER, PassageRow

MOMENTS = st.integers(0, 6)
ROWS = st.builds(
    PassageRow,
    id=st.integers(1, 30),
    update_no=st.integers(1, 5),
    revision=st.integers(1, 2),
    start=st.integers(0, 3),
    end=st.integers(4, 6),
    live_blog_no=st.integers(1, 12),
    published_us=MOMENTS,
    valid_from_us=MOMENTS,
    valid_until_us=MOMENTS | st.just(FOREVER),
    vector=st.none() | st.just(b"1234"),
)
BATCHES = st.lists(st.lists(ROWS, max_size=8, unique_by=lambda row: row.id), max_size=5)


def filled(batches: list[list[PassageRow]]) -> tuple[Columns, dict[int, PassageRow]]:
    """Take the same rows into columns and into a dictionary."""
    columns, oracle = Columns(), dict[int, PassageRow]()
    for batch in batches:
        columns.take(sorted(batch))
        oracle |= {row.id: row for row in batch}
    return columns, dict(sorted(oracle.items()))


def assert_holds(columns: Columns, oracle: dict[int, PassageRow]) -> None:
    expected = [(*row[:-1], row.vector is not None) for row in oracle.values()]
    assert list(zip(*(getattr(columns, name).tolist() for name in NAMES), strict=True)) == expected
    assert (len(columns), columns.count_encoded) == (len(oracle), sum(row[-1] for row in expected))
    assert columns.places(np.array(list(oracle), np.int64)).tolist() == list(range(len(oracle)))


@given(batches=BATCHES)
def test_take_when_rows_come_in_any_order_then_each_stands_at_its_id(batches: list[list[PassageRow]]) -> None:
    columns, oracle = filled(batches)
    assert_holds(columns, oracle)
    assert columns.has(np.arange(40)).tolist() == [no in oracle for no in range(40)]
    waiting = [no for no, row in oracle.items() if row.vector is None]
    assert columns.newest_not_encoded(3).tolist() == waiting[::-1][:3]


@given(batches=BATCHES)
def test_beside_when_asked_then_the_neighbours_of_the_same_revision(batches: list[list[PassageRow]]) -> None:
    columns, oracle = filled(batches)
    keys = [(row.update_no, row.revision) for row in oracle.values()]
    firsts, ends = columns.beside(np.arange(len(keys)))
    for place, (first, end) in enumerate(zip(firsts.tolist(), ends.tolist(), strict=True)):
        assert first <= place < end
        assert set(keys[first:end]) == {keys[place]}
        assert first == 0 or keys[first - 1] != keys[place]
        assert end == len(keys) or keys[end] != keys[place]


@given(
    batches=BATCHES,
    now=st.integers(-1, 8),
    since=st.none() | MOMENTS,
    until=st.none() | MOMENTS,
    blogs=st.none() | st.lists(st.integers(1, 12), max_size=12),
)
def test_select_when_asked_twice_then_both_times_what_stood_in_the_scope(
    batches: list[list[PassageRow]], now: int, since: int | None, until: int | None, blogs: list[int] | None
) -> None:
    columns, oracle = filled(batches)
    expected = [
        no
        for no, row in oracle.items()
        if max(row.published_us, row.valid_from_us) <= now < row.valid_until_us
        and (since is None or row.published_us >= since)
        and (until is None or row.published_us < until)
        and (blogs is None or row.live_blog_no in blogs)
    ]
    for _ in range(2):
        mask = columns.select(now_us=now, since_us=since, until_us=until, live_blogs=blogs)
        assert columns.ids[mask].tolist() == np.flatnonzero(columns.mask_by_id(mask)).tolist() == expected
        mask[:] = True  # whoever asked may change what it got


@given(batches=BATCHES, more=BATCHES)
def test_save_when_loaded_and_gone_on_then_the_same_and_the_file_stays(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[PassageRow]], more: list[list[PassageRow]]
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "columns.npy"
    path.unlink(missing_ok=True)
    columns, oracle = filled(batches)
    columns.frozen(copied=False).write(path)
    content = path.read_bytes()
    loaded = Columns.load(path)
    assert_holds(loaded, oracle)
    for batch in more:
        loaded.take(sorted(batch))
        oracle |= {row.id: row for row in batch}
    assert_holds(loaded, dict(sorted(oracle.items())))
    assert path.read_bytes() == content


@given(
    rows=st.lists(st.tuples(st.integers(0, 9), st.integers(-4, 4)), max_size=200),
    limit=st.integers(0, 12),
)
def test_first_different_when_held_against_sorting_everything_then_the_same(
    rows: list[tuple[int, int]], limit: int
) -> None:
    values, order = np.array(rows, np.int64).reshape(-1, 2).T
    expected = list(dict.fromkeys(value for value, _ in sorted(rows, key=lambda row: row[1])))
    assert first_different(values, order, limit) == expected[:limit]
    assert count_different(values) == len(expected)
