"""Pure: a question that leans on the one before it ("and in Leeds?", "more") becomes one that stands alone."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from index.errors import QuestionError
from index.intents import FIGURE_COMMAND, content_words, intent_of, tidy
from index.moments import Here
from index.prepositions import Phrase
from index.scopes import find_phrase
from index.types import Answer, Intent, Previous, Question

_LEAD = re.compile(
    r"^\s*(?:(?:and|but|or|so|also|ok(?:ay)?|then|und|aber|а|і|и|y|et)\b[\s,]*)?(?:(?:what|how)\s+about|what\s+of|and)?\b\s*",
    re.IGNORECASE,
)
_CONNECTED = re.compile(
    r"^\s*(?:and|but|or|also|und|aber|а|і|и|y|et)\b|^\s*(?:ok(?:ay)?[\s,]+)?(?:(?:so\s+)?what|how)\s+about\b|^\s*what\s+of\b",
    re.IGNORECASE,
)
_LONE = re.compile(
    r"^\W*(?:(?:and|so|but)\s+)?(?:why(?:\s+not)?|who|when|where|how|how\s+(?:many|much|long|old|far|so|come|bad)|which(?:\s+ones?)?|"
    r"by\s+whom|since\s+(?:when|then)|until\s+when|what\s+time|what\s+else|who\s+else|where\s+else|exactly\s+where|"
    r"really|since\s+then|before\s+that|after\s+that|warum|wer|wann|wo|чому|хто|коли|де|почему|кто|когда|где|quién|cuándo|"
    r"dónde|por\s+qué|qui|quand|où|pourquoi)(?:\s+(?:exactly|else|then|there|now|not))?\W*$",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:that|so|this|it|he|she|they|them|him|her|his|their|those|these|there|then)\b|\bдо\s+того\b", re.IGNORECASE
)
_QUESTION_WORD = re.compile(
    r"^\W*(?:who|whom|whose|what|when|where|why|how|which|is|are|was|were|did|does|do|has|have|had|can|could|will|would)\b",
    re.I,
)
_CLAUSE_THAT = re.compile(
    r"\b(?:say|said|says|claim\w*|report\w*|know|knew|think|announce\w*|deny|denied)\s+(?:that|so)\s+\w", re.I
)
_PLACE = re.compile(
    r"^(?:in|at|near|from|around|outside|inside|on)\s+(?:the\s+)?[\w'’.-]+(?:\s+[\w'’.-]+){0,3}$", re.IGNORECASE
)
_PLACE_ALONE = re.compile(
    r"^(?:in|at|near|from|around|outside|inside)\s+(?:the\s+(?!end\b|meantime\b)(?:[\w'’.-]+\s+){0,2}[\w'’.-]+|"
    r"(?-i:[A-ZÀ-ÞА-ЯІЇЄ])[\w'’.-]+(?:\s+(?:(?:of|the|de|la|upon)\s+){0,2}(?-i:[A-ZÀ-ÞА-ЯІЇЄ])[\w'’.-]+){0,3})$",
    re.IGNORECASE,
)
_PLACE_WITHIN = re.compile(
    r"\b(?P<prep>in|at|near|from|around|outside|inside)\s+(?:the\s+)?[A-ZÀ-ÞА-ЯІЇЄ][\w'’.-]*(?:\s+[A-ZÀ-ÞА-ЯІЇЄ][\w'’.-]*)*"
)
_A_TIME = (
    r"^(?:(?:on|in|at|by|since|before|after|until|during|over|from)\s+(?:the\s+)?)?(?:last\s+|this\s+)?"
    r"(?:yesterday|today|tonight|overnight|now|jetzt|зараз|сейчас|ahora|maintenant|morning|afternoon|evening|night|week|"
    r"weekend|month|noon|midnight|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,2}(?::\d\d|\s?[ap]m))\b"
)
_TIME = re.compile(rf"{_A_TIME}.{{0,20}}$", re.IGNORECASE)
_TIME_ALONE = re.compile(rf"{_A_TIME}$|^(?:at|since|before|after|by)\s+\d{{1,2}}$", re.IGNORECASE)
_CLOCK_ALONE = re.compile(r"^(?:at|um|о|об|в|à|a\s+las?)\s+(?:\d{1,2}(?!\d)|noon\b|midnight\b)", re.IGNORECASE)
_DAY_WITHIN = re.compile(
    r"\b(?:(?:on\s+|last\s+)?(?:yesterday|today|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|gestern|heute|вчора|сьогодні|вчера|сегодня|"
    r"ayer|hoy|hier)\b",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(
    r"^(?:\w+ed|killed|hurt|found|lost|sent|held|shot|dead|alive|missing|freed|wounded|unhurt)$", re.IGNORECASE
)
_PARTICIPLE_WITHIN = re.compile(
    r"(?<=\s)(?:(?!need|speed|bed\b|red\b)\w{3,}ed|hurt|found|lost|sent|held|shot|dead|missing|freed)(?=\W|$)",
    re.IGNORECASE,
)
_NAME = re.compile(r"^(?:the\s+)?[A-ZÀ-ÞА-ЯІЇЄ][\w'’.-]*(?:\s+[A-ZÀ-ÞА-ЯІЇЄ][\w'’.-]*)*$")
_NAME_WITHIN = re.compile(r"(?<=\s)(?!I\b)[A-ZÀ-ÞА-ЯІЇЄ][\w'’.-]*(?:\s+[A-ZÀ-ÞА-ЯІЇЄ][\w'’.-]*)*")
_OBJECT = re.compile(r"^(?P<head>(?:how\s+many|which|whose)\s+)(?P<noun>(?!of\b)\w+)(?P<rest>\s.+)$", re.IGNORECASE)
# A pronoun that stands for something said before, and a count of something not named.
_STANDS_FOR = re.compile(r"\b(?:it|they|them|he|she|him|her|his|their|theirs|its|there|those|these)\b", re.IGNORECASE)
_EMPTY_IT = re.compile(
    r"\b(?:is|was|will|does|did)\s+(?:it|there)\b"
    r"(?=\s+(?:true|right|correct|possible|likely|safe|known|clear|a|an|any|rain|snow)\w*)",
    re.IGNORECASE,
)
_COUNT_OF_NOTHING = re.compile(
    r"^\W*how\s+(?:many|much)\s+(?:of\s+them|were|was|are|is|have|has|had|did|do|came|went|got|took|left|\w+ed)\b",
    re.IGNORECASE,
)
# A whole message that wants the next excerpts of the same question.
_MORE = re.compile(
    r"\W*(?:(?:ok(?:ay)?|yes|and|please)\W+)*(?:"
    r"more|(?:show|give|tell|send)\s+(?:me\s+)?(?:some\s+|any\s+)?more|(?:the\s+)?next(?:\s+(?:one|page|excerpts?))?|"
    r"(?:any|some)\s+more|(?:is|are)\s+there\s+(?:any\s+)?more|anything\s+(?:else|more)|(?:what|any)\s+(?:else|others?)|"
    r"more\s+(?:excerpts?|results?|quotes?|updates?|of\s+(?:that|this|those|these|them|it))|show\s+the\s+rest|go\s+on|continue|"
    r"mehr|(?:zeig|zeige|noch)\s+(?:mir\s+)?mehr|weiter|weitere|(?:was|und)\s+(?:sonst|noch)(?:\s+noch)?|"
    r"ще|(?:покажи|покажіть)\s+ще|далі|більше|що\s+ще|ещ[её]|(?:покажи|покажите)\s+ещ[её]|дальше|больше|что\s+ещ[её]|"
    r"m[áa]s|(?:mu[ée]strame|ver|dame)\s+m[áa]s|algo\s+m[áa]s|siguientes?|sigue|continúa|"
    r"encore|plus|(?:montre|montre-moi|voir|affiche)\s+(?:la\s+suite|plus|davantage)|la\s+suite|suite|davantage|suivante?s?|"
    r"(?:quoi|rien)\s+d'autre|autre\s+chose"
    r")(?:\W+(?:please|bitte|будь\s+ласка|пожалуйста|por\s+favor|s'il\s+(?:te|vous)\s+pla[îi]t|then|now))?\W*",
    re.IGNORECASE,
)
# The time of what was cited, as a question names it.
_SINCE_THEN = re.compile(
    r"\b(?:(?:ever\s+)?since\s+then|(?:since|after)\s+(?:that|this)(?=\s*(?:[?!.,]|$))|thereafter|"
    r"seit(?:dem|her)(?=\s*(?:[?!.,]|$))|danach(?=\s*(?:[?!.,]|$))|seitdem|відтоді|з\s+того\s+часу|після\s+(?:того|цього)(?=\s*(?:[?!.,]|$))|"
    r"с\s+тех\s+пор|после\s+(?:того|этого)(?=\s*(?:[?!.,]|$))|desde\s+entonces|después\s+de\s+eso|depuis\s+lors|après\s+(?:cela|ça))(?!\w)"
    r"|^\W*(?:(?:and|und|і|й|та|и|y|et)\s+)?(?:since|seither|depuis|after)\W*$",
    re.IGNORECASE,
)
_SHORT_WORDS = 7
_LONGEST_LEANING = 12
_LONGEST_CHARS = 1_000  # more than that stands by itself
_LONGEST_MORE = 60
_LONGEST_BARE = 40
# Whether words name a time does not hang on the day they are said; on this one most of it lies behind.
_SOME_DAY = Here(now=datetime(2026, 12, 31, 23, 59, tzinfo=UTC), zone=ZoneInfo("UTC"))


def previous_of(answer: Answer) -> Previous:
    """Return what a question needs to follow an answer, or to ask for more of it."""
    query = answer.query
    cited = (excerpt.citation.update_id for excerpt in answer.excerpts)
    return Previous(
        question=query.question,
        cited=tuple(dict.fromkeys((*query.leave_out, *cited))),
        since=query.since,
        asked_at=query.asked_at or query.now,
    )


def asks_more(text: str) -> bool:
    """Tell whether a whole message only asks for the next excerpts of the question before it."""
    return len(text) <= _LONGEST_MORE and _MORE.fullmatch(text.replace("’", "'")) is not None


def points_back(text: str) -> bool:
    """Tell whether a question is about the time since what was cited ("and since then?") and names no other."""
    return len(text) <= _LONGEST_CHARS and _SINCE_THEN.search(text) is not None and re.search(r"\d", text) is None


def is_follow_up(text: str) -> bool:
    """Tell whether a text cannot be understood without the question before it."""
    if _CONNECTED.search(text) or _LONE.search(text) or _is_bare(text):
        return True
    words = text.split()
    if not words or len(words) > _SHORT_WORDS or not _POINTING.search(text) or _CLAUSE_THAT.search(text):
        return False
    own = [w for w in content_words(text) if not _POINTING.fullmatch(w)]
    named = any(w[0].isupper() or w[0].isdecimal() for w in own if w != words[0])
    return not named and len(own) <= 1 and (bool(_QUESTION_WORD.search(text)) or len(words) <= 3)


def _is_bare(text: str) -> bool:
    """Tell whether a text is nothing but a time or a place: "since 14:00?", "in Leeds?"."""
    bare = text.strip(" ?!.,")
    return len(bare) <= _LONGEST_BARE and (_is_time_alone(bare) or _PLACE_ALONE.match(bare) is not None)


def _is_time(text: str) -> bool:
    return _TIME.match(text) is not None or _is_time_alone(text)


def _is_time_alone(text: str) -> bool:
    phrase = _time_of(text)
    return _TIME_ALONE.match(text) is not None or (phrase is not None and not tidy(_cut(text, phrase)))


def _time_of(text: str) -> Phrase | None:
    try:
        return find_phrase(text, _SOME_DAY)
    except QuestionError:
        return None


def _cut(text: str, phrase: Phrase) -> str:
    return f"{text[: phrase.start].rstrip()} {text[phrase.end :].lstrip()}".strip()


def leans(text: str) -> bool:
    """Tell whether a text, asked after another question, is better understood with it: it names nothing of its own."""
    words = text.split()
    named = any(word[0].isupper() or word[0].isdecimal() for word in content_words(text) if word != words[0])
    if not words or named or len(words) > _LONGEST_LEANING or _CLAUSE_THAT.search(text):
        return False
    return bool(_STANDS_FOR.search(_EMPTY_IT.sub("", text)) or _COUNT_OF_NOTHING.search(text))


def resolve(question: Question, *, since: datetime | None = None) -> Question:
    """Return the question standing alone: a follow-up takes over the words of the earlier one it does not replace.

    A question that stands by itself, or has none before it, is returned as it is. Kinds are replaced by
    their like: a place by a place, a participle by a participle, a name by a name, a time by a time. "More" is the
    earlier question again, without what was cited. `since`: where the time begins that `points_back` told of.
    """
    previous = question.previous
    if previous is None or not previous.question.strip():
        return question
    earlier = previous.question.strip()[:_LONGEST_CHARS]
    if asks_more(question.text):
        return replace(
            question, text=earlier, leave_out=previous.cited, since=previous.since, asked_at=previous.asked_at
        )
    if since is not None:
        return _since(replace(question, since=since, leave_out=previous.cited), earlier)
    if len(question.text) > _LONGEST_CHARS or not (is_follow_up(question.text) or leans(question.text)):
        return question
    merged = _merge(earlier, question.text.strip())
    return replace(question, text=merged)


def _since(question: Question, earlier: str) -> Question:
    """Ask the earlier question again where nothing but "since then" was said, else what was said besides."""
    rest = tidy(_SINCE_THEN.sub(" ", question.text))
    said = _LEAD.sub("", rest, count=1).strip(" ?!.,")
    if not said or _LONE.search(rest):
        return replace(question, text=earlier)
    return resolve(replace(question, text=rest))


def _merge(earlier: str, text: str) -> str:
    if command := FIGURE_COMMAND.match(earlier):
        return _figure_of(earlier, earlier[command.end() :].strip(), text)
    bare = _is_bare(text)
    if not bare and (not _CONNECTED.search(text) or _LONE.search(text) or _POINTING.search(text)):
        return _carried(earlier, text)
    new = _LEAD.sub("", text, count=1).strip(" ?!.,")
    if not new:
        return earlier
    swapped = _swapped(earlier, new)
    if swapped is not None:
        return swapped
    if not _QUESTION_WORD.search(new) and intent_of(earlier, as_of=False, scoped=True) is Intent.CATCH_UP:
        return f"{earlier.rstrip(' ?!.')} about {re.sub(r'^about ', '', new, flags=re.IGNORECASE)}?"
    return _carried(earlier, new if _QUESTION_WORD.search(new) else f"{new}?")


def _figure_of(earlier: str, counted: str, text: str) -> str:
    """Follow "/figure arrests": "and in Leeds?" narrows it, "and deaths?" asks for another, all else is a question."""
    new = _LEAD.sub("", text, count=1).strip(" ?!.,")
    leaning = _LONE.search(text) or _POINTING.search(text) or _QUESTION_WORD.search(new)
    if not _is_bare(text) and (leaning or not _CONNECTED.search(text)):
        return _carried(counted, text)
    if not new:
        return earlier
    narrows = _PLACE.match(new) or _is_time(new)
    return f"/figure {counted} {new}" if narrows else f"/figure {new}"


def _swapped(earlier: str, new: str) -> str | None:
    """Return the earlier question with its like of the new words replaced, or None where it has none."""
    bare = earlier.rstrip(" ?!.")
    if _is_time(new):
        day = _DAY_WITHIN.search(bare) if _CLOCK_ALONE.match(new) else None
        kept = f" {day.group()}" if day and not _DAY_WITHIN.search(new) else ""
        return f"{_without_time(bare)}{kept} {new}?"
    if _PLACE.match(new):
        return _put(_PLACE_WITHIN, bare, new) or f"{bare} {new}?"
    if _PARTICIPLE.match(new):
        return _put(_PARTICIPLE_WITHIN, bare, new)
    if _NAME.match(new):
        return _put(_NAME_WITHIN, bare, new)
    noun = re.sub(r"^(?:the|a|an)\s+", "", new, flags=re.IGNORECASE)
    counted = _OBJECT.match(bare)
    if counted and " " not in noun:
        return f"{counted['head']}{noun}{counted['rest']}?"
    return None


def _put(kind: re.Pattern[str], earlier: str, new: str) -> str | None:
    found = list(kind.finditer(earlier))
    if not found:
        return None
    return f"{earlier[: found[-1].start()]}{new}{earlier[found[-1].end() :]}?"


def _without_time(text: str) -> str:
    if phrase := _time_of(text):
        return _cut(text, phrase)
    for at in (match.start() for match in re.finditer(r"(?<=\s)\w", text)):
        if _TIME.match(text[at:]):
            return text[:at].rstrip()
    return text


def _carried(earlier: str, text: str) -> str:
    """Return the new question followed by the earlier one's content words that it does not hold itself."""
    asked = _LEAD.sub("", text, count=1).strip() or text
    known = {word.casefold() for word in content_words(asked)}
    kept = [word for word in content_words(earlier) if word.casefold() not in known]
    if not kept:
        return asked
    return f"{asked.rstrip(' ?!.')} {' '.join(kept)}?"
