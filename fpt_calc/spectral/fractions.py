"""Partial fractions of rational functions of one matrix: the canonical basis ``s**k`` and ``(s + p)**-m``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from fpt_calc.scalars import (
    ONE,
    Scalar,
    accumulate,
)
from fpt_calc.spectral.factors import Factor

# A rational function as ``s**power * prod (s + p)**-m`` and as its partial fractions.  The key of a basis element is
# (pole, m), or (None, k) for s**k; k = 0 is the constant.
Poles = tuple[tuple[Scalar, int], ...]
Fractions = dict[tuple[Scalar | None, int], Scalar]


def run_fractions(run: Sequence[Factor]) -> Fractions:
    """The partial fractions of a run of factors of one base."""
    power, poles = 0, dict[Scalar, int]()
    for factor in run:
        if factor.pole is None:
            power += factor.exponent
        else:
            poles[factor.pole] = poles.get(factor.pole, 0) + factor.exponent
    return dict(_fractions(power, tuple(sorted(poles.items(), key=lambda item: str(item[0])))))


@lru_cache(maxsize=65536)
def _fractions(power: int, poles: Poles) -> tuple[tuple[tuple[Scalar | None, int], Scalar], ...]:
    """By ``s (s+p)^-m = (s+p)^(1-m) - p (s+p)^-m`` and ``(s+p)^-1 (s+q)^-1 = ((s+p)^-1 - (s+q)^-1)/(q - p)``."""
    if not poles:
        return (((None, power), ONE),)
    if power == 0 and len(poles) == 1:
        return ((poles[0], ONE),)
    total: Fractions = {}
    (p, _), *rest = poles
    if power:
        _add(total, _fractions(power - 1, _lowered(poles, p)), ONE)
        if not p.is_zero:
            _add(total, _fractions(power - 1, poles), -p)
    else:
        q = rest[0][0]
        scale = 1 / (q - p)
        _add(total, _fractions(0, _lowered(poles, q)), scale)
        _add(total, _fractions(0, _lowered(poles, p)), -scale)
    return tuple(total.items())


def _lowered(poles: Poles, p: Scalar) -> Poles:
    """One factor ``(s + p)^-1`` fewer."""
    return tuple((q, m - (q == p)) for q, m in poles if m - (q == p) > 0)


def _add(total: Fractions, part: tuple[tuple[tuple[Scalar | None, int], Scalar], ...], scale: Scalar) -> None:
    for key, value in part:
        accumulate(total, key, value * scale)
