"""A name for a resolvent that an equivalent repeats: ``G = inv(Sigma + kappa)``, in matrices and traces alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fpt_calc.closed_form import ClosedForm, FullTrace, Shorthand, Shown
from fpt_calc.expr import Atom, Expr, Inverse, Trace, postorder, replace_nodes
from fpt_calc.formula import Formula, formula_generators, map_formula
from fpt_calc.scalars import Generator, Scalar, generator_scalar, substitute

OFTEN = 3  # a resolvent printed so often gets a name


@dataclass(frozen=True)
class Named:
    """What is printed, with names for resolvents: coefficients, words, the other lines, and the definitions."""

    coefficients: tuple[Formula, ...]
    words: tuple[Expr, ...]
    abbreviations: tuple[tuple[Generator, Formula | Scalar], ...]
    matrices: tuple[tuple[Atom, Expr], ...]


def named(form: ClosedForm, words: Sequence[Expr], taken: Iterable[str]) -> Named:
    """The terms of an equivalent with names for the resolvents that are printed often."""
    sums: dict[Expr, Expr] = {Inverse(argument): Inverse(atom) for atom, argument in form.matrices}
    words = tuple(replace_nodes(w, sums.get) for w in words)
    definitions = tuple((g, g.value if isinstance(g, Shorthand) else v) for g, v in form.abbreviations)
    chosen = _repeated(form, words, definitions)
    busy = {*taken, *(p.symbol.name for p in form.parameters), *(g.name for g, _ in form.abbreviations)}
    names: dict[Expr, Expr] = {}
    for expr in chosen:
        wanted = ("G", *(f"G{k}" for k in range(1, len(busy) + 2)))
        name = next(n for n in wanted if n not in busy)
        busy.add(name)
        names[expr] = Atom(name, expr.rows, expr.cols)
    used = {a for w in words for a in postorder(w)} | {a for g in _generators(form) for a in _atoms_of(g)}
    matrices = tuple((atom, expr) for atom, expr in form.matrices if atom in used)
    return Named(
        tuple(_formula_with_names(f, names) for f in form.values.values()),
        tuple(replace_nodes(w, names.get) for w in words),
        tuple((g, _with_names(value, names)) for g, value in definitions),
        matrices + tuple((atom, expr) for expr, atom in names.items() if isinstance(atom, Atom)),
    )


def _repeated(
    form: ClosedForm, words: Sequence[Expr], definitions: Sequence[tuple[Generator, Formula | Scalar]]
) -> list[Expr]:
    """The inverses that are printed often, in the order of their names."""
    lines = [str(f) for f in form.values.values()] + [str(w) for w in words]
    lines += [line for p in form.parameters for line in p.lines()] + [str(v) for _, v in definitions]
    matrices = [*words, *(e for g in _generators(form) for e in _arguments(g))]
    found = {node for m in matrices for node in postorder(m) if isinstance(node, Inverse)}
    plain = [node for node in found if not isinstance(node.argument, Atom)]
    return sorted((e for e in plain if sum(line.count(str(e)) for line in lines) >= OFTEN), key=str)


def _generators(form: ClosedForm) -> set[Generator]:
    return {g for f in form.values.values() for g in formula_generators(f)} | {
        h for g, value in form.abbreviations for h in value.gens
    }


def _arguments(generator: Generator) -> tuple[Expr, ...]:
    return (generator.argument,) if isinstance(generator, Trace | FullTrace) else ()


def _atoms_of(generator: Generator) -> set[Expr]:
    return {node for e in _arguments(generator) for node in postorder(e)}


def _renamed(generator: Generator, names: Mapping[Expr, Expr]) -> Generator:
    match generator:
        case FullTrace(argument=argument):
            return FullTrace(replace_nodes(argument, names.get))
        case Trace(argument=argument):
            return Trace(replace_nodes(argument, names.get))
    return generator


def _formula_with_names(formula: Formula, names: Mapping[Expr, Expr]) -> Formula:
    return map_formula(formula, lambda g: _renamed(g, names), lambda f: f)


def _with_names(value: Formula | Scalar, names: Mapping[Expr, Expr]) -> Formula | Scalar:
    if isinstance(value, Formula):
        return _formula_with_names(value, names)
    return substitute(value, {g: generator_scalar(_renamed(g, names)) for g in value.gens if not _is_name(g)})


def _is_name(generator: Generator) -> bool:
    return isinstance(generator, Shown) and generator.abbreviated
