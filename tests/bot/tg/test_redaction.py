import io
import logging
from collections.abc import Iterator

import pytest

from bot.tg.redaction import redacted
from tests.bot.tg.builders import TOKEN

SECRET = TOKEN.partition(":")[2]
URL = f"https://api.telegram.org/bot{TOKEN}/getMe"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the root logger writes, at the most talkative level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "name", ["httpx", "telegram.Bot", "telegram.ext.Updater", "asyncio", "bot.tg.app", "of.others"]
)
def test_redacted_when_the_token_is_in_arguments_then_it_is_masked(name: str, log: io.StringIO) -> None:
    with redacted(TOKEN):
        logging.getLogger(name).warning("HTTP Request: %s %s", "POST", URL)
    assert SECRET not in log.getvalue()
    assert "POST https://api.telegram.org/bot[token]/getMe" in log.getvalue()


@pytest.mark.parametrize("form", [TOKEN, TOKEN.replace(":", "%3A"), SECRET])
def test_redacted_when_the_token_takes_another_form_then_it_is_masked(form: str, log: io.StringIO) -> None:
    with redacted(TOKEN):
        logging.getLogger("x").warning("at %s", form)
    assert SECRET not in log.getvalue()


def test_redacted_when_a_traceback_quotes_it_then_it_is_masked_and_the_rest_stays(log: io.StringIO) -> None:
    with redacted(TOKEN):
        try:
            raise ValueError(f"the token {TOKEN} was rejected")
        except ValueError:
            logging.getLogger("x").exception("refused")
    assert SECRET not in log.getvalue()
    assert "ValueError: the token [token] was rejected" in log.getvalue()


def test_redacted_when_a_handler_comes_later_then_the_libraries_records_are_still_masked() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    with redacted(TOKEN):
        logging.getLogger().addHandler(handler)
        logging.getLogger("telegram").warning("%s", URL)
        logging.getLogger("httpx").warning("%s", URL)
    logging.getLogger().removeHandler(handler)
    assert stream.getvalue().count("[token]") == 2
    assert SECRET not in stream.getvalue()


def test_redacted_when_httpx_tells_of_a_request_then_nothing_is_logged(log: io.StringIO) -> None:
    with redacted(TOKEN):
        logging.getLogger("httpx").info("HTTP Request: POST %s", URL)
    assert log.getvalue() == ""


def test_redacted_when_over_then_levels_and_filters_are_as_before(log: io.StringIO) -> None:
    before = logging.getLogger("httpx").level
    with redacted(TOKEN):
        pass
    assert logging.getLogger("httpx").level == before
    logging.getLogger("x").warning("%s", TOKEN)
    assert TOKEN in log.getvalue()


def test_redacted_when_there_is_no_token_then_messages_pass_unharmed(log: io.StringIO) -> None:
    with redacted(""):
        logging.getLogger("x").warning("plain %s", "words")
    assert "plain words" in log.getvalue()
