"""Polynomial relations between targets of a system without traces (every deterministic matrix is a number)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fpt_calc.errors import CannotDecideError
from fpt_calc.reduce.linear import eliminate_linearly
from fpt_calc.reduce.polynomial import physical_factor, ramped, target_polynomial
from fpt_calc.reduce.quantity import RAMP, Quantity
from fpt_calc.scalars import ONE, Scalar, numerator, substitute
from fpt_calc.system import FixedPointSystem


@dataclass(frozen=True)
class Relation:
    """``polynomial == 0``, integral and irreducible over the field of parameters."""

    polynomial: Scalar

    def __str__(self) -> str:
        return f"{self.polynomial} = 0"


def relations(system: FixedPointSystem, names: Sequence[str]) -> tuple[Relation, ...]:
    """The polynomial relations between the named targets: as many as there are targets, or fewer.

    Where the unknowns can be eliminated by linear equations, these are relations between the targets; otherwise they
    are the polynomial of each target alone.

    Raises
    ------
    InputError
        for a name that is not a target.
    CannotDecideError
        if the system has traces of matrices, or a polynomial is too long to be found.
    """
    ideal = eliminate_linearly(ramped(system), names)
    if ideal is None:
        found = [target_polynomial(system, name).polynomial for name in names]
    else:
        physical = [physical_factor(p, system) for p in ideal]
        found = [numerator(substitute(p, {RAMP: ONE})) for p in physical]
    return tuple(Relation(p) for p in dict.fromkeys(found))


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
