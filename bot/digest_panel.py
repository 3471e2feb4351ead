"""What the panel of a digest looks like: texts and rows of options. Pure: who shows it gives its options keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import times, zones
from bot.panel import PAGE, Option, Panel, chat_name, frozen, pairs
from bot.records import Chat
from bot.schedule import Days, Quiet
from bot.subscriptions import DigestChoice, EmptyDay, Length
from bot.texts import line, listed
from bot.titles import shown

OVERVIEW, ROOMS, SUBSCRIBE, END = "overview", "rooms", "subscribe", "end"
FIELDS = ("time", "days", "zone", "length", "picture", "empty", "quiet")
ON_OFF = ("on", "off")
_TIMES = ("06:00", "07:00", "08:00", "09:00", "12:00", "18:00", "20:00", "22:00")
_QUIETS = ("22:00-07:00", "23:00-08:00", "00:00-09:00")
_LABEL_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """All that a panel shows. `due_at`: when the next digest is due, None where nobody has subscribed."""

    chat: Chat
    language: str
    choice: DigestChoice
    quiet: Quiet | None = None
    due_at: datetime | None = None
    own: bool = False
    with_rooms: bool = False

    def says(self, key: str, **values: object) -> str:
        """Return a text in the panel's language."""
        return line(key, language=self.language, **values)


def overview(view: DigestView, *before: str) -> Panel:
    """Show what was chosen with an option for each; before anybody has, what one press would begin."""
    rooms = [[Option(label=view.says("digest_rooms"), payload={"view": ROOMS})]] if view.own and view.with_rooms else []
    if view.due_at is None:
        rhythm = view.choice.rhythm
        take = view.says(
            "subscribe_take",
            days=view.says(f"digest_days_{rhythm.days.value}"),
            time=f"{rhythm.at:%H:%M}",
            zone=rhythm.zone,
        )
        texts = (*before, _title(view), view.says("subscribe_offer"))
        return Panel(texts=texts, rows=frozen([[Option(label=take, payload={"view": SUBSCRIBE})], *rooms]))
    values = [view.says("settings_row", name=name, value=value) for name, value in _values(view)]
    following = times.moment(view.due_at, view.choice.rhythm.zone, language=view.language)
    text = "\n".join((_title(view), *values, view.says("digest_next", moment=following)))
    options = [Option(label=_name(view, field), payload={"view": field}) for field in FIELDS]
    end = Option(label=view.says("subscribe_end"), payload={"view": END})
    return Panel(texts=(*before, text, view.says("digest_ask")), rows=frozen([*pairs(options), [end], *rooms]))


def one(view: DigestView, field: str, page: int | None = None) -> Panel:
    """Ask for one thing, what holds now being marked."""
    back = [Option(label=view.says("button_back"), payload={"view": OVERVIEW})]
    if field == "zone":
        return _zone_page(view, page, back)
    rows = pairs([_pick(view, field, value, label) for value, label in _choices(view, field)])
    return Panel(texts=(_name(view, field), view.says("digest_ask")), rows=frozen([*rows, back]))


def which_zone(view: DigestView, found: Sequence[str]) -> Panel:
    """Ask which of a few zones."""
    rows = pairs([_pick(view, "zone", zone, zones.city(zone, language=view.language)) for zone in found])
    return Panel(texts=(view.says("settings_ask_zone"),), rows=frozen(rows))


def rooms(chats: Sequence[Chat], language: str, own_chat_id: int) -> Panel:
    """Ask which chat's digest; the way back leads to the person's own."""
    options = [
        Option(label=shown(chat_name(chat), longest=_LABEL_CHARS), payload={"view": OVERVIEW}, chat_id=chat.chat_id)
        for chat in chats
    ]
    back = Option(label=line("button_back", language=language), payload={"view": OVERVIEW}, chat_id=own_chat_id)
    return Panel(texts=(line("digest_rooms", language=language),), rows=frozen([*([one] for one in options), [back]]))


def _zone_page(view: DigestView, page: int | None, back: list[Option]) -> Panel:
    kept, last = view.choice.rhythm.zone, (len(zones.COMMON) - 1) // PAGE
    if page is None:
        page = zones.COMMON.index(kept) // PAGE if kept in zones.COMMON else 0
    page = max(0, min(page, last))
    listed_zones = zones.COMMON[page * PAGE : (page + 1) * PAGE]
    rows = pairs([_pick(view, "zone", zone, zones.city(zone, language=view.language)) for zone in listed_zones])
    turns = [
        Option(label=label, payload={"view": "zone", "page": other})
        for label, other in (("‹", page - 1), ("›", page + 1))
        if 0 <= other <= last
    ]
    return Panel(texts=(view.says("settings_ask_zone"),), rows=frozen([*rows, turns, back]))


def _choices(view: DigestView, field: str) -> list[tuple[str, str]]:
    match field:
        case "time":
            return [(each, each) for each in _TIMES]
        case "days":
            return [(each.value, view.says(f"digest_days_{each.value}")) for each in Days]
        case "length":
            return [(each.value, view.says(f"digest_length_{each.value}")) for each in Length]
        case "picture":
            return [(each, view.says(f"digest_picture_{each}")) for each in ON_OFF]
        case "empty":
            return [(each.value, view.says(f"digest_empty_{each.value}")) for each in EmptyDay]
        case _:
            return [*((each, each) for each in _QUIETS), ("", view.says("digest_quiet_none"))]


def _values(view: DigestView) -> list[tuple[str, str]]:
    choice, rhythm = view.choice, view.choice.rhythm
    values = {
        "time": f"{rhythm.at:%H:%M}",
        "days": view.says(f"digest_days_{rhythm.days.value}"),
        "zone": rhythm.zone,
        "length": view.says(f"digest_length_{choice.length.value}"),
        "picture": view.says(f"digest_picture_{ON_OFF[not choice.picture]}"),
        "empty": view.says(f"digest_empty_{choice.empty_day.value}"),
        "quiet": str(view.quiet) if view.quiet else view.says("digest_quiet_none"),
    }
    topics = listed((shown(each) for each in choice.topics), language=view.language) or view.says("settings_all")
    return [*((_name(view, field), values[field]) for field in FIELDS), (view.says("digest_topics"), topics)]


def _held(view: DigestView, field: str) -> str:
    rhythm = view.choice.rhythm
    return {
        "time": f"{rhythm.at:%H:%M}",
        "days": rhythm.days.value,
        "zone": rhythm.zone,
        "length": view.choice.length.value,
        "picture": ON_OFF[not view.choice.picture],
        "empty": view.choice.empty_day.value,
        "quiet": str(view.quiet).partition(" ")[0] if view.quiet else "",
    }[field]


def _pick(view: DigestView, field: str, value: str, label: str) -> Option:
    holds = _held(view, field) == value
    return Option(label=f"✓ {label}" if holds else label, payload={"set": field, "to": value})


def _name(view: DigestView, field: str) -> str:
    return view.says("setting_zone" if field == "zone" else f"digest_{field}")


def _title(view: DigestView) -> str:
    return view.says("digest_title_private") if view.own else view.says("digest_title", chat=chat_name(view.chat))
