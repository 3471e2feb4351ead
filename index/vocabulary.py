"""The words of time in six languages, as tables: days, parts of a day, months, clocks, zones, prepositions.

Keys are case-folded and use the straight apostrophe. Nothing here reads a question.
"""

import re
from collections.abc import Iterable

RELATIVE_DAYS = {
    "today": 0, "yesterday": -1, "the day before yesterday": -2, "day before yesterday": -2,
    "heute": 0, "gestern": -1, "vorgestern": -2,
    "сьогодні": 0, "вчора": -1, "учора": -1, "позавчора": -2,
    "сегодня": 0, "вчера": -1, "позавчера": -2,
    "hoy": 0, "ayer": -1, "anteayer": -2,
    "aujourd'hui": 0, "hier": -1, "avant-hier": -2,
}  # fmt: skip

WEEKDAYS = (
    "monday montag понеділок понеділка понедельник понедельника lunes lundi",
    "tuesday dienstag вівторок вівторка вторник вторника martes mardi",
    "wednesday mittwoch середа середу середи среда среду среды miércoles miercoles mercredi",
    "thursday donnerstag четвер четверга четверг jueves jeudi",
    "friday freitag п'ятниця п'ятницю п'ятниці пятница пятницу пятницы viernes vendredi",
    "saturday samstag субота суботу суботи суббота субботу субботы sábado sabado samedi",
    "sunday sonntag неділя неділю неділі воскресенье воскресенья domingo dimanche",
)
WEEKDAY_ABBREVIATIONS = ("mon", "tue tues", "wed", "thu thur thurs", "fri", "sat", "sun")

MONTHS = (
    "january jan januar jänner січень січня січні январь января январе enero janvier",
    "february feb februar лютий лютого лютому февраль февраля феврале febrero février",
    "march mar märz березень березня березні март марта марте marzo mars",
    "april apr квітень квітня квітні апрель апреля апреле abril avril",
    "may mai травень травня травні май мая мае mayo",
    "june jun juni червень червня червні июнь июня июне junio juin",
    "july jul juli липень липня липні июль июля июле julio juillet",
    "august aug серпень серпня серпні август августа августе agosto août",
    "september sep sept вересень вересня вересні сентябрь сентября сентябре septiembre septembre",
    "october oct oktober okt жовтень жовтня жовтні октябрь октября октябре octubre octobre",
    "november nov листопад листопада листопаді ноябрь ноября ноябре noviembre novembre",
    "december dec dezember dez грудень грудня грудні декабрь декабря декабре diciembre décembre",
)
"""A month is the number of its row, from 1; the abbreviations need a day's number beside them."""

AMBIGUOUS_MONTHS = frozenset(("may", "march", "mar", "mai", "mars", "май", "мая", "марта", "jun", "dec", "sep"))
"""Months that are also other words: written small they count only where nothing follows."""

PART_HOURS = {
    "morning": (5, 12),
    "midday": (12, 14),
    "afternoon": (12, 18),
    "evening": (17, 24),
    "night": (18, 30),
    "overnight": (22, 31),
}
"""Part of a day -> hours from that day's midnight, end exclusive; above 24 is the next day."""

PARTS = {
    "morning": "morning", "lunchtime": "midday", "lunch time": "midday", "afternoon": "afternoon",
    "evening": "evening", "night": "night",
    "früh": "morning", "morgen": "morning", "vormittag": "morning", "mittag": "midday",
    "nachmittag": "afternoon", "abend": "evening", "nacht": "night",
    "вранці": "morning", "зранку": "morning", "вдень": "afternoon", "ввечері": "evening",
    "увечері": "evening", "вночі": "night", "уночі": "night",
    "утром": "morning", "днём": "afternoon", "днем": "afternoon", "вечером": "evening", "ночью": "night",
    "por la mañana": "morning", "por la tarde": "afternoon", "por la noche": "night",
    "matin": "morning", "après-midi": "afternoon", "soir": "evening",
}  # fmt: skip

