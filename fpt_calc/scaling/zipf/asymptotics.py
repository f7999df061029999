"""Asymptotics of the error of a learner that remembers, with constants, for every training law.

Without a cut the leading term is the residue of `fpt_calc.scaling.zipf.mellin`.  With a cut at k, both the items up to
k and those beyond are sums over a range of p_i exp(-T a i^-e), and with x = T a k^-e, c = (beta - 1)/e, K = b a^-c/e,

    sum over i > k ~ K T^-c gamma(c, x),        sum over i <= k ~ K T^-c Gamma(c, x),

by the substitution y = T a i^-e in the integral over i; the ends of the sums add O(k^-beta) (Euler-Maclaurin).  Where
nothing is drawn the sum is b k^(1-beta)/(beta - 1), the plateau.  For x << 1, gamma(c, x) = x^c/c - x^(c+1)/(c+1) +
..., and K T^-c x^c/c is the plateau again; for x >> 1 it is Gamma(c) up to exp(-x).  A fixed number T of items changes
exp(-T q) to (1 - q)^T = exp(-T q)(1 - T q^2/2 + ...), which is a relative O(1/T).
"""

from __future__ import annotations

from typing import Any

import sympy

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.zipf.laws import Cut, Mixed, Reweighted, Selected, TrainingLaw, ZipfLaw, unknown
from fpt_calc.scaling.zipf.leading import LeadingLaw, Power, leading_law
from fpt_calc.scaling.zipf.mellin import EXPONENTIAL, exponent, leading_term
from fpt_calc.scaling.zipf.monomials import Monomial, expression, monomial, order, power, split, times
from fpt_calc.scaling.zipf.numbers import symbol
from fpt_calc.scaling.zipf.regimes import Regime, ZipfAsymptotics
from fpt_calc.scaling.zipf.sampling import Sampling

T = symbol("T")


def asymptotics(
    test: ZipfLaw, training: TrainingLaw, *, sampling: Sampling = Sampling.FIXED, rate: Monomial | None = None
) -> ZipfAsymptotics:
    """The error of a learner that remembers T items, for large T, and a large cut where the law has one.

    Parameters
    ----------
    test : Zipf's law of the test, with infinitely many items; its exponent may be a symbol.
    training : the law of the training items, also with symbols; a cut has to be a symbol.
    sampling : as for `fpt_calc.scaling.zipf.expected_error`.
    rate : what stands for T; None for the symbol T.

    Returns
    -------
    Regimes between the cut and its crossovers.  A tail that is drawn with a share of its weights that is a symbol is
    taken to be drawn less than the head.

    Raises `InputError` for finitely many items or a cut that is a number, `CannotDecideError` where the order of
    symbols matters and is not known.

    Source: Flajolet, Gourdon and Dumas, Mellin transforms and asymptotics: harmonic sums (1995).

    >>> law, k = ZipfLaw("3/2"), sympy.Symbol("k")
    >>> print(asymptotics(law, law))
    2*gamma(1/3)/(3*T**(1/3)*zeta(3/2)**(2/3)) + O(T**(-4/3)) for T -> oo
    >>> print(asymptotics(ZipfLaw(2), Cut(ZipfLaw(2), k), sampling=Sampling.POISSON))
    sqrt(6)/(2*sqrt(pi)*sqrt(T)) + O(1/(sqrt(T)*k)) + O(T/k**3) for T << k**2
    6/(pi**2*k) + O(k**(-2)) for k**2 << T
    """
    if not isinstance(test, ZipfLaw):
        raise unknown(test)
    if test.items is not None:
        raise InputError("asymptotics are for infinitely many items", where="items", remedy="leave items out")
    law, problem = leading_law(training), _Problem(test.beta, _bases(training), sampling, rate or monomial(1, {T: 1}))
    if law.cut is None or _same(law.head, law.tail):
        return _without_cut(problem, law)
    if len({p.exponent for p in law.head + law.tail}) > 1:
        what = "a cut together with two exponents in one range of items"
        raise CannotDecideError(what, where="training", remedy="ask for numbers (`expected_error`)")
    return _with_cut(problem, law)


