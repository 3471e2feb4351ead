"""What an answer does with the kind of question: time, corrections, figures, misspelt words. One invented day."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from index.archive import Archive
from index.followup import previous_of
from index.shown import EXCERPTS, FIGURES
from index.statements import CORRECTION, DIFFERS, SUPERSEDED
from index.types import Answer, Excerpt, Kind, Precision, Previous, Question, Status, Update
from tests.index.builders import NOW, at, make_archive, make_update, take
from tests.index.fakes import BagEncoder

Ask = Callable[..., Answer]
ARRESTS = (
    make_update(
        "a1", "Police made 12 arrests on the quay. Shops stayed open.", title="First arrests", published_at=at(0)
    ),
    make_update("a2", "Police made 31 arrests on the quay. A tram burned.", title="More arrests", published_at=at(60)),
    make_update("a3", "Police made 27 arrests on the quay. Trams run.", title="Arrests", published_at=at(120)),
)
NOISE = (
    make_update("n1", "A choir sang in the old hall.", title="Music", published_at=at(5)),
    make_update("n2", "Fog lay over the bay all morning.", title="Weather", published_at=at(70)),
    make_update("n3", "The library lends tools and ladders.", title="Library", published_at=at(125)),
)


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Callable[..., Ask]]:
    """Yield what opens an archive of some updates and returns how to ask it."""
    opened: list[Archive] = []

    def open_with(*updates: Update, abstain_below: float | None = 0.0) -> Ask:
        archive = make_archive(tmp_path / str(len(opened)), BagEncoder(), abstain_below=abstain_below)
        opened.append(archive)
        take(archive.store, *updates)
        archive.encode_pending()

        def ask(text: str, *, minute: float = 240, previous: Previous | None = None, zone: str = "UTC") -> Answer:
            return archive.ask(Question(text=text, now=at(minute), zone=zone, previous=previous))

        return ask

    yield open_with
    for archive in opened:
        with closing(archive):
            pass


def keys(excerpts: Sequence[Excerpt]) -> list[str]:
    return [excerpt.citation.update_id for excerpt in excerpts]


def told(answer: Answer) -> list[tuple[str, str]]:
    return [(excerpt.citation.update_id, excerpt.label) for excerpt in answer.excerpts]


# The newest


@pytest.mark.parametrize(
    "text",
    [
        "How many arrests have the police made so far?",
        "how many arrests on the quay now",
        "What is the current number of arrests on the quay?",
        "police arrests so far",
    ],
)
def test_latest_when_a_figure_was_told_thrice_then_the_newest_first_though_lower(
    asking: Callable[..., Ask], text: str
) -> None:
    answer = asking(*ARRESTS, *NOISE)(text)
    assert told(answer)[:3] == [("a3", ""), ("a2", SUPERSEDED), ("a1", SUPERSEDED)]


def test_latest_when_now_is_earlier_then_what_was_newest_then(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS, *NOISE)
    assert told(ask("How many arrests so far?", minute=119))[:2] == [("a2", ""), ("a1", SUPERSEDED)]
    assert told(ask("How many arrests so far?", minute=59))[:1] == [("a1", "")]


def test_latest_when_a_newer_update_is_about_something_else_then_not_first(asking: Callable[..., Ask]) -> None:
    later = make_update("z", "The quay has new lamps.", title="Lamps", published_at=at(200))
    assert keys(asking(*ARRESTS, *NOISE, later)("How many arrests on the quay so far?").excerpts)[0] == "a3"


def test_fact_when_nothing_says_newest_then_time_does_not_rank(asking: Callable[..., Ask]) -> None:
    early = make_update("e", "The mayor Ilsa Moor opened the north gate.", title="Gate", published_at=at(0))
    late = make_update("l", "The gate was painted.", title="Paint", published_at=at(200))
    assert keys(asking(early, late, *NOISE)("Who opened the north gate?").excerpts)[0] == "e"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("How many people have been injured so far?", "The number of injured has risen to five."),
        ("Скільки людей поранено зараз?", "Кількість поранених зросла до п'яти."),
        ("Wie viele Menschen sind verletzt?", "Die Zahl der Verletzten ist auf fünf gestiegen."),
    ],
)
def test_latest_when_the_newer_figure_does_not_speak_of_people_then_first_all_the_same(
    asking: Callable[..., Ask], text: str, first: str
) -> None:
    said = ("Three people were injured.", "Поранено трьох людей.", "Drei Menschen sind verletzt.")
    early = (make_update(f"e{n}", one, published_at=at(n)) for n, one in enumerate(said))
    answer = asking(*early, make_update("l", first, published_at=at(200)), *NOISE)(text)
    assert answer.excerpts[0].text == first
    assert [quote.label for quote in answer.excerpts][:2] == ["", SUPERSEDED]


def test_latest_when_a_plan_was_put_off_then_the_new_one_first_and_whole(asking: Callable[..., Ask]) -> None:
    plan = make_update("p", "The swing bridge will open at 14:00, Moor said.", published_at=at(0))
    delay = "The swing bridge will not open at 14:00. Moor hopes for 18:00."
    answer = asking(plan, make_update("d", delay, published_at=at(90)), *NOISE)("When will the swing bridge open?")
    assert [quote.text for quote in answer.excerpts] == [delay, "The swing bridge will open at 14:00, Moor said."]


def test_latest_when_something_is_measured_then_the_newest_first(asking: Callable[..., Ask]) -> None:
    levels = [
        make_update(f"w{n}", f"The level of the Orme was {3 + n}.10 metres.", published_at=at(n)) for n in range(3)
    ]
    assert keys(asking(*levels, *NOISE)("What is the level of the Orme?").excerpts)[:3] == ["w2", "w1", "w0"]


# A figure's development


def test_figure_when_one_statement_speaks_of_a_number_then_all_are_listed(asking: Callable[..., Ask]) -> None:
    said = ("Six are missing.", "Two people are missing.", "The number of missing is down to one.")
    updates = [make_update(f"m{n}", one, published_at=at(n)) for n, one in enumerate(said)]
    assert keys(asking(*updates, *NOISE)("/figure missing").excerpts) == ["m0", "m1", "m2"]


@pytest.mark.parametrize("text", ["/figure arrests", "How did the number of arrests develop?"])
def test_figure_when_asked_then_every_statement_in_order_of_time(asking: Callable[..., Ask], text: str) -> None:
    answer = asking(*ARRESTS, *NOISE)(text)
    assert keys(answer.excerpts) == ["a1", "a2", "a3"]
    assert [number in quote.text for number, quote in zip(("12", "31", "27"), answer.excerpts, strict=True)] == [
        True
    ] * 3


def test_figure_when_more_than_three_then_all_of_them(asking: Callable[..., Ask]) -> None:
    more = [
        make_update(f"m{n}", f"Police made {n + 40} arrests on the quay.", title="Arrests", published_at=at(n))
        for n in range(130, 134)
    ]
    assert keys(asking(*ARRESTS, *more, *NOISE)("/figure arrests").excerpts) == [
        *("a1", "a2", "a3", "m130", "m131", "m132", "m133")
    ]


# A catch-up


def test_catch_up_when_a_time_is_named_then_the_newest_of_it(asking: Callable[..., Ask]) -> None:
    answer = asking(*ARRESTS, *NOISE)("What happened between 09:00 and 10:01?")
    assert keys(answer.excerpts) == ["a3", "n2", "a2"]


def test_catch_up_when_there_are_key_points_then_they_come_first(asking: Callable[..., Ask]) -> None:
    points = make_update("k", "Key points of the day so far.", kind=Kind.KEY_POINT, published_at=at(30))
    assert keys(asking(*ARRESTS, *NOISE, points)("What is new today?").excerpts) == ["k", "n3", "a3"]


def test_catch_up_when_nothing_was_published_then_abstains_and_names_the_newest(asking: Callable[..., Ask]) -> None:
    answer = asking(*ARRESTS, *NOISE)("What happened between 11:00 and 11:30?")
    assert (answer.status, answer.excerpts) == (Status.ABSTAINED, ())
    assert answer.newest is not None
    assert answer.newest.update_id == "n3"


# Scopes


def test_scope_when_strict_and_holding_nothing_then_abstains_with_the_nearest_from_outside(
    asking: Callable[..., Ask],
) -> None:
    answer = asking(*ARRESTS, *NOISE)("What did the police on the quay say between 11:00 and 11:30?")
    assert (answer.status, answer.excerpts) == (Status.ABSTAINED, ())
    assert answer.nearest[0].citation.update_id in {"a1", "a2", "a3"}


def test_scope_when_strict_then_nothing_from_outside_is_quoted(asking: Callable[..., Ask]) -> None:
    answer = asking(*ARRESTS, *NOISE)("How many arrests did police make between 08:50 and 09:30?")
    assert keys(answer.excerpts)[0] == "a2"
    assert all(at(50) <= excerpt.citation.published_at < at(90) for excerpt in answer.excerpts)


def test_scope_when_it_may_be_the_events_then_prefers_and_still_finds_outside(asking: Callable[..., Ask]) -> None:
    before = make_update("b", "The verdict on the dock is due.", title="Verdict", published_at=at(-3 * 24 * 60))
    same_day = make_update("s", "The verdict on the dock is due.", title="Verdict", published_at=at(10))
    ask = asking(before, same_day, *NOISE)
    inside, outside = (
        ask("When is the verdict due on 4 May?"),
        asking(before, *NOISE)("When is the verdict due on 4 May?"),
    )
    assert inside.query.scope is not None
    assert not inside.query.scope_strict
    assert keys(inside.excerpts)[0] == "s"
    assert keys(outside.excerpts)[0] == "b"


# Anchors


VOTE = (
    make_update("v0", "Moor promised higher wages to the dockers.", title="Promise", published_at=at(10)),
    make_update("v1", "Parliament held the vote on the treaty.", title="Vote", published_at=at(60)),
    make_update("v2", "Moor promised lower fares to the dockers.", title="Fares", published_at=at(90)),
)


@pytest.mark.parametrize(("side", "first"), [("before", "v0"), ("after", "v2")])
def test_anchor_when_an_event_is_named_then_only_what_stood_on_that_side(
    asking: Callable[..., Ask], side: str, first: str
) -> None:
    answer = asking(*VOTE, *NOISE)(f"What had Moor promised the dockers {side} the vote?")
    assert keys(answer.excerpts)[0] == first
    scope = answer.query.scope
    assert scope is not None
    assert (scope.until if side == "before" else scope.since) == at(60)
    assert all((one.citation.published_at < at(60)) is (side == "before") for one in answer.excerpts)


def test_anchor_when_the_event_is_unknown_then_no_scope(asking: Callable[..., Ask]) -> None:
    answer = asking(*VOTE, *NOISE, abstain_below=None)("What had Moor promised the dockers before the earthquake?")
    assert answer.query.scope is None


# Corrections, conflicts, repeats


def test_correction_when_one_follows_then_it_is_first_and_both_are_labelled(asking: Callable[..., Ask]) -> None:
    wrong = make_update("w", "Nine boats sank in the storm off the bar.", title="Storm", published_at=at(0))
    right = make_update(
        "r",
        "Seven boats sank in the storm, not nine as previously reported.",
        title="Storm",
        kind=Kind.CORRECTION,
        published_at=at(30),
    )
    ask = asking(wrong, right, *NOISE)
    assert told(ask("How many boats sank in the storm off the bar?"))[:2] == [("r", CORRECTION), ("w", SUPERSEDED)]
    assert told(ask("How many boats sank in the storm off the bar?", minute=29))[:1] == [("w", "")]


def test_latest_when_a_key_point_knows_only_its_day_then_no_clock_of_that_day_supersedes_it(
    asking: Callable[..., Ask],
) -> None:
    box = make_update(
        "box",
        "Police made 33 arrests on the quay.",
        title="Key points",
        kind=Kind.KEY_POINT,
        published_at=at(-8 * 60),
        time_precision=Precision.DAY,
    )
    labels = dict(told(asking(box, *ARRESTS, *NOISE)("How many arrests on the quay so far?")))
    assert labels["box"] == DIFFERS
    assert labels["a3"] == DIFFERS


def test_figures_when_they_are_of_different_live_blogs_then_neither_supersedes_the_other(
    asking: Callable[..., Ask],
) -> None:
    other = make_update(
        "o", "Police made 90 arrests on the quay.", title="Port march", live_blog="another-port", published_at=at(200)
    )
    answer = asking(*ARRESTS, other, *NOISE)("How many arrests on the quay so far?")
    first = answer.excerpts[0].citation.live_blog
    assert all(
        label == ""
        for excerpt, (_, label) in zip(answer.excerpts, told(answer), strict=True)
        if excerpt.citation.live_blog != first
    )


def test_count_when_asked_in_the_present_tense_then_the_newest_is_first(asking: Callable[..., Ask]) -> None:
    held = [
        make_update(f"h{n}", f"{count} people are in custody.", title="Custody", published_at=at(30 * n))
        for n, count in enumerate(("Two", "Five", "Seven"))
    ]
    ask = asking(*held, *NOISE)
    assert told(ask("How many people are in custody?"))[0] == ("h2", "")
    assert dict(told(ask("How many people are in custody?")))["h0"] == SUPERSEDED


def test_figures_when_two_updates_differ_then_both_are_shown_and_labelled(asking: Callable[..., Ask]) -> None:
    one = make_update("o", "Police say 300 people marched to the quay.", title="March", published_at=at(0))
    other = make_update("p", "The union says 900 people marched to the quay.", title="March", published_at=at(10))
    answer = asking(one, other, *NOISE)("How many people marched to the quay?")
    assert {*told(answer)[:2]} == {("o", DIFFERS), ("p", DIFFERS)}


def test_repeats_when_the_words_are_the_same_then_once_but_not_where_figures_differ(asking: Callable[..., Ask]) -> None:
    texts = {
        "x": "Two boats are missing off the bar.",
        "y": "Two boats are missing off the bar.",
        "z": "Three boats are missing off the bar.",
    }
    updates = [make_update(key, text, title="Boats", published_at=at(n)) for n, (key, text) in enumerate(texts.items())]
    found = keys(asking(*updates, *NOISE)("How many boats are missing off the bar?").excerpts)
    assert "z" in found
    assert len({"x", "y"} & set(found)) == 1


# More of the same question


def quarrels() -> list[Update]:
    return [
        make_update(
            f"q{n}", f"Docker number {n} told of a quarrel about wages.", title="Quarrel", published_at=at(10 * n)
        )
        for n in range(1, 6)
    ]


def page(ask: Ask, text: str, earlier: Answer, *, minute: float = 240) -> Answer:
    return ask(text, minute=minute, previous=previous_of(earlier))


def test_more_when_asked_then_the_next_ones_and_none_twice_until_none_is_left(asking: Callable[..., Ask]) -> None:
    ask = asking(*quarrels(), *NOISE)
    first = ask("What did the dockers tell of the quarrel about wages?")
    second = page(ask, "more", first)
    third = page(ask, "more", second)
    shown = [*keys(first.excerpts), *keys(second.excerpts)]
    assert len(first.excerpts) == EXCERPTS
    assert (first.more, second.more, third.more) == (2, 0, 0)
    assert sorted(shown) == ["q1", "q2", "q3", "q4", "q5"]
    assert (third.status, third.excerpts) == (Status.ABSTAINED, ())
    assert not {near.citation.update_id for near in third.nearest} & set(shown)


def test_more_when_what_was_cited_is_not_told_then_it_is_found_out(asking: Callable[..., Ask]) -> None:
    ask = asking(*quarrels(), *NOISE)
    first = ask("What did the dockers tell of the quarrel about wages?")
    bare = Previous(question="What did the dockers tell of the quarrel about wages?")
    assert keys(ask("more", previous=bare).excerpts) == keys(page(ask, "more", first).excerpts)


def test_more_when_the_rest_is_older_then_it_is_superseded_by_what_was_shown(asking: Callable[..., Ask]) -> None:
    older = [
        make_update(f"o{n}", f"Police made {n + 3} arrests on the quay.", title="Arrests", published_at=at(-60 * n))
        for n in range(1, 4)
    ]
    ask = asking(*ARRESTS, *older, *NOISE)
    first = ask("How many arrests on the quay so far?")
    assert keys(first.excerpts) == ["a3", "a2", "a1"]
    assert told(page(ask, "more", first)) == [("o1", SUPERSEDED), ("o2", SUPERSEDED), ("o3", SUPERSEDED)]


def test_more_when_the_question_had_a_time_then_only_of_that_time_though_the_clock_goes_on(
    asking: Callable[..., Ask],
) -> None:
    later = make_update("q9", "Docker number 9 told of a quarrel about wages.", title="Quarrel", published_at=at(45))
    ask = asking(*quarrels(), later, *NOISE)
    first = ask("What did the dockers tell of the quarrel in the last half hour?", minute=50)
    second = page(ask, "more", first, minute=230)
    assert second.query.scope is not None
    assert second.query.scope.since == at(20)
    assert {*keys(first.excerpts), *keys(second.excerpts)} == {"q2", "q3", "q4", "q5", "q9"}
    assert all(excerpt.citation.published_at >= at(20) for excerpt in second.excerpts)


def test_more_when_the_first_was_refused_then_so_is_this(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS, *NOISE, abstain_below=None)
    first = ask("Who won the chess cup in Tarn?")
    assert (page(ask, "more", first).excerpts, first.more) == ((), 0)


def test_more_when_the_newest_were_shown_then_the_next_newest(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS, *NOISE)
    first = ask("What is new?")
    second = page(ask, "more", first)
    assert (keys(first.excerpts), first.more) == (["n3", "a3", "n2"], 3)
    assert (keys(second.excerpts), second.more) == (["a2", "n1", "a1"], 0)
    assert page(ask, "more", second).status is Status.ABSTAINED


def test_more_when_a_figure_has_a_long_history_then_it_goes_on_in_order_of_time(asking: Callable[..., Ask]) -> None:
    many = [
        make_update(f"m{n}", f"Police made {n + 40} arrests on the quay.", title="Arrests", published_at=at(n))
        for n in range(FIGURES + 3)
    ]
    ask = asking(*many, *NOISE)
    first = ask("/figure arrests")
    second = page(ask, "more", first)
    assert keys(first.excerpts) == [f"m{n}" for n in range(FIGURES)]
    assert keys(second.excerpts) == [f"m{n}" for n in range(FIGURES, FIGURES + 3)]
    assert (first.more, second.more) == (3, 0)


@pytest.mark.parametrize("text", ["/figure penguins", "/figure trams"])
def test_figure_when_no_number_is_told_of_it_then_abstains(asking: Callable[..., Ask], text: str) -> None:
    trams = make_update("t", "The trams stood still on the quay.", title="Trams", published_at=at(20))
    assert asking(trams, *NOISE, abstain_below=None)(text).excerpts == ()


# Since what was cited


def test_since_then_when_asked_then_only_what_came_out_after_what_was_cited(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS, *NOISE)
    first = ask("How many arrests on the quay?", minute=61)
    assert max(excerpt.citation.published_at for excerpt in first.excerpts) == at(60)
    second = page(ask, "and since then?", first)
    assert keys(second.excerpts) == ["a3"]
    assert second.query.scope is not None
    assert second.query.scope_strict
    assert at(60) < (second.query.scope.since or at(0)) < at(61)


def test_since_then_when_nothing_came_out_then_that_is_said(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS)
    answer = page(ask, "and since then?", ask("How many arrests on the quay?"))
    assert (answer.status, answer.scope_empty) == (Status.ABSTAINED, True)


def test_since_then_when_only_days_are_known_then_others_of_that_day_count(asking: Callable[..., Ask]) -> None:
    days = [
        make_update(
            key,
            f"Police made {n} arrests on the quay.",
            title="Arrests",
            published_at=at(-480),
            time_precision=Precision.DAY,
        )
        for key, n in (("d1", 4), ("d2", 9))
    ]
    ask = asking(*days, *NOISE)
    answer = ask("and since then?", previous=Previous(question="How many arrests on the quay?", cited=("d1",)))
    assert keys(answer.excerpts) == ["d2"]
    answer = ask(
        "and since then?", previous=Previous(question="How many arrests?", cited=("d1",)), zone="America/New_York"
    )
    assert answer.query.scope is not None
    assert answer.query.scope.since == at(-4 * 60)  # the day's midnight there


def test_since_then_when_more_is_asked_then_still_only_since(asking: Callable[..., Ask]) -> None:
    ask = asking(*quarrels(), *NOISE)
    known = Previous(question="What did the dockers tell of the quarrel?", cited=("q1",))
    first = ask("and since then?", previous=known)
    second = page(ask, "more", first)
    assert sorted([*keys(first.excerpts), *keys(second.excerpts)]) == ["q2", "q3", "q4", "q5"]
    assert second.query.scope == first.query.scope


# A time in which nothing was published


@pytest.mark.parametrize(
    "text",
    [
        "How many arrests on the quay today?",
        "How many arrests this morning?",
        "What did police say in the last two hours about arrests?",
        "How many were hurt in today's arrests on the quay?",
    ],
)
def test_silence_when_the_stream_ended_days_ago_then_abstains_with_what_is_near(
    asking: Callable[..., Ask], text: str
) -> None:
    answer = asking(*ARRESTS, *NOISE)(text, minute=3 * 24 * 60)
    assert (answer.status, answer.scope_empty, answer.confidence) == (Status.ABSTAINED, True, 0.0)
    assert answer.query.scope is not None
    assert answer.nearest[0].citation.update_id in {"a1", "a2", "a3"}
    assert answer.newest is not None
    assert answer.newest.update_id == "n3"


def test_silence_when_nothing_particular_is_asked_then_the_nearest_in_time(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS, *NOISE)
    late = ask("What happened today?", minute=3 * 24 * 60)
    between = ask("What happened between 08:20 and 08:40?")
    assert [near.citation.update_id for near in late.nearest][:3] == ["n3", "a3", "n2"]
    assert {near.citation.update_id for near in between.nearest[:4]} == {"a1", "n1", "a2", "n2"}
    assert between.scope_empty


def test_silence_when_something_was_published_then_it_is_none(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS, *NOISE)
    assert not ask("Who played the zither this morning?").scope_empty
    assert not ask("How many arrests?", minute=3 * 24 * 60).scope_empty


@pytest.mark.parametrize(
    ("text", "zone", "found"),
    [
        ("How many arrests on the quay today?", "Pacific/Pago_Pago", True),
        ("How many arrests on the quay today?", "Pacific/Kiritimati", False),
        ("How many arrests on the quay today?", "America/New_York", True),
        ("How many arrests on the quay this morning?", "UTC", True),
        ("How many arrests on the quay in the last two hours?", "UTC", True),
        ("How many arrests on the quay yesterday?", "UTC", False),
        ("How many arrests on the quay yesterday?", "Pacific/Kiritimati", True),
    ],
)
def test_scope_when_only_the_day_is_known_then_it_counts_for_every_hour_of_that_day_in_any_zone(
    asking: Callable[..., Ask], text: str, zone: str, found: bool
) -> None:
    day = make_update(
        "d",
        "Police made 4 arrests on the quay.",
        title="Arrests",
        published_at=at(-8 * 60),
        time_precision=Precision.DAY,
    )
    answer = asking(day)(text, zone=zone)
    assert (keys(answer.excerpts), answer.scope_empty) == ((["d"], False) if found else ([], True))


def test_scope_when_between_two_clocks_then_nothing_from_outside_though_no_verb_stands_before(
    asking: Callable[..., Ask],
) -> None:
    ask = asking(*ARRESTS, *NOISE)
    assert keys(ask("How many arrests between 08:50 and 09:30?").excerpts) == ["a2"]
    empty = ask("How many arrests between 11:00 and 11:30?")
    assert (empty.excerpts, empty.scope_empty) == ((), True)


# Misspelt words, and questions that are not answered


@pytest.mark.parametrize("text", ["who lends tols in the libary", "Where is the librray?", "libraary"])
def test_spelling_when_a_word_is_misspelt_then_the_known_one_is_found(asking: Callable[..., Ask], text: str) -> None:
    assert keys(asking(*ARRESTS, *NOISE)(text).excerpts)[0] == "n3"


def test_spelling_when_the_word_is_known_then_left_alone(asking: Callable[..., Ask]) -> None:
    boot = make_update("boot", "A boot was found on the sand.", title="Find", published_at=at(0))
    boats = [make_update(f"boat{n}", "A boat was found.", title="Find", published_at=at(n)) for n in range(5)]
    assert keys(asking(boot, *boats, *NOISE)("Where was the boot found?").excerpts)[0] == "boot"


@pytest.mark.parametrize("text", ["Who won the chess cup in Tarn?", "How tall is Mount Orbel?"])
def test_fact_when_off_topic_then_refused_at_the_shipped_threshold(asking: Callable[..., Ask], text: str) -> None:
    answer = asking(*ARRESTS, *NOISE, abstain_below=None)(text)
    assert (answer.status, answer.excerpts) == (Status.ABSTAINED, ())
    assert answer.newest is not None


def test_every_intent_when_asked_then_quotes_are_verbatim_and_nothing_is_from_later(asking: Callable[..., Ask]) -> None:
    updates = {update.key: update for update in (*ARRESTS, *NOISE, *VOTE)}
    ask = asking(*updates.values())
    for text in ("/figure arrests", "arrests so far", "What is new?", "How many arrests?", "promise before the vote"):
        for minute in (0, 61, 240):
            answer = ask(text, minute=minute)
            for quote in answer.excerpts:
                assert updates[quote.citation.update_id].text[quote.span.start : quote.span.end] == quote.text
                assert quote.citation.published_at <= at(minute)
    assert at(240) == NOW


# What is known by its day alone, in a time shorter than a day


def dated(key: str, kind: Kind = Kind.KEY_POINT) -> Update:
    return make_update(
        key,
        "Ferries are back, and the harbour is open.",
        title="Key points",
        kind=kind,
        published_at=at(0).replace(hour=0, minute=0),
        time_precision=Precision.DAY,
    )


def test_catch_up_when_the_time_is_some_hours_then_key_points_of_the_day_come_last(asking: Callable[..., Ask]) -> None:
    ask = asking(*ARRESTS, *NOISE, dated("box"))
    assert keys(ask("What happened in the last three hours?").excerpts) == ["n3", "a3", "n2"]
    assert keys(ask("What happened in the last two hours?").excerpts) == ["n3", "a3", "box"]
    assert keys(ask("What happened today?").excerpts)[0] == "box"


def test_catch_up_when_only_a_day_is_known_then_it_is_still_shown(asking: Callable[..., Ask]) -> None:
    answer = asking(*ARRESTS, dated("box"))("What happened in the last ten minutes?")
    assert keys(answer.excerpts) == ["box"]


def test_ask_when_very_many_say_a_figure_in_the_same_words_then_the_newest_is_told_first(
    asking: Callable[..., Ask],
) -> None:
    said = [
        make_update(f"c{n}", f"Police have counted {n} boats on the quay.", title="Boats", published_at=at(n / 2))
        for n in range(100, 180)
    ]
    answer = asking(*NOISE, *said)("How many boats have police counted so far?")
    assert told(answer)[0] == ("c179", "")
