"""Is a pipeline one that can be meant?  One line for the first thing that is wrong with it."""

from __future__ import annotations

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.pipeline.learners import OLS, ProjectedRidge, Projection, RandomFeatures, Ridge, projection_of
from fpt_calc.pipeline.nodes import Dataset, Design, Generations, Model, Pipeline, Previous, Teacher
from fpt_calc.pipeline.walk import Node, designs_of, models_of, nodes_of
from fpt_calc.scalars import ONE, Scalar, is_nonnegative


def check_pipeline(pipeline: Pipeline) -> None:
    """Raise `InputError` for two things of one name, sizes that differ, or a label source that does not exist."""
    if not isinstance(pipeline.model, Model | Generations):
        raise InputError("the tested model is not a model", where="model", remedy="give a model or generations")
    if not isinstance(pipeline.against, Teacher):
        raise InputError("a model is compared with a teacher", where="against", remedy="give a teacher")
    nodes = nodes_of(pipeline)
    _check_names(nodes, pipeline)
    inside = {d for n in nodes if isinstance(n, Generations) for d in n.step.on}
    for node in nodes:
        match node:
            case Teacher():
                _check_teacher(node, pipeline.against.dim)
            case Dataset():
                _check_dataset(node, pipeline.against.dim, node in inside)
            case Model():
                _check_model(node)
            case Generations():
                _check_generations(node)
    test = pipeline.covariance
    if test is not None and test.shape != (pipeline.against.dim,) * 2:
        raise InputError(f"the test covariance is {_shape(test)}", where=test.name, remedy="make it d x d")


def _check_names(nodes: tuple[Node, ...], pipeline: Pipeline) -> None:
    known: dict[str, object] = {}
    for node in nodes:
        if known.setdefault(node.name, node) != node:
            raise InputError("two things of one name in a pipeline", where=node.name, remedy="rename one of them")
    designs: dict[str, Design] = {}
    for design in designs_of(pipeline):
        if designs.setdefault(design.name, design) != design:
            raise InputError("two designs of one name", where=design.name, remedy="rename one of them")
    shared: dict[str, Projection] = {}
    for model in models_of(pipeline):
        projection = projection_of(model.learner)
        if projection is not None and shared.setdefault(projection.name, projection) != projection:
            raise InputError("two projections of one name", where=projection.name, remedy="rename one of them")


def _check_teacher(teacher: Teacher, dim: Scalar) -> None:
    if teacher.dim != dim:
        raise InputError(f"dimension {teacher.dim} instead of {dim}", where=teacher.name, remedy="use one dimension")
    if (teacher.vector is None) == (teacher.covariance is None):
        remedy = "give it a vector, or the covariance of a random one"
        raise InputError("a teacher needs weights, fixed or random, not both", where=teacher.name, remedy=remedy)
    if teacher.vector is not None and teacher.vector.shape != (dim, ONE):
        raise InputError(f"the vector is {_shape(teacher.vector)}", where=teacher.name, remedy="make it d x 1")
    if teacher.covariance is not None and teacher.covariance.shape != (dim, dim):
        raise InputError(f"the covariance is {_shape(teacher.covariance)}", where=teacher.name, remedy="make it d x d")


def _check_dataset(data: Dataset, dim: Scalar, in_generations: bool) -> None:
    design = data.design
    if design.dim != dim:
        raise InputError(f"inputs of dimension {design.dim} instead of {dim}", where=data.name, remedy="use one")
    if design.covariance is not None and design.covariance.shape != (dim, dim):
        raise InputError(f"the covariance is {_shape(design.covariance)}", where=data.name, remedy="make it d x d")
    if isinstance(data.labels, Previous) and not in_generations:
        remedy = "name a teacher or a model, or put it into generations"
        raise InputError("labels by the previous model outside of generations", where=data.name, remedy=remedy)
    number = design.size.constant
    if number is not None and (number <= 0 or number.denominator != 1):
        raise InputError(f"{number} samples", where=data.name, remedy="give a positive integer or a dimension")
    if is_nonnegative(-data.noise) and not data.noise.is_zero:
        raise InputError(f"the noise {data.noise} is negative", where=data.name, remedy="give a standard deviation")


def _check_model(model: Model) -> None:
    if not model.on:
        raise InputError("a model without data", where=model.name, remedy="name the data sets it is trained on")
    if len(set(model.on)) < len(model.on):
        raise InputError("one data set twice", where=model.name, remedy="name each data set once")
    learner = model.learner
    if isinstance(learner, Ridge | ProjectedRidge | RandomFeatures) and is_nonnegative(-learner.lam):
        remedy = "give a positive lam, or use the fit ols or min-norm"
        raise InputError(f"a ridge of {learner.lam}", where=model.name, remedy=remedy)
    if isinstance(learner, OLS):
        sizes = [d.design.size.constant for d in model.on]
        dim = model.on[0].design.dim.constant
        if dim is not None and all(s is not None for s in sizes) and sum(s for s in sizes if s) <= dim:
            remedy = "give more samples, or use min-norm or ridge"
            raise InputError("least squares with fewer samples than dimensions", where=model.name, remedy=remedy)


def _check_generations(chain: Generations) -> None:
    if not any(isinstance(d.labels, Previous) for d in chain.step.on):
        remedy = 'let one data set have labels by the model before it: "previous"'
        raise InputError("no generation learns from the one before", where=chain.name, remedy=remedy)
    number = chain.count.constant
    if number is not None and (number < 0 or number.denominator != 1):
        raise InputError(f"{number} generations", where=chain.name, remedy="give an integer or a symbol")
    names = {d.design.name for d in chain.step.on}
    for name in sorted(chain.reused - names):
        raise InputError(f"no design {name!r} to reuse", where=chain.name, remedy=f"the designs are {sorted(names)}")


def _shape(matrix: Atom) -> str:
    rows, cols = matrix.shape
    return f"{rows} x {cols}"
