"""The powers of a generation through its secular equation, and what they tend to.

A generation that learns from the one before acts on forms by ``B -> P B P + alpha Tr(B F) W``, where P, F and W are
functions of one covariance.  Then ``t_k = Tr(B_k F)`` solves

    t_k = Tr(B_0 P^2k F) + alpha sum_{j<k} t_j Tr(F W P^2(k-1-j)),

so that its generating function has the denominator ``1 - alpha z Tr(F W (1 - z P^2)^-1)``: with mu = 1/z,

    D(mu) = 1 - alpha Tr(F W (mu - P^2)^-1),   t_k = sum over the roots mu of D of r(mu) mu^k,
    r(mu) = Tr(B_0 F (mu - P^2)^-1)/D'(mu),    sum_{k>=0} t_k = Tr(B_0 F (1 - P^2)^-1)/D(1)  if all |mu| < 1.

The map is a multiplication plus a positive operator of rank one: its roots are real and interlace with the values of
P^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.closed_form import FullTrace
from fpt_calc.expr import Atom, Expr, postorder
from fpt_calc.learning.combination import Combination, single
from fpt_calc.learning.maps import Pair, StageMap
from fpt_calc.learning.program import Loop, Named
from fpt_calc.learning.rational import EIGENVALUE, base_of, function_of, rational
from fpt_calc.scalars import ONE, ZERO, Scalar, generator_scalar, substitute
from fpt_calc.system import Unknown

ROOT = Unknown("mu")


@dataclass(frozen=True)
class ChainSpectrum:
    """A chain of generations whose map is a multiplication plus rank one in one covariance.

    Attributes
    ----------
    loop : the chain.
    letter : the form B of the loop.
    start : its value before the first round.
    mean : P, with its rational function ``p`` of the eigenvalue.
    alpha, functional, word : the part of rank one.
    noises : for each sum of the loop the factor and the matrix V of ``factor * Tr(B_k V)``.
    base : the covariance.
    """

    loop: Loop
    letter: Atom
    start: Combination
    mean: Combination
    p: Scalar
    alpha: Scalar
    functional: Combination
    word: Combination
    noises: Mapping[Named, tuple[Scalar, Combination]]
    base: Expr

    def resolved(self, matrix: Combination, at: Scalar = ONE) -> Combination:
        """``matrix (at - P^2)^-1`` for a function of the covariance."""
        value = rational(matrix, self.base)
        assert value is not None, "a function of the covariance"
        return function_of(value / (at - self.p * self.p), self.base)

    def inverse_gap(self, at: Scalar = ONE) -> Combination:
        """``(at - P^2)^-1``"""
        return function_of(ONE / (at - self.p * self.p), self.base)

    def secular(self, at: Scalar) -> Scalar:
        """``D(at)``"""
        return ONE - self.alpha * (self.functional @ self.resolved(self.word, at)).trace()

    def share(self, noise: Named) -> Scalar | None:
        """c with ``factor * V = c F`` for a sum of the loop; None if V is no multiple of F."""
        factor, V = self.noises[noise]
        own, other = rational(V, self.base), rational(self.functional, self.base)
        assert own is not None and other is not None, "functions of the covariance"
        ratio = own / other
        return None if EIGENVALUE in ratio.gens else factor * ratio

    def total(self, noise: Named) -> Scalar:
        """What a sum of the loop tends to: the first traces, and their echo through the part of rank one."""
        factor, V = self.noises[noise]
        own = (self.start @ self.resolved(V)).trace()
        echo = (self.start @ self.resolved(self.functional)).trace() * (self.word @ self.resolved(V)).trace()
        return factor * (own + self.alpha * echo / self.secular(ONE))


def chain_spectrum(loop: Loop, found: StageMap, step: Pair, factors: Mapping[str, Scalar]) -> ChainSpectrum | None:
    """The spectrum of a chain; None if its map is not of this kind.

    ``step`` : the part of the step's model and that of the generation before; ``factors`` : what multiplies Tr(B V).
    """
    model, previous = step
    second, first = found.second[(model, model), (previous, previous)], found.first[model, previous]
    if len(second.carried) != 1 or len(second.injected) != 1 or second.carried[0].coefficient != ONE:
        return None
    (carried,), (injected,) = second.carried, second.injected
    base = base_of(injected.word)
    if base is None:
        return None
    left, right, mean = (rational(single(w), base) for w in (carried.left, carried.right, first.expression))
    functional, word = single(injected.functional), single(injected.word)
    known = [rational(functional, base), rational(word, base), *(rational(v, base) for v in found.noise.values())]
    if left is None or left != right or mean != left or None in known:
        return None
    letter = next(iter(loop.letters))
    noises = {symbol: (factors[name], found.noise[(model, model), name]) for symbol, name in loop.sources.items()}
    return ChainSpectrum(
        loop, letter, loop.letters[letter], first, left, injected.coefficient, functional, word, noises, base
    )


def without_letters(value: Scalar, letters: set[Atom]) -> Scalar:
    """A value when the matrices of a loop have tended to zero."""
    gone = {g: ZERO for g in value.gens if isinstance(g, FullTrace) and letters & set(postorder(g.argument))}
    return substitute(value, gone)


def root_symbol() -> Scalar:
    """The variable of the secular equation."""
    return generator_scalar(ROOT)
