"""From the raw Dyson system to the reduced one.

"Reduced" means: no two unknowns are equal (up to sign), none is zero or irrelevant to the targets, and the unknowns
come in strongly connected components of which the linear ones are known to be linear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count, islice

from fpt_calc.covariance import irreducible_parts
from fpt_calc.expr import PrimeModel, try_models
from fpt_calc.graphs import reachable, strong_components
from fpt_calc.reduce.merge import Partition, merge_equal
from fpt_calc.reduce.names import fresh_names, names_in
from fpt_calc.scalars import ZERO, generator_scalar, is_fixed, substitute
from fpt_calc.self_energy import MODEL_SIZES, ModularSystem, Residue
from fpt_calc.system import (
    Average,
    Component,
    Coupling,
    Entry,
    FixedPointSystem,
    RandomEntry,
    Term,
    Unknown,
    successors,
)

Dependencies = dict[Unknown, dict[Unknown, int]]


@dataclass(frozen=True)
class Reduction:
    """A reduced system, and what became of the unknowns of the raw one.

    Attributes
    ----------
    system : the reduced system.
    partition : for each raw unknown the one that it equals up to sign, or None if it is zero.
    names : for each of these representatives that the targets need, the unknown of the reduced system.
    """

    system: FixedPointSystem
    partition: Partition
    names: dict[Unknown, Unknown]


def reduce_system(system: FixedPointSystem) -> FixedPointSystem:
    """The reduced system: same targets, fewest unknowns; see `reduction_of`."""
    return reduction_of(system).system


def reduction_of(system: FixedPointSystem) -> Reduction:
    """The reduced system with the map that leads to it.

    The facts used (equalities, zeros, dependencies, linearity) are established in random models modulo a 61-bit prime;
    a wrong one has probability below 1e-15.
    """
    return try_models(lambda model: _reduce(system, model), seed=7, sizes=model_sizes(system))


def model_sizes(system: FixedPointSystem) -> tuple[int, ...]:
    """Sizes of models at which no growing dimension looks like a fixed one."""
    fixed = {int(dim.constant) for dim in system.dims if dim.constant is not None and is_fixed(dim)}
    return tuple(islice((k for k in count(MODEL_SIZES[0]) if k not in fixed), len(MODEL_SIZES)))


def _reduce(system: FixedPointSystem, model: PrimeModel) -> Reduction:
    partition = merge_equal(ModularSystem(system, model))
    merged = _merge(system, partition)
    modular = ModularSystem(merged, model)
    first = dependencies(modular, _random_values(modular))
    needed, kept = _needed(merged, first, _output_unknowns(merged))
    result, names = _restricted(merged, modular, first, needed, kept)
    whole = [part for part in _parts(merged) if kept & set(part)]
    dropped = irreducible_parts(merged, known=whole)
    if dropped:
        needed, kept = _needed(merged, first, (), dropped)
        vanishing, _ = _restricted(replace(merged, outputs={}), modular, first, needed, kept)
        result = replace(result, vanishing=vanishing)
    return Reduction(result, partition, names)


def _restricted(
    system: FixedPointSystem, modular: ModularSystem, first: Dependencies, needed: set[Unknown], kept: set[int]
) -> tuple[FixedPointSystem, dict[Unknown, Unknown]]:
    """The system of some states and unknowns, in the order of solution, and the new names of its unknowns."""
    order = [u for u in system.unknowns if u in needed]
    components = tuple(
        Component(
            tuple(sorted(c, key=order.index)),
            _is_linear(modular, c, first),
            frozenset(v for u in c for v in first[u] if v not in c),
        )
        for c in strong_components(order, {u: [v for v in order if v in first[u]] for u in order})
    )
    pruned = _prune(system, components, kept)
    result = _renamed(pruned)
    return result, dict(zip(pruned.unknowns, result.unknowns, strict=True))


def _merge(system: FixedPointSystem, partition: Partition) -> FixedPointSystem:
    """Replace every unknown by plus or minus its representative, or by zero."""
    couplings: dict[tuple[int, int, Unknown, object], Coupling] = {}
    for c in system.couplings:
        image = partition.representative[c.unknown]
        if image is None:
            continue
        unknown, sign = image
        key = (c.row, c.col, unknown, c.matrix)
        known = couplings[key].coefficient if key in couplings else ZERO
        couplings[key] = Coupling(c.row, c.col, known + c.coefficient * sign, unknown, c.matrix)
    values = {
        u: ZERO if image is None else generator_scalar(image[0]) * image[1]
        for u, image in partition.representative.items()
    }
    return FixedPointSystem(
        dims=system.dims,
        terms=system.terms,
        couplings=tuple(c for c in couplings.values() if not c.coefficient.is_zero),
        random=system.random,
        averages={u: system.averages[u] for u in partition.classes},
        outputs={name: substitute(s, values) for name, s in system.outputs.items()},
        components=(Component(partition.classes, linear=False),),
        branch=system.branch,
    )


def _random_values(modular: ModularSystem) -> dict[Unknown, Residue]:
    return {u: modular.model.residue() for u in modular.system.unknowns}


def dependencies(
    modular: ModularSystem, values: Mapping[Unknown, Residue], of: Iterable[Unknown] | None = None
) -> Dependencies:
    """The nonzero derivatives of right-hand sides (all, or those ``of`` some unknowns) with respect to each unknown."""
    gradient = modular.gradients(modular.blocks(values))
    averages = modular.system.averages
    return {u: gradient(averages[u]) for u in (averages if of is None else of)}


def _is_linear(modular: ModularSystem, component: tuple[Unknown, ...], first: Dependencies) -> bool:
    """Whether the equations of a component are affine in its own unknowns: their derivatives do not depend on them."""
    own = set(component)
    if not any(own & set(first[u]) for u in component):
        return True
    values = _random_values(modular)
    moved = {u: modular.model.residue() if u in own else x for u, x in values.items()}
    a, b = (dependencies(modular, point, of=component) for point in (values, moved))
    return all(a[u].get(v, 0) == b[u].get(v, 0) for u in component for v in component)


def _needed(
    system: FixedPointSystem, first: Dependencies, starts: Iterable[Unknown], always: Iterable[tuple[int, ...]] = ()
) -> tuple[set[Unknown], set[int]]:
    """What some unknowns depend on, and what G depends on in the irreducible parts that are kept; the states of these.

    The parts ``always`` are kept in any case.
    """
    needed = reachable(starts, first)
    while True:
        parts = [set(part) for part in (*_kept_parts(system, needed), *always)]
        inside = {c.unknown for c in system.couplings if any(c.row in part and c.col in part for part in parts)}
        if inside <= needed:
            return needed, {i for part in parts for i in part}
        needed = reachable(needed | inside, first)


def _kept_parts(system: FixedPointSystem, needed: set[Unknown]) -> list[tuple[int, ...]]:
    """The irreducible parts of the pencil with a state on a path between the two states of some needed average.

    They stay whole: whether they have a bounded inverse is asked of them later.
    """
    forward = successors((*system.terms, *(c for c in system.couplings if c.unknown in needed)))
    backward: dict[int, set[int]] = {}
    for i, columns in forward.items():
        for j in columns:
            backward.setdefault(j, set()).add(i)
    kept: set[int] = set()
    for u in needed:
        average = system.averages[u]
        ahead: set[int] = reachable([average.row], forward)
        behind: set[int] = reachable([average.col], backward)
        kept |= ahead & behind
    return [part for part in _parts(system) if kept & set(part)]


def _parts(system: FixedPointSystem) -> list[tuple[int, ...]]:
    """The states of each irreducible diagonal part of the pencil."""
    return strong_components(range(len(system.dims)), successors((*system.terms, *system.random)))


def _output_unknowns(system: FixedPointSystem) -> list[Unknown]:
    return [g for s in system.outputs.values() for g in s.gens if isinstance(g, Unknown)]


def _prune(system: FixedPointSystem, components: tuple[Component, ...], kept: set[int]) -> FixedPointSystem:
    """Keep these states and the unknowns of the components."""
    unknowns = {u for c in components for u in c.unknowns}
    couplings = [c for c in system.couplings if c.unknown in unknowns]
    new = {old: k for k, old in enumerate(sorted(kept))}

    def inside(entry: Entry) -> bool:
        return entry.row in new and entry.col in new

    return FixedPointSystem(
        dims=tuple(system.dims[i] for i in sorted(kept)),
        terms=tuple(Term(new[t.row], new[t.col], t.coefficient, t.matrix) for t in system.terms if inside(t)),
        couplings=tuple(
            Coupling(new[c.row], new[c.col], c.coefficient, c.unknown, c.matrix) for c in couplings if inside(c)
        ),
        random=tuple(RandomEntry(new[r.row], new[r.col], r.coefficient, r.letter) for r in system.random if inside(r)),
        averages={u: Average(new[a.row], new[a.col], a.weight) for u, a in system.averages.items() if u in unknowns},
        outputs=system.outputs,
        components=components,
        branch=system.branch,
    )


def _renamed(system: FixedPointSystem) -> FixedPointSystem:
    """Names g1, g2, ... in the order of solution, without those that the problem uses."""
    fresh = fresh_names("g", names_in(system))
    names = {u: Unknown(next(fresh)) for u in system.unknowns}
    images = {u: generator_scalar(v) for u, v in names.items()}
    return FixedPointSystem(
        dims=system.dims,
        terms=system.terms,
        couplings=tuple(Coupling(c.row, c.col, c.coefficient, names[c.unknown], c.matrix) for c in system.couplings),
        random=system.random,
        averages={names[u]: system.averages[u] for u in system.unknowns},
        outputs={name: substitute(s, images) for name, s in system.outputs.items()},
        components=tuple(
            Component(tuple(names[u] for u in c.unknowns), c.linear, frozenset(names[u] for u in c.depends_on))
            for c in system.components
        ),
        branch=system.branch,
    )
