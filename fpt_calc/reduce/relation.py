"""Polynomial relations between targets of a system without traces (every deterministic matrix is a number).

The unknowns are eliminated one after the other by equations that are linear in them, ``a u + b = 0`` with u = -b/a;
this is exact, since a is a denominator of the system and so does not vanish on the solution.  Of the factors of what
remains, the physical one is that on which the formal solution vanishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import PrimeModel, Trace, try_models
from fpt_calc.reduce.equations import equations
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Generator,
    Parameter,
    Scalar,
    from_polynomial,
    generator_scalar,
    numerator,
    ring,
    substitute,
)
from fpt_calc.solve import formal_value
from fpt_calc.system import FixedPointSystem

SERIES_ORDER = 6  # a polynomial that vanishes to this order on the formal solution modulo 2^61 is taken as vanishing
RAMP = Parameter("the variance ramp")


@dataclass(frozen=True)
class Quantity:
    """A target as a variable of a relation."""

    name: str

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(Quantity(f"conj({self.name})"))


def quantity(name: str) -> Scalar:
    """A target as a variable, to write relations with."""
    return generator_scalar(Quantity(name))


@dataclass(frozen=True)
class Relation:
    """``polynomial == 0``, integral and irreducible over the field of parameters."""

    polynomial: Scalar

    def __str__(self) -> str:
        return f"{self.polynomial} = 0"


def relations(system: FixedPointSystem, names: Sequence[str]) -> tuple[Relation, ...]:
    """The polynomial relations between the named targets: as many as there are targets, or fewer.

    Raises
    ------
    InputError
        for a name that is not a target.
    CannotDecideError
        if the system has traces of matrices, or an unknown cannot be eliminated linearly.
    """
    ramped = replace(
        system,
        couplings=tuple(replace(c, coefficient=c.coefficient * generator_scalar(RAMP)) for c in system.couplings),
    )
    ideal = _ideal(ramped, names)
    variables: list[Generator] = list(system.unknowns)
    while True:
        choice = _linear_choice(ideal, variables)
        if choice is None:
            break
        linear, variable = choice
        variables.remove(variable)
        ideal = [_eliminate(p, variable, linear) for p in ideal if p is not linear]
    if any(v in p.gens for p in ideal for v in variables):
        raise CannotDecideError(
            "an unknown cannot be eliminated by linear equations",
            where=", ".join(names),
            remedy="the general elimination comes with the closed forms",
        )
    physical = [_physical_factor(p, system, names) for p in ideal if not p.is_zero]
    final = [numerator(substitute(p, {RAMP: ONE})) for p in physical]
    return tuple(Relation(p) for p in dict.fromkeys(final))


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
            remedy="set the matrices to multiples of the identity, or wait for the closed forms",
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


def _physical_factor(polynomial: Scalar, system: FixedPointSystem, names: Sequence[str]) -> Scalar:
    _, factors = polynomial.num.factor()
    candidates = [from_polynomial(polynomial.gens, f) for f, _ in factors]
    candidates = [c for c in candidates if any(isinstance(g, Quantity) for g in c.gens)]
    if len(candidates) == 1:
        return candidates[0]  # the product vanishes, and factors in the parameters alone do not
    for candidate in candidates:
        if _vanishes(candidate, system):
            return candidate
    raise CannotDecideError("no factor of the relation vanishes on the formal solution", where=", ".join(names))


def _vanishes(polynomial: Scalar, system: FixedPointSystem) -> bool:
    """Whether a polynomial in targets and the ramp vanishes on the formal solution, to order 6 in a random model."""
    images: dict[Any, Scalar] = {g: system.outputs[g.name] for g in polynomial.gens if isinstance(g, Quantity)}
    value = substitute(polynomial, images)

    def attempt(model: PrimeModel) -> bool:
        return all(int(c) == 0 for c in formal_value(system, value, SERIES_ORDER, model, RAMP))

    return try_models(attempt, seed=3)


def follows(polynomial: Scalar, known: Sequence[Relation]) -> bool:
    """Whether ``polynomial == 0`` follows from relations: membership in the ideal they generate over the parameters.

    Decided exactly by a Groebner basis (graded reverse lexicographic); targets occur as `Quantity`.
    """
    import sympy

    quantities = sorted({g for r in known for g in r.polynomial.gens if isinstance(g, Quantity)}, key=lambda g: g.name)
    everything = {g for p in [polynomial, *(r.polynomial for r in known)] for g in p.gens}
    parameters = sorted(everything - set(quantities), key=lambda g: g.name)
    if any(isinstance(g, Quantity) or g.square is not None for g in parameters):
        raise CannotDecideError(
            f"{polynomial} contains a quantity or a root that the relations do not", remedy="add it to the relations"
        )
    symbols = {g: sympy.Symbol(f"x{k}") for k, g in enumerate((*quantities, *parameters))}

    def convert(p: Scalar) -> Any:
        terms = {m: int(c) for m, c in p.num.to_dict().items()} if p.gens else {(): int(p.num)}
        return sympy.Add(
            *(c * sympy.Mul(*(symbols[g] ** int(e) for g, e in zip(p.gens, m, strict=True))) for m, c in terms.items())
        )

    domain = sympy.QQ.frac_field(*(symbols[g] for g in parameters)) if parameters else sympy.QQ
    variables = [symbols[g] for g in quantities]
    basis = sympy.groebner([convert(r.polynomial) for r in known], *variables, order="grevlex", domain=domain)
    return bool(basis.contains(sympy.Poly(convert(polynomial), *variables, domain=domain)))
