"""What the README says is what the program does: commands, options, targets, keys, formats, links, quoted words."""

import io
import re
import shlex
import sys
import tomllib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

import index
from bench.__main__ import app as bench_app
from bench.data import sets
from bot import __main__ as command
from bot import answer_json, config
from bot.cli import app
from bot.config import Config
from bot.texts import line
from bot.tg.menus import COMMANDS
from index.config import EncoderConfig
from index.encode import open_encoder
from index.sources import formats
from tests.bot.builders import make_answer, make_citation, make_excerpt
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SAMPLE = ROOT / "samples" / "harbour-fire.html"
QUESTIONS = ROOT / "samples" / "questions.txt"
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", README, flags=re.DOTALL))


def shell_lines() -> list[str]:
    """Every line of a shell block, and every span of code, without its comment."""
    lines = [line for language, block in BLOCKS if language == "sh" for line in block.splitlines()]
    return [line.partition("  #")[0].partition(" # ")[0].strip() for line in [*lines, *SPANS]]


def calls_of(*names: str) -> list[str]:
    """What follows any of these commands in the README."""
    return [line.removeprefix(name).strip() for line in shell_lines() for name in names if line.startswith(f"{name} ")]


def parsed(program: typer.Typer, words: list[str]) -> str:
    """Parse a command line without running it; returns the sub-command. Fails as the program would."""
    group: Any = get_command(program)
    name = next(word for word in words if word in group.commands)
    place = words.index(name)
    try:
        group.make_context("program", [*words[:place], name])
        group.commands[name].make_context(name, words[place + 1 :])
    except typer.Exit:
        assert "--help" in words
    return name


def test_commands_when_named_then_they_parse() -> None:
    calls = [call for call in calls_of("dateline", ".venv/bin/dateline") if call != "--help"]
    named = {parsed(app, shlex.split(call.replace("COMMAND", "status"))) for call in calls}
    group: Any = get_command(app)
    assert named == set(group.commands)


def test_commands_when_in_the_table_then_those_of_the_program() -> None:
    rows = re.findall(r"^\| `dateline (\w+)", README, re.MULTILINE)
    group: Any = get_command(app)
    assert set(rows) == set(group.commands)


