"""A whole update, and quotes held against what stands now: proof, edits, corrections, withdrawals."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.archive import Archive
from index.grading import Grade
from index.types import Excerpt, Kind, Question, Span
from index.views import Quoted, Standing, UpdateView, Verification, quoted_of, sha256_of
from tests.index.builders import NOW, SOURCE, at, make_archive, make_update, take
from tests.index.fakes import BagEncoder

BOATS = "Two boats are missing off the bar. The crews wait at the pier."


def tell(archive: Archive, key: str, text: str, *, minute: float, seen: float | None = None, **more: object) -> None:
    """Take one update, published at a minute and seen then or later, and encode it."""
    update = make_update(key, text, title=f"About {key}", published_at=at(minute))
    take(archive.store, replace(update, **more), now=at(minute if seen is None else seen))  # type: ignore[arg-type]
    archive.encode_pending()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = make_archive(tmp_path / "data", BagEncoder())
    tell(made, "boats", BOATS, minute=0)
    tell(made, "inn", "The inn on the quay is full. Beds are laid in the school.", minute=20)
    with closing(made):
        yield made


def shown(archive: Archive, key: str, *, minute: float = 240, source: str = "") -> UpdateView:
    view = archive.update(key, now=at(minute), source=source)
    assert view is not None
    return view


def quote(archive: Archive, text: str, *, minute: float = 240) -> Excerpt:
    excerpts = archive.ask(Question(text=text, now=at(minute))).excerpts
    assert excerpts
    return excerpts[0]


def check(archive: Archive, excerpt: Excerpt, *, minute: float = 240) -> Verification:
    (found,) = archive.verify([quoted_of(excerpt)], now=at(minute))
    return found


# A whole update


def test_update_when_edited_then_every_revision_with_what_changed(archive: Archive) -> None:
    tell(
        archive,
        "boats",
        BOATS.replace("Two", "Three"),
        minute=0,
        seen=60,
        modified_at=at(59),
        url="https://a.example/1",
    )
    tell(archive, "boats", "(gone)", minute=0, seen=90, withdrawn=True)
    before, edited, after = (shown(archive, "boats", minute=minute) for minute in (30, 70, 95))
    assert [one.number for one in after.revisions] == [1, 2, 3]
    assert [one.withdrawn for one in after.revisions] == [False, False, True]
    assert [one.edited_at for one in after.revisions] == [None, at(59), at(90)]
    assert [(c.old, c.new) for c in after.revisions[1].changes] == [
        ("Two boats are missing off the bar.", "Three boats are missing off the bar.")
    ]
    assert after.revisions[2].changes == ()
    assert (before.text, before.withdrawn, len(before.revisions)) == (BOATS, False, 1)
    assert edited.text == after.text == BOATS.replace("Two", "Three")
    assert (edited.withdrawn, after.withdrawn) == (False, True)
    assert (after.citation.title, after.citation.url) == ("About boats", "https://a.example/1")


def test_update_when_unknown_or_not_published_yet_then_none(archive: Archive) -> None:
    assert archive.update("nothing", now=NOW) is None
    assert archive.update(99, now=NOW) is None
    assert archive.update("x\ud800", now=NOW) is None
    assert archive.update("inn", now=at(19)) is None
    assert archive.update("inn", now=at(20)) is not None


def test_update_when_two_sources_share_a_key_then_the_source_or_our_number_tells(archive: Archive) -> None:
    take(archive.store, make_update("inn", "A second inn has opened.", published_at=at(30)), source="Harbour Mail")
    newest, named = shown(archive, "inn"), shown(archive, "inn", source=SOURCE)
    assert (newest.citation.source, named.citation.source) == ("Harbour Mail", SOURCE)
    assert archive.update(named.citation.update_no, now=NOW) == named


def test_update_when_corrected_later_then_both_cite_each_other(archive: Archive) -> None:
    text = "Correction: one boat is missing off the bar and not two, as we wrote."
    tell(archive, "fix", text, minute=50, kind=Kind.CORRECTION)
    corrected, inn, correction = (shown(archive, key) for key in ("boats", "inn", "fix"))
    assert [one.update_id for one in corrected.corrected_by] == ["fix"]
    assert [one.update_id for one in correction.corrects] == ["boats"]
    assert (inn.corrected_by, inn.corrects, correction.corrected_by, corrected.corrects) == ((), (), (), ())
    assert shown(archive, "boats", minute=49).corrected_by == ()


# Quotes


def test_quoted_when_kept_then_the_same_excerpt_comes_back(archive: Archive) -> None:
    first, second = quote(archive, "Which boats are missing?"), quote(archive, "Is the inn full?")
    back = archive.quoted([quoted_of(second), quoted_of(first)])
    assert [(one.text, one.span, one.citation) for one in back] == [
        (one.text, one.span, one.citation) for one in (second, first)
    ]


def test_quoted_when_the_revision_does_not_hold_it_then_left_out(archive: Archive) -> None:
    kept = quoted_of(quote(archive, "Which boats are missing?"))
    forged = [
        replace(kept, sha256=sha256_of("Nine boats are missing.")),
        replace(kept, text="Nine boats are missing."),
        replace(kept, revision=2),
        replace(kept, span=Span(start=0, end=10_000)),
        replace(kept, span=Span(start=3, end=3)),
        replace(kept, source="Harbour Mail"),
        Quoted(update_id="nothing", revision=1, span=Span(start=0, end=1)),
    ]
    assert archive.quoted(forged) == ()
    assert {one.standing for one in archive.verify(forged, now=NOW)} == {Standing.UNKNOWN}
    assert not any(one.proven for one in archive.verify(forged, now=NOW))


def test_verify_when_nothing_happened_then_unchanged_and_proven(archive: Archive) -> None:
    found = check(archive, quote(archive, "Which boats are missing?"))
    assert (found.standing, found.proven, found.changes, found.now) == (Standing.UNCHANGED, True, (), ())
    assert found.excerpt is not None
    assert found.excerpt.text == "Two boats are missing off the bar."


def test_verify_when_another_sentence_was_edited_then_unchanged(archive: Archive) -> None:
    excerpt = quote(archive, "Which boats are missing?")
    tell(archive, "boats", BOATS.replace("wait at", "have left"), minute=0, seen=60)
    found = check(archive, excerpt)
    assert (found.standing, found.newest_revision) == (Standing.UNCHANGED, 2)


def test_verify_when_its_sentence_was_edited_then_the_new_one_is_cited_verbatim(archive: Archive) -> None:
    excerpt = quote(archive, "Which boats are missing?")
    tell(archive, "boats", "Good morning. " + BOATS.replace("Two", "Three"), minute=0, seen=60, modified_at=at(60))
    found = check(archive, excerpt)
    assert (found.standing, found.proven) == (Standing.EDITED, True)
    (now,) = found.now
    assert now.text == "Three boats are missing off the bar."
    assert (now.citation.revision, now.citation.modified_at) == (2, at(60))
    assert archive.quoted([quoted_of(now)])[0].text == now.text
    assert check(archive, excerpt, minute=59).standing is Standing.UNCHANGED


def test_verify_when_its_sentence_was_cut_then_edited_without_a_new_one(archive: Archive) -> None:
    excerpt = quote(archive, "Which boats are missing?")
    tell(archive, "boats", "The crews wait at the pier.", minute=0, seen=60)
    found = check(archive, excerpt)
    assert (found.standing, found.now) == (Standing.EDITED, ())
    assert [change.kind.value for change in found.changes] == ["removed"]


def test_verify_when_another_sentence_took_its_place_then_that_is_not_what_it_says_now(archive: Archive) -> None:
    excerpt = quote(archive, "Where do the crews wait?")
    assert excerpt.text == "The crews wait at the pier."
    new = BOATS.replace(excerpt.text, "Entry to the summer show is free.")
    tell(archive, "boats", new, minute=0, seen=60, modified_at=at(60))
    found = check(archive, excerpt)
    assert (found.standing, found.grade) == (Standing.EDITED, Grade.MATERIAL)
    assert (found.now, found.reads) == ((), ())


def test_verify_when_corrected_later_then_the_correction_is_cited(archive: Archive) -> None:
    excerpt = quote(archive, "Which boats are missing?")
    text = "Correction: one boat is missing off the bar and not two, as we wrote."
    tell(archive, "fix", text, minute=50, kind=Kind.CORRECTION)
    found = check(archive, excerpt)
    assert (found.standing, [one.citation.update_id for one in found.corrected_by]) == (Standing.CORRECTED, ["fix"])
    assert check(archive, excerpt, minute=49).standing is Standing.UNCHANGED
    assert check(archive, quote(archive, "Is the inn full?")).standing is Standing.UNCHANGED


def test_verify_when_withdrawn_then_so_even_if_edited_before(archive: Archive) -> None:
    excerpt = quote(archive, "Which boats are missing?")
    tell(archive, "boats", BOATS.replace("Two", "Three"), minute=0, seen=60)
    tell(archive, "boats", "(gone)", minute=0, seen=90, withdrawn=True)
    found = check(archive, excerpt)
    assert (found.standing, found.proven, found.now) == (Standing.WITHDRAWN, True, ())
