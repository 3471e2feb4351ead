import gzip
from pathlib import Path

import pytest

from index.config import FORMAT_NAMES
from index.errors import FormatError, NoUpdatesError
from index.sources.formats import FORMATS, detect, read_path
from tests.index.sources.builders import FIXTURES, NOW, make_entry, make_page, read

EXPECTED = {
    "page_time_repeated.html": "jsonld",
    "headed_article.html": "article",
    "pasted_page.txt": "page_text",
    "wire.rss": "feed",
    "notices.atom": "feed",
    "channel_export.json": "export",
    "notes.jsonl": "jsonl",
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_detect_when_only_the_content_is_known_then_the_format(name: str, expected: str) -> None:
    content = FIXTURES.joinpath(name).read_bytes()
    assert detect(content, "unnamed") == expected
    assert detect(gzip.compress(content, mtime=0), "unnamed") == expected
    assert detect(b"\xef\xbb\xbf\n" + content, "unnamed") == expected


def test_detect_when_collected_then_every_format_of_the_table_is_tried() -> None:
    assert set(EXPECTED.values()) == set(FORMATS)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        (b'{"chats": {"list": []}}', "export"),
        (b'{\n"messages": []}', "export"),
        (b'{"@type": "LiveBlogPosting"}', "jsonld"),
        (b'{"id": "a", "text": "b"}', "jsonl"),
        (b'{"id": "a", "text": "b"}\nbroken', "jsonl"),
        (b"<!-- note --><?xml version='1.0'?><rss></rss>", "feed"),
        (b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b"> <!ENTITY c "d">]>\n<rss></rss>', "feed"),
        (b"Title\nPublished 1 March 2026\nText.", "page_text"),
    ],
)
def test_detect_when_content_is_short_then_told_by_its_shape(content: bytes, expected: str) -> None:
    assert detect(content, "unnamed") == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "input: is empty"),
        (b" \n ", "input: is empty"),
        (b"\x00\x01\x02", "input: is neither text nor a web page"),
        (b"[1, 2]", "input: is JSON of no format that we read"),
        (b'{"a": ', "input: looks like JSON but is not"),
        (gzip.compress(b"x" * 1_000, mtime=0)[:-9], "input: gzip is truncated"),
        (b"\xff\xfa\xfb plain", "input: not UTF-8"),
        (b"<html><body></body></html>", "input: no entries found"),
        (b"<rss><channel></channel></rss>", "input: no entries found"),
    ],
)
def test_read_when_the_input_is_bad_then_one_line_naming_what_and_where(content: bytes, message: str) -> None:
    with pytest.raises((FormatError, NoUpdatesError)) as caught:
        read(content)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_format_names_when_configured_then_those_that_are_read() -> None:
    assert set(FORMAT_NAMES) == set(FORMATS)


def test_read_when_the_format_is_unknown_then_the_known_ones_are_named() -> None:
    with pytest.raises(FormatError, match="unknown format 'pdf'; one of jsonld, article"):
        read("x", format="pdf")


def test_source_when_named_by_the_caller_then_that_name() -> None:
    assert read(make_page([make_entry(1)]), source="Quake desk").source == "Quake desk"


@pytest.mark.parametrize(
    ("where", "expected"),
    [("/tmp/in/notes.jsonl.gz", "notes"), ("https://www.host.example/a/b.jsonl?x=1", "host.example"), ("-", "-")],
)
def test_source_when_the_content_names_none_then_file_stem_or_host(where: str, expected: str) -> None:
    assert read('{"id": "a", "text": "b"}', where=where).source == expected


def test_page_text_when_two_files_share_a_source_then_their_keys_differ() -> None:
    text = "A title\nPublished 1 March 2026\nBackground\nSomething happened, officials said."
    first, second = (read(text, where=f"{name}.txt", source="desk").updates[0].key for name in ("a", "b"))
    assert first != second
    assert read(text, where="a.txt").updates[0].key == "background"


def test_article_when_it_has_no_sections_then_one_update_with_the_pages_time_as_its_own() -> None:
    page = (
        '<html><head><meta property="article:published_time" content="2026-03-01T10:00:00Z"></head><body><h1>Fog</h1>'
        "<article><p>The harbour is closed because of fog, the master said on Sunday.</p></article></body></html>"
    )
    (update,) = read(page, where="fog.html").updates
    assert (update.time_basis, update.time_precision, update.title) == ("own", "minute", "Fog")


def test_article_when_sections_are_wrapped_one_by_one_then_none_is_lost() -> None:
    sections = "".join(
        f"<section><h2>Part {n}</h2><div><p>{'A long sentence of it. ' * (20 if n == 1 else 2)}</p></div></section>"
        for n in range(1, 4)
    )
    lead = "<p>The lead of the article says what all of it is about.</p>"
    page = f"<html><body><nav><h2>Menu</h2></nav><div><h1>Parts</h1>{lead}{sections}</div></body></html>"
    assert [update.title for update in read(page, where="p.html").updates] == ["Parts", "Part 1", "Part 2", "Part 3"]


def test_feed_when_it_is_a_json_feed_then_read() -> None:
    feed = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Notes", "home_page_url": "https://n.example/",'
        ' "items": [{"id": "7", "content_html": "<p>One.</p><p>Two.</p>", "date_published": "2026-03-01"}]}'
    )
    (update,) = read(feed).updates
    assert (update.key, update.text) == ("7", "One.\nTwo.")


def test_feed_when_the_bytes_are_a_path_then_nothing_is_opened() -> None:
    path = FIXTURES.joinpath("wire.rss")
    with pytest.raises(FormatError):
        read(str(path), format="feed")


def test_export_when_it_is_of_a_whole_account_then_only_channels_are_taken() -> None:
    message = '[{"id": 1, "type": "message", "date_unixtime": "1772438400", "text": "Hello."}]'
    export = (
        f'{{"chats": {{"list": [{{"name": "Mum", "type": "personal_chat", "id": 5, "messages": {message}}},'
        f'{{"name": "News", "type": "public_channel", "id": 7, "messages": {message}}}]}}}}'
    )
    reading = read(export)
    assert (reading.source, len(reading.updates)) == ("News", 1)


def test_read_path_when_given_json_lines_then_in_batches_and_else_whole(tmp_path: Path) -> None:
    lines = b"".join(b'{"id": "n%d", "text": "t"}\n' % number for number in range(2_500))
    packed = tmp_path / "notes.gz"
    packed.write_bytes(gzip.compress(lines, mtime=0))
    assert [len(part.updates) for part in read_path(packed, now=NOW)] == [2_000, 500]
    for name, expected in EXPECTED.items():
        (reading,) = read_path(FIXTURES / name, now=NOW)
        assert reading.format == expected
