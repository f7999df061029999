"""The names of a paper: resolvents of the targets, matrices to be inverted, unknowns that are parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from fpt_calc.closed_form import ClosedForm, Coordinates, FullTrace, OrderParameter, Shorthand
from fpt_calc.closed_form.bases import Style
from fpt_calc.closed_form.form import printing_style
from fpt_calc.closed_form.present import Swap, present, swap_for
from fpt_calc.derivation import LimitLaw
from fpt_calc.export.latex import scalar_formula
from fpt_calc.expr import (
    Atom,
    Expr,
    Inverse,
    Power,
    Trace,
    is_deterministic,
    map_scalars,
    map_traces,
    replace_atoms,
    replace_nodes,
    traces_of,
)
from fpt_calc.formula import Formula, formula_value, map_formula
from fpt_calc.pencil import normalize
from fpt_calc.reduce import names_in
from fpt_calc.scalars import Generator, Scalar, denominator, generator_scalar, is_fixed, substitute
from fpt_calc.system import Unknown

FEW_TERMS = 6  # a right-hand side with more is printed as it is, to save time
LONG_INVERSE = 40  # characters; an inverse that occurs once is named if it is longer


@dataclass(frozen=True)
class Notation:
    """How a law is written down.

    Attributes
    ----------
    law : the law.
    resolvents : inverses of random matrices that the targets repeat, by name.
    matrices : deterministic matrices K that the equations invert; they may contain unknowns.
    renamed : unknowns of the system that are parameters of the closed form.
    """

    law: LimitLaw
    resolvents: tuple[tuple[Atom, Expr], ...]
    matrices: tuple[tuple[Atom, Expr], ...]
    renamed: Mapping[Generator, Scalar]

    @property
    def closed(self) -> ClosedForm | None:
        return self.law.closed_form

    @cached_property
    def unnormalized(self) -> bool:
        return any(is_unnormalized(t) for t in self.law.targets.values())

    @cached_property
    def style(self) -> Style:
        """The style in which the closed form was printed."""
        found = self.closed.coordinates if self.closed is not None else Coordinates()
        return printing_style(found, self.unnormalized)

    def target(self, value: Scalar) -> Scalar:
        """A target with the resolvents named, and unnormalized traces where it is stated with them."""
        named = map_traces(value, self.short)
        if not is_unnormalized(value):
            return named
        images = {t: generator_scalar(FullTrace(t.argument)) / t.argument.rows for t in traces_of(named)}
        return substitute(named, dict(images))

    def short(self, expr: Expr) -> Expr:
        """An expression with the resolvents named."""
        known = {str(form(definition)): atom for atom, definition in self.resolvents for form in (normalize, _same)}
        return replace_nodes(expr, lambda node: known.get(str(node)) if isinstance(node, Inverse) else None)

    def scalar(self, value: Scalar) -> Scalar:
        """A scalar in unknowns with the parameters under their names, and the inverted matrices named."""
        inner = map_traces(value, self.matrix)
        return substitute(inner, self.renamed)

    def matrix(self, expr: Expr) -> Expr:
        """A deterministic matrix in unknowns, likewise."""
        renamed = map_scalars(expr, lambda c: substitute(c, self.renamed))
        named = {definition: atom for atom, definition in self.matrices}
        return replace_nodes(replace_atoms(renamed, self._own_names), named.get)

    @cached_property
    def _own_names(self) -> dict[Atom, Expr]:
        equations = self.law.equations
        old = () if equations is None else equations.definitions
        return {a: b for (a, _), (b, _) in zip(old, self.matrices, strict=False)}

    def formula(self, value: Scalar) -> Formula:
        """A scalar in parameters or unknowns in its shortest form."""
        return present(value, self.style)

    def equation(self, value: Scalar) -> Formula:
        """The same for a right-hand side in the proof: unknowns under their names, traces normalized."""
        named = self.scalar(value)
        if named.gens and len(named.num) > FEW_TERMS:
            return scalar_formula(named, cheap=True)
        return present(named, replace(self.style, unnormalized=False))

    def in_parameters(self, value: Scalar, keep: frozenset[Unknown] = frozenset(), swaps: bool = True) -> Formula:
        """A scalar in unknowns as a formula in the parameters, with ``swaps`` also in g2 = 1 - df1/n and the like.

        The unknowns to ``keep`` stay.
        """
        assert self.closed is not None
        known = self.closed.coordinates
        some = replace(known, unknowns={u: v for u, v in known.unknowns.items() if u not in keep})
        exact = map_traces(some.canonical(value), self._with_closed_matrices)
        return self._abbreviated(present(substitute(exact, self.renamed), self.style, self._swaps if swaps else ()))

    def _abbreviated(self, formula: Formula) -> Formula:
        """With the shorthands t1, t2, ... and D of the theorem."""
        assert self.closed is not None
        known = {value: g for g, value in self.closed.abbreviations if isinstance(g, Shorthand)}
        return map_formula(
            formula, lambda g: known.get(generator_scalar(g), g), lambda s: known.get(formula_value(s), s)
        )

    def _with_closed_matrices(self, expr: Expr) -> Expr:
        assert self.closed is not None
        known = {definition: atom for atom, definition in self.closed.matrices}
        return replace_nodes(expr, known.get)

    @cached_property
    def _swaps(self) -> tuple[Swap, ...]:
        """Unknowns such as g2 = 1 - df1/n, and lam = kappa (1 - df1/n), in place of what they are."""
        assert self.closed is not None
        known = self.closed.coordinates
        nonlinear = [u for u in self.law.system.nonlinear if u in known.unknowns and u not in self.renamed]
        pairs: list[tuple[Generator, Scalar]] = [(u, known.unknowns[u]) for u in nonlinear]
        pairs += [(g, v) for g, v in known.dependent.items() if not isinstance(g, Trace)]
        found = [swap_for(g, v, self.style) for g, v in pairs]
        return tuple(s for s in found if _is_simple(s))


def _same(expr: Expr) -> Expr:
    return expr


def notation(law: LimitLaw) -> Notation:
    """The names of a law."""
    taken = set(names_in(law.raw)) | {u.name for u in law.system.unknowns}
    closed = law.closed_form
    if closed is not None:
        taken |= {a.name for a, _ in closed.matrices} | {g.name for g, _ in closed.abbreviations}
        taken |= {p.symbol.name for p in closed.coordinates.parameters}
    own = closed.coordinates.parameters if closed is not None else ()
    renamed: dict[Generator, Scalar] = {u: generator_scalar(p.symbol) for p in own if (u := _itself(p)) is not None}
    return Notation(law, _resolvents(law, taken), _matrices(law, renamed, taken), renamed)


def is_unnormalized(target: Scalar) -> bool:
    """Whether a target is written with Tr: a trace is multiplied by its dimension."""
    dims = {t.argument.rows for t in traces_of(target) if not is_fixed(t.argument.rows)}
    return any(denominator(target / dim) == denominator(target) for dim in dims)


def _is_simple(swap: Swap) -> bool:
    """Whether a swap has one sum, to the first power: then it can be checked at a glance."""
    sums = [e for f, e in swap.factors if isinstance(f, Scalar)]
    return len(sums) == 1 and sums[0] in (1, -1)


def _itself(parameter: OrderParameter) -> Unknown | None:
    """The unknown that a parameter is, if it is one."""
    gens = parameter.meaning.gens
    is_one = len(gens) == 1 and parameter.meaning == generator_scalar(gens[0]) and isinstance(gens[0], Unknown)
    return gens[0] if is_one and isinstance(gens[0], Unknown) else None


def _resolvents(law: LimitLaw, taken: set[str]) -> tuple[tuple[Atom, Expr], ...]:
    """The outermost random inverses that occur twice, or are long."""
    counts = Counter(i for s in law.targets.values() for t in traces_of(s) for i in _inverses(t.argument))
    chosen = [i for i, count in counts.items() if count > 1 or len(str(i)) > LONG_INVERSE]
    wanted = ["R"] if len(chosen) == 1 else [f"R{k}" for k in range(1, len(chosen) + 1)]
    found = []
    for name, inverse in zip(wanted, chosen, strict=True):
        found.append((Atom(_free(name, taken), inverse.rows, inverse.cols), inverse))
    return tuple(found)


def _inverses(expr: Expr) -> list[Expr]:
    """Random inverses that stand in no other one, as often as they occur."""
    if isinstance(expr, Inverse):
        return [] if is_deterministic(expr) else [expr]
    times = expr.exponent if isinstance(expr, Power) else 1
    return [i for child in expr.children for i in _inverses(child)] * times


def _matrices(law: LimitLaw, renamed: Mapping[Generator, Scalar], taken: set[str]) -> tuple[tuple[Atom, Expr], ...]:
    """The definitions of the equations, under the names of the closed form where they are the same."""
    if law.equations is None:
        return ()
    closed = {} if law.closed_form is None else {definition: atom for atom, definition in law.closed_form.matrices}
    single = len(law.equations.definitions) == 1
    images: dict[Atom, Expr] = {}
    found = []
    for atom, definition in law.equations.definitions:
        new = replace_atoms(map_scalars(definition, lambda c: substitute(c, renamed)), images)
        known = closed.get(new)
        fresh = known or Atom(_free("K" if single else atom.name, taken), atom.rows, atom.cols)
        images[atom] = fresh
        found.append((fresh, new))
    return tuple(found)


def _free(wanted: str, taken: set[str]) -> str:
    """The name, or with a number or a letter that makes it free; it is taken from now on."""
    options = (wanted, *(f"{wanted}_{k}" for k in range(1, 1000)))
    name = next(n for n in options if n not in taken)
    taken.add(name)
    return name
