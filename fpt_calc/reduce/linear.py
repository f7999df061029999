"""Elimination of unknowns by equations that are linear in them, ``a u + b = 0`` with u = -b/a.

This is exact where a does not vanish on the solution; whoever uses the result checks that it vanishes there.
"""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import Trace
from fpt_calc.reduce.equations import equations
from fpt_calc.reduce.quantity import Quantity
from fpt_calc.scalars import ZERO, Generator, Scalar, from_polynomial, generator_scalar, numerator, ring
from fpt_calc.system import FixedPointSystem


def eliminate_linearly(system: FixedPointSystem, names: Sequence[str]) -> list[Scalar] | None:
    """Polynomials in the named targets, or None if the unknowns cannot be eliminated by linear equations.

    Raises `InputError` for a name that is not a target, `CannotDecideError` for a system with traces.
    """
    ideal = _ideal(system, names)
    variables: list[Generator] = list(system.unknowns)
    while True:
        choice = _linear_choice(ideal, variables)
        if choice is None:
            break
        linear, variable = choice
        variables.remove(variable)
        ideal = [_eliminate(p, variable, linear) for p in ideal if p is not linear]
        if any(p.is_zero for p in ideal):  # two equations share a factor: information was lost
            return None
    return None if any(v in p.gens for p in ideal for v in variables) else ideal


def _ideal(system: FixedPointSystem, names: Sequence[str]) -> list[Scalar]:
    result: list[Scalar] = []
    for equation in equations(system).equations:
        result.append(numerator(generator_scalar(equation.unknown) - equation.value))
    for name in names:
        if name not in system.outputs:
            raise InputError(
                f"unknown target {name!r}", where="relation", remedy=f"the targets are {', '.join(system.outputs)}"
            )
        result.append(numerator(generator_scalar(Quantity(name)) - system.outputs[name]))
    if any(isinstance(g, Trace) for p in result for g in p.gens):
        raise CannotDecideError(
            "the system contains traces of deterministic matrices",
            where=", ".join(names),
            remedy="set the matrices to multiples of the identity",
        )
    return result


def _linear_choice(ideal: list[Scalar], variables: list[Generator]) -> tuple[Scalar, Generator] | None:
    """The shortest equation that is linear in some variable, and that variable."""
    found = [
        (len(p.num), p, v) for p in ideal for v in variables if v in p.gens and p.num.degrees()[p.gens.index(v)] == 1
    ]
    return min(found, key=lambda item: item[0])[1:] if found else None


def _eliminate(p: Scalar, variable: Generator, linear: Scalar) -> Scalar:
    """``p`` with ``variable = -b/a``, where ``linear = a variable + b``, times the power of a that clears it.

    Factors of a that are left over are removed: a is a denominator of the system, and does not vanish.
    """
    if variable not in p.gens:
        return p
    rest, slope = _coefficients(linear, variable)
    parts = _coefficients(p, variable)
    result = ZERO
    for power, part in enumerate(parts):
        result = result + part * (-rest) ** power * slope ** (len(parts) - 1 - power)
    while slope.gens and not result.is_zero and (quotient := result / slope).den == 1:
        result = quotient
    return result


def _coefficients(p: Scalar, variable: Generator) -> list[Scalar]:
    """The coefficients of a polynomial by powers of one variable."""
    index = p.gens.index(variable)
    by_power: dict[int, dict[tuple[int, ...], int]] = {}
    for exponents, coefficient in p.num.to_dict().items():
        monomial = tuple(0 if i == index else int(e) for i, e in enumerate(exponents))
        by_power.setdefault(int(exponents[index]), {})[monomial] = int(coefficient)
    context = ring(p.gens)
    return [from_polynomial(p.gens, context.from_dict(by_power.get(k, {}))) for k in range(max(by_power) + 1)]
