"""The result of a derivation as the user holds it: a view whose methods are one-line delegations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpt_calc.api.plotting import axis_values, drawn_values, picture, start_values
from fpt_calc.api.shown import CertifiedValue, certified_values, shown_values
from fpt_calc.api.values import Declared, declared_in, point_from_values, sweep
from fpt_calc.assumptions import inequality_texts
from fpt_calc.claims import compare_claim, declared
from fpt_calc.closed_form import ClosedForm, Comparison, SolvedPoints, solved_points
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.export import certificate_json, document, law_latex, law_text, numpy_code, theorem_json
from fpt_calc.limits import LimitResult, Minimum, limit_of, minimum_of, read_approach
from fpt_calc.logic import Derivation, Theorem
from fpt_calc.oracles import Estimate, simulate
from fpt_calc.plot import draw
from fpt_calc.point import Point
from fpt_calc.reduce import Relation, TargetPolynomial, relations, target_polynomial
from fpt_calc.scalars import Generator, Scalar
from fpt_calc.solve import Result, Solution, solve

if TYPE_CHECKING:
    from fpt_calc.api.scaling import ScalingLaw


@dataclass(frozen=True)
class Law:
    """The limiting law of one or several targets.

    It prints the equations, displays as LaTeX in Jupyter, and evaluates, simulates and exports.
    """

    derived: LimitLaw
    point: Point | None = None
    ratios: Mapping[str, Scalar] = field(default_factory=dict)

    @cached_property
    def equations(self) -> list[str]:
        """Definitions, equations and targets as Python text; in matrix form where they are too long."""
        outputs = [f"{name} = {value}" for name, value in self.derived.system.outputs.items()]
        return self.derived.lines() + outputs

    @property
    def closed_form(self) -> ClosedForm:
        """The limits as formulas in kappa, degrees of freedom and traces; see `fpt_calc.closed_form.ClosedForm`.

        Raises `CannotDecideError` where there is none, or none that can be read.

        >>> from fpt_calc import derive, dims, gaussian, inv, matrix, scalars, tau
        >>> n, d = dims("n d")
        >>> (lam,) = scalars("lam", "positive")
        >>> Sigma, Theta = matrix("Sigma", d, d, "psd"), matrix("Theta", d, d, "symmetric")
        >>> X = gaussian("X", n, d, variance=1/n, covariance=Sigma)
        >>> R = inv(X.T @ X + lam)
        >>> print(derive({"bias": lam**2 * tau(R @ Theta @ R @ Sigma)}).closed_form)
        bias = kappa**2*tau(Theta@Sigma@inv(Sigma + kappa)**2)/(1 - df2/n)
        lam = kappa*(1 - df1/n), kappa > 0
        df1 = Tr(Sigma@inv(Sigma + kappa))
        df2 = Tr((Sigma@inv(Sigma + kappa))**2)
        """
        return self.derived.closed_form or self.derived.find_closed_form()

    def compare(self, claimed: str | Scalar, name: str | None = None) -> Comparison:
        """Is this the limit of a target (the only one by default): equal, different with a witness, or cannot decide.

        Parameters
        ----------
        claimed : a formula in declared names and those of the closed form (kappa, df1, df2, ...), text or scalar.

        Raises `InputError` for a formula that cannot be meant, `CannotDecideError` if there is no closed form.

        >>> from fpt_calc import derive, dims, gaussian, inv, matrix, scalars, tau
        >>> n, d = dims("n d")
        >>> (lam,) = scalars("lam", "positive")
        >>> X = gaussian("X", n, d, variance=1/n, covariance=matrix("Sigma", d, d, "psd"))
        >>> law = derive(tau(inv(X.T @ X + lam)))
        >>> print(law.compare("kappa/lam*tau(inv(Sigma + kappa))"))
        equal: the difference vanishes in free coordinates, for all admissible values
        >>> law.compare("tau(inv(Sigma + kappa))").verdict
        <Verdict.DIFFERENT: 'different'>
        """
        return compare_claim(self.derived, self.closed_form, name, claimed)

    def limit(self, order: int = 0, **to: str) -> LimitResult:
        """The limits of the targets as one scalar, dimension or ratio of dimensions tends to its limit, by cases.

        Parameters
        ----------
        order : the number of correction terms behind the leading one.
        to : what tends where: ``lam="0+"``, ``n="oo"``, ``**{"d/n": "0+"}``.

        Raises
        ------
        InputError
            for a name that the law does not have, or a limit that it cannot have.
        CannotDecideError
            where there is no closed form, or where the branch of the solution is not clear.

        >>> from fpt_calc import Tr, derive, dims, gaussian, inv, scalars
        >>> n, d = dims("n d")
        >>> lam, sigma = scalars("lam sigma", "positive")
        >>> X = gaussian("X", n, d, variance=1/n)
        >>> R = inv(X.T @ X + lam)
        >>> print(derive({"variance": sigma**2/n * Tr(R @ X.T @ X @ R)}).limit(lam="0+"))
        lam -> 0+
          if n < d
            variance = n*sigma**2/(d - n) + O(lam)
            ...
          if d < n
            ...
          if d = n
            variance = sigma**2/(2*sqrt(lam)) + O(1)
            kappa = sqrt(lam) + O(lam)
        """
        if len(to) != 1:
            raise InputError(f"{len(to)} limits at once", where="limits", remedy='give one, such as lam="0+"')
        if isinstance(order, bool) or not isinstance(order, int) or order < 0:
            raise InputError(f"order {order!r}", where="limits", remedy="give 0, 1, 2, ...")
        ((name, where),) = to.items()
        approach = read_approach(name, where, self._generators(), self.ratios)
        return limit_of(self.derived.system, self.closed_form, approach, order)

    def scaling(self, size: str, target: str | None = None, assume: Iterable[str] = (), **given: Any) -> ScalingLaw:
        """How a target in closed form scales with a size; see `ErrorLaw.scaling` for the arguments.

        Raises `InputError` for what cannot be meant, `CannotDecideError` where there is no such closed form.
        """
        from fpt_calc.api.scaling import scaled_law  # with sympy, which nothing else here needs

        return scaled_law(self.derived, size, target, inequality_texts(assume), given)

    def minimize(self, target: str | None = None, *, over: str) -> Minimum:
        """Where a target (by default the first) is least as a function of a positive scalar such as lam.

        Raises
        ------
        InputError
            for a target or a scalar that the law does not have.
        CannotDecideError
            where the condition cannot be solved for the scalar, or there is no minimum inside.

        >>> from fpt_calc import Tr, derive, dims, gaussian, inv, matrix, scalars
        >>> n, d = dims("n d")
        >>> lam, sigma, alpha = scalars("lam sigma alpha", "positive")
        >>> Sigma = matrix("Sigma", d, d, "psd")
        >>> X = gaussian("X", n, d, variance=1/n, covariance=Sigma)
        >>> R = inv(X.T @ X + lam)
        >>> error = alpha*lam**2/d * Tr(R @ Sigma @ R) + sigma**2/n * Tr(R @ X.T @ X @ R @ Sigma)
        >>> print(derive({"error": error}).minimize("error", over="lam"))
        lam = d*sigma**2/(n*alpha)
        """
        name = next(iter(self.derived.targets)) if target is None else target
        if name not in self.derived.targets:
            raise InputError(f"no target {name!r}", remedy=f"the targets are {', '.join(self.derived.targets)}")
        return minimum_of(self.derived.system, self.closed_form, name, self._generators().get(over), over)

    def _generators(self) -> dict[str, Generator]:
        """The scalars and dimensions of the law by name."""
        return {g.name: g for g in declared(self.derived)[1]}

    @property
    def unknowns(self) -> int:
        """The number of nonlinear unknowns of the joint system."""
        return len(self.derived.system.nonlinear)

    @property
    def derivation(self) -> Derivation:
        """The checked steps, with their status."""
        return self.derived.derivation

    @property
    def theorem(self) -> Theorem:
        """The law as a theorem: statement, conditions, numbered steps with their checks, status and gaps.

        >>> from fpt_calc import derive, dims, tau, wigner
        >>> (d,) = dims("d")
        >>> W = wigner("W", d, variance=1/d)
        >>> theorem = derive({"fourth": tau(W @ W @ W @ W)}).theorem
        >>> theorem.statement.conclusion, str(theorem.status), theorem.gaps
        ('fourth = 2', 'asymptotic (cited)', ())
        """
        return self.derived.theorem

    def to_json(self) -> str:
        """The theorem as JSON text; `fpt_calc.load_theorem` derives and checks it anew."""
        return theorem_json(self.derived.theorem)

    def certificate(self, digits: int = 30, /, **values: Any) -> str:
        """The derivation as JSON text that `fpt_calc.verify` checks without the engine.

        It has balls of so many digits where the values are those of spectra.

        Raises `InputError` for missing or contradictory values, if any are given.

        >>> from fpt_calc import derive, dims, scalars, tau, inv, verify, wigner
        >>> (d,), (z,) = dims("d"), scalars("z", "upper")
        >>> W = wigner("W", d, variance=1/d)
        >>> report = verify(derive({"m": tau(inv(W - z))}).certificate(20, d=100, z=1 + 1j))
        >>> report.accepted, str(report.findings[-2])
        (True, 'checked: the balls contain m (21 digits)')
        """
        point = point_from_values(self._declared, self.point, values) if values else self.point
        return certificate_json(self.derived, point, digits)

    def pencil_states(self, target: str | None = None) -> int:
        """The number of states of the largest pencil (of one target)."""
        names = list(self.derived.targets) if target is None else [target]
        for name in names:
            if name not in self.derived.targets:
                raise InputError(f"no target {name!r}", remedy=f"the targets are {', '.join(self.derived.targets)}")
        return max(self.derived.pencil_states(name) for name in names)

    def solve(self, **values: Any) -> Solution:
        """The solution at a point, with errors, residual and how it ended; does not raise if it failed."""
        return solve(self.derived.system, point_from_values(self._declared, self.point, values))

    def at(self, **values: Any) -> Any:
        """The value of the target (a dict for several) at a point; arrays for scalars or dimensions give arrays.

        Raises `InputError` for missing or contradictory values, `ComputationError` if no solution was found.
        """
        return sweep(self._declared, values, lambda point: self._value(**point))

    def digits(self, number: int, /, **values: Any) -> str | dict[str, str]:
        """The value of the target (a dict for several) at a point, as text with this many significant digits.

        Any number of digits is possible where all matrices are spectra; dense arrays are computed in double precision.
        Fewer digits are shown if fewer are believed correct.  Strings, Fractions and floats mean the decimals that they
        print, complex numbers their binary values.

        Raises `InputError` for missing or contradictory values, `ComputationError` if no solution was found.

        >>> from fpt_calc import derive, dims, gaussian, inv, scalars, tau
        >>> n, d = dims("n d")
        >>> (lam,) = scalars("lam", "positive")
        >>> X = gaussian("X", n, d, variance=1/n)
        >>> law = derive(tau(inv(X.T @ X + lam)))
        >>> law.digits(40, lam="1/2", n=1, d=1)  # (sqrt(lam**2 + 4*lam) - lam)/(2*lam) = 1
        '1.000000000000000000000000000000000000000'
        """
        if number < 1:
            raise InputError(f"{number} digits", where="digits", remedy="ask for at least one")
        point = point_from_values(self._declared, self.point, values)
        shown = shown_values(self.derived.system, point, self._solved(point), number)
        texts: str | dict[str, str] = _one_or_all({name: str(value) for name, value in shown.items()})
        return texts

    def certified(self, digits: int = 15, **values: Any) -> CertifiedValue | dict[str, CertifiedValue]:
        """The value of the target (a dict for several) at a point as a ball that is proved to hold it.

        The ball holds exactly one solution of the system, and the spectral radius of the covariance map is shown to be
        below 1 there, which singles out the physical solution; see `fpt_calc.certify`.

        Raises `InputError` for missing or contradictory values, `ComputationError` if no solution was found, and
        `CannotDecideError` with the reason if no certificate was reached.

        >>> from fpt_calc import derive, dims, gaussian, inv, scalars, tau
        >>> n, d = dims("n d")
        >>> (lam,) = scalars("lam", "positive")
        >>> X = gaussian("X", n, d, variance=1/n)
        >>> law = derive(tau(inv(X.T @ X + lam)))
        >>> print(law.certified(30, lam="1/3", n=1, d=1))  # (sqrt(lam**2 + 4*lam) - lam)/(2*lam)
        1.30277563773199464655961063374 +/- ...E-30
        """
        if digits < 1:
            raise InputError(f"{digits} digits", where="digits", remedy="ask for at least one")
        point = point_from_values(self._declared, self.point, values)
        found: CertifiedValue | dict[str, CertifiedValue] = _one_or_all(
            certified_values(self.derived.system, point, self._solved(point), digits)
        )
        return found

    @property
    def _declared(self) -> Declared:
        return declared_in(self.derived)

    def _value(self, **values: Any) -> Any:
        return _one_or_all(self._solved(point_from_values(self._declared, self.point, values)).outputs)

    def _solved(self, point: Point) -> Solution:
        solution = solve(self.derived.system, point)
        if solution.result is not Result.SUCCESS:
            raise ComputationError(solution.result.value, where=", ".join(self.derived.targets))
        return solution

    def simulate(self, trials: int = 100, seed: int = 0, ensemble: str = "model", **values: Any) -> dict[str, Estimate]:
        """Monte Carlo estimates of the targets at a point; see `fpt_calc.oracles.simulate`."""
        point = point_from_values(self._declared, self.point, values)
        return simulate(self.derived.targets, point, trials=trials, seed=seed, ensemble=ensemble)

    def relations(self, *names: str) -> tuple[Relation, ...]:
        """The polynomial relations between targets (all by default); see `fpt_calc.reduce.relations`."""
        return relations(self.derived.system, names or tuple(self.derived.targets))

    def polynomial(self, name: str | None = None) -> TargetPolynomial:
        """The minimal polynomial of a target (by default the first); see `fpt_calc.reduce.target_polynomial`."""
        return target_polynomial(self.derived.system, next(iter(self.derived.targets)) if name is None else name)

    def latex(self, part: str = "document") -> str:
        """LaTeX: a complete document, or for pasting its "statement", its "proof" or the "macros" of both.

        >>> from fpt_calc import derive, dims, inv, scalars, tau, wigner
        >>> (d,), (z,) = dims("d"), scalars("z", "upper")
        >>> W = wigner("W", d, variance=1/d)
        >>> print(derive({"m": tau(inv(W - z))}).latex("macros"))
        \\newcommand{\\tr}{\\operatorname{Tr}}
        \\newcommand{\\ntr}{\\tau}
        \\newcommand{\\df}{\\mathrm{df}}
        """
        return document(self.derived, point=self.point, part=part)

    def code(self, name: str | None = None, spectra: bool = True) -> str:
        """A NumPy function of its own that computes the targets, vectorized; see `fpt_calc.export.numpy_code`.

        Raises `CannotDecideError` where there is no closed form, or no code for its equations.

        >>> from fpt_calc import derive, dims, gaussian, inv, scalars, tau
        >>> n, d = dims("n d")
        >>> (lam,) = scalars("lam", "positive")
        >>> X = gaussian("X", n, d, variance=1/n)
        >>> print(derive({"m": tau(inv(X.T @ X + lam))}).code().splitlines()[-1])
            return m
        """
        return numpy_code(self.closed_form, name, spectra=spectra, solved=self._references())

    def _references(self) -> SolvedPoints:
        """Points inside the declared domain, from which roots can be followed to others."""
        own = [] if self.point is None else [(self.point, solve(self.derived.system, self.point))]
        points = [(p, s) for p, s in own if s.result is Result.SUCCESS]
        points += solved_points(self.derived.system, self.derived.commute).points
        return SolvedPoints(tuple(points))

    def plot(
        self,
        over: str,
        values: Any = None,
        *,
        simulate: bool = True,
        trials: int = 20,
        seed: int = 0,
        x_scale: str | None = None,
        ax: Any = None,
        path: str | Path | None = None,
        **fixed: Any,
    ) -> Any:
        """Draw the targets over a scalar or a dimension: limits as lines, simulation as points with standard errors.

        Parameters
        ----------
        over : the name that varies.
        values : a range ``(low, high)``, or an array of values; by default a range around the value of the point.
        simulate, trials, seed : whether to simulate, and how; at nine values of a range, at all of an array.
        x_scale : "linear" or "log"; by default "log" for a range of more than two decades.
        ax : matplotlib axes; by default new ones.
        path : a file to write, such as "law.pdf".
        fixed : the other values, where they are not those of the point.

        Returns the axes.  Needs matplotlib (``pip install fpt-calc[plot]``).  Raises `InputError` for wrong values.
        """
        axis = axis_values(self._declared, start_values(self.point, fixed), over, values, x_scale)
        drawing = picture(
            list(self.derived.targets),
            over,
            axis,
            lambda x: self._solved(point_from_values(self._declared, self.point, {**fixed, over: x})).outputs,
            drawn_values(axis, values) if simulate else None,
            lambda x: self.simulate(trials, seed, **{**fixed, over: x}),
            note=rf"simulation ({trials} draws, $\pm$ standard error)",
            x_scale=x_scale,
        )
        return draw(drawing, ax, None if path is None else Path(path))

    def __str__(self) -> str:
        return law_text(self.derived)

    def __repr__(self) -> str:
        return str(self)

    def _repr_latex_(self) -> str:
        return law_latex(self.derived)


def _one_or_all(outputs: Mapping[str, Any]) -> Any:
    return next(iter(outputs.values())) if len(outputs) == 1 else dict(outputs)
