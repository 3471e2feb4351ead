"""The operators' room: how sources and the outbox are, in private, for those whom the config names; for nobody else."""

from collections.abc import Iterable
from datetime import datetime

from bot import replies, times
from bot.backroom import Backroom, Voice
from bot.deliveries import State, Trouble
from bot.records import ConversationStatus
from bot.texts import line, listed
from bot.titles import shown
from bot.types import Incoming, Paragraph, Reply
from index import ArchiveStatus

_TROUBLES = 5


class Operating:
    """Tells operators what they can act on."""

    def __init__(self, backroom: Backroom, operators: Iterable[int]) -> None:
        """Take where to look, and who may know."""
        self._backroom = backroom
        self._operators = frozenset(operators)

    async def status(self, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Tell an operator how we are; anybody else, that there is no such command."""
        if incoming.user_id not in self._operators:
            return replies.said("unknown_command", language=voice.language)
        archive = await self._backroom.archive(lambda archive: archive.status(now=now))
        held, troubles = await self._backroom.store(lambda store: (store.status(), store.troubles(limit=_TROUBLES)))
        heading = line("status", language=voice.language)
        texts = (heading, _sources(archive, voice.language), _outbox(held, voice.language), *_troubles(troubles, voice))
        return Reply(blocks=tuple(Paragraph(text=text) for text in texts), zone=voice.zone, language=voice.language)


def _sources(status: ArchiveStatus, language: str) -> str:
    failing = [source for source in status.sources if source.last_error]
    if not failing:
        return line("status_sources", language=language, count=len(status.sources))
    lines = [f"• {shown(source.name)}: {shown(source.last_error or '')}" for source in failing]
    return "\n".join([line("status_failing", language=language), *lines])


def _outbox(status: ConversationStatus, language: str) -> str:
    chats = line("status_chats", language=language, active=status.active, paused=sum(status.paused.values()))
    states = [
        line("status_state", language=language, state=line(f"state_{name}", language=language), number=number)
        for name, number in status.outbox.items()
    ]
    outbox = listed(states, language=language) or line("status_nothing", language=language)
    return "\n".join([chats, line("status_outbox", language=language, states=outbox)])


def _troubles(troubles: Iterable[Trouble], voice: Voice) -> tuple[str, ...]:
    lines = [f"• {_trouble(one, voice)}" for one in troubles]
    return ("\n".join([line("status_troubles", language=voice.language), *lines]),) if lines else ()


def _trouble(one: Trouble, voice: Voice) -> str:
    language = voice.language
    where = line("status_chat", language=language, chat=str(one.chat_id)) if one.chat_id is not None else "–"
    moment = times.moment(one.at, voice.zone, language=language)
    state = line(f"state_{State(one.state)}", language=language)
    urgency = line(f"urgency_{one.urgency.name.lower()}", language=language)
    return " · ".join((state, moment, where, urgency, shown(one.reason)))
