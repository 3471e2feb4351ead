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
    "praise": ["good bot", "Nice!", "ok", "got it", "haha"],
    "wordless": ["👍", "❤️❤️", "🙃?"],
    "empty_question": ["", "?", "...", "  "],
}

QUESTIONS = [
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
]


@pytest.mark.parametrize(("line", "text"), [(line, text) for line, texts in CHATTER.items() for text in texts])
def test_chatter_when_said_then_its_line_is_found(line: str, text: str) -> None:
    assert smalltalk.line_for(text) == line
    assert line in table("en")


@pytest.mark.parametrize("text", QUESTIONS)
def test_question_when_it_resembles_chatter_then_it_stays_a_question(text: str) -> None:
    assert smalltalk.line_for(text) is None
