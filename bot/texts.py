"""Every sentence of ours that a person reads, by key: one table a language, English where a key is missing.

Holds words only, never markup: who renders it escapes it.
"""

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        # fixed pages
        "start": (
            "I answer questions about running live blogs with their own words: each quote is verbatim, with its"
            " source, its time and its link. Where the updates do not say, I say so.\n\n"
            "Just write your question. /help shows how to ask, /privacy what is kept."
        ),
        "help": (
            "Write a question as you would ask a person:\n"
            "• How many people were evacuated?\n"
            "• What did the mayor say this morning?\n"
            "• and since then?\n\n"
            "/ask QUESTION — in a group, or wherever you like; in reply to a message it asks about that message\n"
            "/more, or “more” — the next excerpts of the same question\n"
            "/figure WHAT — how a figure developed, such as arrests\n"
            "/latest [TOPIC] — the newest updates\n"
            "/sources — what I read and when I last looked\n"
            "/privacy — what is kept about you\n"
            "/help — this page\n\n"
            "In a group I answer only /ask and replies to my messages."
        ),
        "privacy": (
            "I do not store what you write. To understand a follow-up such as “and since then?”, your last question"
            " is held in memory for ten minutes, and the question behind each of my answers for a day, so that you"
            " can reply to it. Neither is written to disk or to a log; both are gone when I restart.\n\n"
            "What others say in a group is not kept, unless you ask me about it."
        ),
        # short lines
        "empty_question": "What would you like to know? Write the question after /ask, or just write it.",
        "empty_figure": "Which figure? Write what is counted after /figure, such as /figure arrests.",
        "more_of_what": "More of what? Ask a question first, or reply “more” to one of my answers.",
        "unknown_command": "I do not know that command. /help lists those I know.",
        "thanks": "You are welcome.",
        "hello": "Hello. Ask me about the live blogs I read, or see /latest.",
        "goodbye": "Goodbye.",
        "about": (
            "I am Dateline, a program. I quote live blogs word for word, with times and links; I write nothing of my"
            " own about the news. /help shows how to ask, /sources what I read."
        ),
        "feelings": "I am a program, and all is well here. What would you like to know from the live blogs?",
        "insult": "Sorry that I was of no help. Another wording of the question may find more; /help has examples.",
        "praise": "Glad that it helped.",
        "wordless": "I can only read words. What would you like to know?",
        "late": "I was away and found your message only now. Please ask again if it still matters.",
        "failed": "Something went wrong on my side. Please try again in a moment.",
        "unavailable": "I cannot search the updates at the moment. Please try again later.",
        # the menu of commands
        "menu_ask": "Ask about the live blogs",
        "menu_figure": "How a figure developed, oldest first",
        "menu_more": "The next excerpts of the same question",
        "menu_latest": "The newest updates",
        "menu_sources": "What I read, and when I last looked",
        "menu_help": "How to ask",
        "menu_privacy": "What is kept about you",
        # answers
        "abstained": "The updates do not say.",
        "abstained_scope": "The updates of this range do not say.",
        "abstained_figure": "The updates give no figure for that.",
        "nothing_then": "Nothing was published in that time: {range}.",
        "nothing_then_phrase": "Nothing was published in that time: “{phrase}”, {range}.",
        "no_more": "There is no more: what else the updates say does not answer this.",
        "no_more_updates": "There are no more updates.",
        "last_of_it": "There is no more on this.",
        "figure": "What was said of it, oldest first:",
        "figure_more": "More statements that came later: {count}. /more shows them.",
        "stale": "The newest update is {age} old, from {newest}: this is how things stood then.",
        "nothing_read": "I have not read any updates yet.",
        "nothing_read_by": "I have read no updates from before {moment}.",
        "searched": "Searched: {range}.",
        "stood_at": "As of {moment}: nothing published later is shown.",
        "searched_phrase": "Searched: “{phrase}”, {range}.",
        "newest_known": "The newest update known:",
        "newest_old": "The newest update known is {age} old:",
        "nearest_outside": "What came nearest, outside of that time:",
        "nearest": "What came nearest:",
        "as_of": "As of {newest}.",
        "as_of_checked": "As of {newest}; sources last checked {ago}.",
        "latest": "The newest updates:",
        "latest_topic": "The newest updates on “{topic}”:",
        "latest_none": "There are no updates yet.",
        "latest_topic_none": "No update on “{topic}” is known.",
        "label_superseded": "superseded by a later update",
        "label_correction": "correction",
        "label_conflict": "updates differ on this",
        "label_differs": "updates differ on this",
        # citations
        "untitled": "Update without a headline",
        "basis_inherited": "page of {time}",
        "basis_seen": "first seen {time}",
        "edited": "edited",
        "edited_at": "edited {time}",
        "on_page": "in {live_blog}",
        # sources
        "sources": "What I read:",
        "sources_none": "No sources yet.",
        "source": "{name}: {updates} updates, the newest of {newest}; last checked {ago}",
        "source_unchecked": "{name}: {updates} updates, the newest of {newest}",
        "source_empty": "{name}: no updates yet",
        "source_failing": "{line}. The last look failed.",
        # terminal
        "terminal_welcome": "Ask about the live blogs. /help shows how, Ctrl-D leaves.",
    }
)

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH})


def line(key: str, /, *, language: str = "en", **values: object) -> str:
    """Return a text in a language ("en", "pt-BR"), or in English where it has none, its fields filled in.

    Raises: KeyError for a key that English lacks, or a field that is not given.
    """
    table = TABLES.get(language.partition("-")[0].lower(), ENGLISH)
    return table.get(key, ENGLISH[key]).format_map(values)
