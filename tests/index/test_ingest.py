from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ingest
from index.store import Store
from index.types import Kind, Known, Precision, Reading, TimeBasis, Update, Verdict
from tests.index.builders import BLOG, NOW, SOURCE, START, at, make_known, make_reading, make_update, take


def make_store() -> Store:
    return Store(":memory:")


def standing(store: Store, moment: datetime = NOW) -> dict[str, str]:
    """Return key -> text of what stands at a moment."""
    updates = store.newest(until=moment, limit=1000)
    numbers = store.revision_numbers(updates, moment)
    return {citation.update_id: revision.text for revision, citation in store.revisions(numbers.items()).values()}


# decide


def test_decide_when_unknown_then_new_with_revision_one() -> None:
    update = make_update(modified_at=at(5))
    decision = ingest.decide(update, None, NOW)
    assert decision.verdict is Verdict.NEW
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.text) == (1, update.text)
    assert (decision.revision.seen_at, decision.revision.effective_at) == (NOW, START)
    assert (decision.published_at, decision.modified_at) == (START, at(5))
    assert [update.text[s.start : s.end] for s in decision.passages] == [update.text]


def test_decide_when_nothing_changed_then_same_without_revision() -> None:
    decision = ingest.decide(make_update(), make_known(), NOW)
    assert (decision.verdict, decision.revision, decision.passages) == (Verdict.SAME, None, ())


@pytest.mark.parametrize(
    "update",
    [
        make_update(text="The ferry is back."),
        make_update(title="Ferry back"),
        make_update(kind=Kind.CORRECTION),
    ],
    ids=["text", "title", "kind"],
)
def test_decide_when_content_changed_then_revised_with_the_next_number(update: Update) -> None:
    decision = ingest.decide(update, make_known(number=3), NOW)
    assert decision.verdict is Verdict.REVISED
    assert decision.revision is not None
    assert decision.revision.number == 4


def test_decide_when_only_the_address_changed_then_same_and_the_new_address_is_kept() -> None:
    known = make_known()
    decision = ingest.decide(make_update(url="https://alder.example.org/1"), known, NOW)
    assert (decision.verdict, decision.url) == (Verdict.SAME, "https://alder.example.org/1")
    assert ingest.changes_anything(decision, known)


def test_decide_when_a_withdrawal_is_told_then_tombstone_without_passages() -> None:
    decision = ingest.decide(make_update(withdrawn=True), make_known(), NOW)
    assert decision.verdict is Verdict.WITHDRAWN
    assert decision.revision is not None
    assert (decision.revision.withdrawn, decision.revision.text, decision.passages) == (True, "", ())


def test_decide_when_withdrawn_twice_then_same() -> None:
    decision = ingest.decide(make_update(withdrawn=True, title="other"), make_known(withdrawn=True, number=2), NOW)
    assert (decision.verdict, decision.revision) == (Verdict.SAME, None)


def test_decide_when_it_comes_back_after_withdrawal_then_revised() -> None:
    decision = ingest.decide(make_update(), make_known(withdrawn=True, number=2), NOW)
    assert decision.verdict is Verdict.REVISED
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.withdrawn) == (3, False)


OWN, INHERITED, SEEN = TimeBasis.OWN, TimeBasis.INHERITED, TimeBasis.SEEN
MINUTE, DAY = Precision.MINUTE, Precision.DAY


