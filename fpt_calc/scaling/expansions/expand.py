"""The expansion of a spectral functional as kappa -> 0, in the order of its exponents."""

from __future__ import annotations

from dataclasses import replace

import sympy
from sympy import Expr

from fpt_calc.scaling.expansions.functional import ExponentialTail, Functional, SpectralSum, spectral_sum
from fpt_calc.scaling.expansions.poles import check_converges, check_exponents, ordered_terms
from fpt_calc.scaling.expansions.result import Expansion, Term
from fpt_calc.scaling.spectra.data import Spectrum
from fpt_calc.scaling.spectra.parameters import whole

LOOK_AHEAD = 40  # exponents without a term, after which the remainder is stated as the exponent reached


def expand(functional: Functional, spectrum: Spectrum, terms: int = 3, harmonics: int = 1) -> Expansion:
    """The first terms of a functional as kappa -> 0.

    Parameters
    ----------
    functional : what is expanded, see `Functional`; unnormalized sums over k.
    spectrum : a power law, an exponential law, either with a head, or finitely many eigenvalues.  Exponents are
        rational numbers (`expand_cases` takes symbols); scales and eigenvalues may be symbols.
    terms : how many exponents with a nonzero coefficient are kept; a term with a logarithm and the one without count
        as one.
    harmonics : how many oscillating pairs are kept for an exponential law; `Expansion.ripple` bounds the others.

    Raises `InputError` for symbolic exponents, for a sum that diverges and for a `Truncated` spectrum.

    Source: the Mellin transform, see `fpt_calc.scaling.expansions.residues`.  A head is expanded in its Taylor series.

    >>> from fpt_calc.scaling.expansions.functional import bias, df
    >>> from fpt_calc.scaling.spectra import PowerLaw, PowerSource
    >>> print(expand(df(1), PowerLaw(2)))
    pi/(2*sqrt(kappa)) - 1/2 + smaller than every power
    >>> for r in ("1/2", 1, 2):
    ...     print(expand(bias(PowerSource(r)), PowerLaw(2), terms=1))
    kappa/2 + O(kappa**2)
    -kappa**2*log(kappa)/2 + kappa**2*(-1/2 + EulerGamma) + O(kappa**3)
    kappa**2*zeta(5) + O(kappa**3)
    """
    whole(terms, "terms", 1)
    whole(harmonics, "harmonics", 0)
    total = spectral_sum(functional, spectrum)
    check_exponents(total)
    check_converges(total)
    return expand_sum(total, terms, harmonics)


def expand_sum(total: SpectralSum, terms: int, harmonics: int) -> Expansion:
    """`expand` of a sum that may diverge: then these are the terms of its continuation in the exponents."""
    kept: list[Term] = []
    groups, idle, exponent, log = 0, 0, sympy.oo, 0
    for power, found in ordered_terms(total, harmonics):
        if groups == terms and (found or idle == LOOK_AHEAD):
            exponent, log = power + total.kappa_power, max((term.log for term in found), default=0)
            break
        idle = 0 if found else idle + 1
        groups += bool(found)
        kept += [replace(term, power=sympy.expand(term.power + total.kappa_power)) for term in found]
    return Expansion(tuple(kept), exponent, log, ripple(total, harmonics))


def ripple(total: SpectralSum, harmonics: int) -> Term | None:
    """A bound for the oscillating terms of an exponential law beyond ``harmonics`` pairs; None for other laws.

    For a symbolic rate it holds where its denominator is positive.

    With ``y_j = 2 pi j/rate`` and ``s = m - power + i y_j`` a pair is at most ``2/rate`` times
    ``|Gamma(s) Gamma(m - s)|/Gamma(m) = prod_{l < m} |l - s|/(m-1)! pi/|sin(pi s)|``, and ``|sin(pi s)| >=
    sinh(pi y_j)``.  From j to j+1 the product grows by ``((j+1)/j)^(m-1)`` at most and the sine by ``exp(2 pi^2/rate)``
    at least: a geometric series from the first j where that ratio is below 1.
    """
    tail, m = total.tail, total.order
    if not isinstance(tail, ExponentialTail):
        return None
    real, decay = m - tail.power, sympy.exp(-2 * sympy.pi**2 / tail.rate)

    def pair(j: int) -> Expr:
        y = 2 * sympy.pi * j / tail.rate
        sizes = sympy.Mul(*(sympy.sqrt((i - real) ** 2 + y**2) for i in range(1, m)))
        return 2 * sizes / sympy.factorial(m - 1) * sympy.pi / sympy.sinh(sympy.pi * y) / tail.rate

    first, size = harmonics + 1, sympy.S.Zero
    while (ratio := sympy.Rational(first + 1, first) ** (m - 1) * decay).is_number and ratio >= 1:
        size += pair(first)
        first += 1
    size += pair(first) / (1 - ratio)
    return Term(tail.front * tail.scale**real * size, total.kappa_power - real)
