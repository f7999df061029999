"""All solutions at a point modulo a prime: a Groebner basis, and the minimal polynomial of the target on them.

Each denominator gets its inverse as a variable.  So spurious solutions, where a denominator vanishes, are excluded
(the ideal is saturated) and the equations stay short.  The basis is graded reverse lexicographic; the minimal
polynomial is that of the multiplication by the target in the quotient algebra, the step of FGLM.
"""

from __future__ import annotations

from typing import Any

import flint

from fpt_calc.errors import CannotDecideError
from fpt_calc.reduce.fractions import Exponents, FractionsAtPoint, Terms

MAX_SOLUTIONS = 64
Residues = dict[Exponents, int]


def target_polynomial_at(at: FractionsAtPoint, ramp: int) -> Any:
    """The minimal polynomial of the target on all solutions (flint.nmod_poly), where the ramp is this residue.

    Raises `CannotDecideError` if the solutions are infinitely or too many.
    """
    from sympy.polys.domains import GF
    from sympy.polys.groebnertools import groebner
    from sympy.polys.orderings import grevlex
    from sympy.polys.rings import PolyRing

    ideal = _Ideal(at, ramp)
    polynomials, target = ideal.polynomials()
    ring = PolyRing([f"x{k}" for k in range(ideal.width)], GF(at.prime), grevlex)

    def element(terms: Residues) -> Any:
        return ring.from_dict({e: ring.domain(c) for e, c in terms.items() if c % at.prime})

    basis = groebner([element(p) for p in polynomials], ring, method="buchberger")
    monomials = _standard_monomials([g.LM for g in basis], ideal.width)
    image = element(target).rem(basis)
    columns = [(image * ring.from_dict({m: ring.domain(1)})).rem(basis) for m in monomials]
    entries = [int(c.get(m, 0)) for m in monomials for c in columns]
    return flint.nmod_mat(len(monomials), len(monomials), entries, at.prime).minpoly()


class _Ideal:
    """The saturated ideal in the inverses of denominators and the unknowns; working data."""

    def __init__(self, at: FractionsAtPoint, ramp: int) -> None:
        self.prime = at.prime
        fractions = [(self._ramped(n, ramp), self._ramped(d, ramp)) for n, d in (*at.equations, at.target)]
        self._fractions = fractions[:-1]
        self._target = fractions[-1]
        self._inverses: list[Residues] = []
        for _, denominator in fractions:
            if not _is_constant(denominator) and denominator not in self._inverses:
                self._inverses.append(denominator)
        self.width = len(self._inverses) + len(self._fractions)

    def polynomials(self) -> tuple[list[Residues], Residues]:
        """Generators of the ideal, and the target as a polynomial."""
        result = []
        for k, denominator in enumerate(self._inverses):
            relation = self._times_inverse(denominator, k)
            relation[(0,) * self.width] = -1
            result.append(relation)
        for j, fraction in enumerate(self._fractions):
            value = {e: -c for e, c in self._value(*fraction).items()}
            place = len(self._inverses) + j
            unit = tuple(int(i == place) for i in range(self.width))
            value[unit] = value.get(unit, 0) + 1
            result.append(value)
        return result, self._value(*self._target)

    def _value(self, numerator: Residues, denominator: Residues) -> Residues:
        if not _is_constant(denominator):
            return self._times_inverse(numerator, self._inverses.index(denominator))
        scale = pow(next(iter(denominator.values())), -1, self.prime)
        prefix = (0,) * len(self._inverses)
        return {prefix + e: c * scale % self.prime for e, c in numerator.items()}

    def _times_inverse(self, terms: Residues, k: int) -> Residues:
        prefix = tuple(int(i == k) for i in range(len(self._inverses)))
        return {prefix + e: c for e, c in terms.items()}

    def _ramped(self, terms: Terms, ramp: int) -> Residues:
        result: Residues = {}
        for exponents, coefficient in terms.items():
            key = exponents[1:]
            result[key] = (result.get(key, 0) + coefficient * pow(ramp, exponents[0], self.prime)) % self.prime
        return {e: c for e, c in result.items() if c}


def _is_constant(terms: Residues) -> bool:
    return all(not any(e) for e in terms)


def _standard_monomials(leading: list[Exponents], width: int) -> list[Exponents]:
    """The monomials that no leading monomial divides."""
    one = (0,) * width
    if one in leading:
        raise CannotDecideError("the equations have no solution at a random point")
    found, seen = [one], {one}
    for monomial in found:  # grows while it is read
        for place in range(width):
            larger = (*monomial[:place], monomial[place] + 1, *monomial[place + 1 :])
            if larger not in seen and not any(all(a <= b for a, b in zip(m, larger, strict=True)) for m in leading):
                seen.add(larger)
                found.append(larger)
        if len(found) > MAX_SOLUTIONS:
            raise CannotDecideError(
                "the equations have infinitely or very many solutions", remedy="ask for targets of simpler expressions"
            )
    return found
