from pathlib import Path

import pytest

from index.errors import EncoderError
from index.runtimes.sentence_transformers import SentenceTransformersEncoder
from tests.index.runtimes.builders import install_weights, make_config


def test_encode_when_the_weights_are_altered_then_nothing_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_weights(tmp_path, monkeypatch, b"other weights")
    with pytest.raises(EncoderError, match="not the publisher's"):
        SentenceTransformersEncoder(make_config()).encode_queries(["Where is the ferry?"])


def test_encode_when_the_folder_holds_no_model_then_encoder_error(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded"):
        SentenceTransformersEncoder(make_config(model=str(tmp_path))).encode_queries(["Where is the ferry?"])
