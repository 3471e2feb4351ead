"""Which models our own graph computes: BERT with mean pooling, the architecture of most sentence encoders."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import EncoderError
from index.runtimes.model import WEIGHTS

TOKENIZER = "tokenizer.json"
_KNOWN_MODULES = ("Transformer", "Pooling", "Normalize")
_NEEDED_FILES = ("config.json", "modules.json", TOKENIZER, WEIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of a BERT is not in its weights; `most_tokens` is where longer texts are cut."""

    heads: int
    layers: int
    epsilon: float
    most_tokens: int


def obstacle(folder: Path) -> str:
    """Say why a model cannot be computed by our graph; nothing where it can."""
    missing = [name for name in _NEEDED_FILES if not (folder / name).is_file()]
    if missing:
        return f"{folder} is not a folder with {', '.join(_NEEDED_FILES)}"
    config = _read(folder / "config.json")
    expected = {"model_type": "bert", "hidden_act": "gelu"}
    for key, value in expected.items():
        if config.get(key) != value:
            return f"its {key} is {config.get(key)!r}, not {value!r}"
    if config.get("position_embedding_type", "absolute") != "absolute":
        return "its positions are not absolute"
    return _of_modules(folder)


def _of_modules(folder: Path) -> str:
    modules = [str(one.get("type", "")).rpartition(".")[2] for one in _read(folder / "modules.json")]
    if modules[:2] != list(_KNOWN_MODULES[:2]) or modules[2:] not in ([], ["Normalize"]):
        return f"its modules are {', '.join(modules)}, not {', '.join(_KNOWN_MODULES)}"
    pooling = _read(folder / "1_Pooling" / "config.json")
    modes = [name for name, on in pooling.items() if name.startswith("pooling_mode_") and on]
    if modes != ["pooling_mode_mean_tokens"] and pooling.get("pooling_mode") != "mean":
        return "it does not pool by the mean of its tokens"
    settings = folder / "config_sentence_transformers.json"
    if settings.is_file() and _read(settings).get("default_prompt_name"):
        return "it has a prompt of its own, which only sentence-transformers adds"
    return ""


def shape(folder: Path) -> Shape:
    """Read the shape of a model for which there is no obstacle. Raises: EncoderError."""
    config = _read(folder / "config.json")
    settings = folder / "sentence_bert_config.json"
    cut = _read(settings).get("max_seq_length") if settings.is_file() else None
    try:
        return Shape(
            heads=int(config["num_attention_heads"]),
            layers=int(config["num_hidden_layers"]),
            epsilon=float(config["layer_norm_eps"]),
            most_tokens=int(cut or config["max_position_embeddings"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EncoderError(f"{folder / 'config.json'}: not the settings of a BERT: {error}") from error


def _read(path: Path) -> Any:  # noqa: ANN401  what a model's file holds is only known once it is looked into
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: {error}") from error
