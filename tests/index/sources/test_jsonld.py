from datetime import UTC, datetime
from itertools import pairwise

import pytest

from index.errors import FormatError, NoUpdatesError
from index.types import Kind, Precision, TimeBasis
from tests.index.sources.builders import by_key, make_entry, make_page, read


def test_jsonld_when_liveblog_has_no_entries_yet_then_says_so() -> None:
    with pytest.raises(NoUpdatesError, match="has none yet"):
        read(make_page([]))


def test_jsonld_when_a_script_is_not_json_then_the_others_are_read_and_it_is_told() -> None:
    page = make_page([make_entry(1)]).replace("<head>", '<head><script type="application/ld+json">{"a": </script>')
    reading = read(page)
    assert [update.key for update in reading.updates] == ["e1"]
    assert "not JSON" in reading.warnings[0]


def test_jsonld_when_no_script_is_json_then_one_clear_line() -> None:
    page = '<html><script type="application/ld+json">{"@type": "LiveBlogPosting", </script></html>'
    with pytest.raises(FormatError, match=r"^input: JSON-LD that is not JSON: .* at line 1, column \d+$"):
        read(page)


def test_jsonld_when_nested_too_deeply_then_one_clear_line() -> None:
    deep = '{"LiveBlogPosting":' + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(FormatError, match="nested too deeply"):
        read(f'<html><script type="application/ld+json">{deep}</script></html>')


def test_jsonld_when_html_is_nested_absurdly_then_refused_at_once() -> None:
    with pytest.raises(FormatError, match="nested"):
        read("<html>LiveBlogPosting" + "<div>" * 50_000)


def test_jsonld_when_a_number_is_thousands_of_digits_long_then_no_crash() -> None:
    page = make_page([make_entry(1)]).replace('"Headline 1"', "9" * 5_000)
    with pytest.raises(FormatError, match="a number is too long"):
        read(page)


def test_jsonld_when_wrapped_in_a_comment_then_read() -> None:
    page = make_page([make_entry(1)]).replace('json">{', 'json"><!-- {').replace("}</script>", "} --></script>")
    assert read(page).updates[0].key == "e1"


def test_jsonld_when_it_is_a_document_of_its_own_then_read() -> None:
    page = make_page([make_entry(1), make_entry(2)])
    bare = page[page.index("{") : page.rindex("}") + 1]
    assert [update.key for update in read(bare).updates] == ["e1", "e2"]


def test_keys_when_ids_are_missing_then_an_edit_of_the_body_keeps_them() -> None:
    entries = [make_entry(number, **{"@id": None}) for number in (1, 2)]
    before = read(make_page(entries))
    entries[0]["articleBody"] = "Another body."
    after = read(make_page(entries))
    assert [update.key for update in before.updates] == [update.key for update in after.updates]
    assert before.updates[0].text != after.updates[0].text


def test_keys_when_newer_entries_are_put_on_top_then_equal_titles_keep_theirs() -> None:
    twin = {"@id": None, "headline": "Live pictures", "datePublished": "2026-03-01T05:00:00Z"}
    old = [make_entry(1), make_entry(2, **twin, articleBody="second"), make_entry(3, **twin, articleBody="first")]
    new = [make_entry(4, **twin, articleBody="third"), *old]
    texts_before = {update.key: update.text for update in read(make_page(old)).updates}
    texts_after = {update.key: update.text for update in read(make_page(new)).updates}
    assert texts_before.items() <= texts_after.items()


def test_keys_when_two_different_entries_share_an_id_then_both_are_kept_and_told() -> None:
    entries = [make_entry(1), make_entry(2), make_entry(3), make_entry(4, **{"@id": make_entry(3)["@id"]})]
    reading = read(make_page(entries))
    assert len({update.key for update in reading.updates}) == 4
    assert "share the id 'e3'" in reading.warnings[0]


def test_keys_when_every_entry_has_the_pages_address_then_it_is_no_id() -> None:
    entries = [make_entry(number, **{"@id": None, "url": "https://live.example/quake"}) for number in (1, 2, 3)]
    assert len({update.key for update in read(make_page(entries)).updates}) == 3


def test_times_when_markup_shows_a_constant_error_then_all_entries_are_set_right() -> None:
    # The plug-in wrote local time (UTC+2) as if it were UTC.
    entries = [make_entry(number) for number in (6, 5, 4, 3)]
    body = "".join(
        f'<article id="e{number}"><time datetime="2026-03-01T{number - 2:02}:00:00Z"></time>'
        f"<p>Body of entry {number}.</p></article>"
        for number in (6, 5, 4)
    )
    got = by_key(read(make_page(entries, body=body)))
    assert got["e4"].published_at == datetime(2026, 3, 1, 2, tzinfo=UTC)
    assert got["e3"].published_at == datetime(2026, 3, 1, 1, tzinfo=UTC)


