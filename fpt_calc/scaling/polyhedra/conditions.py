"""Sign conditions on the parameters: their text, and when a domain implies them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.limits.regions import inequality
from fpt_calc.scalars import (
    ONE,
    Generator,
    Scalar,
    from_polynomial,
    generator_scalar,
    ring,
    scalar,
    substitute,
)

Bounds = tuple[Fraction | int | None, Fraction | int | None]
Domain = Mapping[Generator, Bounds]  # parameters without bounds may be left out
Monomial = frozenset[tuple[Generator, int]]
Coefficients = Mapping[Monomial, Fraction]


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
    degrees = _degrees(rest)
    kept = {p: c for p in rest if _sign(c := _coefficients(p, tight, degrees), tight) != 1}
    for positive in sorted(kept, key=lambda p: -len(p.num.to_dict())):
        own = kept.pop(positive)
        if not any(_exceeds(own, other, tight) for other in kept.values()):
            kept[positive] = own
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
    return _sign(_coefficients(factor, domain, _degrees([factor])), domain)


def _degrees(polynomials: Iterable[Scalar]) -> dict[Generator, int]:
    """The largest degree in each parameter."""
    found: dict[Generator, int] = {}
    for p in polynomials:
        for g, k in zip(p.gens, p.num.degrees() if p.gens else (), strict=True):
            found[g] = max(found.get(g, 0), int(k))
    return found


def _coefficients(polynomial: Scalar, domain: Domain, degrees: Mapping[Generator, int]) -> Coefficients:
    """The coefficients in the variables u, times ``(1 + u)**degree`` for parameters between two bounds."""
    images, common = {}, ONE
    for g, degree in degrees.items():
        lower, upper = (None if b is None else scalar(b) for b in domain.get(g, (None, None)))
        u = generator_scalar(g)
        if lower is not None and upper is not None:
            images[g] = (lower + upper * u) / (1 + u)
            common = common * (1 + u) ** degree
        elif lower is not None:
            images[g] = lower + u
        elif upper is not None:
            images[g] = upper - u
    shifted = substitute(polynomial, images) * common
    if (constant := shifted.constant) is not None:
        return {frozenset(): constant} if constant else {}
    scale = int(shifted.den.leading_coefficient())  # the denominator is a number
    return {
        frozenset((g, int(k)) for g, k in zip(shifted.gens, exponents, strict=True) if k): Fraction(int(c), scale)
        for exponents, c in shifted.num.to_dict().items()
    }


def _sign(coefficients: Coefficients, domain: Domain) -> int:
    """The sign of a polynomial in the u, 0 where it was not seen: one sign, and a term that cannot vanish."""
    signs = {1 if c > 0 else -1 for c in coefficients.values()}
    certain = any(all(_bounded(g, domain) for g, _ in m) for m in coefficients)
    return signs.pop() if len(signs) == 1 and certain and all(_is_nonnegative(m, domain) for m in coefficients) else 0


def _exceeds(larger: Coefficients, smaller: Coefficients, domain: Domain) -> bool:
    """Whether ``larger >= c * smaller`` for some c > 0 was seen: coefficient by coefficient."""
    least, most = Fraction(0), None
    for monomial in larger.keys() | smaller.keys():
        f, g = larger.get(monomial, Fraction(0)), smaller.get(monomial, Fraction(0))
        sides = (1,) if _is_nonnegative(monomial, domain) else (1, -1)
        for a, b in ((side * f, side * g) for side in sides):  # a >= c b
            if b == 0 and a < 0:
                return False
            if b < 0:
                least = max(least, a / b)
            elif b > 0:
                most = a / b if most is None else min(most, a / b)
    return most is None or (most > 0 and most >= least)


def _is_nonnegative(monomial: Monomial, domain: Domain) -> bool:
    return all(k % 2 == 0 or _bounded(g, domain) for g, k in monomial)


def _bounded(generator: Generator, domain: Domain) -> bool:
    return any(bound is not None for bound in domain.get(generator, (None, None)))
