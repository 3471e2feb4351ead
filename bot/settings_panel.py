"""What the settings of a chat look like. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot import zones
from bot.panel import PAGE, Option, Panel, chat_name, frozen, pairs
from bot.records import Chat, ChatKind
from bot.settings import EVERYTHING, LANGUAGES, NOT_CHOSEN, ChatSettings, Choices, Policy, Setting, toggled
from bot.texts import line, name_of
from bot.titles import shown
from index import LiveBlogView

_LABEL_CHARS = 40
_NAMED = 10
OVERVIEW = "overview"
ROOMS = "rooms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a chat can be bound to, by the names it is shown with; a live blog's key stands behind its name.

    `public`: what a chat that has chosen nothing reads.
    """

    sources: tuple[str, ...] = ()
    public_sources: tuple[str, ...] = ()
    live_blogs: Mapping[str, str] = field(default_factory=dict)
    public_live_blogs: tuple[str, ...] = ()

    @property
    def choices(self) -> Choices:
        """What can be typed."""
        return Choices(sources=self.sources, live_blogs=tuple(self.live_blogs))

    def names(self, setting: Setting) -> tuple[str, ...]:
        """Return what can be chosen for a binding, as it is shown."""
        return self.sources if setting is Setting.SOURCES else tuple(self.live_blogs)

    def bound(self, settings: ChatSettings, setting: Setting) -> tuple[str, ...] | None:
        """Return what a chat is bound to, as it is shown; None: to nothing."""
        if setting is Setting.SOURCES:
            return settings.sources
        keys = settings.live_blogs
        return None if keys is None else tuple(name for name, key in self.live_blogs.items() if key in keys)

    def toggled(self, settings: ChatSettings, setting: Setting, name: str) -> tuple[str, ...] | None:
        """Return the binding with one name more or less, as it is kept. Raises: SettingError where none is left.

        Whatever equals "all that is public" is kept as no binding, so that what comes later is in it too.
        """
        public = self.public_sources if setting is Setting.SOURCES else self.public_live_blogs
        held = self.bound(settings, setting)
        names = toggled(public if held is None else held, name, self.names(setting))
        return self.kept(setting, self.names(setting) if names is None else names)

    def kept(self, setting: Setting, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return shown names as they are kept."""
        public = self.public_sources if setting is Setting.SOURCES else self.public_live_blogs
        if set(names) == set(public):
            return None
        return names if setting is Setting.SOURCES else tuple(self.live_blogs[name] for name in names)


def offered(
    live_blogs: Sequence[LiveBlogView], public: Sequence[str], *, settings: ChatSettings, operator: bool
) -> Offered:
    """Choose what a chat may be bound to: what is public, what it is bound to already, and for an operator all."""
    bound_sources, bound_blogs = settings.sources or (), settings.live_blogs or ()
    sources = dict.fromkeys((*public, *(blog.source for blog in live_blogs)))
    blogs = [blog for blog in live_blogs if operator or blog.public or blog.key in bound_blogs]
    named = _named(blogs)
    return Offered(
        sources=tuple(name for name in sources if operator or name in public or name in bound_sources),
        public_sources=tuple(public),
        live_blogs={name: blog.key for name, blog in named.items()},
        public_live_blogs=tuple(name for name, blog in named.items() if blog.public),
    )


def _named(live_blogs: Iterable[LiveBlogView]) -> dict[str, LiveBlogView]:
    """Name live blogs by their titles, those that share one by their source too, and else by a number."""
    named: dict[str, LiveBlogView] = {}
    for blog in live_blogs:
        title = shown(blog.title or blog.key, longest=_LABEL_CHARS).replace(",", " ")
        names = (" ".join(title.split()), f"{title} ({blog.source})", *(f"{title} {n}" for n in range(2, 1000)))
        named[next(name for name in names if name not in named)] = blog
    return named


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that a panel shows. `zone`: the config's, which holds where none is chosen.

    `own`: a person's private chat with us, shown to them. `with_rooms`: whether it leads to other chats' settings.
    """

    chat: Chat
    offered: Offered
    language: str
    zone: str
    own: bool = False
    with_rooms: bool = False

    def says(self, key: str, **values: object) -> str:
        """Return a text in the panel's language."""
        return line(key, language=self.language, **values)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What can be set: the policy in groups only, bindings only where there is a choice."""
        kept = self.chat.settings
        return tuple(
            setting
            for setting in Setting
            if {
                Setting.POLICY: self.chat.kind in (ChatKind.GROUP, ChatKind.SUPERGROUP),
                Setting.SOURCES: len(self.offered.sources) > 1 or kept.sources is not None,
                Setting.LIVE_BLOGS: len(self.offered.live_blogs) > 1 or kept.live_blogs is not None,
            }.get(setting, True)
        )


def overview(view: View, *before: str) -> Panel:
    """Show every setting with its value, an option for each."""
    title = view.says("settings_title_private") if view.own else view.says("settings_title", chat=chat_name(view.chat))
    values = [
        view.says("settings_row", name=view.says(f"setting_{setting.value}"), value=_value(view, setting))
        for setting in view.settings
    ]
    options = [
        Option(label=view.says(f"setting_{setting.value}"), payload={"view": setting.value})
        for setting in view.settings
    ]
    rooms = [[Option(label=view.says("settings_which"), payload={"view": ROOMS})]] if view.with_rooms else []
    return Panel(texts=(*before, "\n".join((title, *values))), rows=frozen([*pairs(options), *rooms]))


def one(view: View, setting: Setting, page: int | None = None) -> Panel:
    """Ask for one setting, what holds now being marked; None: the page on which that stands."""
    if setting is Setting.ZONE:
        return _zone_pages(view, page)
    asks = view.says(f"settings_ask_{setting.value}")
    match setting:
        case Setting.LANGUAGE:
            rows = pairs([_pick(view, setting, each, name_of(each)) for each in LANGUAGES])
            rows.append([_pick(view, setting, NOT_CHOSEN, view.says("settings_auto_language"))])
        case Setting.POLICY:
            labels = [view.says(f"policy_{each.value}") for each in Policy]
            means = [view.says(f"policy_{each.value}_means") for each in Policy]
            rows = pairs([_pick(view, setting, *each) for each in zip(Policy, labels, strict=True)])
            meanings = zip(labels, means, strict=True)
            asks = "\n".join((asks, *(view.says("settings_row", name=name, value=value) for name, value in meanings)))
        case Setting.SOURCES | Setting.LIVE_BLOGS:
            return _bindings(view, setting, asks, page or 0)
    return Panel(texts=(asks,), rows=frozen([*rows, _back(view)]))


def which_zone(view: View, listed: Sequence[str]) -> Panel:
    """Ask which of a few zones; a name can always be typed instead."""
    return _zones(view, listed, [])


def _zone_pages(view: View, page: int | None) -> Panel:
    kept = view.chat.settings.zone or view.zone
    if page is None:
        page = zones.COMMON.index(kept) // PAGE if kept in zones.COMMON else 0
    page = _within(page, len(zones.COMMON))
    turns = _turns(Setting.ZONE, page, len(zones.COMMON))
    return _zones(view, zones.COMMON[page * PAGE : (page + 1) * PAGE], turns)


def _zones(view: View, listed: Sequence[str], turns: list[Option]) -> Panel:
    options = [_pick(view, Setting.ZONE, zone, zones.city(zone, language=view.language)) for zone in listed]
    auto = _pick(view, Setting.ZONE, NOT_CHOSEN, view.says("settings_auto_zone", zone=view.zone))
    return Panel(texts=(view.says("settings_ask_zone"),), rows=frozen([*pairs(options), turns, [auto], _back(view)]))


def rooms(chats: Sequence[Chat], language: str, own_chat_id: int) -> Panel:
    """Ask which chat's settings; the way back leads to the person's own."""
    options = [
        Option(
            label=shown(line("settings_for", language=language, chat=chat_name(chat)), longest=_LABEL_CHARS),
            payload={"view": OVERVIEW},
            chat_id=chat.chat_id,
        )
        for chat in chats
    ]
    back = Option(label=line("button_back", language=language), payload={"view": OVERVIEW}, chat_id=own_chat_id)
    return Panel(texts=(line("settings_which", language=language),), rows=frozen([*([one] for one in options), [back]]))


def known(view: View, setting: Setting) -> Iterable[str]:
    """Name what can be typed for a setting, the first of many."""
    match setting:
        case Setting.LANGUAGE:
            return [name_of(each) for each in LANGUAGES]
        case Setting.POLICY:
            return [view.says(f"policy_{each.value}") for each in Policy]
        case Setting.ZONE:
            return []
        case Setting.SOURCES | Setting.LIVE_BLOGS:
            names = view.offered.names(setting)
            return [*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])]


def _bindings(view: View, setting: Setting, asks: str, page: int) -> Panel:
    names = view.offered.names(setting)
    bound = view.offered.bound(view.chat.settings, setting)
    public = view.offered.public_sources if setting is Setting.SOURCES else view.offered.public_live_blogs
    page = _within(page, len(names))
    toggles = [
        [
            Option(
                label=_marked(shown(name, longest=_LABEL_CHARS), name in (public if bound is None else bound)),
                payload={"toggle": setting.value, "name": name, "page": page},
            )
        ]
        for name in names[page * PAGE : (page + 1) * PAGE]
    ]
    every = Option(
        label=_marked(view.says("settings_all"), bound is None), payload={"set": setting.value, "to": EVERYTHING}
    )
    turns = _turns(setting, page, len(names))
    return Panel(texts=(asks,), rows=frozen([*toggles, turns, [every], _back(view)]))


def _pick(view: View, setting: Setting, value: str, label: str) -> Option:
    kept = getattr(view.chat.settings, setting.value)
    holds = (NOT_CHOSEN if kept is None else str(kept)) == value
    return Option(label=_marked(label, holds), payload={"set": setting.value, "to": value})


def _marked(label: str, holds: bool) -> str:
    return f"✓ {label}" if holds else label


def _back(view: View) -> list[Option]:
    return [Option(label=view.says("button_back"), payload={"view": OVERVIEW})]


def _turns(setting: Setting, page: int, count: int) -> list[Option]:
    pages = (page - 1, page + 1)
    return [
        Option(label=label, payload={"view": setting.value, "page": other})
        for label, other in zip("‹›", pages, strict=True)
        if other == _within(other, count)
    ]


def _within(page: int, count: int) -> int:
    """Keep a page, which may be forged or outdated, within what there is."""
    return max(0, min(page, (count - 1) // PAGE))


def _value(view: View, setting: Setting) -> str:
    kept = view.chat.settings
    match setting:
        case Setting.LANGUAGE:
            return name_of(kept.language) if kept.language else view.says("settings_auto_language")
        case Setting.ZONE:
            return kept.zone or view.says("settings_auto_zone", zone=view.zone)
        case Setting.POLICY:
            return view.says(f"policy_{kept.policy.value}")
        case Setting.SOURCES | Setting.LIVE_BLOGS:
            names = view.offered.bound(kept, setting)
            if names is None:
                return view.says("settings_all")
            return ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])
