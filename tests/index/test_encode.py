from pathlib import Path

import numpy as np
import pytest

from index.config import EncoderConfig
from index.encode import BUNDLED_PACKAGE, SentenceTransformersEncoder, bundled_folder
from index.errors import EncoderError
from tests.index.fakes import BagEncoder


def make_encoder(**settings: object) -> SentenceTransformersEncoder:
    return SentenceTransformersEncoder(EncoderConfig(**settings))  # type: ignore[arg-type]


def install_weights(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None) -> Path:
    """Put a package of that name before the installed one."""
    package = folder / BUNDLED_PACKAGE
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    if content is not None:
        (package / "model" / "model.safetensors").write_bytes(content)
    monkeypatch.syspath_prepend(str(folder))
    return package / "model"


def test_bundled_folder_when_the_weights_are_the_publishers_then_found() -> None:
    assert (bundled_folder() / "model.safetensors").is_file()


def test_bundled_folder_when_the_weights_are_altered_then_encoder_error_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install_weights(tmp_path, monkeypatch, b"other weights")
    with pytest.raises(EncoderError, match="not the publisher's") as raised:
        bundled_folder()
    assert str(folder) in str(raised.value)


def test_bundled_folder_when_the_weights_are_missing_then_encoder_error_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_weights(tmp_path, monkeypatch, None)
    with pytest.raises(EncoderError, match=r"model\.safetensors"):
        bundled_folder()


def test_encode_when_the_weights_are_altered_then_nothing_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_weights(tmp_path, monkeypatch, b"other weights")
    with pytest.raises(EncoderError, match="not the publisher's"):
        make_encoder().encode_queries(["Where is the ferry?"])


def test_id_when_model_or_prompts_differ_then_another_vector_space(tmp_path: Path) -> None:
    for name, content in (("one", b"1"), ("two", b"2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(content)
    encoders = [
        make_encoder(),
        make_encoder(query_prompt="query: "),
        make_encoder(passage_prompt="query: "),
        make_encoder(query_prompt="query: ", passage_prompt="passage: "),
        make_encoder(model="somebody/some-model"),
        make_encoder(model=str(tmp_path / "one")),
        make_encoder(model=str(tmp_path / "two")),
    ]
    assert len({encoder.id for encoder in encoders}) == len(encoders)


def test_id_when_only_speed_differs_then_the_same_vector_space() -> None:
    assert make_encoder().id == make_encoder(batch_size=4, threads=1).id


def test_id_when_a_folder_is_retrained_then_another_vector_space(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"1")
    before = make_encoder(model=str(tmp_path)).id
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert make_encoder(model=str(tmp_path)).id != before


def test_encode_when_the_folder_holds_no_model_then_encoder_error(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded"):
        make_encoder(model=str(tmp_path)).encode_queries(["Where is the ferry?"])


@pytest.fixture(scope="module")
def real() -> SentenceTransformersEncoder:
    """Return the encoder that users have; its model is loaded once for all tests here."""
    return make_encoder(threads=1)


def test_encode_when_the_real_model_reads_then_unit_vectors_one_a_text(real: SentenceTransformersEncoder) -> None:
    texts = ["The ferry left at dawn.", "", "Der Hafen ist zu. " * 400, "\u26f4\ufe0f"]
    vectors = real.encode_passages(texts)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.dtype(np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], real.encode_passages(texts[:1])[0], atol=1e-4)


def test_encode_when_sentences_are_related_then_nearer_than_what_has_nothing_to_do_with_them(
    real: SentenceTransformersEncoder,
) -> None:
    question = real.encode_queries(["When did the boat sail?"])[0]
    related, unrelated, nonsense = real.encode_passages(
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
