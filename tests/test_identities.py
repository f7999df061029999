"""The library of exact identities: all rules are decided equal, with one change different."""

from __future__ import annotations

import math
import operator
from functools import reduce
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

import fpt_calc as fc
from fpt_calc.errors import CannotDecideError, InputError, ShapeError
from fpt_calc.expr import (
    PRIME,
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Tr,
    Trace,
    Transpose,
    differentiate,
    identity,
    tau,
)
from fpt_calc.identities import EQUIVALENCE_RULES, RULES, Decision, Rule, Verdict, Witness, decide
from fpt_calc.identities.sizes import contents
from fpt_calc.identities.witness import exact_witness
from fpt_calc.scalars import (
    ONE,
    Conjugate,
    Generator,
    Parameter,
    Scalar,
    evaluate_scalar,
    generator_scalar,
    scalar,
    square_root,
)
from tests.expressions import A, B, C, H, L, M, N, P, Q, S, T, U, V, W, X, Z, d, expressions, known, lam, n, r, w, z

law = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
inv = Inverse
y = generator_scalar(Parameter("y"))
p1 = generator_scalar(Parameter("p1", "fraction"))
Y, D, F = known("Y", n, d), known("D", d, d), known("F", d, n)
X1 = known("X1", p1 * n, d)
e = Atom("e", n, ONE, law=X.law)
R, Rt = inv(X.T @ X + lam), inv(X @ X.T + lam)
RULE = {rule.name: rule for rule in RULES}

# every rule holds ---------------------------------------------------------------------------------------------------

INSTANCES: dict[str, tuple[tuple[Any, ...], ...]] = {
    "resolvent_identity": ((A, B), (X.T @ X + lam, Z.H @ Z + z), (S, W), (inv(A), Q + lam), (V, L), (P + 1, M)),
    "push_through": ((X.T, X, lam), (A, B, 1), (F, X, z), (Z.H, Z, 1 / (n + d)), (w, w.T, 2), (X1.T, X1, lam)),
    "woodbury": (
        (A, X.T, T, X),
        (S + lam, F, inv(T), Y),
        (B, w, identity(ONE), w.T),
        (X.T @ X + 1, C.T, T, C),
        (L, A, Q, A.T),
    ),
    "sherman_morrison": ((A, w, w.T), (X.T @ X + lam, X.T @ e, e.T @ X), (V, w, w.H), (W + z, w, e.T @ C)),
    "schur_complement": ((A, F, X, T), (A, B, B, M), (S, w, w.T, identity(ONE)), (V, Z.H, Z, T)),
    "derivative": ((A, lam), (X.T @ X, lam), (Z @ Z.H, z), (W @ S @ W, r)),
    "derivative_of_trace": ((A, lam), (X.T @ X, lam), (V, z), (M @ N, r)),
    "cyclicity": ((A, B), (X, X.T), (R, S), (C, Z.H), (e, e.T), (X1, X1.T @ X1 @ X1.T)),
    "transpose_of_trace": ((A,), (X.T @ Y,), (inv(Z.H @ Z + z),), (B @ W @ L,)),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_holds(rule: Any) -> None:
    assert INSTANCES[rule.name]
    for given_ in INSTANCES[rule.name]:
        decision = decide(*rule.sides(*given_))
        assert decision.verdict is Verdict.EQUAL, (given_, decision)
        assert decision.evidence.passed and decision.witness is None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_opposite_sign_is_different(rule: Any) -> None:
    for given_ in INSTANCES[rule.name]:
        left, right = rule.sides(*given_)
        check_different(left, -right)


@pytest.mark.parametrize("rule", [*RULES, *EQUIVALENCE_RULES], ids=lambda rule: rule.name)
def test_rules_say_what_they_are(rule: Rule) -> None:
    assert rule.statement and rule.statement.endswith(".") and rule.conditions and rule.source
    assert rule.name in str(rule)


def test_names_are_unique() -> None:
    names = [rule.name for rule in (*RULES, *EQUIVALENCE_RULES)]
    assert len(set(names)) == len(names)


def test_the_docstring_is_the_statement() -> None:
    assert RULE["cyclicity"].statement == "Tr(A B) = Tr(B A)."


WRONG_SHAPES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("resolvent_identity", (X, X)),
    ("resolvent_identity", (A, T)),
    ("push_through", (X, X, lam)),
    ("woodbury", (A, X, T, X)),
    ("woodbury", (A, X.T, X, X)),
    ("sherman_morrison", (A, X.T, X)),
    ("schur_complement", (A, X, X, T)),
    ("derivative", (X, lam)),
    ("derivative_of_trace", (X, lam)),
    ("cyclicity", (X, X)),
    ("transpose_of_trace", (X,)),
)


