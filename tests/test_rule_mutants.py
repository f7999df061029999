"""Every rule on generic matrices: it holds modulo the prime, and is refused as soon as one thing in it is changed.

What a changed rule is worth is known independently, from exact numbers at one generic point.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fpt_calc.expr import (
    Atom,
    Expr,
    Inverse,
    Product,
    ScalarMatrix,
    Scaled,
    Sum,
    Transpose,
    evaluate,
    rebuild,
    tau,
    traces_of,
)
from fpt_calc.identities import RULES, Identity, Verdict, decide
from fpt_calc.oracles import ExactPoint
from fpt_calc.scalars import ONE, Parameter, Scalar, dimension, generator_scalar, substitute

n, d = dimension("n"), dimension("d")
lam = generator_scalar(Parameter("lam", "positive"))
A, B = Atom("A", d, d), Atom("B", d, d, entries="complex")
X, Y, T = Atom("X", n, d), Atom("Y", d, n, entries="complex"), Atom("T", n, n)
u, v = Atom("u", d, ONE), Atom("v", ONE, d, entries="complex")
POINT = ExactPoint(
    {"n": 3, "d": 2},
    {
        "A": [[1, 2], [-3, 5]],
        "B": [[2, 1j], [1 + 1j, -1]],
        "X": [[1, -2], [0, 3], [2, 1]],
        "Y": [[1, 1j, 2], [0, 1 - 1j, 1]],
        "T": [[2, 1, 0], [-1, 1, 3], [1, 0, 1]],
        "u": [[1], [2]],
        "v": [[3, 1j]],
    },
    {"lam": 2},
)
GENERIC: dict[str, tuple[Any, ...]] = {
    "resolvent_identity": (A, B),
    "push_through": (A @ Y, X, lam),
    "woodbury": (A, Y, T, X),
    "sherman_morrison": (B, u, v),
    "schur_complement": (A, Y, X, T),
    "derivative": (A @ B, lam),
    "derivative_of_trace": (A @ B, lam),
    "cyclicity": (X, A @ Y),
    "transpose_of_trace": (A @ B @ Y @ X,),
}
rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def mutants(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """The expression with one change at one occurrence: a transposition, sign, order, or inverse."""
    for kind, changed in _changed_here(expr):
        yield kind, changed
    for k, child in enumerate(expr.children):
        if isinstance(expr, Transpose):
            continue  # the transposition was changed above, and what is under it is a letter
        for kind, other in mutants(child):
            yield kind, rebuild(expr, (*expr.children[:k], other, *expr.children[k + 1 :]))


def _changed_here(expr: Expr) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, Atom) and expr.rows == expr.cols:
        yield "transposition", expr.T
    if isinstance(expr, Transpose) and expr.rows == expr.cols:
        yield "transposition", expr.argument
    if isinstance(expr, Scaled):
        yield "sign", -expr
    if isinstance(expr, Inverse):
        yield "inverse", expr.argument
    if isinstance(expr, Sum):
        for k, term in enumerate(expr.terms):
            yield "sign", Sum((*expr.terms[:k], -term, *expr.terms[k + 1 :]))
    if isinstance(expr, Product):
        for k, (x, y) in enumerate(zip(expr.factors, expr.factors[1:], strict=False)):
            if x != y and x.shape == y.shape and x.rows == x.cols:
                yield "order", Product((*expr.factors[:k], y, x, *expr.factors[k + 2 :]))


def mutants_of_side(side: Expr | Scalar) -> Iterator[tuple[str, Expr | Scalar]]:
    if isinstance(side, Expr):
        yield from mutants(side)
        return
    yield "sign", -side
    yield "dimension", side * n / d
    for trace in traces_of(side):
        for kind, changed in mutants(trace.argument):
            yield kind, substitute(side, {trace: tau(changed)})


def value(side: Expr | Scalar) -> Any:
    return evaluate(side, POINT) if isinstance(side, Expr) else POINT.scalar(side)


@rules
def test_every_rule_holds_for_generic_matrices(rule: Identity) -> None:
    left, right = rule.sides(*GENERIC[rule.name])
    assert value(left) == value(right)
    decision = decide(left, right)
    assert decision.verdict is Verdict.EQUAL and "61-bit prime" in decision.evidence.check


@rules
def test_a_changed_rule_is_refused(rule: Identity) -> None:
    left, right = rule.sides(*GENERIC[rule.name])
    refused = []
    for kind, changed in [*mutants_of_side(right), *mutants_of_side(left)]:
        other = left if any(changed == m for _, m in mutants_of_side(right)) else right
        expected = Verdict.EQUAL if value(changed) == value(other) else Verdict.DIFFERENT
        assert decide(other, changed).verdict is expected, (kind, changed)
        refused += [kind] if expected is Verdict.DIFFERENT else []
    assert {"sign", "transposition"} <= set(refused)
    assert len(refused) >= 4


def test_changes_cover_every_kind_of_node() -> None:
    changes = dict(mutants(Inverse(A @ B + ScalarMatrix(lam, d)) - 2 * A.T))
    assert set(changes) == {"transposition", "sign", "inverse", "order"}
