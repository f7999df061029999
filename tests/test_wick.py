"""Exact means at finite size: against brute force, the noncrossing limit, the engine's series, and simulation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fpt_calc.derivation import derive_law
from fpt_calc.ensembles import Gaussian, Wigner, wishart
from fpt_calc.errors import InputError
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntryMoment,
    EntrywiseConjugate,
    Expr,
    Inverse,
    PrimeModel,
    SquareRoot,
    Tr,
    UnluckyModelError,
    tau,
)
from fpt_calc.oracles import (
    ExactPoint,
    expansion,
    noncrossing_moment,
    simulate,
    target_series,
    wick_moment,
    wick_value,
)
from fpt_calc.point import Dense, Point
from fpt_calc.scalars import ONE, ZERO, Parameter, Scalar, generator_scalar, scalar, square_root
from fpt_calc.solve import formal_series
from tests.generators import consistent_model
from tests.test_laws import LAWS
from tests.words import (
    POINT,
    ROOTS,
    ROWS,
    SIZES,
    A,
    B,
    C,
    F,
    G,
    M,
    Q,
    S,
    W,
    X,
    Y,
    Z,
    brute_mean,
    d,
    gram,
    n,
    w,
    words,
)
from tests.words import targets as random_targets


def law(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


(lam,) = (generator_scalar(Parameter("lam", "positive")),)
conj = EntrywiseConjugate
SHARE_OF_N = Parameter("p1", "fraction")
SHARE = Atom("X1", generator_scalar(SHARE_OF_N) * n, d, law=Gaussian(ONE / n))

# brute force ------------------------------------------------------------------------------------------------------

HARD: dict[str, Scalar] = {
    "GOE, eight letters": tau(W**8),
    "GUE, eight letters": tau(G**8),
    "GUE and its transpose": tau((G + G.T) ** 4),
    "real Gaussian, all transposes": tau((Z + Z.T) ** 4 @ A),
    "complex Gaussian without a partner": tau(C.H @ C @ Q),
    "all letters of a complex matrix": tau(Q @ Q.T @ conj(Q) @ Q.H @ B @ Q.H @ conj(Q) @ B.T),
    "transposes alone": tau(C.T @ M @ conj(C) @ B @ C.H @ F),
    "covariances on both sides": tau(X.T @ X @ A @ X.T @ M @ X),
    "covariance of squares": tau(X.T @ X) ** 2 - tau(X.T @ X),
    "covariance of two laws": tau(W @ Z @ A) * tau(Z.T @ W @ B),
    "three traces": tau(W) * tau(W @ A) * tau(W @ W @ B),
    "random scalar inside": tau((tau(W @ W) + lam - lam) * W @ W @ A),
    "a sum raised to a power": tau((W + A @ Z + 1) ** 3),
    "deterministic inverse": tau(Inverse(A + 3) @ Z @ Inverse(B + A).T @ Z.T),
    "vectors": tau(w.T @ X.T @ X @ w) * tau(w.T @ Y.T @ Y @ B @ w),
    "adjoint of a product": tau(Adjoint(1j * G @ B @ Z) @ (G @ B @ Z)),
}


@pytest.mark.parametrize("target", HARD.values(), ids=HARD.keys())
def test_hard_targets_are_the_sum_over_entries(target: Scalar) -> None:
    assert wick_value(target, POINT) == brute_mean(target) == POINT.scalar(wick_moment(target))


@law(60)
@given(target=random_targets(4))
def test_random_targets_are_the_sum_over_entries(target: Scalar) -> None:
    assert wick_value(target, POINT) == brute_mean(target)


@law(40)
@given(target=random_targets(6))
def test_concrete_matrices_give_the_value_of_the_formula(target: Scalar) -> None:
    assert wick_value(target, POINT) == POINT.scalar(wick_moment(target))


def interpolated(values: list[Scalar]) -> list[Scalar]:
    """The coefficients, lowest first, of the polynomial with these values at 1, 2, 3, ..."""
    total = [ZERO] * len(values)
    for k, value in enumerate(values, start=1):
        basis, others = [ONE], [j for j in range(1, len(values) + 1) if j != k]
        for j in others:  # times (x - j)/(k - j)
            shifted = [ZERO, *basis]
            basis = [(a - j * b) / (k - j) for a, b in zip(shifted, [*basis, ZERO], strict=True)]
        total = [t + value * b for t, b in zip(total, basis, strict=True)]
    return total


@pytest.mark.parametrize(("matrix", "half"), [(W, 2), (W, 3), (G, 2), (G, 3), (Q @ Q.H, 2), (Z @ Z.T, 2), (Z @ Z, 2)])
def test_corrections_are_those_of_small_sizes(matrix: Expr, half: int) -> None:
    """d^half times a moment is a polynomial in d: that through the brute values at the first sizes."""
    target = tau(matrix ** (2 * half if matrix in (W, G) else half))
    values = [brute_mean(target, ExactPoint({"d": k})) * k**half for k in range(1, half + 2)]
    coefficients = interpolated(values)[::-1]
    assert expansion(wick_moment(target), half) == tuple(c / d**k for k, c in enumerate(coefficients))


def test_moments_of_one_size_are_those_of_a_normal_variable() -> None:
    """At size one GOE is a variable of variance 2/1, GUE of variance 1, a Wishart matrix a chi-squared variable."""
    one, odd = ExactPoint({"d": 1, "n": 1}), [1, 1, 3, 15, 105, 945]
    free = Atom("Y", n, d, law=Gaussian(ONE / n))
    for k in range(1, 6):
        assert wick_value(tau(W ** (2 * k)), one) == 2**k * odd[k]
        assert wick_value(tau(G ** (2 * k)), one) == odd[k]
        assert wick_value(tau((free.T @ free) ** k), one) == odd[k]


@dataclass(frozen=True)
class WithoutDiagonal(Wigner):
    """A Wigner law whose entry moments forget the term that is of lower order."""

    def entry_moments(self) -> tuple[EntryMoment, ...]:
        return tuple(m for m in super().entry_moments() if m.crossed)


@dataclass(frozen=True)
class Untransposed(Gaussian):
    """A Gaussian law whose column covariance is transposed."""

    def entry_moments(self) -> tuple[EntryMoment, ...]:
        return tuple(
            EntryMoment(m.conjugated, m.crossed, m.variance, m.left, self.covariance) for m in super().entry_moments()
        )


def test_wrong_entry_moments_are_noticed() -> None:
    wrong = Atom("W", d, d, law=WithoutDiagonal(ONE / d))
    assert wick_value(tau(wrong @ wrong), POINT) != brute_mean(tau(W @ W)) == wick_value(tau(W @ W), POINT)
    right_law: Any = C.law
    other = Atom("C", n, d, law=Untransposed(ONE / n, "complex", right_law.row_covariance, right_law.covariance))
    target, changed = (tau(x.H @ M @ x @ B) for x in (C, other))
    assert wick_value(changed, POINT) != brute_mean(target) == wick_value(target, POINT)


@dataclass(frozen=True)
class Improper(Gaussian):
    """A complex law with E[Z_ij Z_kl] = variance C_ik d_jl for a complex C."""

    def entry_moments(self) -> tuple[EntryMoment, ...]:
        return (*super().entry_moments(), EntryMoment(False, False, self.variance, self.row_covariance, None))


def test_the_mean_of_the_conjugate_is_the_conjugate_of_the_mean() -> None:
    law_: Any = C.law
    improper = Atom("I", n, d, law=Improper(ONE / n, "complex", law_.row_covariance, None))
    word = improper @ F.H @ M @ F @ improper.T @ F @ A @ F.T
    value, mirrored = wick_value(tau(word), POINT), wick_value(tau(conj(word)), POINT)
    assert value.conjugate() == mirrored != value


# the limit --------------------------------------------------------------------------------------------------------


@law(80)
@given(target=random_targets(8))
def test_the_leading_term_is_the_noncrossing_moment(target: Scalar) -> None:
    exact = wick_moment(target)
    assert expansion(exact, 0) == expansion(noncrossing_moment(target), 0)


@law(80)
@given(target=words(8, known=(A, B, F, M, S)))
def test_the_noncrossing_moment_is_the_sum_of_the_series(target: Scalar) -> None:
    model = consistent_model(5)
    assert sum(target_series(target, 8, model)) == model.scalar(noncrossing_moment(target))


@law(15)
@given(target=words(6, known=(A, B, F, M, S)))
def test_the_leading_term_is_the_limit_of_the_engine(target: Scalar) -> None:
    assert leading_terms_agree(target)


def leading_terms_agree(target: Scalar) -> bool:
    """Whether the formal series of the derived system sums to the leading term of the exact mean, modulo a prime."""
    (limit,) = expansion(wick_moment(target), 0)
    law_ = derive_law({"t": target})
    for seed in range(20):
        model = consistent_model(seed)
        try:
            return all(sum(formal_series(s, 10, model)["t"]) == model.scalar(limit) for s in (law_.raw, law_.system))
        except UnluckyModelError:
            continue
    raise AssertionError("every model was unlucky")


ENGINE: dict[str, Scalar] = {
    "GOE": tau(W**8),
    "GUE and its transpose": tau((G + G.T) ** 6 @ B),
    "Wishart": tau(wishart("V", d, n, S) ** 4 @ A),
    "covariances": tau(X.T @ M @ X @ A @ X.T @ X @ B),
    "complex covariances": tau(C.T @ M @ conj(C) @ B @ C.T @ conj(C)),
    "two laws": tau(W @ Z @ W @ Z.T @ A @ W @ W),
    "absorbed neighbours": tau(A.T @ Y.T @ Y @ A @ A.T @ Y.T @ Y @ A),
    "product of traces": tau(W @ W @ A) * tau(Z @ Z.T @ B) + tau(Z @ A @ Z.T),
    "quadratic form": tau(w.T @ X.T @ X @ A @ X.T @ X @ w),
}


@pytest.mark.parametrize("target", ENGINE.values(), ids=ENGINE.keys())
def test_the_leading_term_of_hard_targets_is_the_limit_of_the_engine(target: Scalar) -> None:
    assert leading_terms_agree(target)
    assert expansion(noncrossing_moment(target), 0) == expansion(wick_moment(target), 0)


# every law, every pair of operations --------------------------------------------------------------------------------


def between(rows: Scalar, cols: Scalar) -> Atom:
    """A generic deterministic matrix of this shape."""
    return Atom(f"E{rows}{cols}", rows, cols, entries="complex")


def words_of(atom: Atom) -> Iterator[Scalar]:
    """Traces of two and of four letters with matrices in between, for all pairs of operations; a second moment."""
    for x, y in itertools.product((atom, atom.T, atom.H, conj(atom)), repeat=2):
        pair = x @ between(x.cols, y.rows) @ y @ between(y.cols, x.rows)
        yield tau(pair)
        yield tau(pair @ pair)
        yield tau(pair) * tau(pair.H)


@pytest.mark.parametrize("atom", [*LAWS.values(), SHARE], ids=[*LAWS, "a share of a dimension"])
def test_all_oracles_agree_on_every_law(atom: Atom) -> None:
    model, alive = sized_model(5), 0
    for target in words_of(atom):
        exact, limit = wick_moment(target), noncrossing_moment(target)
        assert expansion(exact, 0) == expansion(limit, 0)
        assert sum(target_series(target, 4, model)) == model.scalar(limit)
        alive += limit != 0
        assert exact != 0 or limit == 0
    assert alive >= 6


def sized_model(seed: int) -> PrimeModel:
    """A consistent model in which a share of a dimension has a size too."""
    model = consistent_model(seed)
    share = model.scalar(scalar(model.size(SHARE.rows))) / model.scalar(n)
    model.set_generator(SHARE_OF_N, share)
    return model


MIXED: dict[str, Scalar] = {
    "real and complex designs": tau(X.T @ F @ F.H @ C @ B @ C.H @ M @ X),
    "GOE between GUE": tau(W @ G @ A @ G @ W @ B),
    "crossing pairs of two laws": tau(W @ G @ W @ G),
    "transposes across laws": tau(C.T @ M @ conj(C) @ Z @ A @ Z.T @ B),
    "four laws": tau(X.T @ X @ W @ Q @ B @ Q.H @ W @ A @ G @ G),
    "two rectangular ones": tau(X.T @ Y @ A @ Y.T @ X @ B @ X.T @ M @ X),
}


@pytest.mark.parametrize("target", MIXED.values(), ids=MIXED.keys())
def test_all_oracles_agree_on_several_laws(target: Scalar) -> None:
    model, limit = consistent_model(3), noncrossing_moment(target)
    assert expansion(wick_moment(target), 0) == expansion(limit, 0)
    assert sum(target_series(target, 6, model)) == model.scalar(limit)
    assert leading_terms_agree(target)


def test_random_scalars_are_averaged_with_their_matrices() -> None:
    target = tau(tau(W @ W) * W @ W @ A)
    assert (
        wick_moment(target)
        == wick_moment(tau(W @ W) * tau(W @ W @ A))
        != wick_moment(tau(W @ W)) * wick_moment(tau(W @ W @ A))
    )
    assert noncrossing_moment(target) == noncrossing_moment(tau(W @ W)) * noncrossing_moment(tau(W @ W @ A))


# laws of expansions -------------------------------------------------------------------------------------------------


@law(40)
@given(target=random_targets(6))
def test_what_is_left_of_an_expansion_is_of_higher_order(target: Scalar) -> None:
    exact = wick_moment(target)
    terms = expansion(exact, 2)
    assert expansion(exact - sum(terms, ZERO), 2) == (ZERO, ZERO, ZERO)
    assert all(expansion(term, 2)[k] == term for k, term in enumerate(terms))


def test_an_expansion_approaches_the_value() -> None:
    exact = wick_moment(tau(Y.T @ Y @ Y.T @ Y) ** 2) * (n / (n + d + 2))
    terms = expansion(exact, 2)
    for size in (10**3, 10**6):
        at = ExactPoint({"n": 3 * size, "d": 2 * size})
        gap = (at.scalar(exact) - at.scalar(sum(terms, ZERO))).constant
        assert gap is not None and 0 < abs(gap) * size**3 < 100


@pytest.mark.parametrize(("a", "b"), [(X.T @ M, X @ A), (W @ B, Z @ A @ Z.T), (C.H, F @ Q @ Q.H)])
def test_traces_are_cyclic_and_transposable(a: Expr, b: Expr) -> None:
    first = wick_moment(Tr(a @ b))
    assert first == wick_moment(Tr(b @ a)) == wick_moment(Tr((a @ b).T))
    assert wick_value(Tr(a @ b), POINT).conjugate() == wick_value(Tr((a @ b).H), POINT)


def test_no_letters_no_pairings() -> None:
    assert wick_moment(tau(A @ B) * lam + n) == tau(A @ B) * lam + n
    assert wick_moment(tau(W)) == wick_moment(tau(W @ W @ Z)) == ZERO
    assert wick_moment(tau(W @ A)) == wick_moment(tau(0 * W @ W)) == ZERO


# simulation ---------------------------------------------------------------------------------------------------------

SIMULATED: dict[str, Scalar] = {
    "GOE": tau(W @ W @ W @ W),
    "GUE": tau(G @ G.T @ G @ G.T),
    "design": tau(X.T @ X @ X.T @ X),
    "complex design": tau(C.H @ M @ C @ A) + tau(C.H @ M @ C @ A).conjugate(),
    "square, twice": tau(Z @ Z @ A),
    "two laws": tau(W @ Z @ W @ Z.T),
    "variance of a trace": tau(Y.T @ Y) ** 2 - tau(Y.T @ Y) * wick_moment(tau(Y.T @ Y)),
}


def test_simulations_of_the_model_have_the_exact_means() -> None:
    matrices: dict[str, Any] = {name: Dense(rows) for name, rows in ROWS.items()}
    matrices |= {name: Dense(gram(root)) for name, root in ROOTS.items()}
    real = {name: Dense([[x.real for x in row] for row in gram(ROOTS[name])]) for name in ("K", "S")}
    found = simulate(SIMULATED, Point(dims=SIZES, matrices=matrices | real), trials=600, seed=2)
    for name, target in SIMULATED.items():
        exact = wick_value(target, POINT).constant
        assert exact is not None
        assert abs(found[name].mean - exact) < 4.5 * found[name].standard_error, name


CORRECTED: dict[str, Scalar] = {
    "GOE": tau(W @ W),
    "design": tau(Y.T @ Y @ Y.T @ Y),
    "Ginibre": tau(Z @ Z) + tau(Z @ Z.T @ Z @ Z.T),
}


def test_simulations_need_the_first_correction() -> None:
    found = simulate(CORRECTED, Point(dims={"n": 30, "d": 20}), trials=1500, seed=3)
    at = ExactPoint({"n": 30, "d": 20})
    for name, target in CORRECTED.items():
        limit, correction, second = (float(at.scalar(c).constant or 0) for c in expansion(wick_moment(target), 2))
        error = found[name].standard_error
        assert abs(second) < error
        assert abs(found[name].mean - limit - correction) < 4.5 * error < abs(found[name].mean - limit)


# input --------------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[Any, str]] = {
    "random inverse": (lambda: wick_moment(tau(Inverse(W + 2))), "inverse of a random matrix"),
    "negative power": (lambda: noncrossing_moment(tau((W + 2) ** -1)), "inverse of a random matrix"),
    "random divisor": (lambda: wick_moment(1 / tau(W @ W)), "division by a random trace"),
    "root of a trace": (lambda: wick_moment(square_root(tau(W @ W))), "no polynomial"),
    "many words": (lambda: wick_moment(tau((W + A + B + Z) ** 9)), "words when multiplied out"),
    "growing": (lambda: expansion(wick_moment(Tr(W @ W))), "grows"),
    "negative order": (lambda: expansion(ONE, -1), "negative"),
    "root of a dimension": (lambda: expansion(1 / square_root(n)), "sqrt"),
    "size inside a trace": (lambda: expansion(tau(Inverse(A + d) @ B)), "depends on the size"),
    "missing matrix": (lambda: wick_value(tau(W @ A @ W), ExactPoint({"d": 2})), "A has no value"),
    "missing dimension": (lambda: wick_value(tau(W @ W), ExactPoint({})), "d has no value"),
    "wrong shape": (lambda: wick_value(tau(W @ W @ A), ExactPoint({"d": 2}, {"A": [[1, 2]]})), "2 rows of 2"),
    "wrong fact": (
        lambda: wick_value(tau(X @ X.T @ M), ExactPoint(SIZES, ROWS | {"M": [[1, 2, 3]] * 3, "S": ROWS["A"]})),
        "declared",
    ),
    "complex value": (lambda: wick_value(tau(W @ W @ A), ExactPoint({"d": 1}, {"A": [[1j]]})), "declared real"),
    "matrix root": (lambda: wick_value(tau(W @ W @ SquareRoot(S)), POINT), "no exact value"),
    "singular": (
        lambda: wick_value(tau(W @ W @ Inverse(A)), ExactPoint({"d": 2}, {"A": [[1, 1], [1, 1]]})),
        "singular",
    ),
    "broken size": (lambda: ExactPoint({"d": 2}).size(d / 3), "no positive integer"),
}


def test_too_many_letters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fpt_calc.oracles.wick.MAX_PRODUCTS", 100)
    assert wick_moment(tau(W**16)) != 0  # of one matrix alone there are few different products
    with pytest.raises(InputError, match="more than 100 different products"):
        wick_moment(tau(W @ A @ W @ B @ W @ S @ W @ W @ A @ W @ S @ W @ B @ W))


def test_a_formula_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fpt_calc.oracles.trace_sums.MAX_EXPONENTS", 100)
    with pytest.raises(InputError, match="wick_value"):
        wick_moment(tau(W @ A @ W @ B @ W @ S @ W @ A))


@pytest.mark.parametrize(("attempt", "words_"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_named_in_one_line(attempt: Any, words_: str) -> None:
    with pytest.raises(InputError, match=words_) as caught:
        attempt()
    assert "\n" not in str(caught.value)
