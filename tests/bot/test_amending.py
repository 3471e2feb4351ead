from datetime import UTC, datetime, timedelta

import pytest

from bot.amending import Voiced, amended, amendment_of, renewed, taken_back
from bot.types import Paragraph, Pointer, Quote, Struck
from index import Excerpt, Grade, Quoted, Span, Standing, Verification
from tests.bot.builders import make_citation, make_excerpt

SEEN = datetime(2031, 5, 4, 15, 0, tzinfo=UTC)
EDITED_AT = SEEN - timedelta(minutes=7)
OLD = make_excerpt("Nine ferries sailed before noon.")
NEW = make_excerpt("Eleven ferries sailed before noon.", citation=make_citation(edited=True, modified_at=EDITED_AT))
LATER = make_excerpt("Correction: eleven ferries sailed.", citation=make_citation("e2", number=2))


def checked(
    standing: Standing,
    grade: Grade = Grade.MATERIAL,
    reads: tuple[Excerpt, ...] = (),
    corrected_by: tuple[Excerpt, ...] = (),
    taken_back_by: tuple[Excerpt, ...] = (),
) -> Verification:
    return Verification(
        quoted=Quoted(update_id="e1", revision=1, span=Span(start=4, end=36)),
        standing=standing,
        proven=True,
        excerpt=OLD,
        grade=grade,
        reads=reads,
        corrected_by=corrected_by,
        taken_back_by=taken_back_by,
    )


EDIT = checked(Standing.EDITED, reads=(NEW,))


@pytest.mark.parametrize("grade", [Grade.NONE, Grade.COSMETIC])
def test_amendment_when_the_change_matters_to_nobody_then_none(grade: Grade) -> None:
    assert amendment_of(0, checked(Standing.EDITED, grade, reads=(NEW,)), seen_at=SEEN) is None


def test_amendment_when_edited_then_at_the_sources_own_time() -> None:
    found = amendment_of(0, EDIT, seen_at=SEEN)
    assert found is not None
    assert found.at == EDITED_AT


@pytest.mark.parametrize("standing", [Standing.WITHDRAWN, Standing.CORRECTED])
def test_amendment_when_the_source_gives_no_time_of_it_then_when_we_saw_it(standing: Standing) -> None:
    found = amendment_of(0, checked(standing, corrected_by=(NEW,)), seen_at=SEEN)
    assert found is not None
    assert found.at == SEEN


def test_amendment_when_the_words_change_once_more_then_another_state() -> None:
    again = make_excerpt("Twelve ferries sailed before noon.", citation=NEW.citation)
    states = {
        found.state
        for one in (EDIT, EDIT, checked(Standing.EDITED, reads=(again,)), checked(Standing.WITHDRAWN))
        if (found := amendment_of(0, one, seen_at=SEEN))
    }
    assert len(states) == 3


@pytest.mark.parametrize(
    ("found", "struck", "quotes"),
    [
        (EDIT, [OLD.text], [NEW.text]),
        (checked(Standing.EDITED), [OLD.text], []),
        (checked(Standing.WITHDRAWN), [OLD.text], []),
        (checked(Standing.UNCHANGED, taken_back_by=(LATER,)), [], [OLD.text, LATER.text]),
        (checked(Standing.CORRECTED, corrected_by=(LATER,)), [], [OLD.text, LATER.text]),
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "uk", "ru", "es", "fr"])
def test_taken_back_when_it_no_longer_stands_then_struck_and_what_stands_below(
    found: Verification, struck: list[str], quotes: list[str], language: str
) -> None:
    amendment = amendment_of(0, found, seen_at=SEEN)
    assert amendment is not None
    blocks = list(taken_back(Quote(excerpt=OLD), amendment, found, Voiced(language=language)))
    assert [one.text for one in blocks if isinstance(one, Struck)] == struck
    assert [one.excerpt.text for one in blocks if isinstance(one, Quote)] == quotes
    assert any(isinstance(one, Paragraph) for one in blocks)


def test_amended_when_there_is_little_room_then_where_it_stands_instead_of_what() -> None:
    amendment = amendment_of(0, EDIT, seen_at=SEEN)
    assert amendment is not None
    other = Quote(excerpt=LATER)
    blocks = [(Quote(excerpt=OLD), 0), (other, 1)]
    brief = amended(blocks, {0: amendment}, {0: EDIT}, Voiced(brief=True))
    assert [type(one) for one in brief] == [Struck, Paragraph, Pointer, Quote]
    assert brief[-1] is other


def test_taken_back_when_the_quote_stands_again_by_now_then_it_stands_and_nothing_is_said_of_it() -> None:
    before = amendment_of(0, EDIT, seen_at=SEEN)
    assert before is not None
    for standing in (Standing.UNCHANGED, Standing.EDITED):
        again = checked(standing, Grade.NONE, reads=(OLD,))
        assert list(taken_back(Quote(excerpt=OLD), before, again, Voiced())) == [Quote(excerpt=OLD)]


def test_taken_back_when_there_is_no_room_for_what_was_added_then_it_is_named_all_the_same() -> None:
    added = checked(Standing.UNCHANGED, taken_back_by=(NEW,))
    amendment = amendment_of(0, added, seen_at=SEEN)
    assert amendment is not None
    written = list(taken_back(Quote(excerpt=OLD), amendment, added, Voiced(brief=True)))
    assert written[-1] == Pointer(citation=NEW.citation)


def test_renewed_when_the_update_changed_once_more_since_then_with_the_time_of_what_is_shown() -> None:
    before = amendment_of(0, EDIT, seen_at=SEEN)
    assert before is not None
    latest = make_excerpt("Twelve ferries sailed.", citation=make_citation(edited=True, modified_at=SEEN))
    assert renewed(before, checked(Standing.EDITED, reads=(latest,))).at == SEEN
    assert renewed(before, checked(Standing.UNCHANGED, Grade.NONE)) == before