@pytest.mark.parametrize(
    ("held", "said", "winner"),
    [
        ((OWN, MINUTE), (OWN, MINUTE), "held"),
        ((OWN, MINUTE), (INHERITED, MINUTE), "held"),
        ((OWN, MINUTE), (OWN, DAY), "held"),
        ((OWN, DAY), (OWN, MINUTE), "said"),
        ((OWN, DAY), (INHERITED, MINUTE), "held"),
        ((INHERITED, MINUTE), (OWN, MINUTE), "said"),
        ((INHERITED, MINUTE), (OWN, DAY), "said"),
        ((INHERITED, MINUTE), (INHERITED, MINUTE), "held"),
        ((SEEN, MINUTE), (INHERITED, MINUTE), "said"),
        ((SEEN, MINUTE), (OWN, MINUTE), "said"),
    ],
)
def test_decide_when_times_differ_then_the_best_basis_wins_and_the_first_among_equals(
    held: tuple[TimeBasis, Precision], said: tuple[TimeBasis, Precision], winner: str
) -> None:
    known = make_known(published_at=at(10), time_basis=held[0], time_precision=held[1])
    update = make_update(published_at=at(30), time_basis=said[0], time_precision=said[1])
    decision = ingest.decide(update, known, NOW)
    expected = (at(30), *said) if winner == "said" else (at(10), *held)
    assert (decision.published_at, decision.time_basis, decision.time_precision) == expected


def test_decide_when_no_time_is_told_then_the_time_seen_and_named_so() -> None:
    decision = ingest.decide(make_update(published_at=None), None, NOW)
    assert (decision.published_at, decision.time_basis) == (NOW, SEEN)


def test_decide_when_no_time_is_told_later_then_the_known_one_stays() -> None:
    decision = ingest.decide(make_update(published_at=None), make_known(), NOW)
    assert (decision.published_at, decision.time_basis) == (START, OWN)


@pytest.mark.parametrize(
    ("modified_at", "stood_from", "expected"),
    [
        (None, START, NOW),
        (at(60), START, at(60)),
        (START, START, NOW),
        (at(30), at(45), NOW),
        (NOW, START, NOW),
        (NOW + timedelta(hours=1), START, NOW),
        (None, NOW + timedelta(hours=2), NOW + timedelta(hours=2)),
    ],
    ids=[
        "no edit time", "edited since", "edit time is the first", "before what stood",
        "edited now", "edit time to come", "what stood is to come",
    ],
)  # fmt: skip
def test_decide_when_revised_then_effective_from_its_edit_or_from_when_we_saw_it(
    modified_at: datetime | None, stood_from: datetime, expected: datetime
) -> None:
    update = make_update(text="The ferry is back.", modified_at=modified_at)
    decision = ingest.decide(update, make_known(effective_at=stood_from), NOW)
    assert decision.revision is not None
    assert decision.revision.effective_at == expected


# missing


def known_at(minute: int, *, withdrawn: bool = False) -> Known:
    return make_known(published_at=at(minute), withdrawn=withdrawn)


def keys(updates: tuple[Update, ...]) -> list[str]:
    return [update.key for update in updates]


def test_missing_when_one_vanished_between_others_then_a_tombstone() -> None:
    reading = make_reading(make_update("a"), make_update("c"), window_from=START)
    gone = ingest.missing(reading, {"a": known_at(0), "b": known_at(1), "c": known_at(2)})
    assert keys(gone) == ["b"]
    assert gone[0].withdrawn
    assert gone[0].live_blog == BLOG


def test_missing_when_all_are_there_then_none() -> None:
    assert ingest.missing(make_reading(make_update("a"), window_from=START), {"a": known_at(0)}) == ()


def test_missing_when_the_newest_vanished_then_a_tombstone() -> None:
    reading = make_reading(make_update("a"), window_from=START)
    assert keys(ingest.missing(reading, {"a": known_at(0), "b": known_at(5)})) == ["b"]


def test_missing_when_already_withdrawn_then_not_again() -> None:
    reading = make_reading(make_update("a"), window_from=START)
    assert ingest.missing(reading, {"a": known_at(0), "b": known_at(5, withdrawn=True)}) == ()


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (6, 0), (40, 0)])
def test_missing_when_a_run_is_gone_below_a_pinned_entry_then_only_a_short_one_is_withdrawn(
    count: int, expected: int
) -> None:
    known = {"pinned": known_at(0), "top": known_at(500)} | {f"u{n}": known_at(n + 1) for n in range(count)}
    reading = make_reading(make_update("pinned"), make_update("top"), window_from=START)
    assert len(ingest.missing(reading, known)) == expected


