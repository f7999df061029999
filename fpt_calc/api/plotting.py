"""What `Law.plot` draws: the values of the axis, limits and simulations there, and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

import numpy as np

from fpt_calc.api.values import Declared
from fpt_calc.errors import FptError, InputError
from fpt_calc.export import name_to_latex
from fpt_calc.oracles import Estimate
from fpt_calc.plot import Curve, Picture, Points, scale_of
from fpt_calc.point import Point, check_kind
from fpt_calc.scalars import Dimension, Parameter

Array = Any  # numpy.ndarray
LINE, DRAWN = 81, 9  # points of a line; of them, those that are simulated
SHARES = (0.05, 0.95)  # the default range of a fraction


def axis_values(known: Declared, start: Mapping[str, Any], over: str, values: Any, x_scale: str | None) -> Array:
    """The values on the axis: those given, or a range of them, by default around the value of the point.

    Raises `InputError` for what cannot be an axis.
    """
    generator = _generator(known, over)
    if x_scale not in (None, "linear", "log"):
        raise InputError(f"unknown scale {x_scale!r}", where="plot.x_scale", remedy="use 'linear' or 'log'")
    if values is None:
        values = _default_range(generator, start, over)
    array = _numbers(values, over)
    array = _range(array, generator, over, x_scale) if _is_range(values) else np.sort(array)
    for value in array.tolist():
        _check(generator, value)
    return array


def drawn_values(axis: Array, given: Any) -> Array:
    """Where to simulate: at given values, or at some values of a range."""
    if not (given is None or _is_range(given)) or len(axis) <= DRAWN:
        return axis
    return axis[np.unique(np.linspace(0, len(axis) - 1, DRAWN).round().astype(int))]


def _is_range(values: Any) -> bool:
    return isinstance(values, tuple) and len(values) == 2


def picture(
    names: list[str],
    over: str,
    axis: Array,
    limit: Callable[[Any], Mapping[str, Any]],
    drawn: Array | None,
    simulate: Callable[[Any], Mapping[str, Estimate]],
    *,
    note: str,
    x_scale: str | None,
) -> Picture:
    """The picture of targets over one name."""
    limits = [limit(x) for x in axis.tolist()]
    estimates = [simulate(x) for x in drawn.tolist()] if drawn is not None else []
    curves: list[Curve] = []
    for name in names:
        y = np.array([values[name] for values in limits])
        means = np.array([e[name].mean for e in estimates])
        errors = np.array([e[name].standard_error for e in estimates])
        for label, part in _parts(name, y):
            points = None if drawn is None else Points(drawn, part(means), errors)
            curves.append(Curve(f"${label}$", axis, part(y), points))
    return Picture(tuple(curves), f"${name_to_latex(over)}$", note if estimates else "", x_scale)


def _parts(name: str, y: Array) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """A complex quantity is drawn as its two parts."""
    label = name_to_latex(name)
    if not np.iscomplexobj(y):
        yield label, np.real
        return
    yield rf"\mathrm{{Re}}\,{label}", np.real
    yield rf"\mathrm{{Im}}\,{label}", np.imag


def _generator(known: Declared, over: str) -> Dimension | Parameter:
    found: dict[str, Dimension | Parameter] = {**known.dims, **known.scalars}
    if over in known.matrices or over in known.random:
        raise InputError(f"{over} is a matrix", where="plot.over", remedy=_known(found))
    if over not in found:
        close = get_close_matches(over, found, 1)
        remedy = f"did you mean {close[0]!r}?" if close else _known(found)
        raise InputError(f"unknown name {over!r}", where="plot.over", remedy=remedy)
    generator = found[over]
    if isinstance(generator, Parameter) and not generator.is_real:
        raise InputError(f"{over} is complex: no axis", where="plot.over", remedy=_known(found, without=over))
    return generator


def _known(found: Mapping[str, Any], without: str = "") -> str:
    names = [name for name, g in sorted(found.items()) if name != without]
    return f"use one of {', '.join(names)}" if names else "there is nothing else to vary"


def _default_range(generator: Dimension | Parameter, start: Mapping[str, Any], over: str) -> tuple[float, float]:
    if over not in start:
        raise InputError(f"no value of {over} to start from", where="plot", remedy="give values=(low, high)")
    value = float(start[over])
    if isinstance(generator, Dimension):
        return max(1.0, value / 8), 4 * value
    match generator.kind:
        case "positive" | "nonnegative" if value > 0:
            return value / 100, 100 * value
        case "fraction":
            return SHARES
        case "generations":
            return 1.0, 2 * value + 5  # a chain of no generations is not trained
    return value - 2 * abs(value) - 1, value + 2 * abs(value) + 1


def _numbers(values: Any, over: str) -> Array:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError("values that are no numbers", where=f"plot.{over}", remedy="give numbers") from None
    if array.ndim != 1 or not array.size:
        what = "an empty range" if not array.size else "not a list of values"
        raise InputError(what, where=f"plot.{over}", remedy="give (low, high), or an array of values")
    return array


def _range(ends: Array, generator: Dimension | Parameter, over: str, x_scale: str | None) -> Array:
    low, high = ends.tolist()
    if not low < high:
        raise InputError("an empty range", where=f"plot.{over}", remedy="give (low, high) with low < high")
    if (x_scale or scale_of([ends])) == "log":
        if low <= 0:
            raise InputError(f"{low} on a log scale", where=f"plot.{over}", remedy="start above zero")
        grid = np.geomspace(low, high, LINE)
    else:
        grid = np.linspace(low, high, LINE)
    whole = isinstance(generator, Dimension) or generator.kind in ("integer", "generations")
    return np.unique(grid.round()) if whole else grid


def _check(generator: Dimension | Parameter, value: float) -> None:
    if isinstance(generator, Parameter):
        check_kind(generator, value)
    elif value != int(value) or value < 1:
        what = f"dimension {value:g} is not a positive integer"
        raise InputError(what, where=f"plot.{generator.name}", remedy="change the values")


def start_values(point: Point | None, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of the point, with some replaced."""
    known: dict[str, Any] = {} if point is None else {**point.dims, **point.scalars}
    return known | dict(fixed)


NO_ESTIMATE = Estimate(float("nan"), float("nan"), 0, 0, "model")
T = TypeVar("T")


def with_gaps(
    value: Callable[[Any], Mapping[str, T]], names: list[str], gap: T, axis: Any
) -> Callable[[Any], Mapping[str, T]]:
    """The values with a gap where they are refused; raises what was refused at the last point if nothing was found."""
    found: list[bool] = []

    def drawn(x: Any) -> Mapping[str, T]:
        try:
            result = value(x)
        except FptError:
            if x == axis[-1] and not any(found):
                raise
            found.append(False)
            return dict.fromkeys(names, gap)
        found.append(True)
        return result

    return drawn


def chosen(values: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """Some of the values; raises `InputError` for a name that is none."""
    for name in names:
        if name not in values:
            raise InputError(f"no value {name!r}", where="plot.names", remedy=f"there are {', '.join(values)}")
    return {name: values[name] for name in names}
