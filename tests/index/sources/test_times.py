from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources.times import find, parse
from index.types import Precision

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+0100", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01 10:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01 10:00:00 UTC", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 10:00:00 GMT", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 10:00:00 -0000", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 10:00:00 EDT", datetime(2026, 3, 1, 14, tzinfo=UTC)),
        ("1 Mar 2026 10:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("1 March 2026, 2:05 pm", datetime(2026, 3, 1, 12, 5, tzinfo=UTC)),
        ("March 1, 2026 at 10:00 UTC", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 19:00:00 JST", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 21:00 AEDT", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 19:30 ACST", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (1772359200, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (1772359200000, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("1772359200", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("1772359200000", datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ],
)
def test_parse_when_a_clock_is_written_then_that_minute(written: object, expected: datetime) -> None:
    moment = parse(written, KYIV)
    assert moment is not None
    assert (moment.at, moment.precision) == (expected, Precision.MINUTE)


@pytest.mark.parametrize(
    "written",
    ["2026-03-01", "March 1, 2026", "1 March 2026", "1. März 2026", "01.03.2026", "1er mars 2026", "1 de marzo de 2026",
     "1 березня 2026", "1 марта 2026", "1 marca 2026", "Sun, 1 Mar 2026", "1° marzo 2026", "March 1st, 2026"],
)  # fmt: skip
def test_parse_when_only_a_day_is_written_then_its_midnight_in_the_zone(written: str) -> None:
    moment = parse(written.replace("°", ""), KYIV)
    assert moment is not None
    assert (moment.at, moment.precision) == (datetime(2026, 2, 28, 22, tzinfo=UTC), Precision.DAY)


@pytest.mark.parametrize(
    "written",
    [None, "", "soon", "12:30", "March", "2026", "3/4/2026", "1970-01-01T00:00:00Z", 0, "0", True, 1e300, float("nan"),
     "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00", "2026-13-01", "31 February 2026", [], {}, "x" * 1_000],
)  # fmt: skip
def test_parse_when_missing_absurd_or_ambiguous_then_none(written: object) -> None:
    assert parse(written, KYIV) is None


@pytest.mark.parametrize(
    "written", ["March 1, 2026 10:00 XYZ", "Sun, 01 Mar 2026 10:00:00 IST", "Sun, 01 Mar 2026 10:00 Europe/Oslo"]
)
def test_parse_when_the_clock_has_an_unknown_zone_then_only_the_day_is_kept(written: str) -> None:
    moment = parse(written, KYIV)
    assert moment is not None
    assert (moment.day.day, moment.precision) == (1, Precision.DAY)


def test_parse_when_a_word_follows_that_is_a_zone_in_capitals_then_it_is_a_word() -> None:
    moments = [moment.at for _, _, moment in find("1 March 2026, 10:00 eat; 1 March 2026, 10:00 EAT", KYIV)]
    assert moments == [datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 7, tzinfo=UTC)]


def test_find_when_dates_are_glued_to_words_then_found_all_the_same() -> None:
    line = "Published March 3, 2026last updated March 4, 2026What you need to know"
    found = list(find(line, KYIV))
    assert [moment.day.day for _, _, moment in found] == [3, 4]
    assert line[found[-1][1] :] == "What you need to know"


@given(st.text() | st.floats() | st.integers())
def test_parse_when_given_anything_then_an_aware_utc_time_or_none(value: object) -> None:
    moment = parse(value, KYIV)
    assert moment is None or moment.at.utcoffset() == timedelta(0)


@given(st.integers(min_value=700_000_000, max_value=7_000_000_000), st.timezones())
def test_parse_when_given_an_iso_time_then_the_same_instant(seconds: int, zone: ZoneInfo) -> None:
    moment = datetime.fromtimestamp(seconds, tz=zone)
    got = parse(moment.isoformat(), KYIV)
    assert got is not None
    assert got.at == moment.astimezone(UTC)
