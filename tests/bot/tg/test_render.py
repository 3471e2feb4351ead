from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.tg.markup import visible
from bot.tg.render import host_of, parts
from bot.types import Paragraph, Pointer, Struck
from index import Precision, TimeBasis
from index.text import normalise
from tests.bot.builders import make_citation
from tests.bot.tg.builders import make_quote, make_reply
from tests.bot.tg.shown import as_sent, shown
from tests.botapi.state import units

hostile = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("<>&\"'/ \n😀ñ")))
long_hostile = st.builds(lambda text, times: text * times, hostile.filter(bool), st.integers(1, 3000)).map(
    lambda text: text[:12_000]
)
urls = st.one_of(st.none(), hostile, hostile.map(lambda tail: "https://example.org/" + tail))


@settings(deadline=None)  # the time is not what is tested
@given(quotes=st.lists(st.tuples(long_hostile, hostile, urls, hostile, st.booleans()), min_size=1, max_size=3))
def test_parts_when_text_is_hostile_then_each_parses_within_limits_and_reads_back(
    quotes: list[tuple[str, str, str | None, str, bool]],
) -> None:
    blocks = [
        make_quote(text, title=title, url=url, source=note, edited=edited, note=note, start="u1")
        for text, title, url, note, edited in quotes
    ]
    rendered = parts(make_reply(*blocks), our_name="dateline_bot")
    read = [shown(part.html) for part in rendered]
    assert "".join(quote for each in read for quote in each.quotes) == "".join(text for text, *_ in quotes)
    for part, each in zip(rendered, read, strict=True):
        assert units(each.text) <= 4096
        assert units(part.plain) <= 4096
        assert all(link.startswith(("http://", "https://")) for link in each.links)


@settings(deadline=None)  # the time is not what is tested
@given(text=long_hostile.map(normalise).filter(bool))
def test_quote_when_its_text_is_normalised_then_telegram_takes_nothing_out_of_it(text: str) -> None:
    assert as_sent(text) == text
    read = [shown(part.html) for part in parts(make_reply(make_quote(text)))]
    assert "".join(quote for each in read for quote in each.quotes) == text


@settings(deadline=None)  # the time is not what is tested
@given(text=long_hostile, struck=st.booleans())
def test_parts_when_a_paragraph_is_hostile_then_they_concatenate_to_it(text: str, struck: bool) -> None:
    seen = visible(text).strip()
    rendered = parts(make_reply(Struck(text=text) if struck else Paragraph(text=text)))
    if struck:
        assert "".join(words for part in rendered for words in shown(part.html).of("strikethrough")) == seen
    else:
        assert "".join(shown(part.html).text for part in rendered) == seen
        assert "".join(part.plain for part in rendered) == seen


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\u061c", "\x00", "\u2028"])
def test_words_of_ours_when_they_carry_a_strangers_marks_then_those_are_taken_out(mark: str) -> None:
    citation = make_citation(title=f"Ferry{mark}runs", source=f"Har{mark}bour")
    part = parts(make_reply(Paragraph(text=f"on {mark}boats"), Pointer(citation=citation)))[0]
    assert mark not in part.html
    assert mark not in part.plain


@settings(deadline=None)  # the time is not what is tested
@given(st.lists(st.integers(1, 90), min_size=1, max_size=60))
def test_parts_when_blocks_are_many_then_none_is_torn(sizes: list[int]) -> None:
    texts = [f"{number} " + "x" * size * 10 for number, size in enumerate(sizes)]
    rendered = parts(make_reply(*(Paragraph(text=text) for text in texts)))
    assert "\n\n".join(part.plain for part in rendered) == "\n\n".join(texts)


def test_parts_when_three_usual_quotes_then_one_message() -> None:
    assert len(parts(make_reply(*[make_quote("The ferry sailed at noon. " * 20)] * 3))) == 1


def test_parts_when_a_quote_is_too_long_then_each_part_carries_its_citation() -> None:
    text = "The pier was closed for the whole afternoon. " * 150
    rendered = parts(make_reply(make_quote(text)))
    read = [shown(part.html) for part in rendered]
    assert len(read) == 2
    assert "".join(each.quotes[0] for each in read) == text
    assert all(each.of("bold")[0] == "Ferry runs again" and "example.org" in each.text for each in read)
    assert all(each.quotes[0].rstrip().endswith(".") for each in read)


def test_parts_when_a_word_never_ends_then_no_accent_is_torn_off() -> None:
    text = "e\u0301" * 6000
    read = [shown(part.html) for part in parts(make_reply(make_quote(text)))]
    assert len(read) > 1
    assert all(each.quotes[0].startswith("e") for each in read)


def test_quote_when_short_then_open_and_when_long_then_folded() -> None:
    short = shown(parts(make_reply(make_quote("It sailed.")))[0].html)
    folded = shown(parts(make_reply(make_quote("It sailed again. " * 30)))[0].html)
    assert short.of("blockquote") == ["It sailed."]
    assert len(folded.of("expandable_blockquote")) == 1


def test_quote_when_rendered_then_title_time_host_link_and_marks_show() -> None:
    part = parts(make_reply(make_quote("It sailed.", edited=True, note="correction")))[0]
    read = shown(part.html)
    assert read.text == (
        "Ferry runs again — correction\nIt sailed.\nHarbour Gazette · example.org · 4 May 2031, 09:30 UTC · edited"
    )
    assert (read.times[0]["unix_time"], read.times[0]["date_time_format"]) == (1935653400, "Dt")
    assert read.links == ["https://www.example.org/blog#e1"]
    assert part.plain == (
        "Ferry runs again — correction\n“It sailed.”\n"
        "Harbour Gazette · example.org · 4 May 2031, 09:30 UTC · edited\nhttps://www.example.org/blog#e1"
    )


