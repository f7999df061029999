"""The nodes of a pipeline.  Each names what it is made from, so that a pipeline cannot have a cycle."""

from __future__ import annotations

from dataclasses import dataclass, fields

from fpt_calc.expr import Atom
from fpt_calc.pipeline.learners import Learner
from fpt_calc.scalars import ZERO, Scalar


class _Hashed:
    """Nodes are shared and nested deeply, so each takes its hash once, from those of the nodes it is made from."""

    _hash: int

    def __post_init__(self) -> None:
        parts = (getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]  # all are dataclasses
        object.__setattr__(self, "_hash", hash((type(self).__name__, *parts)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True)
class Teacher:
    """A linear teacher x -> x'w, where w is that of ``near`` (or zero) plus a part of its own.

    Attributes
    ----------
    name : by which sources of error are called.
    dim : the dimension d of x.
    vector : the own part, if it is fixed: a deterministic d x 1 matrix.
    covariance : the covariance of the own part, if it is random: N(0, covariance), independent of all else.
    near : the teacher from which it is displaced.
    """

    name: str
    dim: Scalar
    vector: Atom | None = None
    covariance: Atom | None = None
    near: Teacher | None = None


@dataclass(frozen=True)
class Design:
    """``size`` inputs x ~ N(0, covariance), independent; the identity if no covariance is named."""

    name: str
    size: Scalar
    dim: Scalar
    covariance: Atom | None = None


@dataclass(frozen=True)
class Previous:
    """The model of the generation before, as a source of labels inside a generation."""


PREVIOUS = Previous()


@dataclass(frozen=True)
class Dataset(_Hashed):
    """Inputs with labels ``y = f(x) + noise * e``, e ~ N(0, 1), where f is a teacher or a model.

    Models that name the same data set share its inputs and its labels; data sets of one design share the inputs only.
    """

    name: str
    design: Design
    labels: LabelSource
    noise: Scalar = ZERO

    __hash__ = _Hashed.__hash__  # which @dataclass would replace


@dataclass(frozen=True)
class Model(_Hashed):
    """What a learner makes of some data sets."""

    name: str
    learner: Learner
    on: tuple[Dataset, ...]

    __hash__ = _Hashed.__hash__  # which @dataclass would replace


@dataclass(frozen=True)
class Generations(_Hashed):
    """The model after ``count`` generations: each is ``step``, with labels `PREVIOUS` by the one before it.

    Attributes
    ----------
    name : by which it is called.
    step : one generation; data sets are drawn anew in each, unless their design is reused.
    count : the number of generations, an integer or a symbol; with 0 generations it is ``start``.
    start : who labels the data of the first generation.
    reused : the names of designs that are drawn once for all generations; their labels are always new.
    """

    name: str
    step: Model
    count: Scalar
    start: Teacher | Model | Generations
    reused: frozenset[str] = frozenset()

    __hash__ = _Hashed.__hash__  # which @dataclass would replace


LabelSource = Teacher | Model | Generations | Previous


@dataclass(frozen=True)
class Pipeline:
    """A question about a model: its excess risk ``E |w - w0|^2_covariance`` against a teacher w0.

    ``covariance`` is that of the test inputs, the identity if it is None.
    """

    model: Model | Generations
    against: Teacher
    covariance: Atom | None = None
    title: str = "Test error"
