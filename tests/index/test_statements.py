"""Which updates state the same fact, in which order, and what is said of figures that differ."""

import pytest

from index.rank import Ranked
from index.statements import (
    CORRECTION,
    DIFFERS,
    SUPERSEDED,
    corrections_first,
    corrects,
    figures,
    labels,
    newest_first,
    repeats,
    same_fact,
)
from index.types import Kind
from tests.index.builders import make_asked, make_ranked

HURT = "How many people were hurt?"
FIGURES: tuple[tuple[str, set[str]], ...] = (
    ("Seven people were hurt.", {"7"}),
    ("Some 1,150 people were hurt.", {"1150"}),
    ("Some 2,000 people were hurt.", {"2000"}),
    ("Twenty-three people were hurt.", {"23"}),
    ("Three hundred people were hurt.", {"300"}),
    ("About 1.2 million people were hurt.", {"1200000"}),
    ("About 1.2m people were hurt.", {"1200000"}),
    ("No one was hurt.", {"0"}),
    ("Nobody was hurt.", {"0"}),
    ("On 4 May at 14:20, 31 people were hurt.", {"31"}),
    ("In 2019 five people were hurt.", {"5"}),
    ("Four people were hurt and 12 cars burned.", {"4"}),
    ("Two piers and 12 cars burned; nine people were hurt.", {"9"}),
    ("The number of people hurt rose from 14 to 19.", {"19"}),
    ("Six, not nine, people were hurt.", {"6"}),
    ("A 12-year-old was among the people hurt.", set()),
    ("People were hurt.", set()),
    ("Twenty five people were hurt.", {"25"}),
    ("Of twenty, five were hurt.", {"5"}),
    ("Two dozen people were hurt.", {"24"}),
    ("On Route 9 300 people were hurt.", {"300"}),
    ("Some 1.200 people were hurt.", {"1200"}),
    ("Of the people hurt 2.50 per cent are at sea.", set()),
    ("One in Orme, two hurt in Alder, three in Toll.", {"2"}),
)
ELSEWHERE: tuple[tuple[str, str, set[str]], ...] = (
    ("Wie viele wurden verletzt?", "Zwölf Leute wurden verletzt.", {"12"}),
    ("Wie viele wurden verletzt?", "Einundzwanzig wurden verletzt, drei Boote sanken.", {"21"}),
    ("Скільки поранених?", "Поранених — п’ятеро.", {"5"}),
    ("Скільки поранених?", "Поранених двадцять п'ять.", {"25"}),
    ("Сколько раненых?", "Раненых стало 3 тысячи.", {"3000"}),
    ("¿Cuántos heridos hay?", "Hay quince heridos.", {"15"}),
    ("Combien de blessés ?", "On compte douze blessés et 2,5 millions de bateaux.", {"12"}),
)
CORRECTS = (
    ("Correction: seven people were hurt, not nine.", True),
    ("The harbour office has corrected its count to seven.", True),
    ("Moor later corrected the number.", True),
    ("We earlier gave nine.", True),
    ("An earlier version of this update gave nine.", True),
    ("Seven were hurt, not nine as previously reported.", True),
    ("Police had earlier put the number at nine.", True),
    ("The toll was revised down to seven.", True),
    ("The figure given at noon was wrong.", True),
    ("Two men were wrongly counted among the dead.", True),
    ("Die Zahl wurde auf sieben korrigiert.", True),
    ("Contrary to what we wrote at noon, seven were hurt.", True),
    ("The harbour office has revised this to seven.", True),
    ("Уточнення: поранених семеро.", True),
    ("Rectificatif : sept blessés.", True),
    ("What they did was wrong, said Moor.", False),
    ("A wrongly jailed man walked free.", False),
    ("The pier has a retractable roof.", False),
    ("The toll now stands at 12.", False),
    ("Moor had earlier said the pier was safe.", False),
    ("The earlier train was full.", False),
    ("She gave the correct answer.", False),
)


def say(text: str, minute: float = 0, *, question: str = HURT, kind: Kind = Kind.UPDATE, title: str = "") -> Ranked:
    return make_ranked(question, text, title=title, minute=minute, update_no=int(minute) + 1, kind=kind)


def numbers(ranked: list[Ranked]) -> list[int]:
    return [one.evidence.candidate.revision.update_no for one in ranked]


