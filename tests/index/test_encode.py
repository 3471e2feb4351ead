import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from index.config import EncoderConfig
from index.encode import RUNTIMES, chosen, open_encoder
from index.errors import EncoderError
from index.runtimes.model import bundled_folder
from index.runtimes.onnx import OnnxEncoder
from index.runtimes.sentence_transformers import SentenceTransformersEncoder
from tests.index.fakes import BagEncoder
from tests.index.runtimes.builders import make_config


def take_away(monkeypatch: pytest.MonkeyPatch, *libraries: str) -> None:
    """Let libraries look as if they were not installed."""
    found = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in libraries else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find)


def test_runtime_when_nothing_is_asked_for_then_onnx() -> None:
    assert isinstance(open_encoder(make_config()), OnnxEncoder)


def test_runtime_when_onnx_is_not_installed_then_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(monkeypatch, "onnxruntime")
    assert isinstance(open_encoder(make_config()), SentenceTransformersEncoder)


def test_runtime_when_the_reference_is_asked_for_then_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_encoder(make_config(runtime="sentence-transformers")), SentenceTransformersEncoder)


def test_runtime_when_a_model_has_a_hub_name_then_the_reference() -> None:
    assert chosen(make_config(model="somebody/some-model")) == "sentence-transformers"


def test_runtime_when_a_folder_holds_a_bert_then_onnx() -> None:
    assert chosen(make_config(model=str(bundled_folder()))) == "onnx"


@pytest.mark.parametrize("runtime", ["onnx", "auto"])
def test_runtime_when_a_model_cannot_run_then_encoder_error_says_why(
    runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_away(monkeypatch, "sentence_transformers")
    with pytest.raises(EncoderError, match=r"somebody/some-model.*is not a folder with config\.json"):
        open_encoder(make_config(model="somebody/some-model", runtime=runtime))


def test_runtime_when_onnx_is_asked_for_and_not_installed_then_encoder_error(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(monkeypatch, "onnxruntime")
    with pytest.raises(EncoderError, match="not installed"):
        open_encoder(make_config(runtime="onnx"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_id_when_model_or_prompts_differ_then_another_vector_space(runtime: str, tmp_path: Path) -> None:
    for name, content in (("one", b"1"), ("two", b"2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(content)
    configs = [
        make_config(),
        make_config(query_prompt="query: "),
        make_config(passage_prompt="query: "),
        make_config(query_prompt="query: ", passage_prompt="passage: "),
        make_config(model="somebody/some-model"),
        make_config(model=str(tmp_path / "one")),
        make_config(model=str(tmp_path / "two")),
    ]
    assert len({RUNTIMES[runtime](config).id for config in configs}) == len(configs)


def test_id_when_only_speed_differs_then_the_same_vector_space() -> None:
    configs = [
        make_config(),
        make_config(batch_tokens=4, threads=1),
        make_config(precision="full"),
        make_config(runtime="sentence-transformers"),
    ]
    assert len({open_encoder(config).id for config in configs}) == 1


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_id_when_a_folder_is_retrained_then_another_vector_space(runtime: str, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"1")
    before = RUNTIMES[runtime](make_config(model=str(tmp_path))).id
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert RUNTIMES[runtime](make_config(model=str(tmp_path))).id != before


# The runtimes side by side: what one has encoded is searched with another

TEXTS = [
    "The ferry left the north pier at dawn.",
    "",
    "Der Hafen ist zu. " * 400,
    "\u26f4\ufe0f",
    "Паром вийшов на світанку; ніхто не постраждав.",
    "Who\u2019s in charge of Warehouse 12? \u00a312.5m, 22 people \u2013 and a naïve café",
    "渡轮在黎明时分离开了北码头",
    "x" * 300,
    *(f"Update {number}: {number * 3} people were taken to the shelter in Lindow Street." for number in range(40)),
]


@pytest.fixture(scope="module")
def reference() -> SentenceTransformersEncoder:
    """Return what defines the vectors; its model is loaded once for all tests here."""
    return SentenceTransformersEncoder(EncoderConfig(precision="full", threads=1))


@pytest.mark.parametrize(
    ("runtime", "precision", "nearest"),
    [("onnx", "full", 0.99999), ("onnx", "auto", 0.995), ("sentence-transformers", "auto", 0.9995)],
)
def test_runtimes_when_they_read_the_same_then_vectors_that_may_stand_beside_each_other(
    reference: SentenceTransformersEncoder, runtime: str, precision: str, nearest: float
) -> None:
    encoder = RUNTIMES[runtime](make_config(precision=precision, threads=1))
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.dtype(np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (vectors * reference.encode_passages(TEXTS)).sum(axis=1).min() >= nearest


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_runtimes_when_a_text_has_other_company_then_nearly_the_same_vector(runtime: str) -> None:
    encoder = RUNTIMES[runtime](make_config(threads=1, precision="full"))
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS[:6]])
    assert np.allclose(alone, encoder.encode_passages(TEXTS)[:6], atol=1e-4)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_runtimes_when_sentences_are_related_then_nearer_than_what_has_nothing_to_do_with_them(runtime: str) -> None:
    encoder = RUNTIMES[runtime](make_config(threads=1))
    question = encoder.encode_queries(["When did the boat sail?"])[0]
    related, unrelated, nonsense = encoder.encode_passages(
        ["The ferry left the north pier at dawn.", "Parliament passed the tax bill.", "qq zzt blorp xx vrr"]
    )
    assert question @ related > question @ unrelated + 0.2
    assert question @ related > question @ nonsense + 0.2


# The fake must be as predictable as what it stands for


def test_fake_when_texts_share_words_then_nearer_and_always_the_same() -> None:
    first, second = BagEncoder(), BagEncoder()
    question = first.encode_queries(["missing boats"])[0]
    near, far = second.encode_passages(["Two boats are missing.", "The inn is full."])
    assert question @ near > question @ far
    assert np.allclose(np.linalg.norm(np.stack([near, far]), axis=1), 1, atol=1e-6)
    assert np.array_equal(question, second.encode_queries(["missing boats"])[0])
