"""What became of each sentence: aligned, paired, moved, and never lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.changes import Change, ChangeKind, align, carried, compare, is_material, stands
from index.text import normalise, sentences
from index.types import Span

OLD = "Two boats are missing off the bar. The crews wait. The inn on the quay is full."


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    return [(change.kind.value, change.old, change.new) for change in changes]


def test_compare_when_equal_then_nothing_even_if_the_lines_are_broken_elsewhere() -> None:
    assert compare(OLD, OLD) == ()
    assert compare(OLD, OLD.replace(". The", ".\nThe")) == ()


def test_compare_when_a_sentence_is_reworded_then_old_and_new_stand_side_by_side() -> None:
    new = OLD.replace("Two boats", "Three boats")
    assert told(compare(OLD, new)) == [
        ("reworded", "Two boats are missing off the bar.", "Three boats are missing off the bar.")
    ]


def test_compare_when_added_removed_and_moved_then_each_is_named() -> None:
    new = "The inn on the quay is full. Two boats are missing off the bar. A tug has left Port Alder at noon."
    assert told(compare(OLD, new)) == [
        ("moved", "The inn on the quay is full.", "The inn on the quay is full."),
        ("added", "", "A tug has left Port Alder at noon."),
        ("removed", "The crews wait.", ""),
    ]
    assert told(compare(OLD, OLD + " Beds are laid in the school.")) == [("added", "", "Beds are laid in the school.")]
    assert told(compare(OLD, OLD.replace(" The crews wait.", ""))) == [("removed", "The crews wait.", "")]


def test_compare_when_sentences_of_a_stretch_change_places_and_words_then_the_likest_are_paired() -> None:
    old = "Nine people were hurt at the mill. The road to the mill is closed."
    new = "The road to the mill is open again. Ten people were hurt at the mill."
    assert told(compare(old, new)) == [
        ("reworded", "The road to the mill is closed.", "The road to the mill is open again."),
        ("reworded", "Nine people were hurt at the mill.", "Ten people were hurt at the mill."),
    ]


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("The crews wait.", "Entry to the show is free.", ["added", "removed"]),
        ("The harbour is in the hands of the pilots.", "Cakes are sold at every stall.", ["added", "removed"]),
        ("One sailor was lost.", "Two sailors were lost.", ["reworded"]),
        ("A boat is missing.", "Two boats are missing.", ["reworded"]),
        ("Both engines failed.", "One engine failed.", ["reworded"]),
    ],
)
def test_compare_when_a_sentence_takes_the_place_of_another_then_paired_only_if_about_the_same(
    old: str, new: str, kinds: list[str]
) -> None:
    rest = "The inn on the quay is full."
    assert [change.kind for change in compare(f"{old} {rest}", f"{new} {rest}")] == kinds


def test_compare_when_a_long_text_is_written_anew_then_only_what_is_about_the_same_is_paired() -> None:
    old = " ".join(f"Boat {number} has left the pier." for number in range(30))
    new = " ".join(f"Cakes of baker {name} are sold at every stall." for name in "abcdefghijklmnopqrstuvwxyzäöü")
    found = compare(f"One sailor was lost. {old}", f"Two sailors were lost. {new}")
    assert [change.new for change in found if change.kind is ChangeKind.REWORDED] == ["Two sailors were lost."]


def test_carried_when_a_span_is_quoted_then_only_its_sentences_count() -> None:
    new = OLD.replace("Two boats", "Three boats")
    first, second = sentences(OLD)[:2]
    assert not stands(carried(OLD, new, first))
    assert stands(carried(OLD, new, second))
    assert not stands(carried(OLD, new, Span(start=first.start, end=second.end)))


@pytest.mark.parametrize(
    ("new", "material"),
    [
        (OLD.replace("The crews wait.", "The crews, wait!"), False),
        (OLD.replace("Two", "TWO"), False),
        ("The inn on the quay is full. Two boats are missing off the bar. The crews wait.", False),
        (OLD.replace("Two", "Three"), True),
        (OLD.replace("are missing", "are not missing"), True),
        (OLD + " A tug has left.", True),
    ],
)
def test_is_material_when_words_change_then_yes_and_for_order_and_marks_no(new: str, material: bool) -> None:
    assert is_material(compare(OLD, new)) is material


SENTENCE = st.sampled_from(
    ["The tug left.", "The tug left at noon.", "Nobody was hurt.", "Some were hurt.", "Why?", "It rains.", "A", "b c"]
)
TEXT = st.lists(SENTENCE, max_size=12).map(lambda parts: normalise("\n".join(parts)))


@settings(max_examples=200)
@given(old=TEXT, new=TEXT)
def test_align_when_any_two_texts_then_every_sentence_of_both_stands_in_it_once(old: str, new: str) -> None:
    found = align(old, new)
    assert sorted((c.old_span.start, c.old_span.end) for c in found if c.old_span) == [
        (span.start, span.end) for span in sentences(old)
    ]
    assert [c.new_span for c in found if c.new_span] == list(sentences(new))
    for change in found:
        assert change.old == (old[change.old_span.start : change.old_span.end] if change.old_span else "")
        assert change.new == (new[change.new_span.start : change.new_span.end] if change.new_span else "")
        assert (change.kind is ChangeKind.ADDED) == (change.old_span is None)
        assert (change.kind is ChangeKind.REMOVED) == (change.new_span is None)


def test_align_when_texts_are_long_then_still_every_sentence_once() -> None:
    old = " ".join(f"Boat {number} has left the pier." for number in range(300))
    new = " ".join(f"Boat {number} is back at the pier." for number in range(280))
    assert len([change for change in align(old, new) if change.new_span]) == 280
