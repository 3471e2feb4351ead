"""Tells what is said to the bot from what is asked of it: greetings, thanks, insults, questions about itself.

Pure, and careful: only a whole message counts, since a question about the news must never be taken for chatter.
All our languages are understood in every chat; the answer is the chat's.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType

_BOT = r"(?: (?:bot|dateline|there|mate|man|dude|everyone|all))?"
_SO = r"(?: (?:so|very) much| a lot| again| for (?:that|this|the|your) ?(?:help|answer|info|information)?)*"
_RUDE = (
    r"(?:stupid|useless|dumb|rubbish|garbage|trash|crap|shit|bad|terrible|awful|worthless|idiotic"
    r"|an? idiot|a moron|a joke)"
)

# Written as it is heard: lower case, without punctuation; accents count on neither side, and "ß" is "ss".
_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "thanks": (
            r"(?:ok |okay |great |cool |perfect )?(?:many )?"
            rf"(?:thanks|thank you|thx|ty|cheers|much appreciated){_SO}{_BOT}"
        ),
        "hello": rf"(?:hello|hi|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)){_BOT}",
        "goodbye": rf"(?:bye|goodbye|bye bye|good night|see you|see ya|cya|farewell){_BOT}(?: (?:later|soon|then))?",
        "about": (
            r"(?:so )?(?:who|what) (?:are you|r u|is this bot|are u)(?: exactly)?"
            r"|who (?:made|built|created|wrote|programmed|runs|owns) (?:you|this bot)"
            r"|are you (?:a |an )?(?:bot|robot|human|real|real person|person|ai|chatgpt|gpt|machine|program)"
            r"|what(?: is|'s|s) your name|what can you do|what do you do|how do you work|tell me about yourself"
        ),
        "feelings": r"how are (?:you|u|things)(?: doing| today)*|how(?: is|'s) it going|what'?s up|sup|how do you do",
        "insult": (
            rf"(?:you(?: are|'re|r)?|u r|this bot is|bot) (?:so |such |really |very |totally )?{_RUDE}{_BOT}"
            rf"|{_RUDE} bot|(?:idiot|moron|stupid|useless)"
            r"|fuck (?:you|off)|f u|shut up|go to hell|you suck|this sucks|piss off"
        ),
        "praise": (
            r"(?:good|nice|great|well) (?:bot|job|work|done|one)"
            r"|(?:you(?: are|'re) )?(?:awesome|amazing|brilliant|great|the best)"
            r"|nice|cool|great|perfect|excellent|ok|okay|fine|got it|i see|understood|alright|lol|haha+|wow"
        ),
    }
)
_GERMAN: Mapping[str, str] = MappingProxyType(
    {
        "thanks": (
            r"(?:ok |okay |super |gut )?(?:vielen |herzlichen |besten |tausend )?dank(?:e|eschön)?"
            r"(?: (?:schön|sehr|dir|ihnen|vielmals|bot|dafür|für die (?:hilfe|antwort|info)))*"
        ),
        "hello": (
            r"(?:hallo|hi|hey|moin|moin moin|servus|grüezi|grüss gott|guten (?:morgen|tag"
            r"|abend))(?: bot| zusammen)?"
        ),
        "goodbye": (
            r"(?:tschüss?|ciao|auf wiedersehen|gute nacht|bis (?:bald|dann|später|morgen)"
            r"|mach's gut)(?: bot)?"
        ),
        "about": (
            r"(?:wer|was) (?:bist du|sind sie|ist dieser bot)(?: eigentlich| genau)?"
            r"|wie (?:heisst du|heissen sie)|was (?:kannst du|können sie|machst du|machen sie)"
            r"|(?:bist du|sind sie) (?:ein |eine |echt )?(?:bot|roboter|mensch|echt|ki|maschine|programm|chatgpt)"
            r"|wie (?:funktionierst du|funktionieren sie)|wer hat (?:dich|sie) (?:gemacht|gebaut|programmiert)"
        ),
        "feelings": (
            r"wie geht(?:'s| es)?(?: dir| ihnen)?(?: heute| so)?|was geht(?: ab)?|alles (?:klar"
            r"|gut) bei (?:dir|ihnen)"
        ),
        "insult": (
            r"(?:du bist|sie sind|dieser bot ist) (?:so |echt |total |wirklich )?"
            r"(?:dumm|doof|blöd|nutzlos|schlecht|scheisse|mies|ein idiot|ein witz|unfähig)"
            r"|(?:du )?(?:idiot|depp|trottel|arschloch|blödmann)|(?:dummer|blöder|doofer|scheiss) bot"
            r"|halt (?:die klappe|den mund|die fresse|'s maul)|verpiss dich|leck mich"
        ),
        "praise": (
            r"(?:guter|braver|toller) bot|(?:sehr |gut |super )?(?:gut|gemacht|toll|super|prima|klasse"
            r"|perfekt|spitze)"
            r"|du bist (?:super|toll|klasse|der beste)|alles klar|verstanden|aha|genial"
        ),
    }
)
_UKRAINIAN: Mapping[str, str] = MappingProxyType(
    {
        "thanks": (
            r"(?:ок |добре |супер )?(?:щиро |дуже |велике )?(?:дякую|спасибі|дяки|вдячний|вдячна)"
            r"(?: (?:дуже|щиро|тобі|вам|боте|велике|за (?:допомогу|відповідь)))*"
        ),
        "hello": (
            r"(?:привіт|вітаю|здоров|добр(?:ий|ого) (?:день|дня|ранок|ранку|вечір|вечора)"
            r"|доброго дня)(?: боте| всім)?"
        ),
        "goodbye": r"(?:бувай|бувайте|до побачення|па|па па|на добраніч|добраніч|до зустрічі)(?: боте)?",
        "about": (
            r"(?:хто|що) (?:ти|ви)(?: так(?:ий|е|а|і))?|(?:ти|ви) (?:бот|робот|людина|програма|жив(?:ий"
            r"|а)|ші|chatgpt)"
            r"|як (?:тебе|вас) (?:звати|звуть)|що (?:ти|ви) (?:вмієш|вмієте|можеш|можете|робиш|робите)"
            r"|як (?:ти|ви) (?:працюєш|працюєте)|хто (?:тебе|вас) (?:створив|зробив|написав)"
        ),
        "feelings": r"як (?:ти|ви|справи|твої справи|ваші справи|життя)(?: сьогодні)?|що нового у (?:тебе|вас)",
        "insult": (
            r"(?:ти|ви|цей бот) (?:такий |просто |повний )?(?:дурний|дурень|тупий|ідіот|нікчемний|жахливий|марний)"
            r"|(?:тупий|дурний|поганий) бот|ідіот|дурень|заткнися|замовкни|іди (?:геть|до біса)|відчепися"
        ),
        "praise": (
            r"(?:хороший|гарний|добрий|класний|чудовий) бот|(?:дуже )?(?:добре|чудово|супер|клас|круто"
            r"|молодець|файно)"
            r"|зрозуміло|зрозумів|зрозуміла|гаразд|ясно|ок|добра робота"
        ),
    }
)
_RUSSIAN: Mapping[str, str] = MappingProxyType(
    {
        "thanks": (
            r"(?:ок |хорошо |супер )?(?:большое |огромное )?(?:спасибо|благодарю|спс|спасибки)"
            r"(?: (?:большое|огромное|тебе|вам|бот|за (?:помощь|ответ)))*"
        ),
        "hello": (
            r"(?:привет|здравствуй|здравствуйте|приветствую|добр(?:ый|ое|ого) (?:день|дня|утро"
            r"|вечер))(?: бот| всем)?"
        ),
        "goodbye": r"(?:пока|пока пока|до свидания|прощай|прощайте|спокойной ночи|до встречи|бывай)(?: бот)?",
        "about": (
            r"(?:кто|что) (?:ты|вы)(?: так(?:ой|ое|ая|ие))?|(?:ты|вы) (?:бот|робот|человек|программа"
            r"|жив(?:ой|ая)|ии|chatgpt)"
            r"|как (?:тебя|вас) зовут|что (?:ты|вы) (?:умеешь|умеете|можешь|можете|делаешь|делаете)"
            r"|как (?:ты|вы) (?:работаешь|работаете)|кто (?:тебя|вас) (?:создал|сделал|написал)"
        ),
        "feelings": r"как (?:ты|вы|дела|твои дела|ваши дела|жизнь|поживаешь|поживаете)(?: сегодня)?",
        "insult": (
            r"(?:ты|вы|этот бот) (?:такой |просто |полный )?(?:глупый|дурак|тупой|идиот|бесполезный"
            r"|ужасный|никчемный)"
            r"|(?:тупой|глупый|плохой) бот|идиот|дурак|заткнись|замолчи|иди (?:отсюда|к черту)|отстань"
            r"|пошел (?:вон|ты)"
        ),
        "praise": (
            r"(?:хороший|отличный|классный|молодец) бот|(?:очень )?(?:хорошо|отлично|супер|класс|круто"
            r"|молодец|здорово)"
            r"|понятно|понял|поняла|ладно|ясно|ок|хорошая работа"
        ),
    }
)
_SPANISH: Mapping[str, str] = MappingProxyType(
    {
        "thanks": (
            r"(?:ok |vale |genial |perfecto )?(?:muchas |muchísimas |mil )?gracias(?: (?:bot|a (?:ti|usted)"
            r"|por (?:todo|eso|la (?:ayuda|respuesta|información)|tu ayuda|su ayuda)))*|(?:te|se) lo agradezco"
        ),
        "hello": r"(?:hola )?(?:buenos días|buenas tardes|buenas noches|buenas|hola|saludos)(?: bot| a todos)?",
        "goodbye": r"(?:adiós|chao|chau|hasta (?:luego|mañana|pronto|la vista)|nos vemos)(?: bot)?",
        "about": (
            r"(?:quién|qué) (?:eres|es usted|es este bot)|(?:cómo te llamas|cómo se llama usted"
            r"|cuál es (?:tu|su) nombre)"
            r"|(?:eres|es usted) (?:un |una )?(?:bot|robot|humano|humana|persona|máquina|ia|programa|chatgpt|real)"
            r"|qué (?:puedes|puede usted|sabes) hacer|qué haces|cómo funcionas|quién te (?:hizo|creó|programó)"
        ),
        "feelings": r"(?:cómo|qué) (?:estás|está usted|tal|te va|va|tal estás|hay)(?: hoy)?",
        "insult": (
            r"(?:eres|este bot es) (?:tan |muy |realmente )?(?:un |una )?(?:tonto|tonta|estúpido"
            r"|estúpida|inútil|idiota|malo"
            r"|pésimo|imbécil|basura|mierda)|bot (?:tonto|inútil|estúpido|malo)|idiota|imbécil|inútil|estúpido"
            r"|cállate|vete (?:al diablo|a la mierda)|que te den"
        ),
        "praise": (
            r"(?:buen|gran) (?:bot|trabajo)|muy bien|(?:eres )?(?:genial|estupendo|excelente|perfecto"
            r"|fantástico|el mejor)"
            r"|bien hecho|vale|entendido|de acuerdo|bravo"
        ),
    }
)
_FRENCH: Mapping[str, str] = MappingProxyType(
    {
        "thanks": (
            r"(?:ok |super |parfait )?(?:grand |un grand |mille )?(?:merci|mercis)"
            r"(?: (?:beaucoup|bien|infiniment|à (?:toi|vous)|bot|pour (?:tout|ça|l'aide|votre aide"
            r"|ton aide|la réponse)))*"
        ),
        "hello": r"(?:bonjour|bonsoir|salut|coucou|allô)(?: bot| à tous)?",
        "goodbye": (
            r"(?:au revoir|adieu|à (?:bientôt|plus|demain|plus tard|tout à l'heure)|bonne (?:nuit"
            r"|journée|soirée))(?: bot)?"
        ),
        "about": (
            r"(?:qui|qu') ?(?:es tu|êtes vous|est ce que tu es|est ce bot)|(?:tu es|vous êtes|t'es) (?:qui|quoi)"
            r"|(?:es tu|êtes vous|tu es|vous êtes) (?:un |une )?(?:bot|robot|humain|humaine|machine"
            r"|programme|ia|chatgpt)"
            r"|comment (?:tu t'appelles|t'appelles tu|vous appelez vous|tu fonctionnes|fonctionnez vous"
            r"|fonctionnes tu)"
            r"|que (?:sais tu|savez vous|peux tu|pouvez vous) faire|qui (?:t'a|vous a) (?:fait|créé|programmé)"
        ),
        "feelings": r"(?:comment )?(?:ça va|vas tu|allez vous|tu vas|vous allez)(?: bien)?(?: aujourd'hui)?",
        "insult": (
            r"(?:tu es|t'es|vous êtes|ce bot est) (?:trop |vraiment |si |complètement )?(?:un |une )?"
            r"(?:nul|nulle|stupide|bête|idiot|inutile|mauvais|débile|con|imbécile)"
            r"|(?:bot (?:nul|stupide|inutile)|idiot|imbécile|débile|connard|abruti)"
            r"|ta gueule|tais toi|taisez vous|va te faire (?:voir|foutre)|va au diable"
        ),
        "praise": (
            r"(?:bon|gentil|super) bot|(?:très )?bien|bon travail|bien joué|(?:c'est |tu es )?(?:super"
            r"|génial|parfait|excellent|top)"
            r"|compris|d'accord|bravo|chapeau"
        ),
    }
)
# What people in a group throw in, in any mix: "lol nice", "ок класно". Nothing but such words; none that names a thing.
_BANTER = (
    r"l[oe]+l+|lmf?ao|rofl|(?:a*ha){2,}h?|he(?:he)+|(?:ja){2,}|x+d+|mdr+|ptdr|а?(?:ха)+х?|лол|ok(?:ay|ey)?|k+|ок(?:ей)?"
    r"|nice|cool|great|wow|neat|lovely|awesome|amazing|sweet|true|indeed|right|sure|interesting|brilliant|yay|oh|ah"
    r"|(?:nice|good|great|well) (?:one|job|work|catch|stuff|done|said)|good to know|not bad|no way|so cool"
    r"|very (?:nice|cool)"
    r"|gut|stimmt|genau|krass|geil|schön|toll|super|klasse|prima|na gut|ach so|aha|gut zu wissen|nicht schlecht|echt"
    r"|gute? arbeit|sehr (?:schön|cool)"
    r"|ага|ого|точно|класно|круто|клас|супер|добре|ясно|прикольно|гарно|цікаво|непогано|так|гарна робота"
    r"|класс|здорово|ладно|понятно|интересно|неплохо|ничего себе|норм|хорошо|отлично"
    r"|vale|genial|guay|claro|(?:qué|muy|está) (?:bien|bueno|interesante|guay)|bien|exacto|buenísimo|no está mal"
    r"|pas mal|ça marche|bien vu|génial|top|exact|d'accord|ah (?:ok|bon)|trop (?:bien|fort|cool)"
    r"|c'est (?:bien|noté|bon)"
)
_ANYWHERE: Mapping[str, str] = MappingProxyType({"praise": rf"(?:{_BANTER})(?: (?:{_BANTER}))*"})
_LANGUAGES = (_ENGLISH, _GERMAN, _UKRAINIAN, _RUSSIAN, _SPANISH, _FRENCH, _ANYWHERE)


def line_for(text: str) -> str | None:
    """Return the key of the fitting line, or None where the message is to be taken as a question."""
    plain = " ".join(re.sub(r"[^\w\s']", " ", bare(text.casefold().replace("’", "'"))).split())
    if not plain:
        return "empty_question" if all(char in "¿¡?!. \t\n" for char in text) else "wordless"
    return next((key for key, pattern in _patterns() if re.fullmatch(pattern, plain)), None)


def _patterns() -> Iterator[tuple[str, str]]:
    for table in _LANGUAGES:
        yield from ((key, bare(pattern)) for key, pattern in table.items())


def bare(text: str) -> str:
    """Drop the accents, which many leave out when they type."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
