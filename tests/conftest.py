"""What every test shares: no sockets unless a test says so, and where the shared measuring data lies.

Hypothesis takes the same examples every time and no deadline on a busy machine;
`--hypothesis-profile=explore` looks further.
"""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("suite")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of measuring data beside the repository; skip where it is not there."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared is absent: the pages and corpora that this test reads are not part of the repository")
    return SHARED / "data"
