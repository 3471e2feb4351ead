"""The light runtime: the same weights through ONNX Runtime and `tokenizers`, without torch. The home of those two."""

import logging
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from index.config import EncoderConfig
from index.errors import EncoderError
from index.runtimes import architecture, cache, graph
from index.runtimes.batches import by_tokens
from index.runtimes.model import BUNDLED, BUNDLED_SHA256, WEIGHTS, bundled_folder, encoder_id, sha256, unchecked_folder
from index.vectors.ports import Vectors

logger = logging.getLogger(__name__)

_TOKENISED_AT_ONCE = 4096
_FULL, _CODES = "float32", "int8"
_CPU = Path("/proc/cpuinfo")
# Instructions that multiply four bytes at once: where they are missing, 8-bit codes are slower than 32 bits.
_BYTE_PRODUCTS = frozenset(("avx512_vnni", "avx_vnni"))


class OnnxEncoder:
    """A BERT that we wrote down as an ONNX graph; session and tokenizer are made at the first text."""

    def __init__(self, config: EncoderConfig) -> None:
        """Remember what to load; nothing is read yet."""
        self._config = config

    @cached_property
    def id(self) -> str:
        """Return model, recipe and prompts in short: the reference runtime's, since the vectors are."""
        return encoder_id(self._config)

    @property
    def precision(self) -> str:
        """Return "float32" or "int8": how this machine multiplies."""
        return _CODES if self._config.precision == "auto" and multiplies_bytes(_CPU) else _FULL

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode questions with the query prompt."""
        return self._encode(texts, self._config.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages with the passage prompt, longest texts together."""
        return self._encode(texts, self._config.passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        tokenizer, session = self._loaded
        vectors = np.empty((len(texts), session.get_outputs()[0].shape[1]), np.float32)
        for first in range(0, len(texts), _TOKENISED_AT_ONCE):
            some = [prompt + text for text in texts[first : first + _TOKENISED_AT_ONCE]]
            tokens = [one.ids for one in tokenizer.encode_batch_fast(some)]
            for batch in by_tokens([len(ids) for ids in tokens], self._config.batch_tokens):
                vectors[[first + place for place in batch]] = _run(session, [tokens[place] for place in batch])
        return vectors

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        """Load tokenizer and session. The libraries' classes have no types."""
        try:
            import tokenizers
        except ImportError as error:
            raise EncoderError(f"tokenizers cannot be loaded: {error}") from error
        folder = unchecked_folder() if self._config.model == BUNDLED else Path(self._config.model)
        try:
            tokenizer = tokenizers.Tokenizer.from_buffer((folder / architecture.TOKENIZER).read_bytes())
        except (OSError, ValueError) as error:
            raise EncoderError(f"{folder / architecture.TOKENIZER}: {error}") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(architecture.shape(folder).most_tokens)
        session = _session(self._graph(folder), self._config.threads)
        logger.info("model loaded encoder=%s runtime=onnx precision=%s", self.id, self.precision)
        return tokenizer, session

    def _graph(self, folder: Path) -> bytes:
        """Get the graph from the cache or, from weights that are the publisher's, make it."""
        weights = BUNDLED_SHA256 if self._config.model == BUNDLED else sha256(folder / WEIGHTS)
        origin: dict[str, str | int] = {"weights": weights, "recipe": graph.RECIPE, "precision": self.precision}
        return cache.kept(cache.user_folder() / f"{weights[:12]}-{self.precision}.onnx", origin, self._make)

    def _make(self) -> bytes:
        folder = bundled_folder() if self._config.model == BUNDLED else Path(self._config.model)
        return graph.build(folder, architecture.shape(folder), codes=self.precision == _CODES)


def multiplies_bytes(cpu: Path) -> bool:
    """Tell from Linux's description of the CPU whether 8-bit codes gain on it; elsewhere 32 bits are always right."""
    try:
        lines = cpu.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not _BYTE_PRODUCTS.isdisjoint(flags.split())


def _session(body: bytes, threads: int) -> Any:  # noqa: ANN401
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as failures
    except ImportError as error:
        raise EncoderError(f"onnxruntime cannot be loaded: {error}") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; its warnings are about fusions
    # Threads that spin between two questions would keep a rented core busy for nothing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
    except (failures.Fail, failures.InvalidProtobuf, failures.InvalidGraph, failures.NotImplemented) as error:
        raise EncoderError(f"ONNX Runtime {onnxruntime.__version__} cannot load the model: {error}") from error


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run(session: Any, tokens: Sequence[Sequence[int]]) -> Vectors:  # noqa: ANN401
    width = max(len(ids) for ids in tokens)
    ids = np.zeros((len(tokens), width), np.int64)
    mask = np.zeros((len(tokens), width), np.int64)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = one
        mask[row, : len(one)] = 1
    vectors: Vectors = session.run([graph.VECTORS], {graph.IDS: ids, graph.MASK: mask})[0]
    return vectors