@pytest.mark.parametrize(("name", "given_"), WRONG_SHAPES)
def test_rules_refuse_wrong_shapes(name: str, given_: tuple[Any, ...]) -> None:
    with pytest.raises(InputError, match=name):
        RULE[name].sides(*given_)


def test_a_rule_rewrites_expressions_and_traces() -> None:
    rule, given_ = RULE["push_through"], (X.T, X, lam)
    left, right = rule.sides(*given_)
    value = A @ left @ Y
    assert rule.rewrite(value, *given_) == A @ right @ Y
    assert rule.rewrite(2 * tau(value), *given_) == 2 * tau(A @ right @ Y)
    assert rule.rewrite(A, *given_) is A
    assert decide(rule.rewrite(value, *given_), value)
    with pytest.raises(InputError, match="scalars"):
        RULE["cyclicity"].rewrite(A, A, B)


# the decision -------------------------------------------------------------------------------------------------------

EQUAL: dict[str, tuple[Any, Any]] = {
    "ridge": (R @ X.T @ X + lam * R, 1),
    "other way": (identity(d), R @ X.T @ X + lam * R),
    "commutes": (R @ X.T - X.T @ Rt, 0),
    "traces": (Tr(X @ X.T), Tr(X.T @ X)),
    "effective dimension": (d * tau(R @ X.T @ X) + lam * d * tau(R), d),
    "two resolvents": (n - lam * Tr(Rt), d - lam * Tr(R)),
    "root": (SquareRoot(S) @ SquareRoot(S), S),
    "cyclic": (tau(A @ B), tau(B @ A)),
    "projection": (P @ P.T, P),
    "orthogonal": (Q.T @ Q, 1),
    "unitary": (inv(U), U.H),
    "hermitian": (V.H + H, V + H.H),
    "goe": (W.T, W),
    "complex trace": (tau(Z.H @ Z).conjugate(), tau(Z.H @ Z)),
    "scaled root": (square_root(lam) * A @ (square_root(lam) * A), lam * A @ A),
    "roots of dimensions": (square_root(n) * X / n, X / square_root(n)),
    "independent roots": (
        square_root(1 - y) * square_root(1 + y) * (A + B),
        square_root(1 + y) * square_root(1 - y) * (B + A),
    ),
    "share": (Tr(X1 @ X1.T), p1 * n * tau(X1 @ X1.T)),
    "columns": (Tr(w @ w.T), tau(w.T @ w)),
    "pseudoinverse": (inv(X.T @ X) @ X.T @ X, 1),
    "power": ((A + 1) ** 3, A**3 + 3 * A**2 + 3 * A + 1),
    "numbers": (scalar(2) / 4, 0.5),
    "adjoint": ((Z @ B).H, B.H @ Z.H),
    "nested trace": (tau(tau(A) * B), tau(A) * tau(B)),
    "same": (A @ B, A @ B),
}

