from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot import shapes
from bot.types import Block, Paragraph, Pointer, Quote, Struck
from index import Citation
from tests.bot.builders import make_citation, make_excerpt

AT = datetime(2031, 5, 4, 9, 30, tzinfo=UTC)
NAMED = {3: make_citation("e3", number=3)}


def named(number: int) -> Citation | None:
    return NAMED.get(number)


@given(st.lists(st.sampled_from("psqn"), max_size=8), st.text(max_size=40))
def test_read_when_written_then_the_same_blocks(kinds: list[str], text: str) -> None:
    made: dict[str, Block] = {
        "p": Paragraph(text=text, moments=(("09:30", AT),)),
        "s": Struck(text=text),
        "q": Quote(excerpt=make_excerpt(text or "Nine."), note=text),
        "n": Pointer(citation=NAMED[3]),
    }
    blocks = [made[kind] for kind in kinds]
    quotes = [block.excerpt for block in blocks if isinstance(block, Quote)]
    found = shapes.read(shapes.written(blocks), quotes, named)
    assert [block for block, _ in found] == blocks
    assert [place for block, place in found if isinstance(block, Quote)] == list(range(len(quotes)))


def test_read_when_a_quote_is_unproved_or_an_update_unknown_then_left_out() -> None:
    blocks = (Paragraph(text="Digest:"), Quote(excerpt=make_excerpt()), Pointer(citation=make_citation(number=9)))
    found = shapes.read(shapes.written(blocks), [None], named)
    assert [block for block, _ in found] == [Paragraph(text="Digest:")]


def test_written_when_of_quotes_then_none_of_their_words() -> None:
    assert "ferries" not in shapes.written([Quote(excerpt=make_excerpt("Nine ferries sailed."))])
