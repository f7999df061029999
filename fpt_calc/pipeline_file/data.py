"""A pipeline file as data: what is trained and tested, with the names in which answers are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fpt_calc.expr import Atom
from fpt_calc.pipeline import Pipeline
from fpt_calc.problem import Value
from fpt_calc.scalars import Dimension, Generator, Parameter, Scalar, generator_scalar

if TYPE_CHECKING:
    from fpt_calc.point import Point


@dataclass(frozen=True)
class PipelineProblem:
    """A pipeline file, read and checked; made by `load_pipeline` and `pipeline_from_dict`.

    Attributes
    ----------
    title : for people; the file's name if the file has none.
    pipelines : one for each entry of [test], by its name.
    dims, scalars : what was declared, by name; sizes given as numbers are dimensions ``n_NAME`` and ``width_NAME``.
    sizes : the values of those dimensions.
    atoms : the deterministic matrices, by name, with the d x 1 vectors of teachers.
    ratios : the names that closed forms and LaTeX use for quotients of dimensions.
    commute : groups of matrices that commute; closed forms use it, numbers do not.
    assume : pairs (smaller, larger) of dimensions.
    point : the values of [at], or None without [at].
    source : the name of the file in messages.
    scaling : the entries of [scaling], as they stand: how sizes, ridges and spectra depend on one size.
    """

    title: str
    pipelines: Mapping[str, Pipeline]
    dims: Mapping[str, Dimension]
    scalars: Mapping[str, Parameter]
    sizes: Mapping[str, int]
    atoms: Mapping[str, Atom]
    ratios: Mapping[str, Scalar]
    commute: tuple[tuple[str, ...], ...]
    assume: tuple[tuple[Scalar, Scalar], ...]
    point: Point | None
    source: str
    scaling: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, Value]:
        """What every declared name means in formulas."""
        generators: dict[str, Generator] = {**self.dims, **self.scalars}
        free: dict[str, Value] = {name: generator_scalar(generator) for name, generator in generators.items()}
        return free | dict(self.ratios) | dict(self.atoms)
