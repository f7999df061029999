"""A closed form as a NumPy function that stands on its own, vectorized over numbers and spectra (floor 13)."""

from __future__ import annotations

import re

from fpt_calc.closed_form import ClosedForm, SolvedPoints
from fpt_calc.closed_form.form import used_names
from fpt_calc.errors import InputError
from fpt_calc.export import numpy_helpers as helpers
from fpt_calc.export.numpy_block import Block, is_one
from fpt_calc.export.numpy_roots import groups, solve_group
from fpt_calc.export.numpy_text import LONG, Names, broken, entry, terms_of
from fpt_calc.expr import Atom, Trace, atoms, inner_scalars
from fpt_calc.formula import formula_generators
from fpt_calc.scalars import (
    Conjugate,
    Dimension,
    Generator,
    Parameter,
    Scalar,
    generator_scalar,
    generators_of,
    is_fixed,
)

_HELPERS = {
    "sqrtm": helpers.MATRIX_ROOT,
    "increasing_root": helpers.INCREASING_ROOT,
    "quadratic_root": helpers.QUADRATIC_ROOT,
    "jacobian": helpers.JACOBIAN,
    "fixed_point": helpers.FIXED_POINT,
    "follow": helpers.FOLLOW,
}


def numpy_code(
    closed: ClosedForm, name: str | None = None, *, spectra: bool = True, solved: SolvedPoints | None = None
) -> str:
    """The source of a Python module with one function that computes the values of a closed form; it needs numpy only.

    Parameters
    ----------
    closed : the closed form.
    name : of the function; by default that of the only target, or "limit".
    spectra : matrices are arrays of eigenvalues, in a common basis, along the last axis (vectors: of coordinates);
        otherwise dense arrays, matrices in the last two axes.
    solved : solved points, needed where a parameter is a root of an algebraic equation without an explicit solution.

    Raises
    ------
    CannotDecideError
        for equations of a kind that is not supported, and for what is no function of spectra.
    """
    wanted = name or (next(iter(closed.values)) if len(closed.values) == 1 else "limit")
    if not wanted.isidentifier():
        raise InputError(f"{wanted!r} is no name of a function", where="code", remedy="use letters, digits and _")
    needed = _needed(closed)
    generators, matrices = _inputs(closed, needed)
    names = Names([wanted, *(g.name for g in generators), *(a.name for a in matrices)])
    sizes = _sizes(matrices, names)
    arguments = [g for g in generators if generator_scalar(g) not in sizes]
    block = Block(names, dict(closed.matrices), sizes, spectra)
    for group in groups(closed, needed):
        solve_group(block, group, closed, solved)
    returned = _returned(block, closed)
    called = ", ".join([*(names[g.name] for g in arguments), *(names[a.name] for a in matrices)])
    body = [
        *_documentation(closed, arguments, matrices, spectra, names),
        *_converted(arguments, matrices, names),
        *(f"{size} = {code}" for size, code in block.lengths.items()),
        *block.lines,
        *returned,
    ]
    function = [f"def {names[wanted]}({called}):", *(f"    {line}".rstrip() for line in body)]
    parts = [*_helpers(block, "\n".join(body)), "\n".join(function)]
    return "\n\n\n".join(["import numpy as np", *parts]) + "\n"


def _helpers(block: Block, body: str) -> list[str]:
    """The functions that the code calls."""
    tables = helpers.SPECTRAL_TRACES if block.spectra else helpers.DENSE_TRACES
    both = tables.strip().split("\n\n\n")
    code = body[body.index('"""', 3) :]
    if not re.search(r"\btau\(", code):
        both = both[:1] if re.search(r"\bTr\(", code) else []
    elif block.spectra and not re.search(r"\bTr\(", code):
        both = both[1:]
    return [*both, *(text.strip() for key, text in _HELPERS.items() if key in block.uses)]


def _returned(block: Block, closed: ClosedForm) -> list[str]:
    """The value, or a dict of the values."""
    texts = {name: block.formula(value) for name, value in closed.values.items()}
    if len(texts) == 1:
        return ["", *broken("return ", *texts.values())]
    lines = [line for name, text in texts.items() for line in entry(f'"{name}": ', text)]
    return ["", "return {", *(f"    {line}" for line in lines), "}"]


