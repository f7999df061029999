"""What the command line reads: problem files, which are data, and files of derivations/, which are Python."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fpt_calc.api import Law, load
from fpt_calc.derivation import derive_law
from fpt_calc.errors import InputError
from fpt_calc.point import Point
from fpt_calc.scalars import Scalar

Select = Callable[[dict[str, Scalar]], dict[str, Scalar]]


def load_law(file: Path, select: Select) -> tuple[Law, str]:
    """The law of the selected targets of a file, and its title."""
    targets, point, title = load_targets(file)
    chosen = select(targets)
    try:
        return Law(derive_law(chosen), point), title
    except InputError as error:
        where = f"{file.name}: {error.where}" if error.where else file.name
        raise type(error)(error.what, where=where, remedy=error.remedy) from None


def load_targets(file: Path) -> tuple[dict[str, Scalar], Point | None, str]:
    """Targets, values and title of a problem file (.toml) or of a file of derivations/ (.py)."""
    if not file.exists():
        raise InputError("no such file", where=str(file), remedy="check the path")
    if file.suffix == ".py":
        return _from_python(file)
    problem = load(file)
    return dict(problem.targets), problem.point, problem.title


def _from_python(file: Path) -> tuple[dict[str, Scalar], Point | None, str]:
    """A derivation file defines TITLE, TARGETS and POINT; it is the user's own program and is run."""
    names: dict[str, Any] = runpy.run_path(str(file))
    if "TARGETS" not in names:
        raise InputError("no TARGETS in this Python file", where=file.name, remedy="give a problem file (.toml)")
    return dict(names["TARGETS"]), names.get("POINT"), str(names.get("TITLE", file.stem))