def test_times_when_in_the_future_then_unknown_and_told() -> None:
    reading = read(make_page([make_entry(1), make_entry(2, datePublished="2031-01-01T00:00:00Z")]))
    late = by_key(reading)["e2"]
    assert (late.published_at, late.time_basis) == (None, TimeBasis.SEEN)
    assert "time in the future" in reading.warnings[0]


def test_times_when_an_entry_has_none_then_inherits_the_pages_day() -> None:
    reading = read(make_page([make_entry(1), make_entry(2, datePublished=None)]))
    update = by_key(reading)["e2"]
    assert (update.time_basis, update.time_precision) == (TimeBasis.INHERITED, Precision.DAY)
    assert update.published_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert reading.window_from is None


def test_edited_when_stated_as_the_same_instant_in_another_zone_then_it_is_not() -> None:
    entry = make_entry(1, datePublished="2026-03-01T02:00:00.5+01:00", dateModified="2026-03-01T01:00:50Z")
    later = make_entry(2, dateModified="2026-03-01T02:01:01Z")
    got = by_key(read(make_page([entry, later])))
    assert got["e1"].modified_at is None
    assert got["e2"].modified_at == datetime(2026, 3, 1, 2, 1, 1, tzinfo=UTC)


def test_window_when_an_old_entry_is_pinned_on_top_then_it_does_not_widen_it() -> None:
    reading = read(make_page([make_entry(1), *(make_entry(number) for number in (9, 8, 7, 6))]))
    assert reading.window_from == datetime(2026, 3, 1, 6, tzinfo=UTC)


def test_window_when_only_a_pin_and_one_entry_then_the_later_one_opens_it() -> None:
    reading = read(make_page([make_entry(1), make_entry(9)]))
    assert reading.window_from == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_markup_when_the_id_is_a_mere_link_to_the_entry_then_json_ld_stays() -> None:
    body = '<ul><li><a id="e1" href="#e1">Jump to this key event of the day</a></li></ul>'
    update = read(make_page([make_entry(1), make_entry(2)], body=body)).updates[0]
    assert update.text == "Body of entry 1."


def test_markup_when_paragraphs_stand_in_it_then_they_are_lines() -> None:
    body = '<div id="block-e1"><h3>Headline 1</h3><p>Body of</p><p>entry 1.</p></div>'
    assert read(make_page([make_entry(1), make_entry(2)], body=body)).updates[0].text == "Body of\nentry 1."


def test_kind_when_an_entry_carries_a_correction_then_marked_and_told() -> None:
    entry = make_entry(1, correction={"@type": "CorrectionComment", "text": "An earlier figure was wrong."})
    update = read(make_page([entry, make_entry(2)])).updates[0]
    assert update.kind is Kind.CORRECTION
    assert update.text == "Body of entry 1.\nAn earlier figure was wrong."


def test_key_points_when_a_box_stands_on_the_page_then_one_update_with_a_line_each() -> None:
    body = "<section><header><h2>What you need to know</h2></header><ul><li>One.</li><li>Two.</li></ul></section>"
    reading = read(make_page([make_entry(2), make_entry(1)], body=body + '<article id="e2"><p>x</p></article>'))
    box = reading.updates[0]
    assert (box.kind, box.text, box.time_precision) == (Kind.KEY_POINT, "One.\nTwo.", Precision.DAY)
    assert len(reading.updates) == 3


def test_key_points_when_the_box_only_links_to_entries_then_none() -> None:
    body = '<nav><h2>Key points</h2><ul><li><a href="#e1">Headline 1</a></li></ul></nav>'
    assert len(read(make_page([make_entry(1)], body=body)).updates) == 1


@pytest.mark.parametrize(
    ("end", "closed"),
    [("2026-03-01T09:00:00Z", True), ("2026-03-01T00:00:00Z", None), ("2031-01-01T00:00:00Z", None), (None, None)],
)
def test_closed_when_the_coverage_ended_then_true_and_else_not_told(end: str | None, closed: bool | None) -> None:
    blog: dict[str, object] = {"coverageStartTime": "2026-03-01T00:00:00Z", "coverageEndTime": end}
    (told,) = read(make_page([make_entry(1), make_entry(2)], blog=blog)).live_blogs
    assert told.closed is closed


def test_started_when_the_blog_claims_to_be_younger_than_its_entries_then_the_oldest_counts() -> None:
    (blog,) = read(make_page([make_entry(3), make_entry(2)], blog={"datePublished": "2026-03-01T03:00:00Z"})).live_blogs
    assert blog.started_at == datetime(2026, 3, 1, 2, tzinfo=UTC)


def test_url_when_it_is_no_web_address_then_none_reaches_a_reader() -> None:
    entry = make_entry(1, **{"@id": "e1", "url": "javascript:alert(1)"})
    reading = read(make_page([entry, make_entry(2)]))
    assert all(update.url is None or update.url.startswith("https://") for update in reading.updates)


def test_order_when_read_then_stays_the_documents() -> None:
    keys = [update.key for update in read(make_page([make_entry(n) for n in (5, 4, 3)])).updates]
    assert all(earlier > later for earlier, later in pairwise(keys))
