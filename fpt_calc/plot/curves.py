"""Theory as lines, simulation as points with error bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fpt_calc.plot.figure import new_axes, save, tidy

Array = Any  # numpy.ndarray or matplotlib objects: the extra may be absent
DECADES = 2  # a wider range is drawn on a logarithmic axis


@dataclass(frozen=True)
class Points:
    """Simulated means with their standard errors."""

    x: Array
    means: Array
    errors: Array


@dataclass(frozen=True)
class Curve:
    """One quantity: its label in mathtext, its limit as a line, and what was simulated."""

    label: str
    x: Array
    y: Array
    points: Points | None = None


@dataclass(frozen=True)
class Picture:
    """Curves over one axis.

    Attributes
    ----------
    curves : at least one.
    x_label : in mathtext.
    note : what the points are, for the legend.
    x_scale : "linear" or "log"; None: by the range.
    """

    curves: tuple[Curve, ...]
    x_label: str
    note: str = ""
    x_scale: str | None = None


def draw(picture: Picture, axes: Any = None, path: Path | None = None) -> Any:
    """Draw a picture into axes (new ones by default), and write it to a file if ``path`` is given; returns the axes.

    Raises `InputError` without matplotlib, and for a file that cannot be written.
    """
    axes = new_axes(on_screen=path is None) if axes is None else axes
    for curve in picture.curves:
        (line,) = axes.plot(curve.x, curve.y, label=curve.label, linewidth=1.8)
        if curve.points is not None:
            draw_points(axes, curve.points, line.get_color())
    if picture.note:
        draw_points(axes, Points([], [], []), "0.4", picture.note)
    _style(axes, picture)
    if path is not None:
        save(axes, path)
    return axes


def scale_of(values: Sequence[Array]) -> str:
    """The scale "log" for positive numbers that span more than two decades, else "linear".

    >>> scale_of([np.array([1, 50]), np.array([200])]), scale_of([np.array([0, 1000])])
    ('log', 'linear')
    """
    flat = np.concatenate([np.ravel(v) for v in values])
    flat = flat[np.isfinite(flat)]
    wide = flat.size and flat.min() > 0 and flat.max() > 10**DECADES * flat.min()
    return "log" if wide else "linear"


def draw_points(axes: Any, points: Points, color: Any, label: str = "") -> None:
    """Points with error bars."""
    axes.errorbar(
        points.x,
        points.means,
        yerr=points.errors,
        fmt="o",
        color=color,
        markersize=4.5,
        capsize=2.5,
        linewidth=1.2,
        markerfacecolor="white",
        zorder=3,
        label=label or None,
    )


def _style(axes: Any, picture: Picture) -> None:
    axes.set_xscale(picture.x_scale or scale_of([c.x for c in picture.curves]))
    axes.set_yscale(scale_of([c.y for c in picture.curves]))
    axes.set_xlabel(picture.x_label, fontsize=12)
    tidy(axes)
    if len(picture.curves) == 1:
        axes.set_ylabel(picture.curves[0].label, fontsize=12)
    axes.legend(frameon=False)
