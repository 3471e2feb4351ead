"""A digest covers its window: every sentence verbatim, matters once, figures never merged, nothing told twice."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.grading import Grade
from index.highlights import Digest, Role, Window, hours, matters
from index.types import Kind, Precision, Update
from index.views import Cause, Quoted, quoted_of
from tests.index.builders import NOW, at, make_archive, make_candidate, make_reading, make_update
from tests.index.fakes import BagEncoder

LATER = NOW + timedelta(hours=2)
FIRST = Window(since=at(-60), until=NOW + timedelta(hours=1))
NEXT = Window(since=FIRST.until, until=LATER + timedelta(hours=1))
MATTERS = {
    "ferry": "The ferry to Hesper is stuck on a sandbank off the bar.",
    "school": "Lessons at the old school begin again on Thursday, teachers say.",
    "mill": "The mill on Tanner Street burned down overnight.",
}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(make_archive(tmp_path / "archive", BagEncoder(dimension=512))) as opened:
        yield opened


def take(archive: Archive, *updates: Update, now: datetime = NOW) -> None:
    archive.take("Alder Post", make_reading(*updates).updates, now=now)
    archive.encode_pending()


def texts(digest: Digest) -> list[str]:
    return [one.excerpt.text for one in digest.highlights]


def update(key: str, text: str, minute: float = 0, kind: Kind = Kind.UPDATE) -> Update:
    return make_update(key, text, title="", published_at=at(minute), kind=kind)


def test_highlights_when_the_window_is_empty_then_the_digest_is(archive: Archive) -> None:
    assert archive.highlights(FIRST, now=NOW) == Digest(window=FIRST)
    take(archive, update("u1", "The mill burned down."), now=LATER)
    assert archive.highlights(FIRST, now=LATER).highlights == ()
    assert len(archive.highlights(NEXT, now=LATER).highlights) == 1


def test_highlights_when_windows_meet_then_every_update_is_in_just_one_by_when_it_was_seen(archive: Archive) -> None:
    take(archive, update("u1", MATTERS["ferry"]), now=FIRST.until - timedelta(seconds=1))
    take(archive, update("u2", MATTERS["mill"]), now=FIRST.until)
    assert texts(archive.highlights(FIRST, now=LATER)) == [MATTERS["ferry"]]
    assert texts(archive.highlights(NEXT, now=LATER)) == [MATTERS["mill"]]


def test_highlights_when_a_matter_is_told_often_then_it_is_quoted_once_and_key_points_stand_first(
    archive: Archive,
) -> None:
    repeated = [update(f"f{n}", f"{MATTERS['ferry']} Tide {'high low'.split()[n % 2]}.", n) for n in range(6)]
    points = update("k1", "The ferry is stuck.\nThe mill is gone.", 1, Kind.KEY_POINT)
    take(archive, *repeated, update("s1", MATTERS["school"], 2), update("m1", MATTERS["mill"], 3), points)
    found = archive.highlights(FIRST, now=NOW, limit=4)
    assert [one.role for one in found.highlights] == [Role.KEY_POINT, *[Role.UPDATE] * 3]
    assert found.highlights[0].excerpt.text == "The ferry is stuck.\nThe mill is gone."
    assert {one.excerpt.citation.update_id[0] for one in found.highlights[1:]} == {"f", "s", "m"}
    assert (found.updates, found.left) == (9, 5)
    assert sum(hour.updates for hour in found.hours) == 9
    assert sum(hour.quoted for hour in found.hours) == 4


def test_highlights_when_a_figure_develops_then_the_newest_stands_with_its_earlier_value(archive: Archive) -> None:
    take(
        archive,
        update("a1", "Nine people are missing after the fire at the mill.", 0),
        update("a2", "Seven people are missing after the fire at the mill.", 30),
        update("s1", MATTERS["school"], 10),
    )
    found = archive.highlights(FIRST, now=NOW, limit=2)
    figure = next(one for one in found.highlights if one.excerpt.citation.update_id == "a2")
    assert figure.earlier is not None
    assert figure.earlier.text == "Nine people are missing after the fire at the mill."


def test_highlights_when_a_like_thing_is_counted_then_it_is_no_earlier_figure(archive: Archive) -> None:
    take(
        archive,
        update("a1", "Police have arrested eleven people over the disorder in the centre of Brenn.", 0),
        update("a2", "Six people have been charged after the disorder in the centre of Brenn, police say.", 30),
    )
    found = archive.highlights(FIRST, now=NOW, limit=2).highlights
    assert [(one.excerpt.citation.update_id, one.earlier) for one in found] == [("a2", None), ("a1", None)]


def test_highlights_when_they_cover_a_window_then_the_newest_stands_first(archive: Archive) -> None:
    take(archive, *(update(key, text, minute) for minute, (key, text) in enumerate(MATTERS.items())))
    assert texts(archive.highlights(FIRST, now=NOW)) == list(reversed(MATTERS.values()))


@pytest.mark.parametrize(("minute", "first"), [(-5, False), (50, True)])
def test_highlights_when_a_summary_is_overtaken_then_its_details_are_quoted_and_not_it(
    archive: Archive, minute: float, first: bool
) -> None:
    summary = "The ferry is stuck, the old school is shut and the mill is gone."
    take(
        archive,
        make_update("w1", summary, title="What we know so far", published_at=at(minute)),
        *(update(key, text, place) for place, (key, text) in enumerate(MATTERS.items())),
    )
    found = archive.highlights(FIRST, now=NOW).highlights
    assert (found[0].role is Role.KEY_POINT) is first
    assert (summary in [one.excerpt.text for one in found]) is first
    assert len(found) == 3 + first


def test_highlights_when_there_is_nothing_but_a_summary_then_it_is_quoted(archive: Archive) -> None:
    take(archive, make_update("w1", "The ferry is stuck.", title="Summary", published_at=at(0)))
    assert texts(archive.highlights(FIRST, now=NOW)) == ["The ferry is stuck."]


def test_highlights_when_figures_of_other_things_differ_then_both_are_told(archive: Archive) -> None:
    take(
        archive,
        update("a1", "In Alder 12 homes at the river lost their roofs to the wind.", 0),
        update("b1", "In Brenn 40 homes by the lake got no water since noon.", 30),
    )
    assert len(archive.highlights(FIRST, now=NOW, limit=4).highlights) == 2


def test_highlights_when_they_were_told_then_only_what_changed_materially_comes_again(archive: Archive) -> None:
    take(archive, update("f1", MATTERS["ferry"]), update("m1", MATTERS["mill"]), update("s1", MATTERS["school"]))
    told = [quoted_of(one.excerpt) for one in archive.highlights(FIRST, now=NOW).highlights]
    assert archive.highlights(FIRST, now=NOW, told=told).highlights == ()
    take(
        archive,
        update("f1", MATTERS["ferry"].replace("Hesper", "Orrin")),
        update("s1", MATTERS["school"].replace("Lessons", "The lessons")),
        make_update("m1", withdrawn=True),
        now=LATER,
    )
    found = archive.highlights(NEXT, now=LATER, told=told)
    assert [(one.role, one.revised, one.excerpt.text) for one in found.highlights] == [
        (Role.WITHDRAWN, False, MATTERS["mill"]),
        (Role.UPDATE, True, MATTERS["ferry"].replace("Hesper", "Orrin")),
    ]
    earlier = found.highlights[1].earlier
    assert earlier is not None
    assert earlier.text == MATTERS["ferry"]


def test_highlights_when_a_correction_follows_what_was_told_then_it_says_what_it_corrects(archive: Archive) -> None:
    wrong = "Nine people are missing after the fire at the mill on Tanner Street."
    take(archive, update("a1", wrong), update("s1", MATTERS["school"]))
    told = [quoted_of(one.excerpt) for one in archive.highlights(FIRST, now=NOW).highlights]
    right = "Correction: seven people are missing after the fire at the mill on Tanner Street, not nine."
    take(archive, update("c1", right, 60, Kind.CORRECTION), now=LATER)
    found = archive.highlights(NEXT, now=LATER, told=told).highlights
    assert [(one.role, one.earlier and one.earlier.text) for one in found] == [(Role.CORRECTION, wrong)]


def test_highlights_when_topics_are_named_then_only_what_is_about_them(archive: Archive) -> None:
    take(archive, *(update(key, text) for key, text in MATTERS.items()))
    assert texts(archive.highlights(FIRST, now=NOW, topics=["ferry sandbank"])) == [MATTERS["ferry"]]
    assert archive.highlights(FIRST, now=NOW, sources=("Another",)) == Digest(window=FIRST)


def test_affected_when_updates_change_then_each_is_told_with_its_cause_and_a_clock_is_cosmetic(
    archive: Archive,
) -> None:
    clocked = f"{MATTERS['school']} Last updated 14:05"
    wrong = "Nine people are missing after the fire at the mill on Tanner Street."
    take(
        archive, update("a1", wrong), update("f1", MATTERS["ferry"]), update("s1", clocked), update("m1", "Gone soon.")
    )
    first = archive.affected(0, now=NOW)
    assert first == replace(archive.affected(None, now=NOW), updates=first.updates)
    assert (first.affected, len(first.updates)) == ((), 4)
    take(
        archive,
        update("c1", f"Correction: {wrong.replace('Nine', 'Seven')}", 60, Kind.CORRECTION),
        update("f1", MATTERS["ferry"].replace("stuck", "afloat")),
        update("s1", clocked.replace("14:05", "14:06")),
        make_update("m1", withdrawn=True),
        now=LATER,
    )
    found = archive.affected(first.cursor, now=LATER)
    assert {(one.citation.update_id, one.cause, one.grade) for one in found.affected} == {
        ("a1", Cause.CORRECTED, Grade.MATERIAL),
        ("f1", Cause.REVISED, Grade.MATERIAL),
        ("s1", Cause.REVISED, Grade.COSMETIC),
        ("m1", Cause.WITHDRAWN, Grade.MATERIAL),
    }
    assert found.updates == tuple(archive.store.update_number(key) for key in ("f1", "c1"))
    assert archive.affected(found.cursor, now=LATER).affected == ()


def test_verify_when_a_quote_is_held_against_what_stands_then_it_is_graded(archive: Archive) -> None:
    take(archive, update("f1", MATTERS["ferry"]), update("s1", MATTERS["school"]))
    told = [quoted_of(one.excerpt) for one in archive.highlights(FIRST, now=NOW).highlights]
    take(archive, update("f1", MATTERS["ferry"].replace("is stuck", "is not stuck")), now=LATER)
    graded = {one.quoted.update_id: one.grade for one in archive.verify(told, now=LATER)}
    assert graded == {"f1": Grade.MATERIAL, "s1": Grade.NONE}


def test_hours_when_times_are_known_by_the_day_then_they_are_not_drawn() -> None:
    citation = make_candidate("It rains.", minute=130).citation
    assert [(one.start, one.updates) for one in hours([citation], set())] == [(at(120), 1)]
    vague = type(citation)(
        **{name: getattr(citation, name) for name in citation.__slots__} | {"time_precision": Precision.DAY}
    )
    assert hours([vague], set()) == ()


@settings(max_examples=50)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 30), limit=st.integers(1, 8))
def test_matters_when_any_updates_are_weighed_then_each_is_in_one_matter_at_most(
    seed: int, count: int, limit: int
) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    found = matters(np.clip(vectors @ vectors.T, 0.0, 1.0), np.ones(count), limit)
    members = [one for matter in found for one in matter]
    assert len(found) == min(limit, count)
    assert len(members) == len(set(members))


def test_highlights_when_it_begins_behind_a_change_then_a_clock_set_back_or_ahead_loses_and_doubles_nothing(
    archive: Archive,
) -> None:
    clocks = {"ferry": -10, "mill": 5, "school": -30, "bridge": 2000}
    texts_by_key = {**MATTERS, "bridge": "The bridge opens to lorries."}
    for key, minutes in clocks.items():
        take(archive, update(key, texts_by_key[key]), now=FIRST.until + timedelta(minutes=minutes))
    first = archive.highlights(FIRST, now=FIRST.until + timedelta(minutes=6), after=0)
    assert texts(first) == [MATTERS["ferry"]]
    later = Window(since=FIRST.until, until=FIRST.until + timedelta(hours=1))
    second = archive.highlights(later, now=later.until, after=first.seq)
    assert set(texts(second)) == {texts_by_key[key] for key in ("mill", "school", "bridge")}
    third = Window(since=later.until, until=later.until + timedelta(days=3))
    assert archive.highlights(third, now=third.until, after=second.seq).highlights == ()


def test_seq_at_when_later_changes_were_not_seen_yet_then_the_last_that_was(archive: Archive) -> None:
    assert archive.seq_at(NOW) == 0
    take(archive, update("u1", MATTERS["ferry"]), now=NOW)
    take(archive, update("u2", MATTERS["mill"]), now=LATER)
    assert archive.seq_at(NOW - timedelta(seconds=1)) == 0
    assert 0 < archive.seq_at(NOW) < archive.seq_at(LATER)


def test_highlights_when_the_reader_was_told_that_it_stands_again_then_it_is_no_update(archive: Archive) -> None:
    said, other = MATTERS["ferry"], MATTERS["ferry"].replace("stuck", "afloat")
    told: list[Quoted] = []
    for text in (said, other):
        take(archive, update("f1", text))
        told += [quoted_of(one.excerpt) for one in archive.highlights(FIRST, now=NOW, told=told).highlights]
    take(archive, update("f1", said), now=LATER)
    assert texts(archive.highlights(NEXT, now=LATER, told=told)) == [said]
    assert archive.highlights(NEXT, now=LATER, told=[*told, told[0]]).highlights == ()
