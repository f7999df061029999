"""Names for what a closed form repeats: inverted sums of matrices, long traces, common sums, and u = df2/(n - df2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from fpt_calc.closed_form.bases import Style, with_degrees
from fpt_calc.closed_form.display import DegreesOfFreedom, FullTrace, Shorthand
from fpt_calc.closed_form.present import Swap, cost, factorization, present
from fpt_calc.expr import Atom, Expr, Inverse, ScalarMatrix, Sum, Trace, map_traces, replace_nodes
from fpt_calc.formula import Formula, formula_parts, map_formula, single
from fpt_calc.reduce import names_in
from fpt_calc.scalars import Dimension, Generator, Scalar, generator_scalar, substitute
from fpt_calc.spectral import is_symmetric
from fpt_calc.system import FixedPointSystem

T = TypeVar("T")
LONG_TRACE = 14  # characters; shorter traces are printed as often as they occur
LONG_SUM = 24
OFTEN = 3


class MatrixNames:
    """Names K, K_2, ... for inverted sums of several matrices."""

    def __init__(self, system: FixedPointSystem) -> None:
        self._taken = set(names_in(system))
        self._names: dict[Expr, Atom] = {}

    def applied(self, value: Scalar) -> Scalar:
        """The scalar with these inverses named."""
        return map_traces(value, lambda e: replace_nodes(e, self._named))

    def _named(self, node: Expr) -> Expr | None:
        if not isinstance(node, Inverse) or not isinstance(node.argument, Sum):
            return None
        argument = node.argument
        if sum(not isinstance(t, ScalarMatrix) for t in argument.terms) < 2:
            return None
        if argument not in self._names:
            facts = frozenset({"symmetric"}) if is_symmetric(argument) else frozenset[str]()
            number = f"_{len(self._names) + 1}" if self._names else ""  # K1, K2, ... are those of the equations
            self._names[argument] = Atom(fresh(f"K{number}", self._taken), argument.rows, argument.cols, facts=facts)
        return Inverse(self._names[argument])

    @property
    def definitions(self) -> tuple[tuple[Atom, Expr], ...]:
        return tuple((atom, expr) for expr, atom in self._names.items())


def fresh(wanted: str, taken: set[str]) -> str:
    """The name, or with the first number that is free; it is taken from now on."""
    options = (wanted, *(f"{wanted}{k}" for k in range(1, 1000)))
    name = next(n for n in options if n not in taken)
    taken.add(name)
    return name


def with_saturation(
    values: dict[str, Formula], exact: Mapping[str, Scalar], style: Style, swaps: tuple[Swap, ...], taken: set[str]
) -> dict[str, Formula]:
    """The values with ``u = df2/(n - df2)`` where that is shorter, its definition counted once."""
    for g, n in _saturations(exact.values(), style):
        df = generator_scalar(g)
        u = Shorthand(fresh("u", taken), present(df / (n - df), style))
        image = {g: n * generator_scalar(u) / (1 + generator_scalar(u))}
        changed = {name: present(substitute(with_degrees(v, style), image), style, swaps) for name, v in exact.items()}
        best = {name: min(values[name], changed[name], key=cost) for name in values}
        saved = sum(cost(values[name])[0] - cost(best[name])[0] for name in values)
        if saved > len(str(u.definition)) + 8:
            return best
    return values


def _saturations(values: Iterable[Scalar], style: Style) -> Iterator[tuple[DegreesOfFreedom, Scalar]]:
    """The pairs (df2, n) for which n - df2 is a denominator."""
    seen = set()
    for value in values:
        _, factors = factorization(with_degrees(value, style))
        for f, e in factors.items():
            if e > 0 or not isinstance(f, Scalar):
                continue
            for g in f.gens:
                rest = f + generator_scalar(g)
                of_dimensions = all(isinstance(h, Dimension) for h in rest.gens)
                if isinstance(g, DegreesOfFreedom) and g.order == 2 and of_dimensions and (g, rest) not in seen:
                    seen.add((g, rest))
                    yield g, rest


def with_names(values: Mapping[str, Formula], taken: set[str]) -> dict[str, Formula]:
    """Long traces that occur often, then long sums that occur twice, as shorthands t1, t2, ... and D."""
    traces = Counter(p for f in values.values() for p in formula_parts(f) if isinstance(p, FullTrace | Trace))
    chosen = [g for g, count in traces.items() if count >= OFTEN and len(g.name) >= LONG_TRACE]
    names: dict[Generator, Generator] = {}
    for k, g in enumerate(sorted(chosen, key=lambda g: g.name), 1):
        names[g] = Shorthand(fresh(f"t{k}", taken), single(g))
    result = {name: map_formula(f, lambda g: names.get(g, g), _same) for name, f in values.items()}
    sums = Counter(p for f in result.values() for p in formula_parts(f) if isinstance(p, Formula))
    often = [p for p, count in sums.items() if count > 1 and len(str(p)) > LONG_SUM]
    outer = [p for p in often if not any(p in formula_parts(q) for q in often)]
    below = {b for f in result.values() for b in _denominators(f)}
    common: dict[Formula, Generator] = {p: Shorthand(fresh("D" if p in below else "c", taken), p) for p in outer}
    return {name: map_formula(f, _same, lambda p: common.get(p, p)) for name, f in result.items()}


def _denominators(formula: Formula) -> Iterator[Formula]:
    """The sums that stand in denominators."""
    for term in formula.terms:
        for base, exponent in term.factors:
            if isinstance(base, Formula):
                if exponent < 0:
                    yield base
                yield from _denominators(base)


def _same(part: T) -> T:
    return part
