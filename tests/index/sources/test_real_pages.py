"""The real pages, where they lie beside the project. Only numbers and structure are asserted, never their words."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.sources import files, formats, markup
from index.types import Kind, Precision, Reading, TimeBasis, Update

SHARED = Path(__file__).parents[4] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not beside the project")
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def load(pattern: str) -> tuple[bytes, str]:
    (path,) = SHARED.glob(pattern)
    return files.load(path), str(path)


def look(pattern: str) -> Reading:
    content, where = load(pattern)
    return formats.read(content, where=where, now=NOW)


def postings(content: bytes) -> list[dict[str, str]]:
    tree = markup.parse(content.decode(), where="page")
    for script in tree.css('script[type="application/ld+json"]'):
        document = json.loads(script.text())
        for node in document if isinstance(document, list) else [document]:
            if node.get("liveBlogUpdate"):
                return list(node["liveBlogUpdate"])
    raise AssertionError("no LiveBlogPosting in the page")


@needs_shared
def test_article_when_served_with_headed_sections_then_lead_and_four_sections_and_no_navigation() -> None:
    reading = look("pages/dw-article-*.html.gz")
    assert (reading.format, reading.source, len(reading.updates)) == ("article", "dw.com", 5)
    (blog,) = reading.live_blogs
    assert reading.updates[0].title == blog.title
    assert len({update.title for update in reading.updates}) == 5
    assert all(len(update.text) > 1_000 for update in reading.updates)
    assert not any(word in update.text for update in reading.updates for word in ("Anzeige", "Bild:", "Feedback"))
    for update in reading.updates:
        assert (update.time_basis, update.time_precision) == (TimeBasis.INHERITED, Precision.DAY)
        assert update.published_at == datetime(2024, 1, 30, tzinfo=UTC)
        assert update.modified_at is None


@needs_shared
def test_jsonld_when_bodies_hold_entities_and_tags_then_428_clean_entries_with_their_own_times() -> None:
    content, where = load("pages/mirror-*.html.gz")
    reading = formats.read(content, where=where, now=NOW)
    stated = postings(content)
    updates = [update for update in reading.updates if update.kind is not Kind.KEY_POINT]
    assert len(updates) == len(stated) == 428
    assert {update.key for update in updates} == {entry["url"].partition("#")[2] for entry in stated}
    assert all(update.time_basis is TimeBasis.OWN and update.time_precision is Precision.MINUTE for update in updates)
    for update, entry in zip(updates, stated, strict=True):
        assert update.published_at is not None
        assert update.published_at == datetime.fromisoformat(entry["datePublished"])
    assert sum(update.text == update.title for update in updates) == 18
    assert sum(update.modified_at is not None for update in updates) == 54
    assert not any(mark in update.text for update in updates for mark in ("&quot;", "&#", "<a ", "<b>", "<p>", "</"))
    assert reading.window_from == min(update.published_at for update in updates if update.published_at)
    assert reading.source == "mirror.co.uk"


@needs_shared
def test_jsonld_when_it_repeats_the_pages_time_and_cuts_then_ten_true_times_and_whole_texts() -> None:
    content, where = load("pages/guardian-*.html.gz")
    reading = formats.read(content, where=where, now=NOW)
    stated = {entry["@id"]: entry["articleBody"] for entry in postings(content)}
    assert len(reading.updates) == 10
    assert set(stated) == {update.key for update in reading.updates}
    assert len({update.published_at for update in reading.updates}) == 10
    assert all(update.time_basis is TimeBasis.OWN for update in reading.updates)
    assert sum(update.modified_at is not None for update in reading.updates) == 5
    assert any(len(body) >= 1_000 for body in stated.values())
    for update in reading.updates:
        body = stated[update.key]
        if len(body) >= 1_000:
            assert len(update.text) > 1_000
        # Nothing that JSON-LD tells is lost but the word it cuts.
        theirs = Counter(body.split()[:-1])
        ours = Counter(update.text.split())
        assert sum((theirs - ours).values()) <= max(2, len(body.split()) // 50)
        assert update.url is not None
        assert update.url.endswith(f"#block-{update.key}")


@needs_shared
def test_pasted_page_when_read_then_eight_entries_key_points_state_and_credits() -> None:
    reading = look("seed/*.txt")
    kinds = Counter(update.kind for update in reading.updates)
    assert kinds == {Kind.UPDATE: 8, Kind.KEY_POINT: 1}
    (blog,) = reading.live_blogs
    assert blog.closed is True
    assert blog.credits == "kb/wmr (AFP, AP, Reuters, dpa)"
    assert reading.updates[0].kind is Kind.KEY_POINT
    assert reading.updates[0].text.count("\n") == 2
    for update in reading.updates:
        assert update.published_at == datetime(2024, 10, 24, tzinfo=UTC)
        assert (update.time_basis, update.time_precision) == (TimeBasis.INHERITED, Precision.DAY)
        assert "closed" not in update.text.splitlines()[-1]
    assert any("397 to 0" in update.text for update in reading.updates)


@needs_shared
@pytest.mark.parametrize("name", ["liveblogs-valid", "passages-valid"])
def test_jsonl_when_given_a_corpus_of_the_benchmarks_then_every_line_is_an_update(name: str) -> None:
    content, where = load(f"eval/{name}/corpus.jsonl.gz")
    reading = formats.read(content, where=where, now=NOW)
    assert len(reading.updates) == content.count(b"\n")
    assert_times_are_stated_or_unknown(reading.updates)


def assert_times_are_stated_or_unknown(updates: tuple[Update, ...]) -> None:
    for update in updates:
        assert (update.published_at is None) == (update.time_basis is TimeBasis.SEEN)
        assert update.published_at is None or update.published_at < NOW + timedelta(minutes=5)
