"""What kind of answer a question wants, by the words that say so, and what of it is worth searching for.

Pure. Precedence: figure ("how did the number of … develop"), catch-up ("what happened today", "what is new"),
latest ("so far", "now", or a state as of a moment), fact.
"""

import re

from index.types import Intent

_FIGURE_NOUN = (
    r"(?:number|numbers|toll|figures?|counts?|total|tally|estimates?|prices?|score|rate|size|cost|losses|casualties|"
    r"deaths|arrests|damage|acreage|turnout|lead)"
)
FIGURE_COMMAND = re.compile(r"^\s*/figures?(?:@\w+)?\b", re.IGNORECASE)
_FIGURE = re.compile(
    rf"\bhow\s+(?:did|has|have|had|does|do)\s+(?:\S+\s+){{0,4}}?{_FIGURE_NOUN}\b.*?"
    r"\b(?:developed|develop|changed?|evolved?|grown|grow|risen|rise|moved?|progress(?:ed)?)\b"
    rf"|\b(?:development|timeline|evolution|history)\s+of\s+(?:the\s+)?(?:\w+\s+){{0,3}}?{_FIGURE_NOUN}\b"
    rf"|\bhow\s+(?:the\s+)?(?:\w+\s+){{0,3}}?{_FIGURE_NOUN}(?:\s+\w+){{0,3}}?\s+(?:changed|developed|evolved|grew|rose)\b"
    r"|\bwie\s+ha(?:t|ben)\s+sich\s+.*\b(?:zahl|opferzahl|bilanz)\b.*\b(?:entwickelt|verändert)"
    r"|\bяк\s+змін(?:ювала|ила)ся\s+кількість|\bкак\s+(?:менял\w+|изменил\w+)\s+(?:числ\w+|количеств\w+)"
    r"|\bcómo\s+ha\s+(?:evolucionado|cambiado)|\bcomment\s+(?:a\s+évolué|ont\s+évolué)",
    re.IGNORECASE,
)
_FIGURE_FRAME = re.compile(
    r"^\s*how\s+(?:did|has|have|had|does|do)\b|\b(?:developed|develop|changed?|evolved?|"
    r"grown|progress(?:ed)?)\b(?=[\s?!.]*(?:over\s+time)?[\s?!.]*$)|\bover\s+time\b",
    re.IGNORECASE,
)
_CATCH_UP = re.compile(
    r"\bwhat(?:'s|\s+is|\s+else\s+is|\s+was)?\s+(?:new|happening|going\s+on)\b"
    r"|\bwhat(?:\s+all|\s+else)?(?:\s+has|\s+have|\s+had|'s)?\s+(?:happened|changed|been\s+happening|been\s+going\s+on)\b(?!\s+to\b)"
    r"|\bwhat\s+(?:did|have)\s+(?:i|we)\s+miss(?:ed)?\b|\banything\s+(?:new|happen\w*)\b|\bwhat\s+i\s+missed\b"
    r"|\b(?:summary|summari[sz]e|recap|round-?up|overview|digest)\b|\bcatch\s+(?:me|us)\s+up\b|\bbring\s+me\s+up\s+to\s+(?:date|speed)\b"
    r"|\bwhat\s+(?:was|has\s+been|were)\s+(?:reported|announced|published)(?:\s|\?|$)"
    r"|\bwas\s+(?:ist|gibt\s+es|gab\s+es|hat\s+sich)\s+(?:\w+\s+)?(?:passiert|geschehen|neues|getan)\b|\bwas\s+ist\s+(?:.*\s)?(?:passiert|geschehen)\b"
    r"|\bwas\s+habe\s+ich\s+verpasst\b|\bщо\s+(?:\S+\s+)?(?:сталося|відбулося|нового|змінил\w+)\b|\bчто\s+(?:\S+\s+)?(?:случилось|произошло|нового|изменил\w+)\b"
    r"|\bqué\s+(?:\S+\s+)?(?:pasó|ocurrió|ha\s+pasado|hay\s+de\s+nuevo|(?:ha\s+)?cambi\w+)\b|\bqu'est-ce\s+qui\s+a\s+changé|\bwas\s+hat\s+sich\s+.*(?:ge|ver)ändert\b|\bque\s+s'est-il\s+passé|\bqu'est-ce\s+qui\s+s'est\s+passé"
    r"|\bquoi\s+de\s+neuf\b",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(?:latest|newest|most\s+recent(?:ly)?|current(?:ly)?(?!\s+affairs)|right\s+now|by\s+now|up\s+(?:to|until|till)\s+now|"
    r"until\s+now|till\s+now|as\s+of\s+(?:now|today)|at\s+the\s+moment|at\s+present|presently|to\s+date|"
    r"so\s+far(?!\s+(?:away|from|right|left|as|that|apart|behind|ahead|off)\b|-)|as\s+(?:it|things)\s+stands?|"
    r"still(?!\s+(?:image|images|photo|life|birth|water|from)\b)|last\s+known|any\s+(?:news|updates?)|"
    r"what\s+(?:has\s+|had\s+)?(?:became|become)\s+of|how\s+(?:did|has|does)\s+(?:\S+\s+){1,4}?(?:end(?:ed)?|turn(?:ed)?\s+out)|in\s+the\s+end|"
    r"aktuell\w*|jetzt|derzeit\w*|momentan|bisher|bislang|neueste\w*|"
    r"зараз|наразі|досі|на\s+цей\s+момент|останні\s+новини|сейчас|на\s+данный\s+момент|последние\s+новости|"
    r"ahora|actualmente|hasta\s+ahora|por\s+ahora|últimas\s+noticias|todavía|"
    r"maintenant|actuellement|jusqu'à\s+présent|pour\s+l'instant|dernières\s+nouvelles)\b"
    r"|(?<!\w)now\b(?!,|\s+that\b|-)",
    re.IGNORECASE,
)
_LATEST_FRAME = re.compile(
    r"\b(?:what(?:'s|\s+is|\s+are)\s+the\s+latest\s+(?:news\s+|updates?\s+)?(?:on|about|from|in|with)|"
    r"(?:are\s+there|is\s+there)?\s*any\s+(?:news|updates?)\s+(?:on|about|from|of))\b",
    re.IGNORECASE,
)
# A headline says "now" and "still" of itself; only a question, or such a word at either end, asks for what stands now.
_ASKS = re.compile(
    r"\?|^\W*(?:who|whom|whose|what|when|where|why|how|which|is|are|was|were|am|do|does|did|has|have|had|can|could|will|"
    r"would|should|may|might|any|tell|show|give|and|so|but)\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"(?<=\w\s)(?:now|still)(?=\s\w)", re.IGNORECASE)
# A count in the present tense asks for the one that stands.
_STANDS = re.compile(
    r"\bhow\s+(?:many|much)\s+(?:[\w'’-]+\s+){1,5}?(?:are|is|have|has|remain)\b|\bhow\s+(?:many|much)\s+(?:are|is|have|has|remain)\b"
    r"|\bwie\s?viele\s+(?:\w+\s+){0,4}?(?:sind|ist|haben|hat)\b"
    # So does what is measured, and a plan.
    r"|\bwhat(?:['’]s|\s+is)\s+the\s+(?:[\w-]+\s+){0,3}?(?:level|prices?|cost|rate|score|toll|number|total|count|temperature|magnitude|turnout|"
    r"status|situation|state)\b|\bwhen\s+(?:will|is|are)\b.+?\b(?:will|expected|due|going|supposed|scheduled|planned|set|be|re\w*|open|start|begin|end|"
    r"resume|return)\b",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_SIGN = re.compile(r"\s+([?!.,;:])")
_EDGES = re.compile(r"^[\s,;:.–—-]+|[\s,;:–—-]+$")
_LOOSE_SIGNS = re.compile(r",\s*(?=[?!.])|,\s*$")
_WORD = re.compile(r"\w[\w'’-]*")
_EMPTY_WORDS = frozenset(
    (
        "a an the and or but over during since until before after between into of in on at to for from by with "
        "about as it its he she they them him her his their this "
        "that these those there here i we you me us my our who whom whose what when where why how which did do does "
        "done is are was were be been being has have had can could would should will shall may might much many any "
        "some all else so then also please tell show give what's who's where's it's exactly just ever ok hi hello "
        "und oder der die das den dem ist sind war waren hat haben wer was wie wo wann warum es gab gibt sich ich "
        "і й та в у на з що хто де коли як чому є було и с что кто где когда почему было "
        "que qué quién cómo dónde cuándo el la los las se es fue ha hay de del y "
        "qui quoi où quand comment est-ce les le des du est a il elle s'est-il s'est c'est et"
    ).split()
)
_FRAME_WORDS = frozenset(
    (
        "happened happen happens happening new news missed miss changed change summary recap update updates latest "
        "going round-up roundup overview digest reported announced published catch bring up speed "
        "date say said saying been "
        "passiert geschehen neues verpasst сталося відбулося нового случилось произошло pasó ocurrió "
        "pasado nuevo passé neuf hieß bekannt відомо известно sabía savait змінилося изменилось "
        "news now newest current currently since today everything anything"
    ).split()
)


def intent_of(text: str, *, as_of: bool, scoped: bool) -> Intent:
    """Return what kind of answer is wanted; `text` still holds its time phrase.

    A broad question ("what happened in Leeds") is a catch-up only with a stretch of time or without a topic.
    """
    if FIGURE_COMMAND.match(text) or _FIGURE.search(text):
        return Intent.FIGURE
    if as_of:
        return Intent.LATEST
    if _CATCH_UP.search(text) and (scoped or _is_standing_frame(text)):
        return Intent.CATCH_UP
    if _LATEST.search(text if _ASKS.search(text) else _WITHIN.sub("", text)):
        return Intent.LATEST
    return Intent.LATEST if not scoped and _STANDS.search(text) else Intent.FACT


def _is_standing_frame(text: str) -> bool:
    """Tell whether a broad question needs no time: it names no topic, or asks what is new."""
    asks_new = re.search(r"\b(?:new|miss(?:ed)?|summary|recap|neues|нового|nuevo|neuf)\b|catch\s|\bsummari", text, re.I)
    return bool(asks_new) or not content_words(text)


def content_words(text: str) -> tuple[str, ...]:
    """Return the words that say what a question is about: no question words, no frame of a broad question."""
    words = (match[0] for match in _WORD.finditer(text))
    return tuple(w for w in words if w.replace("’", "'").casefold() not in _EMPTY_WORDS | _FRAME_WORDS)


def searchable(text: str, intent: Intent) -> str:
    """Return the text without the words that only say which kind of answer is wanted.

    A catch-up keeps its topic alone and may be empty; any other question keeps words to search for.
    """
    if intent is Intent.CATCH_UP:
        return " ".join(content_words(_CATCH_UP.sub(" ", text)))
    bare = text
    if intent is Intent.FIGURE:
        named = FIGURE_COMMAND.sub("", bare)
        # "/figure tonnes" asks for the number of them, as the whole question would.
        counted = "number of " if named != bare and not re.search(rf"\b{_FIGURE_NOUN}\b", named, re.IGNORECASE) else ""
        bare = counted + _FIGURE_FRAME.sub(" ", named).strip()
    if intent is Intent.LATEST:
        bare = _LATEST.sub(" ", _LATEST_FRAME.sub(" ", bare))
    return tidy(bare) if content_words(bare) else " ".join(content_words(text))


def tidy(text: str) -> str:
    """Return text with single spaces, and without the signs that a removed phrase left behind."""
    text = _SPACE_BEFORE_SIGN.sub(r"\1", _SPACES.sub(" ", text))
    return _EDGES.sub("", _LOOSE_SIGNS.sub("", text)).strip()
