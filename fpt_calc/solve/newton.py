"""Newton's method on one strongly connected component of a system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fpt_calc.solve.blocks import Blocks, NumericSystem
from fpt_calc.system import Component, Unknown

Number = Any
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class NewtonOutcome:
    """The values found, their estimated errors, and whether the steps contracted down to rounding."""

    values: dict[Unknown, Number]
    errors: dict[Unknown, float]
    residual: float
    converged: bool
    steps: int


def solve_component(
    numeric: NumericSystem,
    component: Component,
    known: Mapping[Unknown, Number],
    ramp: Number,
    tolerance: float = 0.0,
    max_steps: int = 14,
) -> NewtonOutcome:
    """Solve the equations of a component with the earlier unknowns given; ``known`` also holds the starting values.

    The steps have to contract, down to rounding or to the relative ``tolerance``; a small step alone is not convergence
    and the residual is reported.  A linear component needs one step, and a second one against rounding.
    """
    own = component.unknowns
    index = {u: k for k, u in enumerate(own)}
    x = np.array([known.get(u, 0.0) for u in own], dtype=complex)
    previous, residual = np.inf, np.inf
    for steps in range(1, max_steps + 1):
        blocks = Blocks(numeric, {**known, **dict(zip(own, _real_if_real(x), strict=True))}, ramp)
        try:
            gap = np.array([blocks.average(u) for u in own], dtype=complex) - x
            inverse = np.linalg.inv(np.eye(len(own)) - np.array([blocks.derivatives(u, index) for u in own]))
        except np.linalg.LinAlgError:
            break
        step = inverse @ gap
        if not np.all(np.isfinite(step)):
            break
        x = x + step
        size, scale = float(np.abs(step).max()), float(np.abs(x).max())
        residual = float(np.abs(gap).max()) / max(1.0, scale)
        # rounding of each right-hand side, carried over to the solution
        rounding = EPS * blocks.condition * (np.abs(inverse) @ (np.abs(x) + np.abs(gap)))
        floor = float(rounding.max())
        if size <= max(16 * floor, tolerance * scale) or (size >= previous / 2 and previous <= 1e4 * floor):
            errors = dict(zip(own, np.maximum(rounding, np.abs(step)).tolist(), strict=True))
            return NewtonOutcome(_named(own, x), errors, residual, True, steps)
        if steps > 2 and size > previous:
            break
        previous = size
    return NewtonOutcome(_named(own, x), dict.fromkeys(own, np.inf), residual, False, steps)


def _named(own: tuple[Unknown, ...], x: Any) -> dict[Unknown, Number]:
    return dict(zip(own, _real_if_real(x), strict=True))


def _real_if_real(x: Any) -> list[Number]:
    """Real problems stay in real arithmetic: complex arrays are twice the work."""
    return [complex(v) if v.imag else float(v.real) for v in x]
