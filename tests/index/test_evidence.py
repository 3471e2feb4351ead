"""What sentences hold of a question, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.asked import KIN_SHARE, asked, share_held
from index.demand import met
from index.evidence import gather
from index.expect import Expectation, holds
from index.kin import kin_of
from index.terms import stem, weigh
from tests.index.builders import make_asked, make_candidate

TEXT = "The ferry struck the pier at noon. Nine were wounded. Music plays in Orme."


def test_asked_when_prepared_then_pairs_of_neighbouring_content_words() -> None:
    question = make_asked("How many people were hurt on the north pier?")
    assert question.kind is Expectation.COUNT
    assert question.pairs == {("peopl", "hurt"), ("hurt", "north"), ("north", "pier")}
    assert question.weight == pytest.approx(sum(term.weight for term in question.terms))


def test_asked_when_nothing_is_asked_then_no_terms_and_a_weight_to_divide_by() -> None:
    question = asked("", ())
    assert (question.terms, question.pairs, question.weight) == ((), frozenset(), 1.0)
    assert gather(make_candidate(TEXT), question).coverage == 0


def test_gather_when_read_then_each_sentence_has_its_own_share() -> None:
    found = gather(make_candidate(TEXT), make_asked("ferry pier music"))
    assert [round(one.coverage, 3) for one in found.sentences] == [0.667, 0.0, 0.333]
    assert [TEXT[one.span.start : one.span.end][:5] for one in found.sentences] == ["The f", "Nine ", "Music"]
    assert found.coverage == pytest.approx(1)
    assert found.lead_coverage == pytest.approx(2 / 3)


def test_gather_when_neighbours_or_the_title_hold_more_then_that_is_context() -> None:
    found = gather(make_candidate(TEXT, title="Storm"), make_asked("storm ferry music"))
    first, second, third = found.sentences
    assert first.context == pytest.approx(1 / 3)  # the title
    assert second.context == pytest.approx(1)  # the title and both neighbours
    assert third.context == pytest.approx(1 / 3)
    assert found.title_coverage == pytest.approx(1 / 3)


def test_gather_when_rare_words_are_asked_then_they_weigh_more() -> None:
    frequencies = {"ferri": 90, "music": 1}
    found = gather(make_candidate(TEXT), make_asked("ferry music", frequencies))
    assert found.sentences[2].coverage > 0.8 > found.sentences[0].coverage > 0


def test_gather_when_kin_stands_for_a_word_then_it_counts_for_less() -> None:
    found = gather(make_candidate(TEXT), make_asked("injured"))
    assert found.sentences[1].coverage == pytest.approx(KIN_SHARE)
    assert found.lexical > 0


def test_gather_when_a_name_is_asked_then_kin_never_stands_for_it() -> None:
    (term,) = (one for one in weigh("Where is Injured?", {}, 10) if one.name)
    assert share_held(term, frozenset({stem("wounded")})) == 0
    assert share_held(term, frozenset({stem("injured")})) == 1


def test_gather_when_names_are_missing_then_their_share_is() -> None:
    held = gather(make_candidate(TEXT), make_asked("Is there music in Orme or in Tarn?"))
    assert held.name_coverage == pytest.approx(0.5)
    assert gather(make_candidate(TEXT), make_asked("is there music?")).name_coverage == 1


def test_gather_when_words_stand_together_then_pairs_in_either_order_and_not_far_apart() -> None:
    question = make_asked("pier ferry")
    assert gather(make_candidate("The ferry struck the pier."), question).pairs == 1
    assert gather(make_candidate("The pier and the ferry."), question).pairs == 1
    assert gather(make_candidate("The ferry sailed on and on past an old pier."), question).pairs == 0


def test_gather_when_a_passage_is_near_then_its_sentences_are() -> None:
    candidate = make_candidate(TEXT, similarity=0.7)
    assert {one.similarity for one in gather(candidate, make_asked("ferry")).sentences} == {0.7}
    assert gather(candidate, make_asked("ferry")).dense == 0.7


def test_gather_when_the_text_repeats_a_word_then_bm25_rises_and_stays_below_one() -> None:
    once, often = (gather(make_candidate(text), make_asked("ferry")).lexical for text in ("ferry", "ferry " * 30))
    assert 0 < once < often < 1


SAID = st.lists(
    st.sampled_from(
        "Nine people died hurt 9people 12 3rd dozens hundreds Tausende п'ять no one ferry by said mayor Orme "
        "twenty-one half_built police. was. Fünf _two_ noon. 2 horses were".split()
    ),
    max_size=40,
).map(" ".join)


@given(
    text=SAID,
    question=st.sampled_from(
        (
            "How many people died?",
            "How many horses were hurt?",
            "Wie viele Menschen starben?",
            "Who attacked the ferry?",
            "What did the mayor say?",
            "How many?",
        )
    ),
)
def test_gather_when_sentences_are_passed_over_then_they_would_have_held_nothing(text: str, question: str) -> None:
    prepared = make_asked(question)
    found = gather(make_candidate(text), prepared)
    for one in found.sentences:
        assert one.kind == holds(prepared.kind, one.text, prepared.words), one
        assert one.met == met(prepared.demand, one.text, prepared.words), one


def test_gather_when_the_text_is_empty_then_nothing_is_held() -> None:
    found = gather(make_candidate(""), make_asked("ferry"))
    assert (tuple(found.sentences), found.lead_coverage, found.coverage) == ((), 0.0, 0.0)


def test_kin_when_one_word_stands_for_another_then_both_ways_and_never_for_itself() -> None:
    for word in "killed injured arrested evacuated fire explosion truce".split():
        assert kin_of(stem(word)), word
        for one in kin_of(stem(word)):
            assert stem(word) in kin_of(one)
            assert one != stem(word)
    assert kin_of("zeppelin") == frozenset()
    assert stem("wounded") in kin_of(stem("hurt"))


def test_make_candidate_when_made_then_one_passage_covers_it() -> None:
    assert make_candidate("Nine.").spans == ((0, 5),)
