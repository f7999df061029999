"""Axes of new figures, and files of pictures."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from fpt_calc.errors import InputError

# Okabe and Ito 2008: told apart by all kinds of colour vision; black is left for boundaries
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")


def new_axes(on_screen: bool, size: tuple[float, float] = (6, 4)) -> Any:
    """Axes of a new figure; without a screen no window system is touched.

    Raises `InputError` without matplotlib.
    """
    try:
        if on_screen:
            _, axes = import_module("matplotlib.pyplot").subplots(figsize=size, layout="constrained")
            return axes
        return import_module("matplotlib.figure").Figure(figsize=size, layout="constrained").subplots()
    except ImportError:
        raise InputError("matplotlib is not installed", where="plot", remedy="pip install fpt-calc[plot]") from None


def save(axes: Any, path: Path) -> None:
    """Write the figure of some axes to a file.

    Raises `InputError` for an unknown type and for a file that cannot be written.
    """
    try:
        axes.figure.savefig(path, dpi=200)
    except ValueError:
        known = ", ".join(sorted(axes.figure.canvas.get_supported_filetypes()))
        what = f"cannot draw a file of type {path.suffix!r}"
        raise InputError(what, where="plot", remedy=f"use one of {known}") from None
    except OSError as error:
        remedy = "give a path in a folder that exists"
        raise InputError(f"cannot write {path.name} ({error.strerror})", where="plot", remedy=remedy) from None


def tidy(axes: Any) -> None:
    """A light grid, and no frame on two sides."""
    axes.grid(True, which="major", color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
