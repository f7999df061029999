"""Sign conditions on the parameters: their text, and when a domain implies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.limits.regions import inequality
from fpt_calc.scalars import (
    ONE,
    Generator,
    Parameter,
    Scalar,
    from_polynomial,
    generator_scalar,
    numerator,
    ring,
    scalar,
    substitute,
)

Bounds = tuple[Fraction | int | None, Fraction | int | None]
Domain = Mapping[Generator, Bounds]  # parameters without bounds may be left out


@dataclass(frozen=True)
class Condition:
    """``sign * factor > 0``.

    Attributes
    ----------
    factor : an irreducible polynomial in the parameters, with integer coefficients.
    sign : 1 or -1.

    >>> beta, r = (generator_scalar(Parameter(name)) for name in ("beta", "r"))
    >>> print(Condition(r - 1, -1), Condition(2 * beta * r - 1, 1), Condition(beta - 2 * r + 1, 1), sep="; ")
    r < 1; beta*r > 1/2; 2*r < beta + 1
    """

    factor: Scalar
    sign: int

    def __str__(self) -> str:
        terms = self.factor.num.to_dict()
        constant = Fraction(int(terms.get((0,) * len(self.factor.gens), 0)))
        rest = {tuple(map(int, e)): int(c) for e, c in terms.items() if any(e)}
        if len(rest) > 1:
            return inequality(self.factor * self.sign)
        ((exponents, coefficient),) = rest.items()
        monomial = from_polynomial(self.factor.gens, ring(self.factor.gens).from_dict({exponents: 1}))
        return f"{monomial} {'>' if self.sign * coefficient > 0 else '<'} {-constant / coefficient}"


def constant_sign(factor: Scalar, domain: Domain) -> int:
    """The sign of a polynomial that is constant on an open domain: 1 or -1; 0 where that was not seen.

    A parameter above a bound a is ``a + u``, one below b is ``b - u``, one between them ``(a + b*u)/(1 + u)``, all with
    u > 0; coefficients of one sign then are a proof.

    >>> beta, r = Parameter("beta"), Parameter("r")
    >>> b, s = generator_scalar(beta), generator_scalar(r)
    >>> constant_sign(b * s - b - 1, {beta: (1, None), r: (0, 1)}), constant_sign(b - 2 * s, {beta: (1, None)})
    (-1, 0)
    """
    images = {g: _by_positive(g, domain[g]) for g in factor.gens if g in domain}
    shifted = numerator(substitute(factor, images))  # the denominators are powers of 1 + u
    positive = {g for g in images if any(bound is not None for bound in domain[g])}
    terms = shifted.num.to_dict().items() if shifted.gens else [((), int(shifted.num))]
    signs = set()
    for exponents, c in terms:
        if any(int(k) % 2 and g not in positive for g, k in zip(shifted.gens, exponents, strict=True)):
            return 0
        signs.add(1 if int(c) > 0 else -1)
    return signs.pop() if len(signs) == 1 and _has_positive_term(shifted, positive) else 0


def _by_positive(generator: Generator, bounds: Bounds) -> Scalar:
    lower, upper = (None if b is None else scalar(b) for b in bounds)
    u = generator_scalar(generator)
    if lower is None:
        return u if upper is None else upper - u
    return lower + u if upper is None else (lower + upper * u) / (ONE + u)


def _has_positive_term(shifted: Scalar, positive: set[Generator]) -> bool:
    """Whether some term cannot vanish: it has bounded parameters only."""
    if not shifted.gens:
        return not shifted.is_zero
    return any(
        all(g in positive for g, k in zip(shifted.gens, exponents, strict=True) if int(k))
        for exponents in shifted.num.to_dict()
    )
