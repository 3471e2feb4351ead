from datetime import UTC, date, datetime, timedelta

import pytest

from bot import times
from index import Precision


def test_moment_when_in_summer_then_the_zone_is_named() -> None:
    assert times.moment(datetime(2031, 5, 4, 13, 5, tzinfo=UTC), "Europe/London") == "4 May 2031, 14:05 BST"


def test_moment_when_the_zone_has_no_name_then_its_offset_is_shown() -> None:
    assert times.moment(datetime(2031, 5, 4, 13, 5, tzinfo=UTC), "Asia/Dubai") == "4 May 2031, 17:05 UTC+04"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_moment_when_only_the_day_is_known_then_no_clock_and_the_same_day_everywhere(zone: str) -> None:
    midnight_in_kyiv = datetime(2031, 5, 3, 21, 0, tzinfo=UTC)
    assert times.moment(midnight_in_kyiv, zone, Precision.DAY) == "4 May 2031 (day only)"


@pytest.mark.parametrize("offset_h", [-10, -5, 0, 3, 12, 13])
def test_day_of_when_it_is_midnight_in_any_zone_then_that_day(offset_h: int) -> None:
    midnight = datetime(2031, 5, 4, tzinfo=UTC) - timedelta(hours=offset_h)
    assert times.day_of(midnight) == date(2031, 5, 4)


@pytest.mark.parametrize(
    ("since", "until", "written"),
    [
        ((4, 0, 0), (5, 0, 0), "4 May 2031 (UTC)"),
        ((2, 0, 0), (5, 0, 0), "2 May 2031 to 4 May 2031 (UTC)"),
        ((4, 9, 0), (4, 11, 30), "4 May 2031, 09:00 UTC to 11:30 UTC"),
        ((3, 9, 0), (4, 11, 30), "3 May 2031, 09:00 UTC to 4 May 2031, 11:30 UTC"),
    ],
)
def test_span_when_both_ends_are_known_then_days_or_clocks(
    since: tuple[int, int, int], until: tuple[int, int, int], written: str
) -> None:
    assert times.span(_may(*since), _may(*until), "UTC") == written


def test_span_when_one_end_is_open_then_it_is_named_so() -> None:
    assert times.span(_may(4, 9, 0), None, "UTC") == "since 4 May 2031, 09:00 UTC"
    assert times.span(None, _may(4, 9, 0), "UTC") == "before 4 May 2031, 09:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7_199, "1 hour ago"), (172_800, "2 days ago")],
)
def test_ago_when_time_has_passed_then_the_largest_unit(seconds: int, written: str) -> None:
    now = _may(4, 9, 0)
    assert times.ago(now - timedelta(seconds=seconds), now) == written


@pytest.mark.parametrize("name", ["Europe/Kyiv", "UTC"])
def test_known_zone_when_in_the_database_then_true(name: str) -> None:
    assert times.known_zone(name)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "/etc/localtime", "Europe", "a\0b"])
def test_known_zone_when_not_then_false(name: str) -> None:
    assert not times.known_zone(name)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", "4. Mai 2031, 14:05 BST"),
        ("uk", "4 травня 2031 р., 14:05 BST"),
        ("ru", "4 мая 2031 г., 14:05 BST"),
        ("es", "4 de mayo de 2031, 14:05 BST"),
        ("fr", "4 mai 2031, 14:05 BST"),
    ],
)
def test_moment_when_in_another_language_then_its_months_and_the_same_clock(language: str, written: str) -> None:
    assert plain(times.moment(_may(4, 13, 5), "Europe/London", language=language)) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", "4. Mai 2031 (nur der Tag bekannt)"),
        ("ru", "4 мая 2031 г. (известен только день)"),
        ("fr", "4 mai 2031 (jour seul connu)"),
    ],
)
def test_moment_when_only_the_day_is_known_then_every_language_says_so(language: str, written: str) -> None:
    assert plain(times.moment(_may(4, 0, 0), "UTC", Precision.DAY, language=language)) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", ["gerade eben", "vor 1 Minute", "vor 23 Stunden", "vor 40 Tagen"]),
        ("uk", ["щойно", "1 хвилину тому", "23 години тому", "40 днів тому"]),
        ("ru", ["только что", "1 минуту назад", "23 часа назад", "40 дней назад"]),
        ("es", ["ahora mismo", "hace 1 minuto", "hace 23 horas", "hace 40 días"]),
        ("fr", ["à l'instant", "il y a 1 minute", "il y a 23 heures", "il y a 40 jours"]),
    ],
)
def test_ago_when_in_another_language_then_its_plural_and_no_weeks(language: str, written: list[str]) -> None:
    now = _may(4, 9, 0)
    passed = [timedelta(0), timedelta(seconds=119), timedelta(hours=23, minutes=59), timedelta(days=40)]
    assert [plain(times.ago(now - each, now, language=language)) for each in passed] == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "13 hours"),
        ("de", "13 Stunden"),
        ("uk", "13 годин"),
        ("ru", "13 часов"),
        ("es", "13 horas"),
        ("fr", "13 heures"),
    ],
)
def test_age_when_in_another_language_then_its_plural(language: str, written: str) -> None:
    now = _may(4, 9, 0)
    assert plain(times.age(now - timedelta(hours=13), now, "UTC", language=language)) == written


@pytest.mark.parametrize(
    ("language", "days", "clocks", "open_end"),
    [
        (
            "de",
            "2. Mai 2031 bis 4. Mai 2031 (UTC)",
            "4. Mai 2031, 09:00 UTC bis 11:30 UTC",
            "seit 4. Mai 2031, 09:00 UTC",
        ),
        (
            "uk",
            "з 2 травня 2031 р. по 4 травня 2031 р. (UTC)",
            "з 4 травня 2031 р., 09:00 UTC до 11:30 UTC",
            "з 4 травня 2031 р., 09:00 UTC",
        ),
        (
            "es",
            "del 2 de mayo de 2031 al 4 de mayo de 2031 (UTC)",
            "4 de mayo de 2031, 09:00 UTC, hasta las 11:30 UTC",
            "desde el 4 de mayo de 2031, 09:00 UTC",
        ),
    ],
)
def test_span_when_in_another_language_then_its_prepositions(
    language: str, days: str, clocks: str, open_end: str
) -> None:
    assert plain(times.span(_may(2, 0, 0), _may(5, 0, 0), "UTC", language=language)) == days
    assert plain(times.span(_may(4, 9, 0), _may(4, 11, 30), "UTC", language=language)) == clocks
    assert plain(times.span(_may(4, 9, 0), None, "UTC", language=language)) == open_end


def plain(text: str) -> str:
    """Make a no-break space, narrow or not, a space as one types it."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def _may(day: int, hour: int, minute: int) -> datetime:
    return datetime(2031, 5, day, hour, minute, tzinfo=UTC)
