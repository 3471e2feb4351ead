"""Tells what is said to the bot from what is asked of it: greetings, thanks, insults, questions about itself.

Pure, and careful: only a whole message counts, since a question about the news must never be taken for chatter.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

_BOT = r"(?: (?:bot|dateline|there|mate|man|dude|everyone|all))?"
_SO = r"(?: (?:so|very) much| a lot| again| for (?:that|this|the|your) ?(?:help|answer|info|information)?)*"
_RUDE = (
    r"(?:stupid|useless|dumb|rubbish|garbage|trash|crap|shit|bad|terrible|awful|worthless|idiotic"
    r"|an? idiot|a moron|a joke)"
)

_PATTERNS: Mapping[str, str] = MappingProxyType(
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


def line_for(text: str) -> str | None:
    """Return the key of the fitting line, or None where the message is to be taken as a question."""
    plain = " ".join(re.sub(r"[^\w\s']", " ", text.casefold().replace("’", "'")).split())
    if not plain:
        return "empty_question" if all(char in "?!. \t\n" for char in text) else "wordless"
    for key, pattern in _PATTERNS.items():
        if re.fullmatch(pattern, plain):
            return key
    return None
