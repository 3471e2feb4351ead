"""The reference runtime: sentence-transformers on torch, for any model by name. A home of that library."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import numpy as np

from index.config import EncoderConfig
from index.errors import EncoderError
from index.runtimes.batches import by_tokens
from index.runtimes.model import BUNDLED, bundled_folder, encoder_id
from index.vectors.ports import Vectors

logger = logging.getLogger(__name__)

_CHARS_OF_A_TOKEN = 4
_MARKS = 2  # the tokens before and after every text
_LONGEST = 512


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
        return encoder_id(self._config)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode questions with the query prompt."""
        return self._encode(texts, self._config.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages with the passage prompt, longest texts together."""
        return self._encode(texts, self._config.passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        prompted = [prompt + text for text in texts]
        model = self._model
        vectors = np.empty((len(texts), model.get_embedding_dimension()), np.float32)
        longest = model.max_seq_length or _LONGEST
        # A guess will do: what is guessed too short only makes a batch a little larger.
        lengths = [min(len(text) // _CHARS_OF_A_TOKEN + _MARKS, longest) for text in prompted]
        with self._precision():
            for batch in by_tokens(lengths, self._config.batch_tokens):
                found = model.encode(
                    [prompted[place] for place in batch],
                    batch_size=len(batch),
                    normalize_embeddings=True,
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
                vectors[batch] = found.float().numpy()
        return vectors

    def _precision(self) -> AbstractContextManager[Any]:
        """Multiply matrices in bfloat16 where the CPU has instructions for it; sums and norms stay in 32 bits."""
        import torch

        wanted = self._config.precision == "auto" and torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=wanted)

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
        logger.info("model loaded encoder=%s runtime=sentence-transformers", self.id)
        return model
