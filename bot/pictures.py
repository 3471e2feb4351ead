"""A digest's picture: how many updates each hour brought, and from which hours it quotes. Data in, PNG and words out.

Telegram shows no alternative text, so the words go below the picture as its caption. One card for dark and light
chats: Telegram makes a JPEG of a photo, which knows no transparency. matplotlib is imported where a picture is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import times
from bot.records import Picture
from bot.texts import line, locale_of
from index import Digest, Hour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HOUR = timedelta(hours=1)
# Fewer hours make no picture; of more, the last ones are drawn: a bar needs a few pixels.
_FEWEST, _MOST = 3, 14 * 24
# 1,280 by 720 pixels; a phone shows them at less than a third, so that what is written is large.
_INCHES, _DPI = (8.0, 4.5), 160
_TITLE_PT, _TEXT_PT = 21, 17
_CARD, _INK, _GRID = "#1c2733", "#f2f5f7", "#46586a"
_PLAIN, _QUOTED = "#6f8ba6", "#ffb938"
_MOST_TICKS = 5
# So many bars stand apart; more of them would be gaps.
_MOST_APART = 60
_STEPS_H = (1, 2, 3, 6, 12, 24, 48, 72, 96)
_FONT = "DejaVu Sans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What is written below the left edge of a bar: `place` counts the hours from the first."""

    place: int
    label: str


def picture_of(digest: Digest, *, zone: str, language: str) -> Picture | None:
    """Draw a digest's hours for a reader; None where its updates lie within an hour or two.

    None too in a light install, which has no matplotlib: the words are the digest.
    """
    hours = digest.hours[-_MOST:]
    if len(hours) < _FEWEST or find_spec("matplotlib") is None:
        return None
    figure = drawn(hours, zone=zone, language=language)
    png = BytesIO()
    # Without a date and a version, the same digest gives the same bytes.
    figure.savefig(png, format="png", metadata={"Software": None})
    return Picture(png=png.getvalue(), words=in_words(hours, zone=zone, language=language))


def in_words(hours: Sequence[Hour], *, zone: str, language: str) -> str:
    """Say what the picture shows to whoever does not see it."""
    most = max(hours, key=lambda hour: hour.updates)
    quoted = sum(hour.quoted for hour in hours)
    said = line(
        "picture_words",
        language=language,
        range=times.span(hours[0].start, hours[-1].start + _HOUR, zone, language=language),
        count=sum(hour.updates for hour in hours),
        most=most.updates,
        busiest=times.moment(most.start, zone, language=language),
    )
    return f"{said} {line('picture_marked', language=language, count=quoted)}" if quoted else said


def ticks(hours: Sequence[Hour], zone: str, language: str) -> tuple[Tick, ...]:
    """Choose full hours of the reader's clock, few enough to be read; the first of a day bears its date."""
    local = [hour.start.astimezone(ZoneInfo(zone)) for hour in hours]
    step = next((step for step in _STEPS_H if len(hours) <= step * _MOST_TICKS), _STEPS_H[-1])
    first_day = local[0].toordinal()
    places = [
        place
        for place, at in enumerate(local)
        if at.hour % min(step, 24) == 0 and (step <= 24 or (at.toordinal() - first_day) % (step // 24) == 0)
    ]
    dated = {local[place].date(): place for place in reversed(places)}
    return tuple(
        Tick(place=place, label=_label(local[place], language, step, is_dated=dated[local[place].date()] == place))
        for place in places
    )


def _label(at: datetime, language: str, step_h: int, *, is_dated: bool) -> str:
    from babel.dates import format_skeleton

    day = format_skeleton("MMMd", at, locale=locale_of(language))
    if step_h >= 24:
        return day
    return f"{at:%H:%M}\n{day}" if is_dated else f"{at:%H:%M}"


def drawn(hours: Sequence[Hour], *, zone: str, language: str) -> "Figure":
    """Draw the bars; what is quoted is told by colour and by a dot above its hour."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor=_CARD, layout=ConstrainedLayoutEngine(w_pad=0.2, h_pad=0.15))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _draw_bars(axes, hours, language)
    _dress(axes, ticks(hours, zone, language))
    title = line("picture_title", language=language)
    figure.suptitle(title, color=_INK, fontsize=_TITLE_PT, fontweight="bold", family=_FONT)
    return figure


def _draw_bars(axes: "Axes", hours: Sequence[Hour], language: str) -> None:
    quoted = [hour.quoted for hour in hours]
    updates = [hour.updates for hour in hours]
    edges = range(len(hours) + 1)
    axes.stairs(
        updates, edges, baseline=quoted, fill=True, color=_PLAIN, label=line("picture_updates", language=language)
    )
    axes.stairs(quoted, edges, fill=True, color=_QUOTED)
    if len(hours) <= _MOST_APART:
        axes.vlines(edges, 0, list(map(max, [0, *updates], [*updates, 0])), color=_CARD, linewidth=4)
    above = [(place + 0.5, hour.updates + 0.07 * max(updates)) for place, hour in enumerate(hours) if hour.quoted]
    if above:
        places, heights = zip(*above, strict=True)
        axes.scatter(
            list(places), list(heights), s=70, color=_QUOTED, label=line("picture_quoted", language=language), zorder=3
        )
    axes.set_xlim(0, len(hours))
    axes.set_ylim(0, 1.16 * max(updates))
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, labelcolor=_INK,
        prop={"size": _TEXT_PT, "family": _FONT},
    )  # fmt: skip


def _dress(axes: "Axes", below: Sequence[Tick]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_facecolor(_CARD)
    axes.set_xticks([tick.place for tick in below], [tick.label for tick in below])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, min_n_ticks=1))
    axes.tick_params(colors=_INK, labelsize=_TEXT_PT, length=5, color=_GRID, labelfontfamily=_FONT)
    axes.tick_params(axis="x", pad=10)
    axes.grid(axis="y", color=_GRID, linewidth=1)
    axes.set_axisbelow(True)  # the grid lies behind the bars
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_GRID)
