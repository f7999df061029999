"""The table [at] of a pipeline file: values as in problem files, and vectors in words of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpt_calc.errors import InputError
from fpt_calc.pipeline import OLS, Learner, Model, Pipeline, datasets_of, designs_of, generations_of, models_of
from fpt_calc.problem.declarations import Declarations
from fpt_calc.problem.located import located, shorten
from fpt_calc.problem.numbers import read_real
from fpt_calc.problem.tables import Table, check_keys
from fpt_calc.problem.values import LARGEST_SPECTRUM, read_point
from fpt_calc.scalars import Scalar

if TYPE_CHECKING:  # numpy takes its time to import, and most files are read without [at]
    from fpt_calc.point import Dense, MatrixData, NumericModel, Point

_WRITE = 'write { norm = 1 }, { power_law = 0.5 } or { matrix = "file.npy" }'


def read_values(
    entries: Table, declarations: Declarations, commute: tuple[tuple[str, ...], ...], folder: Path | None,
    sizes: Mapping[str, int], vectors: Iterable[str], dim: Scalar,
) -> Point:  # fmt: skip
    """The values of [at], with those of ``sizes``, which are numbers elsewhere in the file.

    ``vectors``: the d x 1 matrices, where ``dim`` is d.  Besides ``matrix`` they may be given by ``norm`` (d equal
    entries) or ``power_law`` and ``scale`` (entries ``scale * k**-exponent`` in the basis of the spectra).

    Raises `InputError` like `fpt_calc.problem.values.read_point`.
    """
    from fpt_calc.point import NumericModel

    for name in sizes:
        if name in entries:
            remedy = "remove it, or write a dimension instead of the number"
            raise InputError("this size is a number elsewhere in the file", where=f"at.{name}", remedy=remedy)
    words = {name: entries[name] for name in vectors if name in entries and not _is_array(entries[name])}
    placeholders = {name: {"matrix": [0]} for name in words}
    point = read_point({**sizes, **entries, **placeholders}, declarations, commute, folder)
    if not words:
        return point
    size = NumericModel(point).size(dim)
    written: dict[str, MatrixData] = {}
    for name, value in words.items():
        with located(f"at.{name}"):
            written[name] = _vector(value, size)
    return replace(point, matrices={**point.matrices, **written})


def check_values(pipelines: Mapping[str, Pipeline], assume: Iterable[tuple[Scalar, Scalar]], point: Point) -> None:
    """Raise `InputError` where values contradict what they stand for: sizes, noises, ridges, counts, assumptions."""
    from fpt_calc.point import NumericModel

    model = NumericModel(point)
    for pipeline in pipelines.values():
        for design in designs_of(pipeline):
            model.dimension(design.size)
        for data in datasets_of(pipeline):
            if not model.scalar(data.noise) >= 0:
                remedy = "choose values that make it nonnegative"
                raise InputError(f"the noise {data.noise} of {data.name} is negative", where="at", remedy=remedy)
        for trained in models_of(pipeline):
            _check_learner(trained, model)
        counts_at(pipeline, point)
    for smaller, larger in assume:
        if not model.dimension(smaller) < model.dimension(larger):
            what = f"these values contradict assume: {smaller} < {larger}"
            raise InputError(what, where="at", remedy="change the values or the assumption")


def counts_at(pipeline: Pipeline, point: Point) -> dict[str, int]:
    """The number of generations of each chain at a point, for `fpt_calc.pipeline.unrolled`.

    Raises `InputError` where a value is missing, or the number is not a nonnegative integer.
    """
    from fpt_calc.point import NumericModel

    model = NumericModel(point)
    counts: dict[str, int] = {}
    for chain in generations_of(pipeline):
        number = model.scalar(chain.count)
        if number < 0 or number != int(number):
            what = f"{chain.count} = {number:g} generations"
            raise InputError(what, where="at", remedy="give a nonnegative integer")
        counts[chain.name] = int(number)
    return counts


def _is_array(value: object) -> bool:
    return isinstance(value, Mapping) and "matrix" in value


def _vector(value: object, size: int) -> Dense:
    import numpy as np

    from fpt_calc.point import Dense

    if not isinstance(value, Mapping):
        raise InputError(f"{shorten(repr(value), 60)} is not the value of a vector", remedy=_WRITE)
    check_keys(value, ("norm", "power_law", "scale", "matrix"))
    forms = [key for key in ("norm", "power_law") if key in value]
    if len(forms) != 1:
        raise InputError("two values at once" if forms else "no value of a vector", remedy=_WRITE)
    check_keys(value, ("norm",) if forms == ["norm"] else ("power_law", "scale"))
    if size > LARGEST_SPECTRUM:
        raise InputError(f"a vector of more than {LARGEST_SPECTRUM} entries", remedy="choose a smaller dimension")
    if forms == ["norm"]:
        norm = _positive(value["norm"])
        return Dense(np.full(size, float(norm) / np.sqrt(size)))
    exponent, scale = read_real(value["power_law"]), read_real(value.get("scale", 1))
    return Dense(float(scale) * np.arange(1, size + 1, dtype=float) ** -float(exponent))


def _positive(value: object) -> Fraction:
    number = read_real(value)
    if number <= 0:
        raise InputError(f"the norm {number} is not positive", remedy="give a positive norm")
    return number


def _check_learner(trained: Model, model: NumericModel) -> None:
    learner: Learner = trained.learner
    lam: Any = getattr(learner, "lam", None)
    if lam is not None and not model.scalar(lam) > 0:
        what = f"the ridge {lam} of {trained.name} is not positive"
        raise InputError(what, where="at", remedy="choose values that make it positive")
    if isinstance(learner, OLS):
        samples = sum(model.dimension(d.design.size) for d in trained.on)
        dim = model.dimension(trained.on[0].design.dim)
        if samples <= dim:
            what = f"least squares of {trained.name} with {float(samples):g} samples in {float(dim):g} dimensions"
            raise InputError(what, where="at", remedy="give more samples, or use the fit min-norm or ridge")
