"""What every test shares: no sockets unless a test says so, and where the shared measuring data lies."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of measuring data beside the repository; skip where it is not there."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared is absent: the pages and corpora that this test reads are not part of the repository")
    return SHARED / "data"
