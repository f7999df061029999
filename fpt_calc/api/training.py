"""The test error of a training pipeline as the user holds it, and what it can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpt_calc.api.plotting import NO_ESTIMATE, axis_values, chosen, drawn_values, picture, start_values, with_gaps
from fpt_calc.api.shown import CertifiedValue
from fpt_calc.api.shown_errors import certified_values_of, errors_evidence
from fpt_calc.api.values import Declared, declaration, point_from_values, sweep
from fpt_calc.assumptions import inequality_texts
from fpt_calc.closed_form import Comparison
from fpt_calc.errors import InputError
from fpt_calc.export import PipelineEvidence, pipeline_document, pipeline_text
from fpt_calc.formula import Formula
from fpt_calc.learning.cases import Inequality, assumed, at_point, case_of, check_conditions, check_ranks
from fpt_calc.learning.compare import compare_error
from fpt_calc.learning.derive import derive_error
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.evaluate import evaluate, growth_factors
from fpt_calc.learning.form import ErrorForm, error_form
from fpt_calc.learning.growth import GenerationLimit, generation_limit
from fpt_calc.learning.program import Program
from fpt_calc.learning.theorem import error_theorem
from fpt_calc.logic import Theorem
from fpt_calc.pipeline import (
    Pipeline,
    contents,
    generations_of,
    with_true_labels,
)
from fpt_calc.plot import draw
from fpt_calc.point import Estimate, Point
from fpt_calc.training import simulate_pipeline

if TYPE_CHECKING:
    from fpt_calc.api.scaling import ScalingLaw
    from fpt_calc.api.scaling_curve import Slopes


@dataclass(frozen=True)
class ErrorLaw:
    """The test error of a pipeline in the limit of large dimensions.

    Excess risk, averaged over designs, noises and random teachers.  ``bias`` is the error of the same training without
    label noise, ``variance`` the rest: what label noise adds.
    """

    pipeline: Pipeline
    point: Point | None = None
    assume: tuple[Inequality, ...] = ()
    on_training_data: bool = False
    _cases: dict[tuple[bool | None, ...], DerivedError] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def derived(self) -> DerivedError:
        """The derivation: stages, their maps, and the program of the values."""
        is_less = assumed(self.assume)
        if self.point is not None and None in case_of(self.pipeline, is_less):
            is_less = at_point(self.point)
        return self._case(case_of(self.pipeline, is_less), is_less)

    def _case(self, case: tuple[bool | None, ...], is_less: Any) -> DerivedError:
        if case not in self._cases:
            self._cases[case] = derive_error(self.pipeline, is_less, self.on_training_data)
        return self._cases[case]

    @cached_property
    def form(self) -> ErrorForm:
        """The values as formulas, with the equations of kappa and the like."""
        return error_form(self.derived)

    @cached_property
    def theorem(self) -> Theorem:
        """Statement, conditions and steps with their checks; all models in one pencil have to give the same value.

        That check takes some seconds.  Raises `ComputationError` where it fails.
        """
        return error_theorem(self.derived, self.form)

    @property
    def bias(self) -> Formula:
        """The error without label noise."""
        return self.form.values["bias"]

    @property
    def variance(self) -> Formula:
        """What label noise adds."""
        return self.form.values["variance"]

    @property
    def train_error(self) -> ErrorLaw:
        """The mean squared residual on the model's own data, label noise included, as a law with the same methods.

        Its "bias" is what it would be without label noise.

        >>> import fpt_calc as fc
        >>> n, d = fc.dims("n d")
        >>> (sigma,) = fc.scalars("sigma", "positive")
        >>> real = fc.data("real", n, labels=fc.teacher("w0", d, vector=fc.matrix("w0", d, 1)), noise=sigma)
        >>> student = fc.model("student", fc.ols(), [real])
        >>> error = fc.pipeline(student, against=real.labels).test_error()
        >>> print(error.variance, "and", error.train_error.variance)
        d*sigma**2/(n - d) and sigma**2*(n - d)/n
        """
        return replace(self, on_training_data=True, _cases={})

    @property
    def by_source(self) -> dict[str, Formula]:
        """What each teacher (its own weights) and each data set (its label noise) contributes, by name."""
        prefix = "source."
        return {k.removeprefix(prefix): v for k, v in self.form.values.items() if k.startswith(prefix)}

    @property
    def _declared(self) -> Declared:
        matrices, generators = contents(self.pipeline)
        return declaration(matrices, generators, {})

    def at(self, **values: Any) -> dict[str, Any]:
        """All values at a point, by name: "error", "bias", "variance", "source.NAME"; arrays give sweeps.

        Raises `InputError` for missing or contradictory values, `ComputationError` if no solution was found.
        """
        result: dict[str, Any] = sweep(self._declared, values, lambda point: self._values(point_of(self, point)))
        return result

    def program_at(self, point: Point) -> Program:
        """The program of the values on the side of every threshold where a point is."""
        is_less = at_point(point)
        found = self._case(case_of(self.pipeline, is_less), is_less)
        check_conditions(found.conditions, point)
        check_ranks(self.pipeline, point)
        return found.program

    def _values(self, point: Point) -> dict[str, float]:
        return evaluate(self.program_at(point), point)

    @property
    def generation_counts(self) -> tuple[str, ...]:
        """The symbols that count generations."""
        counts = (g.name for c in generations_of(self.pipeline) for g in c.count.gens)
        return tuple(dict.fromkeys(counts))

    def limit(self, **to: str) -> GenerationLimit:
        """What the error tends to as a symbolic number of generations grows: ``error.limit(n="oo")``.

        Raises `InputError` for anything else, `CannotDecideError` where a generation is not shown to contract.
        """
        if len(to) != 1 or set(to.values()) != {"oo"}:
            raise InputError(f"the limit {to}", where="limit", remedy='name the number of generations, such as n="oo"')
        return generation_limit(self.derived, *to)

    def growth_factors(self, **values: Any) -> dict[str, float]:
        """For each chain of generations the factor by which one multiplies errors handed to it, in the long run.

        It is the spectral radius of ``B -> E[A'BA]``: above one the error grows exponentially.  Chains with explicit
        powers (least squares, isotropic inputs) are left out; their formulas say it.

        Raises `InputError` for missing or contradictory values, `ComputationError` if no solution was found.
        """
        point = point_of(self, values)
        return growth_factors(self.program_at(point), point)

    def scaling(self, size: str, value: str = "error", assume: Iterable[str] = (), **given: Any) -> ScalingLaw:
        """How the error scales with a size: exponents, constants and regimes.

        Parameters
        ----------
        size : the dimension (or scalar) that grows.
        value : "error", "bias", "variance" or "source.NAME".
        assume : inequalities between exponents and parameters, such as ``"ell <= beta"``.
        given : for each dimension and scalar a product of powers such as ``lam="T**-ell"`` (scalars left out are
            constants, the dimension of the inputs is larger than all powers of the size), for each matrix and vector
            a spectrum: `spectrum`, `source`, `manifold`.  A number of generations may be "oo".

        Raises
        ------
        InputError
            for what cannot be meant.
        CannotDecideError
            where a value has no closed form, or what leads is not decided.

        >>> import fpt_calc as fc
        >>> T, d = fc.dims("T d")
        >>> lam, sigma = fc.scalars("lam sigma", "positive")
        >>> Sigma = fc.matrix("Sigma", d, d, "psd")
        >>> w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
        >>> student = fc.model("student", fc.ridge(lam), [fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)])
        >>> error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
        >>> law = error.scaling("T", lam="T**-ell", Sigma=fc.spectrum("beta"), w0=fc.source("r"), assume=["r < 1"])
        >>> law.exponent
        Max(-2*ell*r, Min(0, -1 + ell/beta))
        >>> (best,) = law.optimal("ell")
        >>> print(best.best[0].low, best.exponent, sep="; ")
        beta/(2*beta*r + 1); -2*beta*r/(2*beta*r + 1)
        """
        from fpt_calc.api.scaling import for_true_labels, scaled_error  # with sympy, which nothing else here needs

        assume = inequality_texts(assume)
        law = scaled_error(self.pipeline, self.derived, size, value, assume, given)
        truth = with_true_labels(self.pipeline)
        if truth is None or value not in ("error", "bias", "variance"):
            return replace(law, simulator=self.simulate)

        def clean() -> ScalingLaw:
            kept, conditions = for_true_labels(truth, given, assume)
            own = replace(self, pipeline=truth, point=None, _cases={})
            return own.scaling(size, value, conditions, **kept)

        return replace(law, simulator=self.simulate, with_true_labels=clean)

    def slopes(
        self, size: str, sizes: Iterable[float], value: str = "error", *, dim: int = 2000, **given: Any
    ) -> Slopes:
        """Exponents in numbers, for errors without a closed form: values at some sizes, slopes between them.

        ``given`` as for `scaling`, with numbers for all exponents; ``dim`` stands for an infinite dimension, so that it
        has to be large compared with the sizes.  Slopes approach the exponent slowly.

        Raises `InputError` for what cannot be meant, `ComputationError` if no solution was found.
        """
        from fpt_calc.api.scaling import slopes_of  # with sympy, which nothing else here needs

        return slopes_of(self.pipeline, self.at, size, sizes, dim, value, given)

    def compare(self, name: str, claim: str) -> Comparison:
        """Whether a value is a formula: equal for all admissible values, different with a witness, or undecided.

        ``claim`` is in the declared names and those of the form (kappa, df1, u, ...); an exponent may be a number of
        generations.  Raises `InputError` for an unknown value or a claim that is no such formula.

        >>> import fpt_calc as fc
        >>> T, d = fc.dims("T d")
        >>> (n,) = fc.scalars("n", "generations")
        >>> (sigma,) = fc.scalars("sigma", "positive")
        >>> w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
        >>> synthetic = fc.data("synthetic", T, labels=fc.previous, noise=sigma, dim=d)
        >>> chain = fc.generations(fc.model("generation", fc.min_norm(), [synthetic]), n, w0)
        >>> error = fc.pipeline(chain, against=w0).test_error(assume=["T < d"])
        >>> print(error.compare("bias", "(1 - (T/d)**n)*(w0.T@w0)"))
        equal: the difference vanishes in free coordinates, for all admissible values
        >>> error.compare("bias", "(1 - T/d)**n*(w0.T@w0)").verdict.value
        'different'
        """
        return compare_error(self.derived, name, claim, lambda: self.form)

    def certified(self, digits: int = 15, **values: Any) -> dict[str, CertifiedValue]:
        """All values at a point as balls that are proved to hold them; see `Law.certified`.

        Raises `InputError` for missing or contradictory values, and `CannotDecideError` with the reason if no
        certificate was reached.
        """
        if digits < 1:
            raise InputError(f"{digits} digits", where="digits", remedy="ask for at least one")
        point = point_of(self, values)
        return certified_values_of(self.program_at(point), point, digits)

    def simulate(
        self, trials: int = 100, seed: int = 0, executor: Executor | None = None, progress: Any = None, **values: Any
    ) -> dict[str, Estimate]:
        """Means and standard errors over draws of all data, from learners in NumPy that share no code with the limit.

        ``executor`` : any `concurrent.futures.Executor`; the numbers do not depend on it.
        See `fpt_calc.training.simulate_pipeline`.
        """
        point = point_of(self, values)
        return simulate_pipeline(self.pipeline, point, trials=trials, seed=seed, executor=executor, progress=progress)

    def plot(
        self,
        over: str,
        values: Any = None,
        *,
        names: Iterable[str] | str = ("error", "bias", "variance"),
        simulate: bool = True,
        trials: int = 20,
        seed: int = 0,
        x_scale: str | None = None,
        ax: Any = None,
        path: str | Path | None = None,
        **fixed: Any,
    ) -> Any:
        """Draw values over a scalar, a dimension or the number of generations: lines, and simulation as points.

        Parameters as for `Law.plot`; ``names`` are the values to draw.  Where there is no value, such as at the
        threshold of an interpolator, the picture has a gap.  Returns the axes.
        """
        known = self._declared
        wanted = [names] if isinstance(names, str) else list(names)
        axis = axis_values(known, start_values(self.point, fixed), over, values, x_scale)

        def limit(x: Any) -> Mapping[str, float]:
            return chosen(self._values(point_of(self, {**fixed, over: x})), wanted)

        def drawn(x: Any) -> Mapping[str, Estimate]:
            return self.simulate(trials, seed, progress=False, **{**fixed, over: x})

        drawing = picture(
            wanted,
            over,
            axis,
            with_gaps(limit, wanted, float("nan"), axis),
            drawn_values(axis, values) if simulate else None,
            with_gaps(drawn, wanted, NO_ESTIMATE, axis),
            note=rf"simulation ({trials} draws, $\pm$ standard error)",
            x_scale=x_scale,
        )
        return draw(drawing, ax, None if path is None else Path(path))

    def latex(self, part: str = "document", trials: int = 100) -> str:
        """LaTeX: a complete document, or for pasting its "statement", its "proof" or the "macros" of both.

        The document of a law with a point has a table of the values there, certified where that is quick, beside the
        means over this many draws where dimensions are moderate; 0 draws none.
        """
        found = self._evidence(trials) if part == "document" and self.point is not None else None
        return pipeline_document(self.derived, self.form, part, found)

    def _evidence(self, trials: int) -> PipelineEvidence | None:
        """What is found at the point; None where it is on another side of a threshold than the formulas."""
        assert self.point is not None, "a law with a point"
        is_less = at_point(self.point)
        if self._case(case_of(self.pipeline, is_less), is_less).conditions != self.derived.conditions:
            return None
        return errors_evidence(self.program_at(self.point), self.point, lambda: self._draws(trials))

    def _draws(self, trials: int) -> dict[str, Estimate]:
        found = self.simulate(trials, progress=False) if trials else {}
        return {"error": found["train_error"]} if found and self.on_training_data else found

    def __str__(self) -> str:
        return pipeline_text(self.derived, self.form)

    def __repr__(self) -> str:
        return str(self)


def point_of(law: ErrorLaw, values: Mapping[str, Any]) -> Point:
    """The point of the law with some values replaced."""
    return point_from_values(law._declared, law.point, values)