@pytest.mark.parametrize(("text", "said"), FIGURES)
def test_figures_when_a_sentence_counts_then_only_what_is_asked_for(text: str, said: set[str]) -> None:
    assert figures(make_asked(HURT), say(text)) == said


@pytest.mark.parametrize(("question", "text", "said"), ELSEWHERE)
def test_figures_when_said_in_another_language_then_read_too(question: str, text: str, said: set[str]) -> None:
    assert figures(make_asked(question), say(text, question=question)) == said


def test_figures_when_the_question_names_one_then_not_that() -> None:
    question = "How many of the 40 crew were saved?"
    assert figures(make_asked(question), say("Of the 40 crew 31 were saved.", question=question)) == {"31"}


@pytest.mark.parametrize(("text", "is_one"), CORRECTS)
def test_corrects_when_a_text_says_so_then_it_does(text: str, is_one: bool) -> None:
    assert corrects(say(text)) is is_one


def test_corrects_when_marked_then_whatever_it_says() -> None:
    assert corrects(say("Seven people were hurt.", kind=Kind.CORRECTION))
    assert corrects(say("Seven people were hurt.", title="CORRECTION: seven hurt"))
    assert corrects(say("Поранених семеро.", title="Уточнення"))
    assert not corrects(say("Seven people were hurt.", title="Correctional officers on strike"))


def test_same_fact_when_others_hold_less_or_no_count_then_left_out() -> None:
    told = [
        say("Seven people were hurt in the crush.", 1),
        say("People were hurt in the crush.", 2),
        say("Ten people sang.", 3),
        say("Nine people were hurt.", 4),
    ]
    assert numbers(same_fact(make_asked(HURT), told)) == [2, 5]


def test_same_fact_when_a_name_is_missing_then_not_the_same() -> None:
    question = "How many people were hurt in Orme?"
    told = [
        say("Seven people were hurt in Orme.", 1, question=question),
        say("Nine people were hurt in Port Alder.", 2, question=question),
    ]
    assert numbers(same_fact(make_asked(question), told)) == [2]


def test_same_fact_when_the_live_blog_is_about_it_then_its_updates_need_not_say_so() -> None:
    question = "How many were hurt in the Ferry strike?"  # as `make_candidate` titles its live blog
    told = [
        say("Seven people were hurt in the Ferry strike.", 1, question=question),
        say("The number of hurt is now nine.", 2, question=question),
        say("Two people were hurt in Alder.", 3, question=question),
    ]
    assert numbers(same_fact(make_asked(question), told)) == [2, 3]
    assert labels(make_asked(question), told[:2], newest_asked=True) == [SUPERSEDED, ""]


def test_same_fact_when_nobody_is_left_then_that_counts_too() -> None:
    told = [say("Seven people were hurt.", 1), say("There are no people hurt after all.", 2)]
    assert numbers(same_fact(make_asked(HURT), told)) == [2, 3]


def test_same_fact_when_nothing_counts_then_the_first_alone() -> None:
    told = [say("People were hurt.", 1), say("Some people were hurt.", 2)]
    assert numbers(same_fact(make_asked(HURT), told)) == [2]
    assert same_fact(make_asked(HURT), []) == []


NAMED = "How many arrests were made in Orme?"
ARRESTS = (
    ("Police made 20 arrests in Orme.", 1),
    ("Orme was quiet at noon. In all 150 arrests were made over two days.", 2),
)


def test_labels_when_a_newer_total_does_not_name_the_place_then_nothing_is_superseded_by_it() -> None:
    told = [say(text, minute, question=NAMED) for text, minute in ARRESTS]
    assert labels(make_asked(NAMED), told, newest_asked=True) == [DIFFERS, DIFFERS]
    titled = say(ARRESTS[1][0], 2, question=NAMED, title="Orme: 150 arrests")
    assert labels(make_asked(NAMED), [told[0], titled], newest_asked=True) == [SUPERSEDED, ""]


def test_same_fact_when_nothing_holds_anything_of_the_question_then_the_first_alone() -> None:
    told = [say("Nine geese landed.", 1), say("Ten geese landed.", 2)]
    assert numbers(same_fact(make_asked("How many tulips bloomed?"), told)) == [2]


