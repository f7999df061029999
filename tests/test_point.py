"""Points: arrays of every kind against dense ones, numbers against declarations, bad input in one line."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from fpt_calc.errors import InputError
from fpt_calc.expr import (
    Atom,
    Inverse,
    SquareRoot,
    tau,
)
from fpt_calc.point import Dense, Eigenvalues, MatrixData, Multiple, NumericModel, Point, PowerLaw, arrays, check_kind
from fpt_calc.scalars import ONE, Parameter, generator_scalar, scalar, square_root
from tests.expressions import A, C, P, S, d, known, lam, n, r, z

law = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SIZES = {"n": 4, "d": 3}
SCALARS = {"lam": 0.7, "p": 0.3, "r": -1.2, "z": 0.4 - 0.9j}
EPS = 2.3e-16
mu, share = (generator_scalar(Parameter(name, kind)) for name, kind in (("mu", "positive"), ("p", "fraction")))


# arithmetic of arrays -----------------------------------------------------------------------------------------------

FULL = np.array([[1.5, -2.0, 0.25], [0.5, 3.0, 1.0], [-1.0, 0.125, 2.0]])
ARRAYS = [x * c for x in (np.asarray(2.5), np.array([1.0, -2.0, 0.5]), FULL) for c in (1.0, 1j, 0.5 - 2j)]
ARRAYS = [np.asarray(x) for x in ARRAYS]


def _dense(a: Any, size: int = 3) -> Any:
    return a if a.ndim == 2 else np.diag(np.broadcast_to(a, (size,)))


def _agree(a: Any, b: Any) -> bool:
    return bool(np.abs(a - b).max() <= 50 * EPS * max(1.0, np.abs(b).max()))


@pytest.mark.parametrize(("i", "j"), list(itertools.product(range(len(ARRAYS)), repeat=2)))
def test_arithmetic_agrees_with_dense_arrays(i: int, j: int) -> None:
    a, b = ARRAYS[i], ARRAYS[j]
    copies = a.copy(), b.copy()
    product, total = arrays.multiply(a, b), arrays.add(a, b)
    assert product.ndim == total.ndim == max(a.ndim, b.ndim)
    assert _agree(_dense(product), _dense(a) @ _dense(b))
    assert _agree(_dense(total), _dense(a) + _dense(b))
    trace = np.trace(_dense(a) @ _dense(b)) / 3
    assert _agree(arrays.trace_of_product(a, b), trace)
    assert np.array_equal(a, copies[0])
    assert np.array_equal(b, copies[1])


@pytest.mark.parametrize("a", ARRAYS)
def test_operations_agree_with_dense_arrays(a: Any) -> None:
    assert _agree(_dense(arrays.transpose(a)), _dense(a).T)
    assert _agree(_dense(arrays.inverse(a)), np.linalg.inv(_dense(a)))
    assert _agree(arrays.normalized_trace(a), np.trace(_dense(a)) / 3)
    assert _agree(arrays.dense(a, 3), _dense(a))
    with pytest.raises(np.linalg.LinAlgError):
        arrays.inverse(0 * a)


def test_weights_of_a_limiting_spectrum() -> None:
    values, weights = np.array([3.0, 1.0]), np.array([0.25, 0.75])
    repeated = np.array([3.0, 1.0, 1.0, 1.0])
    assert arrays.normalized_trace(values, weights) == repeated.mean()
    assert arrays.normalized_trace(np.asarray(2.0), weights) == 2
    assert arrays.trace_of_product(values, values, weights) == (repeated**2).mean()
    point = Point({"d": 4, "n": 4}, {"lam": 2}, {"S": Eigenvalues((3, 1), (Fraction(1, 4), 0.75)), "P": Multiple(1)})
    model = NumericModel(point)
    assert model.scalar(tau(Inverse(S @ P + lam))) == pytest.approx((1 / (repeated + 2)).mean(), rel=10 * EPS)
    assert np.array_equal(model.weights(d), weights)
    assert model.weights(n) is None


def test_scalars_at_a_point() -> None:
    model = NumericModel(Point({"n": 300, "d": 200}, SCALARS | {"lam": Fraction(1, 10)}))
    assert model.scalar(lam * n / d) == 0.15
    assert model.scalar(square_root(r)) == 1j * 1.2**0.5
    assert model.scalar(square_root(r).conjugate()) == -1j * 1.2**0.5
    assert model.scalar(z.conjugate()) == 0.4 + 0.9j
    assert model.scalar(square_root(scalar(2)) / 2) == 2**0.5 / 2
    assert model.size(n / 100) == 3
    assert model.dimension(lam * n) == 30
    assert NumericModel(Point({"n": 10}, {"p": 0.7})).size(share * n) == 7
    assert NumericModel(Point(), {Parameter("lam", "positive"): 5.0}).scalar(lam) == 5


def test_roots_of_psd_matrices() -> None:
    tiny = -1e-18
    for data in (Eigenvalues((4.0, 1.0, tiny)), Multiple(0), Dense(np.diag([4.0, 1.0, tiny]))):
        model = NumericModel(Point(SIZES, {}, {"S": data}))
        root = arrays.dense(model.matrix(SquareRoot(S)), 3)
        assert _agree(root @ root, arrays.dense(model.atom(S), 3))


# facts --------------------------------------------------------------------------------------------------------------


def _model(atom: Atom, data: MatrixData) -> NumericModel:
    model = NumericModel(Point(SIZES, SCALARS, {atom.name: data}))
    model.check([atom])
    return model


def _with_fact(fact: str, entries: str, size: int) -> Any:
    rng = np.random.default_rng(size)
    a = rng.standard_normal((size, size))
    if entries == "complex":
        a = a + 1j * rng.standard_normal((size, size))
    match fact:
        case "symmetric":
            return a + a.T
        case "hermitian":
            return a + a.conj().T
        case "psd":  # of half the rank, so that rounding makes negative eigenvalues
            return a[:, : size // 2] @ a[:, : size // 2].conj().T
        case "pd":
            return a @ a.conj().T + np.eye(size)
    q = np.linalg.qr(a)[0]
    return q if fact == "orthogonal" else q[:, : size // 2] @ q[:, : size // 2].conj().T


FACT_CASES = list(
    itertools.product(("symmetric", "hermitian", "psd", "pd", "projection", "orthogonal"), ("real", "complex"))
)


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e12])
@pytest.mark.parametrize(("fact", "entries"), FACT_CASES)
def test_facts_hold_up_to_rounding_and_not_more(fact: str, entries: str, scale: float) -> None:
    size = 24
    scale = 1.0 if fact in ("projection", "orthogonal") else scale
    atom = Atom("Y", n, n, facts=frozenset({fact}), entries=entries)
    good = _with_fact(fact, entries, size) * scale
    noise = np.random.default_rng(1).standard_normal((size, size)) * np.abs(good).max()
    for change in (0.0, EPS):
        NumericModel(Point({"n": size}, {}, {"Y": Dense(good + change * noise)})).check([atom])
    for change in (1e-9, 1e-3):
        with pytest.raises(InputError, match=r"^at.Y: the numbers are not \w+, as Y was declared; mend"):
            NumericModel(Point({"n": size}, {}, {"Y": Dense(good + change * noise)})).check([atom])


CONTRADICTIONS: list[tuple[str, str, MatrixData, str]] = [
    ("psd", "real", Eigenvalues((1, 2, -1e-6)), "psd"),
    ("psd", "real", Multiple(-1), "psd"),
    ("psd", "real", PowerLaw(Fraction(1), Fraction(-1)), "psd"),
    ("psd", "real", Dense(-np.eye(3)), "psd"),
    ("pd", "real", Eigenvalues((1, 2, 0)), "pd"),
    ("pd", "real", Multiple(0), "pd"),
    ("pd", "complex", Dense(np.diag([1.0, 1.0, 0.0])), "pd"),
    ("hermitian", "complex", Eigenvalues((1, 1j, 2)), "hermitian"),
    ("hermitian", "complex", Multiple(1j), "hermitian"),
    ("symmetric", "complex", Dense(np.array([[0, 1j, 0], [-1j, 0, 0], [0, 0, 1]])), "symmetric"),
    ("projection", "real", Eigenvalues((1, 0, 0.5)), "projection"),
    ("projection", "real", Multiple(2), "projection"),
    ("projection", "real", Dense(np.array([[1.0, 1, 0], [0, 0, 0], [0, 0, 0]])), "symmetric"),
    ("orthogonal", "real", Eigenvalues((1, -1, 2)), "orthogonal"),
    ("orthogonal", "complex", Multiple(1 + 1j), "orthogonal"),
    ("orthogonal", "real", Dense(2 * np.eye(3)), "orthogonal"),
]


@pytest.mark.parametrize(("fact", "entries", "data", "named"), CONTRADICTIONS)
def test_contradicted_facts_are_named(fact: str, entries: str, data: MatrixData, named: str) -> None:
    with pytest.raises(InputError, match=f"^at.Y: the numbers are not {named}, as Y was declared"):
        _model(known("Y", d, d, fact, entries=entries), data)


AGREEMENTS: list[tuple[str, str, MatrixData]] = [
    ("psd", "real", Eigenvalues((1, 0, 1e-20))),
    ("psd", "real", Multiple(0)),
    ("psd", "complex", Eigenvalues((1 + 0j, 2, 3))),
    ("symmetric", "complex", Eigenvalues((1j, 2, 3))),
    ("projection", "real", Eigenvalues((1, 0, 1))),
    ("projection", "real", Multiple(1)),
    ("orthogonal", "real", Eigenvalues((1, -1, 1))),
    ("orthogonal", "complex", Eigenvalues((1j, -1, 0.6 + 0.8j))),
    ("orthogonal", "complex", Multiple(1j)),
    ("pd", "real", PowerLaw(Fraction(5, 2))),
]


@pytest.mark.parametrize(("fact", "entries", "data"), AGREEMENTS)
def test_facts_of_spectra(fact: str, entries: str, data: MatrixData) -> None:
    _model(known("Y", d, d, fact, entries=entries), data)


def test_commuting_groups() -> None:
    q = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    one, two = (Dense(scale * (q * values) @ q.T) for scale, values in ((1e3, [1, 2, 3]), (1e-14, [3, 1, 5])))
    skew = Dense(1e-14 * np.array([[0.0, 1, 0], [1, 0, 2], [0, 2, 1]]))
    K, F = known("K", d, d, "symmetric"), known("F", d, d, "symmetric")

    def check(first: MatrixData, second: MatrixData) -> None:
        NumericModel(Point(SIZES, {}, {"K": first, "F": second}, (("K", "F", "absent"),))).check([K, F])

    check(one, two)
    check(one, Multiple(3))
    check(Eigenvalues((1, 2, 3)), PowerLaw(Fraction(1)))
    for second in (skew, Eigenvalues((1, 2, 3))):
        with pytest.raises(
            InputError, match=r"^at\.F: the numbers of K and F do not commute; remove them from commute"
        ):
            check(one, second)


# bad input ----------------------------------------------------------------------------------------------------------

WEIGHTED = {"S": Eigenvalues((1, 2, 3), (0.5, 0.25, 0.25))}
BAD: dict[str, tuple[Atom, dict[str, MatrixData], str]] = {
    "missing": (S, {}, "at.S: no value for the matrix 'S'; add S = ... under [at]"),
    "misspelt": (
        known("Sigma", d, d),
        {"Simga": Multiple(1)},
        "at.Sigma: no value for the matrix 'Sigma'; did you write 'Simga'",
    ),
    "shape": (
        C,
        {"C": Dense(np.ones((3, 4)))},
        "at.C: an array of shape (3, 4) for a matrix of shape (4, 3); transpose",
    ),
    "text": (A, {"A": Dense(np.full((3, 3), "1"))}, "at.A: an array of <U1; give an array of numbers"),
    "objects": (A, {"A": Dense(np.full((3, 3), None))}, "at.A: an array of object; give an array of numbers"),
    "nan": (A, {"A": Dense(np.full((3, 3), np.nan))}, "at.A: values that are not finite; remove nan and inf"),
    "complex": (A, {"A": Dense(1j * np.eye(3))}, "at.A: complex numbers for a matrix declared real; declare it with"),
    "complex spectrum": (A, {"A": Eigenvalues((1j, 1, 1))}, "at.A: complex numbers for a matrix declared real"),
    "complex multiple": (A, {"A": Multiple(1j)}, "at.A: complex numbers for a matrix declared real"),
    "rectangular": (C, {"C": Multiple(1)}, "at.C: a spectrum for a matrix of shape n x d; give { matrix ="),
    "too few": (S, {"S": Eigenvalues((1, 2))}, "at.S: 2 eigenvalues for dimension d = 3; give as many"),
    "two lengths": (
        A,
        {**WEIGHTED, "A": Eigenvalues((1, 2), (0.5, 0.5))},
        "at.A: 2 values, while S on the same dimension d",
    ),
    "other weights": (
        A,
        {**WEIGHTED, "A": Eigenvalues((1, 2, 3), (0.25, 0.5, 0.25))},
        "at.A: weights other than those of S",
    ),
    "one weight": (
        S,
        {"S": Eigenvalues((1, 2, 3), (1.0,))},
        "at.S: 1 weights for 3 eigenvalues; give one weight for each",
    ),
    "sum of weights": (S, {"S": Eigenvalues((1, 2), (0.5, 0.6))}, "at.S: weights that are negative or do not sum to 1"),
    "sign of weights": (
        S,
        {"S": Eigenvalues((1, 2), (1.5, -0.5))},
        "at.S: weights that are negative or do not sum to 1",
    ),
    "complex weights": (
        S,
        {"S": Eigenvalues((1, 2), (1j, 1 - 1j))},
        "at.S: weights that are negative or do not sum to 1",
    ),
    "weights and dense": (
        A,
        {**WEIGHTED, "A": Dense(np.eye(3))},
        "at.A: a dense matrix on the dimension d, where S has a",
    ),
    "weights and columns": (
        C,
        {**WEIGHTED, "C": Dense(np.ones((4, 3)))},
        "at.C: a dense matrix on the dimension d, where S has",
    ),
    "dense columns": (
        C,
        {"S": Eigenvalues((1, 2), (0.5, 0.5)), "C": Dense(np.ones((4, 3)))},
        "at.C: 3 values, while S on",
    ),
}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("atom", "matrices", "message"), BAD.values(), ids=BAD.keys())
def test_bad_matrices(atom: Atom, matrices: dict[str, MatrixData], message: str, reverse: bool) -> None:
    declared = [x for x in (S, atom) if x.name in matrices or x == atom]
    with pytest.raises(InputError) as caught:
        NumericModel(Point(SIZES, SCALARS, matrices)).check(declared[::-1] if reverse else declared)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(message) or reverse


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            lambda m: m.size(n / 3),
            "at: dimension n/3 = 1.33333 is not a positive integer; choose values that make it an",
        ),
        (lambda m: m.size(n - 5), "at: dimension n - 5 = -1 is not positive; change the values"),
        (lambda m: m.scalar(1 / (n - 4)), "at: division by zero in 1/(n - 4) at these values; change the values"),
        (lambda m: m.scalar(ONE / n * mu), "at.mu: no value for the scalar 'mu'; add mu = ... under"),
    ],
)
def test_bad_scalars(action: Callable[[NumericModel], object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        action(NumericModel(Point(SIZES, SCALARS)))
    assert str(caught.value).startswith(message)


KINDS: list[tuple[str, list[Any], list[Any]]] = [
    ("positive", [1, 0.1, Fraction(1, 3), 1e300], [0, -1, 1j, float("inf"), float("nan")]),
    ("nonnegative", [0, 0.0, 2], [-1e-30, 1j, float("nan")]),
    ("real", [-1, 0, 2.5], [1 + 0.5j, float("-inf")]),
    ("fraction", [0, 1, 0.5, Fraction(2, 3)], [-0.1, 1.0001, Fraction(4, 3)]),
    ("integer", [-3, 0, 4.0, Fraction(6, 3), 10**400], [0.5, Fraction(1, 2), float("inf")]),
    ("generations", [0, 5, 2.0], [-1, 0.5, float("inf"), float("nan")]),
    ("complex", [1, 1j, -2.5 + 3j], [complex("nan"), complex("inf")]),
    ("upper", [1j, 1 + 1e-9j], [1, -1j, 2.0]),
]


@pytest.mark.parametrize(("kind", "good", "bad"), KINDS)
def test_values_have_their_kind(kind: Any, good: list[Any], bad: list[Any]) -> None:
    parameter = Parameter("x", kind)
    for value in good:
        check_kind(parameter, value)
    for value in bad:
        with pytest.raises(InputError, match=r"^at\.x: "):
            check_kind(parameter, value)
