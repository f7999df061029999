"""Training pipelines as the user holds them: `pipeline(...)`, and its `test_error()`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fpt_calc.api.training import ErrorLaw
from fpt_calc.assumptions import inequality_texts
from fpt_calc.expr import Atom
from fpt_calc.learning.cases import Inequality
from fpt_calc.pipeline import Generations, Model, Pipeline, Teacher, check_pipeline, contents
from fpt_calc.pipeline_file import read_inequality
from fpt_calc.point import Estimate, Point
from fpt_calc.scalars import generator_scalar


@dataclass(frozen=True)
class TrainingPipeline:
    """A pipeline with a question: the model that is tested, and against which teacher; made by `pipeline`."""

    nodes: Pipeline
    point: Point | None = None
    assume: tuple[Inequality, ...] = ()

    def test_error(self, assume: Iterable[str] | str = ()) -> ErrorLaw:
        """The excess risk ``E |w - w0|^2`` in the limit, with its bias and variance.

        Parameters
        ----------
        assume : inequalities between dimensions such as ``"T0 < d"``; interpolators (min-norm) need to know on which
            side of their threshold they are, unless a point tells.

        Raises
        ------
        InputError
            for a pipeline that cannot be meant.
        CannotDecideError
            where a stage has no equivalent in closed form, or a threshold is not decided.

        >>> import fpt_calc as fc
        >>> T, T0, d = fc.dims("T T0 d")
        >>> sigma, sigma0 = fc.scalars("sigma sigma0", "positive")
        >>> (n,) = fc.scalars("n", "generations")
        >>> w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
        >>> synthetic = fc.data("synthetic", T0, labels=fc.previous, noise=sigma0, dim=d)
        >>> generator = fc.generations(fc.model("generation", fc.ols(), [synthetic]), n, w0)
        >>> student = fc.model("student", fc.ols(), [fc.data("real", T, labels=generator, noise=sigma, dim=d)])
        >>> error = fc.pipeline(student, against=w0).test_error()
        >>> print(error.variance)
        d*(n*sigma0**2/(T0 - d) + sigma**2/(T - d))
        >>> round(error.at(T=400, T0=150, d=100, sigma=0.5, sigma0=0.5, n=10)["error"], 4)
        5.0833
        """
        pairs = (*self.assume, *(_inequality(text, self.nodes) for text in inequality_texts(assume)))
        return ErrorLaw(self.nodes, self.point, pairs)

    def simulate(self, **options: Any) -> dict[str, Estimate]:
        """See `ErrorLaw.simulate`."""
        return self.test_error().simulate(**options)


def pipeline(
    model: Model | Generations, *, against: Teacher, covariance: Atom | None = None, title: str = "Test error"
) -> TrainingPipeline:
    """A question about a trained model: its excess risk against a teacher, on test inputs N(0, covariance).

    ``covariance`` is d x d and psd; the identity if it is left out.

    Raises `InputError` for a pipeline that cannot be meant: two things of one name, sizes that differ, ...

    >>> import fpt_calc as fc
    >>> n, d = fc.dims("n d")
    >>> lam, sigma = fc.scalars("lam sigma", "positive")
    >>> Sigma = fc.matrix("Sigma", d, d, "psd")
    >>> w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    >>> real = fc.data("real", n, covariance=Sigma, labels=w0, noise=sigma)
    >>> student = fc.model("student", fc.ridge(lam), [real])
    >>> print(fc.pipeline(student, against=w0, covariance=Sigma).test_error().bias)
    kappa**2*(1 + u)*(w0.T@Sigma@inv(Sigma + kappa)**2@w0)
    """
    nodes = Pipeline(model, against, covariance, title)
    check_pipeline(nodes)
    return TrainingPipeline(nodes)


def _inequality(text: str, nodes: Pipeline) -> Inequality:
    """``"T0 < d"`` as a pair (smaller, larger)."""
    _, generators = contents(nodes)
    return read_inequality(text, {g.name: generator_scalar(g) for g in generators})
