"""A message written again as it reads now, part by part, with a note of what became of its quotes. Holds no state."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import shapes
from bot.amending import Voiced, amended, said_at, taken_back
from bot.amendments import TOLD_UNASKED
from bot.backroom import Backroom
from bot.deliveries import Rendered
from bot.noting import linked, with_id
from bot.rechecking import Held
from bot.records import Quoted, quoted
from bot.texts import line
from bot.types import Block, Paragraph, Quote, Reply
from bot.unasked import Render


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a message as it is to read now, None: it is to be left out; `is_changed`: it does not read so yet."""

    number: int
    body: Rendered | None
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """A message as it is to read now: its parts in question, and what is said of it to who was sent it."""

    parts: tuple[Part, ...]
    note: tuple[Rendered, ...]
    quotes: tuple[Quoted, ...]
    shape: str


class Rewriting:
    """Writes messages again."""

    def __init__(self, backroom: Backroom) -> None:
        """Take where links to updates are kept."""
        self._backroom = backroom

    async def anew(self, one: Held, render: Render) -> Anew:
        """Write a message again, and a note of what became of it."""
        sent = one.told.sent
        voiced = Voiced(zone=sent.zone, language=sent.language)
        note = await self.linked(_note(one, voiced))
        return Anew(
            parts=tuple(await self._parts(one, voiced, render)),
            note=render(_as_reply(note, voiced)),
            quotes=tuple(quoted(block.excerpt) for block in note if isinstance(block, Quote)),
            shape=shapes.written(note),
        )

    async def _parts(self, one: Held, voiced: Voiced, render: Render) -> list[Part]:
        """Write those parts again whose quotes stand otherwise now than was shown or told.

        None of a message in several parts of which no shape is kept: nobody knows any more what stood in which. Those
        of them that wait say all of it instead.
        """
        sent = one.told.sent
        if not one.told.shape:
            if len(one.told.message_ids) > 1 or len(one.told.parts) > 1:
                return await self._said_by(sorted(one.told.open_parts), one, voiced, render)
            key = "amended_reply" if sent.kind in TOLD_UNASKED else "amended_answer"
            head = said_at(key, sent.at, voiced)
            blocks = [(head, None), *one.blocks]
            body = await self._fitted(blocks, one, voiced, render, is_answer=True)
            return [] if body is None else [Part(number=0, body=body, is_changed=bool(one.changed))]
        whole = await self.linked(tuple(block for block, _ in one.blocks))
        anew: list[Part] = []
        for number, part in enumerate(render(_as_reply(whole, voiced))):
            blocks = [one.blocks[place] for place in part.blocks]
            places = {place for _, place in blocks}
            if places.isdisjoint((*one.changed, *one.unheard)):
                continue
            body = await self._fitted(blocks, one, voiced, render)
            is_changed = not places.isdisjoint(one.changed)
            anew += [] if body is None else [Part(number=number, body=body, is_changed=is_changed)]
        return anew

    async def _said_by(self, waiting: Sequence[int], one: Held, voiced: Voiced, render: Render) -> list[Part]:
        """Let the parts that wait say all that a message quoted, as far as they can hold it; what is left over goes."""
        if not waiting:
            return []
        bodies: tuple[Rendered, ...] = ()
        blocks = [(said_at("amended_reply", one.told.sent.at, voiced), None), *one.blocks]
        for each in (voiced, replace(voiced, brief=True)):
            bodies = render(_as_reply(await self.linked(amended(blocks, one.amendments, one.checked, each)), voiced))
            if len(bodies) <= len(waiting):
                break
        padded = (*bodies, *[None] * len(waiting))
        is_changed = bool(one.changed)
        return [Part(number=n, body=body, is_changed=is_changed) for n, body in zip(waiting, padded, strict=False)]

    async def _fitted(
        self,
        blocks: Sequence[tuple[Block, int | None]],
        one: Held,
        voiced: Voiced,
        render: Render,
        *,
        is_answer: bool = False,
    ) -> Rendered | None:
        """Write blocks as one message, saying less where that does not fit; None where nothing does."""
        for each in (voiced, replace(voiced, brief=True)):
            written = await self.linked(amended(blocks, one.amendments, one.checked, each))
            if is_answer:
                written = with_id(written, one.told.sent.kind, one.told.sent.id, each.language)
            bodies = render(_as_reply(written, voiced))
            if len(bodies) == 1:
                return bodies[0]
        return None

    async def linked(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Give each block the links that lead to its update."""
        return await self._backroom.store(lambda store: linked(store, blocks))


def _note(one: Held, voiced: Voiced) -> tuple[Block, ...]:
    """Say in short what became of the quotes of which whoever was sent them was told otherwise."""
    places = one.unheard or one.changed
    blocks: list[Block] = [said_at("amended_reply", one.told.sent.at, voiced)]
    for block, place in one.blocks:
        if place not in places or not isinstance(block, Quote):
            continue
        amendment = one.now[place]
        if amendment is None:
            blocks += [Paragraph(text=line("amended_restored", language=voiced.language)), block]
        else:
            blocks += taken_back(block, amendment, one.checked[place], voiced)
    return tuple(blocks)


def _as_reply(blocks: Sequence[Block], voiced: Voiced) -> Reply:
    return Reply(blocks=tuple(blocks), zone=voiced.zone, language=voiced.language)
