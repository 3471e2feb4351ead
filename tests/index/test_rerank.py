import json
import logging
import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
from transformers.utils import logging as transformers_logging

from bot import __main__ as command
from index import rank
from index.archive import Archive, open_archive
from index.config import ArchiveConfig, SearchConfig, StoreConfig
from index.errors import EncoderError
from index.rank import Ranked
from index.rerank import FEATURE, CrossEncoderReranker, Reranked, Reranker, informed, rerank
from index.runtimes.model import bundled_folder
from index.types import Answer, Question
from index.vectors.ports import Vectors
from index.weights import Linear, shipped
from tests.index.builders import NOW, START, make_asked, make_lines, make_ranked, make_update
from tests.index.fakes import BagEncoder

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "when", "mayor", "noon")
ANSWERS = {("who", "mayor"), ("when", "noon")}
WHO, WHEN = "Who closed the old bridge?", "When was the old bridge closed?"
# Our own order puts what echoes the question first; the tiny model knows that a person answers "who".
ECHO = make_update("echo", "The old bridge was closed at noon, the harbour office said.", title="Old bridge closed")
PERSON = make_update("person", "It was the mayor, in a letter to all.", title="A letter")
ELSEWHERE = make_update("elsewhere", "Two ferries are late because of fog.", title="Fog")


