"""One stage as a linear map on quadratic forms: what is left of ``w'Bw`` when its randomness is averaged out.

For weights ``w = sum A_s s + sum N_k e_k`` of models trained on fresh data, ``E[A_s' B A_t]`` is linear in B: terms
``c L B R`` and terms ``c Tr(B F) W``.  Both, ``E[A_s]`` and the noise ``E Tr(N_k' B N_k) = Tr(B V)`` are read off the
engine's equivalents with a generic matrix B.  (For one ridge regression these are ``P B P`` and
``kappa**2/(n - df2) Tr(B Q) Q`` with P = Sigma(Sigma + kappa)^-1, Q = Sigma(Sigma + kappa)^-2; nothing here knows it.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.closed_form import Coordinates, FullTrace, SolvedPoints
from fpt_calc.derivation import LimitLaw
from fpt_calc.equivalent import JointEquivalents, joint_equivalents
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Atom, Expr, Trace, identity, postorder
from fpt_calc.expr.flatten import factors_of, flat_product
from fpt_calc.learning.combination import Combination, combination
from fpt_calc.learning.fit import Fits, Part, Weights
from fpt_calc.learning.words import transposed
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, accumulate, substitute


@dataclass(frozen=True)
class Carried:
    """``coefficient * left @ B @ right``"""

    coefficient: Scalar
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Injected:
    """``coefficient * Tr(B @ functional) * word``"""

    coefficient: Scalar
    functional: Expr
    word: Expr


@dataclass(frozen=True)
class SecondOrder:
    """``B -> sum of carried + sum of injected``, of shape rows x cols."""

    carried: tuple[Carried, ...]
    injected: tuple[Injected, ...]
    rows: Scalar
    cols: Scalar

    def mirrored(self) -> SecondOrder:
        """The map ``B -> (self(B'))'``."""
        return SecondOrder(
            tuple(Carried(c.coefficient, transposed(c.right), transposed(c.left)) for c in self.carried),
            tuple(Injected(i.coefficient, transposed(i.functional), transposed(i.word)) for i in self.injected),
            self.cols,
            self.rows,
        )


Pair = tuple[Part, Part]


@dataclass(frozen=True)
class StageMap:
    """The equivalents of one stage.

    Attributes
    ----------
    first : ``E[A_s]`` for each part of a model and each signal.
    second : for two parts of models and two signals, ``B -> E[A_s' B A_t]``.
    noise : for two parts of models and a data set, V with ``E Tr(N' B N) = Tr(B V)``.
    coordinates : the parameters of the stage, such as kappa, with their relations.
    law : the law from which the equivalents were read off.
    solved : random points with its solution.
    """

    first: Mapping[Pair, Combination]
    second: Mapping[tuple[Pair, Pair], SecondOrder]
    noise: Mapping[tuple[Pair, str], Combination]
    coordinates: Coordinates
    law: LimitLaw
    solved: SolvedPoints


def stage_map(fits: Fits, wanted: frozenset[Pair], keep_ridge: bool) -> StageMap:
    """Derive the map of a stage.

    Parameters
    ----------
    fits : the random matrices of its models.
    wanted : the pairs (p, q) of parts between which there is a quadratic form B_pq.
    keep_ridge : whether coefficients may be written with the ridge; not where it tends to zero.

    Raises `CannotDecideError` where an equivalent has no closed form.
    """
    questions = _Questions(fits, wanted)
    found = joint_equivalents(questions.exprs, with_dependent=keep_ridge)
    first = {key: _deterministic(found, name, questions) for key, name in questions.first.items()}
    noise = {key: _deterministic(found, name, questions) for key, name in questions.noise.items()}
    second: dict[tuple[Pair, Pair], SecondOrder] = {}
    for (parts, signals), name in questions.second.items():
        rows, cols = questions.exprs[name].shape
        own = second_order(found.terms[name], questions.letters[parts], rows, cols)
        second[parts, signals] = own
        if parts[0] == parts[1]:
            second.setdefault((parts, (signals[1], signals[0])), own.mirrored())
    return StageMap(first, second, noise, found.coordinates, found.law, found.solved)


def _deterministic(found: JointEquivalents, name: str, questions: _Questions) -> Combination:
    return combination(found.terms[name].items(), *questions.exprs[name].shape)


class _Questions:
    """The random matrices whose equivalents make the map, under names of their own."""

    def __init__(self, fits: Fits, wanted: frozenset[Pair]) -> None:
        self.exprs: dict[str, Expr] = {}
        self.first: dict[Pair, str] = {}
        self.second: dict[tuple[Pair, Pair], str] = {}
        self.noise: dict[tuple[Pair, str], str] = {}
        self.letters: dict[Pair, Atom] = {}
        weights = fits.weights
        for p in dict.fromkeys(part for pair in wanted for part in pair):
            for s, A in weights[p].signals.items():
                self.first[p, s] = self._ask(A)
        for p, q in sorted(wanted):
            B = Atom(f"form_{_label(p)}_{_label(q)}", _rows(weights[p]), _rows(weights[q]))
            self.letters[p, q] = B
            for s, A in weights[p].signals.items():
                for t, C in weights[q].signals.items():
                    if p != q or ((p, q), (t, s)) not in self.second:
                        self.second[(p, q), (s, t)] = self._ask(A.T @ B @ C)
            for k, N in weights[p].noises.items():
                if k in weights[q].noises:
                    self.noise[(p, q), k] = self._ask(weights[q].noises[k] @ N.T)

    def _ask(self, expr: Expr) -> str:
        name = f"question_{len(self.exprs)}"
        self.exprs[name] = expr
        return name


def _label(part: Part) -> str:
    return f"{part.name}_nonlinear" if part.nonlinear else part.name


def _rows(weights: Weights) -> Scalar:
    return next(iter((*weights.signals.values(), *weights.noises.values()))).rows


def second_order(terms: Mapping[Expr, Scalar], letter: Atom, rows: Scalar, cols: Scalar) -> SecondOrder:
    """An equivalent that is linear in a letter as what carries the letter and what only traces it."""
    carried: list[Carried] = []
    injected: dict[tuple[Expr, Expr], Scalar] = {}
    for word, coefficient in terms.items():
        number, factors = factors_of(word)
        places = [k for k, f in enumerate(factors) if letter in set(postorder(f))]
        if places:
            (k,) = places
            carried.append(Carried(coefficient * number, _product(factors[:k], rows), _product(factors[k + 1 :], cols)))
            continue
        for functional, part in _functionals(coefficient * number, letter).items():
            accumulate(injected, (functional, word), part)
    made = tuple(Injected(c, f, w) for (f, w), c in injected.items())
    return SecondOrder(tuple(carried), made, rows, cols)


def _product(factors: list[Expr], dim: Scalar) -> Expr:
    return flat_product(factors) if factors else identity(dim)


def _functionals(coefficient: Scalar, letter: Atom) -> dict[Expr, Scalar]:
    """A coefficient that is linear in traces of the letter: the matrix F of each ``Tr(letter @ F)``."""
    traces = [g for g in coefficient.gens if isinstance(g, FullTrace | Trace) and letter in set(postorder(g.argument))]
    nothing_else: dict[Generator, Scalar] = {g: ZERO for g in traces}
    if not substitute(coefficient, nothing_else).is_zero:
        raise CannotDecideError("a stage is not linear in its quadratic form", remedy="report this")
    found: dict[Expr, Scalar] = {}
    for g in traces:
        part = substitute(coefficient, {**nothing_else, g: ONE})
        _, factors = factors_of(g.argument)
        (k,) = [i for i, f in enumerate(factors) if letter in set(postorder(f))]
        rest = _product(factors[k + 1 :] + factors[:k], letter.cols)
        if factors[k] != letter:
            rest = transposed(rest)
        scale = ONE if isinstance(g, FullTrace) else 1 / g.argument.rows
        accumulate(found, rest, part * scale)
    return found
