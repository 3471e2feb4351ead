"""The strict reader itself can fail: it refuses what Telegram refuses."""

import pytest

from tests.bot.tg.markup import MarkupError, parse


@pytest.mark.parametrize(
    "markup",
    [
        "a < b",
        "a & b",
        "a > b",
        "<b>open",
        "<b>crossed <i>over</b></i>",
        "<script>no</script>",
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
        '<a href="x"><tg-time unix="1" format="Dt">y</tg-time></a>',
        '<tg-time unix="-1" format="Dt">y</tg-time>',
        '<tg-time unix="1" format="xx">y</tg-time>',
        '<b class="x">y</b>',
        "&nbsp;",
    ],
)
def test_parse_when_telegram_would_refuse_then_raises(markup: str) -> None:
    with pytest.raises(MarkupError):
        parse(markup)


def test_parse_when_well_formed_then_tells_text_and_entities() -> None:
    shown = parse('<b>A &amp; B</b> <a href="https://x.org/?a=1&amp;b=2">x.org</a>')
    assert shown.text == "A & B x.org"
    assert [entity.text for entity in shown.of("b")] == ["A & B"]
    assert shown.of("a")[0].attributes == {"href": "https://x.org/?a=1&b=2"}