DIFFERENT: dict[str, tuple[Any, Any]] = {
    "sign": (R @ X.T + X.T @ Rt, 0),
    "sum of inverses": (inv(A + D), inv(A) + inv(D)),
    "transpose of a product": ((A @ D).T, A.T @ D.T),
    "normalized": (tau(X @ X.T), tau(X.T @ X)),
    "order": (A @ D, D @ A),
    "ridge forgotten": (R @ X.T @ X, 1),
    "resolvent identity without inverse": (inv(A) - inv(D), inv(A) @ (D - A) @ D),
    "resolvent identity swapped": (inv(A) - inv(D), inv(A) @ (A - D) @ inv(D)),
    "push through, same inverse": (inv(A @ D + lam) @ A, A @ inv(A @ D + lam)),
    "push through, no transpose": (inv(A @ A.T + lam) @ A, A @ inv(A @ A.T + lam)),
    "woodbury, C for its inverse": (
        inv(A + w @ w.T),
        inv(A) - inv(A) @ w @ inv(2 + w.T @ inv(A) @ w) @ w.T @ inv(A),
    ),
    "woodbury, first order": (inv(A + X.T @ X), inv(A) - inv(A) @ X.T @ X @ inv(A)),
    "sherman-morrison, factor forgotten": (
        inv(A + w @ w.T),
        inv(A) - 1 / (1 + tau(w.T @ inv(A) @ w)) * (inv(A) @ w @ w.T),
    ),
    "sherman-morrison, sign below": (
        inv(A + w @ w.T),
        inv(A) - 1 / (1 - tau(w.T @ inv(A) @ w)) * (inv(A) @ w @ w.T @ inv(A)),
    ),
    "schur, other order": (inv(A) @ D @ inv(M - D @ inv(A) @ D), inv(M) @ D @ inv(A - D @ inv(M) @ D)),
    "derivative without square": (differentiate(inv(A + lam), lam), -inv(A + lam)),
    "derivative of a trace": (differentiate(tau(R), lam), -(tau(R) ** 2)),
    "three factors": (tau(A @ D @ M), tau(D @ A @ M)),
    "adjoint for transpose": (tau(B.H), tau(B)),
    "complex symmetric": (V.T, V),
    "unitary": (U.T @ U, 1),
    "psd": (S @ S, S),
    "projection": (P, 1),
    "projection, trace": (tau(P), scalar(1) / 2),
    "orthogonal": (Q, Q.T),
    "determinant": (inv(Q), Q),
    "root": (SquareRoot(S) @ M, M @ SquareRoot(S)),
    "branch": (square_root(1 - y) * square_root(1 + y) * A, -square_root(1 - y**2) * A),
    "root of a dimension": (square_root(n) * A, n * A),
    "complex parameter": (z * A, z.conjugate() * A),
    "share": (tau(X1 @ X1.T), tau(X1.T @ X1)),
    "scalars": (lam + n, lam * n),
    "wigner square": (W @ W, 1),
    "law of large numbers": (tau(X.T @ X), d / n),
    "expectation of a product": (tau(A) * tau(D), tau(A @ D)),
    "pseudoinverse": (X @ inv(X.T @ X) @ X.T, 1),
    "rectangular zero": (X, 0),
}


@pytest.mark.parametrize(("left", "right"), EQUAL.values(), ids=EQUAL.keys())
def test_true_identities(left: Any, right: Any) -> None:
    decision = decide(left, right)
    assert decision.verdict is Verdict.EQUAL, decision
    assert bool(decision) and str(decision).startswith("equal: ")


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_false_identities(left: Any, right: Any) -> None:
    check_different(left, right)


def check_different(left: Any, right: Any) -> None:
    """The verdict is DIFFERENT, and floating point finds the values of the witness."""
    decision = decide(left, right)
    assert decision.verdict is Verdict.DIFFERENT, decision
    assert not decision and decision.witness is not None and decision.evidence.passed
    witness = decision.witness
    assert witness.modulus == 0, witness
    with mpmath.workdps(60):
        model = _Recomputed(witness)
        found = [_at(model, side, witness) for side in (left, right)]
        stated = [_number(value) for value in (witness.left, witness.right)]
        for x, y_ in zip(found, stated, strict=True):
            assert abs(x - y_) <= 1e-20 * (1 + abs(y_)), (witness, found)
        assert abs(stated[0] - stated[1]) > 1e-9