def test_times_when_the_chat_has_a_zone_then_all_of_a_message_are_written_in_it() -> None:
    at = datetime(2031, 5, 4, 9, 30, tzinfo=UTC)
    ours = Paragraph(text="As of 4 May 2031, 12:30 EEST; ours.", moments=(("4 May 2031, 12:30 EEST", at),))
    edited = make_quote(published_at=at, modified_at=at, edited=True)
    part = parts(make_reply(edited, ours, zone="Europe/Athens"))[0]
    assert part.html.count("4 May 2031, 12:30 EEST</tg-time>") == 3
    assert [time["unix_time"] for time in shown(part.html).times] == [int(at.timestamp())] * 3
    assert "UTC" not in part.plain


def test_quote_when_in_another_language_then_our_words_and_times_are_and_the_quote_is_not() -> None:
    quote = make_quote("It sailed.", modified_at=datetime(2031, 5, 4, 10, 25, tzinfo=UTC), edited=True)
    read = shown(parts(make_reply(quote, language="es"))[0].html)
    assert read.quotes[0] == "It sailed."
    assert read.text.endswith("· 4 de mayo de 2031, 09:30 UTC · editada el 4 de mayo de 2031, 10:25 UTC")


def test_quote_when_the_page_gives_only_a_day_then_no_clock_time_shows() -> None:
    midnight_in_berlin = datetime(2024, 10, 23, 22, 0, tzinfo=UTC)
    part = parts(
        make_reply(
            make_quote(published_at=midnight_in_berlin, time_precision=Precision.DAY, time_basis=TimeBasis.INHERITED)
        )
    )[0]
    assert "page of 24 October 2024" in part.html
    assert "tg-time" not in part.html
    assert ":" not in part.html.replace("https:", "")


def test_quote_when_the_time_is_our_first_sight_then_it_says_so() -> None:
    part = parts(make_reply(make_quote(time_basis=TimeBasis.SEEN)))[0]
    assert "· first seen 4 May 2031, 09:30 UTC" in shown(part.html).text


def test_quote_when_the_edit_has_a_time_then_it_shows_unless_only_the_day_is_known() -> None:
    edited = datetime(2031, 5, 4, 10, 25, tzinfo=UTC)
    exact = parts(make_reply(make_quote(edited=True, modified_at=edited)))[0]
    day = parts(make_reply(make_quote(edited=True, modified_at=edited, time_precision=Precision.DAY)))[0]
    assert shown(exact.html).text.endswith("· edited 4 May 2031, 10:25 UTC")
    assert len(shown(exact.html).times) == 2
    assert shown(day.html).text.endswith("· edited")


def test_quote_when_the_headline_is_the_text_then_it_shows_once() -> None:
    part = parts(make_reply(make_quote("Ferry runs again", title="Ferry runs again")))[0]
    assert part.html.count("Ferry runs again") == 1


def test_quote_when_published_before_1970_then_the_time_is_plain() -> None:
    part = parts(make_reply(make_quote(published_at=datetime(1969, 7, 20, 20, 17, tzinfo=UTC))))[0]
    assert "20 July 1969, 20:17 UTC" in shown(part.html).text
    assert "tg-time" not in part.html


def test_pointer_when_rendered_then_names_the_update_without_quoting() -> None:
    read = shown(parts(make_reply(Pointer(citation=make_citation())))[0].html)
    assert read.text == "• Ferry runs again\nHarbour Gazette · example.org · 4 May 2031, 09:30 UTC"
    assert read.quotes == []


def test_pointer_when_the_update_has_no_headline_then_says_so() -> None:
    read = shown(parts(make_reply(Pointer(citation=make_citation(title=""))))[0].html)
    assert read.text.startswith("• Update without a headline\n")


def test_update_when_it_can_be_opened_in_private_then_its_title_does_so() -> None:
    blocks = make_quote("It sailed.", start="u9_-A"), Pointer(citation=make_citation(), start="u7")
    part = parts(make_reply(*blocks), our_name="dateline_bot")[0]
    read = shown(part.html)
    assert read.of("text_link")[::2] == ["Ferry runs again", "Ferry runs again"]
    assert read.links[::2] == ["https://t.me/dateline_bot?start=u9_-A", "https://t.me/dateline_bot?start=u7"]
    assert "https://t.me/dateline_bot?start=u7" in part.plain
    assert "t.me" not in parts(make_reply(*blocks))[0].html


def test_update_when_it_has_no_title_then_its_source_opens_it() -> None:
    part = parts(make_reply(make_quote("It sailed.", title="", start="u9")), our_name="dateline_bot")[0]
    assert shown(part.html).of("text_link") == ["Harbour Gazette", "example.org"]


def test_struck_when_rendered_then_in_both_forms() -> None:
    part = parts(make_reply(Struck(text="Nine <b>ferries</b>")))[0]
    assert shown(part.html).of("strikethrough") == ["Nine <b>ferries</b>"]
    assert part.plain == "~Nine <b>ferries</b>~"


def test_parts_when_there_is_nothing_to_say_then_none() -> None:
    assert parts(make_reply(Paragraph(text=" \n "))) == ()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.example.org/a", "example.org"),
        ("http://example.org:8080/a", "example.org"),
        ("https://known.example@evil.example/", "evil.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("tg://user?id=1", None),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://example.org/a b", None),
        ("https://example.org/\u202e", None),
        ("https://[broken", None),
        ("https://example.org/" + "a" * 2000, None),
        ("", None),
        (None, None),
    ],
)
def test_host_of_when_given_an_address_then_only_http_with_a_true_host_is_linked(
    url: str | None, host: str | None
) -> None:
    assert host_of(url) == host
