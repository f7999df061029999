"""Scalars with traces of resolvents as series: each generator is given as a series, poles and coefficients inside
traces follow.

A resolvent ``(S + p)**-m`` is expanded in p where p tends to zero (then S has to be invertible), in 1/p where p tends
to infinity, about the limit of p otherwise.  The inverse of a sum of several matrices is expanded about its leading
part by the Neumann series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb

from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr, Inverse, ScalarMatrix, Scaled, Sum, Trace, inner_scalars, scaled
from fpt_calc.limits.series import Series, constant, least, monomial, series
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, evaluate_scalar, generator_scalar, generators_of, scalar
from fpt_calc.spectral import Combination, Factor, Word, combination, normal_scalar, word_expression


@dataclass(frozen=True)
class MatrixSeries:
    """``sum of terms[w] * w + O(eps**bound)`` over words of deterministic factors."""

    terms: Mapping[Word, Series]
    bound: Fraction | None = None

    @property
    def floor(self) -> Fraction | None:
        """An exponent below which there is certainly nothing; None for zero."""
        found = self.bound
        for c in self.terms.values():
            found = least(found, c.floor)
        return found

    def __add__(self, other: MatrixSeries) -> MatrixSeries:
        terms = dict(self.terms)
        for w, c in other.terms.items():
            terms[w] = terms[w] + c if w in terms else c
        return MatrixSeries(terms, least(self.bound, other.bound))

    def __matmul__(self, other: MatrixSeries) -> MatrixSeries:
        a, b = self.floor, other.floor
        if a is None or b is None:
            return MatrixSeries({})
        bound = least(None if other.bound is None else a + other.bound, None if self.bound is None else b + self.bound)
        terms: dict[Word, Series] = {}
        for v, c in self.terms.items():
            for w, k in other.terms.items():
                product = c * k
                if product.floor is None or (bound is not None and product.floor >= bound):
                    continue
                terms[v + w] = terms[v + w] + product if v + w in terms else product
        return MatrixSeries(terms, bound)


@dataclass
class Expander:
    """Expands scalars; working data of one expansion.

    Attributes
    ----------
    images : the generators that are not constant, as series.
    free : what makes equal coefficients equal data, such as reduction by a relation of the leading order.
    depth : the number of powers of eps that are kept.
    inverted : the matrices that have to be invertible for the expansions made so far.
    """

    images: Mapping[Generator, Series]
    free: Callable[[Scalar], Scalar]
    depth: Fraction
    inverted: dict[Expr, None] = field(default_factory=dict)
    _traces: dict[Trace, Series] = field(default_factory=dict)

    def scalar(self, value: Scalar) -> Series:
        """The series of a scalar; raises `PrecisionError` if the depth does not suffice."""
        return evaluate_scalar(value, self._generator, lambda k: constant(scalar(k), self.depth))

    def _generator(self, g: Generator) -> Series:
        if g in self.images:
            return self.images[g]
        if isinstance(g, Trace):
            if g not in self._traces:
                self._traces[g] = self._trace(g)
            return self._traces[g]
        if g.square is not None and any(h in self.images for h in generators_of(g.square)):
            raise CannotDecideError(f"{g.name} depends on what tends to its limit", remedy="name it as a scalar")
        return self._constant(generator_scalar(g))

    def _constant(self, value: Scalar) -> Series:
        return constant(self.free(value), self.depth)

    def _trace(self, trace: Trace) -> Series:
        dim = trace.argument.rows
        expanded = self.matrix(combination(trace.argument))
        total = series({}, expanded.bound, self.depth)
        for word, c in expanded.terms.items():
            value = normal_scalar(generator_scalar(Trace(word_expression(word, dim)))) if word else ONE
            total = total + c * self._constant(value)
        return total

    def matrix(self, parts: Combination) -> MatrixSeries:
        """The series of a matrix."""
        total = MatrixSeries({})
        for word, c in parts.items():
            product = MatrixSeries({(): self.scalar(c)})
            for f in word:
                product = product @ self._factor(f)
            total = total + product
        return total

    def _factor(self, f: Factor) -> MatrixSeries:
        if any(g in self.images for c in inner_scalars(f.base) for g in c.gens):
            return self._moving(f)
        if f.pole is None:
            return MatrixSeries({(f,): constant(ONE, self.depth)})
        pole = self.scalar(f.pole)
        valuation = pole.valuation
        if valuation is None or valuation > 0:
            self.inverted[f.base] = None
            return self._about(f, ZERO, pole)
        if valuation < 0:
            return self._at_infinity(f, pole)
        start = pole.terms[Fraction(0)]
        return self._about(f, start, pole + constant(-start, self.depth))

    def _about(self, f: Factor, start: Scalar, step: Series) -> MatrixSeries:
        """``(S + start + step)**-m`` in powers of the step, which tends to zero."""
        m = f.exponent
        return self._powers(step, lambda j: ((Factor(f.base, start, m + j),), comb(m + j - 1, j) * (-1) ** j))

    def _at_infinity(self, f: Factor, pole: Series) -> MatrixSeries:
        """``(S + p)**-m`` in powers of S/p."""
        m, inverse = f.exponent, pole.inverse()

        def term(j: int) -> tuple[Word, int]:
            return ((Factor(f.base, None, j),) if j else ()), comb(m + j - 1, j) * (-1) ** j

        return MatrixSeries({(): inverse**m}) @ self._powers(inverse, term)

    def _powers(self, step: Series, term: Callable[[int], tuple[Word, int]]) -> MatrixSeries:
        terms: dict[Word, Series] = {}
        power, j = constant(ONE, self.depth), 0
        while power.floor is not None and power.floor < self.depth:
            word, number = term(j)
            terms[word] = power * constant(scalar(number), self.depth)
            power, j = power * step, j + 1
        return MatrixSeries(terms, power.floor)

    def _moving(self, f: Factor) -> MatrixSeries:
        """A factor whose base contains what is expanded."""
        inner = f.base if f.pole is None or f.pole.is_zero else Sum((f.base, ScalarMatrix(f.pole, f.base.rows)))
        argument = self.matrix(combination(inner))
        once = argument if f.pole is None else self._inverse(argument, f.base.rows)
        result = once
        for _ in range(f.exponent - 1):
            result = result @ once
        return result

    def _inverse(self, argument: MatrixSeries, dim: Scalar) -> MatrixSeries:
        """``(M0 + N)**-1 = sum (-M0**-1 N)**j M0**-1`` with the leading part M0."""
        valuations = [v for c in argument.terms.values() if (v := c.valuation) is not None]
        start = min(valuations)
        main = [(w, c.terms[start]) for w, c in argument.terms.items() if start in c.terms]
        leading = Sum(tuple(scaled(c, word_expression(w, dim)) for w, c in main)) if len(main) > 1 else None
        only = scaled(main[0][1], word_expression(main[0][0], dim))
        inverse = combination(Inverse(only if leading is None else leading))
        self.inverted[only.argument if isinstance(only, Scaled) and leading is None else leading or only] = None
        scale = monomial(ONE, -start, self.depth)
        first = MatrixSeries({w: scale * constant(c, self.depth) for w, c in inverse.items()})
        minus = MatrixSeries({w: c * constant(scalar(-1), self.depth) for w, c in argument.terms.items()})
        head = MatrixSeries({w: monomial(c, start, self.depth) for w, c in main})
        step = first @ (minus + head)
        total, power = first, first
        while power.floor is not None and power.floor < self.depth - start:
            power = step @ power
            total = total + power
        own = None if argument.bound is None else argument.bound - 2 * start
        return MatrixSeries(total.terms, least(least(total.bound, own), power.floor))
