import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import LONGEST_SENTENCE_CHARS, embedded_text, normalise, normalise_line, passages, sentences, text_hash

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# Each row is one text, given as the sentences that it must be split into.
SENTENCES = {
    "two plain": ["The pier is closed.", "Boats wait outside."],
    "acronym inside": ["The U.S. envoy flew to Alder.", "Talks went on."],
    "acronym before a verb": ["Officials of the U.S. said they would wait."],
    "acronym that ends": ["He moved to the U.S.", "He came back in May."],
    "military ranks": ["Lt. Gen. Ada Moor spoke first.", "Col. Finn Hale spoke next."],
    "courtesy titles": ["Mr. Lowe met Mrs. Lowe and Dr. Amin.", "They left."],
    "number sign": ["Berth No. 10 is open.", "Berth No. 11 is not."],
    "a plain no": ["Was it safe?", "No.", "It was not."],
    "initials": ["J. R. Okoro signed it.", "So did P. Vale."],
    "one initial": ["The order came from Maria K. Stone on Sunday.", "It was brief."],
    "decimal": ["Water rose 3.5 metres.", "It fell 0.4 metres later."],
    "decimal then stop": ["The rate is 4.25.", "It was 4.5 before."],
    "thousands": ["Some 1.200 people stayed.", "The rest left."],
    "figure starts the next": ["The count is done.", "14 boats are missing."],
    "clock with p.m.": ["The tide turns at 4 p.m. on Friday.", "Crews wait."],
    "month": ["It began on Aug. 3 near Alder.", "It ended on Sept. 9."],
    "company": ["Alder Ferries Inc. runs the line.", "Trade grew."],
    "for example": ["Bring papers, e.g. Passports or cards.", "Nothing else counts."],
    "versus": ["It was Alder vs. Moor again.", "Alder won."],
    "double quotes": ['"We are safe."', '"Nobody was hurt," she said.'],
    "curly quotes": ["\u201cWe are safe.\u201d", "\u201cNobody was hurt,\u201d she said."],
    "quote that goes on": ["\u201cAre we safe?\u201d she asked the crew.", "They nodded."],
    "question": ["Who ordered it?", "Nobody knows."],
    "exclamation": ["Stop!", "The bridge is out."],
    "mixed marks": ["You did what?!", "I did."],
    "ellipsis inside": ["He waited... and then left.", "It was late."],
    "ellipsis sign inside": ["He waited\u2026 and then left.", "It was late."],
    "ellipsis ends": ["He waited\u2026", "Then the lights went out."],
    "brackets": ["The pier is shut (see the map.)", "Go north instead."],
    "sentence in brackets": ["The pier is shut.", "(The road is not.)", "Go north."],
    "emoji after the stop": ["Boats are back.", "\u26f4\ufe0f Cheers went up."],
    "emoji before the next": ["Boats are back.", "\U0001f6a8 The alarm is off."],
    "web address": ["Read more at alder.example.org today.", "It is free."],
    "version": ["Version 2.0 of the plan is out.", "Read it."],
    "dash after stop": ["The pier is shut.", "\u2014 Alder Port"],
    "german": ["Der Hafen ist zu.", "Ca. 40 Boote warten z.B. vor der Mole.", "Das bleibt so."],
    "german doctor": ["Am Abend sprach Dr. Weiss zu den Leuten.", "Ärzte halfen."],
    "russian": ["Порт закрыт.", "Лодки ждут у ул. Морской."],
    "ukrainian": ["Порт закрито.", "Єдиний човен чекає з 5 травня."],
    "arabic": ["أُغلق الميناء.", "من أمر بذلك؟", "لا أحد يعلم."],
    "hindi": ["बंदरगाह बंद है।", "नावें रुकी हैं।"],
    "lower-cased and tokenised": ["the pier is closed .", "boats wait outside ."],
    "lower-cased quote": ["`` we are safe , '' said the mayor .", "nobody was hurt ."],
    "lower-cased title": ["dr. amin left .", "mr. lowe stayed ."],
}

# Texts whose sentences do not stand apart by a single space, with the pieces expected.
JOINED = {
    "a headline without a stop": (
        "Pier shut\nThe pier is shut. Boats wait.",
        ["Pier shut", "The pier is shut.", "Boats wait."],
    ),
    "a list": ("Three things\n• the pier\n• the road", ["Three things", "• the pier", "• the road"]),
    "chinese": ("港口已关闭。船只在外等候！", ["港口已关闭。", "船只在外等候！"]),
    "chinese quote": ("他说：「港口已关闭。」船在等。", ["他说：「港口已关闭。」", "船在等。"]),
    "one word": ("Closed", ["Closed"]),
    "marks only": ("...", ["..."]),
    "nothing": ("", []),
}


def pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences_when_joined_by_spaces_then_split_where_they_were(name: str) -> None:
    assert pieces(" ".join(SENTENCES[name])) == SENTENCES[name]


@pytest.mark.parametrize("name", JOINED)
def test_sentences_when_written_otherwise_then_split_as_expected(name: str) -> None:
    text, expected = JOINED[name]
    assert pieces(text) == expected


