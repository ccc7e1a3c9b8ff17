"""Follow-ups as small charts over time: interest, pleasure and drive apart from mood, treatment sessions marked."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from intake.page import Point, Scale
from intake.questionnaire import Panel
from prompts.intake import intake_words

if TYPE_CHECKING:
    import altair

INKS = ("#1E5B52", "#743653", "#9A6B00", "#2A4B74")  # each line has its own dashes and marks too: it reads in grey
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3))
SHAPES = ("circle", "square", "triangle-up", "diamond")
WIDTH, HEIGHT = 340, 150  # px of one panel


def chart_of(points: tuple[Point, ...], scale: Scale) -> altair.VConcatChart | None:
    """One panel under the other; None where nothing can be drawn."""
    import altair  # a second; only where there is something to draw

    panels = [
        _panel(altair, shown, _sessions(points), (low, high), panel)
        for panel, low, high in scale
        if (shown := tuple(point for point in points if point.panel is panel and point.value is not None))
    ]
    if not panels:
        return None
    drawn: altair.VConcatChart = altair.vconcat(*panels).resolve_scale(
        color="independent", shape="independent", strokeDash="independent"
    )
    return drawn


def png_of(points: tuple[Point, ...], scale: Scale) -> bytes:
    """The same as a picture for print; empty where nothing can be drawn. Nothing is fetched."""
    chart = chart_of(points, scale)
    if chart is None:
        return b""
    import vl_convert

    return vl_convert.vegalite_to_png(chart.to_json(), scale=3)


def _sessions(points: tuple[Point, ...]) -> tuple[Point, ...]:
    return tuple(point for point in points if point.panel is Panel.SESSIONS and point.value)


def _panel(
    altair: Any, points: tuple[Point, ...], sessions: tuple[Point, ...], bounds: tuple[Decimal, Decimal], panel: Panel
) -> Any:
    say = intake_words("en")
    names = list(dict.fromkeys(point.label for point in points))
    rows = [
        {"at": point.at.isoformat(), "line": point.label, "value": float(point.value), "said": point.text}
        for point in points
        if point.value is not None
    ]
    x = altair.X("at:T", title=None, axis=altair.Axis(format="%d %b %Y", labelAngle=-30, tickCount=5))
    low, high = float(bounds[0]), float(bounds[1])
    ticks = [low + step for step in range(int(high - low) + 1)]
    y = altair.Y(
        "value:Q", title=None, scale=altair.Scale(domain=[low, high]), axis=altair.Axis(values=ticks, format="d")
    )
    kept = len(names)
    base = altair.Chart(altair.Data(values=rows)).encode(x=x, y=y)
    domain = {"domain": names}
    legend = altair.Legend(orient="top", title=None) if kept > 1 else None
    lines = base.mark_line().encode(
        color=altair.Color("line:N", scale=altair.Scale(**domain, range=list(INKS[:kept])), legend=legend),
        strokeDash=altair.StrokeDash("line:N", scale=altair.Scale(**domain, range=list(DASHES[:kept])), legend=legend),
    )
    marks = base.mark_point(filled=True, size=50).encode(
        color=altair.Color("line:N", scale=altair.Scale(**domain, range=list(INKS[:kept])), legend=legend),
        shape=altair.Shape("line:N", scale=altair.Scale(**domain, range=list(SHAPES[:kept])), legend=legend),
        tooltip=["line:N", "said:N", "at:T"],
    )
    layers = [lines, marks]
    if sessions:
        said = [{"at": one.at.isoformat(), "sessions": say("chart.sessions", count=one.text)} for one in sessions]
        data = altair.Data(values=said)
        layers.append(altair.Chart(data).mark_rule(strokeDash=[3, 3], color="#52605C").encode(x=x))
        text = altair.Chart(data).mark_text(align="left", dx=3, fontSize=9, color="#52605C")
        layers.append(text.encode(x=x, y=altair.value(8), text="sessions:N"))
    return altair.layer(*layers).properties(title=say(f"page.{panel.value}"), width=WIDTH, height=HEIGHT)
