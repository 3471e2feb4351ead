"""What exactly a question demands: a number of what, a sum of money, an age, a name, somebody's words. Pure.

Finer than an Expectation: "How many pets are in the shelters?" is not answered by "three shelters".
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from index import numerals
from index.kin import PEOPLE, kin_of
from index.terms import STOP_WORDS, fold, stem, stems, words


class Measure(StrEnum):
    """The form that the demanded thing must have."""

    NUMBER = "number"
    MONEY = "money"
    AGE = "age"
    SHARE = "share"
    DISTANCE = "distance"
    NAME = "name"
    SPEECH = "speech"
    AGENT = "agent"
    RESULT = "result"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A measure, with the stems of what is counted or named, of who is to have spoken, or of what somebody did."""

    measure: Measure
    of: frozenset[str] = frozenset()


_COUNTED = re.compile(
    r"\b(?:how many|(?:number|amount|total|count|figure) (?:of|for)|wie ?viele|скільки|сколько|cu[aá]nt[oa]s|combien de)\s+(?P<rest>.+)",
    re.IGNORECASE,
)
_TOLL = re.compile(r"\b(?:death toll|death count|toll)\b", re.IGNORECASE)
_FORMS: tuple[tuple[Measure, re.Pattern[str]], ...] = (
    (
        Measure.RESULT,
        re.compile(
            r"\b(?:what|how)\b.{0,12}\b(?:vote|votes|score|result|results|tally|margin|majority|outcome|turnout)\b|"
            r"\bhow (?:did .{1,60} vote|close was)\b|\b(?:vote|voting|election|poll|match|game|final) (?:result|score|tally)\b|"
            r"\bby how (?:much|many)\b|\bwie ging .{1,40} aus\b",
            re.IGNORECASE,
        ),
    ),
    (Measure.AGE, re.compile(r"\bhow old\b|\bwhat age\b|\bwie alt\b", re.IGNORECASE)),
    (
        Measure.SHARE,
        re.compile(
            r"\b(?:what|which) (?:percentage|percent|proportion|share)\b|\bhow many per ?cent\b|\bprozent\b",
            re.IGNORECASE,
        ),
    ),
    (
        Measure.DISTANCE,
        re.compile(
            r"\bhow (?:far|tall|high|deep|wide|fast|low|long is the)\b|\bwie (?:weit|hoch|tief)\b", re.IGNORECASE
        ),
    ),
    (
        Measure.MONEY,
        re.compile(
            r"\bhow (?:much|big|high|large)\b.*\b(?:cost|costs|worth|paid|pay|raised|money|price|ticket|fine|reward|salary|earn|fund\w*|"
            r"donat\w*|compensation|damages|budget|bill)\b|\bwhat\b.*\b(?:cost|costs|price|salary|worth)\b|\bcost of\b|\bwas kostet\b",
            re.IGNORECASE,
        ),
    ),
)
_NAMED = re.compile(
    r"\bnames? of (?P<of>.+)|\bwhat (?:is|was|are|were|'s) (?P<called>.{1,60}?) (?:called|named)\b|"
    r"\bwhat (?:is|was|are|were|'s) (?P<whose>.{1,40}?)(?:['’]s?)? (?:full |first |last )?names?\b|\bwie (?:heißt|hieß|heißen|hießen) (?P<wie>.+)",
    re.IGNORECASE,
)
_AGENT = re.compile(
    r"^\W*(?:and |but |so )?who (?:has |had |have )?(?:\w+ly )?"
    r"(?!(?:is|was|were|are|am|be|did|does|do|will|would|can|could|should|may|might|else|has|had|have|said|says)\b)(?P<verb>[a-z]{3,})\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\bwhat (?:did|has|does|had|do|have|was|is)\s+(?P<who>.+?)\s+(?:say|said|saying|tell|told|claim|claimed|call|called|warn|warned|announce|"
    r"announced|think|promise|promised|tweet|tweeted|write|wrote|answer|answered|reply|replied|demand|demanded)\b",
    re.IGNORECASE,
)
_SAYS = frozenset(
    stem(word)
    for word in "say said says saying told tells tell add added adds claim claimed call called warn warned announce announced wrote "
    "write tweet tweeted post posted statement insist insisted promise promised argue argued describe described urge urged condemn "
    "condemned slam slammed brand branded replied respond responded speak speaking spoke comment commented explain explained "
    "stress stressed demand demanded accuse accused declare declared reject rejected deny denied sagte erklarte schreibt betont "
    "according tribute confirm confirmed share shared praise praised criticise criticised vow vowed pledge pledged reveal".split()
)
_SHAPES: dict[Measure, re.Pattern[str]] = {
    Measure.RESULT: re.compile(
        r"\b\d+\s?(?:to|-|–|:|zu|against|votes? to)\s?\d+\b|\b\d[\d,.]*\s?(?:votes?|points?|seats?|%|per ?cent|percent)|\b(?:by|with) (?:a )?"
        r"(?:majority|margin|\d+)\b",
        re.IGNORECASE,
    ),
    Measure.MONEY: re.compile(
        r"[$£€₴₽¥]\s?\d|\d[\d.,]*\s?(?:m|bn|k|million|billion|thousand|mln|mrd)?\s?(?:us )?(?:dollars?|euros?|pounds?|crowns?|hryvnias?|rubles?|"
        r"roubles?|francs?|yen|yuan|cents|pence|pesos?|rupees?|zloty|kronor|usd|eur|gbp|uah)\b",
        re.IGNORECASE,
    ),
    Measure.AGE: re.compile(
        r"\b\d{1,3}[- ](?:year|month|week|day)s?[- ]old|\baged? (?:just )?\d{1,3}\b|[,(]\s?\d{1,3}\s?[,).;]|\b\d{1,3}-jährig\w*|\bkids? as young as \d+"
    ),
    Measure.SHARE: re.compile(
        r"\d\s?%|\bper ?cent\b|\bpercent\b|\bprozent\b|\bhalf\b|\bquarter\b|\bthirds?\b|\bmajority\b|\bпроцент",
        re.IGNORECASE,
    ),
    Measure.DISTANCE: re.compile(
        r"\d[\d.,]*\s?-?(?:km|kilomet\w+|miles?|m|met(?:re|er)s?|cm|centimet\w+|ft|feet|foot|yards?|inch\w*|mph|km/h|knots|degrees|°|kilometern?)\b",
        re.IGNORECASE,
    ),
}
_RELATIVE = frozenset(
    "who whom whose that which in at on from of by to with for near after before during when where".split()
)
_NAMES_CUE = frozenset("named identified called name names known hieß heißt namens genannt".split())
_NAME_REACH = 3
_PLACES = frozenset(
    "hospital street road square park city town university school college station airport bridge hotel church mosque stadium "
    "council court prison river island islands sea county district region police".split()
)
_PASSIVE = frozenset("was were been be being is are got gets getting".split())
_BY_REACH = 9
_TOKEN = re.compile(r"\d[\d.,]*|[^\W\d_]+")
_NUMBERS = frozenset(
    "hundred hundreds thousand thousands million millions dozens scores several no none nobody both single hundert tausend tausende".split()
).union(map(fold, numerals.WORTH))
_STOPS_NOUN = frozenset(
    "were was are is be been have has had did do does will would can could should may might in on at of from to by with for that who "
    "there got get came come go went per a an the and or sind waren haben hat wurden kamen im so far now".split()
)
_ANYBODY = PEOPLE.union(stems("others individuals folk men women"))
_REACHES = frozenset(
    "to at is was were are of stands reached hit total totals totalled past over about around put as remain".split()
)
_AFTER_NUMBER = 5
_BEFORE_NUMBER = 8
_NAME = re.compile(
    r"\b[A-ZÄÖÜА-ЯІЇЄ][\w'’-]+(?:\s+(?:[a-z]{1,3}\s+)?[A-ZÄÖÜА-ЯІЇЄ][\w'’-]+)+|\b[A-ZÄÖÜА-ЯІЇЄ][\w'’-]+(?=,\s\d)|[\"“‘'][A-Z][^\"”’']{2,40}[\"”’']"
)


