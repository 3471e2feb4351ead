"""`dateline ingest`: reads inputs one after the other; one that cannot be read never costs the others."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import typer

from bot.commands import opening
from bot.commands.options import Options
from bot.commands.progress import shown
from bot.errors import UsageError
from index import FORMAT_NAMES, Archive, IngestReport, Progress, SourceError


def run(options: Options, inputs: Sequence[str], *, format_name: str | None, source: str | None, as_json: bool) -> None:
    """Read all inputs and print what changed. Raises: UsageError; exit code 1 if one could not be read."""
    if format_name is not None and format_name not in FORMAT_NAMES:
        raise UsageError(f"unknown format {format_name!r}; one of {', '.join(FORMAT_NAMES)}")
    reports: list[IngestReport] = []
    errors: list[SourceError] = []
    settings = opening.load(options)
    try:
        with opening.opened_archive(settings) as archive:
            for where in inputs:
                try:
                    reports += _read(archive, where, format_name=format_name, source=source)
                except SourceError as error:
                    errors.append(error)
                    print(f"dateline: {error}", file=sys.stderr)
    finally:
        _print(_by_source(reports), errors, as_json=as_json)
    if errors:
        raise typer.Exit(1)


def _read(archive: Archive, where: str, *, format_name: str | None, source: str | None) -> tuple[IngestReport, ...]:
    with shown() as progress:
        reports = _take(archive, where, format_name=format_name, source=source, progress=progress)
    for report in reports:
        for warning in report.warnings:
            print(f"dateline: {report.source}: {warning}", file=sys.stderr)
    return reports


def _take(
    archive: Archive, where: str, *, format_name: str | None, source: str | None, progress: Progress | None
) -> tuple[IngestReport, ...]:
    now = opening.utc_now()
    scheme, separator, _ = where.partition("://")
    if separator:
        if scheme.lower() not in {"http", "https"}:
            raise SourceError(where, "only http and https addresses are read")
        return archive.ingest_url(where, now=now, format=format_name, source=source, progress=progress)
    path = Path(where)
    try:
        if path.is_dir():
            raise SourceError(where, "a folder; name the files in it")
        if not path.exists():
            raise SourceError(where, "no such file")
    except OSError as error:
        raise SourceError(where, error.strerror or str(error)) from error
    return archive.ingest_file(path, now=now, format=format_name, source=source, progress=progress)


def _by_source(reports: Iterable[IngestReport]) -> list[IngestReport]:
    """Add up what several inputs changed in one source; in the order of their first mention."""
    sums: dict[str, IngestReport] = {}
    for report in reports:
        known = sums.get(report.source)
        sums[report.source] = (
            report
            if known is None
            else replace(
                known,
                new=known.new + report.new,
                revised=known.revised + report.revised,
                unchanged=known.unchanged + report.unchanged,
                withdrawn=known.withdrawn + report.withdrawn,
                warnings=known.warnings + report.warnings,
            )
        )
    return list(sums.values())


def _print(reports: Sequence[IngestReport], errors: Sequence[SourceError], *, as_json: bool) -> None:
    if as_json:
        sources = [asdict(report) for report in reports]
        found = [{"where": error.where, "what": error.what} for error in errors]
        print(json.dumps({"sources": sources, "errors": found}, ensure_ascii=False))
        return
    for report in reports:
        counts = (
            f"{report.new} new, {report.revised} revised, {report.unchanged} unchanged, {report.withdrawn} withdrawn"
        )
        print(f"{report.source}: {counts}")
