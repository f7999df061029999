"""Labels inside of convex polygons: where the text fits; numbers with a legend where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

Corner = tuple[Any, ...]
SIZES = (11, 10, 9, 8)
GRID = 41
PADDING = 4.0  # pixels around a text


@dataclass(frozen=True)
class Label:
    """A text, and the convex polygon (counterclockwise, in the coordinates of the data) for it."""

    text: str
    corners: Sequence[Corner]


def place(axes: Any, labels: Sequence[Label], obstacles: Sequence[tuple[Corner, Corner]] = ()) -> None:
    """Write each label into its polygon, away from the obstacles (segments); those that do not fit get a number.

    The list of numbers takes room from the axes, so that labels are placed again until no further one is numbered.
    """
    numbered: list[str] = []
    for _ in range(len(labels) + 1):
        texts = list(axes.texts)
        note = _note(axes, numbered) if numbered else None
        axes.figure.draw_without_rendering()  # settles the layout, so that texts can be measured
        found = _placed(axes, labels, obstacles)
        if found == numbered:
            return
        numbered = found
        for text in [t for t in axes.texts if t not in texts or t is note]:
            text.remove()


def _placed(axes: Any, labels: Sequence[Label], obstacles: Sequence[tuple[Corner, Corner]]) -> list[str]:
    """Write the labels; returns those that got a number."""
    numbered: list[str] = []
    lines = [np.linspace(axes.transData.transform(a), axes.transData.transform(b), 100) for a, b in obstacles]
    for label in labels:
        polygon = axes.transData.transform(np.array(label.corners, float))
        if not _fitted(axes, label.text, polygon, lines):
            numbered.append(label.text.replace("\n", "\n      "))
            if not _fitted(axes, f"({len(numbered)})", polygon, lines):
                _written(axes, f"({len(numbered)})", polygon.mean(axis=0), SIZES[-1])
    return numbered


def _note(axes: Any, numbered: Sequence[str]) -> Any:
    """The list of numbered labels beside the axes."""
    text = "\n".join(f"({k}) {label}" for k, label in enumerate(numbered, 1))
    style = {"fontsize": 9, "va": "bottom", "ha": "left", "linespacing": 1.5, "annotation_clip": False}
    return axes.annotate(text, (1.02, 0.0), xycoords="axes fraction", **style)


def _fitted(axes: Any, text: str, polygon: Any, lines: Sequence[Any]) -> bool:
    """Write a text where it fits, as large as it fits; False if it does not."""
    for size in SIZES:
        written = _written(axes, text, polygon.mean(axis=0), size)
        extent = written.get_window_extent()
        at = _centre(polygon, (extent.width / 2 + PADDING, extent.height / 2 + PADDING), lines)
        if at is not None:
            written.set_position(axes.transData.inverted().transform(at))
            return True
        written.remove()
    return False


def _written(axes: Any, text: str, at: Any, size: int) -> Any:
    x, y = axes.transData.inverted().transform(at)
    outline = import_module("matplotlib.patheffects").withStroke(linewidth=2.5, foreground="white", alpha=0.8)
    style = {"fontsize": size, "ha": "center", "va": "center", "zorder": 5, "path_effects": [outline]}
    return axes.text(x, y, text, **style)


def _centre(polygon: Any, half: tuple[float, float], lines: Sequence[Any]) -> Any:
    """The point nearest to the middle around which a box lies in the polygon and meets no line; or None."""
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    middle = polygon.mean(axis=0)
    xs, ys = np.linspace(low[0], high[0], GRID), np.linspace(low[1], high[1], GRID)
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    fits = np.ones(len(points), bool)
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        inward = np.array([a[1] - b[1], b[0] - a[0]])
        # the corner of the box that is nearest to this side
        fits &= (points - a) @ inward >= abs(inward[0]) * half[0] + abs(inward[1]) * half[1]
    for line in lines:
        near = (np.abs(points[:, None, :] - line[None, :, :]) <= np.array(half)).all(axis=2).any(axis=1)
        fits &= ~near
    if not fits.any():
        return None
    inside = points[fits]
    return inside[np.argmin(((inside - middle) ** 2).sum(axis=1))]
