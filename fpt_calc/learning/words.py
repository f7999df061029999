"""Products of deterministic matrices, functions of one matrix beside each other brought together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fpt_calc.expr import Atom, Expr, Inverse, Power, ScalarMatrix, Scaled, Sum, Transpose, flat_product
from fpt_calc.scalars import ZERO, Scalar
from fpt_calc.spectral import Factor


class Run(NamedTuple):
    """``base**exponent``, or ``(base + pole)**-exponent``."""

    base: Expr
    pole: Scalar | None
    exponent: int


def run_of(factor: Expr) -> Run | None:
    """A power of a matrix or of a resolvent of it; None for other factors."""
    match factor:
        case Atom():
            return Run(factor, None, 1)
        case Power(argument=argument, exponent=k):
            inner = run_of(argument)
            return None if inner is None else inner._replace(exponent=inner.exponent * k)
        case Inverse(argument=Atom() as base):
            return Run(base, ZERO, 1)
        case Inverse(argument=Sum(terms=(Atom() as base, ScalarMatrix(value=pole)))):
            return Run(base, pole, 1)
        case Inverse(argument=Sum(terms=(ScalarMatrix(value=pole), Atom() as base))):
            return Run(base, pole, 1)
    return None


def merged(factors: Sequence[Expr]) -> list[Expr]:
    """The factors of a product with equal bases collected: ``S @ inv(S + k) @ S`` becomes ``S**2 @ inv(S + k)``."""
    result: list[Expr] = []
    runs: list[Run] = []
    for factor in (*factors, None):
        run = None if factor is None else run_of(factor)
        if runs and (run is None or run.base != runs[0].base):
            result += _collected(runs)
            runs = []
        if run is not None:
            runs.append(run)
        elif factor is not None:
            result.append(factor)
    return result


def _collected(runs: list[Run]) -> list[Expr]:
    """Functions of one matrix as a power of it and powers of its resolvents."""
    exponents: dict[Scalar | None, int] = {}
    for run in runs:
        exponents[run.pole] = exponents.get(run.pole, 0) + run.exponent
    own, inverse = exponents.pop(None, 0), exponents.pop(ZERO, 0)
    base = runs[0].base
    found = [Factor(base, None, own - inverse)] if own > inverse else []
    found += [Factor(base, ZERO, inverse - own)] if inverse > own else []
    found += [Factor(base, pole, k) for pole, k in sorted(exponents.items(), key=lambda item: str(item[0]))]
    return [f.expression for f in found]


def transposed(word: Expr) -> Expr:
    """The transpose of a product, symmetric factors left as they are."""
    match word:
        case Transpose(argument=argument):
            return argument
        case ScalarMatrix() if word.rows == word.cols:
            return word
        case Scaled(coefficient=c, argument=argument):
            return Scaled(c, transposed(argument))
        case Sum(terms=terms):
            return Sum(tuple(transposed(t) for t in terms))
    factors = getattr(word, "factors", None)
    if factors is not None:
        return flat_product(tuple(transposed(f) for f in reversed(factors)))
    return word if is_symmetric(word) else Transpose(word)


def is_symmetric(expr: Expr) -> bool:
    """Whether a matrix is certainly its own transpose, whatever numbers the scalars in it are."""
    match expr:
        case Atom(facts=facts):
            return "symmetric" in facts
        case ScalarMatrix():
            return True
        case Inverse(argument=argument) | Power(argument=argument) | Scaled(argument=argument):
            return is_symmetric(argument)
        case Sum(terms=terms):
            return all(is_symmetric(t) for t in terms)
    return False
