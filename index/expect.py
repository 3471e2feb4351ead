"""What kind of answer a question expects, and whether a sentence holds one of that kind. Pure."""

import re
from enum import StrEnum

from index import numerals
from index.terms import STOP_WORDS, fold, stems, words


class Expectation(StrEnum):
    """The kind of thing that would answer."""

    COUNT = "count"
    LENGTH = "length"
    WHEN = "when"
    WHO = "who"
    WHERE = "where"
    WHY = "why"
    SAID = "said"
    OTHER = "other"


_PERSON = (
    r"person|man|woman|minister|president|leader|official|officer|spokes\w+|governor|mayor|chief|author|singer|player|"
    r"actor|company|firm|party|group|team|agency|organi[sz]ation|union|newspaper|broadcaster|country|nation"
)
_PLACE = r"city|town|village|country|state|place|region|street|road|building|hospital|stadium|district|county|port|airport|station"
_QUESTIONS: tuple[tuple[Expectation, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            Expectation.LENGTH,
            r"\bhow long\b|\bfor how (?:long|many (?:years|days|hours|months|weeks|minutes))\b|\bwie lange\b",
        ),
        (
            Expectation.COUNT,
            r"\bhow (?:many|much|far|tall|high|deep|fast|old|big|large|heavy|wide|low|strong|hot|cold)\b|"
            r"\b(?:number|percentage|percent|proportion|share|amount|total|toll|count|figure|score|price|cost|size|magnitude) of\b|"
            r"\bwhat (?:number|percentage|percent|proportion|share|amount|total|is the (?:toll|death toll|score|price|cost))\b|"
            r"\b(?:death|casualty) (?:toll|count)\b|\bwie ?viele?\b|\bскільки\b|\bсколько\b|\bcu[aá]nt[oa]s?\b|\bcombien\b",
        ),
        (
            Expectation.WHEN,
            r"\bwhen\b|\b(?:what|which|at what|in what|in which|on what|on which) (?:time|date|day|year|month|century|decade|hour)\b|"
            r"\bhow (?:soon|recently)\b|\bwann\b|\bколи\b|\bкогда\b|\bcu[aá]ndo\b|\bquand\b",
        ),
        (
            Expectation.WHERE,
            rf"\bwhere\b|\b(?:what|which|in which|in what) (?:{_PLACE})\b|\bwo\b|\bде\b|\bгде\b|\bd[oó]nde\b|\boù\b",
        ),
        (
            Expectation.WHO,
            rf"\bwho\b|\bwhom\b|\bwhose\b|\b(?:what|which) (?:{_PERSON})\b|\bby whom\b|\bwer\b|\bwem\b|\bwen\b|\bхто\b|\bкто\b|"
            r"\bqui[eé]n(?:es)?\b|\bqui\b",
        ),
        (
            Expectation.WHY,
            r"\bwhy\b|\bwhat (?:caused|causes|is the (?:reason|cause))\b|\bhow come\b|\bfor what reason\b|\bwarum\b|\bчому\b|"
            r"\bпочему\b|\bpor qu[eé]\b|\bpourquoi\b",
        ),
        (
            Expectation.SAID,
            r"\bwhat (?:did|has|does|do|had|have) .{1,60}\b(?:say|said|tell|told|claim|claimed|call|warn|think)\b",
        ),
        (
            # Bare keywords for something that is counted; a whole sentence about it may ask anything.
            Expectation.COUNT,
            r"^\W*(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|any)\b)(?:(?:the|latest|current|total|new|confirmed) )*(?:\w+ ){0,2}(?:arrests|deaths|casualties|injuries|fatalities|turnout|toll|"
            r"evacuees|losses|magnitude)(?: (?:latest|today|now|so far|in|at|from|after|of)\b.*)?\W*$",
        ),
    )
)
_NUMBER_WORDS = frozenset(numerals.WORTH).union(
    (
        "hundred hundreds thousand thousands million millions billion billions dozens scores half quarter third twice once none nobody "
        "several both single hundert tausend tausende tausenden"
    ).split()
)
_SPOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# What of these words a text's reading knows: a sentence with neither a digit nor one of these counts nothing.
NUMBER_STEMS = frozenset(stems(" ".join(_NUMBER_WORDS)))
_MONTHS = (
    r"jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    r"sep(?:t|tember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?"
)
_UNITS = r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|nights?|tage[n]?|stunden?|jahre[n]?|wochen?|monate[n]?"
# After a figure with a point: so much of something, and no clock.
_MEASURED = (
    r"\s?(?:%|°|(?:[kcm]?m|met(?:er|re)s?|kilomet\w+|miles?|feet|ft|inch\w*|k?g|tonn?e?s?|lit(?:er|re)s?|per ?cent|percent|prozent|points?|"
    r"degrees?|hundred|thousand|million\w*|billion\w*|bn|mill?iard\w*|mio|mrd|mln|млн|млрд|тис\w*|тыс\w*|dollars?|euros?|pounds?|hryvnias?)\b)"
)
# One boundary and one look at whether a digit follows, for all that may begin there.
_TIME = (
    rf"\b(?:(?=\d)(?:\d{{1,2}}(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?:{_MONTHS})\b|(?:1[0-9]|20)\d\d\b|"
    rf"\d{{1,2}}[:.][0-5]\d\b(?!{_MEASURED})|\d{{1,2}}\s?(?:[ap]\.?m\b\.?|uhr\b|gmt\b|bst\b|h\b))|"
    rf"(?=[^\W\d])(?:(?:{_MONTHS})\.?\s+\d{{1,2}}\b|(?:noon|midday|midnight|today|tomorrow|yesterday|tonight|"
    r"morning|afternoon|evening|overnight|dawn|dusk|lunchtime|weekend|mon|tues|wednes|thurs|fri|satur|sun)(?:day)?s?\b|"
    rf"(?:{_UNITS}) (?:ago|later|earlier)\b|(?:last|next|this) (?:week|month|year|night|spring|summer|autumn|winter)\b|"
    rf"(?:in|since|until|by|during) (?:early |late |mid-)?(?:{_MONTHS})\b|(?:gestern|heute|morgen|montag|dienstag|mittwoch|donnerstag|"
    r"freitag|samstag|sonntag)\b))"
)
_KINDS: dict[Expectation, re.Pattern[str]] = {
    Expectation.WHEN: re.compile(_TIME, re.IGNORECASE),
    Expectation.WHERE: re.compile(
        r"\b(?:in|at|near|from|outside|inside|across|around|to|on|of|through|between|along|under|over|off|into|nach|bei|aus)\s+"
        r"(?:the\s+|a\s+|an\s+|der\s+|dem\s+)?(?:[a-z]+\s+)?[A-ZÄÖÜА-ЯІЇЄ][\w'’-]+"
    ),
    Expectation.WHY: re.compile(
        r"\b(?:because|due to|owing to|as a result|causes?|caused|causing|blam\w+|so that|in order to|reasons?|therefore|thanks to|"
        r"why|given that|for fear|fear(?:s|ed|ing)? that|led to|prompt\w+|triggered|sparked|motiv\w+|grund|weil|wegen|damit|denn|aufgrund)\b",
        re.IGNORECASE,
    ),
    Expectation.SAID: re.compile(
        r"[\"“”„«»‘]|\b(?:said|says|told|added|warned|claimed|called|insisted|tweeted|wrote|sagte|erklärte)\b"
    ),
}
# So much of a unit: the word before it, or the one before that ("two whole days"), is a number.
_LENGTH = re.compile(rf"(?<!\w)([\w.,'’ʼ]+)[\s-]+(?:(\w+)\s)?(?:{_UNITS})\b", re.IGNORECASE)
_SOME = frozenset({"a", "an", "few"})
_LASTS = re.compile(r"\b(?:since|until)\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d[\d.,]*")
_HINTS_WHY = re.compile(
    r"\b(?:since|after|amid|over|following|as|to (?:avoid|prevent|ensure|protect|allow|help|make|stop|keep|get)|um|nach)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:\b[A-ZÄÖÜА-ЯІЇЄ][\w'’.-]*)(?:\s+(?:(?:of|the|de|von|van|al|bin)\s+)?[A-ZÄÖÜА-ЯІЇЄ][\w'’.-]*)*")
_ROLE = re.compile(
    r"\b(?:minister|president|spokes\w+|official|officer|governor|mayor|chief|king|queen|prince|pope|man|woman|teenager|police|"
    r"witness\w*|residents?|lawmakers|scientists|group|company|government|army|forces|team)\b",
    re.IGNORECASE,
)


def expectation(question: str) -> Expectation:
    """Tell what kind of answer a question expects; keywords without a question word expect nothing special."""
    for kind, pattern in _QUESTIONS:
        if pattern.search(question):
            return kind
    return Expectation.OTHER


def holds(kind: Expectation, sentence: str, asked: frozenset[str]) -> float:
    """Tell whether a sentence holds something of a kind that the question does not already name: 1, or 0.

    A reason may be only hinted at ("after", "to keep"): 0.5. `asked`: the question's folded words.
    """
    if kind is Expectation.OTHER:
        return 1.0
    if kind is Expectation.WHO:
        return float(_holds_name(sentence, asked))
    if kind is Expectation.COUNT:
        return float(counts(sentence, asked, in_words=True))
    if kind is Expectation.LENGTH:
        return float(_holds_length(sentence))
    if _KINDS[kind].search(sentence) is not None:
        return 1.0
    return 0.5 if kind is Expectation.WHY and _HINTS_WHY.search(sentence) is not None else 0.0


def without_times(sentence: str) -> str:
    """Return a sentence without its dates and clock times, whose figures count nothing."""
    return _KINDS[Expectation.WHEN].sub(" ", sentence)


def counts(sentence: str, asked: frozenset[str], *, in_words: bool) -> bool:
    """Tell whether a sentence counts anything new; the figures of times count where there are no others.

    `in_words`: whether it may hold a word for a number, which no time does. `asked`: the question's folded words.
    """
    said = [word for word in _spoken(sentence) if word in _NUMBER_WORDS] if in_words else []
    if any(fold(word) not in asked for word in said):
        return True
    if _DIGITS.search(sentence) is None:
        return False
    figures = _DIGITS.findall(without_times(sentence))
    return any(fold(figure) not in asked for figure in (figures if figures or said else _DIGITS.findall(sentence)))


def _spoken(sentence: str) -> list[str]:
    """Return the words of a sentence as numbers are listed: "п'ять" whole, "one's" without its ending."""
    return _SPOKEN.findall(numerals.spelt(sentence).replace("'s", ""))


def _holds_length(sentence: str) -> bool:
    """Tell whether a sentence says how long: "three days", "a few whole hours", "since May"."""
    for match in _LENGTH.finditer(sentence):
        before = [word for word in match.groups() if word]
        if any(word[-1:].isdigit() or word in _NUMBER_WORDS or word in _SOME for word in map(str.lower, before)):
            return True
    return _LASTS.search(sentence) is not None


def _holds_name(sentence: str, asked: frozenset[str]) -> bool:
    if sentence == sentence.lower():
        return _ROLE.search(sentence) is not None
    for match in _NAME.finditer(sentence):
        new = [word for word in words(match.group()) if word not in asked and word not in STOP_WORDS]
        if new and (match.start() > 0 or len(new) > 1 or _ROLE.search(match.group())):
            return True
    return _ROLE.search(sentence) is not None
