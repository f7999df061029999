"""Families of traces that differ only in functions of the spectral matrices, and bases to write them in.

``tau(B1 f1(S) B2 f2(S) ...)`` with letters B and functions f: the letters name the family.  In the canonical basis each
f is a power of S or of a resolvent.  For print a linear form in a family may be written in another basis: homogeneous
(``S**a (S + kappa)**-M`` with one M), or as degrees of freedom where there is no letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb

from fpt_calc.closed_form.display import DegreesOfFreedom, FullTrace
from fpt_calc.expr import Expr, Product, Trace, tau
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Generator,
    Scalar,
    accumulate,
    is_fixed,
)
from fpt_calc.spectral import Factor, combination


@dataclass(frozen=True)
class Element:
    """``S**power (S + pole)**-order (S + other)**-second``; a pole is None if its order is zero."""

    pole: Scalar | None = None
    order: int = 0
    power: int = 0
    other: Scalar | None = None
    second: int = 0


@dataclass(frozen=True)
class Family:
    """The letters, the matrix that the function after each letter belongs to, and the dimension of the trace.

    Functions of one matrix alone have no letter and one base.
    """

    letters: tuple[Factor, ...]
    bases: tuple[Expr | None, ...]
    dim: Scalar


Gaps = tuple[Element, ...]
Form = dict[Gaps, Scalar]  # a linear form in one family
Linear = dict[Generator | None, Scalar]  # a linear form in generators; None stands for one


@lru_cache(maxsize=65536)
def member(trace: Trace, spectral: frozenset[Expr]) -> tuple[Family, Gaps] | None:
    """The family of a canonical trace and its functions; None where two functions meet in one gap."""
    parts = combination(trace.argument)
    if len(parts) != 1:
        return None
    (word,) = parts
    if len(word) == 1 and word[0].base in spectral:
        return Family((), (word[0].base,), trace.argument.rows), (_element(word[0]),)
    if word[0].base in spectral:
        word = word[1:] + word[:1]
    letters: list[Factor] = []
    gaps: list[Element] = []
    for f in word:
        if f.base not in spectral:
            letters.append(f)
            gaps.append(Element())
        elif gaps and gaps[-1] == Element():
            gaps[-1] = _element(f)
        else:
            return None  # functions of two spectral matrices in one gap
    if letters[0].base.rows != trace.argument.rows:
        return None
    behind = _after_letters(word, spectral)
    bases = tuple(
        _only_base(letter, spectral) if f is None else f.base for letter, f in zip(letters, behind, strict=True)
    )
    return Family(tuple(letters), bases, trace.argument.rows), tuple(gaps)


def _after_letters(word: tuple[Factor, ...], spectral: frozenset[Expr]) -> list[Factor | None]:
    """For each letter the spectral factor behind it."""
    result: list[Factor | None] = []
    for f in word:
        if f.base in spectral:
            result[-1] = f
        else:
            result.append(None)
    return result


def _only_base(letter: Factor, spectral: frozenset[Expr]) -> Expr | None:
    """The spectral matrix that fits behind a letter, if there is one."""
    fitting = [s for s in spectral if s.rows == letter.base.cols]
    return fitting[0] if len(fitting) == 1 else None


def _element(factor: Factor) -> Element:
    return Element(None, 0, factor.exponent) if factor.pole is None else Element(factor.pole, factor.exponent)


def common_orders(members: Iterable[Gaps]) -> list[int] | None:
    """For each gap the largest order of its pole; None where a gap has several poles."""
    orders: list[int] = []
    for elements in zip(*members, strict=True):
        if len({e.pole for e in elements} - {None}) > 1:
            return None
        orders.append(max(e.order for e in elements))
    return orders


def homogeneous(form: Mapping[Gaps, Scalar], orders: Sequence[int]) -> Form:
    """The form in the basis ``S**a (S + kappa)**-M``, M being the order of each gap."""
    result = dict(form)
    for k, order in enumerate(orders):
        pole = next((g[k].pole for g in result if g[k].pole is not None), None)
        if pole is not None:
            result = _over_one_denominator(result, k, pole, order)
    return result


def with_two_poles(form: Mapping[Gaps, Scalar]) -> Form | None:
    """A form in one gap with two poles over the product of both: regular where the poles coincide."""
    if any(len(gaps) != 1 for gaps in form):
        return None
    orders: dict[Scalar, int] = {}
    for (e,) in form:
        if e.pole is not None:
            orders[e.pole] = max(orders.get(e.pole, 0), e.order)
    if len(orders) != 2:
        return None
    (p, m), (q, k) = sorted(orders.items(), key=lambda item: str(item[0]))
    result: Form = {}
    for (e,), c in form.items():
        lower = (m - e.order if e.pole == p else m), (k - e.order if e.pole == q else k)
        for i in range(lower[0] + 1):
            for j in range(lower[1] + 1):
                value = c * comb(lower[0], i) * p ** (lower[0] - i) * comb(lower[1], j) * q ** (lower[1] - j)
                accumulate(result, (Element(p, m, e.power + i + j, q, k),), value)
    return result


def with_polynomial_part(form: Mapping[Gaps, Scalar]) -> Iterator[Form]:
    """An improper homogeneous form in one gap with ``S**k`` in place of one of the elements between first and last.

    By ``S**k = sum of binomials S**(k + a) kappa**(M - a) (S + kappa)**-M``.
    """
    elements = [e for (e,) in form] if all(len(g) == 1 for g in form) else []
    proper = [e for e in elements if e.pole is not None]
    if not proper or len({e.order for e in proper}) > 1:
        return
    pole, order = proper[0].pole, proper[0].order
    k = max(e.power for e in proper) - order
    assert pole is not None
    for a in range(1, order) if k > 0 else ():
        replaced = (Element(pole, order, k + a),)
        value = form.get(replaced)
        if value is None:
            continue
        scale = value / (comb(order, a) * pole ** (order - a))
        result = {g: c for g, c in form.items() if g != replaced}
        accumulate(result, (Element(None, 0, k),), scale)
        for b in (b for b in range(order + 1) if b != a):
            accumulate(result, (Element(pole, order, k + b),), -scale * comb(order, b) * pole ** (order - b))
        yield result


def _over_one_denominator(form: Form, k: int, pole: Scalar, order: int) -> Form:
    """Gap k of every term over the denominator ``(S + pole)**order``."""
    result: Form = {}
    for gaps, c in form.items():
        extra = order - gaps[k].order
        for j in range(extra + 1):
            key = (*gaps[:k], Element(pole, order, gaps[k].power + j), *gaps[k + 1 :])
            result[key] = result.get(key, ZERO) + c * comb(extra, j) * pole ** (extra - j)
    return {g: c for g, c in result.items() if not c.is_zero}


def degrees_of_freedom(
    form: Mapping[Gaps, Scalar], family: Family, labels: Mapping[tuple[Expr, Scalar], str]
) -> Linear | None:
    """A form in normalized traces of functions of one matrix in df_1, df_2, ...; None where a pole has no label."""
    result: Linear = {}
    (base,) = family.bases
    for (element,), c in form.items():
        pole, m = element.pole, element.order
        if base is None or pole is None or element.power or (base, pole) not in labels:
            return None
        for j in range(m + 1):  # kappa^m (S + kappa)^-m = (1 - S (S + kappa)^-1)^m
            value = c * comb(m, j) * (-1) ** j * pole**-m
            key = DegreesOfFreedom(j, base, pole, labels[(base, pole)]) if j else None
            result[key] = result.get(key, ZERO) + (value / family.dim if j else value)
    return {g: c for g, c in result.items() if not c.is_zero}


def in_traces(form: Mapping[Gaps, Scalar], family: Family, unnormalized: bool) -> Linear:
    """A form written in its traces, normalized or not."""
    result: Linear = {}
    for gaps, c in form.items():
        generator = _generator(family, gaps, unnormalized)
        scale = 1 / family.dim if isinstance(generator, FullTrace) else ONE
        result[generator] = result.get(generator, ZERO) + c * scale
    return {g: c for g, c in result.items() if not c.is_zero}


def _generator(family: Family, gaps: Gaps, unnormalized: bool) -> Generator | None:
    factors: list[Expr] = []
    for k, (base, element) in enumerate(zip(family.bases, gaps, strict=True)):
        factors += [family.letters[k].expression] if family.letters else []
        factors += _expressions(base, element)
    if not factors:
        return None
    argument = factors[0] if len(factors) == 1 else Product(tuple(factors))
    return FullTrace(argument) if unnormalized or is_fixed(argument.rows) else tau(argument).gens[0]


def _expressions(base: Expr | None, element: Element) -> list[Expr]:
    if base is None:
        return []
    powers = [Factor(base, None, element.power)] if element.power else []
    poles = ((element.pole, element.order), (element.other, element.second))
    resolvents = [Factor(base, pole, order) for pole, order in poles if order]
    return [f.expression for f in (*powers, *resolvents)]