def _needed(closed: ClosedForm) -> frozenset[str]:
    """The parameters on which the values depend."""
    found: set[str] = set()
    pending = list(closed.values.values())
    while pending:
        used = used_names(closed, [pending.pop()])
        for equation in closed.parameters:
            if equation.symbol.name in used and equation.symbol.name not in found:
                found.add(equation.symbol.name)
                pending += [equation.left, equation.right]
    return frozenset(found)


def _inputs(closed: ClosedForm, needed: frozenset[str]) -> tuple[list[Generator], list[Atom]]:
    """The dimensions and scalars, and the matrices, on which the values depend."""
    formulas, scalars = [*closed.values.values()], list[Scalar]()
    for equation in (e for e in closed.parameters if e.symbol.name in needed):
        formulas += [equation.left, equation.right]
        scalars += [] if equation.explicit is None else [equation.explicit]
    scalars += [generator_scalar(g) for f in formulas for g in formula_generators(f)]
    generators: set[Generator] = set()
    matrices: set[Atom] = set()
    seen: set[Generator] = set()
    while scalars:
        for g in generators_of(closed.unabbreviated(scalars.pop())) - seen:
            seen.add(g)
            match g:
                case Trace(argument=argument):
                    scalars += inner_scalars(argument)
                    matrices |= set(atoms(argument))
                case Conjugate(of=inner):
                    scalars.append(generator_scalar(inner))
                case Dimension() | Parameter():
                    generators.add(g)
    return sorted(generators, key=_order), sorted(matrices, key=lambda a: a.name)


def _order(g: Generator) -> tuple[bool, str]:
    """Dimensions first."""
    return not isinstance(g, Dimension), g.name


def _sizes(matrices: list[Atom], names: Names) -> dict[Scalar, str]:
    """The dimensions that are read off matrices."""
    found: dict[Scalar, str] = {}
    for atom in matrices:
        if not is_fixed(atom.cols) and (atom.rows == atom.cols or not is_one(atom.rows)):
            found.setdefault(atom.cols, f"{names[atom.name]}.shape[-1]")
    return found


def _converted(arguments: list[Generator], matrices: list[Atom], names: Names) -> list[str]:
    """Numbers and lists as arrays, so that integers do not overflow and ``x[..., None]`` is possible."""
    groups: dict[str, list[str]] = {"float": [], "complex": []}
    for g in arguments:
        groups["complex" if isinstance(g, Parameter) and not g.is_real else "float"].append(names[g.name])
    lines = [_as_arrays(found, kind) for kind, found in groups.items() if found]
    return lines + ([_as_arrays([names[a.name] for a in matrices], "")] if matrices else [])


def _as_arrays(found: list[str], kind: str) -> str:
    second = f", {kind}" if kind else ""
    if len(found) == 1:
        return f"{found[0]} = np.asarray({found[0]}{second})"
    listed = ", ".join(found)
    return f"{listed} = (np.asarray(x{second}) for x in ({listed}))"


def _documentation(
    closed: ClosedForm, arguments: list[Generator], matrices: list[Atom], spectra: bool, names: Names
) -> list[str]:
    lines = [f'"""The limit of {_listed(list(closed.values))} as the dimensions grow at fixed ratios.', ""]
    for line in (*closed.lines(), *closed.where()):
        first, *rest = [line] if len(line) <= LONG else terms_of(line)
        lines += [f"    {first}", *(f"        {term}" for term in rest)]
    lines += ["", "tau(A) = Tr(A)/dim is the normalized trace.", ""]
    if arguments:
        lines.append(f"{_listed([names[g.name] for g in arguments])}: numbers, or arrays that broadcast together.")
    for atom in matrices:
        lines.append(f"{names[atom.name]}: {_shape(atom, spectra)}.")
    if matrices and spectra:
        lines.append("All spectra belong to one basis; numbers broadcast against the axes before the last.")
    if len(closed.values) > 1:
        lines += ["", "Returns a dict."]
    return [*lines, '"""']


def _shape(atom: Atom, spectra: bool) -> str:
    if not spectra:
        return f"arrays of shape (..., {atom.rows}, {atom.cols})"
    if atom.rows == atom.cols:
        return f"eigenvalues, an array of shape (..., {atom.rows})"
    length = atom.rows if is_one(atom.cols) else atom.cols
    return f"coordinates in the basis of the spectra, an array of shape (..., {length})"


def _listed(found: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(found[:-1]), found[-1])))