class _Recomputed:
    """Expressions at a witness in 60 digits: the independent recomputation."""

    def __init__(self, witness: Witness) -> None:
        self.matrices = {
            name: mpmath.matrix([[_number(x) for x in row] for row in rows]) for name, rows in witness.matrices
        }
        self.scalars = {name: _number(value) for name, value in (*witness.sizes, *witness.scalars)}

    def number(self, value: Scalar) -> Any:
        return evaluate_scalar(value, self.generator, mpmath.mpf)

    def generator(self, g: Generator) -> Any:
        if isinstance(g, Trace):
            matrix = self.matrix(g.argument)
            return sum(matrix[i, i] for i in range(matrix.rows)) / matrix.rows
        if isinstance(g, Conjugate):
            return mpmath.conj(self.generator(g.of))
        return self.scalars[g.name] if g.square is None else mpmath.sqrt(self.number(g.square))

    def matrix(self, e: Expr) -> Any:
        match e:
            case Atom(name=name):
                return self.matrices[name]
            case SquareRoot(argument=atom):
                values, vectors = mpmath.eighe(self.matrices[atom.name])
                roots = mpmath.diag([mpmath.sqrt(max(value, 0)) for value in values])
                return vectors * roots * vectors.transpose_conj()
            case ScalarMatrix(value=value, rows=rows):
                return self.number(value) * mpmath.eye(int(mpmath.nint(self.number(rows))))
            case Sum(terms=terms):
                return reduce(operator.add, (self.matrix(t) for t in terms))
            case Product(factors=factors):
                return reduce(operator.mul, (self.matrix(f) for f in factors))
            case Scaled(coefficient=c, argument=a):
                return self.number(c) * self.matrix(a)
            case Transpose(argument=a):
                return self.matrix(a).T
            case Adjoint(argument=a):
                return self.matrix(a).transpose_conj()
            case EntrywiseConjugate(argument=a):
                return self.matrix(a).conjugate()
            case Inverse(argument=a):
                return mpmath.inverse(self.matrix(a))
            case Power(argument=a, exponent=k):
                return self.matrix(a) ** k
        raise TypeError(e)


def _number(value: Scalar) -> Any:
    return evaluate_scalar(value, lambda g: mpmath.sqrt(_number(g.square or ONE)), mpmath.mpf)


def _at(model: _Recomputed, side: Any, witness: Witness) -> Any:
    if witness.entry is None:
        return model.number(scalar(side))
    i, j = witness.entry[0] - 1, witness.entry[1] - 1
    if not isinstance(side, Expr):  # a number against a matrix
        return side * (i == j)
    return model.matrix(side)[i, j]


def test_facts_of_a_witness_are_true() -> None:
    witness = decide(H @ P @ U @ L @ N, 0).witness
    assert witness is not None and witness.modulus == 0
    m = {name: np.array([[complex(_number(x)) for x in row] for row in rows]) for name, rows in witness.matrices}
    assert np.allclose(m["H"], m["H"].conj().T) and np.linalg.eigvalsh(m["H"]).min() >= -1e-9
    assert np.allclose(m["P"] @ m["P"], m["P"]) and np.allclose(m["P"].T, m["P"])
    assert np.allclose(m["U"].conj().T @ m["U"], np.eye(len(m["U"])))
    assert np.allclose(m["L"], m["L"].conj().T) and np.allclose(m["N"], m["N"].T)


def test_an_inverse_that_never_exists_is_undecided() -> None:
    decision = decide(inv(A - A), A)
    assert decision.verdict is Verdict.UNDECIDED and "singular" in decision.evidence.check
    with pytest.raises(CannotDecideError, match="singular"):
        bool(decision)


def test_two_inverses_that_do_not_exist_together_are_undecided() -> None:
    """Each exists for shapes where the other is singular, unless the shapes are equal; different ones are tried."""
    assert decide(tau(inv(X @ X.T)), tau(inv(X.T @ X))).verdict is Verdict.UNDECIDED


def test_shapes_that_are_never_integers_are_undecided() -> None:
    odd = known("O1", square_root(scalar(2)) * n, d)
    assert decide(Tr(odd.T @ odd), Tr(odd @ odd.T)).verdict is Verdict.UNDECIDED


def test_dependent_roots_that_agree_on_some_branches_are_undecided() -> None:
    """The first is true for all real y, but by the choice of branches, not by algebra."""
    left, right = square_root(1 - y) * square_root(1 + y), square_root(1 - y**2)
    assert decide(left * A, right * A).verdict is Verdict.UNDECIDED
    assert decide(left * A, -right * A).verdict is Verdict.DIFFERENT
    assert decide((A + left) ** 6000, (A + right) ** 6000).verdict is Verdict.UNDECIDED
    assert decide((left * A) @ (left * A), (right * A) @ (right * A)).verdict is Verdict.EQUAL


def test_high_degree_is_told_apart_by_residues() -> None:
    decision = decide(A**100000, A.T**100000)
    assert decision.witness is not None and decision.witness.modulus == PRIME
    assert str(PRIME) in str(decision)


