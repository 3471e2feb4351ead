"""Names that strangers give to their chats, made fit to stand inside our own words. Pure.

A title may hold anything: line breaks, overriding direction marks, addresses that a platform would turn into links.
"""

import re
import unicodedata

_LONGEST_CHARS = 60
# What platforms turn into something to be pressed: example.org, @name, /command, #word.
_PRESSABLE = re.compile(r"\.(?=[^\W\d_]{2})|[@#](?=\w)|(?:(?<=\s)|^)/(?=\w)|:(?=//)")


def shown(title: str, *, longest: int = _LONGEST_CHARS) -> str:
    """Return a title on one line, without marks nobody sees, nothing of it pressable, cut where it is too long."""
    visible = "".join(" " if char.isspace() else char for char in title if char.isspace() or _is_visible(char))
    plain = _PRESSABLE.sub(lambda found: found[0] + " ", " ".join(visible.split()))
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def _is_visible(char: str) -> bool:
    # The joiner holds emoji together; all other format characters can only mislead.
    return char == "\N{ZERO WIDTH JOINER}" or not unicodedata.category(char).startswith("C")
