"""The printed error of a pipeline, read back and evaluated: `eval` of the text with numpy matrices for its names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.printed import Matrix

FUNCTIONS = {
    "Tr": lambda m: float(np.trace(m.array)),
    "tau": lambda m: float(np.trace(m.array)) / len(m.array),
    "inv": lambda m: Numbers(np.linalg.inv(m.array)),
    "sqrt": lambda x: x**0.5,
}


class Numbers(Matrix):
    """A matrix whose products with one entry are numbers."""

    def __matmul__(self, other: Matrix) -> Any:
        product = self.array @ other.array
        return float(product[0, 0]) if product.shape == (1, 1) else Numbers(product)

    @property
    def T(self) -> Numbers:
        return Numbers(self.array.T)

    def __truediv__(self, number: float) -> Matrix:
        return Numbers(self.array / number)

    def __add__(self, other: Any) -> Numbers:
        return Numbers(super().__add__(other).array)

    __radd__ = __add__

    def __neg__(self) -> Numbers:
        return Numbers(-self.array)

    def __mul__(self, number: Any) -> Numbers:
        return Numbers(self.array * number)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Numbers:
        return Numbers(np.linalg.matrix_power(self.array, exponent))


def evaluated_print(text: str, given: Mapping[str, Any]) -> tuple[dict[str, float], list[float]]:
    """The values under "converges to", and the residuals of the equations of parameters, at numbers for all names.

    Raises `NameError` where a name in a formula is defined nowhere.
    """
    known: dict[str, Any] = {**FUNCTIONS, **given}
    equations: list[str] = []
    _define(_section(text, "where"), known, equations)
    values = {}
    for line in _section(text, "converges to"):
        name, formula = line.split(" = ", 1)
        values[name] = known[name] = None if name == "error" else _value(formula, known)
    values["error"] = values["bias"] + values["variance"]
    residuals = []
    for equation in equations:
        left, right = (_value(side, known) for side in equation.split(" = "))
        residuals.append(abs(left - right) / max(abs(left), abs(right), 1e-3))
    return values, residuals


def _section(text: str, title: str) -> list[str]:
    """The lines that are indented below a title."""
    lines = text.splitlines()
    if title not in lines:
        return []
    rest = lines[lines.index(title) + 1 :]
    end = next((k for k, line in enumerate(rest) if not line.startswith("  ")), len(rest))
    return [line[2:] for line in rest[:end]]


def _value(formula: str, known: Mapping[str, Any]) -> Any:
    return eval(formula, {"__builtins__": {}}, dict(known))  # our own program's output, on purpose


def _define(lines: list[str], known: dict[str, Any], equations: list[str]) -> None:
    """Evaluate definitions in the order in which they can be, loops as they stand."""
    pending: list[Any] = []
    start: dict[str, str] = {}
    loop: list[str] = []
    count = ""
    for line in lines:
        if line.startswith("  "):
            loop.append(line.strip())
            continue
        if loop:
            pending.append((count, start, loop))
            start, loop = {}, []
        if line.endswith(" at first"):
            name, formula = line.removesuffix(" at first").split(" = ", 1)
            start[name] = formula
        elif line.startswith("then "):
            count = line.removeprefix("then ").split(" times")[0]
        elif ", " in line and (line.endswith(" > 0") or line.endswith("continuation from zero variance")):
            equations.append(line.rsplit(", ", 1)[0])
        else:
            pending.append(line)
    if loop:
        pending.append((count, start, loop))
    while pending:
        left = [item for item in pending if not _defined(item, known)]
        if len(left) == len(pending):
            raise NameError(f"undefined names in {left}")
        pending = left


def _defined(item: Any, known: dict[str, Any]) -> bool:
    try:
        if isinstance(item, str):
            name, formula = item.split(" = ", 1)
            known.setdefault(name, _value(formula, known))
        else:
            known.update(_after_loop(*item, known))
    except NameError:
        return False
    return True


def _after_loop(count: str, start: Mapping[str, str], body: list[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """The matrices and sums after all rounds."""
    current: dict[str, Any] = {name: _value(formula, known) for name, formula in start.items()}
    for _ in range(int(_value(count, known))):
        scope = {**known, **current}
        following = dict(current)
        for line in body:
            if line.startswith("add to "):
                name, formula = line.removeprefix("add to ").split(" (0 at first): ")
                following[name] = current.get(name, 0.0) + _value(formula, scope)
            elif " becomes " in line:
                name, formula = line.split(" becomes ")
                following[name] = _value(formula, scope)
            else:
                name, formula = line.split(" = ", 1)
                scope[name] = _value(formula, scope)
        current = following
    sums = (line.removeprefix("add to ").split(" (0")[0] for line in body if line.startswith("add to "))
    return {**dict.fromkeys(sums, 0.0), **current}
