"""A second opinion on the first few updates: the Reranker port and the sentence-transformers cross-encoder.

Off unless the config names a model. It changes the order and offers the confidence a feature; it never quotes.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from index.errors import EncoderError
from index.rank import Ranked
from index.vectors.ports import Vectors
from index.weights import Weights

logger = logging.getLogger(__name__)

FEATURE = "rerank"
_WHOLE_CHARS = 800  # an update up to this long is read whole, of a longer one the best sentence with its neighbours
_MOST_CHARS = 2_000  # more than any cross-encoder takes in
_SUREST = 0.999  # beyond, one opinion would leave the other no say
_REMEDY = "set [search] reranker to the hub name or folder of a cross-encoder with one output, or leave it empty"


class Reranker(Protocol):
    """Question and texts, read together -> how well each text answers."""

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """Return (n,) float32, 0 to 1, in the order of the texts."""


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder by hub name or folder; library and model are loaded at the first use."""

    def __init__(self, model: str, *, batch_size: int = 32, threads: int = 0) -> None:
        """Remember what to load; nothing is read yet. `threads` 0 leaves their number to torch."""
        self._name = model
        self._batch_size = batch_size
        self._threads = threads

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """Score the texts.

        Raises: EncoderError when the model cannot be loaded or does not give one number for a text.
        """
        model, sigmoid = self._model
        pairs = [(question, text) for text in texts]
        found = model.predict(pairs, batch_size=self._batch_size, activation_fn=sigmoid, show_progress_bar=False)
        scores = np.asarray(found, np.float32)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise self._unusable("it does not give one number for a text")
        return scores

    @cached_property
    def _model(self) -> tuple[Any, Any]:
        try:
            import torch
            from safetensors import SafetensorError
            from sentence_transformers import CrossEncoder
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise EncoderError(f"sentence-transformers cannot be loaded: {error}") from error
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        if self._threads:
            torch.set_num_threads(self._threads)
        try:
            model = CrossEncoder(self._name, device="cpu")
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise self._unusable(str(error).partition("\n")[0]) from error
        inner: Any = model.model
        # The library makes a cross-encoder of any model, with a last layer of random numbers where it has none.
        if type(inner).__name__ not in (inner.config.architectures or ()):
            raise self._unusable("it is not a cross-encoder: it has no layer that scores")
        if model.num_labels != 1:
            raise self._unusable(f"it has {model.num_labels} outputs, not one")
        logger.info("model loaded reranker=%s", self._name)
        return model, torch.nn.Sigmoid()

    def _unusable(self, why: str) -> EncoderError:
        return EncoderError(f"reranker {self._name!r} cannot be used: {why.rstrip('.')}; {_REMEDY}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranked(Ranked):
    """An update that a reranker has read; `score` is the blend, `opinion` the reranker's own score."""

    opinion: float


def rerank(reranker: Reranker, top: int, question: str, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Order the first `top` updates by the mean of our score's logit and the reranker's.

    Returns: those, best first, then the others as they were, none with a score above what stands before it.
    """
    if not ranked:
        return []
    head, tail = ranked[:top], ranked[top:]
    opinions = reranker.scores(question, [_read(one) for one in head]).tolist()
    blended = [_blended(one, opinion) for one, opinion in zip(head, opinions, strict=True)]
    blended.sort(key=lambda one: -one.score)
    return [*blended, *(replace(one, score=min(one.score, blended[-1].score)) for one in tail)]


def informed(weights: Weights, ranked: Sequence[Ranked]) -> Weights:
    """Return weights that ask for no reranker: its term of the confidence, if they have one, joins the constant.

    Where no reranker read the first update, the term is that of an undecided one: 0.
    """
    by_name = dict(weights.confidence.by_name)
    weight = by_name.pop(FEATURE, None)
    if weight is None:
        return weights
    first = ranked[0] if ranked else None
    heard = _logit(first.opinion) if isinstance(first, Reranked) else 0.0
    constant = weights.confidence.constant + weight * heard
    return replace(weights, confidence=replace(weights.confidence, constant=constant, by_name=by_name))


def _read(one: Ranked) -> str:
    """Return what the reranker reads of an update."""
    revision, sentences = one.evidence.candidate.revision, one.evidence.sentences
    text = revision.text
    if len(text) > _WHOLE_CHARS:
        around = sentences[max(0, one.best - 1) : one.best + 2]
        text = text[around[0].span.start : around[-1].span.end]
    return f"{revision.title}\n{text}".strip()[:_MOST_CHARS]


def _blended(one: Ranked, opinion: float) -> Reranked:
    mean = (_logit(one.score) + _logit(opinion)) / 2
    return Reranked(
        evidence=one.evidence,
        score=1 / (1 + math.exp(-mean)),
        sentence_scores=one.sentence_scores,
        opinion=opinion,
    )


def _logit(chance: float) -> float:
    bounded = min(max(chance, 1 - _SUREST), _SUREST)
    return math.log(bounded / (1 - bounded))
