"""The checks that are identities: realization, Dyson system and reduction, closed form.

Each is an equality of rational functions of matrix entries, dimensions, scalars and unknowns, tested at random points
modulo the prime p.  Theorem (Schwartz, Zippel): a rational function whose numerator has degree D and does not vanish
identically vanishes at a uniform random point with probability at most D/p.  The points are drawn after the
certificate is fixed: the generator is seeded with its SHA-256.  What is shown is shown for matrices of the sizes drawn
(sums of blocks of sizes 2, 3, 4); an identity of these that fails for larger matrices is an identity of 4 x 4 matrices
in the sense of Amitsur and Levitzki, of degree 8 at least, and is not excluded.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flint.utils.flint_exceptions import DomainError

from fpt_calc.errors import InputError
from fpt_calc.verify.certificate import Certificate
from fpt_calc.verify.dyson import System, letter_value
from fpt_calc.verify.formula import Formula, scalar_of
from fpt_calc.verify.model import (
    NONNEGATIVE,
    Dimensions,
    MatrixShape,
    Model,
    RandomModel,
    random_model,
    random_scalars,
    random_square,
)

MODELS = 3
TRIES = 40
MAX_DIMENSIONS = 16
POLES = (ZeroDivisionError, DomainError)  # of a random model: another one is drawn
T = TypeVar("T")


class Refusal(Exception):
    """A statement that is not true: which one, and where."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{where}: {what}")


@dataclass(frozen=True)
class Setting:
    """The dimensions and matrices of a certificate, for drawing models; ``states`` are the dimensions of the states."""

    certificate: Certificate
    dimensions: Dimensions
    kinds: Mapping[str, str]
    shapes: Mapping[str, MatrixShape]
    states: tuple[int, ...]
    draw: random.Random

    def model(self, free: int) -> RandomModel:
        """A random model with so many free weights."""
        nonnegative = frozenset(name for name, kind in self.kinds.items() if kind in NONNEGATIVE)
        return random_model(self.dimensions, nonnegative, self.shapes, self.draw, free)

    def system(self, model: Model) -> System:
        """The block matrices of the certificate in a model."""
        return System(self.certificate, model, self.states)

    def attempts(self, test: Callable[[RandomModel], T], free: int) -> Iterator[T]:
        """The results of a test in `MODELS` random models; those with a pole or without a root are drawn again."""
        passed = 0
        for _ in range(TRIES):
            try:
                result = test(self.model(free))
            except POLES:
                continue
            yield result
            passed += 1
            if passed == MODELS:
                return
        raise Refusal("every random model has a pole, or no root", "certificate")


def setting(c: Certificate, seed: int) -> Setting:
    """The setting of a certificate; raises `InputError` for dimensions and shapes that cannot be."""
    draw = random.Random(seed)
    kinds = {**dict.fromkeys(c.problem.dims, "positive"), **c.problem.scalars}
    dimensions = Dimensions(tuple(kinds), draw)
    groups = {name: k for k, group in enumerate(c.problem.commute) for name in group}
    shapes: dict[str, MatrixShape] = {}
    for name, matrix in c.problem.matrices.items():
        rows, cols = (_dimension(f, c, dimensions) for f in matrix.shape)
        if matrix.law is not None and dimensions.is_fixed(rows) and dimensions.is_fixed(cols):
            raise InputError("a random matrix of fixed size", where=f"problem.matrices.{name}")
        if (matrix.facts or name in groups) and rows != cols:
            raise InputError("a fact of square matrices", where=f"problem.matrices.{name}")
        shapes[name] = MatrixShape(rows, cols, matrix.real, matrix.facts, groups.get(name))
    if len(dimensions.trees) > MAX_DIMENSIONS:
        raise InputError(f"more than {MAX_DIMENSIONS} dimensions", where="problem.matrices")
    for group in c.problem.commute:
        if len({(shapes[n].rows, shapes[n].real or "symmetric" in shapes[n].facts) for n in group}) != 1:
            raise InputError("matrices of different kinds", where="problem.commute")
    return Setting(c, dimensions, kinds, shapes, tuple(dimensions.key(s.tree) for s in c.states), draw)


