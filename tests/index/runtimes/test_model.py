from pathlib import Path

import pytest

from index.errors import EncoderError
from index.runtimes.model import bundled_folder
from tests.index.runtimes.builders import install_weights


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
