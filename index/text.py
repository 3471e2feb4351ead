"""Text: normalised once, then only sliced. Sentences and passages are spans; text[start:end] is the quote.

Pure. Never knows where a text comes from.
"""

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_BREAK = re.compile("[ \t]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])[ \t\n\r\x0b\x0c\x85\u2028\u2029]*")
_BLANK = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def normalise(text: str) -> str:
    """Bring source text into the one form in which it is stored, hashed and quoted.

    NFC; every paragraph on its own line, no blank lines; runs of blanks become one space; bidi and other
    invisible controls and lone surrogates are dropped. Idempotent.
    """
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = _BLANK.sub(" ", unicodedata.normalize("NFC", text))
    return _BREAK.sub("\n", text).strip()


def normalise_line(text: str) -> str:
    """Normalise to a single line, for titles and names."""
    return normalise(text).replace("\n", " ")
