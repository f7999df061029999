"""Problem files: TOML to `Problem`, or one line of what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.problem.data import Problem
from fpt_calc.problem.declarations import read_commute, read_declarations, read_limits
from fpt_calc.problem.located import located, shorten
from fpt_calc.problem.resolve import check_commute, read_targets, resolve
from fpt_calc.problem.tables import check_keys, table
from fpt_calc.problem.values import check_point, complex_matrices, read_point

KEYS = ("title", "dims", "commute", "ratios", "scalars", "matrices", "let", "targets", "at", "limits", "scaling")
RESERVED = ("sweep",)


def load_problem(path: str | Path) -> Problem:
    """The problem that a TOML file states; arrays of [at] are read relative to it.

    Raises `InputError` in one line: file, key, cause, remedy.
    """
    file = Path(path)
    return problem_from_dict(read_toml(file), file.parent, file.name)


def problem_from_dict(data: Mapping[str, Any], folder: Path | None, name: str) -> Problem:
    """The problem that the tables ``data`` state.

    Parameters
    ----------
    data : what `tomllib` makes of a problem file.
    folder : where relative paths of arrays start; None is the working directory.
    name : the name of the file in messages.

    Raises `InputError` in one line that begins with ``name``.

    >>> problem = problem_from_dict({
    ...     "dims": ["n", "d"],
    ...     "scalars": {"lam": "positive"},
    ...     "matrices": {"X": {"shape": ["n", "d"], "law": "gaussian", "variance": "1/n"}},
    ...     "let": {"R": "inv(X.T @ X + lam)"},
    ...     "targets": {"t": "tau(R)"},
    ... }, None, "example.toml")
    >>> problem.targets["t"], problem.definitions["R"].shape
    (tau(inv(X.T@X + lam)), (d, d))
    """
    with located(name):
        try:
            return _problem(data, folder, name)
        except RecursionError:
            raise InputError("definitions or arrays nested too deeply", remedy="make the file flatter") from None


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of a TOML file; raises `InputError` in one line with the line and column."""
    with located(file.name):
        try:
            content = file.read_bytes()
        except (OSError, ValueError) as error:
            cause = error.strerror if isinstance(error, OSError) else str(error)
            raise InputError(f"cannot be read ({cause})", remedy="check the path") from None
        try:
            return tomllib.loads(content.decode("utf-8-sig"))  # some editors write a byte order mark
        except RecursionError:
            raise InputError("arrays or tables nested too deeply", remedy="make the file flatter") from None
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8 at byte {error.start}", remedy="save the file as UTF-8 text") from None
        except ValueError as error:
            twice = any(word in str(error) for word in ("overwrite", "twice", "Duplicate"))
            remedy = "declare each name once" if twice else "mend the TOML syntax there"
            if not content.isascii():
                remedy += "; names are ASCII, Greek letters spelled out (lam for lambda)"
            raise InputError(f"malformed TOML: {shorten(str(error))}", remedy=remedy) from None


def _problem(data: Mapping[str, Any], folder: Path | None, source: str) -> Problem:
    for key in RESERVED:
        if key in data:
            remedy = "remove it; it comes with the closed forms"
            raise InputError(f"[{key}] is reserved and has no meaning yet", where=key, remedy=remedy)
    check_keys(data, KEYS)
    title = data.get("title", Path(source).stem)
    if not isinstance(title, str):
        raise InputError(f"{shorten(repr(title), 60)} is not a title", where="title", remedy="write it in quotes")
    declarations = read_declarations(data)
    commute = read_commute(data, declarations)
    point = read_point(table(data, "at"), declarations, commute, folder) if "at" in data else None
    meanings = resolve(declarations, frozenset() if point is None else complex_matrices(point))
    check_commute(commute, meanings.atoms)
    targets = read_targets(table(data, "targets"), meanings.values)
    limits = read_limits(table(data, "limits"), declarations)
    if point is not None:
        check_point(point, declarations.scalars.values(), meanings.atoms)
    return Problem(
        title=title,
        dims=declarations.dims,
        scalars=declarations.scalars,
        atoms=meanings.atoms,
        definitions=meanings.definitions,
        targets=targets,
        ratios=meanings.ratios,
        commute=commute,
        point=point,
        source=source,
        limits=limits,
        scaling=table(data, "scaling"),
    )
