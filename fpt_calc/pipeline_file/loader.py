"""Pipeline files: TOML to `PipelineProblem`, or one line of what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.pipeline import OLS, Generations, Model, Pipeline, Teacher, check_pipeline, models_of
from fpt_calc.pipeline_file.build import Builder
from fpt_calc.pipeline_file.data import PipelineProblem
from fpt_calc.pipeline_file.order import RESERVED, Entries, check_unique, in_order, read_entries, vectors_of
from fpt_calc.pipeline_file.values import check_values, read_values
from fpt_calc.problem import Value
from fpt_calc.problem.declarations import Declarations, MatrixDeclaration, read_commute, read_declarations
from fpt_calc.problem.loader import read_toml
from fpt_calc.problem.located import located, shorten
from fpt_calc.problem.resolve import Meanings, check_commute, dimension_of, resolve
from fpt_calc.problem.syntax import check_names, read_formula
from fpt_calc.problem.tables import Table, check_keys, check_name, formula_of, table
from fpt_calc.problem.values import check_point
from fpt_calc.scalars import ONE, ZERO, Dimension, Scalar, generator_scalar, grows, is_fixed

KEYS = (
    *("title", "dims", "dim", "assume", "commute", "ratios", "scalars", "matrices"),
    *("teachers", "data", "models", "generations", "test", "scaling", "at"),
)
_ASSUME = 'write "T0 < d"'


def is_pipeline(data: Mapping[str, Any]) -> bool:
    """Whether the tables of a file state a pipeline: they have a [test]."""
    return "test" in data


def load_pipeline(path: str | Path) -> PipelineProblem:
    """The pipelines that a TOML file states; arrays of [at] are read relative to it.

    Raises `InputError` in one line: file, key, cause, remedy.
    """
    file = Path(path)
    return pipeline_from_dict(read_toml(file), file.parent, file.name)


def pipeline_from_dict(data: Mapping[str, Any], folder: Path | None, name: str) -> PipelineProblem:
    """The pipelines that the tables ``data`` state.

    Parameters
    ----------
    data : what `tomllib` makes of a pipeline file.
    folder : where relative paths of arrays start; None is the working directory.
    name : the name of the file in messages.

    Raises `InputError` in one line that begins with ``name``.

    >>> problem = pipeline_from_dict({
    ...     "dims": ["n", "d"],
    ...     "dim": "d",
    ...     "scalars": {"sigma": "positive"},
    ...     "teachers": {"w0": {"vector": "w0"}},
    ...     "data": {"real": {"size": "n", "labels": "w0", "noise": "sigma"}},
    ...     "models": {"student": {"fit": "ridge", "on": ["real"], "lam": 0.1}},
    ...     "test": {"error": {"model": "student", "against": "w0"}},
    ... }, None, "example.toml")
    >>> problem.pipelines["error"].model.learner
    Ridge(lam=1/10)
    """
    with located(name):
        try:
            return _problem(data, folder, name)
        except RecursionError:
            remedy = "make the file flatter, or write [generations]"
            raise InputError("models or arrays nested too deeply", remedy=remedy) from None


def _problem(data: Table, folder: Path | None, source: str) -> PipelineProblem:
    check_keys(data, KEYS)
    title = data.get("title", Path(source).stem)
    if not isinstance(title, str):
        raise InputError(f"{shorten(repr(title), 60)} is not a title", where="title", remedy="write it in quotes")
    declarations = _declarations(data)
    meanings = resolve(declarations, frozenset())
    commute = read_commute(data, declarations)
    check_commute(commute, meanings.atoms)
    entries = read_entries(data)
    taken = check_unique(entries, declarations)
    order = in_order(entries)
    dim = _dim(data, declarations, meanings)
    declarations, atoms = _with_vectors(entries, declarations, meanings, dim)
    builder = Builder({**meanings.values, **atoms}, atoms, taken, dim)
    for name in order:
        builder.build(name, entries)
    pipelines, assume = _pipelines(entries, builder, title), _assumptions(data, meanings)
    for pipeline in pipelines.values():
        _check_least_squares(pipeline, assume)
    dims = dict(declarations.dims) | {name: Dimension(name) for name in builder.sizes}
    problem = PipelineProblem(
        title=title,
        pipelines=pipelines,
        dims=dims,
        scalars=declarations.scalars,
        sizes=builder.sizes,
        atoms=atoms,
        ratios=meanings.ratios,
        commute=commute,
        assume=assume,
        point=None,
        source=source,
        scaling=table(data, "scaling") if "scaling" in data else {},
    )
    return _at_point(problem, data, replace(declarations, dims=dims), folder, dim) if "at" in data else problem


def _declarations(data: Table) -> Declarations:
    """What stands under dims, [scalars], [ratios] and [matrices]; the matrices are deterministic and real."""
    declarations = read_declarations(data)
    for name, key in declarations.tables().items():
        if name in RESERVED:
            where = key if key == "dims" else f"{key}.{name}"
            raise InputError(f"{name!r} is a word of pipeline files", where=where, remedy="use another name")
    for matrix in declarations.matrices.values():
        if matrix.law is not None:
            remedy = "remove it; the inputs of data sets are random by themselves"
            raise InputError("a random matrix in a pipeline", where=f"{matrix.where}.law", remedy=remedy)
        if matrix.entries == "complex":
            raise InputError("a complex matrix in a pipeline", where=f"{matrix.where}.field", remedy="make it real")
    return declarations


def _dim(data: Table, declarations: Declarations, meanings: Meanings) -> Scalar:
    """The dimension of inputs: ``dim``, or the only one that the matrices have."""
    if "dim" in data:
        formula = formula_of(data["dim"], "dim")
        with located("dim"):
            check_names(formula, meanings.values)
        dim = dimension_of(formula, meanings.values, "dim")
        if is_fixed(dim):
            raise InputError(f"the fixed dimension {dim}", where="dim", remedy='name one that grows: dim = "d"')
        return dim
    found = {a.rows for a in meanings.atoms.values() if a.cols in (a.rows, ONE)}
    found = found or {generator_scalar(dim) for dim in declarations.dims.values()}
    if len(found) != 1:
        what = f"the inputs could have dimension {' or '.join(sorted(map(str, found)))}" if found else "no dimension"
        raise InputError(what, where="dims", remedy='add a line such as dim = "d" above the tables')
    return found.pop()


def _with_vectors(
    entries: Entries, declarations: Declarations, meanings: Meanings, dim: Scalar
) -> tuple[Declarations, dict[str, Atom]]:
    """The matrices, and the vectors of teachers that [matrices] does not declare."""
    matrices, atoms = dict(declarations.matrices), dict(meanings.atoms)
    tables = declarations.tables() | {name: key for name, key in entries.tables().items() if key != "teachers"}
    for name, where in vectors_of(entries).items():
        if name in atoms:
            if atoms[name].shape != (dim, ONE):
                what = f"{name} is {atoms[name].rows} x {atoms[name].cols}"
                raise InputError(what, where=where, remedy=f'declare it with shape = ["{dim}", 1]')
            continue
        check_name(name, where)
        if name in tables or name in RESERVED:
            what = f"{name} is declared under {tables[name]}" if name in tables else f"{name!r} is a reserved word"
            raise InputError(what, where=where, remedy="name a vector of its own")
        shape = {"rows": read_formula(str(dim)), "cols": read_formula("1")}
        matrices[name] = MatrixDeclaration(name, None, shape, None, frozenset())
        atoms[name] = Atom(name, dim, ONE)
    return replace(declarations, matrices=matrices), atoms


def _pipelines(entries: Entries, builder: Builder, title: str) -> dict[str, Pipeline]:
    pipelines: dict[str, Pipeline] = {}
    for name, test in entries.tests.items():
        model, against = builder.sources[test.model], builder.sources[test.against]
        assert isinstance(model, Model | Generations), "references were checked"
        assert isinstance(against, Teacher), "references were checked"
        covariance = builder.covariance(test.covariance, f"{test.where}.covariance")
        pipelines[name] = Pipeline(model, against, covariance, title)
        with located(test.where):
            check_pipeline(pipelines[name])
    return pipelines


def _assumptions(data: Table, meanings: Meanings) -> tuple[tuple[Scalar, Scalar], ...]:
    """The inequalities of ``assume`` as pairs (smaller, larger)."""
    texts = data.get("assume", [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InputError("not a list of inequalities", where="assume", remedy='write assume = ["T0 < d"]')
    pairs = tuple(read_inequality(text, meanings.values) for text in texts)
    for smaller, larger in pairs:
        if smaller == larger or (larger, smaller) in pairs:
            what = f"{smaller} < {larger} cannot hold with the others" if smaller != larger else f"{smaller} < {larger}"
            raise InputError(what, where="assume", remedy="remove what contradicts")
    return pairs


def _check_least_squares(pipeline: Pipeline, assume: tuple[tuple[Scalar, Scalar], ...]) -> None:
    """Raise `InputError` for least squares with fewer samples than dimensions by assumption."""
    for model in models_of(pipeline):
        samples = sum((data.design.size for data in model.on), ZERO)
        if isinstance(model.learner, OLS) and (samples, pipeline.against.dim) in assume:
            what = f"least squares of {model.name} with {samples} < {pipeline.against.dim} samples"
            raise InputError(what, where="assume", remedy="use the fit min-norm or ridge, or another assumption")


def read_inequality(text: str, names: Mapping[str, Value]) -> tuple[Scalar, Scalar]:
    """``"T0 < d"`` as a pair (smaller, larger); raises `InputError` for anything else."""
    parts = re.split("[<>]", text)
    if len(parts) != 2 or "=" in text:
        raise InputError(f"{shorten(text, 60)!r} is not one strict inequality", where="assume", remedy=_ASSUME)
    sides: list[Scalar] = []
    for part in parts:
        formula = formula_of(part, "assume")
        with located("assume"):
            check_names(formula, names)
        side = dimension_of(formula, names, "assume")
        if not grows(side):
            remedy = "compare dimensions that grow; values stand under [at]"
            raise InputError(f"the number {side} in an inequality", where="assume", remedy=remedy)
        sides.append(side)
    smaller, larger = sides if "<" in text else sides[::-1]
    return smaller, larger


def _at_point(
    problem: PipelineProblem, data: Table, declarations: Declarations, folder: Path | None, dim: Scalar
) -> PipelineProblem:
    vectors = [name for name, atom in problem.atoms.items() if atom.shape == (dim, ONE)]
    entries = table(data, "at")
    point = read_values(entries, declarations, problem.commute, folder, problem.sizes, vectors, dim)
    check_point(point, declarations.scalars.values(), problem.atoms)
    check_values(problem.pipelines, problem.assume, point)
    return replace(problem, point=point)
