"""Pictures of a chat's page, taken by a headless Chromium where one is installed (`apt-get install chromium`)."""

import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH = 640
TALLEST = 16000
_TIME_LIMIT_S = 60


def browser() -> str | None:
    """Return the browser's path, None where there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def take(page: str, target: Path, *, width: int = WIDTH, height: int | None = None) -> Path:
    """Draw a page of HTML into a PNG, as tall as the page where no height is given.

    Raises: FileNotFoundError where no browser is installed, CalledProcessError where it fails.
    """
    program = browser()
    if program is None:
        raise FileNotFoundError("no Chromium is installed")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        tall = height or _height(program, source, width)
        _run(program, source, width, f"--window-size={width},{tall}", f"--screenshot={target.resolve()}")
    return target


def _height(program: str, source: Path, width: int) -> int:
    """Let the page say how tall it is, in its title."""
    asking = source.with_name("asking.html")
    bottom = "Math.ceil(document.querySelector('main').getBoundingClientRect().bottom)"
    script = f"<script>document.title = 'tall ' + {bottom}</script>"
    asking.write_text(source.read_text(encoding="utf-8") + script, encoding="utf-8")
    told = _run(program, asking, width, f"--window-size={width},200", "--dump-dom")
    return min(int(told.split("<title>tall ", 1)[1].split("<", 1)[0]), TALLEST)


def _run(program: str, source: Path, width: int, *arguments: str) -> str:
    # The sandbox needs rights that containers do not give; the page is ours and loads nothing.
    usual = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=2")
    profile = f"--user-data-dir={source.parent / 'profile'}"
    done = subprocess.run(
        [program, *usual, profile, *arguments, source.as_uri()],
        capture_output=True,
        text=True,
        timeout=_TIME_LIMIT_S,
        check=True,
    )
    return done.stdout
