"""What the command line reads: problem files, which are data, and files of derivations/, which are Python."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fpt_calc.api import Law, load
from fpt_calc.collection import Entry
from fpt_calc.derivation import derive_law
from fpt_calc.errors import FptError, InputError, NotInvertibleError
from fpt_calc.expr import traces_of
from fpt_calc.point import Point
from fpt_calc.problem import located
from fpt_calc.scalars import Scalar

Select = Callable[[dict[str, Scalar]], dict[str, Scalar]]


def load_law(file: Path, select: Select) -> tuple[Law, str]:
    """The law of the selected targets of a file, and its title."""
    targets, point, title = load_targets(file)
    chosen = select(targets)
    with located(file.name), _blaming(chosen):
        return Law(derive_law(chosen, commute=_commuting(file)), point), title


def _commuting(file: Path) -> tuple[tuple[str, ...], ...]:
    return () if file.suffix == ".py" else load(file).commute


def load_targets(file: Path) -> tuple[dict[str, Scalar], Point | None, str]:
    """Targets, values and title of a problem file (.toml) or of a file of derivations/ (.py)."""
    if not file.exists():
        raise InputError("no such file", where=str(file), remedy="check the path")
    if file.is_dir():
        raise InputError("this is a folder", where=str(file), remedy="give a problem file in it")
    if file.suffix == ".py":
        return _from_python(file)
    problem = load(file)
    return dict(problem.targets), problem.point, problem.title


def _from_python(file: Path) -> tuple[dict[str, Scalar], Point | None, str]:
    """A derivation file defines ENTRY; it is the user's own program and is run."""
    with located(file.name):
        try:
            entry = runpy.run_path(str(file)).get("ENTRY")
        except FptError:
            raise
        except (Exception, SystemExit) as error:  # whatever the user's program raises is told in one line
            what = f"this Python file fails ({type(error).__name__}: {error})"
            raise InputError(what, remedy="run it with python to see where") from None
        if not isinstance(entry, Entry):
            raise InputError(
                "no ENTRY in this Python file",
                remedy="give a problem file (.toml) or a file like those of derivations/",
            )
    return dict(entry.targets), entry.point, entry.title


@contextmanager
def _blaming(targets: dict[str, Scalar]) -> Iterator[None]:
    """Name the target in which an inverse does not exist: the engine knows the subexpression only."""
    try:
        yield
    except NotInvertibleError as error:
        holders = (name for name, s in targets.items() if any(error.where in t.name for t in traces_of(s)))
        with located(f"targets.{next(holders, '')}".rstrip(".")):
            raise
