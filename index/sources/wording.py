"""What an entry is, told from its words: key points, correction, closing note, sign-off, "click here".

Pure. Knows the phrases of desks in a handful of languages and nothing of formats.
"""

import re

from index.text import normalise_line
from index.types import Kind


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_KEY_POINTS = _any_of(
    r"what (?:you need|we|to) (?:to )?know(?: so far| now)?:?",
    r"what we know(?: so far)?:?",
    r"(?:the )?key (?:points|takeaways|developments|facts):?",
    r"(?:at a glance|in brief|(?:the )?main points):?",
    r"das wichtigste(?: in kürze| im überblick)?:?",
    r"was (?:sie|man|du) wissen (?:müssen|sollten|muss|musst):?",
    r"(?:ce qu'il faut (?:savoir|retenir)|l'essentiel):?",
    r"lo que (?:debes|hay que|necesitas) saber:?",
    r"(?:что нужно знать|главное|що потрібно знати|головне):?",
)
_CLOSED = _any_of(
    r"\b(?:live ?)?(?:updates?|blog|coverage|ticker|feed) (?:is|are|has|have) (?:(?:now|been|being) )*"
    r"(?:closed|closing|ended|finished|over|wrapped up)\b",
    r"\b(?:we(?:'re| are)|i(?:'m| am)) (?:now )?(?:closing|ending|wrapping up|pausing) (?:this|our|the) (?:live ?)?"
    r"(?:updates?|blog|coverage|page)\b",
    r"\b(?:that(?:'s| is)|this is) (?:all|it) (?:from|for) (?:us|our|the) (?:live ?)?(?:blog|coverage|updates)\b",
    r"\bdieser? (?:live)?-?(?:ticker|blog) (?:ist|wird|wurde) (?:nun |jetzt |hiermit )?(?:geschlossen|beendet)\b",
    r"\bwir (?:beenden|schließen) (?:diesen|den|unseren|unser|dieses) (?:live)?-?(?:ticker|blog)\b",
    r"\b(?:ce|notre) direct est (?:maintenant |désormais )?terminé\b",
    r"\beste (?:directo|en vivo) ha (?:terminado|finalizado)\b",
)
_CORRECTION_WORDS = (
    "corrections? and clarifications?|correction|clarification|berichtigung|korrektur|richtigstellung|rectificatif"
    "|rectificación|corrección|rettifica|correctie|sprostowanie|исправление|виправлення"
)
_CORRECTION_TITLE = _any_of(rf"(?:{_CORRECTION_WORDS})\b(?=\s*(?:[:.\-–—(|]|$|to\b|on\b))")
_CORRECTION_TEXT = _any_of(rf"(?:{_CORRECTION_WORDS})\s*[:–—-]")
_AGENCIES = (
    "AFP|AP|Reuters|dpa|KNA|epd|ANSA|EFE|PA|SID|Interfax|TASS|Ukrinform|Bloomberg|DW|ANI|PTI|Xinhua|Kyodo|Yonhap"
)
_INITIALS = r"[A-Za-zÄÖÜäöüß]{1,4}(?:[/,;+&]\s?[A-Za-zÄÖÜäöüß]{1,4})*"
_SIGN_OFF = re.compile(
    rf"(?:(?:{_INITIALS})\s*)?\((?=[^()]*\b(?:{_AGENCIES})\b)[^()]{{2,120}}\)\.?"
    r"|[a-zäöü]{1,4}(?:/[a-zäöü]{1,4})+(?:\s*\([^()]{2,120}\))?"
)
_CALL = _any_of(
    r"(?:click|tap) here\b",
    r"(?:to|for) (?:read )?the full story",
    r"read (?:the full story|more|also)\b",
    r"sign up (?:to|for|here)\b",
    r"(?:follow (?:us|our)|subscribe)\b",
    r"mehr (?:dazu|zum thema)\b",
    r"lesen sie (?:auch|mehr|hier)\b",
    r"(?:lire aussi|lee también)\b",
)
_NOTE_CHARS = 250


def is_key_points(heading: str) -> bool:
    """Tell the heading of a key-points box."""
    return _KEY_POINTS.fullmatch(_plain(normalise_line(heading)).rstrip(".!")) is not None


def says_closed(text: str) -> bool:
    """Tell whether a text announces the end of its live blog."""
    return _CLOSED.search(_plain(text)) is not None


def is_closing_note(text: str) -> bool:
    """Tell a note that only says that the live blog is closed from an entry that also reports."""
    return len(text) < _NOTE_CHARS and says_closed(text)


def is_sign_off(line: str) -> bool:
    """Tell a line of initials and agencies from news."""
    return len(line) < 160 and _SIGN_OFF.fullmatch(line.strip()) is not None


def is_call(line: str) -> bool:
    """Tell a line that sends the reader elsewhere ("Click here for more") from news."""
    return len(line) < 200 and _CALL.match(line) is not None


def kind_of(title: str, text: str) -> Kind:
    """Judge an entry by its first words."""
    if _CORRECTION_TITLE.match(title) or _CORRECTION_TEXT.match(text):
        return Kind.CORRECTION
    if is_key_points(title):
        return Kind.KEY_POINT
    return Kind.CLOSING if is_closing_note(text or title) else Kind.UPDATE


def _plain(text: str) -> str:
    return text.replace("’", "'")
