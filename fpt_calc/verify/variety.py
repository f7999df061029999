"""The check of the closed form: at random points modulo the prime at which the relations of its parameters hold.

A relation is solved for a scalar or a parameter in which it is a polynomial, or, all of them together, for the weights
of additional summands of the model, in which traces are affine.  Everything else is random.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import flint

from fpt_calc.verify.certificate import ClosedForm
from fpt_calc.verify.dyson import strong_parts
from fpt_calc.verify.formula import scalar_of, value_of
from fpt_calc.verify.identities import Refusal, Setting
from fpt_calc.verify.model import PRIME, Model, Pair, RandomModel, random_scalars, random_square, residue

MAX_DEGREE = 8


@dataclass(frozen=True)
class _Point:
    """Values of scalars, parameters and free weights in a random model."""

    form: ClosedForm
    random: RandomModel
    scalars: Mapping[str, Pair]
    parameters: Mapping[str, Any]
    weights: tuple[Any, ...]

    def model(self) -> Model:
        return self.random.at(self.scalars, self.weights)

    def names(self, model: Model) -> dict[str, Any]:
        return with_definitions(self.form, model, self.parameters)

    def relation(self, name: str) -> Any:
        model = self.model()
        return scalar_of(self.form.relations[name], model, self.names(model))

    def moved(self, name: str, value: Any) -> _Point:
        """The point with another value of a scalar or a parameter."""
        if name in self.parameters:
            return replace(self, parameters={**self.parameters, name: value})
        old, conjugate = self.scalars[name]
        return replace(self, scalars={**self.scalars, name: (value, value if old == conjugate else conjugate)})


def with_definitions(form: ClosedForm, model: Model, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters and all definitions, each computed after those that it uses; raises `Refusal` for a circle."""
    values, pending = dict(parameters), dict(form.definitions)
    while pending:
        ready = [name for name, source in pending.items() if not source.names & set(pending)]
        if not ready:
            raise Refusal("definitions in a circle", "closed_form.definitions")
        for name in ready:
            values[name] = value_of(pending.pop(name), model, values)
    return values


def check_closed_form(s: Setting, form: ClosedForm) -> None:
    """Where the relations hold the Dyson system holds, and the closed form is the value of the targets.

    The unknowns without a formula are found from their equations, which are affine in those that depend on each other.
    Raises `Refusal`.
    """

    def test(random: RandomModel) -> None:
        point = _on_variety(s, form, random)
        model = point.model()
        names = point.names(model)
        system = s.system(model)
        unknowns = {name: scalar_of(source, model, names) for name, source in form.unknowns.items()}
        rest = [name for name in s.certificate.unknowns if name not in unknowns]

        def right(values: dict[str, Any]) -> dict[str, Any]:
            return system.averages(system.solution(values), s.certificate.unknowns)

        for part in _parts(s, rest, unknowns, right):
            others = {name: residue(0) for name in rest if name not in unknowns}
            unknowns |= _affine_solution(part, {**others, **unknowns}, right)
        found = right(unknowns)
        for name, value in unknowns.items():
            if found[name] != value:
                raise Refusal("the Dyson system does not hold where the relations do", f"closed_form: {name}")
        for name, source in form.meanings.items():
            if scalar_of(source, model, unknowns) != names[name]:
                raise Refusal("this is not the parameter", f"closed_form.meanings.{name}")
        for name, source in form.targets.items():
            if scalar_of(source, model, names) != scalar_of(s.certificate.values[name], model, unknowns):
                raise Refusal("the formula is not the value of the target", f"closed_form.targets.{name}")

    for _ in s.attempts(test, max(1, len(form.relations))):
        pass


Map = Callable[[dict[str, Any]], dict[str, Any]]


def _parts(s: Setting, rest: list[str], known: dict[str, Any], right: Map) -> list[set[str]]:
    """Unknowns that depend on each other, after those that they depend on."""
    base = {**known, **{name: random_square(s.draw) for name in rest}}
    first = right(base)
    moved = {name: right({**base, name: random_square(s.draw)}) for name in rest}
    return strong_parts({a: {b for b in rest if moved[b][a] != first[a]} for a in rest})


