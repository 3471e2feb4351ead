"""The order of updates, the sentence that answers and how sure it is; and the weights they come from."""

import pytest

from index import rank
from index.evidence import gather
from index.weights import Linear, Weights, shipped
from tests.index.builders import make_asked, make_candidate, make_ranked

QUESTION = "How many people were hurt in the crush?"
GOOD = "Seven people were hurt in the crush."
POOR = "The band played on at the pier."


def ranked(*texts: str, question: str = QUESTION) -> list[rank.Ranked]:
    asked = make_asked(question)
    found = [gather(make_candidate(text, update_no=no), asked) for no, text in enumerate(texts, 1)]
    return rank.rank(found, shipped())


def test_rank_when_one_says_more_then_it_is_first() -> None:
    assert [one.evidence.candidate.revision.text for one in ranked(POOR, GOOD)] == [GOOD, POOR]


def test_rank_when_equal_then_the_one_known_first() -> None:
    assert [one.evidence.candidate.revision.update_no for one in ranked(GOOD, GOOD, GOOD)] == [1, 2, 3]


def test_rank_when_nothing_is_found_then_nothing_and_no_confidence() -> None:
    assert ranked() == []
    assert rank.confidence(make_asked(QUESTION), [], shipped()) == 0


def test_best_when_a_later_sentence_answers_then_that_and_of_equals_the_earlier() -> None:
    assert make_ranked(QUESTION, f"{POOR} {GOOD}").best == 1
    assert make_ranked(QUESTION, f"{GOOD} {GOOD}").best == 0


def test_confidence_when_the_update_says_less_then_lower() -> None:
    asked = make_asked(QUESTION)
    texts = (GOOD, "People were hurt in the crush.", "People sang in the rain.", POOR)
    sure = [rank.confidence(asked, ranked(text), shipped()) for text in texts]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > sure[-1]
    assert all(0 <= one <= 1 for one in sure)


def test_confidence_when_a_name_is_missing_then_lower() -> None:
    question = "How many people were hurt in Orme?"
    asked = make_asked(question)
    here = rank.confidence(asked, ranked("Seven people were hurt in Orme.", question=question), shipped())
    there = rank.confidence(asked, ranked("Seven people were hurt in Port Alder.", question=question), shipped())
    assert here > there


def test_confidence_features_when_computed_then_every_shipped_weight_has_one() -> None:
    found = ranked(GOOD, POOR)
    evidence = found[0].evidence
    features = rank.confidence_features(make_asked(QUESTION), found)
    assert shipped().confidence.by_name.keys() <= features.keys()
    assert shipped().update.by_name.keys() <= rank.update_features(evidence, evidence.sentences[0]).keys()
    assert shipped().sentence.by_name.keys() <= rank.sentence_features(evidence.sentences[0]).keys()
    assert all(-1 <= value <= 1.5 for name, value in features.items() if name != "dense_distance")


def test_linear_when_a_weighted_feature_is_missing_then_an_error_and_not_a_zero() -> None:
    model = Linear(constant=1.0, by_name={"a": 2.0})
    assert model.score({"a": 0.5, "b": 9.0}) == 2.0
    with pytest.raises(KeyError):
        model.score({"b": 9.0})


def test_chance_when_far_out_then_still_between_0_and_1() -> None:
    model = Linear(constant=0.0, by_name={"a": 1.0})
    assert model.chance({"a": 0.0}) == 0.5
    assert 0 <= model.chance({"a": -1e9}) < 1e-9
    assert 1 - 1e-9 < model.chance({"a": 1e9}) <= 1


def test_weights_when_shipped_then_a_threshold_that_can_be_reached_and_missed() -> None:
    weights = shipped()
    assert isinstance(weights, Weights)
    assert 0 < weights.abstain_below < 1
    assert shipped() is weights
