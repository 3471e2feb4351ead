"""JSON from strangers: every way in which it can be broken is one ValueError."""

import json
import re

_WRAPPING = re.compile(r"^\s*(?:<!--|<!\[CDATA\[|//\s*<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$|;\s*$")


def parse(text: str | bytes) -> object:
    """Parse JSON that may hold raw control characters or stand in a comment.

    Raises: ValueError for anything that is not JSON, is nested too deeply or holds an absurdly long number.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError:
        unwrapped = _WRAPPING.sub("", _WRAPPING.sub("", text))
        if unwrapped == text:
            raise
        return parse(unwrapped)


def reason(error: ValueError) -> str:
    """Say in a few words why `parse` refused."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    return "a number is too long" if "digits" in str(error) else str(error)
