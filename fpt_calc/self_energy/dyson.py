"""The Dyson equation of linear pencils: ``G = (F - eta(G))^-1`` with ``eta(W) = E[H W H]``.

For a pencil F - H with random part H, letter by letter: if the coefficient matrices are A on Z and B on a letter Z'
that pairs with Z, and ``E[Z W Z'] = s^2 Tr(W inner) outer``, then
``eta(G)_ij += s^2 dim_k A_ik B_lj tau(inner G_kl) outer``.
The unknowns are the scalars tau(inner G_kl), whether or not the deterministic matrices commute.  Terms E[Z W Z] without
a trace are O(1/n) and dropped; so are traces over a fixed dimension, which are of order fixed/growing.

Sources: Helton, Rashidi Far, Speicher, "Operator-valued semicircular elements" (IMRN 2007); for rectangular blocks
Benaych-Georges, "Rectangular random matrices, related convolution" (PTRF 2009); for deterministic coefficients
Haagerup, Thorbjornsen, "A new application of random matrices" (Annals 2005).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fpt_calc.expr import Atom, Expr, Letter, Sandwich, SquareRoot, Trace, is_deterministic, replace_atoms, traces_of
from fpt_calc.pencil import Realization, TracePencils
from fpt_calc.scalars import Scalar, generator_scalar, is_fixed, substitute
from fpt_calc.system import Average, Component, Coupling, FixedPointSystem, RandomEntry, Term, Unknown


@dataclass
class _Assembly:
    """Working data while pencils are put side by side; becomes a frozen system at the end."""

    dims: list[Scalar]
    terms: list[Term]
    couplings: list[Coupling]
    random: list[RandomEntry]
    averages: dict[Average, Unknown]

    def unknown(self, average: Average) -> Unknown:
        return self.averages.setdefault(average, Unknown(f"g{len(self.averages) + 1}"))


def dyson_system(targets: Mapping[str, Scalar], pencils: Mapping[Trace, TracePencils]) -> FixedPointSystem:
    """The joint system of all targets.

    Parameters
    ----------
    targets : scalars in traces.
    pencils : for each trace that contains random atoms, its pencils.
    """
    assembly = _Assembly([], [], [], [], {})
    values: dict[Trace, Scalar] = {}
    for trace, parts in pencils.items():
        value = parts.deterministic
        for part in parts.terms:
            shift = _append(assembly, part.pencil)
            for i, a in part.pencil.u.items():
                for j, b in part.pencil.v.items():
                    average = Average(i + shift, j + shift, part.weight)
                    value = value + part.coefficient * a * b * generator_scalar(assembly.unknown(average))
        values[trace] = value
    outputs = {name: _without_random_traces(target, values) for name, target in targets.items()}
    unknowns = {unknown: average for average, unknown in assembly.averages.items()}
    return FixedPointSystem(
        dims=tuple(assembly.dims),
        terms=tuple(assembly.terms),
        couplings=tuple(assembly.couplings),
        random=tuple(assembly.random),
        averages=unknowns,
        outputs=outputs,
        components=(Component(tuple(unknowns), linear=False),),
    )


def _without_random_traces(target: Scalar, values: Mapping[Trace, Scalar]) -> Scalar:
    return substitute(target, {t: values[t] for t in traces_of(target) if not is_deterministic(t.argument)})


def _append(assembly: _Assembly, pencil: Realization) -> int:
    """Add the states of a pencil; its blocks of G do not mix with the others."""
    shift = len(assembly.dims)
    assembly.dims += pencil.dims
    for (i, j), c in pencil.constant.items():
        assembly.terms.append(Term(i + shift, j + shift, c))
    entries: list[RandomEntry] = []
    for x, matrix in pencil.letters.items():
        for (i, j), c in matrix.items():
            if x.is_random:
                entries.append(RandomEntry(i + shift, j + shift, c, x))
            else:
                assembly.terms.append(Term(i + shift, j + shift, c, _definition(x, pencil)))
    assembly.random += entries
    _couple(assembly, entries)
    return shift


def _couple(assembly: _Assembly, entries: Sequence[RandomEntry]) -> None:
    by_atom: dict[Atom, list[RandomEntry]] = {}
    for entry in entries:
        by_atom.setdefault(entry.letter.atom, []).append(entry)
    for group in by_atom.values():
        for left in group:
            for right in group:
                sandwich = _pairing(left.letter, right.letter)
                dim = left.letter.cols
                if sandwich is None or is_fixed(dim):
                    continue
                unknown = assembly.unknown(Average(left.col, right.row, sandwich.inner))
                coefficient = sandwich.variance * dim * left.coefficient * right.coefficient
                assembly.couplings.append(Coupling(left.row, right.col, coefficient, unknown, sandwich.outer))


def _pairing(left: Letter, right: Letter) -> Sandwich | None:
    law = left.atom.law
    assert law is not None
    return law.sandwich(left.operation, right.operation)


def _definition(x: Letter, pencil: Realization) -> Expr:
    """The letter as an expression in the user's matrices."""
    opaque: dict[Atom, Expr] = dict(pencil.opaque)
    return x.expression if isinstance(x.base, SquareRoot) else replace_atoms(x.expression, opaque)
