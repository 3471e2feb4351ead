"""Due moments and quiet hours over every zone of the tz database, against a clock looked at minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.schedule import Days, Quiet, Rhythm, due_after_change, due_turn, last_due, next_due, sendable_at, strayed

# Not the files that are no places: "localtime" is the machine's own.
ZONES = sorted(zone for zone in available_timezones() if not zone.startswith(("posix", "right", "local", "Factory")))
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)

times = st.builds(time, hour=st.integers(0, 23), minute=st.integers(0, 59))
moments = st.integers(0, 60 * 365 * 1440).map(lambda minutes: datetime(1985, 1, 1, tzinfo=UTC) + MINUTE * minutes)
rhythms = st.builds(Rhythm, at=times, zone=st.sampled_from(ZONES), days=st.sampled_from(Days))
quiets = st.builds(Quiet, since=times, until=times, zone=st.sampled_from(ZONES))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(clock: str, zone: str, days: Days = Days.DAILY) -> Rhythm:
    return Rhythm(at=time.fromisoformat(clock), zone=zone, days=days)


def test_zones_when_counted_then_there_are_hundreds() -> None:
    assert len(ZONES) > 400


# What is due


@pytest.mark.parametrize(
    ("clock", "zone", "after", "due"),
    [
        ("08:00", "Europe/Kyiv", "2026-03-28 06:00", "2026-03-29 05:00"),  # the night is an hour shorter
        ("03:30", "Europe/Kyiv", "2026-03-28 12:00", "2026-03-29 01:30"),  # skipped: by the offset before
        ("03:30", "Europe/Kyiv", "2026-10-24 12:00", "2026-10-25 00:30"),  # doubled: the first time
        ("03:30", "Europe/Kyiv", "2026-10-25 00:30", "2026-10-26 01:30"),  # and not the second time too
        ("08:00", "Asia/Kathmandu", "2026-01-01 02:14", "2026-01-01 02:15"),
        ("08:00", "Asia/Kathmandu", "2026-01-01 02:15", "2026-01-02 02:15"),
        ("09:00", "Pacific/Apia", "2011-12-29 20:00", "2011-12-30 19:00"),  # the 30th of December did not take place
        ("00:30", "America/Sao_Paulo", "2018-11-03 12:00", "2018-11-04 03:30"),  # midnight itself was skipped
        ("23:45", "Pacific/Kiritimati", "2026-06-01 09:44", "2026-06-01 09:45"),
    ],
)
def test_next_due_when_clocks_change_then_as_decided(clock: str, zone: str, after: str, due: str) -> None:
    assert next_due(daily(clock, zone), at(after)) == at(due)


def test_next_due_when_only_weekdays_then_the_weekend_is_passed_over() -> None:
    rhythm = daily("08:00", "UTC", Days.WEEKDAYS)
    assert next_due(rhythm, at("2026-07-03 08:00")) == at("2026-07-06 08:00")
    assert next_due(daily("08:00", "Pacific/Apia", Days.WEEKDAYS), at("2011-12-29 20:00")) == at("2012-01-01 18:00")


@settings(max_examples=600)
@given(rhythm=rhythms, after=moments)
@example(rhythm=daily("09:00", "Pacific/Apia"), after=at("2011-12-29 19:00"))
@example(rhythm=daily("02:30", "Australia/Lord_Howe"), after=at("2026-10-03 15:00"))
def test_next_due_when_followed_for_weeks_then_it_strictly_increases_once_a_day(
    rhythm: Rhythm, after: datetime
) -> None:
    zone, moment, seen = ZoneInfo(rhythm.zone), after, list[date]()
    for _ in range(20):
        due = next_due(rhythm, moment)
        assert due > moment
        assert next_due(rhythm, due - timedelta(microseconds=1)) == due
        assert last_due(rhythm, due) == due
        assert last_due(rhythm, next_due(rhythm, due) - timedelta(microseconds=1)) == due
        shown = due.astimezone(zone)
        if shown.time() == rhythm.at:
            seen.append(shown.date())
        else:  # moved out of a skipped hour, and by no more than that
            behind = datetime.combine(shown.date(), shown.time()) - datetime.combine(shown.date(), rhythm.at)
            assert behind % DAY <= 2 * HOUR
        moment = due
    assert len(set(seen)) == len(seen), "no day twice"
    assert len(seen) >= 17, "a skipped hour is rare"
    if rhythm.days is Days.WEEKDAYS:
        assert {day.weekday() for day in seen} == {0, 1, 2, 3, 4}


@settings(max_examples=300)
@given(zone=st.sampled_from(ZONES), clock=times, after=moments)
def test_next_due_when_daily_then_no_day_of_the_calendar_is_left_out(zone: str, clock: time, after: datetime) -> None:
    rhythm, place = Rhythm(at=clock, zone=zone), ZoneInfo(zone)
    due = next_due(rhythm, after)
    for _ in range(10):
        following = next_due(rhythm, due)
        assert following - due <= 2 * DAY
        between = [due + HOUR * n for n in range(int((following - due) / HOUR))]
        assert len({moment.astimezone(place).date() for moment in between}) <= 3
        due = following


# Windows


@settings(max_examples=300)
@given(
    start=moments,
    rhythm=rhythms,
    steps=st.lists(
        st.one_of(
            st.integers(1, 4000).map(lambda minutes: ("tick", minutes)),
            st.integers(-3000, -1).map(lambda minutes: ("tick", minutes)),  # a clock that is set back
            st.integers(5, 20).map(lambda days: ("tick", days * 1440)),  # downtime
            rhythms.map(lambda chosen: ("change", chosen)),
        ),
        max_size=60,
    ),
)
def test_windows_when_clocks_jump_and_zones_change_then_they_are_contiguous_and_end_later_each_time(
    start: datetime, rhythm: Rhythm, steps: list[tuple[str, object]]
) -> None:
    now, since, due = start, start, next_due(rhythm, start)
    for what, value in steps:
        if isinstance(value, Rhythm):
            rhythm, due = value, due_after_change(value, window_since=since, now=now)
        else:
            assert isinstance(value, int), what
            now += MINUTE * value
        turn = due_turn(rhythm, next_due_at=due, now=now)
        if turn is None:
            assert now < due
            assert due > since
            continue
        assert since < turn.window_until <= now < turn.next_due_at
        assert due <= turn.window_until
        # One for all that was missed: nothing else is due until the next one.
        assert due_turn(rhythm, next_due_at=turn.next_due_at, now=now) is None
        since, due = turn.window_until, turn.next_due_at


def test_turn_when_a_week_was_missed_then_one_for_all_of_it() -> None:
    rhythm = daily("08:00", "Europe/Berlin")
    turn = due_turn(rhythm, next_due_at=at("2026-03-26 07:00"), now=at("2026-04-01 09:13"))
    assert turn is not None
    assert (turn.window_until, turn.next_due_at) == (at("2026-04-01 06:00"), at("2026-04-02 06:00"))


def test_strayed_when_the_clock_was_years_ahead_then_told_and_a_day_ahead_is_not() -> None:
    rhythm = daily("08:00", "UTC", Days.WEEKDAYS)
    now = at("2026-07-03 09:00")
    assert not strayed(rhythm, next_due_at=next_due(rhythm, now), now=now)
    assert not strayed(rhythm, next_due_at=at("2026-07-06 08:00"), now=now - DAY)
    assert strayed(rhythm, next_due_at=at("2030-01-01 08:00"), now=now)


# Quiet hours


@settings(max_examples=400)
@given(quiet=quiets, moment=moments)
def test_sendable_when_quiet_then_held_until_just_after_and_never_longer_than_a_day(
    quiet: Quiet, moment: datetime
) -> None:
    released = sendable_at(moment, quiet)
    assert not quiet.holds_at(released)
    assert sendable_at(released, quiet) == released
    if not quiet.holds_at(moment):
        assert released == moment
        return
    assert moment < released <= moment + DAY + 2 * HOUR
    first = next(moment + MINUTE * n for n in range(1600) if not quiet.holds_at(moment + MINUTE * n))
    # Looked at minute by minute; an end that is skipped counts by the offset before, so may be up to the jump later.
    assert released - first <= timedelta(hours=1, minutes=1) or quiet.zone in {"Antarctica/Troll"}
    assert Quiet.read(str(quiet)) == quiet


def test_sendable_when_there_are_no_quiet_hours_then_at_once() -> None:
    now = at("2026-07-03 03:00")
    assert sendable_at(now, None) == now
    nothing = Quiet(since=time(7), until=time(7))
    assert sendable_at(now, nothing) == now
    night = Quiet(since=time(22), until=time(7), zone="Europe/Kyiv")
    assert sendable_at(now, night) == at("2026-07-03 04:00")
    assert sendable_at(at("2026-10-25 01:10"), Quiet(since=time(1), until=time(3, 30), zone="Europe/Kyiv")) == at(
        "2026-10-25 01:30"
    ), "the second of the doubled hours is quiet again"


@pytest.mark.parametrize("wrong", [time(8, 0, 1), time(8, tzinfo=UTC)])
def test_rhythm_when_not_a_local_minute_then_refused(wrong: time) -> None:
    with pytest.raises(ValueError, match="local time"):
        Rhythm(at=wrong)