ALPHABET = st.sampled_from(
    [
        *"aA bB.!?\n\t,()\"'-0139",
        "U.S.",
        "Mr. ",
        "no. ",
        "\u2026",
        "\u201c",
        "\u201d",
        "\u3002",
        "\u6e2f",
        "\u0301",
        "\u00a0",
        "\u26f4\ufe0f",
        "\u061f",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(ALPHABET, max_size=120).map("".join))


@given(TEXTS)
def test_sentences_when_any_text_then_ordered_disjoint_trimmed_and_covering(raw: str) -> None:
    text = normalise(raw)
    spans = sentences(text)
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert all(piece and piece == piece.strip() and "\n" not in piece for piece in pieces(text))
    assert "".join("".join(piece.split()) for piece in pieces(text)) == "".join(text.split())


@given(TEXTS, st.integers(min_value=1, max_value=80))
def test_passages_when_any_text_then_made_of_whole_sentences_and_covering(raw: str, limit: int) -> None:
    text = normalise(raw)
    spans = sentences(text)
    starts, ends = {span.start for span in spans}, {span.end for span in spans}
    cut = passages(text, limit_chars=limit)
    assert all(first.end <= second.start for first, second in pairwise(cut))
    assert all(passage.start in starts and passage.end in ends for passage in cut)
    assert all(any(passage.start <= s.start and s.end <= passage.end for passage in cut) for s in spans)


@given(TEXTS, st.integers(min_value=5, max_value=80))
def test_passages_when_sentences_are_short_then_within_the_limit_and_its_rest(raw: str, limit: int) -> None:
    text = normalise(raw)
    longest = max((span.end - span.start for span in sentences(text)), default=0)
    for passage in passages(text, limit_chars=limit):
        assert passage.end - passage.start <= max(limit, longest) + 2 * (limit // 5) + 1


def test_passages_when_the_last_sentence_is_short_then_it_joins_the_one_before() -> None:
    text = "Alder pier is closed to every boat. " * 3 + "Stay home."
    cut = passages(text.strip(), limit_chars=110)
    assert [text[passage.start : passage.end] for passage in cut] == [text.strip()]


def test_passages_when_sentences_are_long_then_cut_between_them() -> None:
    first, second = "Boats wait outside the bar of Alder.", "The pier opens when the wind has dropped."
    cut = passages(f"{first} {second}", limit_chars=50)
    assert [(passage.start, passage.end) for passage in cut] == [(0, len(first)), (len(first) + 1, 78)]


@given(TEXTS)
def test_normalise_when_done_twice_then_nothing_more_changes(raw: str) -> None:
    once = normalise(raw)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.lists(st.sampled_from([*BIDI, *"ab \n\u0301\ufeff\ud800\x00"]), max_size=40).map("".join))
def test_normalise_when_controls_are_hidden_inside_then_none_survives(raw: str) -> None:
    text = normalise(raw)
    assert not set(text) & {*BIDI, "\ufeff", "\ud800", "\x00"}
    assert text == text.strip()
    text.encode()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  a \t b\u00a0c ", "a b c"),
        ("one\r\n\r\n two \u2028three", "one\ntwo\nthree"),
        ("cafe\u0301", "caf\u00e9"),
        ("safe\u202e txt\u202c", "safe txt"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\U0001f468\u200d\U0001f692", "\U0001f468\u200d\U0001f692"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_normalise_when_source_text_is_untidy_then_one_form(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


def test_normalise_line_when_a_title_has_breaks_then_one_line() -> None:
    assert normalise_line(" Pier\n\n shut ") == "Pier shut"


@pytest.mark.parametrize("unit", ["x", "! ", ". ", "a. ", "(x. ", "A.", "\u2026 ", "Mr. ", "X. (the "])
def test_sentences_when_a_line_is_very_long_then_still_covered(unit: str) -> None:
    text = normalise("Alder. " + unit * 10_000)
    assert "".join("".join(piece.split()) for piece in pieces(text)) == "".join(text.split())


@pytest.mark.parametrize(
    ("unit", "ends"),
    [
        ("the ferry waits, nobody boards, ", ","),
        ("the ferry waits nobody boards ", "s"),
        ("渡轮在等待，没有人上船", "，"),
        ("渡轮在等待没有人上船", ""),
        ("q\u0323", "\u0323"),
    ],
)
def test_sentences_when_one_never_ends_then_cut_where_it_pauses(unit: str, ends: str) -> None:
    text = normalise(unit * (10_000 // len(unit)) + ".")
    spans = sentences(text)
    assert len(spans) > 5
    assert all(0 < span.end - span.start <= LONGEST_SENTENCE_CHARS for span in spans)
    assert all(text[span.start : span.end].endswith(ends) for span in spans[:-1])
    assert "".join(text[span.start : span.end] for span in spans).replace(" ", "") == text.replace(" ", "")


def test_sentences_when_a_cut_would_tear_a_character_then_beside_it() -> None:
    text = "x" * (LONGEST_SENTENCE_CHARS - 1) + "q\u0323" * 300
    assert [text[span.end - 1] for span in sentences(text)][:1] == ["x"]


def test_embedded_text_when_there_is_a_title_then_it_leads_once() -> None:
    assert embedded_text("Pier shut", "Boats wait.") == "Pier shut\nBoats wait."
    assert embedded_text("", "Boats wait.") == "Boats wait."
    assert embedded_text("Boats", "Boats wait.") == "Boats wait."


def test_text_hash_when_texts_differ_then_hashes_of_16_bytes_differ() -> None:
    assert len({text_hash("a"), text_hash("b"), text_hash("")}) == 3
    assert len(text_hash("a")) == 16
