"""Draws of a model at a point, as a matrix algebra in which equal subexpressions are computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from fpt_calc.ensembles import psd_factor
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import Atom, Expr, Product, Trace, evaluate, traces_of
from fpt_calc.point import NumericModel, Point, arrays, check_entries
from fpt_calc.scalars import Scalar

Array = Any


class SampledModel(NumericModel):
    """Numeric values at a point with one draw of the random atoms.

    Every result is remembered: what depends on deterministic matrices only for good, the rest until the next draw.
    So targets that share subexpressions share their computation.  A limiting spectrum is realized: each eigenvalue
    gets its share of the dimension, the same places in all matrices on that dimension.

    Parameters
    ----------
    point : numbers for all dimensions, scalars and deterministic matrices.
    atoms : all atoms that will be asked for, those of covariances included; their numbers are checked here.
    seed : every pair of a draw and an atom's name has its own stream, so a draw does not depend on other atoms.
    """

    def __init__(self, point: Point, atoms: Iterable[Atom], seed: int) -> None:
        super().__init__(point)
        self._declared = NumericModel(point)
        self._declared.check(atoms)
        self._seed = seed
        self._trial = 0
        self._lasting: dict[Any, Any] = {}
        self._fresh: dict[Any, Any] = {}
        self._lasting_arrays: dict[int, Array] = {}

    def draw(self, trial: int) -> None:
        """Forget the present draw; the atoms of the next one are drawn when they are asked for."""
        self._trial = trial
        self._fresh.clear()

    def trace(self, trace: Trace) -> float | complex:
        """The value of a trace in this draw."""
        value: float | complex = self._remember(("tau", trace), (), lambda: self._trace(trace.argument), lasting=False)
        return value

    def _trace(self, argument: Expr) -> Any:
        if not isinstance(argument, Product):
            return arrays.normalized_trace(evaluate(argument, self)).item()
        # the last product is not formed: its trace costs d^2, not d^3
        head = Product(argument.factors[:-1]) if len(argument.factors) > 2 else argument.factors[0]
        return arrays.trace_of_product(evaluate(head, self), evaluate(argument.factors[-1], self)).item()

    def atom(self, atom: Atom) -> Array:
        random = atom.is_random
        return self._remember(
            ("atom", atom), (), lambda: self._sample(atom) if random else self._realize(atom), lasting=not random
        )

    def root(self, atom: Atom) -> Array:
        return self._remember(("root", atom), (), lambda: super(SampledModel, self).root(atom))

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> Array:
        compute = super().multiple_of_identity
        return self._remember(("multiple", value), (), lambda: compute(value, dim), lasting=not traces_of(value))

    def scale(self, value: Scalar, a: Array) -> Array:
        compute = super().scale
        lasting = False if traces_of(value) else None
        return self._remember(("scale", value, id(a)), (a,), lambda: compute(value, a), lasting)

    def add(self, a: Array, b: Array) -> Array:
        return self._remember(("add", id(a), id(b)), (a, b), lambda: arrays.add(a, b))

    def multiply(self, a: Array, b: Array) -> Array:
        return self._remember(("multiply", id(a), id(b)), (a, b), lambda: arrays.multiply(a, b))

    def transpose(self, a: Array) -> Array:
        return self._remember(("transpose", id(a)), (a,), lambda: arrays.transpose(a))

    def conjugate(self, a: Array) -> Array:
        return self._remember(("conjugate", id(a)), (a,), lambda: np.conj(a) if np.iscomplexobj(a) else a)

    def inverse(self, a: Array) -> Array:
        return self._remember(("inverse", id(a)), (a,), lambda: _inverse(a))

    def _remember(
        self, key: Any, operands: tuple[Array, ...], compute: Callable[[], Any], lasting: bool | None = None
    ) -> Any:
        if lasting is None:
            lasting = all(id(x) in self._lasting_arrays for x in operands)
        store = self._lasting if lasting else self._fresh
        if key not in store:
            store[key] = compute()
            if lasting:
                self._lasting_arrays[id(store[key])] = store[key]
        return store[key]

    def _sample(self, atom: Atom) -> Array:
        law = atom.law
        assert law is not None
        stream = np.random.SeedSequence(self._seed, spawn_key=(self._trial, int.from_bytes(atom.name.encode(), "big")))
        (variance,) = law.scalars()
        scale = self.scalar(variance)
        if isinstance(scale, complex) or scale < 0:
            raise InputError(
                f"the variance {variance} = {scale:g} is not a nonnegative number",
                where=f"at.{atom.name}",
                remedy="change the values or the variance",
            )
        rows, cols = self.size(atom.rows), self.size(atom.cols)
        check_entries(atom.name, rows, cols)
        return law.sample(np.random.default_rng(stream), rows, cols, scale, self._correlate)

    def _correlate(self, covariance: Expr, z: Array) -> Array:
        factor = self._remember(
            ("factor", covariance), (), lambda: _square_root_factor(evaluate(covariance, self)), lasting=True
        )
        return arrays.multiply(factor, z)

    def _realize(self, atom: Atom) -> Array:
        value = self._declared.atom(atom)
        if value.ndim == 0:
            return value
        weighted = [dim for dim in atom.shape if self._declared.weights(dim) is not None]
        if not weighted:
            return value
        if value.ndim == 2:
            raise InputError(
                f"a dense matrix on the dimension {weighted[0]}, which has a limiting spectrum, cannot be sampled",
                where=f"at.{atom.name}",
                remedy="give as many eigenvalues as the dimension, without weights",
            )
        return value[_places(self._declared.weights(atom.rows), self.size(atom.rows))]


def _inverse(a: Array) -> Array:
    try:
        result = arrays.inverse(a)
    except np.linalg.LinAlgError:
        condition = np.inf
    else:
        condition = float(np.linalg.norm(a, 1) * np.linalg.norm(result, 1)) if a.ndim == 2 else 1.0
    if not condition * np.finfo(float).eps < 0.01:  # fewer than two digits of the inverse would be right
        raise ComputationError(
            f"a matrix to be inverted is singular to working precision (condition number {condition:.0e})",
            remedy="add a multiple of the identity such as lam, or change the dimensions",
        )
    return result


def _square_root_factor(covariance: Array) -> Array:
    """B with B B^H = covariance, in the same kind of array."""
    return psd_factor(covariance) if covariance.ndim == 2 else np.sqrt(np.clip(np.real(covariance), 0.0, None))


def _places(weights: Array, size: int) -> Array:
    """For each of ``size`` places the index of its eigenvalue: shares by largest remainder."""
    exact = weights * size
    counts = np.floor(exact).astype(int)
    largest = np.argsort(counts - exact, kind="stable")[: size - counts.sum()]
    counts[largest] += 1
    return np.repeat(np.arange(len(weights)), counts)
