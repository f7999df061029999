"""From entries to the nodes of pipelines: names become nodes, formulas become scalars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, traces_of
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
from fpt_calc.pipeline_file.chains import ChainEntry, StepEntry
from fpt_calc.pipeline_file.entries import PREVIOUS as PREVIOUS_WORD
from fpt_calc.pipeline_file.entries import REUSED, DataEntry, ModelEntry, TeacherEntry
from fpt_calc.pipeline_file.order import IDENTITY, Entries
from fpt_calc.problem import Value
from fpt_calc.problem.formula import meaning
from fpt_calc.problem.located import hint, located, shorten
from fpt_calc.problem.resolve import check_real, dimension_of
from fpt_calc.problem.syntax import Formula, check_names
from fpt_calc.problem.tables import check_name
from fpt_calc.scalars import ONE, ZERO, Dimension, Parameter, Scalar, generator_scalar, is_nonnegative

Source = Teacher | Model | Generations


@dataclass
class Builder:
    """Working data: what names mean, and the nodes built so far.

    Attributes
    ----------
    values : the meaning of names in formulas; ``atoms`` are the matrices among them.
    taken : all names that are declared; none is left for what is named here.
    dim : the dimension of inputs.
    data, sources : nodes by name.
    projections : random projections by name.
    sizes : dimensions that stand for sizes given as numbers, with these.
    """

    values: Mapping[str, Value]
    atoms: Mapping[str, Atom]
    taken: frozenset[str]
    dim: Scalar
    data: dict[str, Dataset] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    projections: dict[str, Projection] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def build(self, name: str, entries: Entries) -> None:
        """Build the node ``name``; all that it needs is there already."""
        if name in entries.data:
            self.data[name] = self._dataset(name, entries.data[name], {})
        elif name in entries.models:
            entry = entries.models[name]
            learner = self._learner(name, entry)
            self.sources[name] = Model(name, learner, tuple(self.data[n] for n in entry.on))
        elif name in entries.teachers:
            self.sources[name] = self._teacher(name, entries.teachers[name])
        else:
            self.sources[name] = self._chain(name, entries.chains[name])

    def covariance(self, name: str | None, where: str) -> Atom | None:
        """The psd matrix of this name on the inputs, None for the identity; raises `InputError` for another one."""
        if name is None or name == IDENTITY:
            return None
        atom, text = self.atoms.get(name), shorten(name, 60)
        if atom is None or atom.cols == ONE:
            psd = [n for n, a in self.atoms.items() if "psd" in a.facts]
            what = f"{text} is not a matrix" if name in self.values else f"unknown matrix {text!r}"
            raise InputError(what, where=where, remedy=hint(name, psd, "declare it under [matrices]"))
        if atom.shape != (self.dim, self.dim):
            what = f"{text} is {atom.rows} x {atom.cols}, the inputs have dimension {self.dim}"
            raise InputError(what, where=where, remedy=f"make it {self.dim} x {self.dim}")
        if "psd" not in atom.facts:
            raise InputError(f"{text} is not known to be psd", where=where, remedy=f"declare {text} with psd = true")
        return atom

    def _teacher(self, name: str, entry: TeacherEntry) -> Teacher:
        near = None if entry.near is None else self.sources[entry.near]
        assert near is None or isinstance(near, Teacher), "references were checked"
        if entry.vector is not None:
            return Teacher(name, self.dim, vector=self.atoms[entry.vector], near=near)
        key = f"{entry.where}.{'covariance' if near is None else 'displacement'}"
        covariance = self.covariance(entry.covariance, key)
        if covariance is None:
            remedy = 'declare a matrix for it and write Gamma = { identity = "1/200" } under [at]'
            raise InputError("random weights need a matrix as their covariance", where=key, remedy=remedy)
        return Teacher(name, self.dim, covariance=covariance, near=near)

    def _dataset(self, name: str, entry: DataEntry, siblings: Mapping[str, Design]) -> Dataset:
        """``siblings``: the designs of the same generation by their names in the file."""
        labels: LabelSource = PREVIOUS if entry.labels == PREVIOUS_WORD else self.sources[entry.labels]
        noise = ZERO if entry.noise is None else self._nonnegative(entry.noise, f"{entry.where}.noise", "noise")
        return Dataset(name, self._design(name, entry, siblings), labels, noise)

    def _design(self, name: str, entry: DataEntry, siblings: Mapping[str, Design]) -> Design:
        if entry.shares:
            return siblings.get(entry.design) or self.data[entry.design].design
        assert entry.size is not None, "a data set with inputs of its own has a size"
        own = entry.key if entry.design == REUSED else name
        size = self._size(entry.size, f"{entry.where}.size", f"n_{own}")
        return Design(own, size, self.dim, self.covariance(entry.covariance, f"{entry.where}.covariance"))

    def _learner(self, name: str, entry: ModelEntry) -> Learner:
        scalars = {k: self._scalar(f, f"{entry.where}.{k}") for k, f in entry.formulas.items() if k != "width"}
        if "lam" in scalars and is_nonnegative(-scalars["lam"]):
            remedy = "give a positive lam, or use the fit ols or min-norm"
            raise InputError(f"the ridge {scalars['lam']}", where=f"{entry.where}.lam", remedy=remedy)
        match entry.fit:
            case "ols":
                return OLS()
            case "min-norm":
                return MinNorm()
            case "ridge":
                return Ridge(scalars["lam"])
            case "projections":
                return ProjectedRidge(scalars["lam"], self._projection(name, entry))
        return RandomFeatures(scalars["lam"], self._projection(name, entry), scalars["linear"], scalars["nonlinear"])

    def _projection(self, name: str, entry: ModelEntry) -> Projection:
        own = entry.projection or f"{name}_projection"
        where = f"{entry.where}.width"
        self._check_free(check_name(own, f"{entry.where}.projection"), f"{entry.where}.projection")
        projection = Projection(own, self._size(entry.formulas["width"], where, f"width_{own}"))
        known = self.projections.setdefault(own, projection)
        if known != projection:
            what = f"width {projection.width}, while the same projection {shorten(own, 60)} has {known.width}"
            raise InputError(what, where=where, remedy="give one width, or two projections")
        return known

    def _chain(self, name: str, entry: ChainEntry) -> Source:
        current = self.sources[entry.start]
        if entry.count is None:
            for written in entry.steps:
                current = self._step(written, current)
            return current
        step = self._step(entry.steps[0], PREVIOUS)
        own = {d.key for d in entry.steps[0].data.values() if d.design != REUSED}
        reused = frozenset(d.design.name for d in step.on if d.design.name not in own)
        return Generations(name, step, self._count(entry.count, f"{entry.where}.count"), current, reused)

    def _step(self, step: StepEntry, previous: LabelSource) -> Model:
        designs: dict[str, Design] = {}
        data: list[Dataset] = []
        for name, entry in sorted(step.data.items(), key=lambda item: item[1].shares):  # own inputs first
            dataset = self._dataset(name, entry, designs)
            designs[entry.key] = dataset.design
            labels = previous if isinstance(dataset.labels, Previous) else dataset.labels
            data.append(Dataset(name, dataset.design, labels, dataset.noise))
        data.sort(key=lambda d: list(step.data).index(d.name))
        return Model(step.name, self._learner(step.name, step.model), tuple(data))

    # formulas -------------------------------------------------------------------------------------------------

    def _size(self, formula: Formula, where: str, name: str) -> Scalar:
        """A dimension; a number becomes the dimension ``name``, since what grows has to be symbolic."""
        with located(where):
            check_names(formula, self.values)
        size = dimension_of(formula, self.values, where)
        if size.constant is None:
            return size
        self._check_free(name, where)
        self.sizes[name] = int(size.constant)
        return generator_scalar(Dimension(name))

    def _check_free(self, name: str, where: str) -> None:
        """Raise `InputError` if a name that is given here is declared as something else."""
        if name in self.taken:
            what = f"the name {shorten(name, 60)} is needed here, and declared elsewhere"
            raise InputError(what, where=where, remedy="rename what has it")

    def _scalar(self, formula: Formula, where: str) -> Scalar:
        with located(where):
            check_names(formula, self.values)
            value = meaning(formula, self.values)
            if not isinstance(value, Scalar) or traces_of(value):
                raise InputError(f"{formula.text} is not a number", remedy="use scalars and numbers")
            check_real(value, formula)
            return value

    def _nonnegative(self, formula: Formula, where: str, role: str) -> Scalar:
        value = self._scalar(formula, where)
        if is_nonnegative(-value) and not value.is_zero:
            raise InputError(f"the {role} {value} is negative", where=where, remedy="give a standard deviation")
        return value

    def _count(self, formula: Formula, where: str) -> Scalar:
        """A number of generations: integers and scalars of kind generations, added and multiplied."""
        value = self._nonnegative(formula, where, "number of generations")
        for generator in value.gens:
            if not (isinstance(generator, Parameter) and generator.kind == "generations"):
                remedy = f'declare {generator.name} = "generations" under [scalars]'
                raise InputError(f"{generator.name} is not a number of generations", where=where, remedy=remedy)
        if value.den != 1:
            remedy = "give an integer, or a scalar of kind generations"
            raise InputError(f"{value} is not an integer", where=where, remedy=remedy)
        return value
