import pytest

from bot import smalltalk
from bot.texts import table

CHATTER = {
    "thanks": ["thanks", "Thank you so much!", "ok thanks", "thx 🙏", "Many thanks for your help", "cheers mate"],
    "hello": ["Hi", "hello there", "Good morning!", "hey bot"],
    "goodbye": ["bye", "Good night!", "see you later"],
    "about": ["Who are you?", "what are you exactly", "are you a bot?", "Who made you?", "What can you do?"],
    "feelings": ["How are you?", "what’s up", "how's it going?"],
    "insult": ["you are useless", "You're an idiot", "stupid bot", "shut up", "this sucks"],
    "praise": [
        "good bot", "Nice!", "ok", "got it", "haha", "lol nice", "nice one", "Hahaha", "😂 lol", "ok cool",
        "good to know",
    ],
    "wordless": ["👍", "❤️❤️", "🙃?"],
    "empty_question": ["", "?", "...", "  "],
}  # fmt: skip

# In our other languages, in their order: German, Ukrainian, Russian, Spanish, French.
CHATTER_ELSEWHERE = {
    "thanks": [
        "Vielen Dank!", "Danke schön", "Щиро дякую!",
        "Дякую вам", "спасибо большое", "¡Muchas gracias!", "Merci beaucoup",
    ],
    "hello": ["Grüß Gott", "Guten Tag", "Добрий день!", "Привіт", "Здравствуйте", "Buenos dias", "¡Hola!", "Bonjour"],
    "goodbye": [
        "Tschüss", "Auf Wiedersehen", "До побачення", "Бувай",
        "До свидания", "Adiós", "Hasta luego", "À bientôt",
    ],
    "about": [
        "Wer bist du?", "Sind Sie ein Bot?", "Wie heißt du", "Хто ти?", "Ви бот?", "Кто вы такие?", "Как тебя зовут?",
        "¿Quién eres?", "quien eres", "¿Es usted un robot?", "Qui êtes-vous ?", "Tu es qui ?", "êtes-vous un robot ?",
    ],
    "feelings": ["Wie geht's?", "Як справи?", "Как дела?", "¿Cómo está usted?", "¿Qué tal?", "Ça va ?"],
    "insult": [
        "Du bist dumm", "Blöder Bot!", "ти тупий", "Заткнись",
        "ты бесполезный", "Eres inútil", "Tu es nul", "Ta gueule !",
    ],
    "praise": [
        "Guter Bot", "Sehr gut!", "Молодець!", "Супер",
        "Отлично", "Muy bien", "¡Buen trabajo!", "Très bien", "Parfait",
        "haha gut", "krass", "ach so, ok", "хаха класно", "ого, круто", "ахахах", "лол", "jajaja qué bueno", "ok vale",
        "mdr", "pas mal !", "haha génial",
    ],
    "empty_question": ["¿?"],
}  # fmt: skip

QUESTIONS = [
    "nice attack",
    "is that true about the ferry",
    "great fire",
    "top story",
    "ok and the bridge?",
    "Who are the rescuers?",
    "What are you hearing from the harbour?",
    "Thank you note by the mayor",
    "hello kitty fire",
    "Who made the bomb?",
    "are you able to say how many died",
    "good morning britain interview",
    "bye-election result",
    "How are things in Leeds?",
    "Is the minister an idiot?",
    "useless lifeboats",
    "what is his name",
    "who called him stupid",
    "42",
    "нет воды?",
    "死者は何人ですか",
    "fine for the ferry company",
    "ok corral",
    "Was ist in Leeds los?",
    "Danke sagte der Minister wem?",
    "Wer ist der Bürgermeister?",
    "Wie viele Tote?",
    "Хто така речниця?",
    "що сталося",
    "Как дела в Харькове?",
    "Кто президент?",
    "Что вы слышали о пожаре?",
    "¿Qué pasó en el puerto?",
    "¿Quién es el alcalde?",
    "gracias a quién",
    "Qui est mort ?",
    "Comment va le maire ?",
    "bien portants combien",
    "salut nazi",
]


@pytest.mark.parametrize(
    ("line", "text"),
    [(line, text) for said in (CHATTER, CHATTER_ELSEWHERE) for line, texts in said.items() for text in texts],
)
def test_chatter_when_said_then_its_line_is_found(line: str, text: str) -> None:
    assert smalltalk.line_for(text) == line
    assert line in table("en")


@pytest.mark.parametrize("text", QUESTIONS)
def test_question_when_it_resembles_chatter_then_it_stays_a_question(text: str) -> None:
    assert smalltalk.line_for(text) is None
