"""Text: normalised once, then only sliced. Sentences and passages are spans; text[start:end] is the quote.

Pure. Never knows where a text comes from.
"""

import hashlib
import re
import unicodedata

from index.types import Span

_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_BREAK = re.compile("[ \t]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])[ \t\n\r\x0b\x0c\x85\u2028\u2029]*")
_BLANK = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def normalise(text: str) -> str:
    """Bring source text into the one form in which it is stored, hashed and quoted.

    NFC; every paragraph on its own line, no blank lines; runs of blanks become one space; bidi and other
    invisible controls and lone surrogates are dropped. Idempotent.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # as most names and titles are: nothing to do
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = _BLANK.sub(" ", unicodedata.normalize("NFC", text))
    return _BREAK.sub("\n", text).strip()


def normalise_line(text: str) -> str:
    """Normalise to a single line, for titles and names."""
    return normalise(text).replace("\n", " ")


_STOP = re.compile(
    "(?:[.!?\u2026\u203c\u2047-\u2049\u0589\u061f\u06d4\u0964\u0965]+|[\u3002\uff01\uff1f\uff0e\uff61]+)"
    "[\"'\u00bb\u2019\u201d\u203a)\\]\u300d\u300f]*"
)
_WIDE = "\u3002\uff01\uff1f\uff0e\uff61"
_OPENERS = "\"'\u00ab\u2018\u201c\u201e\u2039([\u300c\u300e-\u2013\u2014\u2022#@*"
_WORD_BEFORE = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*$")
_NEXT_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
# Titles and short forms that are followed by a name or a figure, never by a new sentence.
_BOUND = frozenset(
    "mr mrs ms mx dr prof hon rev fr st sr messrs lt gen col maj capt cpt sgt cpl cmdr adm brig pvt supt insp det const "
    "sen rep gov pres min amb atty cllr dep approx ca cf vs v fig figs art vol pp jan feb apr aug sept oct nov dec "
    "mt ft e.g i.e z.b d.h u.a bzw ca dt hr fr nr str abs bd sra ud mme mlle \u0441\u0442 \u0443\u043b \u0438\u043c "
    "\u0433 \u0433\u0433 \u0442\u044b\u0441 \u043c\u043b\u043d \u043c\u043b\u0440\u0434 \u0440\u0443\u0431 \u043f\u0440\u043e\u0444 \u0434\u043e\u0446".split()
)
# Short forms that bind only a figure: "No. 10", "p. 4".
_BOUND_TO_FIGURE = frozenset("no nos n p pp pt par para ch sec art cl nr \u2116 \u0441\u0442".split())
# Words that open a sentence so often that they end an acronym's doubt: "in the U.S. He said".
_OPENING = frozenset(
    "the a an he she it they we i you his her their its our this that these those there in on at for from with by but "
    "and so yet or if when while after before as since until although however meanwhile earlier later also another "
    "one two some many most more no not what who why how where which both all each several officials police "
    "president prime minister".split()
)
# Beyond this nobody reads a quote to its end, and no encoder takes it in whole.
LONGEST_SENTENCE_CHARS = 1200
# Where a sentence that is too long is cut, the better pauses first.
_PAUSES = (
    re.compile("[.!?;:](?=\\s)|[\u3002\uff1b\uff1a]"),
    re.compile("[,\u2013\u2014](?=\\s)|[\uff0c\u3001]"),
    re.compile("\\s"),
)
# How far a look around a stop goes: with no bound, a long line of nothing but stops takes quadratic time.
_NEAR_CHARS = 200
_TAGS = frozenset("he she they i we it said says asked added told replied wrote tweeted".split())


def sentences(text: str) -> tuple[Span, ...]:
    """Split normalised text into sentences.

    Returns: spans in order, without the white space between them, covering everything else. A line break
    always ends a sentence, so a headline without a stop is one of its own; what goes on past
    `LONGEST_SENTENCE_CHARS`, as captions and lists without stops do, is cut, at a clause where there is one.
    """
    cased = _is_cased(text)
    spans: list[Span] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        spans.extend(_sentences_of_line(text, start, end, cased))
        start = end + 1
    return tuple(spans)


def _is_cased(text: str) -> bool:
    """Tell whether capitals mean anything here; feeds of lower-cased text exist."""
    upper = sum(map(str.isupper, text))
    lower = sum(map(str.islower, text))
    return upper * 100 > lower


def _sentences_of_line(text: str, start: int, end: int, cased: bool) -> list[Span]:
    spans: list[Span] = []
    begin = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() < end and _ends_sentence(text, begin, end, stop, cased):
            spans += _cut(text, begin, stop.end())
            begin = stop.end()
    spans += _cut(text, begin, end)
    return [span for span in spans if span.end > span.start]


def _cut(text: str, start: int, end: int) -> list[Span]:
    """Return a sentence as one span, or as several where it is too long to be read."""
    spans: list[Span] = []
    while end - start > LONGEST_SENTENCE_CHARS:
        cut = _last_pause(text, start + LONGEST_SENTENCE_CHARS // 2, start + LONGEST_SENTENCE_CHARS)
        spans.append(_trimmed(text, start, cut))
        start = cut
    return [*spans, _trimmed(text, start, end)]


def _last_pause(text: str, start: int, end: int) -> int:
    """Return where to cut: after the last clause, else the last word, else wherever no character is torn apart."""
    for pause in _PAUSES:
        cuts = [found.end() for found in pause.finditer(text, start, end)]
        if cuts:
            return cuts[-1]
    while end > start + 1 and (unicodedata.combining(text[end]) or "\u200d" in text[end - 1 : end + 1]):
        end -= 1
    return end


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start=start, end=end)


def _ends_sentence(text: str, begin: int, end: int, stop: re.Match[str], cased: bool) -> bool:
    if stop.group()[0] in _WIDE:
        return True
    if not text[stop.end()].isspace():
        return False
    following = _NEXT_WORD.search(text, stop.end(), min(end, stop.end() + _NEAR_CHARS))
    if following is None:
        return False
    between = text[stop.end() : following.start()].strip()
    if between and any(mark not in _OPENERS and not _is_symbol(mark) for mark in between.replace(" ", "")):
        return False
    word = following.group()
    if cased and word[0].islower() and not between:
        return False
    if not cased and stop.group()[-1] in "\"'\u201d\u2019" and word in _TAGS:
        return False
    return not (stop.group()[0] == "." and len(stop.group()) == 1 and _binds(text, begin, stop.start(), word))


def _is_symbol(mark: str) -> bool:
    return unicodedata.category(mark) in ("So", "Sk", "Mn", "Cf", "Sc", "Pd", "Po")


def _binds(text: str, begin: int, dot: int, word: str) -> bool:
    """Tell whether the word before a full stop is a short form that goes on with `word`."""
    before = _WORD_BEFORE.search(text, max(begin, dot - 24), dot)
    if before is None:
        return False
    short = before.group().lower()
    if short in _BOUND_TO_FIGURE and word[0].isdigit():
        return True
    if short in _BOUND:
        return not (len(short) <= 2 and short in ("ca", "fr", "v") and word.lower() in _OPENING)
    is_initial = len(short) == 1 and short.isalpha() and short not in ("i",)
    if is_initial or ("." in short and all(len(part) <= 2 for part in short.split("."))):
        near = text[max(begin, dot - _NEAR_CHARS) : dot]
        return word.lower() not in _OPENING or not (word[0].isupper() or not _is_cased(near))
    return False


def passages(text: str, *, limit_chars: int) -> tuple[Span, ...]:
    """Cut normalised text into passages of whole sentences, at most `limit_chars` long where a sentence allows.

    Neighbouring passages do not overlap and together cover every sentence. A last short rest joins the one before.
    """
    spans: list[Span] = []
    for sentence in sentences(text):
        if spans and sentence.end - spans[-1].start <= limit_chars:
            spans[-1] = Span(start=spans[-1].start, end=sentence.end)
        else:
            spans.append(sentence)
    if len(spans) > 1 and spans[-1].end - spans[-1].start < limit_chars // 5:
        last = spans.pop()
        spans[-1] = Span(start=spans[-1].start, end=last.end)
    return tuple(spans)


def embedded_text(title: str, body: str) -> str:
    """Return what is encoded for a passage: its title as context, then the slice that is quoted."""
    return f"{title}\n{body}" if title and not body.startswith(title) else body


def text_hash(text: str) -> bytes:
    """Return the 16 bytes under which a text's vectors are kept."""
    return hashlib.sha256(text.encode()).digest()[:16]
