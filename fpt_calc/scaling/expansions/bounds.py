"""Rigorous bounds of what an expansion leaves out, valid for every kappa > 0."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import flint
import mpmath
import sympy
from sympy import Expr

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.expansions.arb_value import ball, real_ball
from fpt_calc.scaling.expansions.expand import expand, ripple
from fpt_calc.scaling.expansions.functional import ExponentialTail, Functional, PowerTail, SpectralSum, spectral_sum
from fpt_calc.scaling.expansions.line_integral import hurwitz_line, plain_line
from fpt_calc.scaling.expansions.poles import ordered_terms
from fpt_calc.scaling.expansions.residues import rising_binomial
from fpt_calc.scaling.expansions.result import Expansion, Term, number_of
from fpt_calc.scaling.spectra.data import Spectrum
from fpt_calc.scaling.spectra.parameters import Parameter

WORKING_PRECISION = 128  # bits; the bound itself is good to a factor of two
FACE_VALUE = mpmath.mpf(2) ** -40  # relative; covers the rounding when a bound is put into double precision and summed


@dataclass(frozen=True)
class ErrorPart:
    """``constant * kappa**power * |log(kappa)|**log``."""

    constant: mpmath.mpf
    power: Expr
    log: int = 0


@dataclass(frozen=True)
class ErrorBound:
    """``|functional - expansion| <= sum of parts`` for every kappa > 0.

    The first part with the smallest power is the next term of the expansion; the others are of smaller order.
    """

    parts: tuple[ErrorPart, ...]

    def at(self, kappa: Parameter | mpmath.mpf) -> mpmath.mpf:
        """The bound at one kappa, rounded up.

        >>> ErrorBound((ErrorPart(mpmath.mpf(2), sympy.Integer(1)),)).at("1/4") >= 0.5
        True
        """
        base = mpmath.mpf(sympy.N(number_of(kappa), 20))
        total = mpmath.mpf(0)
        for part in self.parts:
            exponent = mpmath.mpf(sympy.N(part.power, 20))
            total += part.constant * base**exponent * abs(mpmath.log(base)) ** part.log
        return total * (1 + FACE_VALUE)

    def constant(self, kappa0: Parameter | mpmath.mpf) -> mpmath.mpf:
        """C with ``|error| <= C kappa**e (1 + |log kappa|)**l`` for all ``kappa <= kappa0``, e the smallest power and l
        its logarithm.

        >>> parts = ErrorPart(mpmath.mpf(2), sympy.Integer(1)), ErrorPart(mpmath.mpf(8), sympy.Integer(2))
        >>> ErrorBound(parts).constant(1)
        mpf('10.0000000000...')
        """
        least = min(part.power for part in self.parts)
        if any(part.log and part.power != least for part in self.parts):
            raise CannotDecideError("a logarithm beyond the leading error", where="constant", remedy="take .at(kappa)")
        rest = tuple(ErrorPart(part.constant, part.power - least) for part in self.parts)
        return ErrorBound(rest).at(kappa0)


def remainder_bound(functional: Functional, spectrum: Spectrum, terms: int = 3, harmonics: int = 1) -> ErrorBound:
    """A bound of the difference between a functional and ``expand`` of it with the same arguments.

    All parameters are numbers.  The parts are the next term, the integral over a vertical line to the left of its pole
    (`fpt_calc.scaling.expansions.line_integral`), the Taylor remainder of the head (for ``y > 0`` what the series of
    ``(1 + y)^-m`` leaves out after I terms is at most its next term, ``binom(m+I-1, I) y^I``), and the ripple.

    Raises `InputError` where `expand` does, and for symbols.

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> from fpt_calc.scaling.spectra import PowerLaw
    >>> bound = remainder_bound(df(1), PowerLaw("3/2"), terms=2)
    >>> float(bound.at("1/1000")) < 0.0002
    True
    """
    expansion = expand(functional, spectrum, terms, harmonics)
    return sum_bound(spectral_sum(functional, spectrum), expansion, harmonics)


def sum_bound(total: SpectralSum, expansion: Expansion, harmonics: int) -> ErrorBound:
    """`remainder_bound` for what `expand_sum` returns; for a sum that diverges, for its continuation."""
    shift = total.kappa_power
    with flint.ctx.workprec(WORKING_PRECISION):
        try:
            line, behind = _line(total, expansion, harmonics)
            parts = [_part(ball(t.coefficient), t.power + shift, t.log) for t in behind]
            if total.tail is not None:
                parts.append(_part(_line_constant(total, line), line + shift))
            parts += _head_parts(total, floor(line) + 1)
            rest = ripple(total, harmonics)
            parts += [] if rest is None else [_part(real_ball(rest.coefficient), rest.power)]
        except InputError as error:
            raise InputError(error.what, where="remainder_bound", remedy="put in numbers for symbols") from None
    return ErrorBound(tuple(sorted(parts, key=lambda part: part.power)))


def enclose(
    functional: Functional, spectrum: Spectrum, kappa: Parameter | mpmath.mpf, terms: int = 3, harmonics: int = 1
) -> flint.arb:
    """A ball that holds the functional at kappa: the expansion, and its remainder as radius.

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> from fpt_calc.scaling.spectra import PowerLaw
    >>> value = enclose(df(1), PowerLaw(2), "1/10000", terms=2)
    >>> value.overlaps(flint.arb.pi() * 50 * (flint.arb.pi() * 100).coth() - flint.arb("0.5"))
    True
    """
    expansion = expand(functional, spectrum, terms, harmonics)
    return sum_ball(spectral_sum(functional, spectrum), expansion, number_of(kappa), harmonics)


def sum_ball(total: SpectralSum, expansion: Expansion, kappa: Expr, harmonics: int) -> flint.arb:
    """The expansion at a number, with `sum_bound` as radius."""
    small = sympy.Symbol("kappa", positive=True)
    margin = sum_bound(total, expansion, harmonics).at(kappa)
    with flint.ctx.workprec(WORKING_PRECISION):
        value = real_ball(expansion.expression(small).subs(small, kappa))
        return value + flint.arb(0, mpmath.nstr(margin * (1 + FACE_VALUE), 20))


def _line(total: SpectralSum, expansion: Expansion, harmonics: int) -> tuple[Expr, tuple[Term, ...]]:
    """Half-way between two exponents behind the expansion, and the terms in front of that line that are left out.

    Where nothing follows any line will do; the one taken is two units and a half behind the last exponent.
    """
    shift = total.kappa_power
    bare = expansion.remainder - shift
    last = sympy.re(expansion.terms[-1].power - shift) if expansion.terms else sympy.Integer(-1)
    reached = last if bare == sympy.oo else bare
    behind: tuple[Term, ...] = ()
    following = None
    for power, found in ordered_terms(total, harmonics):
        if power == bare:
            behind = found
        if power > reached:
            following = power
            break
    if following is None:
        return sympy.floor(reached) + sympy.Rational(5, 2), behind
    return (reached + following) / 2, behind


def _line_constant(total: SpectralSum, line: Expr) -> flint.arb:
    c = real_ball(line)
    match total.tail:
        case PowerTail(sigma=sigma, beta=beta, start=start):
            constant = hurwitz_line(total.order, real_ball(sigma), real_ball(beta), start, c)
        case ExponentialTail(power=power, rate=rate):
            # |1/(exp(w) - 1)| <= 1/(1 - exp(Re w)) for Re w < 0
            distance = real_ball((total.order - power + line) * rate)
            constant = plain_line(total.order, c) / (1 - (-distance).exp())
        case _:
            return flint.arb(0)
    return constant * real_ball(total.tail.front * total.tail.scale**-line)


def _head_parts(total: SpectralSum, terms: int) -> list[ErrorPart]:
    if not total.head:
        return []
    m = total.order
    weight = sum((real_ball(w * value ** (-m - terms)) for w, value in total.head), start=flint.arb(0))
    return [_part(weight * real_ball(rising_binomial(m, terms)), total.kappa_power + terms)]


def _part(constant: flint.arb | flint.acb, power: Expr, log: int = 0) -> ErrorPart:
    upper = constant.abs_upper()
    if not upper.is_finite():
        raise CannotDecideError("no finite bound was found", where="remainder_bound", remedy="ask for fewer terms")
    return ErrorPart(mpmath.mpf(upper.str(20, radius=False)) * (1 + FACE_VALUE), power, log)
