import json
import tracemalloc
from collections.abc import Iterator

import pytest

from index.errors import FormatError, NoUpdatesError
from index.sources import jsonl
from index.sources.entries import Look
from index.types import TimeBasis
from tests.index.sources.builders import NOW, read

LOOK = Look(where="notes.jsonl", now=NOW)


def make_line(number: int, **given: object) -> bytes:
    record = {"id": f"n{number}", "text": f"Text {number}.", "published_at": "2026-03-01T10:00:00Z"}
    return json.dumps(record | given).encode()


def test_batches_when_lines_are_many_then_bounded_in_size_and_memory() -> None:
    seen = 0

    def lines() -> Iterator[bytes]:
        for number in range(3_000):
            yield make_line(number, text="word " * 800)

    tracemalloc.start()
    for reading in jsonl.read_batches(lines(), LOOK, batch_updates=100):
        assert len(reading.updates) <= 100
        seen += len(reading.updates)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == 3_000
    assert peak < 6_000_000  # the text alone is twice as much


def test_batches_when_records_name_sources_then_a_reading_for_each() -> None:
    lines = [make_line(1, source="A"), make_line(2, source="B"), make_line(3, source="A"), make_line(4)]
    readings = list(jsonl.read_batches(lines, LOOK))
    assert [(part.source, len(part.updates)) for part in readings] == [("A", 2), ("B", 1), ("notes", 1)]


def test_read_when_records_name_several_sources_then_one_reading_and_it_is_told() -> None:
    reading = read(b"\n".join([make_line(1, source="A"), make_line(2, source="B")]), where="notes.jsonl")
    assert (reading.source, len(reading.updates)) == ("notes", 2)
    assert "2 sources" in reading.warnings[-1]


def test_read_when_no_line_is_good_then_fails_naming_the_first() -> None:
    with pytest.raises(FormatError, match=r"notes\.jsonl: no good line in it; line 2: not JSON"):
        read(b"\n{oops\n[1]", where="notes.jsonl", format="jsonl")


def test_read_when_there_is_no_line_then_no_updates() -> None:
    with pytest.raises(NoUpdatesError):
        list(jsonl.read_batches([], LOOK))


def test_read_when_many_lines_are_bad_then_warnings_are_counted_not_piled_up() -> None:
    reading = read(b"\n".join([make_line(1), *[b"bad"] * 5_000]), format="jsonl")
    assert len(reading.warnings) < 30
    assert any("more" in warning for warning in reading.warnings)


def test_published_when_null_or_missing_then_unknown_and_never_invented() -> None:
    lines = b"\n".join([make_line(1, published_at=None), b'{"id": "x", "text": "t"}'])
    assert {(update.published_at, update.time_basis) for update in read(lines).updates} == {(None, TimeBasis.SEEN)}


def test_text_when_it_looks_like_markup_then_left_as_it_is() -> None:
    assert read(make_line(1, text="a &amp; <b>b</b>")).updates[0].text == "a &amp; <b>b</b>"


def test_ids_when_repeated_with_an_edit_time_then_in_order_without_a_warning() -> None:
    later = make_line(1, text="Other.", modified_at="2026-03-01T11:00:00Z")
    reading = read(b"\n".join([make_line(1), later]))
    assert [update.text for update in reading.updates] == ["Text 1.", "Other."]
    assert not reading.warnings
