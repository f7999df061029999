"""A value over a growing size: the exact curve, its asymptote with the slope, and simulations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.plot.curves import Array, Curve, Points, draw_points
from fpt_calc.plot.figure import COLORS, new_axes, save, tidy


@dataclass(frozen=True)
class Asymptote:
    """``constant * size**exponent * log(size)**logs``, the ``of``-th curve's."""

    exponent: float
    constant: float
    logs: int = 0
    of: int = 0


def sampled(label: str, value: Callable[[float], float], sizes: Sequence[float], points: Points | None = None) -> Curve:
    """A curve through the values of a function.

    >>> sampled("$E$", lambda size: 2 / size, [1, 4]).y
    array([2. , 0.5])
    """
    x = np.asarray(sizes, float)
    return Curve(label, x, np.array([float(value(s)) for s in x]), points)


def log_log(
    curves: Sequence[Curve],
    asymptotes: Sequence[Asymptote] = (),
    x_label: str = "$T$",
    y_label: str = "",
    title: str = "",
    note: str = "",
    axes: Any = None,
    path: Path | None = None,
) -> Any:
    """Draw curves on logarithmic axes with their asymptotes dashed; returns the axes.

    Parameters
    ----------
    curves : exact values over sizes, with simulated points; see `sampled`.
    asymptotes : with the slope in the legend.
    x_label, y_label, title : in mathtext.
    note : what the points are, for the legend.
    axes : new ones by default.
    path : of a file to be written.

    Raises `InputError` for values that are not positive, without curves, and without matplotlib.
    """
    _check(curves, asymptotes)
    axes = new_axes(on_screen=path is None) if axes is None else axes
    for k, curve in enumerate(curves):
        color = COLORS[k % len(COLORS)]
        axes.plot(curve.x, curve.y, color=color, linewidth=1.8, label=curve.label)
        if curve.points is not None:
            draw_points(axes, curve.points, color)
    for asymptote in asymptotes:
        x = np.asarray(curves[asymptote.of].x, float)
        y = asymptote.constant * x**asymptote.exponent * np.log(x) ** asymptote.logs
        axes.plot(x, y, "--", color="0.25", linewidth=1.3, label=_slope(asymptote), zorder=1)
    if note and any(c.points is not None for c in curves):
        draw_points(axes, Points([], [], []), "0.4", note)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(x_label, fontsize=12)
    axes.set_ylabel(y_label or (curves[0].label if len(curves) == 1 else ""), fontsize=12)
    axes.set_title(title, fontsize=12)
    tidy(axes)
    axes.legend(frameon=False)
    if path is not None:
        save(axes, path)
    return axes


def _slope(asymptote: Asymptote) -> str:
    text = f"slope ${asymptote.exponent:.3g}$"
    return text if not asymptote.logs else f"{text}, times a power of the logarithm"


def _check(curves: Sequence[Curve], asymptotes: Sequence[Asymptote]) -> None:
    if not curves:
        raise InputError("no curve", where="log_log", remedy="give at least one")
    arrays: list[Array] = [a for c in curves for a in (c.x, c.y)]
    if not all(np.all(np.isfinite(a)) and np.all(np.asarray(a) > 0) for a in arrays):
        raise InputError("a value that is not positive", where="log_log", remedy="logarithmic axes show positive ones")
    for asymptote in asymptotes:
        if not 0 <= asymptote.of < len(curves):
            raise InputError(f"no curve {asymptote.of}", where="log_log", remedy=f"there are {len(curves)}, from 0")
