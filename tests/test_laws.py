"""Every law: its sampler, its entrywise moments and its operator form say the same thing about Z, Z.T, Z.H, conj Z.

To cover a new law, add one row to `LAWS`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import flint
import numpy as np
import pytest

from fpt_calc.ensembles import Gaussian, Wigner, wishart
from fpt_calc.expr import (
    PRIME,
    Atom,
    EntryMoment,
    Expr,
    Letter,
    Operation,
    PrimeModel,
    atoms,
    evaluate,
    identity,
    letter,
)
from fpt_calc.oracles import contractions
from fpt_calc.point import Dense, NumericModel, Point, arrays
from fpt_calc.scalars import ONE, dimension

n, d = dimension("n"), dimension("d")
SIZES = {"n": 3, "d": 2}
DRAWS = 4000
OPERATIONS: tuple[Operation, ...] = get_args(Operation)

C = Atom("C", n, n, facts=frozenset({"psd"}))
D = Atom("D", d, d, facts=frozenset({"psd"}))
Ch = Atom("Ch", n, n, facts=frozenset({"psd"}), entries="complex")
Dh = Atom("Dh", d, d, facts=frozenset({"psd"}), entries="complex")

LAWS = {
    "real Gaussian": Atom("Z", n, d, law=Gaussian(ONE / n)),
    "real Gaussian, column covariance": Atom("Z", n, d, law=Gaussian(ONE / n, covariance=D)),
    "real Gaussian, both covariances": Atom("Z", n, d, law=Gaussian(ONE / d, "real", C, D)),
    "real Gaussian, composite covariance": Atom("Z", n, d, law=Gaussian(ONE / n, "real", None, D @ D + 2)),
    "complex Gaussian": Atom("Z", n, d, law=Gaussian(ONE / n, "complex")),
    "complex Gaussian, real covariances": Atom("Z", n, d, law=Gaussian(ONE / n, "complex", C, D)),
    "complex Gaussian, Hermitian row covariance": Atom("Z", n, d, law=Gaussian(ONE / n, "complex", Ch, None)),
    "complex Gaussian, Hermitian covariances": Atom("Z", n, d, law=Gaussian(ONE / n, "complex", Ch, Dh)),
    "square complex Gaussian": Atom("Z", d, d, law=Gaussian(ONE / d, "complex", Dh, None)),
    "GOE": Atom("W", n, n, law=Wigner(ONE / n)),
    "GUE": Atom("W", n, n, law=Wigner(ONE / n, "complex")),
    "Wishart factor": atoms(wishart("V", d, n, D))[0],
    "complex Wishart factor": atoms(wishart("V", d, n, Dh, "complex"))[0],
}
laws = pytest.mark.parametrize("atom", LAWS.values(), ids=LAWS.keys())
# sampler against entrywise moments ------------------------------------------------------------------------------


def _point() -> Point:
    rng = np.random.default_rng(7)

    def psd(atom: Atom) -> Dense:
        size = SIZES[str(atom.rows)]
        a = rng.standard_normal((size, size))
        if atom.entries == "complex":
            a = a + 1j * rng.standard_normal((size, size))
        return Dense(a @ a.conj().T)

    return Point(dims=SIZES, matrices={a.name: psd(a) for a in (C, D, Ch, Dh)})


def _draws(atom: Atom, numbers: NumericModel) -> Any:
    rng = np.random.default_rng(3)
    rows, cols = numbers.size(atom.rows), numbers.size(atom.cols)
    (variance,) = (numbers.scalar(v) for v in atom.law.scalars())

    @cache
    def factor(covariance: Expr) -> Any:
        return np.linalg.cholesky(numbers.matrix(covariance))

    def correlate(covariance: Expr, z: Any) -> Any:
        return factor(covariance) @ z

    return np.array([atom.law.sample(rng, rows, cols, variance, correlate) for _ in range(DRAWS)])


def _predicted(atom: Atom, conjugated: bool, numbers: NumericModel) -> Any:
    """E[Z_ij Z_kl] or E[Z_ij conj(Z_kl)] as an array with the axes i, j, k, l."""
    rows, cols = numbers.size(atom.rows), numbers.size(atom.cols)

    def matrix(expr: Expr | None, size: int) -> Any:
        return np.eye(size) if expr is None else arrays.dense(numbers.matrix(expr), size)

    total = np.zeros((rows, cols, rows, cols), dtype=complex)
    for moment in atom.law.entry_moments():
        if moment.conjugated == conjugated:
            pattern = "il,jk->ijkl" if moment.crossed else "ik,jl->ijkl"
            left, right = matrix(moment.left, rows), matrix(moment.right, cols)
            total += numbers.scalar(moment.variance) * np.einsum(pattern, left, right)
    return total


@laws
def test_sampler_has_the_entrywise_moments_and_the_facts(atom: Atom) -> None:
    numbers = NumericModel(_point())
    draws = _draws(atom, numbers)
    assert np.iscomplexobj(draws) == (atom.law.field == "complex")
    for conjugated in (False, True):
        products = np.einsum("tij,tkl->tijkl", draws, draws.conj() if conjugated else draws)
        gap = products.mean(axis=0) - _predicted(atom, conjugated, numbers)
        error = products.std(axis=0) / DRAWS**0.5
        assert np.all(np.abs(gap) <= 5 * error + 1e-12)  # the summand is for entries that vanish identically
    for z in draws[:3]:
        assert ("symmetric" in atom.facts) == (z.shape[0] == z.shape[1] and np.array_equal(z, z.T))
        assert ("hermitian" in atom.facts) == (z.shape[0] == z.shape[1] and np.array_equal(z, z.conj().T))


# entrywise moments against the operator form --------------------------------------------------------------------

Tensor = dict[tuple[int, int, int, int], Any]  # E[first(Z)_ab second(Z)_cd] = tensor[a, b, c, d], modulo a prime


def _tensor(moment: EntryMoment, first: Letter, second: Letter, model: PrimeModel) -> Tensor | None:
    """The contribution of one entrywise moment, entry by entry; None if it is a moment of other letters."""
    x_conjugated, y_conjugated = (x.operation in ("H", "conj") for x in (first, second))
    if moment.conjugated != (x_conjugated != y_conjugated):
        return None
    rows, cols = model.size(first.atom.rows), model.size(first.atom.cols)
    left, right = (
        evaluate(identity(dim) if m is None else m, model)
        for m, dim in ((moment.left, first.atom.rows), (moment.right, first.atom.cols))
    )
    variance = model.scalar(moment.variance)

    def of_entries(i: int, j: int, k: int, m: int) -> Any:
        both = x_conjugated and y_conjugated
        pair = (left.conjugate, right.conjugate) if both else (left.value, right.value)
        if x_conjugated and not y_conjugated:
            i, j, k, m = k, m, i, j
        return variance * (pair[0][i, m] * pair[1][j, k] if moment.crossed else pair[0][i, k] * pair[1][j, m])

    tensor: Tensor = {}
    for i, j, k, m in itertools.product(range(rows), range(cols), range(rows), range(cols)):
        ab = (j, i) if first.operation in ("T", "H") else (i, j)
        cd = (m, k) if second.operation in ("T", "H") else (k, m)
        tensor[ab + cd] = of_entries(i, j, k, m)
    return tensor


def _rank(tensor: Tensor, rows: tuple[int, int]) -> int:
    """The rank of the tensor as a matrix whose rows are these two of the four indices."""
    cols = [axis for axis in range(4) if axis not in rows]
    places = [sorted({tuple(key[axis] for axis in axes) for key in tensor}) for axes in (rows, cols)]
    matrix = flint.nmod_mat(len(places[0]), len(places[1]), PRIME)
    for key, value in tensor.items():
        r, c = (axes.index(tuple(key[a] for a in pair)) for axes, pair in zip(places, (rows, cols), strict=True))
        matrix[r, c] = value
    return int(matrix.rank())


def _trace_terms(first: Letter, second: Letter, model: PrimeModel) -> Iterator[Tensor]:
    """The terms inner[c,b] outer[a,d]; any other must be a term left[a,c] right[b,d] without a trace."""
    for moment in first.atom.law.entry_moments():
        tensor = _tensor(moment, first, second, model)
        if tensor is None:
            continue
        if _rank(tensor, (1, 2)) == 1:
            yield tensor
        else:
            assert _rank(tensor, (0, 2)) == 1


def _add(total: Tensor, weight: Any, inner: Any, outer: Any, rows: int, cols: int, model: PrimeModel) -> None:
    """Add weight * inner[c,b] * outer[a,d]; None is the identity of the size that fits."""
    inner = model.identity(cols) if inner is None else inner
    outer = model.identity(rows) if outer is None else outer
    for a, b, c, e in itertools.product(range(rows), range(cols), range(cols), range(rows)):
        total[a, b, c, e] = total.get((a, b, c, e), 0) + weight * inner[c, b] * outer[a, e]


def _sum(tensors: Iterator[Tensor]) -> Tensor:
    total: Tensor = {}
    for tensor in tensors:
        for key, value in tensor.items():
            total[key] = total.get(key, 0) + value
    return total


def _fitting_pairs(atom: Atom) -> Iterator[tuple[Letter, Letter]]:
    """The pairs of operations between which some matrix fits."""
    for first, second in itertools.product(OPERATIONS, OPERATIONS):
        x, y = Letter(atom, first), Letter(atom, second)
        if x.cols == y.rows:
            yield x, y


@laws
def test_operator_form_is_the_trace_term_of_the_entrywise_moments(atom: Atom) -> None:
    model = PrimeModel(1)
    for x, y in _fitting_pairs(atom):
        sandwich = atom.law.sandwich(*(letter(atom, z.operation).operation for z in (x, y)))
        stated: Tensor = {}
        if sandwich is not None:
            inner, outer = (None if m is None else evaluate(m, model).value for m in (sandwich.inner, sandwich.outer))
            weight = model.scalar(sandwich.variance)
            _add(stated, weight, inner, outer, model.size(x.rows), model.size(x.cols), model)
        assert stated == _sum(_trace_terms(x, y, model)), f"E[{x} W {y}]"


@laws
def test_contractions_are_the_trace_term_of_the_entrywise_moments(atom: Atom) -> None:
    model = PrimeModel(1)
    for x, y in _fitting_pairs(atom):
        found: Tensor = {}
        for c in contractions(x, y, model):
            weight = c.weight / model.scalar(x.cols)
            _add(found, weight, c.inner, c.outer, model.size(x.rows), model.size(x.cols), model)
        assert found == _sum(_trace_terms(x, y, model)), f"E[{x} W {y}]"
