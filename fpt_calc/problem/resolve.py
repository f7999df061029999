"""From declarations to meanings: every name is resolved after the names it uses, in whatever order the file has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from fpt_calc.ensembles import Gaussian, Wigner, is_nonnegative, wishart
from fpt_calc.errors import InputError, ShapeError
from fpt_calc.expr import Atom, Expr, atoms, tau, traces_of
from fpt_calc.problem.declarations import Declarations, MatrixDeclaration
from fpt_calc.problem.formula import Value, meaning, require_deterministic
from fpt_calc.problem.located import located
from fpt_calc.problem.syntax import Formula, check_names, names_in
from fpt_calc.problem.tables import Table, check_name, formula_of
from fpt_calc.scalars import ONE, Generator, Scalar, as_dimension, generator_scalar, grows


@dataclass(frozen=True)
class Meanings:
    """What the declared names mean; ``values`` has all of them, the other mappings have them in the file's order."""

    values: Mapping[str, Value]
    atoms: Mapping[str, Atom]
    definitions: Mapping[str, Value]
    ratios: Mapping[str, Scalar]


def resolve(declarations: Declarations, complex_data: frozenset[str]) -> Meanings:
    """The meaning of every declared name.

    ``complex_data``: the matrices whose numbers under [at] are complex, which makes an undeclared field complex.

    Raises `InputError` for unknown names, definitions in a circle, shapes and laws that do not fit.
    """
    generators: dict[str, Generator] = {**declarations.dims, **declarations.scalars}
    values: dict[str, Value] = {name: generator_scalar(generator) for name, generator in generators.items()}
    tables = declarations.tables()
    for name in _order(declarations, tables):
        if name in declarations.matrices:
            matrix = declarations.matrices[name]
            with located(matrix.where, name):
                values[name] = _matrix(matrix, values, name in complex_data)
        elif name in declarations.ratios:
            values[name] = _ratio(f"ratios.{name}", declarations.ratios[name], values)
        else:
            with located(f"let.{name}"):
                values[name] = meaning(declarations.lets[name], values)
    wisharts = [name for name, matrix in declarations.matrices.items() if matrix.law == "wishart"]
    expressions = [value for name in declarations.matrices if isinstance(value := values[name], Expr)]
    return Meanings(
        values=values,
        atoms={atom.name: atom for expr in expressions for atom in atoms(expr)},
        definitions={name: values[name] for name in (*wisharts, *declarations.lets)},
        ratios={name: value for name in declarations.ratios if isinstance(value := values[name], Scalar)},
    )


def check_commute(commute: tuple[tuple[str, ...], ...], atoms: Mapping[str, Atom]) -> None:
    """Raise `InputError` if matrices of different shapes, or rectangular ones, are said to commute."""
    for group in commute:
        rows = atoms[group[0]].rows
        for atom in (atoms[name] for name in group):
            if atom.shape != (rows, rows):
                what = f"{atom.name} of shape {atom.rows} x {atom.cols} cannot commute with a {rows} x {rows} matrix"
                raise ShapeError(what, where="commute", remedy="name square matrices of one dimension")


def read_targets(entries: Table, values: Mapping[str, Value]) -> dict[str, Scalar]:
    """The targets, each a scalar; a target may use those above it, and a 1 x 1 matrix means its entry.

    A target may have a declared name only if it asks for just that quantity: one name has one meaning.
    """
    if not entries:
        raise InputError("nothing is asked for", where="targets", remedy='add [targets] and name = "tau(...)"')
    names, targets = dict(values), {}
    for name, text in entries.items():
        where = f"targets.{name}"
        check_name(name, where)
        formula = formula_of(text, where)
        with located(where):
            check_names(formula, names)
            value = meaning(formula, names)
            if name in values and values[name] != value:
                what = f"two declarations for one name: {name!r} is declared as something else"
                raise InputError(what, remedy="rename the target")
            targets[name] = _scalar_target(value)
        names.setdefault(name, targets[name])
    return targets


def _scalar_target(value: Value) -> Scalar:
    if isinstance(value, Scalar):
        return value
    if value.shape != (ONE, ONE):
        raise InputError(
            f"a target that is not scalar: it has shape {value.rows} x {value.cols}",
            remedy="write tau(...) or Tr(...) around it",
        )
    return tau(value)


