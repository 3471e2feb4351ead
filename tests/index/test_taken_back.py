"""Corrections that are corrected, withdrawn or come back, and quotes whose sentence was cut: what stands is shown."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from index.archive import Archive
from index.types import Span, Update
from index.views import Cause, Quoted
from tests.index.builders import NOW, make_archive, make_reading, make_update
from tests.index.fakes import BagEncoder

SOURCE = "Alder Post"
SAID = "Nine ferries sailed from the north pier on Sunday morning."
SEVEN = "Correction: nine ferries did not sail from the north pier on Sunday morning, only seven ferries did."
FIVE = "Correction: not seven but five ferries sailed from the north pier on Sunday morning."
QUOTED = Quoted(update_id="boats", revision=1, span=Span(start=0, end=len(SAID)), source=SOURCE)


class Paper:
    """A paper that writes every ten minutes."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.now = NOW
        self._began = {"boats": NOW}

    def writes(self, key: str, text: str, *, withdrawn: bool = False) -> list[tuple[str, Cause]]:
        """Take one update in; returns what that affects."""
        self.now += timedelta(minutes=10)
        began = self._began.setdefault(key, self.now)
        update: Update = make_update(key, text, title="", published_at=began, withdrawn=withdrawn)
        cursor = self._archive.store.last_seq()
        self._archive.take(SOURCE, make_reading(update).updates, now=self.now)
        self._archive.encode_pending()
        return [(one.citation.update_id, one.cause) for one in self._archive.affected(cursor, now=self.now).affected]

    def shows(self) -> list[str]:
        """Return what is shown as correcting the quote."""
        (found,) = self._archive.verify([QUOTED], now=self.now)
        return [one.text for one in found.corrected_by]

    def reads(self, text: str) -> list[str]:
        """Return what the quote reads now that its update says something else."""
        self.writes("boats", text)
        (found,) = self._archive.verify([QUOTED], now=self.now)
        return [one.text for one in found.reads]


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Paper]:
    with closing(make_archive(tmp_path / "archive", BagEncoder(dimension=512))) as archive:
        paper = Paper(archive)
        paper.writes("boats", SAID)
        yield paper


def test_correction_when_it_is_withdrawn_or_comes_back_then_what_it_corrected_is_affected(paper: Paper) -> None:
    assert ("boats", Cause.CORRECTED) in paper.writes("sorry", SEVEN)
    assert paper.shows() == [SEVEN]
    assert ("boats", Cause.CORRECTED) in paper.writes("sorry", "", withdrawn=True)
    assert paper.shows() == []
    assert ("boats", Cause.CORRECTED) in paper.writes("sorry", SEVEN)
    assert paper.shows() == [SEVEN]


def test_correction_when_it_becomes_another_text_then_what_it_corrected_is_affected(paper: Paper) -> None:
    paper.writes("sorry", SEVEN)
    assert ("boats", Cause.CORRECTED) in paper.writes("sorry", "The weather is fine in town.")
    assert paper.shows() == []


def test_correction_when_it_is_corrected_itself_then_both_are_shown_and_the_first_text_is_affected(
    paper: Paper,
) -> None:
    paper.writes("sorry", SEVEN)
    assert {key for key, _ in paper.writes("sorrier", FIVE)} == {"boats", "sorry"}
    assert paper.shows() == [SEVEN, FIVE]


def test_reads_when_a_sentence_was_cut_in_two_then_both_but_not_what_was_only_added(paper: Paper) -> None:
    cut = "Ten ferries sailed. They left from the north pier on Sunday morning."
    assert paper.reads(f"{cut} Nobody was cold.") == [cut]
