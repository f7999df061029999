"""`derive`: from targets, a problem or a problem file to its law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fpt_calc.api.result import Law
from fpt_calc.derivation import derive_law
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr, atoms, tau, traces_of
from fpt_calc.problem import Problem, load_problem
from fpt_calc.problem.tables import check_name
from fpt_calc.scalars import Scalar, is_fixed

Target = Any  # Scalar, 1x1 Expr, or a sympy expression


def load(path: str | Path) -> Problem:
    """Read and check a problem file; raises `InputError` with one line for bad input."""
    return load_problem(Path(path))


def derive(
    what: Target | Mapping[str, Target] | Problem | str | Path,
    *,
    given: Iterable[Atom] | Atom = (),
    commute: Iterable[Iterable[Atom]] = (),
    matrices: Iterable[Atom] = (),
    scalars: Iterable[Scalar] = (),
) -> Law:
    """Derive the limiting law of one target, of several by name, or of a problem (file).

    Parameters
    ----------
    what : a scalar such as ``tau(R @ S)``, a mapping of them, a problem, or the path of a problem file.
    given : random matrices to condition on.
    commute : groups of deterministic matrices that commute with each other; closed forms use it, numbers check it.
    matrices, scalars : for sympy expressions, the declared matrices and scalars that their names stand for.

    Raises
    ------
    InputError
        where the input cannot be meant; the message says what to do.

    >>> import fpt_calc as fc
    >>> n, d = fc.dims("n d")
    >>> (lam,) = fc.scalars("lam", "positive")
    >>> X = fc.gaussian("X", n, d, variance=1/n)
    >>> law = fc.derive(fc.tau(fc.inv(X.T @ X + lam)))
    >>> law.equations
    ['g1 = 1/(g2 + lam)', 'g2 = n/(d*g1 + n)', 'value = g1']
    >>> round(law.at(n=600, d=400, lam=0.3), 4)
    1.1565
    """
    if isinstance(what, str | Path):
        what = load(what)
    if isinstance(what, Problem):
        law = derive_law(what.targets, _conditions(given, what.targets), what.commute)
        return Law(law, what.point, what.ratios)
    named = what if isinstance(what, Mapping) else {"value": what}
    if not named:
        raise InputError("no targets", where="derive", remedy="give at least one scalar such as tau(...)")
    targets = {check_name(name, "targets"): _scalar(name, t, matrices, scalars) for name, t in named.items()}
    groups = tuple(tuple(_commuting(atom) for atom in group) for group in commute)
    return Law(derive_law(targets, _conditions(given, targets), groups))


def _conditions(given: Iterable[Atom] | Atom, targets: Mapping[str, Scalar]) -> tuple[Atom, ...]:
    """The matrices to condition on; raises `InputError` for one that does not occur, which would be a mistake."""
    chosen = (given,) if isinstance(given, Atom) else tuple(given)
    present = {a for s in targets.values() for t in traces_of(s) for a in atoms(t.argument)}
    for atom in chosen:
        if not isinstance(atom, Atom) or (atom.is_random and atom not in present):
            known = ", ".join(sorted(a.name for a in present if a.is_random))
            raise InputError(f"{atom!r} does not occur in the targets", where="given", remedy=f"give some of {known}")
    return chosen


def _commuting(atom: object) -> str:
    """The name of a matrix that may stand in a group of commuting ones."""
    if not isinstance(atom, Atom) or atom.is_random or atom.rows != atom.cols:
        raise InputError(f"{atom!r} in a commuting group", where="commute", remedy="give square deterministic matrices")
    return atom.name


def _scalar(name: str, target: Target, matrices: Iterable[Atom], scalars: Iterable[Scalar]) -> Scalar:
    if not isinstance(target, Scalar | Expr) and type(target).__module__.startswith("sympy"):
        from fpt_calc.expr.from_sympy import from_sympy

        target = from_sympy(target, matrices, scalars)
    if isinstance(target, Expr) and is_fixed(target.rows) and target.rows == target.cols == 1:
        return tau(target)
    if not isinstance(target, Scalar):
        raise InputError(f"{target!r} is not scalar", where=name, remedy="take tau(...) or Tr(...) of it")
    return target