def test_missing_when_two_short_runs_are_apart_then_both_are_withdrawn() -> None:
    known = {f"u{n}": known_at(n) for n in range(9)}
    reading = make_reading(make_update("u0"), make_update("u4"), make_update("u8"), window_from=START)
    assert keys(ingest.missing(reading, known)) == ["u1", "u2", "u3", "u5", "u6", "u7"]


# apply


def test_apply_when_read_the_first_time_then_reported_as_new() -> None:
    store = make_store()
    report = ingest.apply(store, make_reading(make_update("a"), make_update("b")), NOW)
    assert (report.source, report.new, report.revised, report.unchanged, report.withdrawn) == (SOURCE, 2, 0, 0, 0)


def test_apply_when_read_again_then_nothing_is_written() -> None:
    store = make_store()
    reading = make_reading(make_update("a"), make_update("b"))
    ingest.apply(store, reading, NOW)
    before = (store.last_seq(), store.counts())
    report = ingest.apply(store, reading, NOW + timedelta(hours=1))
    assert (report.new, report.unchanged) == (0, 2)
    assert (store.last_seq(), store.counts()) == before


def test_apply_when_an_entry_vanished_inside_the_window_then_withdrawn() -> None:
    store = make_store()
    updates = [make_update(f"u{n}", f"Boat {n} is back.", published_at=at(n)) for n in range(4)]
    take(store, *updates)
    report = ingest.apply(store, make_reading(*updates[:2], updates[3], window_from=START), at(300))
    assert (report.withdrawn, report.unchanged) == (1, 3)
    assert "u2" not in standing(store, at(301))
    assert "u2" in standing(store, at(299))


def test_apply_when_entries_fell_off_the_end_of_the_window_then_they_stay() -> None:
    store = make_store()
    updates = [make_update(f"u{n}", f"Boat {n} is back.", published_at=at(n)) for n in range(4)]
    take(store, *updates)
    report = ingest.apply(store, make_reading(*updates[2:], window_from=at(2)), at(300))
    assert report.withdrawn == 0
    assert len(standing(store, at(301))) == 4


def test_apply_when_absence_proves_nothing_then_nothing_is_withdrawn() -> None:
    store = make_store()
    take(store, make_update("a"), make_update("b", "Boats wait."))
    assert ingest.apply(store, make_reading(make_update("a")), at(300)).withdrawn == 0
    assert len(standing(store, at(301))) == 2


def test_apply_when_another_live_blog_is_read_then_this_one_stays() -> None:
    store = make_store()
    take(store, make_update("a"), make_update("b", "Boats wait."))
    other = make_reading(make_update("z", live_blog="fire"), live_blogs=(), window_from=START)
    assert ingest.apply(store, other, at(300)).withdrawn == 0


def test_apply_when_the_same_key_is_of_another_source_then_another_update() -> None:
    store = make_store()
    take(store, make_update("a"))
    report = ingest.apply(store, make_reading(make_update("a"), source="Moor Herald"), NOW)
    assert report.new == 1
    assert store.counts()["updates"] == 2


def test_apply_when_a_key_stands_twice_then_taken_in_order() -> None:
    store = make_store()
    report = ingest.apply(store, make_reading(make_update("a", "Two boats."), make_update("a", "Three boats.")), NOW)
    assert report.new == 1
    assert store.counts()["revisions"] == 2
    assert standing(store) == {"a": "Three boats."}


def test_apply_when_an_update_came_back_then_it_stands_again_and_its_past_is_kept() -> None:
    store = make_store()
    for hour, withdrawn in ((1, False), (2, True), (3, False)):
        take(store, make_update("a", "Two boats.", withdrawn=withdrawn), now=at(60 * hour))
    assert standing(store, at(90)) == {"a": "Two boats."}
    assert standing(store, at(150)) == {}
    assert standing(store, at(190)) == {"a": "Two boats."}


def test_apply_when_nothing_but_a_headline_is_there_then_its_title_is_its_text() -> None:
    store = make_store()
    take(store, make_update("a", "Pier shut", title="Pier shut"))
    assert standing(store) == {"a": "Pier shut"}


