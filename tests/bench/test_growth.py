from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench import growth, growth_child
from bench.data import archive_of, sets
from bench.growth_corpus import dealt, differences, entries
from index import Archive, StoreError
from index.vectors.ports import Ids, Mask, Vectors
from tests.index.fakes import BagEncoder

SAMPLE = sets()["sample"]


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Archive]:
    archive = archive_of(SAMPLE, folder=tmp_path / "base", encoder=BagEncoder())
    yield archive
    archive.close()


def measured(folder: Path, questions: Sequence[str], runs: int) -> growth.Sized:
    return growth_child.measure(folder, questions, runs=runs, encoder=BagEncoder())


def test_growth_when_run_on_the_sample_then_every_figure_at_every_size(tmp_path: Path) -> None:
    opener = partial(archive_of, folder=tmp_path / "base", encoder=BagEncoder())
    results, realism = growth.measure(
        SAMPLE, folder=tmp_path / "grown", sizes=[60, 300], runs=2, asked=4, real=20, opener=opener, measured=measured
    )
    assert list(results) == ["60", "300"]
    for size, sized in results.items():
        assert sized["archive"]["passages"] >= int(size)
        assert all(len(sized[line]) == 2 for line in (*growth_child.STAGES, "whole p50", "whole p99"))
        assert all(sized[line]["1"] > 0 for line in ("encode", "dense", "full text", "rank", "whole p50"))
        assert set(sized["recall"].values()) == {1.0}, "so few are searched exactly"
        assert sized["archive"]["snapshot MB"] > 0
    assert realism["real: cosine with the original, mean"] > 0.5
    console = Console(width=150, record=True)
    growth.show(console, results, realism)
    assert "whole p99 / whole p50" in console.export_text()
    pictures = growth.draw(results, tmp_path / "pictures")
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


def test_growth_when_the_folder_holds_something_else_then_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(StoreError, match="not an archive"):
        growth.measure(SAMPLE, folder=tmp_path)


def test_dealt_when_copied_then_other_texts_of_the_same_matter_at_other_times(base: Archive) -> None:
    found = entries(base)
    (original,), (copy,) = list(dealt(found, 0)), list(dealt(found, 1))
    assert original == found
    assert [len(one.pieces) for one in copy] == [len(one.pieces) for one in original]
    assert {one.key for one in copy}.isdisjoint(one.key for one in original)
    assert all(after.published_at < before.published_at for after, before in zip(copy, original, strict=True))
    bodies = {piece.body for one in original for piece in one.pieces}
    varied = [piece for one in copy for piece in one.pieces]
    assert sum(piece.body not in bodies for piece in varied) > len(varied) / 4
    assert any(piece.swapped for piece in varied)
    assert [one.pieces for one in next(dealt(found, 1))] != [one.pieces for one in next(dealt(found, 2))]


def test_differences_when_moved_then_unit_vectors_near_their_originals(base: Archive) -> None:
    found = entries(base)
    pieces = [piece for one in next(dealt(found, 1)) for piece in one.pieces]
    moved = differences(found, base.encoder, count=30).moved(pieces, np.random.default_rng(1))
    assert np.allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)
    assert np.mean((moved * np.stack([piece.vector for piece in pieces])).sum(1)) > 0.5


def test_share_found_when_some_are_missed_then_less_and_when_others_are_as_near_then_not(
    base: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = base.follower
    follower.catch_up()
    everything = np.ones(len(follower.columns), np.bool_)
    vectors = base.encoder.encode_queries(["fire at the terminal", "missing people"])
    assert growth_child._share_found(base, vectors, everything) == 1.0
    nearest = follower.nearest

    def missing(vector: Vectors, limit: int, mask: Mask) -> tuple[Ids, Vectors]:
        ids, scores = nearest(vector, limit, mask)
        return ids[5:], scores[5:]

    monkeypatch.setattr(follower, "nearest", missing)
    missed = growth_child._share_found(base, vectors, everything)
    assert 0 < missed < 1
    same = np.broadcast_to(vectors[0], (len(follower.columns), vectors.shape[1]))
    monkeypatch.setattr(follower, "vectors", lambda ids: same[: len(ids)])
    monkeypatch.setattr(follower, "nearest", lambda vector, limit, mask: (np.arange(limit), np.ones(limit, np.float32)))
    assert growth_child._share_found(base, vectors[:1], everything) == 1.0
