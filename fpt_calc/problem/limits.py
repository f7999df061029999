"""Bounds on what a formula may cost, so that a short hostile text ends in one line and not in a hang.

The bounds lie far above what people write: a scalar of thousands of terms or an expression of a hundred thousand
nodes is a mistake in a formula, or an attack.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import comb

import flint

from fpt_calc.errors import InputError
from fpt_calc.expr import Expr, ScalarMatrix, Scaled, Trace, fold
from fpt_calc.scalars import Root, Scalar, without_conjugate

MAX_TERMS = 4000  # of a numerator or denominator
MAX_BITS = 10_000  # of an integer coefficient
MAX_ROOTS = 4  # square roots in one scalar: getting k roots out of a denominator doubles it k times
MAX_RADICAND_BITS = 130  # integers of 40 digits are factored within a second
MAX_NODES = 100_000  # of an expression written out in full
MAX_NESTING = 20  # of traces and square roots in one another
_SPLIT = "split the formula, or write it with fewer nested powers"


def check_sum(a: Scalar, b: Scalar) -> None:
    """Raise `InputError` if ``a + b`` would be too large to write down."""
    terms = _terms(a.num) * _terms(b.den) + _terms(b.num) * _terms(a.den)
    _check(terms, max(_bits(a), _bits(b)) + (0 if a.den == 1 and b.den == 1 else min(_bits(a), _bits(b))))


def check_product(a: Scalar, b: Scalar) -> None:
    """Raise `InputError` if ``a * b`` would be too large to write down."""
    terms = max(_terms(a.num) * _terms(b.num), _terms(a.den) * _terms(b.den))
    _check(terms << len(_roots(a) & _roots(b)), _bits(a) + _bits(b))


def check_inverse(value: Scalar) -> None:
    """Raise `InputError` if ``1 / value`` needs too many square roots out of a denominator."""
    if _terms(value.num) > 1 and len(_roots(value)) > MAX_ROOTS:
        raise InputError(f"a denominator with more than {MAX_ROOTS} square roots", remedy="name the roots as scalars")


def check_power(base: Scalar, exponent: int) -> None:
    """Raise `InputError` if ``base ** exponent`` would be too large to write down."""
    size = abs(exponent)
    terms = max(comb(_terms(p) - 1 + size, size) for p in (base.num, base.den))
    _check(terms, _bits(base) * size)
    if exponent < 0:
        check_inverse(base)


def check_radicand(value: Scalar) -> None:
    """Raise `InputError` if the factorization that ``sqrt(value)`` needs could take long."""
    if _bits(value) > MAX_RADICAND_BITS or max(_terms(value.num), _terms(value.den)) > MAX_TERMS // 20:
        raise InputError("a square root of a number or polynomial too large to factor", remedy=_SPLIT)


def check_uses(values: Iterable[tuple[Expr | Scalar, int]]) -> None:
    """Raise `InputError` if values used so many times make an expression that is too large to write out."""
    if sum(count * _size(value)[0] for value, count in values) > MAX_NODES:
        raise InputError(f"an expression of more than {MAX_NODES} nodes", remedy="make it shorter")


def check_size(value: Expr | Scalar) -> None:
    """Raise `InputError` for an expression whose text would be too long, or traces nested too deeply."""
    nodes, nesting = _size(value)
    if nodes > MAX_NODES:
        raise InputError(f"an expression of more than {MAX_NODES} nodes", remedy="make it shorter")
    if nesting > MAX_NESTING:
        raise InputError(f"more than {MAX_NESTING} traces or roots in one another", remedy="make it shorter")


def _check(terms: int, bits: int) -> None:
    if terms > MAX_TERMS:
        raise InputError(f"a scalar of up to {terms:.1e} terms when multiplied out", remedy=_SPLIT)
    if bits > MAX_BITS:
        raise InputError(f"a number of up to {bits} binary digits", remedy=_SPLIT)


def _terms(polynomial: object) -> int:
    return max(1, len(polynomial)) if isinstance(polynomial, flint.fmpz_mpoly) else 1


def _bits(value: Scalar) -> int:
    if not value.gens:
        return max(int(value.num).bit_length(), int(value.den).bit_length())
    return max(int(c).bit_length() for p in (value.num, value.den) for c in (p.coeffs() or [0]))


def _roots(value: Scalar) -> frozenset[Root]:
    """The square roots in a scalar, those under other roots and conjugated ones included."""
    found = {g for g in map(without_conjugate, value.gens) if isinstance(g, Root)}
    return frozenset(found).union(*(_roots(g.radicand) for g in found))


def _size(value: Expr | Scalar) -> tuple[int, int]:
    return _expr_size(value) if isinstance(value, Expr) else _scalar_size(value)


def _expr_size(expr: Expr) -> tuple[int, int]:
    """(nodes written out in full, nesting of traces)."""

    def combine(node: Expr, parts: tuple[tuple[int, int], ...]) -> tuple[int, int]:
        own = (0, 0)
        if isinstance(node, Scaled):
            own = _scalar_size(node.coefficient)
        elif isinstance(node, ScalarMatrix):
            own = _scalar_size(node.value)
        sizes = (own, *parts)
        return 1 + sum(nodes for nodes, _ in sizes), max(nesting for _, nesting in sizes)

    return fold(expr, combine)


def _scalar_size(value: Scalar) -> tuple[int, int]:
    """Every term may print every generator in full."""
    nodes, nesting = 1, 0
    for generator in map(without_conjugate, value.gens):
        if isinstance(generator, Trace | Root):
            inner = _size(generator.argument if isinstance(generator, Trace) else generator.radicand)
            nodes, nesting = nodes + inner[0], max(nesting, inner[1] + 1)
    return nodes * (_terms(value.num) + _terms(value.den)), nesting