FIXED = {
    "this morning": (0, "morning"), "this lunchtime": (0, "midday"), "this afternoon": (0, "afternoon"),
    "this evening": (0, "evening"), "tonight": (0, "evening"), "last night": (-1, "night"),
    "last evening": (-1, "evening"), "overnight": (-1, "overnight"), "over night": (-1, "overnight"),
    "lunchtime": (0, "midday"),
    "letzte nacht": (-1, "night"), "über nacht": (-1, "overnight"), "heute nacht": (-1, "overnight"),
    "ранку": (0, "morning"), "самого ранку": (0, "morning"), "утра": (0, "morning"), "самого утра": (0, "morning"),
    "минулої ночі": (-1, "night"), "прошлой ночью": (-1, "night"), "за ніч": (-1, "overnight"),
    "за ночь": (-1, "overnight"),
    "anoche": (-1, "night"), "esta mañana": (0, "morning"), "esta tarde": (0, "afternoon"),
    "ce matin": (0, "morning"), "cet après-midi": (0, "afternoon"), "ce soir": (0, "evening"),
    "cette nuit": (-1, "overnight"), "la nuit dernière": (-1, "night"),
}  # fmt: skip
"""A whole phrase -> (days from today, part of that day)."""

PERIODS = {
    "this week": ("week", 0), "last week": ("week", -1), "this month": ("month", 0), "last month": ("month", -1),
    "this year": ("year", 0),
    "the weekend": ("weekend", 0), "this weekend": ("weekend", 0), "last weekend": ("weekend", -1),
    "diese woche": ("week", 0), "dieser woche": ("week", 0), "letzte woche": ("week", -1),
    "letzter woche": ("week", -1), "diesen monat": ("month", 0), "diesem monat": ("month", 0),
    "wochenende": ("weekend", 0),
    "цього тижня": ("week", 0), "минулого тижня": ("week", -1), "цього місяця": ("month", 0),
    "вихідних": ("weekend", 0), "вихідні": ("weekend", 0),
    "этой неделе": ("week", 0), "прошлой неделе": ("week", -1), "этом месяце": ("month", 0),
    "выходных": ("weekend", 0), "выходные": ("weekend", 0),
    "esta semana": ("week", 0), "la semana pasada": ("week", -1), "este mes": ("month", 0),
    "el fin de semana": ("weekend", 0), "este fin de semana": ("weekend", 0),
    "cette semaine": ("week", 0), "la semaine dernière": ("week", -1), "ce mois-ci": ("month", 0),
    "le week-end": ("weekend", 0), "ce week-end": ("weekend", 0),
}  # fmt: skip

CLOCK_WORDS = {
    "noon": 12, "midday": 12, "midnight": 0, "mitternacht": 0,
    "полудня": 12, "полудень": 12, "опівдні": 12, "опівночі": 0, "півночі": 0, "полуночи": 0, "полночи": 0,
    "mediodía": 12, "medianoche": 0, "midi": 12, "minuit": 0,
}  # fmt: skip

NUMBERS = {
    "an": 1, "a": 1, "one": 1, "two": 2, "a couple of": 2, "couple of": 2, "couple": 2, "three": 3, "few": 3,
    "a few": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty-five": 45, "sixty": 60, "ninety": 90,
    "several": 4, "half an": 0.5, "half a": 0.5, "half": 0.5, "a half": 0.5, "quarter": 0.25, "a quarter": 0.25,
    "three quarters": 0.75, "three-quarters": 0.75, "one and a half": 1.5,
    "halbe": 0.5, "halben": 0.5, "dreiviertel": 0.75, "пів": 0.5, "чверть": 0.25, "четверть": 0.25, "media": 0.5,
    "einer": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "paar": 3, "zehn": 10,
    "одну": 1, "дві": 2, "два": 2, "две": 2, "три": 3, "чотири": 4, "четыре": 4, "п'ять": 5, "пять": 5,
    "una": 1, "un": 1, "une": 1, "dos": 2, "deux": 2, "tres": 3, "trois": 3, "cuatro": 4, "quatre": 4,
    "cinco": 5, "cinq": 5, "seis": 6, "diez": 10, "dix": 10,
}  # fmt: skip

UNITS = {
    "minute": "minute minutes min mins minuten хвилин хвилину хвилини минут минуту минуты minutos minuto",
    "hour": "hour hours hr hrs h stunde stunden годин годину години час часа часов hora horas heure heures",
    "day": "day days tag tage tagen день дні днів дня дней día días jour jours",
    "week": "week weeks woche wochen тиждень тижні тижнів неделю недели недель semana semanas semaine semaines",
    "month": "month months monat monate monaten",
    "half_hour": "halfhour half-hour півгодини півгодину полчаса demi-heure",
    "quarter_hour": "viertelstunde quarter-hour",
}

