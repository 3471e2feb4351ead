"""From an update to the one to three whole sentences that answer. Pure; every span is a slice of the revision.

What makes a sentence true stays with it: who said it, how sure it is, what it corrects, whom its pronoun means.
"""

import re

from index.evidence import Candidate
from index.rank import Ranked
from index.terms import STOP_WORDS
from index.text import sentences
from index.types import Span

MOST_SENTENCES = 3
LIMIT_CHARS = 600
SHORT_CHARS = 350
# Of the best sentence's score: from what share on a neighbour is worth its room.
_WORTH = 0.5
# Share of the question from which on the best sentence needs no other of the right kind beside it.
_SURE = 0.6

_MARKS = r"[\"'“”‘’„«»(\[\s–—-]*"
_PERSON = r"he|she|they|it|er|sie|es|він|вона|вони|он|она|они"
# A sentence that begins so needs the one before it to be understood.
_LEANS_BACK = re.compile(
    rf"{_MARKS}(?:{_PERSON}|its|his|her|hers|their|theirs|this|that|these|those|him|them|both|another|others?|"
    r"such|there|then|but|and|or|so(?! far\b)|not (?:all|every\w*|one)|neither|none|nor|however|meanwhile|instead|also|too|still|yet|nevertheless|nonetheless|moreover|"
    r"furthermore|in addition|the (?:votes?|move|decision|attack|strike|m[ae]n|wom[ae]n|suspects?|victims?|incident|statement|"
    r"minister|president|spokes\w+|officials?|governor|mayor|announcement|report|figures?|toll|same|former|latter|two|three|"
    r"plan|agreement|deal|ruling|measure|group|company|pair|trio|couple|accused|claims?|accusations?|\d+-year-old)|"
    r"(?:\w+ )?(?:of|among) (?:them|those|these)|(?:when|as|after|before|while|although|because|since|once|if) (?:he|she|they|it)|"
    r"dies\w*|(?-i:[Dd]as(?= [a-zäöü]))|aber|doch|seine?|ihre?|ils?|elles?|cel(?:a|ui|le)|mais|on (?:ignore|ne sait)|ellos|ellas?|él|es[ot]o|pero|se desconoce|это|эт[аиу]|этот|но|его|их|це|цей|цю|ці|але|його|її|їх)\b",
    re.IGNORECASE,
)
# What doubts whatever stands beside it, though it repeats none of its words.
_DOUBTS = re.compile(
    r"\b(?:(?:not|never) (?:yet )?(?:been )?(?:\w+ )?(?:verified|confirmed)|(?:could|can|would)(?:not| not|n.t) (?:be |\w+ )?(?:confirm|verif)\w*|"
    r"not (?:been )?able to (?:\w+ )?(?:confirm|verify)|un(?:verified|confirmed)|neither (?:\w+ ){0,2}(?:could|can|was|has)|puts? the (?:number|figure|toll|count|total)|no independent (?:confirmation|verification)|"
    r"rul(?:e|ed|ing) (?:it |this |that )?out|(?:called|dismissed|rejected|branded) (?:the|this|that|these|those|such) (?:\w+ )?(?:figures?|numbers?|"
    r"claims?|reports?|rumou?rs?|allegations?|accounts?|statements?|stor(?:y|ies)|tolls?|posts?)\b|"
    r"(?:an|the|our) (?:earlier|previous) (?:version|figure|report|statement|update)|"
    r"aus(?:zu)?schließen|nicht ausgeschlossen|nicht (?:\w+ )?(?:überprüf|bestätig|verifizier|prüf)\w*|unbestätigt\w*|не (?:\w+ )?(?:подтвержд|підтвердж|перевір|провер)\w*|"
    r"не вдалося перевірити|не удалось проверить|(?:незалежно|независимо) не \w+|pas pu être (?:vérifi|confirm)\w*|no se ha podido \w+)",
    re.IGNORECASE,
)
# What takes back or limits a sentence that it points to, or shares a word with.
_QUALIFIES = re.compile(
    r"\b(?:alleg\w+|claim\w*|denie[sd]|deny\w*|correct(?:ed|ion|s)|retract\w*|withdrew|clarif\w+|earlier|previously|revised|"
    r"no (?:immediate )?(?:comment|confirmation|evidence|source|sources|proof)|(?:is|was|are|were|do|does|did|has|have|had|will|would|ca|could)(?: not|n.t)\b|cannot|"
    r"disput\w+|reject\w+|refus\w+|contradict\w+|contrary|in fact|false|wrong|mistak\w+|untrue|however|but|except|bestreite\w+|"
    r"dementier\w+|bestritt\w*|zurückgewiesen|korrigier\w*|отрица\w+|опроверг\w+|заперечу\w+|спростува\w+)\b|^\W*(?:aber|doch|но|але)\b",
    re.IGNORECASE,
)
# A short sentence that does nothing but name who said the one before it.
_ATTRIBUTES = re.compile(
    rf"{_MARKS}(?:(?:that|this|it|which|the (?:figure|number|claim|report|news|word|count|information)s?)\b.{{0,40}}?\b(?:according to|"
    r"c[oa]mes? from|as per|(?:said|reported|announced|confirmed|stated|given|told) by|(?:is|was) (?:what|how)|on the word of)\b|"
    r"(?:so|thus) (?:said|says)\b|according to [^,]+$|(?:he|she|they) (?:said|told|made|wrote|added) (?:so|this|that|it|the \w+)\b|"
    r"(?-i:(?:[A-Z][\w.’'-]+ ){1,4})(?:said|says|added|announced|told (?:reporters|us))(?: \w+){0,4}\W*$|"
    r"(?:das|dies|so) (?:sagte|teilte|berichte\w+|meldete)\b|(?:про це|об этом) \w+)",
    re.IGNORECASE,
)
_ATTRIBUTION_WORDS = 14
_SPEAKER = re.compile(
    r"\b(?:said|says|told|added|announced|according to|reported|reports|warned|stated|tweeted|wrote|confirmed|claimed|"
    r"sagte|laut|erklärte|сказав|сказал|заявил\w*|повідоми\w+|сообщи\w+|dijo|según|selon|déclaré)\b",
    re.IGNORECASE,
)
_NAMELESS_SPEAKER = re.compile(
    rf"[”\"’»“][\s,–—-]*(?:(?:{_PERSON}) \w+|(?:said|says|added|told|sagte|сказав|сказал\w?) (?:{_PERSON})\b)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
_NOT = re.compile(r"\b(?:not|no longer|nicht|не|pas)\b|n['’]t\b", re.IGNORECASE)
_OPENS_SPEECH = "\"'“‘„«»"


def choose(ranked: Ranked) -> Span:
    """Choose the span to quote around the sentence that answers best."""
    first = last = ranked.best
    for grow in (_back_for_sense, _on_for_truth, _back_for_source, _back_for_sense, _aside_for_more, _on_to_its_end):
        first, last = grow(ranked, first, last)
    found = ranked.evidence.sentences
    return Span(start=found[first].span.start, end=found[last].span.end)


def _back_for_sense(ranked: Ranked, first: int, last: int) -> tuple[int, int]:
    """Take the sentence before where the quote starts with a pronoun, or within somebody's speech."""
    if not _fits(ranked, first - 1, last):
        return first, last
    opening = _text(ranked, first, first)
    leans = _LEANS_BACK.match(opening) or _closes_earlier(_text(ranked, first, last))
    nameless = opening[0] in _OPENS_SPEECH and _NAMELESS_SPEAKER.search(opening)
    introduced = _text(ranked, first - 1, first - 1).endswith(":")
    return (first - 1 if leans or nameless or introduced else first), last


def _on_for_truth(ranked: Ranked, first: int, last: int) -> tuple[int, int]:
    """Take what follows while it doubts, limits, corrects or attributes the quote, or ends its speech."""
    while _fits(ranked, first, last + 1):
        if _needs_next(ranked, first, last):
            last += 1
        elif _fits(ranked, first, last + 2) and _points_past_next(ranked, last):
            last += 2
        else:
            break
    return first, last


def _needs_next(ranked: Ranked, first: int, last: int) -> bool:
    following = _text(ranked, last + 1, last + 1)
    if _DOUBTS.search(following) or _is_attribution(following):
        return True
    if _is_open(_text(ranked, first, last)):
        return True
    told = _text(ranked, last, last)
    if _FIGURE.search(following) and _FIGURE.search(told) and _NOT.search(told):
        return True  # "It will not open at 14:00." What holds instead stands next.
    points = _LEANS_BACK.match(following) is not None or _share_a_word(ranked, first, last, last + 1)
    return points and _QUALIFIES.search(following) is not None


def _points_past_next(ranked: Ranked, last: int) -> bool:
    """Tell whether a doubt two sentences on is still about the quote: the one between only carries on."""
    between, doubt = _text(ranked, last + 1, last + 1), _text(ranked, last + 2, last + 2)
    return bool(_LEANS_BACK.match(between) and _DOUBTS.search(doubt) and _LEANS_BACK.match(doubt))


def _back_for_source(ranked: Ranked, first: int, last: int) -> tuple[int, int]:
    """Take the sentence before where it names who speaks in the quote, or doubts what follows it."""
    if not _fits(ranked, first - 1, last):
        return first, last
    before, quote = _text(ranked, first - 1, first - 1), _text(ranked, first, last)
    speech = quote[0] in _OPENS_SPEECH and not _SPEAKER.search(quote) and _SPEAKER.search(before)
    doubt = _DOUBTS.search(before) and _is_short(before)
    return (first - 1 if speech or doubt else first), last


def _aside_for_more(ranked: Ranked, first: int, last: int) -> tuple[int, int]:
    """Take neighbours that are about the question too, the better first."""
    while worth := [place for place in (first - 1, last + 1) if _adds(ranked, first, last, place)]:
        side = max(worth, key=lambda place: ranked.sentence_scores[place])
        first, last = min(first, side), max(last, side)
    return first, last


def _on_to_its_end(ranked: Ranked, first: int, last: int) -> tuple[int, int]:
    """Take the rest of a speech that was begun."""
    while _is_open(_text(ranked, first, last)) and _fits(ranked, first, last + 1):
        last += 1
    return first, last


def _adds(ranked: Ranked, first: int, last: int, place: int) -> bool:
    if not _fits(ranked, min(first, place), max(last, place)):
        return False
    found = ranked.evidence.sentences
    neighbour, best = found[place], found[ranked.best]
    is_short = found[max(last, place)].span.end - found[min(first, place)].span.start <= SHORT_CHARS
    if is_short and (neighbour.coverage > 0 or neighbour.met > best.met):
        return True  # so short a quote is read in one glance, and what it leaves open mostly stands beside it
    if first == last and place == last + 1 and not best.kind and neighbour.context > 0:
        return True  # what the best sentence leaves open ("The road is closed.") is often told next
    if ranked.sentence_scores[place] < ranked.sentence_scores[ranked.best] * _WORTH:
        return False
    may_answer = best.coverage < _SURE and neighbour.kind > min(found.weighed.kind)
    return neighbour.coverage > 0 or may_answer or (place > last and _carries_on(ranked, first, last))


def _carries_on(ranked: Ranked, first: int, last: int) -> bool:
    """Tell whether the next sentence goes on about the same, or is the rest of the same speech."""
    quote, following = _text(ranked, first, last), _text(ranked, last + 1, last + 1)
    speech = following[0] in _OPENS_SPEECH and not _is_open(following) and any(mark in quote for mark in '”"’»“')
    return speech or _LEANS_BACK.match(following) is not None


def _fits(ranked: Ranked, first: int, last: int) -> bool:
    found = ranked.evidence.sentences
    if first < 0 or last >= len(found) or last - first >= MOST_SENTENCES:
        return False
    return found[last].span.end - found[first].span.start <= LIMIT_CHARS


def _text(ranked: Ranked, first: int, last: int) -> str:
    found = ranked.evidence.sentences
    return ranked.evidence.candidate.revision.text[found[first].span.start : found[last].span.end]


def _is_short(sentence: str) -> bool:
    return len(sentence.split()) <= _ATTRIBUTION_WORDS


def _is_attribution(sentence: str) -> bool:
    return _is_short(sentence) and _ATTRIBUTES.match(sentence) is not None


def _share_a_word(ranked: Ranked, first: int, last: int, place: int) -> bool:
    found = ranked.evidence.sentences
    quoted = frozenset[str]().union(*(one.stems for one in found[first : last + 1]))
    return any(len(stem) > 2 and stem not in STOP_WORDS for stem in quoted & found[place].stems)


def _is_open(quote: str) -> bool:
    """Tell whether a quotation that begins here ends later."""
    opened, closed = quote.count("“") + quote.count("„"), quote.count("”")
    if "„" in quote:
        opened, closed = quote.count("„"), quote.count("“") + quote.count("”")
    return opened > closed or quote.count('"') % 2 == 1 or quote.count("«") != quote.count("»")


def _closes_earlier(quote: str) -> bool:
    """Tell whether a quotation ends here that began before."""
    if "„" in quote:
        return False
    unpaired = quote.count("”") > quote.count("“")
    return unpaired or re.match(r"[^\"]*[\w.,!?]\"(?:[^\"]*\"[^\"]*\")*[^\"]*$", quote) is not None


def opening(candidate: Candidate) -> Span:
    """Return the first one or two sentences of an update, for showing what is new."""
    spans = sentences(candidate.revision.text)
    last = 1 if len(spans) > 1 and spans[1].end - spans[0].start <= LIMIT_CHARS // 2 else 0
    return Span(start=spans[0].start, end=spans[last].end)
