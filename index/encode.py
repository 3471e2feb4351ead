"""Text to unit vectors: the Encoder port, and which runtime is behind it. The runtimes stand in `index/runtimes`."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, assert_never

from index.config import EncoderConfig
from index.errors import EncoderError
from index.runtimes import architecture
from index.runtimes.model import BUNDLED
from index.vectors.ports import Vectors

_ONNX_NEEDS = ("onnxruntime", "tokenizers")
_REFERENCE_NEEDS = ("sentence_transformers",)


class Encoder(Protocol):
    """Text -> unit vectors. Vectors of one `id` are comparable, of two never."""

    @property
    def id(self) -> str:
        """Return the name of the vector space, known without loading a model."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32 unit vectors for questions."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32 unit vectors for passages, in the order of the texts, whatever batches are made."""


def open_encoder(config: EncoderConfig) -> Encoder:
    """Make the encoder that the config asks for. Nothing heavy is imported and no model read before the first text.

    Raises: EncoderError when the runtime is not installed or cannot run the model.
    """
    return RUNTIMES[chosen(config)](config)


def chosen(config: EncoderConfig) -> str:
    """Name the runtime: the one that was asked for, or ONNX where it is installed and can run the model.

    Raises: EncoderError.
    """
    match config.runtime:
        case "sentence-transformers":
            return config.runtime
        case "onnx":
            if obstacle := _obstacle(config.model):
                raise EncoderError(f'[encoder] runtime = "onnx" cannot run model {config.model!r}: {obstacle}')
            return config.runtime
        case "auto":
            obstacle = _obstacle(config.model)
            if obstacle and not _are_installed(_REFERENCE_NEEDS):
                raise EncoderError(
                    f"model {config.model!r} needs sentence-transformers, which is not installed: with ONNX, {obstacle}"
                )
            return "sentence-transformers" if obstacle else "onnx"
        case _:
            assert_never(config.runtime)


def _obstacle(model: str) -> str:
    """Say why ONNX Runtime cannot run a model here; nothing where it can."""
    if not _are_installed(_ONNX_NEEDS):
        return "onnxruntime and tokenizers are not installed"
    return "" if model == BUNDLED else architecture.obstacle(Path(model))


def _are_installed(libraries: Sequence[str]) -> bool:
    return all(importlib.util.find_spec(library) is not None for library in libraries)


def _reference(config: EncoderConfig) -> Encoder:
    from index.runtimes.sentence_transformers import SentenceTransformersEncoder

    return SentenceTransformersEncoder(config)


def _onnx(config: EncoderConfig) -> Encoder:
    from index.runtimes.onnx import OnnxEncoder

    return OnnxEncoder(config)


RUNTIMES: Mapping[str, Callable[[EncoderConfig], Encoder]] = {"sentence-transformers": _reference, "onnx": _onnx}
