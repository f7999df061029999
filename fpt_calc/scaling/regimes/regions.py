"""Spectral sums by the method of regions.

    S = sum_{k<=d} C k^-q prod_i (a_i k^-beta_i + kappa_i)^-m_i

has the scales 1, K_i = (a_i/kappa_i)^(1/beta_i), and d.  Between two of them every factor is a power series: in
kappa_i k^beta_i / a_i below K_i, in its inverse above.  By Mellin's transform the sum is the sum over the scales of its
expansion about each, continued analytically: at k ~ 1 values of zeta, at K_i Beta integrals over the axis, at d powers
of d (Euler and Maclaurin).  Where two neighbours have a pole, k^-1 between their scales, the poles cancel and leave the
logarithm of the quotient of the scales (Beneke and Smirnov 1998 for integrals; Flajolet, Gourdon and Dumas 1995 for
harmonic sums).
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cmp_to_key

import sympy

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import ONE, ZERO, Scalar, generator_scalar, scalar
from fpt_calc.scaling.regimes.constants import Constant, gamma_quotient, positive_power, to_sympy, zeta
from fpt_calc.scaling.regimes.powers import Powers, powers, raised, times
from fpt_calc.scaling.regimes.series import Series, series, total
from fpt_calc.scaling.regimes.spectral_sum import CUT, Monomial, Setting, SpectralSum
from fpt_calc.scaling.regimes.witness import INFINITE, Meaning, Witness, inaccuracy

INFINITY = generator_scalar(INFINITE)


@dataclass(frozen=True)
class Factor:
    """``(a k^-beta + kappa)^-order``, the order of growth of its scale K, and the signs of K against 1 and d."""

    a: Monomial
    beta: Scalar
    kappa: Monomial
    order: int
    scale: Scalar
    to_one: int
    to_cut: int


@dataclass(frozen=True)
class Term:
    """``monomial * k**-decay``"""

    monomial: Monomial
    decay: Scalar


@dataclass(frozen=True)
class Summand:
    """All factors of a sum, the scales strictly between 1 and d in order, each with its factors."""

    plain: Term
    factors: tuple[Factor, ...]
    groups: tuple[tuple[Factor, ...], ...]
    cut: Powers


def expand(item: SpectralSum, setting: Setting, witness: Witness, order: int) -> Series:
    """The expansion of a sum at a witness, with ``order`` corrections in each region.

    Raises `CannotDecideError` where two scales that are not told apart are of one order and no constant is known.
    """
    summand = _summand(item, setting, witness)
    found = [_bulk(summand, witness, order), _edge(summand, witness, order)]
    found += [_at_scale(summand, k, witness, order) for k in range(len(summand.groups))]
    found += [_logarithms(summand, k, witness, order) for k in range(len(summand.groups) + 1)]
    return total(found)


def _summand(item: SpectralSum, setting: Setting, witness: Witness) -> Summand:
    plain = Term(Monomial(), ZERO)
    for name, k in item.powers:
        letter = setting.sequences[name]
        plain = Term(plain.monomial * letter.scale**k, plain.decay + letter.decay * k)
    factors = []
    for pole in item.poles:
        letter = setting.sequences[pole.matrix]
        if pole.shift.is_zero:
            plain = Term(plain.monomial * letter.scale ** (-pole.order), plain.decay - letter.decay * pole.order)
        else:
            factors.append(_factor(pole.order, letter.scale, letter.decay, _shift(pole.shift), setting, witness))
    inside = [f for f in factors if f.to_one > 0 and f.to_cut < 0]
    return Summand(plain, tuple(factors), _groups(inside, witness), powers({CUT: 1}))


def _shift(shift: Scalar) -> Monomial:
    """A multiple of one order parameter, ``c*kappa``."""
    symbols = [g for g in shift.gens if not isinstance(g, Constant)]
    if len(symbols) == 1:
        ratio = shift / generator_scalar(symbols[0])
        if symbols[0] not in ratio.gens:
            return Monomial(ratio, powers({symbols[0].name: 1}))
    raise CannotDecideError(f"a resolvent shifted by {shift}", remedy="only multiples of one parameter are followed")


def _factor(order: int, a: Monomial, beta: Scalar, kappa: Monomial, setting: Setting, witness: Witness) -> Factor:
    ratio, _ = witness.growth(times(a.powers, raised(kappa.powers, -1)))
    if beta.is_zero:
        to_one = witness.sign(ratio)
        return Factor(a, beta, kappa, order, ZERO, to_one, 1 if to_one > 0 else -1)
    scale = ratio / beta
    to_cut = witness.sign(scale - witness.bases[CUT].growth)
    return Factor(a, beta, kappa, order, scale, witness.sign(scale), to_cut)


def _groups(inside: list[Factor], witness: Witness) -> tuple[tuple[Factor, ...], ...]:
    """The factors by their scales, from the smallest scale to the largest."""

    def smaller_first(f: Factor, g: Factor) -> int:
        return witness.sign(f.scale - g.scale)

    ordered = sorted(inside, key=cmp_to_key(smaller_first))
    groups: list[list[Factor]] = []
    for factor in ordered:
        if groups and (factor.scale - groups[-1][0].scale).is_zero:
            groups[-1].append(factor)
        else:
            groups.append([factor])
    return tuple(tuple(g) for g in groups)


def _binomial(m: int, j: int) -> int:
    """The coefficient of x**j in (1 + x)**-m."""
    value = 1
    for i in range(j):
        value = value * -(m + i) // (i + 1)
    return value


def _one_sided(factor: Factor, below: bool, j: int) -> Term:
    """The j-th term of a factor below or above its scale."""
    m, coefficient = factor.order, scalar(_binomial(factor.order, j))
    large, small = (factor.a, factor.kappa) if below else (factor.kappa, factor.a)
    value = large ** (-m - j) * small**j * Monomial(coefficient)
    return Term(value, -factor.beta * (m + j) if below else factor.beta * j)


def _terms(summand: Summand, sides: Items[tuple[Factor, bool]], order: int) -> Iterator[tuple[int, Term]]:
    """The terms of the summand on one side of each of these factors, with their degree, up to one beyond ``order``."""
    found = [(0, summand.plain)]
    for factor, below in sides:
        single = [_one_sided(factor, below, j) for j in range(order + 2)]
        found = [
            (degree + j, Term(term.monomial * one.monomial, term.decay + one.decay))
            for degree, term in found
            for j, one in enumerate(single)
            if degree + j <= order + 1
        ]
    yield from found


def _sides(summand: Summand, crossed: int) -> list[tuple[Factor, bool]]:
    """On which side of each factor k lies when it has passed this many of the scales between 1 and d."""
    passed = {id(f) for group in summand.groups[:crossed] for f in group}
    inside = {id(f) for group in summand.groups for f in group}
    return [(f, id(f) not in passed if id(f) in inside else f.to_one > 0) for f in summand.factors]


def _bulk(summand: Summand, witness: Witness, order: int) -> Series:
    """k ~ 1: values of zeta; factors with kappa of order one stay in the sum."""
    level = [f for f in summand.factors if f.to_one == 0]
    rest = [(f, below) for f, below in _sides(summand, 0) if f.to_one != 0]
    kept, dropped = [], []
    for degree, term in _terms(summand, rest, order):
        value = None
        if degree <= order:
            value = _level_sum(level, term.decay, witness) if level else zeta(term.decay)
        if value is None:
            dropped.append(term.monomial.powers)
        else:
            kept.append((term.monomial.powers, term.monomial.coefficient * value))
    return series(kept, dropped)


def _level_sum(level: list[Factor], decay: Scalar, witness: Witness) -> Scalar:
    """A sum over all k with parameters of order one, as a constant."""
    k = sympy.Symbol("k", positive=True, integer=True)
    value, total = k ** (-to_sympy(decay)), decay
    for f in level:
        a, kappa = (witness.constant({x.powers: x.coefficient}) for x in (f.a, f.kappa))
        value = value * (a * k ** (-to_sympy(f.beta)) + kappa) ** (-f.order)
    if witness.sign(total - 1) <= 0:
        raise CannotDecideError(
            "a sum that diverges as d grows, at a parameter of order one",
            remedy="let the ridge decay, or spectra and sources decay faster",
        )
    return generator_scalar(Constant(f"sum[{value}]", sympy.Sum(value, (k, 1, sympy.oo))))


def _edge(summand: Summand, witness: Witness, order: int) -> Series:
    """k ~ d: what ``sum_{k<=d} k^-tau`` has beyond ``zeta(tau)``, which is of order d^(1-tau)."""
    if any(f.to_cut == 0 for f in summand.factors):
        what = "the dimension is of the order at which the spectrum meets kappa"
        raise CannotDecideError(what, remedy="take d as another power of the size, or move an exponent a little")
    kept, dropped = [], []
    for degree, term in _terms(summand, _sides(summand, len(summand.groups)), order):
        if witness.bases[CUT].growth == INFINITY and witness.sign(INFINITY * (1 - term.decay)) < 0:
            continue  # smaller than every power of the size
        if degree > order or term.decay == 1:
            dropped.append(times(term.monomial.powers, raised(summand.cut, 1 - term.decay)))
            continue
        for shown, coefficient in _beyond(term.decay, summand.cut, witness):
            kept.append((times(term.monomial.powers, shown), term.monomial.coefficient * coefficient))
    return series(kept, dropped)


def _beyond(decay: Scalar, cut: Powers, witness: Witness) -> list[tuple[Powers, Scalar]]:
    """``sum_{k<=d} k^-tau - zeta(tau)``: a polynomial in d for tau = 0, -1, ..., else a base of its own.

    The base stands for all of it, so that equal sums cancel exactly; its leading term is d^(1-tau)/(1-tau).
    """
    number = decay.constant
    if number is not None and number.denominator == 1 and number <= 0:
        p = int(-number)
        found = []
        for j in range(p + 1):  # Faulhaber; B_1 = 1/2
            bernoulli = sympy.bernoulli(j) if j != 1 else sympy.Rational(1, 2)
            weight = bernoulli * sympy.binomial(p + 1, j) / (p + 1)
            found.append((raised(cut, p + 1 - j), scalar(Fraction(int(weight.p), int(weight.q)))))
        constant = zeta(decay)
        assert constant is not None, "zeta has its pole at 1"
        return [*found, ((), -constant)]
    name = f"edge({decay})"
    ((base, one),) = cut
    assert one == ONE, "the dimension is a base"
    meaning = witness.bases[base]
    coefficient, atoms = witness.powered((meaning.coefficient, meaning.powers), 1 - decay)
    witness.define(name, Meaning(meaning.growth * (1 - decay), coefficient / (1 - decay), atoms))
    return [(powers({name: 1}), ONE)]


def _at_scale(summand: Summand, index: int, witness: Witness, order: int) -> Series:
    """k ~ K: Beta integrals, ``int k^-tau (a k^-beta + kappa)^-m dk``, with t = kappa k^beta / a."""
    group = summand.groups[index]
    inside = {id(f) for f in group}
    sides = [(f, below) for f, below in _sides(summand, index) if id(f) not in inside]
    first, poles = group[0], _merged(group, witness)
    kept, dropped = [], []
    for degree, term in _terms(summand, sides, order):
        u = (1 - term.decay) / first.beta
        shown = times(term.monomial.powers, raised(first.a.powers, u), raised(first.kappa.powers, -u))
        shown = times(shown, *(raised(f.kappa.powers, -f.order) for f in group))
        value = _integral(poles, u, witness) if degree <= order else None
        if value is None:
            dropped.append(shown)
        else:
            kept.append((shown, term.monomial.coefficient * value / first.beta))
            dropped += [times(shown, p) for p in _inaccuracies(group, witness)]
    return series(kept, dropped)


def _inaccuracies(group: tuple[Factor, ...], witness: Witness) -> list[Powers]:
    """How well the quotient of different parameters of one order is known."""
    names = {name for f in group for name, _ in f.kappa.powers}
    return [powers({inaccuracy(n): 1}) for n in names if inaccuracy(n) in witness.bases] if len(names) > 1 else []


def _integral(poles: list[tuple[Scalar, Factor]], u: Scalar, witness: Witness) -> Scalar | None:
    """The integral in units of its powers of a and kappa.

    For two poles it is ``int t^(s-1) (1+t)^-(M-m) (1 + rho t)^-m dt = B(s, M-s) 2F1(m, s; M; 1 - rho)``.
    """
    first = poles[0][1]
    scale = _real_power(first.a.coefficient, u)
    for position, (_, f) in enumerate(poles):
        scale = scale * _real_power(f.kappa.coefficient, -f.order - (ZERO if position else u))
    total = sum(f.order for _, f in poles)
    value = gamma_quotient(u, total)
    if value is None or len(poles) == 1:
        return None if value is None else value * scale
    if len(poles) > 2:
        raise CannotDecideError("three spectra that meet their kappa at one scale", remedy="move an exponent a little")
    rho, m = poles[1][0], poles[1][1].order
    s = to_sympy(u + total)
    hyper = sympy.hyper([m, s], [total], 1 - to_sympy(rho))
    return value * scale * rho**m * generator_scalar(Constant(f"2F1({m}, {s}; {total}; 1 - {rho})", hyper))


def _merged(group: tuple[Factor, ...], witness: Witness) -> list[tuple[Scalar, Factor]]:
    """The poles with their parameters in units of the first one, those of one place put together."""
    first = group[0]
    merged: dict[Scalar, Factor] = {}
    for f in group:
        if f.beta != first.beta:
            raise CannotDecideError(
                "two different spectra that meet their kappa at one scale", remedy="move an exponent a little"
            )
        quotient = times(f.kappa.powers, raised(f.a.powers, -1), first.a.powers, raised(first.kappa.powers, -1))
        number = f.kappa.coefficient * first.a.coefficient / (f.a.coefficient * first.kappa.coefficient)
        rho, rest = witness.resolved(quotient, number)
        rho = rho * _atoms(rest, witness)
        merged[rho] = replace(merged[rho], order=merged[rho].order + f.order) if rho in merged else f
    return list(merged.items())


def _atoms(rest: Powers, witness: Witness) -> Scalar:
    """Powers of atoms as one constant."""
    return generator_scalar(Constant(str(rest), witness.expression(rest))) if rest else ONE


def _real_power(base: Scalar, exponent: Scalar) -> Scalar:
    """A power of a positive constant."""
    if base == ONE or exponent.is_zero:
        return ONE
    number = exponent.constant
    if number is not None and number.denominator == 1:
        return base ** int(number)
    return generator_scalar(Constant(f"({base})**({exponent})", positive_power(to_sympy(base), to_sympy(exponent))))


def _logarithms(summand: Summand, crossed: int, witness: Witness, order: int) -> Series:
    """``k^-1`` between two neighbouring scales gives the logarithm of their quotient."""
    found = [
        term for degree, term in _terms(summand, _sides(summand, crossed), order) if degree <= order and term.decay == 1
    ]
    if not found:
        return series([])
    low = _scale_of(summand, crossed - 1)
    high = _scale_of(summand, crossed)
    (growth, _), name = witness.growth(times(high, raised(low, -1))), f"log({high}/{low})"
    witness.define(name, Meaning(ZERO, growth, logs=1))
    base = powers({name: 1})
    return series((times(t.monomial.powers, base), t.monomial.coefficient) for t in found)


def _scale_of(summand: Summand, index: int) -> Powers:
    if index < 0:
        return ()
    if index == len(summand.groups):
        return summand.cut
    factor = summand.groups[index][0]
    quotient = times(factor.a.powers, raised(factor.kappa.powers, -1))
    return raised(quotient, 1 / factor.beta)
