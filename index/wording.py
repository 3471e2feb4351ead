"""What a sentence says, freed of how it is written: "Three", "3" and "three" are one, "14.05" and "2:05 pm" too. Pure.

Knows English best; of German, Spanish and Ukrainian the numbers, the marks and what leaves a sentence's sense alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from index import numerals
from index.numerals import SCALES, TENS
from index.terms import STOP_WORDS, fold, stem


class Mark(StrEnum):
    """What a token is, where that bears on the sense."""

    WORD = "word"
    NAME = "name"
    NUMBER = "number"
    TIME = "time"
    NEGATION = "negation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word or figure: `key` is equal where the sense is; `written` is what stood there."""

    key: str
    mark: Mark
    written: str


_SMALL = numerals.ONES | numerals.DOZENS
_ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1
    )
}
_SHORTEST_SHOUT = 3
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "₴": "hryvnia", "¥": "yen"}
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
# What is rewritten before a text is cut into words; the first group of each is kept where one is named.
_DATE_AMERICAN = re.compile(rf"\b{_MONTH}\.? {_DAY}(?!\d|[:.]\d)", re.IGNORECASE)
_DATE_BRITISH = re.compile(rf"(?<!⟦)\b{_DAY}(?: of)? {_MONTH}\b\.?", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\w.:,])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::\d{2})? ?(?P<half>[ap])\.?m\b\.?|"
    r"(?<![\w.:,])(?P<hour24>\d{1,2}):(?P<minute24>\d{2})(?!\w)",
    re.IGNORECASE,
)
_ACCORDING_FIRST = re.compile(
    r"^(?P<mark>\W*)according to (?P<who>[^,]{1,80}), (?P<what>.+?)(?P<stop>[.!]?)$", re.IGNORECASE
)
_ACCORDING_LAST = re.compile(r"^(?P<what>.+?),? according to (?P<who>[^,.]{1,80})(?P<stop>[.!]?)$", re.IGNORECASE)
_SAID_BY = re.compile(r"^(?P<what>.+)(?:,|\.\.\.|…)[”\"’»]? (?:said|says) (?P<who>[^.]{1,120})(?P<stop>[.!]?)$")
_LABEL = re.compile(r"^\W*(?:breaking|update|just in|latest)(?: news)?:\s+", re.IGNORECASE)
# A headline in capitals, but for what would be an article in small letters.
_SHOUTED = re.compile(r"\b(?!(?:WHO|UN|LA)\b)[^\W\d_]+")
_CONTRACTIONS = (
    (re.compile(r"\b(ca)n[’']t\b|\bcannot\b", re.IGNORECASE), "can not"),
    (re.compile(r"\bwon[’']t\b", re.IGNORECASE), "will not"),
    (re.compile(r"n[’']t\b", re.IGNORECASE), " not"),
    (re.compile(r"[’']re\b", re.IGNORECASE), " are"),
    (re.compile(r"[’']ve\b", re.IGNORECASE), " have"),
    (re.compile(r"[’']ll\b", re.IGNORECASE), " will"),
    (re.compile(r"\b(it|that|he|she|there|who|what)[’']s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"\b(?:more than|in excess of|upwards of)\b", re.IGNORECASE), "over"),
    (re.compile(r"\b(?:no (?:fewer|less) than|a minimum of|at least)\b", re.IGNORECASE), "atleast"),
    (re.compile(r"\b(?:approximately|approx\.?|roughly|around|circa|some)(?= [\d$€£]| (?:a )?(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|hundred|dozen)\b)", re.IGNORECASE), "about"),
    (re.compile(r"\ba (?=hundred\b|thousand\b|million\b|dozen\b)", re.IGNORECASE), ""),
    (re.compile(r"\b(?P<quantity>a) (?=few\b|little\b)", re.IGNORECASE), "afew"),
    (re.compile(r"\bper cent\b", re.IGNORECASE), "percent"),
    (re.compile(r"\b(?:km/h|kph|kmh|kilomet(?:re|er)s (?:per|an) hour)\b", re.IGNORECASE), "kmh"),
    (re.compile(r"\b(a \w*m)en\b", re.IGNORECASE), r"\1an"),
    (re.compile(r"\ba total of (?=[\d$€£]|\w+ )", re.IGNORECASE), ""),
    (re.compile(r"\b(all|both|half) of (?=(?:the|them|these|those|his|her|its|their|our)\b)", re.IGNORECASE), r"\1 "),
    (re.compile(r"\b(?:due to|owing to|on account of)\b", re.IGNORECASE), "because of"),
    (re.compile(r"\bon (?:the )?scene\b", re.IGNORECASE), "at the scene"),
    (re.compile(r"\bon (?=(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)", re.IGNORECASE), ""),
    (re.compile(r"(?<!not )(?<!until )(?<!till )(?<!from )(?<!only )(?<!by )(?<!for )(?<!even )\bnow (?=\w)(?!that\b)", re.IGNORECASE), ""),
    (re.compile(r"\bminus (?=\d)", re.IGNORECASE), "-"),
    (re.compile(r"\b(\d{1,2})\.(\d{2})(?= Uhr\b)"), r"\1:\2"),
    (re.compile(r"\b(?:U\.S\.A?\.?|USA|United States)(?!\w)"), "US"),
    (re.compile(r"\b(?:U\.K\.?|United Kingdom)(?!\w)"), "UK"),
    (re.compile(r"\b(?:U\.N\.|United Nations)(?!\w)"), "UN"),
    (re.compile(r"(?<=\d)\s?[-–—]\s?(?=\d)"), " to "),
    (re.compile(r"\b(?:who|which|that) (?:was|were|is|are) (?=\w+(?:ed|en)\b)", re.IGNORECASE), ""),
    (re.compile(r"ß"), "ss"),
)  # fmt: skip
_TOKEN = re.compile(
    r"(?P<time>⟦[^⟧]*⟧)|(?P<number>(?:(?<![\w)\]%])[-–−](?=\d))?\d{1,3}(?:[,.\u00a0 ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|(?:(?<![\w)\]%])[-–−])?\d+(?:[.,]\d+)?)(?P<ordinal>(?:st|nd|rd|th)\b)?|"
    r"(?P<currency>[$€£₴¥])|(?P<percent>%)|(?P<word>[^\W\d_]+(?:['’ʼ][^\W\d_]+)*(?:(?<=s)['’](?!\w))?)",
    re.IGNORECASE,
)
_EQUAL = {
    same: row.split()[0]
    for row in (
        "say says said saying", "tell tells told", "reporter reporters journalists", "was were been", "is are am",
        "km kms kilometre kilometres kilometer kilometers", "metre metres meter meters", "cm centimetre centimetres centimeter centimeters",
        "mile miles mi", "kg kilo kilos kilogram kilograms kilogramme kilogrammes", "hour hours hrs hr", "minute minutes min mins",
        "second seconds secs", "percent prozent", "dollar dollars usd", "euro euros eur", "pound pounds gbp", "utc gmt",
        "mr mister", "versus vs v", "trying attempting", "starts begins", "starting beginning", "government govt", "injured wounded hurt", "toward towards", "while whilst", "among amongst",
        "adviser advisor", "ok okay", "tv television", "metric tonne", "until till", "protestor protester", "protestors protesters",
        "monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thurs", "friday fri", "saturday sat", "sunday sun",
        "went gone", "took taken", "gave given", "saw seen", "fell fallen", "rose risen", "began begun", "broke broken",
        "wrote written", "drove driven", "spoke spoken", "chose chosen", "froze frozen", "stole stolen", "knew known", "grew grown",
        "showed shown", "threw thrown", "sank sunk", "flew flown", "shook shaken", "became become", "came come", "did done",
        "firefighter fireman", "gray grey", "theater theatre", "center centre", "liter litre", "fiber fibre", "defense defence",
        "offense offence", "license licence", "practise practice", "program programme", "programs programmes", "plow plough",
        "tire tyre", "tires tyres", "check cheque", "mold mould", "skeptical sceptical", "pajamas pyjamas", "aluminum aluminium",
        "airplane aeroplane", "jewelry jewellery", "maneuver manoeuvre", "judgment judgement", "aging ageing", "mom mum",
        "centers centres", "theaters theatres", "liters litres", "defenses defences", "sulfur sulphur", "story storey", "skillful skilful",
    )
    for same in row.split()
}  # fmt: skip
_NOTHING_SAID = frozenset(
    "the a an that which who also der die das dem den des ein eine einen einem einer el la los las un una unos unas".split()
)
_HAVE = frozenset("has have had".split())
_PARTICIPLES = frozenset(
    "been gone said made taken told given seen found held left lost won met put set hit shut cut begun broken fallen risen "
    "come become sent built brought caught fought known shown grown thrown driven written spoken chosen frozen stolen".split()
)
_NEGATIONS = frozenset(
    "not no never none nobody nothing neither nor without nowhere hardly barely nicht kein keine keinen keiner keinem nie niemand "
    "ohne не ні немає без ніхто ніколи нет никто sin nunca nadie ningún ninguna jamás ne pas sans".split()
)
_SPELT = (
    (re.compile(r"(?<=[a-z]{2})our(?=$|s$|ed$|ing$|ful|able|ite|hood|er$|ers$|less)"), "or"),
    (re.compile(r"(?<=[a-z]{3})(?:is|iz)(?=(?:e|ed|es|er|ers|ing|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})yz(?=(?:e|ed|es|er|ing)$)"), "ys"),
    (re.compile(r"(?<=[a-z][aeiou])ll(?=(?:ed|ing|er|ers|ation)$)"), "l"),
    (re.compile(r"ogue(?=s?$)"), "og"),
    (re.compile(r"(?<=^an)ae(?=s|m)|(?<=^p)ae(?=d)|(?<=^h)ae(?=m)|(?<=^f)oe(?=t)"), "e"),
)
_KEEPS_OUR = frozenset("four hour hours tour tours your pour poured sour source court course".split())


@lru_cache(maxsize=1024)
def tokens(sentence: str) -> tuple[Token, ...]:
    """Return what a sentence says, in order, without the words and marks that say nothing of their own."""
    found = [token for token in _joined(_raw(_rewritten(sentence))) if not _says_nothing(token)]
    kept = [token for place, token in enumerate(found) if not _is_auxiliary(found, place)]
    return tuple(token for place, token in enumerate(kept) if place == 0 or not _stutters(token, kept[place - 1]))


def figures(sentence: str) -> frozenset[str]:
    """Return the figures of a sentence, as plain digits."""
    return frozenset(token.key for token in tokens(sentence) if token.mark is Mark.NUMBER)


def times(sentence: str) -> frozenset[str]:
    """Return the clock times and dates of a sentence."""
    return frozenset(token.key for token in tokens(sentence) if token.mark is Mark.TIME)


def denies(sentence: str) -> bool:
    """Tell whether a sentence denies anything."""
    return any(token.mark is Mark.NEGATION for token in tokens(sentence))


def content(sentence: str) -> frozenset[str]:
    """Return the stems of what a sentence is about: no figure, no time, no stop word."""
    return frozenset(
        stem(fold(token.key))
        for token in tokens(sentence)
        if token.mark in (Mark.WORD, Mark.NAME) and fold(token.key) not in STOP_WORDS and len(token.key) > 1
    )


def counted(sentence: str) -> dict[str, frozenset[str]]:
    """Return what is counted in a sentence, by the stem of a figure's next content word: {"boat": {"3"}}."""
    said = tokens(sentence)
    found: dict[str, frozenset[str]] = {}
    for place, token in enumerate(said):
        if token.mark is not Mark.NUMBER:
            continue
        following = (one for one in said[place + 1 : place + 4] if one.mark is Mark.WORD and one.key not in STOP_WORDS)
        noun = next(following, None)
        if noun is not None:
            key = stem(fold(noun.key))
            found[key] = found.get(key, frozenset()) | {token.key}
    return found


def _says_nothing(token: Token) -> bool:
    """Tell whether a token is an article or the like; "UN" and "WHO" are not."""
    is_acronym = token.written.isupper() and len(token.written) > 1
    return token.key in _NOTHING_SAID and not is_acronym


def _stutters(token: Token, before: Token) -> bool:
    return token.key == before.key and token.mark is Mark.WORD


def _rewritten(sentence: str) -> str:
    """Bring to one form what is told by several words: who said it, dates, clocks, short forms."""
    sentence = _LABEL.sub("", sentence)
    if sentence.isupper() and len(sentence.split()) >= _SHORTEST_SHOUT:
        sentence = _SHOUTED.sub(lambda match: match.group().title(), sentence)
    for pattern in (_ACCORDING_FIRST, _ACCORDING_LAST, _SAID_BY):
        if match := pattern.match(sentence):
            sentence = f"{match['what']}, {match['who']} said{match['stop']}"
    sentence = _DATE_AMERICAN.sub(_date, sentence)
    sentence = _DATE_BRITISH.sub(_date, sentence)
    for short, full in _CONTRACTIONS:
        sentence = short.sub(full, sentence)
    return _CLOCK.sub(_clock, sentence)


def _date(match: re.Match[str]) -> str:
    month = next(name for name in _MONTHS if name.startswith(match["month"].lower()[:3]))
    return f" ⟦{int(match['day'])} {month}⟧ "


def _clock(match: re.Match[str]) -> str:
    hour = int(match["hour"] or match["hour24"])
    minute = int(match["minute"] or match["minute24"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return f" ⟦{hour}.{minute:02}⟧ "


def _raw(sentence: str) -> list[Token]:
    found = []
    matches = list(_TOKEN.finditer(sentence))
    for place, match in enumerate(matches):
        following = matches[place + 1].group() if place + 1 < len(matches) else ""
        found.append(_token(match, following, first=place == 0 or _opens(sentence, match.start())))
    return found


def _opens(sentence: str, start: int) -> bool:
    """Tell whether a word stands where a capital says nothing: at the start of a clause or of speech."""
    return re.search(r"(?:^|[.!?:]\s|[\"“„«‘(])\W*$", sentence[max(0, start - 6) : start]) is not None


def _token(match: re.Match[str], following: str, *, first: bool) -> Token:
    written = match.group()
    if match["time"]:
        return Token(key=written, mark=Mark.TIME, written=written)
    if match["number"]:
        key = _value(match["number"])
        return Token(key=f"#{key}" if match["ordinal"] else key, mark=Mark.NUMBER, written=written)
    if match["currency"]:
        return Token(key=_CURRENCIES[written], mark=Mark.WORD, written=written)
    if match["percent"]:
        return Token(key="percent", mark=Mark.WORD, written=written)
    return _word(written, following, first=first)


def _word(written: str, following: str, *, first: bool) -> Token:
    key = _POSSESSIVE.sub("", numerals.spelt(written))
    if key in _NEGATIONS:
        return Token(key=key, mark=Mark.NEGATION, written=written)
    if key in _SMALL or key in TENS:
        return Token(key=f"{_SMALL.get(key, TENS.get(key, 0)):.10g}", mark=Mark.NUMBER, written=written)
    if key in _ORDINALS:
        return Token(key=f"#{_ORDINALS[key]}", mark=Mark.NUMBER, written=written)
    capital = written[0].isupper() and not written.isupper()
    acronym = written.isupper() and len(written) > 1 and not first
    named = (capital or acronym) and (not first or following[:1].isupper() or following in ("said", "says"))
    return Token(key=_spelt(key), mark=Mark.NAME if named else Mark.WORD, written=written)


_POSSESSIVE = re.compile(r"'s$|'$")


def _spelt(word: str) -> str:
    """Return one spelling of a word that is spelt in several ways."""
    if word in _EQUAL:
        return _EQUAL[word]
    if word in _KEEPS_OUR:
        return word
    for pattern, spelling in _SPELT:
        word = pattern.sub(spelling, word)
    return _EQUAL.get(word, word)


def _value(written: str) -> str:
    if written[0] in "-–−":
        return f"-{_value(written[1:])}"
    if re.fullmatch(r"\d{1,3}(?:[,.\u00a0 ]\d{3})+(?:[.,]\d{1,2})?", written):
        whole = re.match(r"\d{1,3}(?:[,.\u00a0 ]\d{3})+", written)
        assert whole is not None
        rest = written[whole.end() :].replace(",", ".")
        return f"{float(re.sub(r'[^0-9]', '', whole.group()) + rest):.10g}"
    return f"{float(written.replace(',', '.')):.10g}"


def _joined(raw: Sequence[Token]) -> list[Token]:
    """Join "twenty-one", "2 million" and "$5" to one number each; a currency stands after its amount."""
    found: list[Token] = []
    purse: Token | None = None
    for place, token in enumerate(raw):
        last = found[-1] if found else None
        if token.mark is Mark.WORD and token.written in _CURRENCIES and _is_number(raw, place + 1):
            purse = token
            continue
        if last is not None and last.mark is Mark.NUMBER and _continues(last, token):
            found[-1] = Token(key=_sum(last, token), mark=Mark.NUMBER, written=f"{last.written} {token.written}")
            continue
        if purse is not None and token.mark is not Mark.NUMBER:
            found.append(purse)
            purse = None
        found.append(token)
    return found if purse is None else [*found, purse]


def _is_number(raw: Sequence[Token], place: int) -> bool:
    return place < len(raw) and raw[place].mark is Mark.NUMBER


def _continues(last: Token, token: Token) -> bool:
    if last.key.startswith("#"):
        return False
    if token.key in SCALES or token.written.lower() in numerals.DOZENS:
        return True
    is_tens = last.written.lower() in TENS
    return is_tens and token.mark is Mark.NUMBER and token.written.lower() in _SMALL and float(token.key) < 10


def _sum(last: Token, token: Token) -> str:
    if token.key in SCALES:
        return f"{float(last.key) * SCALES[token.key]:.10g}"
    if token.written.lower() in numerals.DOZENS:
        return f"{float(last.key) * 12:.10g}"
    return f"{float(last.key) + float(token.key):.10g}"


def _is_auxiliary(found: Sequence[Token], place: int) -> bool:
    """Tell whether "has" only makes a perfect: "has said" is "said"."""
    if found[place].key not in _HAVE or place + 1 >= len(found):
        return False
    following = found[place + 1]
    return following.key.endswith("ed") or following.written.lower() in _PARTICIPLES
