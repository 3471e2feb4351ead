"""What kind of answer a question expects, and which sentences hold one: tables to be read."""

import pytest

from index.expect import Expectation, expectation, holds
from index.terms import words

QUESTIONS = (
    ("How many people were hurt?", Expectation.COUNT),
    ("how much did the bridge cost", Expectation.COUNT),
    ("What is the death toll?", Expectation.COUNT),
    ("What percentage of homes has power?", Expectation.COUNT),
    ("How high did the river rise?", Expectation.COUNT),
    ("Wie viele Menschen sind verletzt?", Expectation.COUNT),
    ("Скільки людей поранено?", Expectation.COUNT),
    ("For how many days was the pier shut?", Expectation.LENGTH),
    ("How long did the vote take?", Expectation.LENGTH),
    ("Wie lange dauert der Streik?", Expectation.LENGTH),
    ("When does the ferry sail?", Expectation.WHEN),
    ("At what time did the siren sound?", Expectation.WHEN),
    ("Wann beginnt die Sitzung?", Expectation.WHEN),
    ("Коли почалася пожежа?", Expectation.WHEN),
    ("Where is the shelter?", Expectation.WHERE),
    ("Which town lost its bridge?", Expectation.WHERE),
    ("Де стоїть корабель?", Expectation.WHERE),
    ("Who ordered the closure?", Expectation.WHO),
    ("Which minister resigned?", Expectation.WHO),
    ("Whose boat sank?", Expectation.WHO),
    ("Wer leitet die Suche?", Expectation.WHO),
    ("Why was the match called off?", Expectation.WHY),
    ("What caused the fire?", Expectation.WHY),
    ("Warum fiel der Zug aus?", Expectation.WHY),
    ("What did the mayor say about the pier?", Expectation.SAID),
    ("What has Dr Orme told the inquiry?", Expectation.SAID),
    ("ferry strike", Expectation.OTHER),
    ("Is the tunnel open?", Expectation.OTHER),
    ("What is the plan for the quay?", Expectation.OTHER),
    ("", Expectation.OTHER),
)
HOLDS = (
    ("How many people were hurt?", "Seven people were hurt.", True),
    ("How many people were hurt?", "Some 1,150 were treated.", True),
    ("How many people were hurt?", "Nobody was hurt.", True),
    ("How many people were hurt?", "People were hurt in the crush.", False),
    ("How many of the 40 crew were saved?", "All of the 40 crew are known to us.", False),
    ("How many of the 40 crew were saved?", "Of the 40 crew 31 were saved.", True),
    ("Скільки людей поранено?", "Поранено два матроси.", True),
    ("For how long is the bridge shut?", "The bridge stays shut for three weeks.", True),
    ("For how long is the bridge shut?", "The bridge has been shut since Monday.", True),
    ("For how long is the bridge shut?", "The bridge is shut.", False),
    ("When does the ferry sail?", "It sails at 18:40.", True),
    ("When does the ferry sail?", "It sails on 4 May.", True),
    ("When does the ferry sail?", "It sails tomorrow.", True),
    ("When does the ferry sail?", "It sails from the north pier.", False),
    ("Wann fährt die Fähre?", "Sie fährt um 18 Uhr.", True),
    ("Where is the shelter?", "A shelter has opened in Port Alder.", True),
    ("Where is the shelter?", "A shelter has opened.", False),
    ("Who ordered the closure?", "The closure was ordered by Ilsa Moor.", True),
    ("Who ordered the closure?", "The harbour police ordered it.", True),
    ("Who ordered the closure?", "The closure was ordered late.", False),
    ("Who ordered the closure of Port Alder?", "The closure of Port Alder was ordered.", False),
    ("who ordered the closure", "the closure was ordered by the mayor , a witness says .", True),
    ("Why was the match off?", "The match was off because of fog.", True),
    ("Why was the match off?", "The match was off.", False),
    ("What did Moor say?", "Moor said the pier was safe.", True),
    ("What did Moor say?", "“Stay away from the pier.”", True),
    ("What did Moor say?", "The pier is safe.", False),
    ("ferry strike", "Anything at all.", True),
)


@pytest.mark.parametrize(("question", "kind"), QUESTIONS)
def test_expectation_when_asked_then_the_kind_of_answer(question: str, kind: Expectation) -> None:
    assert expectation(question) is kind


@pytest.mark.parametrize(("question", "sentence", "is_held"), HOLDS)
def test_holds_when_read_then_only_what_the_question_does_not_already_name(
    question: str, sentence: str, is_held: bool
) -> None:
    assert holds(expectation(question), sentence, frozenset(words(question))) == is_held


def test_tables_when_counted_then_every_kind_is_asked_for() -> None:
    assert {kind for _, kind in QUESTIONS} == set(Expectation)
