import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import FormatError
from index.sources import markup
from index.text import normalise


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain", "plain"),
        ("a &amp; b &quot;c&quot; &#x201C;d&#x201D;", 'a & b "c" “d”'),
        ("&lt;p&gt;one &amp;amp; two&lt;/p&gt;&lt;p&gt;three&lt;/p&gt;", "one & two\nthree"),
        ("<p>one</p><p>two<br>three</p>", "one\ntwo\nthree"),
        ("<ul><li>one</li><li>two</li></ul>after", "one\ntwo\nafter"),
        ("<h3>Head</h3>text<blockquote>quote</blockquote>", "Head\ntext\nquote"),
        ("5 < 6 & ?a=1&copy=2", "5 < 6 & ?a=1&copy=2"),
        ("it fell < 5", "it fell < 5"),
        ("four&nbsp;metres", "four metres"),
        ("cut <b>here</b> <a href=\"https://x.exa", "cut here"),
        ("one<script>bad()</script> two<style>p{}</style>", "one two"),
        ("Text. <b>Read more: <a href='/x'>Another story</a></b>", "Text."),
        ("Text. <a href='/x'><b>For the full story click here</b></a>", "Text."),
        ("<p>Text.</p><figure><figcaption>Photo: someone</figcaption></figure>", "Text."),
        ("AT&T", "AT&T"),
    ],
)  # fmt: skip
def test_clean_when_tags_and_entities_are_mixed_then_plain_lines(raw: str, clean: str) -> None:
    assert markup.clean(raw) == clean


@given(st.text())
def test_clean_when_given_anything_then_normal_form(raw: str) -> None:
    assert markup.clean(raw) == normalise(markup.clean(raw))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_clean_when_a_text_was_escaped_once_then_the_text(text: str) -> None:
    if "<" not in text and "&" not in text:
        assert markup.clean(f"<p>{html.escape(text)}</p>") == normalise(text)


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("Größe".encode(), None, "Größe"),
        (b"\xef\xbb\xbfabc", None, "abc"),
        ("Größe".encode("utf-16"), None, "Größe"),
        ('<meta charset="iso-8859-1">Größe'.encode("cp1252"), None, '<meta charset="iso-8859-1">Größe'),
        ("Мир".encode("cp1251"), "windows-1251", "Мир"),
    ],
)
def test_decode_when_the_encoding_is_declared_then_read(content: bytes, charset: str | None, text: str) -> None:
    assert markup.decode(content, where="page", charset=charset) == text


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b'<meta charset="zip">\xff', b'<meta charset="utf-8">\xff'])
def test_decode_when_no_encoding_fits_then_one_clear_line(content: bytes) -> None:
    with pytest.raises(FormatError, match="page: not UTF-8"):
        markup.decode(content, where="page")


def test_text_of_when_an_entry_is_nothing_but_an_embed_then_the_embeds_text() -> None:
    tree = markup.parse(
        '<div id="e"><blockquote class="twitter-tweet"><p>Only this.</p></blockquote></div>', where="page"
    )
    element = tree.css_first("#e")
    assert element is not None
    assert markup.text_of(element) == "Only this."


@pytest.mark.parametrize("opening", ["<div>", "<b><i>", "<p><ul><div>"])
def test_clean_when_one_entry_is_nested_absurdly_deep_then_its_text_is_kept(opening: str) -> None:
    assert markup.clean(opening * 5_000 + "The pier is <b>shut</b>.").split() == ["The", "pier", "is", "shut", "."]


def test_parse_when_an_element_has_endless_attributes_then_refused_before_the_parser_sees_it() -> None:
    attributes = " ".join(f'a{number}="x y"' for number in range(50_000))
    with pytest.raises(FormatError, match=r"p\.html: an HTML element with more than 1000 attributes"):
        markup.parse(f"<p {attributes}>x</p>", where="p.html")


def test_parse_when_one_attribute_is_very_long_then_the_page_is_read() -> None:
    value = "word " * 10_000
    assert markup.parse(f'<p data-state="{value}">Open.</p>', where="p.html").text() == "Open."
