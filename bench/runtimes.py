"""`python -m bench runtimes`: whether the runtimes' vectors may stand beside each other, and how fast each is.

The reference in 32 bits is what all are measured by: cosines to its vectors, Recall of dense search with each runtime's
own vectors and with its questions over the reference's passages (old vectors, new questions), speed as ratios in turns.
"""

import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from bench.data import BenchSet, judgements, title_hash
from bench.spreads import ratios, spread
from bench.writing import show_beside
from index.config import EncoderConfig
from index.encode import RUNTIMES, Encoder
from index.ingest import PASSAGE_LIMIT_CHARS
from index.question import understand
from index.sources import formats
from index.text import embedded_text, passages
from index.vectors.ports import Vectors

_PLACES = (1, 5, 10)
_SEED = 7
BASE = "reference, 32 bits"
VARIANTS: Mapping[str, EncoderConfig] = {
    BASE: EncoderConfig(runtime="sentence-transformers", precision="full"),
    "reference": EncoderConfig(runtime="sentence-transformers"),
    "onnx, 32 bits": EncoderConfig(runtime="onnx", precision="full"),
    "onnx": EncoderConfig(runtime="onnx"),
}

Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Texts to encode: passages with the number of their update, questions with the numbers of the right ones."""

    passages: tuple[str, ...]
    updates: NDArray[np.int64]
    questions: tuple[str, ...]
    gold: tuple[frozenset[int], ...]


def encoders(threads: int, names: Collection[str] = tuple(VARIANTS)) -> dict[str, Encoder]:
    """Make what is compared, the base and those named; nothing is loaded yet."""
    chosen = {name: config for name, config in VARIANTS.items() if name == BASE or name in names}
    configs = {name: config.model_copy(update={"threads": threads}) for name, config in chosen.items()}
    return {name: RUNTIMES[config.runtime](config) for name, config in configs.items()}


def material(bench_set: BenchSet, *, most_passages: int, most_questions: int) -> Material:
    """Read a set. Where it is larger, all right updates stay, and of the others as many as there is room for."""
    now = datetime.now(UTC)
    found = [one for reading in formats.read_path(bench_set.corpus, now=now) for one in reading.updates]
    keys = {title_hash(update.title): update.key for update in found}
    judged = [
        one
        for one in judgements(bench_set, keys, scoped_to_stream=False)
        if one.gold and not one.unanswerable and one.question.previous is None
    ]
    judged = random.Random(_SEED).sample(judged, min(most_questions, len(judged)))
    wanted = frozenset(key for one in judged for key in one.gold)
    random.Random(_SEED).shuffle(found)
    found.sort(key=lambda update: update.key not in wanted)
    texts: list[str] = []
    updates: list[int] = []
    for number, update in enumerate(found):
        if len(texts) >= most_passages and update.key not in wanted:
            break
        spans = passages(update.text, limit_chars=PASSAGE_LIMIT_CHARS)
        texts += [embedded_text(update.title, update.text[span.start : span.end]) for span in spans]
        updates += [number] * len(spans)
    numbers: dict[str, set[int]] = {}
    for number, update in enumerate(found):
        numbers.setdefault(update.key, set()).add(number)
    return Material(
        passages=tuple(texts),
        updates=np.array(updates, np.int64),
        questions=tuple(understand(one.question).text for one in judged),
        gold=tuple(frozenset(no for key in one.gold for no in numbers.get(key, ())) for one in judged),
    )


def parity(read: Material, compared: Mapping[str, Encoder]) -> dict[str, Result]:
    """Encode everything with each, and compare with the base: cosines, and points of Recall."""
    texts = {name: encoder.encode_passages(read.passages) for name, encoder in compared.items()}
    asked = {name: encoder.encode_queries(read.questions) for name, encoder in compared.items()}
    base = _recalls(asked[BASE], texts[BASE], read)
    return {
        name: {
            "passages": len(read.passages),
            "questions": len(read.questions),
            **_cosines("passage", texts[name], texts[BASE]),
            **_cosines("question", asked[name], asked[BASE]),
            **(own := _recalls(asked[name], texts[name], read)),
            **{f"{place}, points": 100 * (value - base[place]) for place, value in own.items()},
            **{
                f"{place} over old vectors, points": 100 * (value - base[place])
                for place, value in _recalls(asked[name], texts[BASE], read).items()
            },
        }
        for name in compared
    }


def _cosines(what: str, ours: Vectors, theirs: Vectors) -> Result:
    cosines = np.einsum("nd,nd->n", ours, theirs)
    return {f"{what} cosine min": float(cosines.min()), f"{what} cosine mean": float(cosines.mean())}


def _recalls(asked: Vectors, texts: Vectors, read: Material) -> dict[str, float]:
    """Search by the best passage of each update; a question is served by any of its right updates."""
    hits = np.zeros(len(_PLACES))
    for question, gold in zip(asked, read.gold, strict=True):
        order = read.updates[np.argsort(-(texts @ question), kind="stable")]
        first = list(dict.fromkeys(order.tolist()))[: max(_PLACES)]
        hits += [any(no in gold for no in first[:most]) for most in _PLACES]
    return {f"recall@{most}": float(hit) / len(read.gold) for most, hit in zip(_PLACES, hits, strict=True)}


def speed(read: Material, compared: Mapping[str, Encoder], *, runs: int, sample: int = 256, alone: int = 24) -> Result:
    """Time the same questions one by one, and the same passages at once, in turns."""
    chosen = random.Random(_SEED)
    texts = chosen.sample(read.passages, min(sample, len(read.passages)))
    asked = chosen.sample(read.questions, min(alone, len(read.questions)))
    rates: dict[str, list[float]] = {name: [] for name in compared}
    waits: dict[str, list[float]] = {name: [] for name in compared}
    for number in range(runs + 1):
        for name, encoder in compared.items():
            began = time.perf_counter()
            encoder.encode_passages(texts)
            read_at = time.perf_counter()
            for question in asked:
                encoder.encode_queries([question])
            if number:  # the first round loads the models
                rates[name].append(len(texts) / (read_at - began))
                waits[name].append(1000 * (time.perf_counter() - read_at) / len(asked))
    return {
        name: {
            "passages/s": spread(rates[name]),
            "passages/s ÷ base": ratios(rates[name], rates[BASE]),
            "question ms": spread(waits[name]),
            "question ms ÷ base": ratios(waits[name], waits[BASE]),
        }
        for name in compared
    }


def show(console: Console, title: str, results: Mapping[str, Result]) -> None:
    """Print one column a runtime."""
    show_beside(console, title, results, _cell)


def _cell(value: object) -> str:
    return f"{value:.5f}" if isinstance(value, float) else str(value)
