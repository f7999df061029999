"""Functions of one matrix as rational functions of its eigenvalue, and back."""

from __future__ import annotations

from fpt_calc.closed_form.polynomials import coefficients, degree
from fpt_calc.closed_form.present import factorization
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr, Inverse, Power, ScalarMatrix, Scaled, Sum, flat_product
from fpt_calc.expr.flatten import factors_of
from fpt_calc.learning.combination import Combination, combination
from fpt_calc.learning.words import run_of
from fpt_calc.scalars import ONE, ZERO, Scalar, generator_scalar, scalar
from fpt_calc.system import Unknown

EIGENVALUE = Unknown("eigenvalue")  # of the matrix of which functions are taken; never printed
s = generator_scalar(EIGENVALUE)


def base_of(word: Expr) -> Expr | None:
    """The matrix of which a product is a function; None if there are several, or none."""
    runs = [run_of(f) for f in factors_of(word)[1]]
    bases = {r.base for r in runs if r is not None}
    return next(iter(bases)) if len(bases) == 1 and None not in runs else None


def rational(terms: Combination, base: Expr) -> Scalar | None:
    """A combination as a rational function of the eigenvalue of a matrix; None if it is no function of it."""
    total = ZERO
    for word, coefficient in terms.terms.items():
        value = _of_word(word, base)
        if value is None:
            return None
        total = total + coefficient * value
    return total


def _of_word(word: Expr, base: Expr) -> Scalar | None:
    number, factors = factors_of(word)
    value = number
    for factor in factors:
        run = run_of(factor)
        if run is None or run.base != base:
            return None
        value = value * (s**run.exponent if run.pole is None else (s + run.pole) ** -run.exponent)
    return value


def function_of(value: Scalar, base: Expr) -> Combination:
    """A rational function of the eigenvalue as a product of powers and resolvents of the matrix.

    Raises `CannotDecideError` where a denominator is not a product of linear factors.
    """
    number, factors = factorization(value)
    coefficient, found = scalar(number), list[Expr]()
    for factor, exponent in factors.items():
        part = factor if isinstance(factor, Scalar) else generator_scalar(factor)
        k = degree(part, EIGENVALUE)
        if k == 0:
            coefficient = coefficient * part**exponent
        elif k == 1:
            constant, slope = coefficients(part, EIGENVALUE)
            coefficient = coefficient * slope**exponent
            found.append(_power(_shifted(base, constant / slope), exponent))
        elif exponent > 0:
            found += [_polynomial(part, base)] * exponent
        else:
            raise CannotDecideError("a function of a matrix whose poles are no rational functions")
    word = flat_product(found) if found else ScalarMatrix(ONE, base.rows)
    return combination([(word, coefficient)], base.rows, base.cols)


def _shifted(base: Expr, shift: Scalar) -> Expr:
    return base if shift.is_zero else Sum((base, ScalarMatrix(shift, base.rows)))


def _power(expr: Expr, exponent: int) -> Expr:
    inner = expr if exponent > 0 else Inverse(expr)
    return inner if abs(exponent) == 1 else Power(inner, abs(exponent))


def _polynomial(part: Scalar, base: Expr) -> Expr:
    terms: list[Expr] = []
    for k, c in enumerate(coefficients(part, EIGENVALUE)):
        if c.is_zero:
            continue
        power = ScalarMatrix(c, base.rows) if k == 0 else Scaled(c, base if k == 1 else Power(base, k))
        terms.append(power)
    return Sum(tuple(terms))