class _Problem:
    """The test law, and how monomials are written."""

    def __init__(self, beta: Any, bases: frozenset[Any], sampling: Sampling, rate: Monomial) -> None:
        self.beta = beta
        self.weight = 1 / sympy.zeta(beta)
        self.rate = rate
        self._bases = bases
        self._sampling = sampling

    def scale(self, p: Power) -> Monomial:
        """a, where ``q_i = a * i**-e``."""
        return split(p.weight, self._bases)

    def learned(self, p: Power) -> Monomial:
        """K Gamma(c) T^-c."""
        return leading_term(EXPONENTIAL, self.weight, self.beta, self.scale(p), p.exponent, self.rate)

    def drawn(self, p: Power, item: Any) -> Monomial:
        """T q of an item."""
        return times(times(self.rate, self.scale(p)), monomial(1, {item: -p.exponent}))

    def after(self, term: Monomial, p: Power, cut: Any) -> list[Monomial]:
        """Orders of what follows K Gamma(c) T^-c: from a fixed number of items, and from the weight at a finite cut."""
        found = []
        if self._sampling is Sampling.FIXED:
            found.append(times(term, power(self.rate, -1)))
        if p.error is not None:
            found.append(times(term, monomial(1, {cut: -p.error})))
        return found


def _without_cut(problem: _Problem, law: LeadingLaw) -> ZipfAsymptotics:
    """The widest power leads; the others change it by T^-(e'/e - 1)."""
    lead = _widest(law.head)
    term = problem.learned(lead)
    others = [p for p in law.head if p is not lead]
    left = [times(term, power(problem.rate, 1 - p.exponent / lead.exponent)) for p in others]
    regime = Regime(
        f"{expression(order(problem.rate))} -> oo", (term,), _orders(left + problem.after(term, lead, law.cut))
    )
    return ZipfAsymptotics((regime,), regime.expression(), regime.remainder)


def _widest(head: tuple[Power, ...]) -> Power:
    lead = head[0]
    for p in head[1:]:
        wider = (lead.exponent - p.exponent).is_positive
        if wider is None:
            what = f"which of the exponents {lead.exponent} and {p.exponent} is larger is not known"
            raise CannotDecideError(what, where="training", remedy="give numbers, or one as a sum with the other")
        lead = p if wider else lead
    return lead


def _with_cut(problem: _Problem, law: LeadingLaw) -> ZipfAsymptotics:
    """Head and tail learned; the tail not learned; the tail learned, if it is drawn at all."""
    (head,), k = law.head, law.cut
    first, parts = problem.learned(head), (*law.head, *law.tail)
    plateau = monomial(problem.weight / (problem.beta - 1), {k: 1 - problem.beta})
    onsets = [times(plateau, problem.drawn(p, k)) for p in parts]  # what x^(c+1)/(c+1) adds
    ends = [monomial(1, {k: -problem.beta})]
    early, scale, start = problem.after(first, head, k), expression(order(problem.rate)), k**head.exponent
    regimes = [Regime(f"{scale} << {start}", (first,), _orders(early + onsets))]
    uniform, left = _range(problem, head, k, sympy.uppergamma), early + ends
    if not law.tail:
        regimes.append(Regime(f"{start} << {scale}", (plateau,), _orders(ends)))
        return ZipfAsymptotics(tuple(regimes), uniform + expression(plateau), _orders(left))
    (tail,) = law.tail
    thinned = sympy.simplify(tail.weight / head.weight)
    last, end = problem.learned(tail), start
    late = problem.after(last, tail, k)
    if (thinned - 1).is_negative is not False:
        end = start / thinned
        regimes.append(Regime(f"{start} << {scale} << {end}", (plateau,), _orders(ends + onsets[1:])))
    regimes.append(Regime(f"{end} << {scale}", (last,), _orders(late)))
    return ZipfAsymptotics(tuple(regimes), uniform + _range(problem, tail, k, sympy.lowergamma), _orders(left + late))


def _orders(terms: list[Monomial]) -> tuple[Monomial, ...]:
    """Each order once."""
    return tuple({order(term): None for term in terms})


def _range(problem: _Problem, p: Power, cut: Any, incomplete: Any) -> Any:
    """K T^-c times an incomplete gamma function of c and of T q at the cut."""
    c = exponent(problem.beta, p.exponent)
    return expression(problem.learned(p)) / sympy.gamma(c) * incomplete(c, expression(problem.drawn(p, cut)))


def _same(head: tuple[Power, ...], tail: tuple[Power, ...]) -> bool:
    """Whether the weights are the same on both sides of the cut."""
    return len(head) == len(tail) and all(
        a.exponent == b.exponent and sympy.simplify(a.weight - b.weight) == 0 for a, b in zip(head, tail, strict=True)
    )


def _bases(law: TrainingLaw) -> frozenset[Any]:
    """The symbols of shares and probabilities, which may be small."""
    match law:
        case Cut(law=inner) | Reweighted(law=inner):
            return _bases(inner)
        case Selected(law=inner, head=head, tail=tail):
            return _bases(inner).union(head.free_symbols, tail.free_symbols)
        case Mixed(share=share, law=first, other=second):
            return _bases(first).union(_bases(second), share.free_symbols)
    return frozenset()
