"""The pictures in the docs: each has its scene, its file and its place; some are played with a fake encoder."""

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from bench import pictures
from bench.__main__ import app
from tests.conftest import ROOT
from tests.index.fakes import BagEncoder

PAGE = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("telegram.md", "digests.md"))
LARGEST_BYTES = 150_000


def test_pictures_when_in_the_page_then_each_has_its_scene_and_is_small() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+)\.png\)", PAGE)
    assert sorted(shown) == sorted(pictures.SCENES)
    files = sorted((ROOT / "docs" / "pictures").iterdir())
    assert sorted(path.stem for path in files) == sorted(shown)
    assert [path.name for path in files if path.stat().st_size >= LARGEST_BYTES] == []


def test_commands_when_in_the_page_then_they_parse() -> None:
    group: Any = get_command(app)
    calls = re.findall(r"^\.venv/bin/python -m bench ([^#\n]+)", PAGE, re.MULTILINE)
    assert len(calls) >= 3
    for name, *arguments in map(shlex.split, calls):
        group.commands[name].make_context(name, arguments)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("answer", "in custody"),
        ("verify", "2,100 evacuees"),
        ("inline", "via"),
        ("settings", "Time zone"),
        ("digest", "Updates per hour"),
        ("digest-election", "Überblick"),
    ],
)
def test_scene_when_played_then_the_page_shows_it(name: str, said: str) -> None:
    found = pictures.pages([name], encoder=BagEncoder(dimension=512))
    assert list(found) == [name]
    assert said in found[name]


def test_command_when_a_picture_is_unknown_then_those_that_exist_are_named() -> None:
    ended = CliRunner().invoke(app, ["pictures", "nothing"])
    assert ended.exit_code == 2
    assert "answer-dark" in ended.output


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed")
def test_draw_when_a_page_is_drawn_then_a_png_of_few_colours(tmp_path: Path) -> None:
    (path,) = pictures.draw(tmp_path, {"one": "<main style='height: 90px; background: teal'>x</main>"})
    written = path.read_bytes()
    assert written.startswith(b"\x89PNG")
    assert written[25] == 3, "the colour type of a palette"
