"""How every measurement keeps its figures: as JSON, a share with its interval and its count."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any


def write(path: Path, results: Mapping[str, Any]) -> None:
    """Write figures by name, however deep; dataclasses and mappings become objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False, default=_plain) + "\n", encoding="utf-8")


def _plain(value: Any) -> dict[str, Any]:  # noqa: ANN401  json hands over whatever it does not know
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else dict(value)