VERSIONS = st.builds(
    lambda key, text, title, minute, edited, withdrawn: make_update(
        key,
        text,
        title=title,
        published_at=None if minute is None else at(minute),
        modified_at=None if edited is None else at(edited),
        withdrawn=withdrawn,
    ),
    st.sampled_from("abc"),
    st.sampled_from(["Two boats. They wait.", "Three boats.", "No boat is left.", "Boats"]),
    st.sampled_from(["", "Boats"]),
    st.one_of(st.none(), st.integers(0, 200)),
    st.one_of(st.none(), st.integers(0, 400)),
    st.booleans(),
)
READINGS = st.lists(st.lists(VERSIONS, max_size=4), max_size=6)


@given(READINGS)
def test_apply_when_any_reading_is_taken_twice_then_as_once(history: list[list[Update]]) -> None:
    store = make_store()
    for place, updates in enumerate(history):
        last = {update.key: update for update in updates}
        reading = make_reading(*last.values())
        ingest.apply(store, reading, at(300 + place))
        before = (store.last_seq(), store.counts())
        again = ingest.apply(store, reading, at(300.5 + place))
        assert (again.new, again.revised, again.withdrawn) == (0, 0, 0)
        assert (store.last_seq(), store.counts()) == before
    assert store.integrity() == ()


@given(READINGS, st.randoms(use_true_random=False))
def test_apply_when_readings_come_in_any_order_then_revisions_are_consistent(
    history: list[list[Update]], random: Random
) -> None:
    random.shuffle(history)
    store = make_store()
    last: dict[str, Update] = {}
    for place, updates in enumerate(history):
        ingest.apply(store, make_reading(*updates), at(500 + place))
        last |= {update.key: update for update in updates}
    known = store.known(SOURCE, "abc")
    assert known.keys() == last.keys()
    for key, held in known.items():
        pairs = [(held.update_no, number) for number in range(1, held.number + 1)]
        revisions = [store.revisions(pairs)[pair][0] for pair in pairs]
        assert [revision.number for revision in revisions] == list(range(1, held.number + 1))
        effective = [revision.effective_at for revision in revisions]
        assert effective == sorted(effective)
        assert all(a.content_hash != b.content_hash for a, b in pairwise(revisions))
        assert held.withdrawn == last[key].withdrawn
        assert held.withdrawn or revisions[-1].text == last[key].text
    alive = {key: update.text for key, update in last.items() if not update.withdrawn}
    assert standing(store, at(10_000)) == alive


def test_report_when_a_reading_warns_then_the_warnings_are_passed_on() -> None:
    reading = Reading(source=SOURCE, format="feed", updates=(), warnings=("entry 3 has no time",))
    assert ingest.apply(make_store(), reading, NOW).warnings == ("entry 3 has no time",)


def test_shared_titles_when_most_entries_bear_one_then_it_names_the_live_blog() -> None:
    entries = [make_update(f"u{n}", "A boat sank.", title="Storm live", live_blog="storm") for n in range(3)]
    own = make_update("u9", "The pier is shut.", title="Pier shut", live_blog="storm")
    assert ingest.shared_titles(make_reading(*entries, own)) >= {("storm", "Storm live")}
    assert ("storm", "Pier shut") not in ingest.shared_titles(make_reading(*entries, own))


def test_apply_when_a_title_is_shared_then_shown_but_not_searched_with(tmp_path: Path) -> None:
    entries = [make_update(f"u{n}", "A boat sank.", title="Storm live", live_blog="storm") for n in range(3)]
    with closing(Store(tmp_path / "news.db")) as store:
        ingest.apply(store, make_reading(*entries), at(0))
        assert store.match('"storm"', 10) == ()
        assert len(store.match('"boat"', 10)) == 3
        ids = [row.id for row in store.passage_rows_after("any", 0, 10)]
        assert set(store.texts(ids).values()) == {"A boat sank."}
        assert {citation.title for _, citation in store.revisions([(1, 1)]).values()} == {"Storm live"}
