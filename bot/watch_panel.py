"""What the panel of a chat's watches looks like: texts and rows of options. Pure: who shows it gives options keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import times
from bot.panel import Option, Panel, chat_name, frozen, pairs
from bot.records import Chat, Payload
from bot.schedule import Quiet
from bot.texts import line
from bot.titles import shown
from bot.watches import Watch

OVERVIEW, ONE, ROOMS = "overview", "one", "rooms"
CAP, GAP, QUIET = "cap", "gap", "quiet"
LIMITS = (CAP, GAP)
CAPS = (1, 3, 5, 10, 20)
GAPS_S = (0, 600, 3600, 21_600)
QUIETS = ("22:00-07:00", "23:00-08:00", "00:00-09:00")
_LABEL_CHARS = 30
_WORDS_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchView:
    """All that a panel shows."""

    chat: Chat
    language: str
    zone: str
    watches: tuple[Watch, ...] = ()
    quiet: Quiet | None = None
    own: bool = False
    with_rooms: bool = False

    def says(self, key: str, **values: object) -> str:
        """Return a text in the panel's language."""
        return line(key, language=self.language, **values)


def overview(view: WatchView, *before: str) -> Panel:
    """List the watches, with an option for each."""
    listed = [f"{number}. {_described(view, watch)}" for number, watch in enumerate(view.watches, start=1)]
    texts = (*before, "\n".join((_title(view), *listed)) if listed else view.says("watch_none"))
    options = [
        Option(label=shown(f"{number}. {watch.text}", longest=_LABEL_CHARS), payload={"view": ONE, "watch": watch.id})
        for number, watch in enumerate(view.watches, start=1)
    ]
    last = [Option(label=view.says("digest_quiet"), payload={"view": QUIET})] if listed else []
    if view.own and view.with_rooms:
        last.append(Option(label=view.says("watch_rooms"), payload={"view": ROOMS}))
    return Panel(texts=texts, rows=frozen([*pairs(options), last]))


def one(view: WatchView, watch: Watch, *before: str) -> Panel:
    """Show one watch: what it is for, how often it alerted and may, and what can be done with it."""
    values = [
        view.says("settings_row", name=view.says("watch_cap"), value=str(watch.cap_per_day)),
        view.says("settings_row", name=view.says("watch_gap"), value=_gap(view, watch.gap_s)),
    ]
    do = "resume" if watch.paused_for else "pause"
    rows = [
        [_do(view, do, watch), _do(view, "delete", watch)],
        [Option(label=view.says(f"watch_{field}"), payload={"view": field, "watch": watch.id}) for field in LIMITS],
        [_back(view, OVERVIEW)],
    ]
    return Panel(texts=(*before, "\n".join((_described(view, watch), *values))), rows=frozen(rows))


def limits(view: WatchView, watch: Watch, field: str) -> Panel:
    """Ask how often a watch may alert, or how far apart, what holds now being marked."""
    held = watch.cap_per_day if field == CAP else watch.gap_s
    named = [(n, str(n)) for n in CAPS] if field == CAP else [(n, _gap(view, n)) for n in GAPS_S]
    options = [
        Option(label=_marked(name, value == held), payload={"set": field, "to": value, "watch": watch.id})
        for value, name in named
    ]
    return Panel(
        texts=(_described(view, watch), view.says(f"watch_ask_{field}")),
        rows=frozen([*pairs(options), [_back(view, ONE, watch)]]),
    )


def quiet(view: WatchView) -> Panel:
    """Ask for the hours in which the chat is sent nothing unasked."""
    held = str(view.quiet).partition(" ")[0] if view.quiet else ""
    named = [*((each, each) for each in QUIETS), ("", view.says("digest_quiet_none"))]
    options = [Option(label=_marked(name, value == held), payload={"set": QUIET, "to": value}) for value, name in named]
    return Panel(texts=(view.says("watch_ask_quiet"),), rows=frozen([*pairs(options), [_back(view, OVERVIEW)]]))


def rooms(chats: Sequence[Chat], language: str, own_chat_id: int, payload: Payload) -> Panel:
    """Ask which chat; what is pressed does what the payload says, there; the way back leads to the person's own."""
    options = [
        Option(label=shown(chat_name(chat), longest=_LABEL_CHARS), payload=payload, chat_id=chat.chat_id)
        for chat in chats
    ]
    back = Option(label=line("button_back", language=language), payload={"view": OVERVIEW}, chat_id=own_chat_id)
    return Panel(texts=(line("watch_rooms", language=language),), rows=frozen([*([each] for each in options), [back]]))


def quoted_words(text: str) -> str:
    """Return a watch's words as they can stand in a line of ours."""
    return shown(text, longest=_WORDS_CHARS)


def _described(view: WatchView, watch: Watch) -> str:
    key = "watch_line_paused" if watch.paused_for else "watch_line"
    told = view.says(key, words=quoted_words(watch.text), count=watch.fired)
    if watch.fired_at is None:
        return told
    return f"{told} {view.says('watch_last', moment=times.moment(watch.fired_at, view.zone, language=view.language))}"


def _gap(view: WatchView, gap_s: int) -> str:
    if gap_s == 0:
        return view.says("watch_gap_none")
    hours = gap_s // 3600
    return view.says("watch_gap_hours", count=hours) if hours else view.says("watch_gap_minutes", count=gap_s // 60)


def _do(view: WatchView, do: str, watch: Watch) -> Option:
    return Option(label=view.says(f"watch_{do}"), payload={"do": do, "watch": watch.id})


def _back(view: WatchView, to: str, watch: Watch | None = None) -> Option:
    payload: Payload = {"view": to} if watch is None else {"view": to, "watch": watch.id}
    return Option(label=view.says("button_back"), payload=payload)


def _marked(name: str, holds: bool) -> str:
    return f"✓ {name}" if holds else name


def _title(view: WatchView) -> str:
    return view.says("watch_title_private") if view.own else view.says("watch_title", chat=chat_name(view.chat))
