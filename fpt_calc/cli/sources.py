"""What the command line reads: problem files, which are data, and files of derivations/, which are Python."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fpt_calc.api import Law, load
from fpt_calc.collection import AnyEntry, Entry, PipelineEntry, ScalingEntry
from fpt_calc.derivation import derive_law
from fpt_calc.errors import FptError, InputError, NotInvertibleError
from fpt_calc.expr import traces_of
from fpt_calc.pipeline_file import is_pipeline
from fpt_calc.point import Point
from fpt_calc.problem import located
from fpt_calc.problem.loader import read_toml
from fpt_calc.scalars import Scalar

Select = Callable[[dict[str, Scalar]], dict[str, Scalar]]


@dataclass(frozen=True)
class Source:
    """What a file asks for: targets, where to evaluate them, and limits."""

    targets: Mapping[str, Scalar]
    point: Point | None
    title: str
    ratios: Mapping[str, Scalar] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    commute: tuple[tuple[str, ...], ...] = ()


def load_law(file: Path, select: Select) -> tuple[Law, Source]:
    """The law of the selected targets of a file."""
    source = load_source(file)
    chosen = select(dict(source.targets))
    with located(file.name), _blaming(chosen):
        return Law(derive_law(chosen, commute=source.commute), source.point, source.ratios), source


def load_source(file: Path) -> Source:
    """What a problem file (.toml) or a file of derivations/ (.py) asks for."""
    if not file.exists():
        raise InputError("no such file", where=str(file), remedy="check the path")
    if file.is_dir():
        raise InputError("this is a folder", where=str(file), remedy="give a problem file in it")
    if file.suffix == ".py":
        return _from_python(file)
    problem = load(file)
    return Source(problem.targets, problem.point, problem.title, problem.ratios, problem.limits, problem.commute)


def is_pipeline_file(file: Path) -> bool:
    """Whether a file is a problem file that states a pipeline, or a program whose ENTRY is one."""
    if file.suffix == ".py" and file.is_file():
        return "PipelineEntry(" in file.read_text(encoding="utf-8", errors="replace")
    return file.suffix == ".toml" and file.is_file() and is_pipeline(read_toml(file))


def is_scaling_file(file: Path) -> bool:
    """Whether a file is a program whose ENTRY is a scaling law."""
    return (
        file.suffix == ".py"
        and file.is_file()
        and "ScalingEntry(" in file.read_text(encoding="utf-8", errors="replace")
    )


def _from_python(file: Path) -> Source:
    entry = read_entry(file)
    if isinstance(entry, PipelineEntry):
        what = "this ENTRY is a pipeline made elsewhere"
        raise InputError(what, where=file.name, remedy="write PipelineEntry(...) in this file")
    if isinstance(entry, ScalingEntry):
        what = "this ENTRY is a scaling law: it has no targets to choose, simulate, draw or write"
        raise InputError(what, where=file.name, remedy="use fpt-calc check, or fpt-calc derive with the file alone")
    return Source(entry.targets, entry.point, entry.title)


def read_entry(file: Path) -> AnyEntry:
    """The ENTRY that a derivation file defines; it is the user's own program and is run."""
    with located(file.name):
        try:
            entry = runpy.run_path(str(file)).get("ENTRY")
        except FptError:
            raise
        except (Exception, SystemExit) as error:  # whatever the user's program raises is told in one line
            what = f"this Python file fails ({type(error).__name__}: {error})"
            raise InputError(what, remedy="run it with python to see where") from None
        if not isinstance(entry, Entry | PipelineEntry | ScalingEntry):
            raise InputError(
                "no ENTRY in this Python file",
                remedy="give a problem file (.toml) or a file like those of derivations/",
            )
    return entry


@contextmanager
def _blaming(targets: dict[str, Scalar]) -> Iterator[None]:
    """Name the target in which an inverse does not exist: the engine knows the subexpression only."""
    try:
        yield
    except NotInvertibleError as error:
        holders = (name for name, s in targets.items() if any(error.where in t.name for t in traces_of(s)))
        with located(f"targets.{next(holders, '')}".rstrip(".")):
            raise
