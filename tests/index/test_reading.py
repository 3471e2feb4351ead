"""What is kept of a text: the same as the text itself says, however it was written down."""

import numpy as np

from index.evidence import gather, gather_all
from index.rank import sentence_features
from index.reading import FORM, mark, pack, read, unpack
from index.terms import stems
from index.text import sentences
from index.weights import shipped
from tests.index.builders import make_asked, make_candidate

TITLE = "Ferry strike, day two"
TEXT = "The ferry struck the pier at noon. Nine were wounded.\nМузика грає в Орме. “Ça va”, said Élodie."
QUESTION = "How many people were hurt when the ferry struck the pier?"


def test_read_when_read_then_every_sentence_and_the_mark_of_every_stem() -> None:
    reading = read(TITLE, TEXT)
    spans = sentences(TEXT)
    assert list(zip(reading.starts.tolist(), reading.ends.tolist(), strict=True)) == [(s.start, s.end) for s in spans]
    told = [stems(TITLE), *(stems(TEXT[span.start : span.end]) for span in spans)]
    assert reading.counts.tolist() == [len(own) for own in told]
    assert reading.marks.tolist() == [mark(one) for own in told for one in own]


def test_mark_when_many_stems_then_all_differ() -> None:
    assert len({mark(f"stem{number}") for number in range(20_000)}) == 20_000


def test_unpack_when_packed_then_the_same() -> None:
    for title, text in ((TITLE, TEXT), ("", ""), ("", "Nine."), (TITLE, "")):
        made = read(title, text)
        kept = unpack(pack(made))
        assert kept is not None
        assert [column.tolist() for column in made] == [column.tolist() for column in kept]


def test_unpack_when_of_another_form_or_nothing_then_none() -> None:
    packed = pack(read(TITLE, TEXT))
    assert unpack((FORM + 1).to_bytes(4, "little") + packed[4:]) is None
    assert unpack(b"") is None


def test_gather_all_when_read_together_then_each_as_by_itself() -> None:
    question = make_asked(QUESTION)
    candidates = [make_candidate(text, title=title) for title, text in ((TITLE, TEXT), ("", ""), ("", "A ferry."))]
    together = gather_all(candidates, question)
    for found, candidate in zip(together, candidates, strict=True):
        alone = gather(candidate, question)
        assert tuple(found.sentences) == tuple(alone.sentences)
        assert (found.lexical, found.coverage, found.in_title) == (alone.lexical, alone.coverage, alone.in_title)
    assert together[0].coverage > together[2].coverage > together[1].coverage == 0


def test_scores_when_summed_together_then_as_one_by_one() -> None:
    found = gather(make_candidate(TEXT, title=TITLE), make_asked(QUESTION))
    rows = [sentence_features(sentence) for sentence in found.sentences]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    model = shipped().sentence
    assert model.scores(columns) == [model.score(row) for row in rows]