def test_a_deep_shared_expression_is_fast() -> None:
    left, right = X.T @ X, X.T @ X
    for _ in range(200):
        left, right = left @ left + 1, 1 + right @ right
    assert decide(left, right)
    assert decide(left, right + 1).verdict is Verdict.DIFFERENT


def test_standard_identities_of_small_matrices_are_not_taken_for_identities() -> None:
    """The commutator squared is central for 2 x 2 matrices, not for larger ones."""
    square = (A @ D - D @ A) ** 2
    assert decide(square @ M, M @ square).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("left", "right", "error"),
    [
        (X, A, ShapeError),
        (X, X.T, ShapeError),
        (X, 1, InputError),
        (A, "A", InputError),
        (X, tau(A), InputError),
        (A, known("A", d, d, "symmetric"), InputError),
    ],
)
def test_what_cannot_be_compared(left: Any, right: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        decide(left, right)


def test_the_evidence_states_sizes_and_error() -> None:
    text = decide(R @ X.T, X.T @ Rt).evidence.check
    assert "61-bit prime" in text and "n=" in text and "below 2^-" in text


def test_decisions_are_reproducible() -> None:
    assert decide(A @ D, D @ A) == decide(A @ D, D @ A)


@law
@given(e=expressions(rows=d, cols=d, size=5), f=expressions(rows=d, cols=d, size=4))
def test_laws_of_all_expressions(e: Expr, f: Expr) -> None:
    assume(_decided(e @ f, e @ f + 0))
    for left, right in (
        ((e @ f).T, f.T @ e.T),
        ((e @ f).H, f.H @ e.H),
        (e @ (f + e), e @ f + e**2),
        (tau(e @ f), tau(f @ e)),
    ):
        assert decide(left, right).verdict is Verdict.EQUAL
    assert decide(e @ f + 1, e @ f).verdict is Verdict.DIFFERENT


@law
@given(e=expressions(rows=d, cols=d, size=4), f=expressions(rows=d, cols=d, size=4))
def test_witnesses_of_random_pairs(e: Expr, f: Expr) -> None:
    for left, right in ((e, f), (tau(e), tau(f)), (e @ f, f @ e), (tau(e @ f), tau(f @ e)), (e, e.T)):
        decision = decide(left, right)
        if decision.witness is not None:
            check_different(left, right)
        elif decision.verdict is Verdict.EQUAL:  # the exact models, which know nothing of the prime, agree
            assert exact_witness(left, right, contents(left, right)) is None


def _decided(left: Any, right: Any) -> bool:
    return decide(left, right).verdict is Verdict.EQUAL


# the public function ------------------------------------------------------------------------------------------------


def test_the_public_function_reads_sympy() -> None:
    import sympy

    k, m, t = sympy.symbols("n d lam")
    x = sympy.MatrixSymbol("X", k, m)
    r_ = (x.T * x + t * sympy.Identity(m)).inv()
    decision = fc.decide(r_ * x.T * x + t * r_, sympy.Identity(m), matrices=[X], scalars=[lam])
    assert isinstance(decision, Decision) and decision
    assert fc.decide(r_ * x.T, X.T @ Rt, matrices=[X], scalars=[lam])
    assert fc.decide(sympy.Trace(x.T * x), Tr(X @ X.T), matrices=[X])


# equivalents --------------------------------------------------------------------------------------------------------


def test_the_product_of_equivalents_is_the_only_non_rule() -> None:
    assert [rule.name for rule in EQUIVALENCE_RULES if not rule.holds] == ["product_of_equivalents"]


def test_the_counterexamples_to_the_product_of_equivalents() -> None:
    at = {"d": 100}
    assert fc.derive(tau(W)).at(**at) == 0 and fc.derive(tau(W @ W)).at(**at) == 1
    point: dict[str, Any] = {"n": 300, "d": 200, "lam": 1}
    g, square = fc.derive(tau(R)).at(**point), fc.derive(tau(R @ R)).at(**point)
    step = 1e-4
    slope = (fc.derive(tau(R)).at(**point | {"lam": 1 + step}) - fc.derive(tau(R)).at(**point | {"lam": 1 - step})) / (
        2 * step
    )
    assert math.isclose(square, -slope, rel_tol=1e-5)
    assert abs(square - g * g) > 1e-2
