"""Sign conditions on the parameters: their text, and when a domain implies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.limits.regions import inequality
from fpt_calc.scalars import (
    ONE,
    Generator,
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

    >>> from fpt_calc.scalars import Parameter
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


def essential(recorded: Mapping[Scalar, int], domain: Domain) -> tuple[Condition, ...]:
    """Recorded signs without those that the others and the domain imply; not all of these are seen.

    First come bounds of single parameters, the tightest ones.  Then a condition goes if it has constant sign between
    these bounds, or exceeds a positive multiple of one that stays by something of constant sign.

    >>> from fpt_calc.scalars import Parameter
    >>> beta, r = Parameter("beta"), Parameter("r")
    >>> b, s = generator_scalar(beta), generator_scalar(r)
    >>> found = {s - 1: -1, 2 * s - 1: -1, b * s - 1: 1, b * s - 2: 1, b - s: 1, b - 1: 1}
    >>> [str(c) for c in essential(found, {beta: (1, None)})]
    ['r < 1/2', 'beta*r > 2']
    """
    undecided = {f: s for f, s in recorded.items() if constant_sign(f, domain) != s}
    bounds, tight = _bounds(undecided, domain)
    rest = {f * s: f for f, s in undecided.items() if not _is_bound(f)}
    kept = [positive for positive in rest if constant_sign(positive, tight) != 1]
    for positive in sorted(kept, key=lambda f: -len(f.num.to_dict())):
        if any(_exceeds(positive, other, tight) for other in kept if other is not positive):
            kept.remove(positive)
    stay = {*bounds, *(rest[positive] for positive in kept)}
    return tuple(Condition(f, s) for f, s in undecided.items() if f in stay)


def _is_bound(factor: Scalar) -> bool:
    """Whether a polynomial is linear in one parameter."""
    return len(factor.gens) == 1 and factor.num.total_degree() == 1


def _bounds(signs: Mapping[Scalar, int], domain: Domain) -> tuple[list[Scalar], Domain]:
    """The factors that bound a single parameter most tightly, and the domain within these bounds."""
    tight = dict(domain)
    found: dict[tuple[Generator, bool], Scalar] = {}
    for factor, sign in signs.items():
        if not _is_bound(factor):
            continue
        (generator,) = factor.gens
        slope = int(factor.num.leading_coefficient())
        at = Fraction(-int(factor.num.to_dict().get((0,), 0)), slope)
        from_below = sign * slope > 0
        lower, upper = tight.get(generator, (None, None))
        if from_below and (lower is None or at > lower):
            tight[generator] = (at, upper)
        elif not from_below and (upper is None or at < upper):
            tight[generator] = (lower, at)
        else:
            continue
        found[generator, from_below] = factor
    return list(found.values()), tight


def _exceeds(larger: Scalar, smaller: Scalar, domain: Domain) -> bool:
    """Whether ``larger > c * smaller`` was seen for some c > 0."""
    if larger.gens != smaller.gens:
        return False
    own = smaller.num.to_dict()
    ratios = {Fraction(int(c), int(own[e])) for e, c in larger.num.to_dict().items() if e in own}
    return any(constant_sign(larger - smaller * c, domain) == 1 for c in ratios if c > 0)


def constant_sign(factor: Scalar, domain: Domain) -> int:
    """The sign of a polynomial that is constant on an open domain: 1 or -1; 0 where that was not seen.

    A parameter above a bound a is ``a + u``, one below b is ``b - u``, one between them ``(a + b*u)/(1 + u)``, all with
    u > 0; coefficients of one sign then are a proof.

    >>> from fpt_calc.scalars import Parameter
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
