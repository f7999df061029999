"""The normal form of deterministic expressions and of their traces.

An expression becomes a linear combination of words of factors in which neighbours have different bases and every
factor is a power of its base or of one resolvent of it; a trace becomes one of words up to rotation (and reversal,
where all factors are symmetric).  Two expressions in the resolvents of one symmetric matrix and single other
matrices are equal for all matrices if and only if their normal forms are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from fpt_calc.errors import InputError
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
    Trace,
    Transpose,
    compose,
    fold,
    letter,
    tau,
)
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Scalar,
    accumulate,
    is_fixed,
    substitute,
)
from fpt_calc.spectral.commuting import Commutation, in_order
from fpt_calc.spectral.factors import Combination, Factor, Word, word_expression
from fpt_calc.spectral.fractions import run_fractions

# What a pole of a base is to be called: a fixed-point parameter for an expression in unknowns, say.
NamePole = Callable[[Expr, Scalar], Scalar]


def as_it_is(base: Expr, pole: Scalar) -> Scalar:
    """Poles keep their expression."""
    return pole


def combination(expr: Expr, name_pole: NamePole = as_it_is) -> Combination:
    """A deterministic expression as a combination of normal words."""
    return fold(expr, lambda node, parts: _combine(node, parts, name_pole))


def _combine(node: Expr, parts: tuple[Combination, ...], name_pole: NamePole) -> Combination:
    match node:
        case Atom() | SquareRoot():
            return {(Factor(node, None, 1),): ONE}
        case ScalarMatrix(value=value):
            return {} if value.is_zero else {(): value}
        case Sum():
            total: Combination = {}
            for part in parts:
                for word, c in part.items():
                    accumulate(total, word, c)
            return total
        case Scaled(coefficient=c):
            return {w: c * v for w, v in parts[0].items()} if not c.is_zero else {}
        case Product():
            return _product(parts)
        case Power(exponent=k):
            return _product((parts[0],) * k) if k else {(): ONE}
        case Inverse():
            return _inverse(parts[0], node.rows, name_pole)
        case Transpose():
            return operated(parts[0], "T")
        case Adjoint():
            return operated(parts[0], "H")
        case EntrywiseConjugate():
            return operated(parts[0], "conj")
    raise TypeError(f"no normal form for {type(node).__name__}")


def operated(part: Combination, operation: Operation) -> Combination:
    """The transpose, adjoint or entrywise conjugate of a combination."""
    conjugated = operation in ("H", "conj")
    result: Combination = {}
    for word, c in part.items():
        new = tuple(_operated_factor(f, operation) for f in word)
        accumulate(result, new if operation == "conj" else new[::-1], c.conjugate() if conjugated else c)
    return result


def _operated_factor(factor: Factor, operation: Operation) -> Factor:
    pole = factor.pole
    if pole is not None and operation in ("H", "conj"):
        pole = pole.conjugate()
    return Factor(_operated_base(factor.base, operation), pole, factor.exponent)


@lru_cache(maxsize=4096)
def _operated_base(base: Expr, operation: Operation) -> Expr:
    """A letter or a sum after an operation, again in canonical form."""
    match base:
        case Atom() | SquareRoot():
            return letter(base, operation).expression
        case Transpose(argument=inner) if isinstance(inner, Atom | SquareRoot):
            return letter(inner, compose("T", operation)).expression
        case Adjoint(argument=inner) if isinstance(inner, Atom | SquareRoot):
            return letter(inner, compose("H", operation)).expression
        case EntrywiseConjugate(argument=inner) if isinstance(inner, Atom | SquareRoot):
            return letter(inner, compose("conj", operation)).expression
    return _canonical_sum(operated(combination(base), operation), base.rows)


def is_symmetric(base: Expr) -> bool:
    """Whether a base is certainly its own transpose."""
    return _operated_base(base, "T") == base


def _product(parts: tuple[Combination, ...]) -> Combination:
    total: Combination = {(): ONE}
    for part in parts:
        new: Combination = {}
        for a, c in total.items():
            for b, d in part.items():
                for word, e in _joined(a, b).items():
                    accumulate(new, word, c * d * e)
        total = new
    return total


def _joined(a: Word, b: Word) -> Combination:
    """The product of two normal words: their facing ends may be functions of one base."""
    if not a or not b or a[-1].base != b[0].base:
        return {a + b: ONE}
    result: Combination = {}
    for (pole, exponent), value in run_fractions((a[-1], b[0])).items():
        if pole is None and exponent == 0:
            for word, c in _joined(a[:-1], b[1:]).items():
                accumulate(result, word, c * value)
        else:
            accumulate(result, (*a[:-1], Factor(a[-1].base, pole, exponent), *b[1:]), value)
    return result


def _inverse(part: Combination, dim: Scalar, name_pole: NamePole) -> Combination:
    """``inv(c0 + c1 S)`` as a resolvent of S; the inverse of anything else is a resolvent at zero."""
    if not part:
        raise InputError("the inverse of a matrix that is zero", remedy="check the expression")
    if set(part) == {()}:
        return {(): 1 / part[()]}
    proper = [(w, c) for w, c in part.items() if w]
    if len(part) == 1 and all(f.base.rows == f.base.cols for f in proper[0][0]):
        ((word, c),) = proper
        return {w: v / c for w, v in _product(tuple(_inverse_factor(f) for f in reversed(word))).items()}
    if len(proper) == 1 and () in part and len(proper[0][0]) == 1:
        ((factor,), c1), c0 = proper[0], part[()]
        if factor.exponent == 1 and factor.pole is None:
            return {(Factor(factor.base, name_pole(factor.base, c0 / c1), 1),): 1 / c1}
        if factor.exponent == 1 and factor.pole is not None:  # inv(c0 + c1 inv(S + p)) = (S + p) inv(c0 (S + p) + c1)
            pole = name_pole(factor.base, factor.pole + c1 / c0)
            return _product((_inverse_factor(factor), {(Factor(factor.base, pole, 1),): 1 / c0}))
    return {(Factor(_canonical_sum(part, dim), ZERO, 1),): ONE}


def _inverse_factor(factor: Factor) -> Combination:
    """The inverse of a power of a base or of a resolvent of it."""
    if factor.pole is None:
        return {(Factor(factor.base, ZERO, factor.exponent),): ONE}
    is_sum = isinstance(factor.base, Sum)
    shifted: Combination = dict(combination(factor.base)) if is_sum else {(Factor(factor.base, None, 1),): ONE}
    accumulate(shifted, (), factor.pole)
    return _product((shifted,) * factor.exponent)


def _canonical_sum(part: Combination, dim: Scalar) -> Expr:
    """A combination as an expression, the multiple of the identity first, then by name: equal sums are equal data."""
    terms: list[Expr] = []
    for word, c in sorted(part.items(), key=lambda item: [f.key for f in item[0]]):
        matrix = word_expression(word, dim)
        terms.append(ScalarMatrix(c, dim) if not word else matrix if c == 1 else Scaled(c, matrix))
    return Sum(tuple(terms))


def normal_trace(trace: Trace, name_pole: NamePole = as_it_is, groups: Commutation = ()) -> dict[Trace | None, Scalar]:
    """A trace as a combination of canonical traces; None stands for one, the trace of the identity.

    ``groups``: names of matrices that commute with each other.
    """
    total: dict[Trace | None, Scalar] = {}
    for word, c in combination(trace.argument, name_pole).items():
        for key, value in _cyclic(word, trace.argument.rows, groups).items():
            accumulate(total, key, c * value)
    return total


def _cyclic(word: Word, dim: Scalar, groups: Commutation) -> dict[Trace | None, Scalar]:
    """The normalized trace of a word: its two ends, or commuting neighbours, may be functions of one base too."""
    if not word:
        return {None: ONE}
    start = word[0].base.rows
    rotations = [word[k:] + word[:k] for k in range(len(word))]
    if groups:
        rotations = [in_order(w, groups) for w in rotations]
    for rotated in rotations:
        merged = _merged(rotated)
        if merged is not None:
            scale = rotated[0].base.rows / start
            total: dict[Trace | None, Scalar] = {}
            for inner, c in merged.items():
                for key, value in _cyclic(inner, rotated[0].base.rows, groups).items():
                    accumulate(total, key, c * value * scale * start / dim)
            return total
    chosen = canonical_rotation(rotations)
    return {Trace(word_expression(chosen, chosen[0].base.rows)): chosen[0].base.rows / dim}


def _merged(word: Word) -> Combination | None:
    """The word with the first two neighbours of one base merged; None if there are none."""
    for k in range(len(word) - 1):
        if word[k].base == word[k + 1].base and word[k].base.rows == word[k].base.cols:
            result: Combination = {}
            for middle, c in _joined((word[k],), (word[k + 1],)).items():
                accumulate(result, (*word[:k], *middle, *word[k + 2 :]), c)
            return result
    return None


def canonical_rotation(rotations: list[Word]) -> Word:
    """The representative of a word up to rotation and transposition; vectors in front."""
    options = rotations + [tuple(_operated_factor(f, "T") for f in reversed(w)) for w in rotations]
    return min(options, key=_rotation_order)


def _rotation_order(word: Word) -> tuple[bool, int, list[bool], list[str]]:
    """Fixed dimensions first, few transposes in front of resolvents, then by name."""
    transposed = sum(isinstance(f.base, Transpose) for f in word)
    vector = is_fixed(word[0].base.rows)
    return not vector, transposed, [f.pole is not None for f in word], [f.key for f in word]


def normal_scalar(value: Scalar, name_pole: NamePole = as_it_is, groups: Commutation = ()) -> Scalar:
    """A scalar with all its traces in normal form, those in the coefficients of matrices included."""
    images = {}
    for g in value.gens:
        if isinstance(g, Trace):
            total = ZERO
            for trace, c in normal_trace(g, name_pole, groups).items():
                factor = normal_scalar(c, name_pole, groups)
                total = total + (factor if trace is None else factor * tau(trace.argument))
            images[g] = total
    return substitute(value, images) if images else value