def demand(question: str) -> Demand:
    """Read what a question demands; most demand nothing of a certain form."""
    for measure, pattern in _FORMS:
        if pattern.search(question):
            return Demand(measure=measure)
    if counted := _COUNTED.search(question):
        return Demand(measure=Measure.NUMBER, of=_of(counted["rest"]))
    if _TOLL.search(question):
        return Demand(measure=Measure.NUMBER, of=_widened({stem("killed")}))
    if named := _NAMED.search(question):
        return Demand(measure=Measure.NAME, of=_head(next(part for part in named.groups() if part)))
    if spoken := _SPEAKER.search(question):
        speaker = {stem(word) for word in words(spoken["who"]) if word not in STOP_WORDS}
        return Demand(measure=Measure.SPEECH, of=frozenset(speaker)) if speaker else Demand(measure=Measure.NONE)
    if did := _AGENT.search(question):
        return Demand(measure=Measure.AGENT, of=_widened({stem(fold(did["verb"]))}))
    return Demand(measure=Measure.NONE)


def _head(described: str) -> frozenset[str]:
    """Return the stems of what bears the name: "the lorry driver who died" is a lorry driver."""
    head: set[str] = set()
    for word in words(described):
        if word in _RELATIVE and head:
            break
        if word not in STOP_WORDS:
            head.add(stem(word))
    return _widened(head)


