"""Which figure of a sentence counts people in a state, and which only stands beside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.figures import asks_for_people, figures, tokens
from index.statements import SUPERSEDED, labels, newest_first, same_fact
from tests.index.builders import make_asked, make_ranked

DIED = "How many people have died?"
COUNTS = (
    ("Nineteen people have died.", {"19"}),
    ("The number of dead has risen to 19, the harbour office said.", {"19"}),
    ("The toll stands at 19 dead.", {"19"}),
    ("Dead: 19.", {"19"}),
    ("At least 19 were killed.", {"19"}),
    ("The wave killed 19 and sank nine boats.", {"19"}),
    ("A hundred and five people have died.", {"105"}),
)
BESIDE = (
    "The first victim is Jan Moor, 43, who died in his car.",
    "A boy aged 12 died.",
    "A driver died on Route 9.",
    "The dead are honoured at 12 schools.",
    "Among the dead are four children.",
    "One more person has died.",
    "Another two have died.",
    "Some 400 sheep have died.",
    "Relatives of the dead can call 0800 300 200 until noon.",
    "5% of the dead wore no belt.",
    "The families of the dead face up to five years of waiting.",
)
ELSEWHERE: tuple[tuple[str, str, set[str]], ...] = (
    ("Wie viele Menschen sind verletzt?", "Die Zahl der Verletzten ist von zwölf auf 15 gestiegen.", {"15"}),
    ("Wie viele Menschen sind verletzt?", "Die Bürgermeisterin, 56, wurde am Arm verletzt.", set()),
    ("Скільки людей загинуло?", "Кількість загиблих зросла з 12 до 15.", {"15"}),
    ("Скільки людей загинуло?", "Серед загиблих — хлопчик 12 років.", set()),
    ("Сколько человек погибло?", "Погибли двадцать пять человек.", {"25"}),
    ("¿Cuántas personas han muerto?", "Han muerto treinta y dos personas.", {"32"}),
    ("Combien de personnes sont mortes ?", "Vingt et une personnes sont mortes.", {"21"}),
    ("Combien de personnes sont mortes ?", "Un des morts avait 43 ans.", set()),
)


@pytest.mark.parametrize(("sentence", "said"), COUNTS)
def test_figures_when_people_are_counted_then_that(sentence: str, said: set[str]) -> None:
    assert figures(make_asked(DIED), sentence) == said


@pytest.mark.parametrize("sentence", BESIDE)
def test_figures_when_something_else_is_told_of_the_dead_then_none(sentence: str) -> None:
    assert figures(make_asked(DIED), sentence) == set()


@pytest.mark.parametrize(("question", "sentence", "said"), ELSEWHERE)
def test_figures_when_in_another_language_then_the_same(question: str, sentence: str, said: set[str]) -> None:
    assert figures(make_asked(question), sentence) == said


@pytest.mark.parametrize(
    ("question", "is_so"),
    [
        (DIED, True),
        ("How many were injured in the crash?", True),
        ("death toll", True),
        ("number of arrests", True),
        ("How many firefighters were injured?", False),
        ("How many boats sank?", False),
        ("Who died?", False),
    ],
)
def test_asks_for_people_when_their_state_is_asked_for_then_only_where_nothing_else_is_counted(
    question: str, is_so: bool
) -> None:
    assert asks_for_people(make_asked(question)) is is_so


@pytest.mark.parametrize("beside", [*BESIDE, "No deaths were reported overnight.", "In 1998 a flood killed 56 people."])
def test_newest_first_when_a_newer_sentence_only_speaks_of_the_dead_then_the_toll_stands(beside: str) -> None:
    toll = make_ranked(DIED, "Nineteen people have died.", minute=0, update_no=1)
    newer = make_ranked(DIED, beside, minute=60, update_no=2)
    asked = make_asked(DIED)
    assert same_fact(asked, [toll, newer]) == [toll]
    assert newest_first(asked, [toll, newer]) == [toll, newer]
    assert SUPERSEDED not in labels(asked, [toll, newer], newest_asked=True)


@given(st.text(max_size=80))
def test_tokens_when_given_any_text_then_figures_are_numbers(text: str) -> None:
    assert all(float(token.value) >= 0 for token in tokens(text) if token.value is not None)
