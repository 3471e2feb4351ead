import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import (
    STOP_WORDS,
    affordable,
    content_words,
    fold,
    match_expression,
    searchable,
    stem,
    stems,
    weigh,
    words,
)
from index.text import normalise

TOKENIZER = "porter unicode61 remove_diacritics 2"


def indexed_terms(text: str) -> set[str]:
    """Return what the store's full text would hold of a text."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"create virtual table full_text using fts5 (body, tokenize='{TOKENIZER}')")
        connection.execute("create virtual table terms using fts5vocab (full_text, 'row')")
        connection.execute("insert into full_text values (?)", (text,))
        return {str(row[0]) for row in connection.execute("select term from terms")}


def matches(expression: str, body: str, *, title: str = "", scope: str = "b1") -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"create virtual table full_text using fts5 (title, body, scope, tokenize='{TOKENIZER}')")
        connection.execute("insert into full_text values (?, ?, ?)", (title, body, scope))
        found = connection.execute("select 1 from full_text where full_text match ?", (expression,)).fetchall()
        return bool(found)


@pytest.mark.parametrize(
    "text",
    [
        "The assembly possibly, visibly, responsibly, humbly, nobly and doubly assembled.",
        "Boats are missing; the crews' relatives waited anxiously.",
        "Officials generalised relational conditions, hopping and falling.",
        "Caf\u00e9, na\u00efve, \u00c5lesund, Stra\u00dfe, Z\u00fcrich",
        "397 to 0, 3.5 metres, 4pm, COVID-19, F-16s",
        "Порт закрыт в Харькове",
        "U.S. don't o'clock snake_case",
        "S\u00f8ren fra Str\u00f8mmen, \u0141\u00f3d\u017a, K\u00e6ldernes",
        "a" * 60 + "es " + "b" * 70 + "es",
        "Київ, п'ять районів; ёлка и Ёж",
        "Ελλάδα: μέτρα στην Αθήνα",
        "آخر الأخبار عاجِل",
        "H\u00e0 N\u1ed9i, \u0130stanbul, 5 km\u00b2, \u00bd, \ufb01remen, 3\u2026 4",
        "서울 뉴스, がぎぐ パピ, क्या हुआ",
        "Указ №123, Tylenol™ 100㎡, ₺500 🤯Breaking 2½ ⑴ пʼять 𝗔𝗹𝗱𝗲𝗿",
    ],
)  # fmt: skip
def test_stems_when_text_is_what_readers_write_then_as_the_full_text_holds_them(text: str) -> None:
    assert set(stems(text)) == indexed_terms(searchable(normalise(text)))


@given(
    st.text(
        alphabet="abcdefgiklmnorstuyABCDE 0123456789.,'-\u00e9\u00fc\u00f6\u00f1\u0144"
        "\u0439\u0457\u0451\u0456\u0419\u0407\u0401\u0430\u0436\u03ac\u03ad\u03b1\u03c2\u03a3\u0386\u0623\u0627\u0650\u0308\u0301\u1ed9\uc11c\u304c\u0915\u094d\u00b2\u00bd\ufb01\u00df\u0130",
        max_size=60,
    )
)
def test_stems_when_any_text_then_as_the_full_text_holds_them(raw: str) -> None:
    text = normalise(raw)
    assert set(stems(text)) == indexed_terms(searchable(text))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("CAF\u00c9", "cafe"),
        ("\u00c5lesund", "alesund"),
        ("plain", "plain"),
        ("Й", "и"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ΟΔΟΣ", "οδοσ"),
        ("οδός", "οδοσ"),
        ("İ", "i"),
        ("№ 1™", "№ 1™"),
        ("Łódź, Malmø, Đà Nẵng, ışık IŞIK, Œuvre", "lodz, malmo, da nang, isik isik, oeuvre"),
        ("2½ ² ﬁ 𝗔", "2½ 2 fi a"),
        ("광주", "광주"),
        ("пʼять", "п'ять"),
    ],
)
def test_fold_when_accented_then_plain(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_stem_when_words_are_bent_then_one_stem() -> None:
    assert stem("strikes") == stem("striking") == stem("strike")
    assert stem("порты") == "порты"


def test_words_when_text_has_marks_then_folded_and_in_order() -> None:
    assert words("No. 10: the Mayor's caf\u00e9!") == ["no", "10", "the", "mayor", "s", "cafe"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many boats are missing?", {"boat": False, "miss": False}),
        ("What did Moor say about 14 boats?", {"moor": True, "14": True, "boat": False}),
        ("Boats and more boats", {"boat": False}),
        ("boats near Boats", {"boat": True, "near": False}),
        ("Did the WHO or the US warn?", {"who": True, "us": True, "warn": False}),
        ("who is it?", {}),
        ("", {}),
        ("???", {}),
    ],
)
def test_content_words_when_asked_then_what_carries_meaning_and_what_is_a_name(
    question: str, expected: dict[str, bool]
) -> None:
    assert {key: name for key, (_, name) in content_words(question).items()} == expected


def test_stop_words_when_listed_then_folded_as_they_are_looked_up() -> None:
    folded = {fold(word) for word in STOP_WORDS}
    assert len(STOP_WORDS) > 100
    assert folded - STOP_WORDS == {"fur", "uber", "como"}


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("Was gilt f\u00fcr die F\u00e4hre \u00fcber Nacht?", ["gilt", "fahr", "nacht"]),
        ("What did Uber say of fur in Como?", ["uber", "fur", "como"]),
        ("\u00bfC\u00f3mo muri\u00f3?", ["murio"]),
        ("When will the war end, and how many die?", ["war", "end", "die"]),
        ("war casualties in Los Angeles", ["war", "casualti", "angel"]),
        ("Did the minister comment?", ["minist", "comment"]),
        ("war in Ukraine", ["war", "ukrain"]),
        ("Was war am Montag, und wer hat die Wahl gewonnen?", ["montag", "wahl", "gewonnen"]),
        ("Was war in Berlin?", ["berlin"]),
        ("Was kostet die F\u00e4hre?", ["kostet", "fahr"]),
        ("Hat Trump die Z\u00f6lle aufgehoben?", ["trump", "zoll", "aufgehoben"]),
        ("Comment est mort le ministre, et pour qui ?", ["mort", "ministr"]),
        ("\u00bfQui\u00e9n muri\u00f3 y cu\u00e1ndo?", ["murio"]),
        ("quien murio y cuando", ["murio"]),
        ("O\u00f9 \u00e9tait le bateau ?", ["bateau"]),
        ("Який район без світла?", ["раион", "без", "світла"]),
    ],
)  # fmt: skip
def test_content_words_when_words_bear_marks_then_stop_words_of_every_language_are_left_out(
    question: str, searched: list[str]
) -> None:
    assert list(content_words(question)) == searched


@pytest.mark.parametrize(
    "text",
    ["указ №124", "Tylenol™ 100㎡", "नरेन्द्र मोदी", "প্রধানমন্ত্রী", "עִבְרִית", "عاجِل أيضًا", "น้ำท่วม",
     "за́мок", "광주", "пʼять", "ΟΔΟΣ"],
)  # fmt: skip
def test_content_words_when_they_are_of_any_script_then_the_words_of_the_same_text(text: str) -> None:
    assert [word for word, _ in content_words(text).values()] == list(dict.fromkeys(words(text)))


@given(st.text(max_size=40))
def test_content_words_when_any_question_then_words_of_the_same_text(raw: str) -> None:
    text = normalise(raw)
    assert {word for word, _ in content_words(text).values()} <= {*words(text)}


def test_weigh_when_a_term_is_rarer_then_heavier() -> None:
    rare, common, unknown = weigh("mayor boats regatta", {"mayor": 1, "boat": 50}, 100)
    assert (rare.stem, common.stem, unknown.frequency) == ("mayor", "boat", 0)
    assert unknown.weight > rare.weight > common.weight > 0


def test_weigh_when_a_term_is_everywhere_or_the_archive_is_empty_then_still_no_less_than_nothing() -> None:
    assert all(term.weight >= 0 for term in weigh("boats", {"boat": 100}, 100) + weigh("boats", {}, 0))


def test_affordable_when_no_term_is_known_then_none() -> None:
    assert affordable(weigh("boats", {}, 10), budget=100) == []


def test_affordable_when_the_budget_is_spent_then_the_commonest_are_left_out() -> None:
    terms = weigh("mayor boats pier", {"mayor": 2, "boat": 50, "pier": 900}, 1000)
    assert [term.word for term in affordable(terms, budget=60)] == ["mayor", "boats"]
    assert [term.word for term in affordable(weigh("pier", {"pier": 900}, 1000), budget=1)] == ["pier"]


def test_match_expression_when_there_is_no_term_then_empty() -> None:
    assert match_expression((), live_blogs=(1,)) == ""


def test_match_expression_when_live_blogs_are_chosen_then_only_theirs_match() -> None:
    terms = weigh("boats", {"boat": 1}, 10)
    expression = match_expression(terms, live_blogs=(1, 7))
    assert matches(expression, "Boats wait.", scope="b7")
    assert not matches(expression, "Boats wait.", scope="b2")
    assert not matches(match_expression(weigh("b7", {"b7": 1}, 10)), "Boats wait.", scope="b7")


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("What is the latest figure for arrests?", ["arrest"]),
        ("how many wounded is it actually, still?", ["wound"]),
        ("The latest figure?", ["latest", "figur"]),
    ],
)
def test_content_words_when_words_speak_of_the_answer_then_they_count_only_alone(
    question: str, searched: list[str]
) -> None:
    assert list(content_words(question)) == searched


@given(st.text(max_size=40))
def test_match_expression_when_any_question_then_an_expression_that_full_text_takes(question: str) -> None:
    known = dict.fromkeys(content_words(question), 1)
    expression = match_expression(weigh(question, known, 10))
    assert bool(expression) == bool(known)
    if expression:
        matches(expression, "Boats wait.")


@given(
    st.lists(
        st.sampled_from(["boats", "mayor", "caf\u00e9", "striking", "397", "Alder", "порт"]),
        min_size=1,
    )
)
def test_match_expression_when_the_text_is_the_question_then_it_matches(asked: list[str]) -> None:
    question = " ".join(asked)
    terms = weigh(question, dict.fromkeys(content_words(question), 1), 10)
    assert matches(match_expression(terms), question)
