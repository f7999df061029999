"""Evidence for closed forms and matrix forms: exact comparisons, random models modulo a prime, the solver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flint

from fpt_calc.closed_form.coordinates import Coordinates
from fpt_calc.closed_form.evidence import solved_points
from fpt_calc.closed_form.form import ClosedForm, confirm
from fpt_calc.closed_form.polynomials import coefficients, degree
from fpt_calc.errors import ComputationError
from fpt_calc.expr import PRIME, PrimeModel, Trace, UnluckyModelError, atoms, evaluate, generators_within, try_models
from fpt_calc.logic import Evidence
from fpt_calc.reduce import matrix_entries
from fpt_calc.scalars import Dimension, Generator, Parameter, Scalar, generators_of
from fpt_calc.self_energy import MODEL_SIZES, ModularSystem
from fpt_calc.system import FixedPointSystem, Term, Unknown

MODELS = 2

Choice = tuple[Scalar, Generator]


def closed_form_evidence(system: FixedPointSystem, form: ClosedForm) -> Evidence:
    """What speaks for a closed form; the factor of a relation that is meant was chosen at the solver's points."""
    points = confirm(system, form, solved_points(system, form.coordinates.groups))
    holds = holds_on_variety(system, form.coordinates)
    parts = ["printed values equal the derived ones in free coordinates"]
    if holds is not None:
        parts.append("the Dyson system holds where the relations do, at random points modulo a 61-bit prime")
    parts.append("the solver agrees at random points")
    return Evidence("; ".join(parts), points > 0 and holds is not False)


def holds_on_variety(system: FixedPointSystem, coordinates: Coordinates) -> bool | None:
    """Whether the unknowns in coordinates solve the system wherever the relations hold.

    In random models modulo a prime the order parameters and matrices are random, a parameter or dimension (or the
    order parameter itself) is a root of each relation, and the right-hand sides are compared exactly.

    Returns None where the relations can only be solved for traces or what stands inside them, which a finite model
    does not let one choose, and where every model is without a root.

    >>> from fpt_calc.derivation import derive_law
    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, Inverse, tau
    >>> from fpt_calc.scalars import ONE, dimension, generator_scalar
    >>> d, z = dimension("d"), generator_scalar(Parameter("z", "upper"))
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> law = derive_law({"m": tau(Inverse(W - z))})
    >>> holds_on_variety(law.system, law.closed_form.coordinates)
    True
    """
    order = _triangular(coordinates.relations)
    if order is None:
        return None
    try:
        found = [
            try_models(lambda model: _holds(system, coordinates, order, model), seed=seed, sizes=MODEL_SIZES)
            for seed in range(31, 31 + MODELS)
        ]
    except ComputationError:
        return None
    # cyclic permutations of rectangular matrices change the dimension, and models give sizes and dimensions apart
    return all(found) or (None if _has_rectangular(system, coordinates) else False)


def matrix_form_is_correct(system: FixedPointSystem) -> bool:
    """Whether the entries that are written out are those of the block matrix, at random values modulo a prime."""
    return try_models(lambda model: _entries_agree(system, model), seed=37, sizes=MODEL_SIZES)


def _entries_agree(system: FixedPointSystem, model: PrimeModel) -> bool:
    for unknown in system.unknowns:
        model.set_generator(unknown, model.residue())
    values = {u: model.generator(u) for u in system.unknowns}
    modular = ModularSystem(system, model)
    written: dict[tuple[int, int], Any] = {(i, j): evaluate(b, model).value for i, j, b in matrix_entries(system)}

    def term(t: Term) -> Any:
        base = model.identity(model.size(system.dims[t.row])) if t.matrix is None else modular.matrix(t.matrix)
        return base * model.scalar(t.coefficient)

    parts = [(t.row, t.col, term(t)) for t in system.terms]
    parts += [(c.row, c.col, m * -values[c.unknown]) for c, m in modular.couplings]
    for i, j, block in parts:
        written[i, j] = block * -1 + written[i, j] if (i, j) in written else block * -1
    return all(not any(int(x) for x in m.entries()) for m in written.values())


def _triangular(relations: Sequence[Scalar]) -> list[Choice] | None:
    """Each relation with a generator to solve it for, in an order in which no choice changes an earlier relation."""
    pending, chosen = list(relations), list[Choice]()
    while pending:
        found = next((c for r in pending if (c := _choice(r, [s for s in pending if s is not r])) is not None), None)
        if found is None:
            return None
        chosen.insert(0, found)
        pending = [r for r in pending if r is not found[0]]
    return chosen


def _choice(relation: Scalar, others: Sequence[Scalar]) -> Choice | None:
    """A generator that stands outside the traces of a relation and in no other one."""
    taken = generators_within([*others, *(t.argument for t in _traces(relation))])
    options = [g for g in relation.gens if isinstance(g, Parameter | Dimension | Unknown) and g not in taken]
    return min(((relation, g) for g in options), key=lambda c: _preference(*c), default=None)


def _preference(relation: Scalar, generator: Generator) -> tuple[int, int, str]:
    """Low degrees first, as linear equations always have a root; parameters before dimensions and unknowns."""
    kind = 0 if isinstance(generator, Parameter) else 1 if isinstance(generator, Dimension) else 2
    return degree(relation, generator), kind, generator.name


def _traces(value: Scalar) -> list[Trace]:
    return [g for g in generators_of(value) if isinstance(g, Trace)]


def _holds(system: FixedPointSystem, coordinates: Coordinates, order: Sequence[Choice], model: PrimeModel) -> bool:
    for relation, generator in order:
        model.set_generator(generator, _root(relation, generator, model))
    values = {u: model.scalar(coordinates.unknowns[u]) for u in system.unknowns}
    modular = ModularSystem(system, model)
    blocks = modular.blocks(values)
    return all(bool(modular.average(system.averages[u], blocks) == values[u]) for u in system.unknowns)


def _root(relation: Scalar, generator: Generator, model: PrimeModel) -> Any:
    """A residue of the generator at which a relation holds."""
    parts = [int(model.scalar(c)) for c in coefficients(relation, generator)]
    roots = [r for r, _ in flint.nmod_poly(parts, PRIME).roots() if int(r)]
    if not roots:
        raise UnluckyModelError(f"no root of the relation for {generator.name} in this model")
    return min(roots, key=int)


def _has_rectangular(system: FixedPointSystem, coordinates: Coordinates) -> bool:
    """Whether a deterministic matrix has two dimensions."""
    scalars = (*coordinates.unknowns.values(), *coordinates.relations)
    matrices = (*system.matrices, *(t.argument for v in scalars for t in _traces(v)))
    return any(a.rows != a.cols for m in matrices for a in atoms(m))
