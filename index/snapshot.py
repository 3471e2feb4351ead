"""Files of a snapshot and the note beside them that names them: written so that damage is noticed when they are read.

A small file is checksummed at each start. A large one is, only if it was touched since it was written: to read a
gigabyte each time would cost what mapping it saves. `dateline check` compares every vector with the archive's own.
"""

import json
import mmap
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

ALWAYS_READ_BYTES = 8 << 20
_NOTE = "snapshot.json"


def write_note(folder: Path, note: Mapping[str, object], files: Iterable[Path]) -> None:
    """Make these files the snapshot, in one step, and remove what was it before."""
    seals = {file.name: {**_state(file), "crc32": _crc32(file)} for file in files}
    draft = folder / f"{_NOTE}.tmp"
    draft.write_text(json.dumps({**note, "files": seals}))
    draft.replace(folder / _NOTE)
    for old in folder.iterdir():
        if old.name != _NOTE and old.name not in seals:
            _remove(old)


def clear_away(folder: Path, stems: Iterable[str]) -> None:
    """Remove the files whose names begin so: those of a snapshot that could not be written whole."""
    for stem in stems:
        for file in folder.glob(f"{stem}*"):
            _remove(file)


def read_note(folder: Path) -> dict[str, object]:
    """Return what `write_note` wrote. Raises: FileNotFoundError; ValueError; TypeError."""
    note = json.loads((folder / _NOTE).read_text())
    if not isinstance(note, dict):
        raise TypeError(f"{_NOTE} is not an object")
    return note


def check_files(folder: Path, note: Mapping[str, object]) -> None:
    """Raise ValueError where a file is not the one that was written; KeyError, TypeError where the note is not one."""
    seals = note["files"]
    if not isinstance(seals, dict):
        raise TypeError("files is not an object")
    for name, seal in seals.items():
        file, state = folder / name, _state(folder / name)
        if state["size"] != seal["size"]:
            raise ValueError(f"{name} has another length")
        untouched = state["mtime_ns"] == seal["mtime_ns"] and state["size"] > ALWAYS_READ_BYTES
        if not untouched and _crc32(file) != seal["crc32"]:
            raise ValueError(f"{name} is not what was saved")


def size_bytes(folder: Path) -> int:
    """Return what a snapshot takes on disk."""
    return sum(file.stat().st_size for file in folder.glob("*")) if folder.is_dir() else 0


def _remove(file: Path) -> None:
    with suppress(OSError):  # another process may clear up too, or hold it open where that forbids it
        file.unlink()


def _state(file: Path) -> dict[str, int]:
    found = file.stat()
    return {"size": found.st_size, "mtime_ns": found.st_mtime_ns}


def _crc32(path: Path) -> int:
    if not path.stat().st_size:
        return 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return zlib.crc32(content)