def test_newest_first_when_the_fact_is_told_again_then_by_time_and_the_rest_after() -> None:
    told = [
        say("Nine people were hurt.", 10),
        say("Four people were hurt.", 5),
        say("Seven people were hurt.", 30),
        say("Gulls rest.", 60),
    ]
    assert numbers(newest_first(make_asked(HURT), told)) == [31, 11, 6, 61]


def test_corrections_first_when_later_than_the_first_then_before_it() -> None:
    told = [
        say("Nine people were hurt.", 10),
        say("Seven people were hurt, not nine as previously reported.", 20),
        say("We earlier gave two: nine people were hurt.", 5),
    ]
    assert numbers(corrections_first(make_asked(HURT), told)) == [21, 11, 6]


def test_corrections_first_when_it_corrects_something_else_then_the_order_stays() -> None:
    told = [say("Nine people were hurt.", 10), say("The fare was revised up to six crowns.", 20)]
    assert numbers(corrections_first(make_asked(HURT), told)) == [11, 21]
    assert corrections_first(make_asked(HURT), []) == []


def test_labels_when_the_newest_is_asked_for_then_earlier_figures_are_superseded_even_larger_ones() -> None:
    told = [say("Seven people were hurt.", 30), say("Nine people were hurt.", 10), say("Four people were hurt.", 5)]
    assert labels(make_asked(HURT), told, newest_asked=True) == ["", SUPERSEDED, SUPERSEDED]


def test_labels_when_no_newest_is_asked_for_then_both_sides_differ() -> None:
    told = [say("Seven people were hurt.", 30), say("Nine people were hurt.", 10)]
    assert labels(make_asked(HURT), told, newest_asked=False) == [DIFFERS, DIFFERS]


def test_labels_when_equally_new_then_neither_is_superseded() -> None:
    told = [say("Seven people were hurt.", 10), say("Nine people were hurt.", 10)]
    assert labels(make_asked(HURT), told, newest_asked=True) == [DIFFERS, DIFFERS]


def test_labels_when_another_figure_beside_is_the_same_then_they_still_differ() -> None:
    told = [
        say("Five people were hurt and 12 cars burned.", 10),
        say("Four people were hurt and 12 cars burned.", 5),
    ]
    assert labels(make_asked(HURT), told, newest_asked=False) == [DIFFERS, DIFFERS]


def test_labels_when_only_the_figure_beside_differs_then_nothing() -> None:
    told = [
        say("Five people were hurt and 12 cars burned.", 10),
        say("5 people were hurt and 14 cars burned.", 5),
    ]
    assert labels(make_asked(HURT), told, newest_asked=False) == ["", ""]


def test_labels_when_corrected_then_the_correction_and_what_it_supersedes() -> None:
    told = [say("Seven people were hurt, not nine as previously reported.", 30), say("Nine people were hurt.", 10)]
    assert labels(make_asked(HURT), told, newest_asked=False) == [CORRECTION, SUPERSEDED]


def test_labels_when_no_count_is_asked_for_then_figures_mean_nothing() -> None:
    question = "Who was hurt in the crush?"
    told = [
        say("Jon Tarr, 40, was hurt in the crush.", 30, question=question),
        say("Kim Sato, 31, was hurt in the crush.", 10, question=question),
    ]
    assert labels(make_asked(question), told, newest_asked=True) == ["", ""]


@pytest.mark.parametrize(
    ("first", "second", "is_repeat"),
    [
        ("Two old boats are missing off the bar.", "Two old boats are missing off the bar now.", True),
        (
            "12 fishing boats from the old town are missing.",
            "Twelve fishing boats from the old town are missing.",
            True,
        ),
        ("Two boats are missing off the bar.", "Three boats are missing off the bar.", False),
        ("The bridge to the old town is open.", "The bridge to the old town is not open.", False),
        ("The ferry leaves the pier at 14:05 today.", "The ferry leaves the pier at 14:35 today.", False),
        ("The ferry has left the pier.", "A whale swam by.", False),
    ],
)
def test_repeats_when_words_are_nearly_the_same_then_unless_a_figure_or_a_denial_differs(
    first: str, second: str, is_repeat: bool
) -> None:
    question = "boats missing bridge ferry"
    one, other = say(first, 1, question=question), say(second, 2, question=question)
    assert (repeats(one, other), repeats(other, one)) == (is_repeat, is_repeat)