def _affine_solution(part: set[str], known: dict[str, Any], right: Map) -> dict[str, Any]:
    """The solution of ``x = right(x)`` for an affine map; one that is not affine gives what fails later."""
    rest = sorted(part)
    zero = {**known, **dict.fromkeys(rest, residue(0))}
    base = right(zero)
    columns = [right({**zero, name: residue(1)}) for name in rest]
    size = len(rest)
    matrix = [int(residue(i == j) - (columns[j][a] - base[a])) for i, a in enumerate(rest) for j in range(size)]
    right_side = flint.nmod_mat(size, 1, [int(base[a]) for a in rest], PRIME)
    return dict(zip(rest, flint.nmod_mat(size, size, matrix, PRIME).solve(right_side).entries(), strict=True))


def _on_variety(s: Setting, form: ClosedForm, random: RandomModel) -> _Point:
    """A random point at which all relations hold."""
    free = len(random.sizes[0]) - len(random.sizes)
    point = _Point(
        form,
        random,
        random_scalars(s.kinds, s.draw),
        {name: random_square(s.draw) for name in form.relations},
        tuple(random_square(s.draw) for _ in range(free)),
    )
    order, together = _order(s, point)
    point = _with_weights(point, together)
    for relation, name in order:
        roots = [r for r, _ in _polynomial(point, relation, name).roots() if int(r)]
        if not roots:
            raise ZeroDivisionError("no root in this model")
        point = point.moved(name, min(roots, key=int))
    if any(int(point.relation(name)) for name in form.relations):
        raise Refusal("the relations cannot be solved for a scalar, a parameter or traces", "closed_form.relations")
    return point


def _order(s: Setting, point: _Point) -> tuple[list[tuple[str, str]], list[str]]:
    """Relations with what each is solved for, in an order in which none spoils another; the rest is for the weights."""
    candidates = [name for name in s.kinds if name not in s.certificate.problem.dims] + list(point.parameters)
    pending, order = list(point.form.relations), list[tuple[str, str]]()
    while pending:
        options = []
        for relation in pending:
            for rank, name in enumerate(candidates):
                others = [r for r in pending if r != relation]
                degree = _polynomial(point, relation, name).degree()
                if 0 < degree <= MAX_DEGREE and not any(_depends(s, point, other, name) for other in others):
                    options.append((degree, rank, relation, name))
        if not options:
            break
        _, _, relation, name = min(options)
        order.insert(0, (relation, name))
        pending.remove(relation)
    return order, pending


def _depends(s: Setting, point: _Point, relation: str, name: str) -> bool:
    return bool(point.relation(relation) != point.moved(name, random_square(s.draw)).relation(relation))


def _polynomial(point: _Point, relation: str, name: str) -> Any:
    """The relation as a polynomial in one name, from its values; of degree above `MAX_DEGREE` if it is none."""
    nodes = [residue(k + 1) for k in range(MAX_DEGREE + 2)]
    values = [int(point.moved(name, x).relation(relation)) for x in nodes]
    size = len(nodes)
    powers = flint.nmod_mat(size, size, [int(x**k) for x in nodes for k in range(size)], PRIME)
    found = powers.solve(flint.nmod_mat(size, 1, values, PRIME)).entries()
    return flint.nmod_poly([int(x) for x in found], PRIME)


def _with_weights(point: _Point, relations: list[str]) -> _Point:
    """The point with the first weights changed such that these relations hold, if they are affine in the weights."""
    if not relations:
        return point
    size = len(relations)

    def at(changed: tuple[Any, ...]) -> _Point:
        return replace(point, weights=changed + point.weights[size:])

    zero = tuple(residue(0) for _ in relations)
    base = [at(zero).relation(r) for r in relations]
    columns = [[at(tuple(residue(i == k) for i in range(size))).relation(r) for r in relations] for k in range(size)]
    matrix = [int(columns[k][i] - base[i]) for i in range(size) for k in range(size)]
    right = flint.nmod_mat(size, 1, [int(-b) for b in base], PRIME)
    solved = flint.nmod_mat(size, size, matrix, PRIME).solve(right).entries()
    return at(tuple(solved))