def _dimension(source: Formula, c: Certificate, dimensions: Dimensions) -> int:
    if not source.names & set(c.problem.dims) and not (source.text.isdigit() and 0 < int(source.text) < 1000):
        raise InputError(
            f"{source.text[:60]!r} is no dimension", where="shape", remedy="use a name of dims, or a fixed integer"
        )
    return dimensions.key(source.tree, new=True)


def _drawn(s: Setting, model: RandomModel) -> Model:
    free = [random_square(s.draw) for _ in range(len(model.sizes[0]) - len(model.sizes))]
    return model.at(random_scalars(s.kinds, s.draw), free)


# 1: realization ----


def check_realization(s: Setting) -> None:
    """The targets are the stated combinations of ``tau(weight @ pencil^-1 [row, col])``; raises `Refusal`."""
    c = s.certificate

    def test(random: RandomModel) -> None:
        model = _drawn(s, random)
        _check_letters(s, model)
        system = s.system(model)
        traces = system.averages(system.pencil().inverse(), c.traces)
        for name, target in c.problem.targets.items():
            if scalar_of(target, model) != scalar_of(c.combinations[name], model, traces):
                raise Refusal("the traces of the pencil do not make the target", f"pencil.targets.{name}")

    for _ in s.attempts(test, 1):
        pass


def _check_letters(s: Setting, model: Model) -> None:
    """Real letters have real neighbours, and what is absorbed has no fixed dimension.

    Theorem: for deterministic A, B the matrix A Z B of a Gaussian Z is Gaussian, with the row covariance A C A* and the
    column covariance B* D B.  (These are computed where they are needed, not stated.)
    """
    for name, new in s.certificate.letters.items():
        law = s.certificate.law_of(name)
        if law.kind != "gaussian":
            raise Refusal("the neighbours of a Wigner matrix do not make a Gaussian letter", f"letters.{name}")
        value, conjugate = letter_value(s.certificate, name, model)
        base = model.matrices[new.letter][0]
        if law.real and value != conjugate:
            raise Refusal("a real letter with complex neighbours", f"letters.{name}")
        if any(s.dimensions.is_fixed(key) for key in (value.rows, value.cols, base.rows, base.cols)):
            raise Refusal("a neighbour with a fixed dimension", f"letters.{name}")


# 2: Dyson system and reduction ----


def check_reduction(s: Setting) -> None:
    """Every solution of the reduced equations solves the full Dyson equation; raises `Refusal`.

    Let u be arbitrary numbers, ``G(u) = (F - Eta(u))^-1`` and ``u'_i = tau(weight_i G(u)[row_i, col_i])``.  What is
    tested is the identity ``eta(G(u)) = Eta(u')`` with the self-energy eta computed from all pairs of random entries.
    So if ``u = u'(u)``, then ``G = (F - eta(G))^-1``: nothing about the reduction has to be believed.
    """
    c = s.certificate

    def test(random: RandomModel) -> None:
        system = s.system(_drawn(s, random))
        block = system.solution({name: random_square(s.draw) for name in c.unknowns})
        unknowns = system.averages(block, c.unknowns)
        gap = system.self_energy(block).minus(system.entries(c.self_energy, unknowns))
        for (i, j), difference in gap.entries.items():
            if any(int(x) for part in difference.parts for x in part.entries()):
                raise Refusal(f"entry {i}, {j} is not that of E[H G H]", "reduction.self_energy")
        traces = system.averages(block, c.traces)
        for name, value in c.values.items():
            if scalar_of(value, system.model, unknowns) != scalar_of(c.combinations[name], system.model, traces):
                raise Refusal("the value in the unknowns is not that of the traces of G", f"reduction.values.{name}")

    for _ in s.attempts(test, 1):
        pass
