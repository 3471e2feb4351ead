"""Finds the phrase of time in a question and says which moments of publication it means.

Pure. A phrase becomes a scope, an as-of moment, or nothing where it is a name, lies ahead or is history.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from index import moments, phrases, ranges
from index.errors import QuestionError
from index.moments import Grain, Here, Stretch
from index.prepositions import RELATION, STATE, Phrase, Relation, resolved
from index.types import TimeScope
from index.vocabulary import EVENTS, FOLLOWERS, NAMES

_TRIGGER = re.compile(
    r"\d|day\b|day'|days|night|noon|morning|evening|lunch|hour|minute|week|month|since|until|till|before|after|"
    r"last|past|this|year|january|february|march|april|\bmay\b|june|july|august|september|october|november|december|"
    r"\b(?:on|by|since|until|before|after)\s+(?:mon|tue|wed|thu|fri|sat|sun)|heute|gestern|tag\b|woch|nacht|"
    r"[\u0400-\u04ff]|ayer|hoy|anoche|hier|aujourd|matin|soir|nuit|seit|depuis|desde|hace|il\s+y\s+a|lunes|martes|"
    r"mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo|di\b|semana|semaine|mes\b|mois|esta|mittwoch|stunde|letzte|"
    r"últim|derni|\b(?:lun|mar|mercre|jeu|vendre|same|diman)di\b|diman|enero|marzo|abril|mayo|agosto|monat",
    re.IGNORECASE,
)
_NOW = re.compile(r"(?:right\s+)?now\b|jetzt\b|зараз\b|сейчас\b|ahora\b|maintenant\b", re.I)
_RANGE_OPEN = re.compile(
    r"(?P<lead>between|zwischen|між|между|entre|from|von|з|із|со?|de(?:sde)?)\s+(?:the\s+|las\s+|el\s+|le\s+)?", re.I
)
_GAP = re.compile(r",?\s+(?:but\s+|and\s+)?")
_DAYS = (Grain.DAY, Grain.DATE, Grain.WEEKDAY, Grain.PART)
_SINCE_SIDE = frozenset({Relation.SINCE, Relation.AFTER})
_UNTIL_SIDE = frozenset({Relation.BEFORE, Relation.UNTIL, Relation.BY})
_ARTICLE = re.compile(r"\s*(?:the\s+(?=(?:early|late|\d|morning|evening|night|afternoon)\b))?", re.I)
_WORD = re.compile(r"\w[\w'-]*")
_AFTER_PHRASE = re.compile(r"(?P<own>'s?\b)?\s*(?P<sign>[^\w\s]*)\s*(?P<word>\w[\w']*)?")
_FRENCH = re.compile(
    r"qu'|\b(?:que|quel\w*|quoi|est|s'est|les|la|du|combien|où|pourquoi|depuis|passé|après|qui|comment|quand)\b|^\W*hier\W*$"
    r"|\bhier\s+(?:soir|matin)", re.I
)  # fmt: skip
_FUTURE = re.compile(
    r"\b(?:will|won't|shall|going\s+to|due\s+to|expected\s+to|set\s+to|scheduled|planned|upcoming|wird|werden|будет|"
    r"будут|буде|будуть|sera|next|nächste\w*|coming|every|each|tomorrow)\b|\w'll\b", re.I
)  # fmt: skip
_BROAD = re.compile(
    r"\b(?:what|anything|was|que|qué|що|что|qu'est-ce)\b.{0,30}\b(?:happen\w*|new|changed?|report\w*|announced?|published|"
    r"missed|miss|passiert|geschehen|gab|pasó|ocurrió|passé|сталося|случилось|произошло|відбулося|змінил\w+|изменил\w+|cambi\w+|changé|geändert|verändert)\b"
    r"|\b(?:news|updates?|summary|recap)\b", re.I
)  # fmt: skip
_VERB = re.compile(
    r"(?:\w+ed|say|said|happen|happens?|do|did|done|tell|told|die|win|won|lose|lost|speak|spoke|spoken|announce|report|publish|"
    r"write|written|known?|new|news|updates?|claim|call|begin|began|start|change|go|went|gone|come|came|occur|"
    r"meet|met|see|seen|find|found|sent|send|post|made|make|was|were|is|reporting|ist|sind|hat|haben|war|waren|gab|geschah|wurde|было|был|була|було|був|fue|ha|s'est-il|miss|passiert|pasó|сталося|случилось|произошло|"
    r"geändert|verändert|змінил\w+|изменил\w+|сказав|сказал|сказала|відбулося|dijo|passé|dit|gesagt|geschehen)$", re.I
)  # fmt: skip
_RELATIVE_CLAUSE = re.compile(r"\w\s+(?:who|which|that|whose|whom|when|where|because|if)\s", re.I)
_OF_EVENT = re.compile(
    rf"\b(?:the|an?|this|that|which|what|any|\w+'s)\s+(?:(?!of\b|in\b)[\w-]+\s+){{0,2}}?(?:{EVENTS})$", re.IGNORECASE
)
_HOLDS_NOW = re.compile(r"\b(?:is|are|does|do|can|may|will|be)\b", re.IGNORECASE)
_LEADING = re.compile(r"(?:in|on|of|from|at|for|during)\s+", re.I)
_TIMETABLE = re.compile(r"\W*(?:does|do|is|are|can|when|what\s+time)\b", re.I)
_OLD_EVENT = timedelta(days=180)
_HISTORY = timedelta(days=731)
_ANCIENT = timedelta(days=3650)


def find_phrase(text: str, here: Here) -> Phrase | None:
    """Return the phrase of time that scopes the question: a firm one before a loose one, then the first.

    Names that hold a word of time are passed over; a phrase that lies ahead or is history counts for nothing.

    Raises: QuestionError for a range that ends before it begins.
    """
    if _TRIGGER.search(text) is None:
        return None
    hidden = _names().sub(lambda name: "\x00" * len(name[0]), text)
    best: Phrase | None = None
    for phrase in _phrases(hidden, here):
        if best is None or (phrase.strict and not best.strict):
            best = phrase
    return best


@cache
def _names() -> re.Pattern[str]:
    return re.compile(NAMES, re.IGNORECASE)


def _phrases(text: str, here: Here) -> Iterator[Phrase]:
    done = 0
    for word in _WORD.finditer(text):
        if word.start() < done:
            continue
        phrase = _read(text, word.start(), here)
        if phrase is None:
            continue
        phrase = _narrowed(text, phrase, here)
        done = phrase.end
        if phrase.scope or phrase.as_of:
            yield phrase


def _narrowed(text: str, phrase: Phrase, here: Here) -> Phrase:
    """Bound a day, or a part of one, by the clocks that follow it: "yesterday before noon"."""
    scope = phrase.scope
    if scope is None or scope.since is None or phrase.relation is not Relation.WITHIN or phrase.grain not in _DAYS:
        return phrase
    part = phrase.grain is Grain.PART
    midnight = moments.wall(scope.since.astimezone(here.zone).date(), 24 * 60, here.zone)
    end = scope.until or midnight
    gap = _GAP.match(text, phrase.end)
    if gap is None or (not part and end > midnight):
        return phrase
    there = Here(now=end, zone=here.zone)
    bounds = _clock_bounds(text, gap.end(), there, twelve=part)
    if bounds is None:
        return phrase
    close, since, until = bounds
    since, until = max(since or scope.since, scope.since), min(until or end, end)
    words = text[phrase.start : close].strip()
    if since >= until:
        raise _backwards(words)
    if since > here.now:
        return replace(phrase, end=close, scope=None)
    bounded = TimeScope(since=since, until=None if until >= here.now else until, phrase=words)
    return replace(phrase, end=close, grain=Grain.CLOCK, scope=bounded)


def _clock_bounds(
    text: str, at: int, there: Here, *, twelve: bool
) -> tuple[int, datetime | None, datetime | None] | None:
    """Read "before noon", "after 18:00" or "between 9:00 and 11:00" of the day that ends now; where it ends, too.

    `twelve`: a clock without its half of the day may be either, as in a part of a day.
    """
    if lead := _RANGE_OPEN.match(text, at):
        pair = ranges.read_pair(text, lead.end(), there)
        if pair and pair[3] is Grain.CLOCK:
            return pair[:3]
    tie = RELATION.match(text, at)
    named = Relation(tie.lastgroup) if tie and tie.lastgroup else None
    if tie is None or named not in _SINCE_SIDE | _UNTIL_SIDE:
        return None
    read = phrases.read_clock(text, _skip_article(text, tie.end()), there, bare=True)
    after = _AFTER_PHRASE.match(text, read[0]) if read else None
    if read is None or (after and not _may_be_followed(text, read[0], after, Grain.CLOCK)):
        return None
    moment = moments.clock_on(read[1] if twelve else replace(read[1], twelve=False), None, there).since
    return (read[0], moment, None) if named in _SINCE_SIDE else (read[0], None, moment)


def _backwards(words: str) -> QuestionError:
    return QuestionError(f"the range {words.strip(' ,')!r} ends before it begins; name its days or turn it round")


def _read(text: str, at: int, here: Here) -> Phrase | None:
    for reader in (_read_range, _read_length, _read_tied):
        if phrase := reader(text, at, here):
            return phrase
    return None


def _read_length(text: str, at: int, here: Here) -> Phrase | None:
    found = phrases.read_elastic(text, at, here)
    relation = Relation.WITHIN
    if found is None and (found := phrases.read_ago(text, at, here)) and STATE.search(text[:at]):
        end, stretch = found
        moment = stretch.since + (here.now - stretch.since) / 2 if stretch.until == here.now else None
        if moment is None and stretch.day is None:
            moment = stretch.since + (stretch.until - stretch.since) / 2
        if moment is not None:
            return Phrase(start=at, end=end, grain=Grain.CLOCK, relation=Relation.AS_OF, as_of=moment)
    if found is None:
        return None
    return _settle(text, at, found, relation, here)


def _is_firm_range(text: str, at: int, end: int) -> bool:
    """Tell whether a stretch between two clocks is when it was reported: it opens or ends the question.

    It is the event's where it belongs to a happening ("the raid between 8 and 9") or to what holds now ("is shut from
    9 to 11"); a question of what was, or was done, in some hour of a running story is about the updates of that hour.
    """
    before = text[:at].strip(" ,¿¡")
    if _BROAD.search(before):
        return True
    if _RELATIVE_CLAUSE.search(before) or _OF_EVENT.search(before) or _HOLDS_NOW.search(before):
        return False
    return not before or not text[end:].strip(" ?!.,;:") or bool(_VERB.match(before.split()[-1]))


def _read_range(text: str, at: int, here: Here) -> Phrase | None:
    lead = _RANGE_OPEN.match(text, at)
    if lead is None:
        return None
    pair = ranges.read_pair(text, lead.end(), here)
    if pair is None:
        return None
    end, since, until, grain = pair
    ahead = since > here.now
    if ahead:
        since, until = since - moments.DAY, until - moments.DAY
    stretch = Stretch(since=since, until=until, grain=grain)
    if since >= until and ahead:
        return None
    if since >= until and _is_firm_range(text, at, end):
        raise _backwards(text[at:end])
    if since >= until:
        return Phrase(start=at, end=end, grain=grain, relation=Relation.WITHIN)  # no time, and no half of one
    phrase = _settle(text, at, (end, stretch), Relation.WITHIN, here)
    if phrase is None or phrase.scope is None or grain is not Grain.CLOCK or phrase.end != end:
        return phrase
    return replace(phrase, strict=_is_firm_range(text, at, end))


def _read_tied(text: str, at: int, here: Here) -> Phrase | None:
    tie = RELATION.match(text, at)
    named = tie.lastgroup if tie else None
    relation = Relation(named) if named else None
    if tie is None:
        return None
    begin = _skip_article(text, tie.end())
    broad = _BROAD.search(text) is not None
    bare = relation in (Relation.SINCE, Relation.AT, Relation.AS_OF) and tie[0].lower() != "from"
    alone = bare and (broad or STATE.search(text) is not None)
    alone = alone or (broad and relation in (Relation.BEFORE, Relation.AFTER, Relation.UNTIL))
    found = phrases.read_moment(text, begin, here, bare=alone)
    if (
        found is None
        and relation in (Relation.WITHIN, Relation.SINCE)
        and tie[0].lower() not in ("from", "of", "for", "at")
    ):
        found = phrases.read_month(text, begin, here)
    if found is None and relation in (Relation.BY, Relation.AS_OF, Relation.SINCE):
        found = phrases.read_ago(text, begin, here)
    if found is None or (relation is None and not _may_stand_alone(text, at, found, here)):
        return None
    if relation is Relation.SINCE and tie[0].lower() in ("from", "з", "із", "с", "со"):
        relation = _from(text, tie[0].lower(), found[1])
    return _settle(text, at, found, relation or Relation.WITHIN, here)


def _skip_article(text: str, at: int) -> int:
    match = _ARTICLE.match(text, at)
    return match.end() if match else at


def _from(text: str, word: str, stretch: Stretch) -> Relation:
    """Tell whether "from" begins a stretch (a clock) or names where something is from (a day)."""
    return Relation.SINCE if stretch.grain is Grain.CLOCK or word != "from" else Relation.WITHIN


def _may_stand_alone(text: str, at: int, found: phrases.Found, here: Here) -> bool:
    """Tell whether a name of time needs no preposition here: "What happened Thursday?" but not "the Friday"."""
    end, stretch = found
    if stretch.grain is Grain.CLOCK and (stretch.day is None or phrases.names_day(text, at, here)):
        return stretch.day is not None
    if stretch.grain in (Grain.DAY, Grain.PART, Grain.PERIOD):
        return not text[at:end].lower().startswith("lunch")
    before = text[:at].split()
    own = text.startswith(("'s", "s'"), end)
    return not before or own or bool(_VERB.match(before[-1])) or before[-1].endswith(",")


def _settle(text: str, at: int, found: phrases.Found, relation: Relation, here: Here) -> Phrase | None:
    """Turn a name of time and its preposition into what they mean, or None where they are no time phrase."""
    end, stretch = found
    after = _AFTER_PHRASE.match(text, end)
    own = bool(after and after["own"])
    if after and not own and not _may_be_followed(text, end, after, stretch.grain):
        return None
    if text[at:end].lower() == "hier" and not _FRENCH.search(text):
        return None
    if own and (lead := _LEADING.match(text, at)):
        at = lead.end()  # "in yesterday's crash" keeps its "in"
    end = after.end("own") if after and own else end
    empty = Phrase(start=at, end=end, grain=stretch.grain, relation=relation)
    ahead = _FUTURE.search(text[:at]) and not _is_past(text[at:end], relation, stretch)
    if stretch.since > here.now or ahead:
        return empty
    age = here.now - stretch.until
    if stretch.grain in (Grain.DATE, Grain.MONTH) and age > _ANCIENT:
        return empty
    strict = not own and age <= _HISTORY and _is_firm(text, at, end, stretch, relation)
    if not strict and stretch.grain is Grain.CLOCK and _TIMETABLE.match(text):
        return empty
    if not strict and stretch.grain is Grain.DATE and age > _OLD_EVENT:
        return empty
    return replace(resolved(text, empty, stretch, here), strict=strict)


def _is_past(words: str, relation: Relation, stretch: Stretch) -> bool:
    certain = re.search(r"yesterday|ago\b|last|past|gestern|вчора|вчера|ayer|hier", words, re.I)
    return bool(certain) or relation is Relation.SINCE or stretch.grain is Grain.ELASTIC


def _may_be_followed(text: str, end: int, after: re.Match[str], grain: Grain) -> bool:
    word, sign = after["word"], after["sign"]
    if not word:
        return True
    glued = after.start("word") == end + len(sign)
    if sign and glued:
        return sign not in ("-", ".", "/", "@", "'")
    if sign or grain is Grain.PERIOD:
        return True
    if word.lower() in FOLLOWERS or _VERB.match(word):
        return True
    loose = grain in (Grain.DAY, Grain.PART, Grain.ELASTIC)
    return loose and not (grain is Grain.PART and word.lower() in ("presenter", "host", "show", "shift", "stars"))


def _is_firm(text: str, at: int, end: int, stretch: Stretch, relation: Relation) -> bool:
    """Tell whether the phrase is surely about the report: not in a clause, not the attribute of a noun."""
    before = text[:at].strip(" ,¿¡")
    if _RELATIVE_CLAUSE.search(before):
        return False
    if relation in (Relation.SINCE, Relation.AS_OF, Relation.BY) or _BROAD.search(before) or not before:
        return True
    edge = not text[end:].strip(" ?!.,;:") or bool(_NOW.match(text[end:].lstrip()))
    if stretch.grain in (Grain.DAY, Grain.PART, Grain.ELASTIC, Grain.PERIOD) and edge:
        return True
    return bool(_VERB.match(before.split()[-1]))
