"""Keeps what was made from a model's weights, so that it is made once: one file a model, in the user's cache folder.

A file says what it was made of and by which recipe, and holds a digest of itself: one that is half written, damaged or
of another version is none. It is replaced in one step, so processes that make it at once do each other no harm.
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

_HEADER_MOST_BYTES = 4096


def user_folder() -> Path:
    """Return where this user's caches lie; DATELINE_CACHE names another place."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("DATELINE_CACHE") or user_cache_path("dateline", appauthor=False))


def kept(path: Path, origin: Mapping[str, str | int], make: Callable[[], bytes]) -> bytes:
    """Return what is kept at a path if it was made from the same origin, else make it and keep it.

    Where the folder cannot be written, it is made each time, and the log says so.
    """
    found = read(path, origin)
    if found is not None:
        return found
    made = make()
    try:
        _write(path, origin, made)
    except OSError as error:
        logger.warning(
            "cache not written path=%s error=%s: made again at every start; set DATELINE_CACHE to a folder that can be "
            "written",
            path,
            error.strerror or error,
        )
    return made


def read(path: Path, origin: Mapping[str, str | int]) -> bytes | None:
    """Return what is kept at a path; None where there is nothing sound of this origin."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline(_HEADER_MOST_BYTES))
            body = file.read() if isinstance(header, dict) and header.get("origin") == origin else b""
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.warning("cache not readable path=%s error=%s", path, error)
        return None
    if body and header.get("sha256") == hashlib.sha256(body).hexdigest():
        return body
    logger.info("cache old or damaged path=%s", path)
    return None


def _write(path: Path, origin: Mapping[str, str | int], made: bytes) -> None:
    header = {"origin": origin, "sha256": hashlib.sha256(made).hexdigest()}
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(header).encode() + b"\n")
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
