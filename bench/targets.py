"""`python -m bench targets`: a written run beside what was promised, our own sets counted as one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LARGE = ("liveblogs", "passages")
_POOLED = (
    ("right update first", "≥ .85", "hit@1"),
    ("right update among three", "≥ .94", "hit@3"),
    ("answer in first excerpt", "≥ .75", "answer in first excerpt"),
    ("answer in reply", "≥ .88", "answer in reply"),
    ("stale first", "≤ .05", "stale first"),
    ("time-scoped right update first", "≥ .80", "scoped hit@1"),
    ("answerable refused", "≤ .10", "answerable refused"),
    ("near misses refused", "≥ .50", "near_miss refused"),
    ("off-topic refused", "≥ .95", "off_topic refused"),
    ("late citations", "0", "late citations"),
    ("verbatim", "1", "verbatim"),
)
_OF_A_LARGE_SET = (
    ("liveblogs", "`liveblogs-valid` hit@1, all streams at once", "≥ .57", "hit@1"),
    ("liveblogs", "`liveblogs-valid` hit@5, all streams at once", "≥ .79", "hit@5"),
    ("passages", "`passages-valid` auroc (fitted on every fifth of its questions)", "≥ .75", "auroc"),
)

Run = Mapping[str, Mapping[str, Mapping[str, Any]]]


def table(path: Path) -> str:
    """Return the promises and what a written run of `quality` measured, as a Markdown table."""
    run: Run = json.loads(path.read_text())
    own = {name: systems for name, systems in run.items() if name not in _LARGE}
    systems = list(next(iter(run.values())))
    lines = [f"| measure | target | {' | '.join(systems)} | n |", f"| --- | ---: |{' ---: |' * len(systems)} ---: |"]
    for label, target, key in _POOLED:
        pooled = [_pooled([one[system].get(key) for one in own.values() if system in one]) for system in systems]
        lines.append(_line(label, target, [value for value, _ in pooled], pooled[0][1]))
    for name, label, target, key in _OF_A_LARGE_SET:
        if name in run:
            pooled = [_pooled([run[name][system].get(key)]) for system in run[name]]
            lines.append(_line(label, target, [value for value, _ in pooled], pooled[0][1]))
    if "liveblogs" in run:
        one = run["liveblogs"]["dateline"]
        whole = (one["median ms"] + one["encode ms"]) / one["encode ms"]
        lines.append(_line("`liveblogs-valid` median answer ÷ encoding the question", "< 3", [whole], 0))
    return "\n".join(lines)


def _pooled(values: list[Any]) -> tuple[float | None, int]:
    """Return the mean of shares by their counts; of plain numbers the mean."""
    there = [value for value in values if value is not None]
    if not there:
        return None, 0
    if not isinstance(there[0], Mapping):
        return sum(there) / len(there), 0
    count = sum(value["n"] for value in there)
    return sum(value["value"] * value["n"] for value in there) / count, count


def _line(label: str, target: str, values: list[float | None], count: int) -> str:
    cells = " | ".join("" if value is None else f"{value:.3f}" for value in values)
    return f"| {label} | {target} | {cells} | {count or ''} |"
