"""The table of evidence: the checks of the steps, and at a point the value, the moments and a simulation."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fpt_calc.certify import Certified, certify
from fpt_calc.claims import moments_agree
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import latex
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.numbers import ball_json, ball_radius, correct_digits, joined, number_json
from fpt_calc.logic import Step
from fpt_calc.oracles import Estimate, simulate
from fpt_calc.point import Ball, Dense, Eigenvalues, Multiple, Point, PowerLaw, is_quick
from fpt_calc.scalars import Parameter
from fpt_calc.solve import Result, Solution, solve

DIGITS = 10
CERTIFIED_DIGITS = 20
TRIALS = 50
SMALLEST, LARGEST = 50, 300  # dimensions between which a simulation is near the limit and cheap
ORDER = 6
MAX_STATES = 8  # of a pencil whose moments are cheap to this order
Row = tuple[str, str, str]


def evidence(law: LimitLaw, point: Point | None) -> str:
    """The table, with the point where there is one."""
    rows = [_step(s) for s in law.derivation.steps]
    rows += _moments(law)
    solution = solve(law.system, point) if point is not None else None
    title = r"\paragraph{Evidence}"
    if point is not None and solution is not None and solution.result is Result.SUCCESS:
        title += f" at {point_latex(point)}."
        rows += _values(law, point, solution)
    else:
        title = r"\paragraph{Evidence.}"
    return table(title, rows)


def table(title: str, rows: Iterable[Row]) -> str:
    """A table of checks below its title."""
    lines = "\n".join(rf"{name} & {finding} & {verdict}\\" for name, finding, verdict in rows)
    head = r"\begin{tabular}{@{}lp{.62\linewidth}l@{}}\toprule check & result & \\\midrule"
    return (
        title
        + r"\mbox{}\par\nobreak\smallskip\noindent{\footnotesize"
        + f"\n{head}\n{lines}"
        + r"\bottomrule\end{tabular}}"
    )


def _step(step: Step) -> Row:
    name = {"linearize": "pencil", "reduce": "reduction"}.get(step.rule, step.rule)
    check = step.evidence.check.removeprefix("cited: ")
    return name, escaped(check), "cited" if check != step.evidence.check else str(step.status)


def point_latex(point: Point) -> str:
    """The numbers of a point, in words of a line of text."""
    texts = [f"{name_to_latex(name)}={value}" for name, value in point.dims.items()]
    texts += [f"{latex(Parameter(name))}={_number(value)}" for name, value in point.scalars.items()]
    words = [f"${text}$" for text in texts]
    for name, data in point.matrices.items():
        words.append(_matrix(name_to_latex(name), data))
    return ", ".join(words)


def _number(value: object) -> str:
    if isinstance(value, complex):
        return f"{value.real:g}{value.imag:+g}" + r"\,\mathrm{i}"
    return str(value) if not isinstance(value, float) else f"{value:.10g}"


def _matrix(name: str, data: object) -> str:
    match data:
        case PowerLaw(exponent=a, scale=c):
            factor = "" if c == 1 else rf"{_number(c)}\,"
            power = "1" if a == 0 else f"k^{{-{_number(a)}}}"
            return rf"${name}={factor}\operatorname{{diag}}({power})$" if a else rf"${name}={factor or 1}\,I$"
        case Multiple(value=c):
            return rf"${name}={'' if c == 1 else _number(c)}I$"
        case Eigenvalues(values=values):
            shown = ",".join(_number(v) for v in values[:4]) + (r",\dots" if len(values) > 4 else "")
            return rf"${name}$ of eigenvalues ${shown}$"
        case Dense():
            return rf"${name}$ dense"
    return f"${name}$"


def _moments(law: LimitLaw) -> list[Row]:
    """The formal solution against noncrossing pairings, where both are cheap and exist."""
    if max(law.pencil_states(name) for name in law.targets) > MAX_STATES:
        return []
    try:
        equal = moments_agree(law, ORDER)
    except FptError:
        return []
    finding = f"series in the variance to order {ORDER} against noncrossing pairings"
    return [] if equal is None else [("moments", finding, "equal" if equal else "different")]


def _values(law: LimitLaw, point: Point, solution: Solution) -> list[Row]:
    rows: list[Row] = []
    estimates, proof = _estimates(law, point), _certified(law, point, solution)
    for name, value in solution.outputs.items():
        digits = correct_digits(value, solution.output_errors[name], DIGITS)
        shown = joined(number_json(value, digits)).replace("j", r"\,\mathrm{i}")
        title = "value" if len(law.targets) == 1 else f"value of ${name_to_latex(name)}$"
        rows.append((title, rf"${shown}$ (stability {solution.stability:.2f} $<1$)", f"{digits} digits"))
        if proof is not None:
            rows.append(_proved(proof, name))
        if name in estimates and estimates[name].standard_error:
            rows.append(_simulated(estimates[name], value))
    return rows


def _certified(law: LimitLaw, point: Point, solution: Solution) -> Certified | None:
    """A certificate where it is cheap and reached."""
    try:
        return certify(law.system, point, solution.values, CERTIFIED_DIGITS) if is_quick(point) else None
    except CannotDecideError:
        return None


def _proved(proof: Certified, name: str) -> Row:
    finding = f"{certified_latex(proof.outputs[name])} (interval arithmetic, spectral radius below 1)"
    return "certified value", finding, f"certified, {proof.digits[name]} digits"


def certified_latex(ball: Ball, digits: int = CERTIFIED_DIGITS) -> str:
    """A certified value and a bound of its error."""
    shown = joined(ball_json(ball, digits)).replace("j", r"\,\mathrm{i}")
    mantissa, _, power = f"{Decimal(ball_radius(ball, digits)):.1E}".partition("E")
    radius = "0" if float(mantissa) == 0 else rf"{mantissa}\cdot 10^{{{int(power)}}}"
    return rf"${shown}$, error at most ${radius}$"


def _simulated(estimate: Estimate, value: complex) -> Row:
    error = estimate.standard_error
    z = abs(estimate.mean - value) / error
    decimals = max(0, -int(f"{error:.0e}".split("e")[1]))
    if isinstance(estimate.mean, complex) and isinstance(value, complex):
        mean = f"({estimate.mean.real:.{decimals}f}{estimate.mean.imag:+.{decimals}f}" + r"\,\mathrm{i})"
    else:
        mean = f"{estimate.mean.real:.{decimals}f}"
    finding = rf"${mean}\pm{error:.{decimals}f}$ ({estimate.trials} draws, complex twin)"
    return "simulation", finding, f"consistent, $z={z:.1f}$"


def _estimates(law: LimitLaw, point: Point) -> dict[str, Estimate]:
    """A simulation where the dimensions are neither far from the limit nor expensive."""
    sizes = point.dims.values()
    if not sizes or min(sizes) < SMALLEST or max(sizes) > LARGEST:
        return {}
    try:
        return simulate(law.targets, point, trials=TRIALS, ensemble="limit")
    except FptError:
        return {}
