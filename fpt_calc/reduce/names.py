"""Names for the unknowns and the matrices of a reduced system that nothing in the problem has already."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from fpt_calc.expr import Atom, Expr, ScalarMatrix, Scaled, Trace, postorder
from fpt_calc.scalars import Scalar, generators_of
from fpt_calc.system import Coupling, FixedPointSystem, Term, Unknown


def fresh_names(prefix: str, taken: frozenset[str]) -> Iterator[str]:
    """The names prefix1, prefix2, ... without those taken.

    >>> names = fresh_names("g", frozenset({"g2"}))
    >>> next(names), next(names)
    ('g1', 'g3')
    """
    return (name for k in count(1) if (name := f"{prefix}{k}") not in taken)


def names_in(system: FixedPointSystem) -> frozenset[str]:
    """The names of targets, dimensions, parameters and matrices of a system; not those of its unknowns."""
    entries: tuple[Term | Coupling, ...] = (*system.terms, *system.couplings)
    scalars = [*system.dims, *system.outputs.values(), *(e.coefficient for e in entries)]
    matrices = [*(e.matrix for e in entries), *(a.weight for a in system.averages.values())]
    names = {*system.outputs, *(r.letter.atom.name for r in system.random)}
    pending: list[Scalar | Expr] = [*scalars, *(m for m in matrices if m is not None)]
    seen: set[Scalar | Expr] = set()
    while pending:
        item = pending.pop()
        if item in seen:
            continue
        seen.add(item)
        if isinstance(item, Scalar):
            for generator in generators_of(item):
                if isinstance(generator, Trace):
                    pending.append(generator.argument)
                elif not isinstance(generator, Unknown):
                    names.add(generator.name)
        else:
            for node in postorder(item):
                match node:
                    case Atom(name=name):
                        names.add(name)
                    case ScalarMatrix(value=value):
                        pending.append(value)
                    case Scaled(coefficient=value):
                        pending.append(value)
    return frozenset(names)
