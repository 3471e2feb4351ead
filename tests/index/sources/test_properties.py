import gzip
import json
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.sources.formats import FORMATS
from index.text import normalise
from index.types import Reading, require_utc
from tests.index.sources.builders import FIXTURES, make_page, read

BYTES = st.binary(max_size=400) | st.text(max_size=400).map(str.encode)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ENTRY_NAMES = ("@id", "@type", "url", "headline", "articleBody", "datePublished", "dateModified", "correction")
MESSAGE_NAMES = ("id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "text", "photo", "from_id", "poll")
RECORD_NAMES = ("id", "title", "text", "published_at", "modified_at", "url", "kind", "live_blog", "withdrawn", "source")


def with_names(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(names), JSON, max_size=len(names))


def assert_sound(look: Callable[[], Reading]) -> None:
    try:
        reading = look()
    except SourceError as error:
        told = str(error)
    else:
        assert_usable(reading)
        told = "one line"
    assert "\n" not in told


def assert_usable(reading: Reading) -> None:
    assert reading.updates
    for update in reading.updates:
        assert update.text == normalise(update.text)
        assert "\n" not in update.title
        assert update.url is None or update.url.startswith(("http://", "https://", "HTTP"))
        require_utc("published_at", update.published_at)
        update.key.encode()


@given(BYTES)
@example(b"")
@example(b"\x1f\x8b")
@example(b"[" * 100_000)
@example(b"{" + b'"a":[' * 50_000)
@example(b"<rss>" + b"<a>" * 2_000)
def test_read_when_given_any_bytes_then_updates_or_a_source_error(content: bytes) -> None:
    assert_sound(lambda: read(content))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60)
@given(content=BYTES)
def test_read_when_a_format_is_forced_on_any_bytes_then_updates_or_a_source_error(name: str, content: bytes) -> None:
    assert_sound(lambda: read(content, format=name))


@given(st.lists(with_names(ENTRY_NAMES), max_size=4))
def test_jsonld_when_values_are_of_any_type_then_updates_or_a_source_error(entries: list[dict[str, object]]) -> None:
    assert_sound(lambda: read(make_page(entries), format="jsonld"))


@given(st.lists(with_names(MESSAGE_NAMES), max_size=4))
def test_export_when_values_are_of_any_type_then_updates_or_a_source_error(messages: list[dict[str, object]]) -> None:
    assert_sound(lambda: read(json.dumps({"messages": messages}), format="export"))


@given(st.lists(with_names(RECORD_NAMES), max_size=4))
def test_jsonl_when_values_are_of_any_type_then_updates_or_a_source_error(records: list[dict[str, object]]) -> None:
    assert_sound(lambda: read("\n".join(map(json.dumps, records)), format="jsonl"))


@settings(max_examples=30)
@given(
    path=st.sampled_from(sorted(path for path in FIXTURES.iterdir() if ".expected" not in path.name)),
    cut=st.floats(min_value=0, max_value=1),
    packed=st.booleans(),
)
def test_read_when_a_download_breaks_off_then_updates_or_a_source_error(path: object, cut: float, packed: bool) -> None:
    content = FIXTURES.joinpath(str(path)).read_bytes()
    content = gzip.compress(content) if packed else content
    assert_sound(lambda: read(content[: int(len(content) * cut)]))
