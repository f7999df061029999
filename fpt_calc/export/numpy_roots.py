"""How the parameters of a closed form are computed in exported code: one strategy for each kind of relation."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from fpt_calc.closed_form import ClosedForm, ParameterEquation, SolvedPoints, unfolded
from fpt_calc.closed_form.polynomials import coefficients, degree
from fpt_calc.errors import CannotDecideError
from fpt_calc.export.numpy_block import Block, scalar_formula
from fpt_calc.export.numpy_text import entry
from fpt_calc.expr import Atom, Expr, Trace, atoms, inside_traces
from fpt_calc.formula import Formula, Term, formula_value, single
from fpt_calc.graphs import strong_components
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Dimension,
    Generator,
    Parameter,
    Scalar,
    denominator,
    generator_scalar,
    generators_of,
    numerator,
    square_root,
    substitute,
)
from fpt_calc.system import BRANCH, Unknown


@dataclass(frozen=True)
class Group:
    """Parameters that are solved for together, with their relations."""

    equations: tuple[ParameterEquation, ...]
    relations: tuple[Scalar, ...]
    bases: tuple[Expr | None, ...]

    @property
    def symbols(self) -> tuple[Unknown, ...]:
        return tuple(e.symbol for e in self.equations)


def groups(form: ClosedForm, needed: frozenset[str]) -> list[Group]:
    """The parameters that are needed, those that others depend on first."""
    index = {e.symbol: k for k, e in enumerate(form.parameters)}
    points = {
        k: {index[g] for g in generators_of(r) | set(inside_traces(r)) if isinstance(g, Unknown)}
        for k, r in enumerate(form.coordinates.relations)
    }
    found = []
    for part in strong_components(range(len(form.parameters)), points):
        members = sorted(k for k in part if form.parameters[k].symbol.name in needed)
        if members:
            data = form.coordinates
            found.append(
                Group(
                    tuple(form.parameters[k] for k in members),
                    tuple(data.relations[k] for k in members),
                    tuple(data.parameters[k].base for k in members),
                )
            )
    return found


def solve_group(block: Block, group: Group, form: ClosedForm, solved: SolvedPoints | None) -> None:
    """The statements that compute the parameters of a group.

    Raises `CannotDecideError` for relations of another kind.
    """
    first, algebraic = group.equations[0], not any(isinstance(g, Trace) for r in group.relations for g in r.gens)
    is_complex = any(not p.is_real for r in group.relations for p in r.gens if isinstance(p, Parameter))
    if len(group.equations) == 1 and first.explicit is not None and not is_complex:
        _explicit(block, first, group.relations[0])
    elif algebraic:
        _followed(block, group, form, solved)
    elif len(group.equations) == 1 and first.condition != BRANCH:
        _increasing(block, group)
    elif all(e.left == single(e.symbol) for e in group.equations):
        rights = [e.right for e in group.equations]
        _iterated(block, group, rights, [_at_zero_variance(form, r, group.symbols) for r in rights])
    elif len(group.equations) == 1 and (step := _splitting(form, first, group.relations[0])) is not None:
        _iterated(block, group, *step)
    else:
        raise _unsupported(group, "use law.at(...)")


def _unsupported(group: Group, remedy: str) -> CannotDecideError:
    names = ", ".join(s.name for s in group.symbols)
    return CannotDecideError(f"no code for the equation of {names}", where="code", remedy=remedy)


def _explicit(block: Block, equation: ParameterEquation, relation: Scalar) -> None:
    """A linear relation solved, or the root of a quadratic one without cancellation."""
    symbol, explicit = equation.symbol, equation.explicit
    assert explicit is not None
    name = block.names[symbol.name]
    if degree(relation, symbol) == 1:
        block.assign(name, scalar_formula(explicit))
        return
    c, b, a = coefficients(relation, symbol)
    sign = "+1" if explicit == (square_root(b * b - 4 * a * c) - b) / (2 * a) else "-1"
    block.uses.add("quadratic_root")
    block.lines.append(f"{name} = quadratic_root({block.scalar(a)}, {block.scalar(b)}, {block.scalar(c)}, {sign})")


def _increasing(block: Block, group: Group) -> None:
    """The largest root of ``lam = F(kappa)``: with negative factors cut off, F increases from zero on."""
    (equation,), (base,) = group.equations, group.bases
    name = block.names[equation.symbol.name]
    inner = block.inner()
    if not block.spectra and isinstance(base, Atom) and _is_function_of(equation.right, base):
        values = block.names.variable(base, "eigenvalues")
        block.lines.append(f"{values} = np.linalg.eigvalsh({block.names[base.name]})")
        inner = block.spectral(base, values)
    (term,) = equation.right.terms
    factors = [
        f"np.maximum({inner.formula(b)}, 0)" + (f"**{e}" if e > 1 else "")
        for b, e in term.factors
        if isinstance(b, Formula) and e > 0
    ]
    rest = Term(term.coefficient, tuple((b, e) for b, e in term.factors if not isinstance(b, Formula) or e < 0))
    right = "*".join([inner.formula(Formula((rest,))), *factors])
    block.uses.add("increasing_root")
    block.lines += [
        "",
        f"def equation({name}):",
        *(f"    {line}" for line in inner.lines),
        f"    return {right} - {inner.formula(equation.left)}",
        "",
        f"{name} = increasing_root(equation)",
    ]


def _iterated(block: Block, group: Group, rights: list[Formula], starts: list[Formula]) -> None:
    """``e = f(e)`` iterated from zero variance."""
    names = ", ".join(block.names[s.name] for s in group.symbols)
    inner = block.inner()
    values = [inner.formula(r) for r in rights]
    block.uses |= {"jacobian", "fixed_point"}
    block.lines += [
        "",
        f"def equations({names}):",
        *(f"    {line}" for line in inner.lines),
        f"    return {_listed(values)}",
        "",
        f"{_targets(names)} = fixed_point(equations, start={_listed([block.formula(s) for s in starts])})",
    ]


def _listed(values: list[str]) -> str:
    return f"[{', '.join(values)}]"


def _targets(names: str) -> str:
    return names if "," in names else f"({names},)"


def _without_traces(form: ClosedForm, formula: Formula, unknowns: Container[Generator]) -> Scalar:
    """A formula with the traces zero that depend on unknowns, abbreviations unfolded."""
    value = form.unabbreviated(formula_value(formula))
    images: dict[Generator, Scalar] = {}
    for g in value.gens:
        if isinstance(g, Trace) and any(u in unknowns for u in inside_traces(generator_scalar(g))):
            images[g] = ZERO
    return substitute(value, images)


def _at_zero_variance(form: ClosedForm, right: Formula, unknowns: Container[Generator]) -> Formula:
    """The right-hand side without traces and with other unknowns one."""
    value = _without_traces(form, right, unknowns)
    return scalar_formula(substitute(value, {g: ONE for g in value.gens if g in unknowns}))


def _splitting(
    form: ClosedForm, equation: ParameterEquation, relation: Scalar
) -> tuple[list[Formula], list[Formula]] | None:
    """For ``z = F(kappa)``, where F is ``a kappa + b + o(1)`` far out: ``kappa = kappa - (F(kappa) - z)/a``.

    With one trace this is the iteration for ``kappa = (z - b)/a + kappa c df1``, which maps the upper half-plane to
    itself.
    """
    if sum(degree(relation, g) for g in relation.gens if isinstance(g, Trace)) != 1:
        return None
    symbol = equation.symbol
    left, right = (_without_traces(form, side, {symbol}) for side in (equation.left, equation.right))
    far = right - left
    top, bottom = coefficients(numerator(far), symbol), coefficients(denominator(far), symbol)
    if len(top) != len(bottom) + 1:
        return None
    a = top[-1] / bottom[-1]
    b = (top[-2] - a * bottom[-2]) / bottom[-1] if len(bottom) > 1 else top[-2] / bottom[-1]
    gap = formula_value(equation.right) - formula_value(equation.left)
    return [scalar_formula(generator_scalar(symbol) - gap / a)], [scalar_formula(-b / a)]


def _followed(block: Block, group: Group, form: ClosedForm, solved: SolvedPoints | None) -> None:
    """Algebraic relations: the root is continued from one that the solver found."""
    free = sorted({g for r in group.relations for g in r.gens if g not in group.symbols}, key=_order)
    if any(isinstance(g, Parameter) and g.kind == "real" for g in free):
        raise _unsupported(group, 'declare the scalars in it "positive", or "upper" for the upper half-plane')
    if solved is None or not solved.points or not all(isinstance(g, Dimension | Parameter) for g in free):
        raise _unsupported(group, "use law.at(...)")
    meanings = {p.symbol: p.meaning for p in form.coordinates.parameters}
    model = solved.model(0, meanings)
    numbers: Mapping[Generator, Any] = {g: model.scalar(generator_scalar(g)) for g in (*group.symbols, *free)}
    names, values = ([block.generator(g) for g in gs] for gs in (group.symbols, free))
    inner = block.inner()
    relations = [inner.scalar(r) for r in group.relations]
    for g in free:
        if isinstance(g, Parameter) and not g.is_real:
            known = block.names[g.name]
            block.lines += [
                f"if np.any({known}.imag <= 0):",
                f'    raise ValueError("{g.name}: not in the upper half-plane")',
            ]
    block.uses |= {"jacobian", "follow"}
    block.lines += [
        "",
        f"def equations({', '.join(names + values)}):",
        *(f"    {line}" for line in inner.lines),
        *_returned(relations),
        "",
        f"known = {_listed([repr(numbers[g]) for g in free])}  # where the solver found the root",
        f"root = {_listed([repr(numbers[g]) for g in group.symbols])}",
        f"{_targets(', '.join(names))} = follow(equations, root, known, {_listed(values)})",
    ]


def _returned(values: list[str]) -> list[str]:
    lines = [line for v in values for line in entry("", v)]
    return ["    return [", *(f"        {line}" for line in lines), "    ]"]


def _order(g: Generator) -> tuple[bool, str]:
    return not isinstance(g, Dimension), g.name


def _is_function_of(formula: Formula, base: Atom) -> bool:
    """Whether all traces in a formula, abbreviations unfolded, are those of functions of one Hermitian matrix."""
    value = unfolded(formula_value(formula))
    found = {a for g in value.gens if isinstance(g, Trace) for a in atoms(g.argument)}
    return "hermitian" in base.facts and found <= {base}
