"""Words for numbers: English, German, Spanish, French, Ukrainian and Russian, with what each is worth. Data.

Left out is what mostly means something else: articles ("un", "eine"), "once", "neuf", "sept", "cent".
"""

_ONES = (
    "zero null cero нуль ноль",
    "one",
    "two zwei dos deux два дві двох двоє две двух двое",
    "three drei tres trois три троє трьох трое трёх трех",
    "four vier cuatro quatre чотири четверо чотирьох четыре четырёх четырех",
    "five fünf cinco cinq п'ять п'яти п'ятеро п'ятьох пять пяти пятеро",
    "six sechs seis шість шести шестеро шістьох шесть",
    "seven sieben siete сім семи семеро сімох семь",
    "eight acht ocho huit вісім восьми восьмеро вісьмох восемь",
    "nine neun nueve дев'ять дев'яти дев'ятеро девять девяти",
    "ten zehn diez dix десять десяти десятеро",
    "eleven elf onze одинадцять одиннадцать",
    "twelve zwölf doce douze дванадцять двенадцать",
    "thirteen dreizehn trece treize тринадцять тринадцать",
    "fourteen vierzehn catorce quatorze чотирнадцять четырнадцать",
    "fifteen fünfzehn quince quinze п'ятнадцять пятнадцать",
    "sixteen sechzehn dieciséis seize шістнадцять шестнадцать",
    "seventeen siebzehn diecisiete сімнадцять семнадцать",
    "eighteen achtzehn dieciocho вісімнадцять восемнадцать",
    "nineteen neunzehn diecinueve дев'ятнадцять девятнадцать",
)
_TENS = (
    "twenty zwanzig veinte vingt двадцять двадцать",
    "thirty dreißig treinta trente тридцять тридцать",
    "forty vierzig cuarenta quarante сорок",
    "fifty fünfzig cincuenta cinquante п'ятдесят пятьдесят",
    "sixty sechzig sesenta шістдесят шестьдесят",
    "seventy siebzig setenta сімдесят семьдесят",
    "eighty achtzig ochenta вісімдесят восемьдесят",
    "ninety neunzig noventa дев'яносто девяносто",
)
_GERMAN_ONES = "ein zwei drei vier fünf sechs sieben acht neun"
_GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"

ONES = {word: value for value, row in enumerate(_ONES) for word in row.split()} | {
    f"{one}und{ten}": 10 * tens + value
    for tens, ten in enumerate(_GERMAN_TENS.split(), 2)
    for value, one in enumerate(_GERMAN_ONES.split(), 1)
}
TENS = {word: 10 * tens for tens, row in enumerate(_TENS, 2) for word in row.split()}
DOZENS = {"dozen": 12, "dutzend": 12}
WORTH = ONES | TENS | DOZENS
# What multiplies the number before it.
SCALES = {
    word: scale
    for scale, row in (
        (100.0, "hundred"),
        (1e3, "thousand tausend mil mille k тис тисяч тисячі тисяча тыс тысяч тысячи тысяча"),
        (1e6, "million millions millionen mio millones mn m млн мільйон мільйона мільйони мільйонів"),
        (1e6, "миллион миллиона миллионов"),
        (1e9, "billion milliarden mrd milliard milliards bn млрд мільярд мільярда мільярди мільярдів"),
        (1e9, "миллиард миллиарда миллиардов"),
    )
    for word in row.split()
}  # fmt: skip


def spelt(text: str) -> str:
    """Return a text as these words are written: in small letters, with a plain apostrophe."""
    return text.lower().replace("’", "'").replace("ʼ", "'")