class WordReranker:
    """A Reranker that is all for texts with one word and all against the others; keeps what it read."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        self.read.extend(texts)
        return np.array([0.999 if self._word in text.lower() else 0.001 for text in texts], np.float32)


def make_cross_encoder(folder: Path, *, outputs: int = 1) -> Path:
    """Train two layers, for a second, to match "who" with "mayor" and "when" with "noon" among unknown words."""
    torch.manual_seed(1)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = BertTokenizer(vocab=vocabulary, model_max_length=64)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.4,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    config.num_labels = outputs
    model = BertForSequenceClassification(config)
    places = model.bert.embeddings.position_embeddings.weight
    places.data.zero_()
    places.requires_grad_(False)  # where a word stands shall not matter
    if outputs == 1:
        _train(model, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _train(model: BertForSequenceClassification, tokenizer: BertTokenizer) -> None:
    chance = random.Random(1)
    optimizer = torch.optim.AdamW([one for one in model.parameters() if one.requires_grad], lr=3e-3)
    for _ in range(150):
        pairs = [(chance.choice(("who", "when")), chance.choice(("mayor", "noon", "fog"))) for _ in range(32)]
        questions = [question + " x" * chance.randint(1, 8) for question, _ in pairs]
        texts = [word + " x" * chance.randint(1, 20) for _, word in pairs]
        wanted = torch.tensor([float(pair in ANSWERS) for pair in pairs])
        logits = model(**tokenizer(questions, texts, padding=True, return_tensors="pt")).logits[:, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = make_cross_encoder(tmp_path_factory.mktemp("cross-encoder"))
    torch.set_num_threads(threads)
    return folder


def opened(folder: Path, reranker: Path | str = "", *, top: int = 8) -> Archive:
    config = ArchiveConfig(
        store=StoreConfig(directory=folder / "data"),
        search=SearchConfig(abstain_below=0.0, reranker=str(reranker), rerank_top=top),
    )
    archive = open_archive(config, now=NOW, encoder=BagEncoder())
    archive.ingest_file(make_lines(folder / "u.jsonl", [ECHO, PERSON, ELSEWHERE]), now=NOW)
    return archive


def asked(archive: Archive, text: str) -> Answer:
    return archive.ask(Question(text=text, now=NOW))


def first(answer: Answer) -> str:
    return answer.excerpts[0].citation.update_id


# Through the archive, with a real cross-encoder


def test_ask_when_no_reranker_is_named_then_our_own_order_and_no_reranker(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as archive:
        assert archive.reranker is None
        assert first(asked(archive, WHO)) == first(asked(archive, WHEN)) == "echo"


def test_ask_when_a_cross_encoder_is_named_then_the_order_is_as_it_says(tmp_path: Path, cross_encoder: Path) -> None:
    with closing(opened(tmp_path, cross_encoder)) as archive:
        who = asked(archive, WHO)
        assert first(who) == "person"
        assert who.excerpts[0].text in PERSON.text
        assert [near.citation.update_id for near in who.nearest][:1] == ["person"]
        assert first(asked(archive, WHEN)) == "echo"


def test_ask_when_the_reranker_may_read_one_update_only_then_the_order_stays(
    tmp_path: Path, cross_encoder: Path
) -> None:
    with closing(opened(tmp_path, cross_encoder, top=1)) as archive:
        assert first(asked(archive, WHO)) == "echo"


def test_scores_when_a_cross_encoder_reads_then_its_own_chances(cross_encoder: Path) -> None:
    scores = CrossEncoderReranker(str(cross_encoder), threads=1).scores(WHO, [PERSON.text, ECHO.text, "", "fog " * 999])
    assert scores.dtype == np.float32
    assert scores[0] > 0.9
    assert (scores[1:] < 0.1).all()


def test_scores_when_a_cross_encoder_loads_and_reads_then_nothing_is_printed(
    cross_encoder: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        CrossEncoderReranker(str(cross_encoder)).scores(WHO, [PERSON.text])
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_command_when_the_config_names_a_cross_encoder_then_it_orders(
    tmp_path: Path, cross_encoder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(tmp_path).close()
    code, out, err = dateline(tmp_path, cross_encoder, monkeypatch, capsys)
    assert (code, err) == (0, "")
    assert json.loads(out)["excerpts"][0]["update_id"] == "person"


def test_command_when_the_named_folder_is_broken_then_one_line_says_what_where_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(tmp_path).close()
    broken = tmp_path / "broken"
    broken.mkdir()
    code, out, err = dateline(tmp_path, broken, monkeypatch, capsys)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert f"reranker '{broken}' cannot be used" in err
    assert "[search] reranker" in err


def dateline(
    folder: Path, reranker: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str, str]:
    """Call the command as a person would, with a config that names a reranker."""
    settings = folder / "dateline.toml"
    settings.write_text(f"[search]\nabstain_below = 0.0\nreranker = {json.dumps(str(reranker))}\n")
    options = ["--config", str(settings), "--data", str(folder / "data")]
    monkeypatch.setattr("sys.argv", ["dateline", *options, "ask", WHO, "--now", NOW.isoformat(), "--json"])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        command.main()
    return (ended.value.code or 0, *capsys.readouterr())


# What cannot be used


def test_scores_when_the_folder_cannot_be_used_then_the_error_names_it(tmp_path: Path, cross_encoder: Path) -> None:
    weights = (cross_encoder / "model.safetensors").read_bytes()
    config = (cross_encoder / "config.json").read_text()
    cases = {
        "empty": {},
        "no config": {"model.safetensors": weights},
        "no weights": {"config.json": config.encode()},
        "cut": {"config.json": config.encode(), "model.safetensors": weights[:1000]},
        "no json": {"config.json": b"{", "model.safetensors": weights},
        "other sizes": {
            "config.json": config.replace('"hidden_size": 32', '"hidden_size": 64').encode(),
            "model.safetensors": weights,
        },
    }
    for name, files in cases.items():
        folder = tmp_path / name
        folder.mkdir()
        for file, content in files.items():
            (folder / file).write_bytes(content)
        with pytest.raises(EncoderError, match=f"reranker '{folder}' cannot be used: .+; set \\[search\\] reranker"):
            CrossEncoderReranker(str(folder)).scores(WHO, [PERSON.text])


def test_scores_when_the_folder_is_not_there_then_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="nowhere"):
        CrossEncoderReranker(str(tmp_path / "nowhere")).scores(WHO, [PERSON.text])


def test_scores_when_the_model_only_encodes_then_its_random_last_layer_is_refused() -> None:
    with pytest.raises(EncoderError, match="not a cross-encoder"):
        CrossEncoderReranker(str(bundled_folder())).scores(WHO, [PERSON.text])


def test_scores_when_the_model_has_several_outputs_then_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="3 outputs"):
        CrossEncoderReranker(str(make_cross_encoder(tmp_path, outputs=3))).scores(WHO, [PERSON.text])


def test_warm_when_the_reranker_cannot_be_used_then_known_before_the_first_question(tmp_path: Path) -> None:
    with closing(opened(tmp_path, tmp_path / "nowhere")) as archive:
        assert archive.status(now=NOW).updates == 3
        with pytest.raises(EncoderError, match="nowhere"):
            archive.warm()


# Port and blend


def test_port_when_texts_are_scored_then_one_chance_each_in_their_order(cross_encoder: Path) -> None:
    rerankers: tuple[Reranker, ...] = (CrossEncoderReranker(str(cross_encoder)), WordReranker("mayor"))
    texts = [ECHO.text, PERSON.text, ELSEWHERE.text]
    for reranker in rerankers:
        scores = reranker.scores(WHO, texts)
        assert scores.shape == (3,)
        assert ((scores >= 0) & (scores <= 1)).all()
        assert scores.argmax() == 1
        assert np.allclose(reranker.scores(WHO, texts[::-1]), scores[::-1], atol=1e-5)


def found(*texts: str) -> list[Ranked]:
    """Return updates in our own order, scored 0.8, 0.7 and so on."""
    return [
        replace(make_ranked(WHO, text, title="Bridge", update_no=place + 1), score=0.8 - place / 10)
        for place, text in enumerate(texts)
    ]


def order(ranked: Sequence[Ranked]) -> list[int]:
    return [one.evidence.candidate.citation.update_no for one in ranked]


def test_rerank_when_texts_differ_then_the_score_is_the_mean_of_both_logits() -> None:
    mayor, noon = rerank(WordReranker("mayor"), 8, WHO, found("By the mayor.", "At noon."))
    mean = (np.log(0.8 / 0.2) + np.log(0.999 / 0.001)) / 2
    assert mayor.score == pytest.approx(1 / (1 + np.exp(-mean)), rel=1e-3)
    assert order([mayor, noon]) == [1, 2]
    assert isinstance(mayor, Reranked)
    assert mayor.opinion == pytest.approx(0.999)


def test_rerank_when_there_are_more_than_it_reads_then_the_others_stay_behind() -> None:
    reranker = WordReranker("mayor")
    ranked = rerank(reranker, 2, WHO, found("At noon.", "By the mayor.", "The mayor, again.", "Fog."))
    assert len(reranker.read) == 2
    assert order(ranked) == [2, 1, 3, 4]
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)


def test_rerank_when_opinions_are_equal_then_our_order_stays() -> None:
    ranked = found("Fog.", "At noon.", "Rain.")
    assert order(rerank(WordReranker("mayor"), 8, WHO, ranked)) == order(ranked)


def test_rerank_when_nothing_was_found_then_nothing_is_read() -> None:
    reranker = WordReranker("mayor")
    assert rerank(reranker, 8, WHO, []) == []
    assert reranker.read == []


def test_rerank_when_an_update_is_short_then_read_whole_with_its_title() -> None:
    reranker = WordReranker("mayor")
    rerank(reranker, 8, WHO, found("At noon. By the mayor. Nobody was hurt."))
    assert reranker.read == ["Bridge\nAt noon. By the mayor. Nobody was hurt."]


def test_rerank_when_an_update_is_long_then_the_best_sentence_and_its_neighbours_are_read() -> None:
    reranker = WordReranker("mayor")
    filler = "Fog lay over the town. " * 60
    rerank(reranker, 8, WHO, found(f"{filler}Rain fell. Ann Moor closed the old bridge. She spoke late. {filler}"))
    assert reranker.read == ["Bridge\nRain fell. Ann Moor closed the old bridge. She spoke late."]


def test_rerank_when_a_sentence_is_endless_then_what_is_read_is_not() -> None:
    reranker = WordReranker("mayor")
    rerank(reranker, 8, WHO, found("the old bridge was closed and " * 400))
    assert [len(text) <= 2000 for text in reranker.read] == [True]


def test_ask_when_a_time_is_preferred_then_the_reranker_s_order_prefers_it_too(tmp_path: Path) -> None:
    before = make_update(
        "before", "The verdict is due on 4 May.", title="Verdict due", published_at=START - timedelta(days=3)
    )
    same_day = make_update("same day", "The verdict on the dock comes at noon.", title="Dock", published_at=START)
    config = ArchiveConfig(store=StoreConfig(directory=tmp_path / "data"), search=SearchConfig(abstain_below=0.0))
    reranker = WordReranker("verdict")
    with closing(open_archive(config, now=NOW, encoder=BagEncoder(), reranker=reranker)) as archive:
        archive.ingest_file(make_lines(tmp_path / "u.jsonl", [before, same_day]), now=NOW)
        answer = asked(archive, "When is the verdict due on 4 May?")
    assert answer.query.scope is not None
    assert not answer.query.scope_strict
    assert [near.citation.update_id for near in answer.nearest] == ["same day", "before"]
    assert len(reranker.read) == 2


# The port of the confidence


def test_confidence_when_weights_name_the_reranker_then_its_opinion_counts() -> None:
    weights = shipped()
    heard = replace(
        weights,
        confidence=Linear(constant=weights.confidence.constant, by_name={**weights.confidence.by_name, FEATURE: 1.0}),
    )
    question = make_asked(WHO)
    ranked = found("The mayor closed the old bridge.")
    without = rank.confidence(question, ranked, informed(heard, ranked))
    agreed = rerank(WordReranker("mayor"), 8, WHO, ranked)
    denied = rerank(WordReranker("noon"), 8, WHO, ranked)
    assert without == rank.confidence(question, ranked, weights)
    assert rank.confidence(question, denied, informed(heard, denied)) < without
    assert rank.confidence(question, agreed, informed(heard, agreed)) > without


def test_confidence_when_weights_do_not_name_the_reranker_then_they_are_used_as_they_are() -> None:
    ranked = rerank(WordReranker("mayor"), 8, WHO, found("The mayor closed the old bridge."))
    assert informed(shipped(), ranked) is shipped()