ZONES = {
    "gmt": "UTC", "utc": "UTC", "bst": "Europe/London", "est": "America/New_York", "edt": "America/New_York",
    "et": "America/New_York", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "ct": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago",
    "cet": "Europe/Berlin", "cest": "Europe/Berlin", "mez": "Europe/Berlin", "mesz": "Europe/Berlin",
    "eet": "Europe/Kyiv", "eest": "Europe/Kyiv", "msk": "Europe/Moscow", "мск": "Europe/Moscow",
    "jst": "Asia/Tokyo", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
    "kyiv time": "Europe/Kyiv", "kiev time": "Europe/Kyiv", "moscow time": "Europe/Moscow",
    "london time": "Europe/London", "uk time": "Europe/London", "berlin time": "Europe/Berlin",
    "paris time": "Europe/Paris", "eastern time": "America/New_York", "new york time": "America/New_York",
    "washington time": "America/New_York", "israel time": "Asia/Jerusalem", "tehran time": "Asia/Tehran",
    "beijing time": "Asia/Shanghai", "tokyo time": "Asia/Tokyo", "за києвом": "Europe/Kyiv",
    "за київським часом": "Europe/Kyiv", "по киеву": "Europe/Kyiv", "по москве": "Europe/Moscow",
    "по московскому времени": "Europe/Moscow", "local time": "",
}  # fmt: skip
"""Zone hint -> IANA name, "" for the asker's own. Letters shared with a word ("et") count in capitals only."""

FOLLOWERS = frozenset(
    (
        "and or but in at to about by for with from after before on who whom what when where why how which did does "
        "do was were is are has had have would could should that the a an he she they it we i you over against near "
        "if because as than during until till since between into any there his her their its according regarding "
        "please so then while not local onwards onward alone around under amid "
        "und oder im am an zu von mit über bei auf aus nach vor der die das den wer was wie wo wann ist sind war hat "
        "і й та в у на про з із від до що хто де коли як и во о об с из от что кто где когда как "
        "y o en de del con por para sobre al que quién qué cómo dónde se el los las "
        "et ou à du des dans sur avec pour par qui quoi où comment le les il elle"
    ).split()
)
"""Words that may follow a day, a date or a clock; before any other word it is a name or an adjective."""

EVENTS = (
    r"votes?|explosions?|blasts?|strikes?|attacks?|crash|collision|fire|blaze|(?:earth)?quake|aftershocks?|tsunami|flood(?:s|ing)?|"
    r"storm|hurricane|landslide|eruption|speech|summit|meeting|talks|briefing|press\s+conference|news\s+conference|ceasefire|"
    r"truce|elections?|referendum|debate|verdict|ruling|announcement|resignation|arrests?|shootings?|stabbing|evacuation|"
    r"landing|launch|lift-?off|match|game|kick-?off|half-?time|interval|final\s+whistle|final|goal|penalty|hearing|trial|"
    r"sentencing|funeral|ceremony|protests?|march|rally|raids?|collapse|derailment|outage|blackout|statement|address|interview|"
    r"invasion|withdrawal|deal|agreement|signing|inauguration|coronation|wedding|budget|inquest|election|escape|rescue|"
    r"incident|accident|breach|leak|protests|murder|death|assassination|bombing|drone\s+attack|exchange|swap|show|race|concert"
)
"""Happenings by which a question may tell the time ("before the vote"), or whose time it may tell."""

NAMES = (
    r"(?:good|black|bloody|ash|palm|super|holy|maundy|cyber|easter|whit|shrove|giving|girl|sheffield|spy|big|red|"
    r"plough|casual|happy)\s+(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|friday\s+the\s+13th|mail\s+on\s+sunday|man\s+who\s+was\s+thursday|fridays?\s+for\s+future"
    r"|(?:usa|russia|india|the|psychology|world)\s+today(?=\s+(?:program|show|news|report|said|host|present|edit))"
    r"|(?:usa|russia|psychology|history)\s+today|today\s+(?:program\w*|show|fm|presenter|host)"
    r"|tonight\s+show|day\s+after\s+tomorrow|(?-i:This\s+Morning\b)(?=\s+\w)"
    r"|(?-i:BBC\s+Today|Saturday\s+Night|Sunday\s+[A-Z]\w+|Monday\s+Night|Midnight\s+[A-Z]\w+|High\s+Noon)"
    r"|morning[ -]after|born\s+on\s+the|(?:mid|early|late)-(?=may\b)|last[ -]minute"
)
"""Names that hold a word of time and are none."""


def alternation(words: Iterable[str]) -> str:
    """Return a regular expression for any of the words, the longest first; a space stands for any space."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


def rows(table: Iterable[str], first: int = 0) -> dict[str, int]:
    """Return each word of the table with the number of its row."""
    return {word: number for number, row in enumerate(table, first) for word in row.split()}
