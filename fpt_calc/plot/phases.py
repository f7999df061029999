"""The regimes of a scaling law: polygons in the plane of two exponents, or an exponent over one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from fpt_calc.plot.figure import COLORS, new_axes, save
from fpt_calc.plot.labels import Label, place
from fpt_calc.scaling.polyhedra import Affine, value_at, variable
from fpt_calc.scaling.regimes.law import Law
from fpt_calc.scaling.shown.diagram import Cell, Diagram, Point, diagram

Writer = Callable[[Affine], str]
SHADE = 0.35  # of the colours of regimes
HEADROOM = 0.45  # of the height, for labels above a line


def phase_diagram(
    law: Law,
    x: str,
    y: str | None = None,
    numbers: Mapping[str, Any] | None = None,
    window: Sequence[tuple[Any, Any]] | None = None,
    optimum: str | None = None,
    words: Mapping[str, str] | None = None,
    latex: Writer = str,
    axes: Any = None,
    path: Path | None = None,
) -> Any:
    """Draw the regimes over two exponents, or the exponent of the law over one; returns the axes.

    Parameters
    ----------
    law : the law.
    x, y : the exponents of the axes; without y the exponent of the law is drawn over x.
    numbers : for the other exponents and the parameters.
    window : a range for each axis; by default all corners of regimes are seen.
    optimum : one of the axes, whose best choice is drawn.
    words : for sources, such as "bias of w0"; their names by default.
    latex : how an affine form is written in mathtext, without dollars; Python syntax by default.
    axes : new ones by default.
    path : of a file to be written.

    Raises `InputError` as `fpt_calc.scaling.shown.diagram.diagram` does, and without matplotlib.
    """
    found = diagram(law, [x] if y is None else [x, y], numbers, window, optimum)
    axes = new_axes(on_screen=path is None, size=(7, 4.6)) if axes is None else axes
    said = {s: s for s in law.sources} | dict(words or {})
    size = latex(variable(law.request.setting.size))
    colors = _colors(found)
    axes.set_xlim(*map(float, found.window[0]))
    axes.set_xlabel(f"${latex(variable(x))}$", fontsize=13)
    axes.set_title(_title(law, found, latex), fontsize=12)
    labels = _line(axes, found, colors, f"exponent of ${size}$") if y is None else _plane(axes, found, colors)
    if y is not None:
        axes.set_ylabel(f"${latex(variable(y))}$", fontsize=13)
    _optimum(axes, found, optimum, latex)
    texts = [_label(c, size, said, latex) for c in found.cells]
    place(axes, [Label(text, polygon) for text, polygon in zip(texts, labels, strict=True)], _obstacles(found))
    if path is not None:
        save(axes, path)
    return axes


def _colors(found: Diagram) -> dict[tuple[str, ...], str]:
    """A colour for each set of leading sources."""
    sources = dict.fromkeys(c.dominant for c in sorted(found.cells, key=lambda c: c.corners))
    return {s: COLORS[k % len(COLORS)] for k, s in enumerate(sources)}


def _title(law: Law, found: Diagram, latex: Writer) -> str:
    """What is drawn, and the numbers."""
    given = ", ".join(f"${latex(variable(n))}={_number(v)}$" for n, v in found.fixed.items())
    return f"{law.name}: regimes" + (f" at {given}" if given else "")


def _number(value: Fraction) -> str:
    return f"{float(value):g}" if value.denominator in (1, 2, 4, 5, 10, 20) else str(value)


def _label(cell: Cell, size: str, words: Mapping[str, str], latex: Writer) -> str:
    exponent = latex(cell.shown)
    power = rf"{size}^{{{exponent}}}" if exponent not in ("0", "1") else {"0": "1", "1": size}[exponent]
    logs = "" if not cell.logs else rf"\,\log {size}" if cell.logs == 1 else rf"\,\log^{{{cell.logs}}}{size}"
    sources = "\n+ ".join(words[s] for s in cell.dominant)
    return f"${power}{logs}$\n{sources}"


def _plane(axes: Any, found: Diagram, colors: Mapping[tuple[str, ...], str]) -> list[list[tuple[float, float]]]:
    """Filled polygons; returns where their labels may stand."""
    axes.set_ylim(*map(float, found.window[1]))
    polygons = [_floats(cell.corners) for cell in found.cells]
    for cell, corners in zip(found.cells, polygons, strict=True):
        xs, ys = zip(*corners, strict=True)
        axes.fill(xs, ys, facecolor=colors[cell.dominant], alpha=SHADE, linewidth=0)
        axes.fill(xs, ys, fill=False, edgecolor="0.2", linewidth=1.0)
    return polygons


def _line(
    axes: Any, found: Diagram, colors: Mapping[tuple[str, ...], str], y_label: str
) -> list[list[tuple[float, float]]]:
    """The exponent over one exponent, regimes shaded; returns the places above the line for labels."""
    (name,) = found.axes
    heights = []
    for cell in found.cells:
        (left,), (right,) = cell.corners
        ends = [float(Fraction(str(value_at(cell.exponent, {name: x})))) for x in (left, right)]
        axes.plot([float(left), float(right)], ends, color="0.1", linewidth=2, zorder=3)
        axes.axvspan(float(left), float(right), color=colors[cell.dominant], alpha=SHADE, linewidth=0)
        axes.axvline(float(right), color="0.2", linewidth=0.8)
        heights += ends
    low, high = min(heights), max(heights)
    span = high - low or 1.0
    top = high + HEADROOM * span
    axes.set_ylim(low - 0.1 * span, top)
    axes.set_ylabel(y_label, fontsize=12)
    base = high + 0.03 * span
    return [[(float(a), base), (float(b), base), (float(b), top), (float(a), top)] for (a,), (b,) in _ends(found)]


def _ends(found: Diagram) -> list[tuple[Point, Point]]:
    return [(c.corners[0], c.corners[1]) for c in found.cells]


def _optimum(axes: Any, found: Diagram, optimum: str | None, latex: Writer) -> None:
    """The best choice: a dashed line, or what is hatched where there are many."""
    style = {"color": "black", "linestyle": "--", "linewidth": 1.8, "zorder": 4}
    hatched = {"facecolor": "none", "edgecolor": "0.3", "hatch": "///", "linewidth": 0.0, "zorder": 2}
    for corners in found.best:
        points = _floats(corners)
        if len(found.axes) == 1 and len(points) == 1:
            axes.axvline(points[0][0], **style)
        elif len(found.axes) == 1:
            axes.axvspan(points[0][0], points[1][0], **hatched)
        elif len(points) > 2:
            axes.fill(*zip(*points, strict=True), **hatched)
        else:
            axes.plot(*zip(*points, strict=True), **style)
    if found.best and optimum is not None:
        kinds = {len(b) > len(found.axes) for b in found.best}
        name = f"best ${latex(variable(optimum))}$"
        if False in kinds:
            axes.plot([], [], label=name, **style)
        if True in kinds:
            axes.fill([], [], label=f"{name} (any)", **hatched)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)


def _obstacles(found: Diagram) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Segments that labels in the plane keep away from."""
    segments = [_floats(b) for b in found.best if len(b) == 2 and len(found.axes) == 2]
    return [(a, b) for a, b in segments]


def _floats(corners: Sequence[Point]) -> list[tuple[Any, ...]]:
    return [tuple(map(float, p)) for p in corners]
