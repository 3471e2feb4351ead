"""Builders for what the tests of the runtimes start from."""

from pathlib import Path

import pytest

from index.config import EncoderConfig
from index.runtimes.model import BUNDLED_PACKAGE


def make_config(**settings: object) -> EncoderConfig:
    return EncoderConfig(**settings)  # type: ignore[arg-type]


def install_weights(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None) -> Path:
    """Put a package of that name before the installed one."""
    package = folder / BUNDLED_PACKAGE
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    if content is not None:
        (package / "model" / "model.safetensors").write_bytes(content)
    monkeypatch.syspath_prepend(str(folder))
    return package / "model"