def test_options_when_named_then_some_command_has_them() -> None:
    group: Any = get_command(app)
    known = {option for made in [group, *group.commands.values()] for one in made.params for option in one.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", " ".join(SPANS)))
    assert len(named) >= 8
    assert named - {"--help", "--strict", "--no-deps"} <= known


def test_options_when_in_a_row_of_the_table_then_that_command_s() -> None:
    group: Any = get_command(app)
    rows = re.findall(r"^\| `dateline (\w+)[^|]*\|(.*)\|$", README, re.MULTILINE)
    assert len(rows) >= 8
    for name, told in rows:
        known = {option for one in group.commands[name].params for option in one.opts}
        assert set(re.findall(r"--[a-z-]+", told)) <= known, name


def test_make_targets_when_named_then_they_exist() -> None:
    targets = {call.split()[0] for call in calls_of("make")}
    assert targets == {"demo", "test"}
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_measurements_when_named_then_they_parse() -> None:
    calls = calls_of(".venv/bin/python -m bench", "python -m bench")
    assert {parsed(bench_app, shlex.split(call)) for call in calls} == {
        "quality",
        "ingest",
        "runtimes",
        "startup",
        "soak",
    }
    assert {name for call in calls for name in shlex.split(call)[1:]} <= set(sets())


def test_settings_when_shown_then_they_load(tmp_path: Path) -> None:
    shown = [block for language, block in BLOCKS if language == "toml"]
    assert shown
    for block in shown:
        path = tmp_path / "dateline.toml"
        path.write_text(block, encoding="utf-8")
        loaded = config.load(path)
        assert loaded != Config()
        assert set(tomllib.loads(block)) <= set(Config.model_fields)


def test_settings_when_named_then_they_exist() -> None:
    named = [span.split() for span in SPANS if re.fullmatch(r"\[\w+\] \w+", span)]
    assert len(named) >= 2
    for table, key in named:
        assert hasattr(getattr(Config(), table.strip("[]")), key), (table, key)
    assert {"query_prompt", "passage_prompt"} <= set(SPANS) & set(EncoderConfig.model_fields)


def test_environment_when_named_then_the_program_reads_it() -> None:
    named = set(re.findall(r"\bDATELINE_\w+", README))
    source = "".join(
        path.read_text(encoding="utf-8") for top in ("bot", "index") for path in (ROOT / top).rglob("*.py")
    )
    assert {"DATELINE_CONFIG", "DATELINE_DATA", "DATELINE_TELEGRAM_TOKEN", "DATELINE_WEBHOOK_SECRET"} <= named
    assert all(f'"{name}"' in source for name in named)


def test_formats_when_listed_then_those_of_the_table() -> None:
    section = README.partition("## What it reads")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == list(formats.FORMATS)


def test_contract_when_shown_then_the_keys_of_an_answer() -> None:
    (shown,) = [block for _, block in BLOCKS if '"nearest"' in block]
    written = answer_json.of_answer(
        make_answer(make_excerpt(), nearest=[make_citation()]), asked_id="1", question="Who?"
    )
    keys = set(written) | set(written["excerpts"][0]) | set(written["nearest"][0]) | set(written["as_of"])
    assert set(re.findall(r'"(\w+)"', shown)) - {"answered", "abstained"} == keys | {"since", "until"}


def test_telegram_commands_when_listed_then_the_bot_s() -> None:
    section = README.partition("## Telegram")[2].partition("\n## ")[0]
    assert {f"/{name}" for names in COMMANDS.values() for name in names} <= set(re.findall(r"`(/\w+)`", section))
    assert "ten minutes" in line("privacy"), "the README tells the same"
    assert "ten minutes" in section


@pytest.mark.parametrize("path", ["README.md", "docs/decisions.md", "docs/changelog.md", "docs/telegram.md"])
def test_links_when_to_files_then_they_are_there(path: str) -> None:
    page = ROOT / path
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert links or path not in ("README.md", "docs/telegram.md")
    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_folders_when_named_then_they_are_there() -> None:
    named = {span for span in SPANS if re.fullmatch(r"[a-z]+(/[a-z]+)?/", span)}
    assert {"index/", "bot/", "bench/"} <= named
    assert [name for name in named if not (ROOT / name).is_dir()] == []


def test_transcript_when_it_quotes_then_the_sample_says_so_and_the_questions_are_the_demo_s() -> None:
    (shown,) = [block for _, block in BLOCKS if "\n│ " in block]
    readings = formats.read_path(SAMPLE, now=datetime.now(UTC))
    said = "\n".join(update.text for reading in readings for update in reading.updates)
    quotes = [line.removeprefix("│ ") for line in shown.splitlines() if line.startswith("│ ")]
    assert len(quotes) >= 3
    assert [quote for quote in quotes if quote not in said] == []
    asked = [line.removeprefix("> ") for line in shown.splitlines() if line.startswith("> ")]
    assert asked
    assert set(asked) <= set(QUESTIONS.read_text(encoding="utf-8").splitlines())


def test_demo_when_run_with_the_shipped_model_then_two_cited_answers_and_one_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = open_encoder(EncoderConfig())
    monkeypatch.setattr(index, "open_archive", partial(index.open_archive, encoder=encoder))

    def dateline(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["dateline", "--data", str(tmp_path), *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(QUESTIONS.read_text(encoding="utf-8")))
        with pytest.raises(SystemExit) as ended:
            command.main()
        assert not ended.value.code
        return capsys.readouterr().out

    dateline("ingest", str(SAMPLE))
    shown = dateline("chat", "--zone", "Europe/Athens")
    before, *replies = re.split(r"^> .*\n", shown, flags=re.MULTILINE)
    assert (before, len(replies)) == ("", 3)
    toll, warehouse, refused = replies
    assert "│ 22 people have died" in toll
    assert "│ There was ammonium nitrate in Warehouse 12 after all" in warehouse
    assert all("18 June 2026, 14:52 EEST" in reply for reply in replies)
    assert refused.strip().startswith(line("abstained"))
    assert "│" not in refused
