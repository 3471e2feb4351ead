"""Tiny runs of what is measured with a great deal of input: a large file, a backlog."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from bench import backlog, bulk
from index import StoreError
from tests.index.fakes import BagEncoder


def test_bulk_when_killed_half_way_and_begun_again_then_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    results = bulk.measure(tmp_path / "bulk", sizes_mb=[3.0])
    figures = results["3 MB"]
    assert (figures["lost"], figures["doubled"]) == (0, 0)
    assert (figures["entries the same"], figures["damage"]) == ("yes", "none")
    assert figures["end told before the first update"] == "yes"
    for name in ("MB/s stored", "MB/s passed over when begun again", "peak MB, all stored", "disk MB"):
        assert float(figures[name]) > 0, name
    assert float(figures["peak MB, a tenth stored"]) <= float(figures["peak MB, half stored"])
    console = Console(width=150, record=True)
    bulk.show(console, "a large file", results)
    assert "peak MB, followed by the index" in console.export_text()
    assert not list((tmp_path / "bulk").iterdir()), "gigabytes are not left lying about"


def test_bulk_when_the_folder_holds_something_else_then_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(StoreError, match="not of this measurement"):
        bulk.measure(tmp_path, sizes_mb=[0.01])
    assert (tmp_path / "letters.txt").read_text() == "dear"


def test_written_lines_when_summed_then_any_missing_doubled_or_altered_entry_shows(tmp_path: Path) -> None:
    written = bulk.write_lines(tmp_path / "lines.jsonl", size_bytes=20_000)
    records = [json.loads(line) for line in written.path.read_bytes().splitlines()]
    assert len({record["id"] for record in records}) == written.updates == len(records)
    assert written.size_bytes == written.path.stat().st_size >= 20_000

    def total(some: list[dict[str, str]]) -> int:
        return sum(bulk._digest(record["id"], record["text"]) for record in some)

    assert total(records[::-1]) == written.sum
    assert total(records[1:]) != written.sum
    assert total([*records, records[0]]) != written.sum
    assert total([records[0] | {"text": "other"}, *records[1:]]) != written.sum


def test_backlog_when_news_comes_and_people_ask_then_found_and_answered_before_it_is_encoded() -> None:
    results = backlog.measure(sizes=[3_000], news=2, encoder=BagEncoder())
    figures = results["3,000"]
    assert (figures["pending at first"], figures["news found"]) == (3_000, 1)
    assert 0 < figures["ms until news is found, median"] <= figures["ms until news is found, longest"]
    assert figures["questions"] > 0
    assert figures["jobs"] > 1
    assert figures["processor ms of a job beside the model, median"] < figures["ms of a job, longest"]
