"""How measurements keep their figures: as JSON, a share with its interval and its count; and a table to compare."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def write(path: Path, results: Mapping[str, Any]) -> None:
    """Write figures by name, however deep; dataclasses and mappings become objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False, default=_plain) + "\n", encoding="utf-8")


def show_beside(
    console: Console,
    title: str,
    results: Mapping[str, Mapping[str, Any]],
    cell: Callable[[Any], str] = str,
) -> None:
    """Print a column for each thing compared and a line a measure; all have the measures of the first."""
    view = Table("measure", title=title)
    for name in results:
        view.add_column(name, justify="right")
    for measure in next(iter(results.values())):
        view.add_row(measure, *(cell(figures[measure]) for figures in results.values()))
    console.print(view)


def _plain(value: Any) -> dict[str, Any]:  # noqa: ANN401  json hands over whatever it does not know
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else dict(value)
