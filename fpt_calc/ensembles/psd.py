"""When is a deterministic expression psd by its construction?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Operation,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    compose,
    fold,
)
from fpt_calc.scalars import ONE, Scalar, is_nonnegative

_LONGEST = 64  # longer products count as one matrix, so that deep shared products stay cheap


@dataclass(frozen=True)
class _Run:
    """``operation(base)**exponent``, and what is known of the base."""

    base: Expr
    operation: Operation
    exponent: Fraction
    psd: bool
    hermitian: bool
    real: bool


@dataclass(frozen=True)
class _Word:
    """A scalar times a product of runs, no two neighbours of which could be merged."""

    coefficient: Scalar
    runs: tuple[_Run, ...]


def is_psd(expr: Expr) -> bool:
    """Whether an expression is psd by its construction; False means "not known".

    Sums, nonnegative multiples, inverses and real powers of psd matrices, even powers of Hermitian ones, and
    congruences ``A.H @ S @ A``, products of commuting powers of one matrix being collected before.

    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> S, A = Atom("S", d, d, facts=frozenset({"psd"})), Atom("A", d, d)
    >>> is_psd(2 * S @ S @ S), is_psd(A.T @ (2 * S) @ A), is_psd(A @ S)
    (True, True, False)
    """
    return _word_is_psd(fold(expr, _combine))


def _word_is_psd(word: _Word) -> bool:
    if not is_nonnegative(word.coefficient):
        return False
    runs = word.runs
    while len(runs) > 1:
        if runs[0] != _applied(runs[-1], "H"):
            return False
        runs = runs[1:-1]
    return not runs or runs[0].psd or (runs[0].hermitian and runs[0].exponent % 2 == 0)


def _combine(node: Expr, parts: tuple[_Word, ...]) -> _Word:
    match node:
        case Atom(facts=facts):
            return _single(node, "psd" in facts, "hermitian" in facts, node.entries == "real")
        case SquareRoot(argument=atom):
            run = _combine(atom, ()).runs[0]
            return _Word(ONE, (replace(run, exponent=Fraction(1, 2)),))
        case ScalarMatrix(value=value):
            return _Word(value, ())
        case Scaled(coefficient=c):
            return _Word(c * parts[0].coefficient, parts[0].runs)
        case Transpose():
            return _moved(parts[0], "T")
        case Adjoint():
            return _moved(parts[0], "H")
        case EntrywiseConjugate():
            return _moved(parts[0], "conj")
        case Product():
            return _product(node, parts)
        case Power(exponent=k):
            return _power(node, parts[0], k)
        case Inverse() if len(parts[0].runs) == 1 and not parts[0].coefficient.is_zero:
            return _power(node, parts[0], -1)
    psd = isinstance(node, Sum | Inverse) and all(_word_is_psd(p) for p in parts)
    return _opaque(node, parts, psd)


def _single(node: Expr, psd: bool, hermitian: bool, real: bool) -> _Word:
    return _Word(ONE, (_Run(node, "", Fraction(1), psd, hermitian, real),))


def _opaque(node: Expr, parts: tuple[_Word, ...], psd: bool) -> _Word:
    """The node as one matrix, of which only the facts of its parts are remembered."""
    additive = isinstance(node, Sum | Inverse)
    hermitian = additive and all(p == _moved(p, "H") for p in parts)
    real = all(p.coefficient == p.coefficient.conjugate() and all(r.real for r in p.runs) for p in parts)
    return _single(node, psd, psd or hermitian, real)


def _applied(run: _Run, operation: Operation) -> _Run:
    """The operation applied to a run, in canonical form."""
    result = compose(operation, run.operation)
    if run.real and result in ("conj", "H"):
        result = compose("conj", result)
    if run.hermitian and result in ("H", "conj"):
        result = compose("H", result)
    if run.hermitian and run.real:
        result = ""
    return replace(run, operation=result)


def _moved(word: _Word, operation: Operation) -> _Word:
    c = word.coefficient if operation == "T" else word.coefficient.conjugate()
    runs = tuple(_applied(run, operation) for run in word.runs)
    return _Word(c, runs if operation == "conj" else runs[::-1])


def _product(node: Expr, parts: tuple[_Word, ...]) -> _Word:
    coefficient, runs = ONE, list[_Run]()
    for part in parts:
        coefficient = coefficient * part.coefficient
        for run in part.runs:
            if runs and replace(runs[-1], exponent=run.exponent) == run:
                exponent = runs.pop().exponent + run.exponent
                runs += [replace(run, exponent=exponent)] if exponent else []
            else:
                runs.append(run)
    return _opaque(node, parts, psd=False) if len(runs) > _LONGEST else _Word(coefficient, tuple(runs))


def _power(node: Expr, word: _Word, exponent: int) -> _Word:
    if len(word.runs) == 1:
        run = word.runs[0]
        return _Word(word.coefficient**exponent, (replace(run, exponent=run.exponent * exponent),) if exponent else ())
    if len(word.runs) * exponent > _LONGEST:
        return _opaque(node, (word,), psd=_word_is_psd(word))
    return _product(node, (word,) * exponent)
