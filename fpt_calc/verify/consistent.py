"""What belongs together in a certificate: each name means one thing, is used, and stands where it may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from fpt_calc.errors import InputError
from fpt_calc.verify.certificate import Certificate, Problem
from fpt_calc.verify.formula import Formula
from fpt_calc.verify.laws import is_psd
from fpt_calc.verify.model import NONNEGATIVE, REAL_KINDS


def check_consistent(c: Certificate) -> None:
    """Raise `InputError` for names that clash, are missing, idle or out of place."""
    _check_covariances(c.problem)
    _check_names(c)
    _check_letters(c)
    _check_closed_form(c)
    _check_point(c)
    for where, table in _target_tables(c):
        if set(table) != set(c.problem.targets) or not table:
            _refuse(where, f"not the targets {', '.join(c.problem.targets)}")
    unused = _unused(c)
    if unused:
        _refuse("certificate", f"{', '.join(sorted(unused)[:5])} is declared and not used")


def _refuse(where: str, what: str, remedy: str = "") -> NoReturn:
    raise InputError(what, where=where, remedy=remedy)


def _check_covariances(problem: Problem) -> None:
    deterministic = {name: m for name, m in problem.matrices.items() if m.law is None}
    positive = {name for name, kind in problem.scalars.items() if kind in NONNEGATIVE} | set(problem.dims)
    facts = {n: m.facts | ({"real"} if m.real else set()) for n, m in deterministic.items()}
    for name, matrix in problem.matrices.items():
        if matrix.law is None:
            continue
        if matrix.law.kind == "wigner" and matrix.shape[0].text != matrix.shape[1].text:
            _refuse(f"problem.matrices.{name}", "a Wigner matrix that is not square")
        real = {n for n, kind in problem.scalars.items() if kind in REAL_KINDS} | set(problem.dims) | set(deterministic)
        if not matrix.law.variance.names <= real or "1j" in matrix.law.variance.text:
            _refuse(f"problem.matrices.{name}.variance", "a variance that is not real and deterministic")
        for side in (matrix.law.row_covariance, matrix.law.covariance):
            if side is not None and not is_psd(side.tree, facts, positive):
                _refuse(f"problem.matrices.{name}", f"the covariance {side.text[:60]} is not known to be psd")
            if (
                side is not None
                and matrix.real
                and not all(problem.matrices[n].real for n in side.names if n in deterministic)
            ):
                _refuse(f"problem.matrices.{name}", "a real matrix with a complex covariance")


def _check_names(c: Certificate) -> None:
    problem = c.problem
    tables: tuple[Any, ...] = (problem.dims, problem.scalars, problem.matrices, c.letters, c.traces, c.unknowns)
    if c.closed_form is not None:
        tables += (c.closed_form.relations, c.closed_form.definitions)
    names = [name for table in tables for name in table]
    if len(set(names)) < len(names):
        _refuse("certificate", "one name for two things", "rename one of them")
    for coupling in c.self_energy:
        if coupling.unknown not in c.unknowns:
            _refuse("reduction.self_energy", f"{coupling.unknown[:60]!r} is no unknown")
    random = {name for name, m in problem.matrices.items() if m.law is not None} | set(c.letters)
    for where, source in _deterministic_formulas(c):
        if source.names & random:
            _refuse(where, f"the random {min(source.names & random)} where everything is deterministic")


def _check_letters(c: Certificate) -> None:
    """Different letters are independent: they are made of different matrices."""
    used = {e.letter for e in c.random}
    for name in used:
        c.law_of(name)
    bases = [c.letters[name].letter if name in c.letters else name for name in used]
    if len(set(bases)) < len(bases):
        _refuse("letters", "two letters made of one random matrix, which are not independent")


def _check_closed_form(c: Certificate) -> None:
    if c.closed_form is None:
        return
    if set(c.closed_form.meanings) != set(c.closed_form.relations):
        _refuse("closed_form.meanings", "not one meaning for each relation")
    if not set(c.closed_form.unknowns) <= set(c.unknowns):
        _refuse("closed_form.unknowns", "not unknowns of the system")


def _check_point(c: Certificate) -> None:
    if c.point is None:
        if c.unknown_balls or c.target_balls:
            _refuse("balls", "balls without a point")
        return
    if set(c.unknown_balls) != set(c.unknowns):
        _refuse("balls.unknowns", "not one ball for each unknown")
    known = {name for name, m in c.problem.matrices.items() if m.law is None}
    for key, given, needed in (
        ("dims", c.point.dims, c.problem.dims),
        ("scalars", c.point.scalars, c.problem.scalars),
        ("matrices", c.point.matrices, known),
    ):
        if set(given) != set(needed):
            _refuse(f"point.{key}", f"values for other names than {', '.join(sorted(needed)) or 'none'}")


def _deterministic_formulas(c: Certificate) -> Iterator[tuple[str, Formula]]:
    """All formulas but the targets of the problem, in which random matrices may not stand."""
    for where, entries in (("pencil.deterministic", c.deterministic), ("reduction.self_energy", c.self_energy)):
        yield from ((where, f) for e in entries for f in (e.coefficient, e.matrix) if f is not None)
    yield from (("pencil.random", e.coefficient) for e in c.random)
    yield from (("letters", f) for new in c.letters.values() for f in (new.left, new.right) if f is not None)
    for where, averages in (("pencil.traces", c.traces), ("reduction.unknowns", c.unknowns)):
        yield from ((where, a.weight) for a in averages.values() if a.weight is not None)
    form = c.closed_form
    tables = [("pencil.targets", c.combinations), ("reduction.values", c.values)]
    if form is not None:
        tables += [("closed_form", t) for t in (form.relations, form.meanings, form.definitions)]
        tables += [("closed_form", t) for t in (form.unknowns, form.targets)]
    yield from ((where, f) for where, table in tables for f in table.values())


def _target_tables(c: Certificate) -> list[tuple[str, Mapping[str, Any]]]:
    tables: list[tuple[str, Mapping[str, Any]]] = [
        ("pencil.targets", c.combinations),
        ("reduction.values", c.values),
    ]
    if c.closed_form is not None:
        tables.append(("closed_form.targets", c.closed_form.targets))
    if c.point is not None:
        tables.append(("balls.targets", c.target_balls))
    return tables


def _unused(c: Certificate) -> set[str]:
    """Names that are declared without need."""
    matrices = c.problem.matrices.values()
    formulas = [*c.problem.targets.values(), *(f for m in matrices for f in m.shape)]
    formulas += [f for m in matrices if m.law is not None for f in m.law.formulas()]
    unused = {*c.problem.dims, *c.problem.scalars, *c.problem.matrices} - {n for f in formulas for n in f.names}
    used = {e.letter for e in c.random} | {n for f in c.combinations.values() for n in f.names}
    unused |= {*c.letters, *c.traces} - used
    reduced = {e.unknown for e in c.self_energy} | {n for f in c.values.values() for n in f.names}
    unused |= set(c.unknowns) - reduced
    if c.closed_form is not None:
        form = c.closed_form
        parts = (*form.relations.values(), *form.definitions.values(), *form.targets.values())
        unused |= {*form.relations, *form.definitions} - {n for f in parts for n in f.names}
    return unused
