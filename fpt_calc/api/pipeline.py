"""Short constructors for the parts of a training pipeline: teachers, data, models, generations."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.pipeline import (
    OLS,
    PREVIOUS,
    Dataset,
    Design,
    Generations,
    LabelSource,
    Learner,
    MinNorm,
    Model,
    Previous,
    ProjectedRidge,
    Projection,
    RandomFeatures,
    Ridge,
    Teacher,
)
from fpt_calc.problem.tables import check_name
from fpt_calc.scalars import ONE, Parameter, Scalar, ScalarLike, as_dimension, is_fixed, is_nonnegative, scalar

previous = PREVIOUS
Number = ScalarLike | str


def teacher(
    name: str,
    dim: ScalarLike,
    vector: Atom | None = None,
    covariance: Atom | None = None,
    near: Teacher | None = None,
) -> Teacher:
    """A linear teacher: weights ``vector``, or random ones N(0, covariance), added to those of ``near`` if it is given.

    ``vector`` is dim x 1, ``covariance`` dim x dim and psd.  Raises `InputError` unless one of the two is given.

    >>> from fpt_calc.api import dims, matrix
    >>> (d,) = dims("d")
    >>> w1 = teacher("w1", d, covariance=matrix("Gamma", d, d, "psd"))
    >>> teacher("w2", d, covariance=matrix("Delta", d, d, "psd"), near=w1).near == w1
    True
    """
    check_name(name, "")
    size = _growing(dim, name)
    if (vector is None) == (covariance is None):
        what = "a teacher needs a vector or a covariance, not both"
        raise InputError(what, where=name, remedy="give vector=... for fixed weights, covariance=... for random ones")
    if near is not None and (not isinstance(near, Teacher) or near.dim != size):
        raise InputError("near is not a teacher of this dimension", where=name, remedy="make it with teacher(...)")
    if vector is not None:
        _check_matrix(vector, (size, ONE), "vector", name)
    _check_covariance(covariance, size, name)
    return Teacher(name, size, vector, covariance, near)


def data(
    name: str,
    size: ScalarLike | None = None,
    dim: ScalarLike | None = None,
    covariance: Atom | None = None,
    *,
    labels: LabelSource,
    noise: Number = 0,
    design: Dataset | None = None,
) -> Dataset:
    """Inputs x ~ N(0, covariance) with labels ``f(x) + noise * e``, where f is the teacher or model ``labels``.

    Parameters
    ----------
    size : the number of samples, which grows with the dimension.
    dim : the dimension of x; left out where the covariance or the labels tell it.
    covariance : psd, dim x dim; the identity if it is left out.
    labels : a teacher, a model, generations, or `previous` inside of generations.
    noise : the standard deviation of the label noise.
    design : another data set, whose inputs these are; then size, dim and covariance are left out.

    >>> from fpt_calc.api import dims, matrix
    >>> n, d = dims("n d")
    >>> w0 = teacher("w0", d, matrix("w0", d, 1))
    >>> real = data("real", n, labels=w0, noise="1/2")
    >>> data("again", design=real, labels=w0).design == real.design
    True
    """
    check_name(name, "")
    if not isinstance(labels, Teacher | Model | Generations | Previous):
        remedy = "give a teacher, a model or generations"
        raise InputError(f"labels by {labels!r}", where=name, remedy=remedy)
    deviation = _real(noise, name, "noise")
    if is_nonnegative(-deviation) and not deviation.is_zero:
        raise InputError(f"the noise {deviation} is negative", where=name, remedy="give a standard deviation")
    return Dataset(name, _design(name, size, dim, covariance, labels, design), labels, deviation)


def model(name: str, fit: Learner, on: Iterable[Dataset]) -> Model:
    """What a fit (`ols`, `min_norm`, `ridge`, `projections`, `random_features`) makes of some data sets.

    >>> from fpt_calc.api import dims, matrix
    >>> n, d = dims("n d")
    >>> real = data("real", n, labels=teacher("w0", d, matrix("w0", d, 1)))
    >>> model("student", ridge("1/10"), [real]).learner
    Ridge(lam=1/10)
    """
    check_name(name, "")
    if not isinstance(fit, Learner):
        raise InputError(f"{fit!r} is not a fit", where=name, remedy="give ols(), min_norm(), ridge(lam), ...")
    sets = tuple(on) if isinstance(on, Iterable) else ()
    if not sets or not all(isinstance(d, Dataset) for d in sets):
        raise InputError("a model without data", where=name, remedy="give a list of data sets made with data(...)")
    if len({d.name for d in sets}) < len(sets):
        raise InputError("two data sets of one name", where=name, remedy="name each data set once")
    if len({d.design.dim for d in sets}) > 1:
        raise InputError("data sets of different dimensions", where=name, remedy="use one dimension")
    return Model(name, fit, sets)


def ols() -> OLS:
    """Least squares ``(X'X)^-1 X'y``; there are more samples than dimensions."""
    return OLS()


def min_norm() -> MinNorm:
    """The interpolator of least norm ``X^+ y``."""
    return MinNorm()


def ridge(lam: Number) -> Ridge:
    """Ridge regression ``(X'X/n + lam)^-1 X'y/n``.

    >>> ridge(0.1)
    Ridge(lam=1/10)
    """
    return Ridge(_lam(lam))


def projections(lam: Number, width: ScalarLike, *, name: str) -> ProjectedRidge:
    """Ridge on random projections S x, S of shape width x d; models that give the same ``name`` share S."""
    return ProjectedRidge(_lam(lam), Projection(check_name(name, ""), _growing(width, name)))


def random_features(lam: Number, width: ScalarLike, *, linear: Number, nonlinear: Number, name: str) -> RandomFeatures:
    """Ridge on linearized random features ``linear S x + nonlinear xi``; the same ``name`` shares S."""
    shared = Projection(check_name(name, ""), _growing(width, name))
    return RandomFeatures(_lam(lam), shared, _real(linear, name, "linear"), _real(nonlinear, name, "nonlinear"))


def generations(
    step: Model,
    count: ScalarLike,
    start: Teacher | Model | Generations,
    reused: Iterable[Dataset] = (),
    *,
    name: str = "generations",
) -> Generations:
    """The model after ``count`` generations: each is ``step``, on data that the one before labels.

    Parameters
    ----------
    step : a model on data sets, of which one at least has the labels `previous`.
    count : an integer, or an expression in scalars of kind "generations".
    start : who labels the data of the first generation.
    reused : the data sets whose inputs are drawn once for all generations.

    >>> from fpt_calc.api import dims, matrix, scalars
    >>> n, d = dims("n d")
    >>> (g,) = scalars("g", "generations")
    >>> step = model("generation", ols(), [data("synthetic", n, d, labels=previous)])
    >>> generations(step, g, teacher("w0", d, matrix("w0", d, 1))).count
    g
    """
    check_name(name, "")
    if not isinstance(step, Model) or not any(isinstance(d.labels, Previous) for d in step.on):
        remedy = "give a model on data with labels=previous"
        raise InputError("no generation learns from the one before", where=name, remedy=remedy)
    if not isinstance(start, Teacher | Model | Generations):
        raise InputError(f"a start from {start!r}", where=name, remedy="give a teacher or a model")
    designs = {d.design.name for d in step.on}
    names = frozenset(d.design.name if isinstance(d, Dataset) else str(d) for d in reused)
    for other in sorted(names - designs):
        raise InputError(f"no inputs {other!r} to reuse", where=name, remedy=f"there are {', '.join(sorted(designs))}")
    return Generations(name, step, _count(count, name), start, names)


def _design(
    name: str,
    size: ScalarLike | None,
    dim: ScalarLike | None,
    covariance: Atom | None,
    labels: LabelSource,
    design: Dataset | None,
) -> Design:
    if design is not None:
        if not isinstance(design, Dataset) or any(part is not None for part in (size, dim, covariance)):
            what = "inputs given twice" if isinstance(design, Dataset) else f"the design {design!r}"
            raise InputError(what, where=name, remedy="give a data set as design and no size, dim or covariance")
        return design.design
    if size is None:
        raise InputError("a data set without its size", where=name, remedy="give its number of samples")
    known = _dimension_of(labels) if covariance is None else getattr(covariance, "rows", None)
    found = known if dim is None else scalar(dim)
    if found is None:
        raise InputError("inputs of unknown dimension", where=name, remedy="give dim=d")
    _check_covariance(covariance, _growing(found, name), name)
    return Design(name, _growing(size, name), _growing(found, name), covariance)


def _dimension_of(labels: LabelSource) -> Scalar | None:
    match labels:
        case Teacher(dim=dim):
            return dim
        case Model(on=on):
            return on[0].design.dim
        case Generations(step=step):
            return step.on[0].design.dim
    return None


def _check_covariance(covariance: Atom | None, dim: Scalar, name: str) -> None:
    if covariance is None:
        return
    _check_matrix(covariance, (dim, dim), "covariance", name)
    if "psd" not in covariance.facts:
        what = f"the covariance {covariance.name} is not known to be psd"
        raise InputError(what, where=name, remedy=f'make it with matrix("{covariance.name}", {dim}, {dim}, "psd")')


def _check_matrix(value: Atom, shape: tuple[Scalar, Scalar], role: str, name: str) -> None:
    """A real deterministic matrix of this shape."""
    if not isinstance(value, Atom) or value.is_random or value.entries != "real" or value.shape != shape:
        what = f"the {role} is not a real deterministic matrix of shape {shape[0]} x {shape[1]}"
        raise InputError(what, where=name, remedy="make it with matrix(...)")


def _growing(value: ScalarLike, name: str) -> Scalar:
    result = as_dimension(value, name)
    if is_fixed(result):
        remedy = "declare a dimension for it and give the number where you evaluate"
        raise InputError(f"the fixed size {result}, where sizes grow", where=name, remedy=remedy)
    return result


def _real(value: Number, name: str, role: str) -> Scalar:
    """Strings are exact decimals or fractions."""
    try:
        result = scalar(Fraction(value) if isinstance(value, str) else value)
    except (ValueError, ZeroDivisionError):
        raise InputError(f"the {role} {value!r} is not a number", where=name, remedy="give a number") from None
    if result != result.conjugate():
        raise InputError(f"the {role} {result} is not real", where=name, remedy="give a real number")
    return result


def _lam(value: Number) -> Scalar:
    lam = _real(value, "lam", "ridge")
    if is_nonnegative(-lam):
        raise InputError(f"the ridge {lam}", where="lam", remedy="give a positive lam, or use ols() or min_norm()")
    return lam


def _count(value: ScalarLike, name: str) -> Scalar:
    count = _real(value, name, "count")
    known = all(isinstance(g, Parameter) and g.kind == "generations" for g in count.gens)
    if not known or count.den != 1 or (is_nonnegative(-count) and not count.is_zero):
        remedy = 'give an integer, or a scalar of kind "generations"'
        raise InputError(f"{count} generations", where=name, remedy=remedy)
    return count