def _order(declarations: Declarations, tables: Mapping[str, str]) -> Iterable[str]:
    """The defined names, each after those it uses."""
    graph: dict[str, set[str]] = {}
    for name, where, formula in _formulas(declarations):
        with located(where):
            check_names(formula, tables)
        graph.setdefault(name, set()).update(n for n in names_in(formula) if tables[n] not in ("dims", "scalars"))
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = error.args[1][::-1]
        name = circle[0]
        raise InputError(
            f"{name} is defined by way of itself: {' uses '.join(circle)}",
            where=f"{tables[name]}.{name}",
            remedy="break the circle",
        ) from None


def _formulas(declarations: Declarations) -> Iterable[tuple[str, str, Formula]]:
    """(name, key, formula) for every formula of the declarations."""
    for name, formula in declarations.ratios.items():
        yield name, f"ratios.{name}", formula
    for name, matrix in declarations.matrices.items():
        for role, formula in matrix.formulas.items():
            yield name, f"{matrix.where}.{_key(role)}", formula
    for name, formula in declarations.lets.items():
        yield name, f"let.{name}", formula


def _key(role: str) -> str:
    return "shape" if role in ("rows", "cols") else role


def _ratio(where: str, formula: Formula, values: Mapping[str, Value]) -> Scalar:
    with located(where):
        value = meaning(formula, values)
        if not isinstance(value, Scalar) or traces_of(value) or not grows(value):
            raise InputError("not a ratio of dimensions", remedy='write a formula such as "d/n", or use [let]')
        return value


def _matrix(declaration: MatrixDeclaration, values: Mapping[str, Value], is_complex: bool) -> Expr:
    name, law = declaration.name, declaration.law
    rows, cols = (_dimension(declaration, role, values) for role in ("rows", "cols"))
    entries = declaration.entries or "real"
    match law:
        case "gaussian":
            row_covariance, covariance = (_covariance(declaration, r, values) for r in ("row_covariance", "covariance"))
            variance = _variance(declaration, values)
            return Atom(name, rows, cols, law=Gaussian(variance, entries, row_covariance, covariance))
        case "wigner":
            return Atom(name, rows, cols, law=Wigner(_variance(declaration, values), entries))
        case "wishart":
            if rows != cols:
                what = f"a Wishart matrix of shape {rows} x {cols}"
                raise ShapeError(what, remedy="Wishart matrices are square")
            dof = _dimension(declaration, "dof", values)
            return wishart(name, cols, dof, _covariance(declaration, "covariance", values), entries)
    if declaration.entries is None and (is_complex or "hermitian" in declaration.facts):
        entries = "complex"
    return Atom(name, rows, cols, facts=declaration.facts, entries=entries)


def dimension_of(formula: Formula, values: Mapping[str, Value], where: str) -> Scalar:
    """The positive integer or growing dimension that a formula of known names means; raises `InputError` otherwise."""
    with located(where):
        value = meaning(formula, values)
        if not isinstance(value, Scalar) or traces_of(value):
            raise InputError(f"{formula.text} is not a dimension", remedy="use dimensions, scalars and integers")
        check_real(value, formula)
        if grows(value) and is_nonnegative(-value):
            raise InputError(f"the dimension {value} is not positive", remedy="change its sign")
    return as_dimension(value, where)


def _dimension(declaration: MatrixDeclaration, role: str, values: Mapping[str, Value]) -> Scalar:
    return dimension_of(declaration.formulas[role], values, f"{declaration.name}.{_key(role)}")


def _variance(declaration: MatrixDeclaration, values: Mapping[str, Value]) -> Scalar:
    formula = declaration.formulas["variance"]
    with located(f"{declaration.name}.variance"):
        value = meaning(formula, values)
        if not isinstance(value, Scalar):
            raise InputError(f"{formula.text} is a matrix", remedy="put matrices under covariance or row_covariance")
        require_deterministic(value, "a variance", "use deterministic matrices, or a scalar of its own")
        check_real(value, formula)
        if is_nonnegative(-value):
            raise InputError(f"the variance {value} is not positive", remedy='write a positive one such as "1/n"')
        return value


def check_real(value: Scalar, formula: Formula) -> None:
    """Raise `InputError` for a scalar that is not real."""
    if value != value.conjugate() and not traces_of(value):
        raise InputError(f"{formula.text} is not real", remedy="use real scalars, or z*conj(z)")


def _covariance(declaration: MatrixDeclaration, role: str, values: Mapping[str, Value]) -> Expr | None:
    if role not in declaration.formulas:
        return None
    formula = declaration.formulas[role]
    with located(f"{declaration.name}.{role}"):
        value = meaning(formula, values)
        if isinstance(value, Scalar):
            raise InputError(f"the {role} {formula.text} is not a matrix", remedy="put scalars into the variance")
        return value