def _of(rest: str) -> frozenset[str]:
    """Return the stems of the counted noun; of what is said about them where the noun is just people."""
    order = words(rest)
    noun: list[str] = []
    for word in order:
        if word in _STOPS_NOUN:
            break
        if word not in STOP_WORDS or word in ("people", "others"):
            noun.append(word)
    # Keywords ("police horses hurt rotherham") go on after the noun; what is counted stands in the plural.
    plural = next((word for word in noun if len(word) > 3 and word.endswith("s") and not word.endswith("ss")), None)
    head = {stem(plural or noun[-1])} if noun else set()
    if not head or head <= _ANYBODY:
        head |= {stem(word) for word in order if word not in STOP_WORDS}
    return _widened(head)


def _widened(found: set[str]) -> frozenset[str]:
    return frozenset(found).union(*(kin_of(one) for one in found))


# What `met` says of a sentence that holds no stem of what is demanded, where that settles it.
UNMET = {Measure.NUMBER: 0.0, Measure.SPEECH: 0.0, Measure.AGENT: 0.5}


def met(wanted: Demand, sentence: str, asked: frozenset[str]) -> float:
    """Tell whether a sentence holds what is demanded: 1 where it does, 0 where not; 0.5 where nothing can be told.

    `asked`: the question's folded words, which cannot be the answer.
    """
    match wanted.measure:
        case Measure.NONE:
            return 0.5
        case Measure.NUMBER:
            return float(_counts(wanted.of, sentence, asked))
        case Measure.NAME:
            return float(_names(wanted.of, sentence, asked))
        case Measure.SPEECH:
            return float(_speaks(wanted.of, sentence))
        case Measure.AGENT:
            return _acts(wanted.of, sentence)
        case _:
            return float(_SHAPES[wanted.measure].search(sentence) is not None)


def _counts(of: frozenset[str], sentence: str, asked: frozenset[str]) -> bool:
    tokens = [fold(token).strip(".,") for token in _TOKEN.findall(sentence)]
    numbers = [
        place for place, token in enumerate(tokens) if (token[:1].isdigit() or token in _NUMBERS) and token not in asked
    ]
    if not numbers:
        return False
    stemmed = [stem(token) for token in tokens]
    for place in numbers:
        if any(one in of for one in stemmed[place + 1 : place + 1 + _AFTER_NUMBER]):
            return True
        before = range(max(0, place - _BEFORE_NUMBER), place)
        if any(stemmed[n] in of and _REACHES.intersection(tokens[n + 1 : place]) for n in before):
            return True
    return False


def _names(of: frozenset[str], sentence: str, asked: frozenset[str]) -> bool:
    """Tell whether a new name stands by what is to be named, or is said to be its name."""
    for match in _NAME.finditer(sentence):
        name = words(match.group())
        is_place = name[-1] in _PLACES and stem(name[-1]) not in of
        if is_place or all(word in asked or word in STOP_WORDS for word in name):
            continue
        before = words(sentence[: match.start()])[-_NAME_REACH:]
        after = words(sentence[match.end() :])[:_NAME_REACH]
        if not of or not _NAMES_CUE.isdisjoint(before):
            return True
        if any(stem(word) in of for word in (*before, *after)):
            return True
    return False


def _acts(did: frozenset[str], sentence: str) -> float:
    """Tell whether somebody does it here: 0 where it only "was done" by nobody; 0.5 where the deed is not told."""
    told = words(sentence)
    places = [place for place, word in enumerate(told) if stem(word) in did]
    if not places:
        return 0.5
    return float(any(not _is_agentless(told, place) for place in places))


def _is_agentless(told: list[str], place: int) -> bool:
    passive = not _PASSIVE.isdisjoint(told[max(0, place - 3) : place])
    return passive and "by" not in told[place + 1 : place + _BY_REACH]


def _speaks(who: frozenset[str], sentence: str) -> bool:
    stemmed = [stem(word) for word in words(sentence)]
    places = [place for place, one in enumerate(stemmed) if one in who]
    near = {one for place in places for one in stemmed[max(0, place - 4) : place + 6]}
    opens = any(place < 4 for place in places) and any(mark in sentence for mark in '"“”«»„')
    return opens or not _SAYS.isdisjoint(near)
