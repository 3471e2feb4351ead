"""The light install, built as the README says: everything without torch, under 500 MB with the model that it makes."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINE = "install --no-compile --no-deps --requirement requirements-light.txt ."
MOST_BYTES = 490_000_000
# What packages ask for and a light install does without: torch's world, and what none of our paths imports.
LEFT_OUT = {
    "torch",
    "sentence-transformers",
    "huggingface-hub",
    "matplotlib",
    "protobuf",
    "flatbuffers",
    "pip",
    "setuptools",
}
ABSENT = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy", "huggingface_hub", "sympy", "onnx")
REQUIREMENTS = """
import importlib.metadata as metadata
from packaging.requirements import Requirement
for one in metadata.distributions():
    for text in one.requires or ():
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            print(one.name, "wants", wanted.name, "absent")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            print(one.name, "wants", wanted, "found", found)
"""


def run(*command: str | Path, stdin: str = "", **environment: str) -> str:
    """Run a command and return what it printed; what it said on stderr where it fails."""
    ended = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{command}: {ended.stdout}\n{ended.stderr}"
    return ended.stdout


def ask_for_an_index(folder: Path) -> None:
    """Skip where no package index answers; what fails after this is our fault."""
    probe = [sys.executable, "-m", "pip", "download", "--quiet", "--retries", "1", "--timeout", "15", "--no-deps"]
    asked = subprocess.run(
        [*probe, "--no-cache-dir", "--dest", str(folder), "mdurl"], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        pytest.skip(f"no package index can be reached: {asked.stderr.strip().splitlines()[-1:]}")


def bytes_of(folder: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def test_readme_when_it_tells_of_the_light_install_then_by_the_line_that_is_tested() -> None:
    assert f"-m pip {LINE}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_light_install_when_built_then_it_runs_the_demo_without_torch(tmp_path: Path) -> None:
    ask_for_an_index(tmp_path / "probe")
    folder, cache = tmp_path / "light", tmp_path / "cache"
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", *LINE.split())

    found = run(python, "-c", f"import importlib.util as u; print([n for n in {ABSENT} if u.find_spec(n)])")
    assert found.strip() == "[]"
    unmet = [re.split(r"\s", line) for line in run(python, "-c", REQUIREMENTS).splitlines()]
    assert [words for words in unmet if words[-1] != "absent" or words[2].lower() not in LEFT_OUT] == []
    assert any(words[2] == "sentence-transformers" for words in unmet), "the check saw what is left out"

    def dateline(*arguments: str, stdin: str = "") -> str:
        command = folder / "bin" / "dateline"
        return run(command, "--data", tmp_path / "data", *arguments, stdin=stdin, DATELINE_CACHE=str(cache))

    dateline("ingest", "samples/harbour-fire.html")
    talk = dateline("chat", "--zone", "Europe/Athens", stdin=(ROOT / "samples" / "questions.txt").read_text())
    assert "│ 22 people have died" in talk
    assert "The updates do not say." in talk
    assert '"status": "answered"' in dateline("ask", "How many have died?", "--json")
    assert "@53aa51172d14" in dateline("status")
    assert dateline("check").strip()
    # `run` gets as far as it can without a token: everything that it imports is there.
    run(python, "-c", "import bot.commands.run, bot.tg.app, bot.tg.webhook")
    assert bytes_of(folder) + bytes_of(cache) < MOST_BYTES
