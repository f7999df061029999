"""A scaling law: the regimes of a value for all parameters of its spectra, case by case, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.scalars import Generator, Scalar, evaluate_scalar, substitute
from fpt_calc.scaling.polyhedra import (
    Chamber,
    Condition,
    DegenerateSample,
    holds,
    polyhedron,
)
from fpt_calc.scaling.regimes.affine_scalars import affine_of, scalar_of
from fpt_calc.scaling.regimes.cases import Case, Found, cases_of
from fpt_calc.scaling.regimes.evaluation import RightHandSide
from fpt_calc.scaling.regimes.explore import Question, Regime, cells, joined
from fpt_calc.scaling.regimes.request import Request
from fpt_calc.scaling.regimes.spectral_sum import Monomial, Setting
from fpt_calc.scaling.regimes.spectral_sum import Sequence as Spectrum
from fpt_calc.scaling.regimes.witness import INFINITE

POINTS = 240  # in the space of parameters, at which laws are looked for and cases told apart
MOST_CHAMBERS = 60  # of the parameters, in each of which a law is derived


@dataclass(frozen=True)
class Law:
    """How a value scales.

    Attributes
    ----------
    name : of the value.
    side : the right-hand side.
    request : the setting.
    sources : whose sum the value is.
    cases : one for each set of conditions on the parameters that was found.
    beyond_floor : whether the floor of the value was taken away.
    infinite : conditions under which the value is infinite, the dimension being so.
    """

    name: str
    side: RightHandSide
    request: Request
    sources: tuple[str, ...]
    cases: tuple[Case, ...]
    beyond_floor: bool = False
    infinite: tuple[tuple[Condition, ...], ...] = ()


def scaling_law(
    name: str, side: RightHandSide, request: Request, sources: Sequence[str], beyond_floor: bool = False
) -> Law:
    """The scaling law of a sum of sources; ``beyond_floor``: of the sum less the floor that it tends to.

    Raises `CannotDecideError` where the expansions do not decide what leads.
    """
    question = question_of(Law(name, side, request, tuple(sources), (), beyond_floor), request)
    found: list[Found] = []
    known: list[tuple[Condition, ...]] = []
    for sample in samples(request, POINTS):
        if any(all(holds(c, sample) for c in own) for own in known):
            continue
        chamber = Chamber(sample)
        try:
            parts = cells(question, chamber)
            found.append((chamber, joined(parts, chamber), parts))
        except DegenerateSample:
            continue
        known.append(chamber.conditions(request.bounds))
        if len(found) == MOST_CHAMBERS:
            break
    if not found:
        raise InputError("no parameters satisfy the assumptions", where="assume", remedy="drop one of them")
    cases = cases_of(found, request.bounds, samples(request, POINTS))
    finite = tuple(c for c in cases if not any(_is_infinite(r) for r in c.regimes))
    if not finite:
        what = f"{name} is infinite as the dimension grows"
        raise InputError(what, where="scaling", remedy='let spectra and sources decay faster, or give d="T**b"')
    infinite = tuple(c.conditions for c in cases if c not in finite)
    return Law(name, side, request, tuple(sources), finite, beyond_floor, infinite)


def _is_infinite(regime: Regime) -> bool:
    """Whether the exponent is that of a dimension that is larger than every power of the size."""
    return any(INFINITE in s.gens for s in (regime.exponent.constant, *(c for _, c in regime.exponent.terms)))


def sample_of(constants: Sequence[str]) -> dict[str, Fraction]:
    """Numbers between 0 and 1 for constants, all different."""
    return {name: Fraction(3 + 7 * k, 11 + 8 * k + 2 * len(constants)) for k, name in enumerate(constants)}


def samples(request: Request, count: int) -> Iterator[dict[Generator, Fraction]]:
    """Points in the space of parameters that satisfy the assumptions; no simple ones, which are often special."""
    steps = [Fraction(61, 97), Fraction(43, 101), Fraction(29, 89), Fraction(71, 103)]
    made = 0
    for k in range(1, 40 * count):
        point: dict[Generator, Fraction] = {}
        for i, (parameter, (low, high)) in enumerate(request.bounds.items()):
            u = (k * steps[i % len(steps)] + Fraction(i, 7)) % 1 + Fraction(1, 1009)
            start = Fraction(low if low is not None else 0)
            width = u / (Fraction(11, 10) - u) if high is None else u * (high - start) * Fraction(9, 10)
            point[parameter] = start + width
        if all(evaluate_scalar(p, point.__getitem__, Fraction) > 0 for p in request.assumed):
            yield point
            made += 1
        if made == count or (made and not request.bounds):
            return


def typical_parameters(law: Law) -> dict[str, Fraction]:
    """Numbers for the parameters that are in the first case of a law, simple ones if there are."""
    case = law.cases[0]
    known = case.chamber.conditions(law.request.bounds)
    sample = {p: case.chamber.sample[p] for p in law.request.bounds}
    near = {p: Fraction(low or 0) + Fraction(1, 2) for p, (low, _) in law.request.bounds.items()}
    short = {p: Fraction(round(10 * v), 10) for p, v in sample.items()}

    def is_inside(point: Mapping[Generator, Fraction]) -> bool:
        inside = all(low is None or point[p] > low for p, (low, _) in law.request.bounds.items())
        return inside and all(holds(c, point) for c in known)

    found = next((point for point in (near, short) if is_inside(point)), sample)
    return {p.name: value for p, value in found.items()}


def substituted(law: Law, values: Mapping[str, Scalar]) -> Law:
    """The law with exponents, parameters or constants replaced by scalars in the others.

    Raises `InputError` for names that the law does not have, or values outside of its domain.
    """
    return scaling_law(law.name, law.side, with_values(law.request, values), law.sources, law.beyond_floor)


def with_values(request: Request, values: Mapping[str, Scalar]) -> Request:
    """The request with exponents, parameters or constants replaced; see `substituted`."""
    known = {*request.domain.names, *(p.name for p in request.bounds), *request.constants}
    for name in (*values, *(g.name for value in values.values() for g in value.gens)):
        if name not in known:
            remedy = f"there are {', '.join(sorted(known))}"
            raise InputError(f"no exponent or parameter {name!r}", where="at", remedy=remedy)
    values = _in_the_others(values)

    def image(value: Scalar) -> Scalar:
        return substitute(value, {g: values[g.name] for g in value.gens if g.name in values})

    def monomial(value: Monomial) -> Monomial:
        coefficient, rest = image(value.coefficient), []
        for name, exponent in value.powers:
            found = image(exponent)
            number = values.get(name)  # a scale such as b may be replaced by a number
            rest += [] if found.is_zero or number == 1 else [(name if number is None else str(number), found)]
        return Monomial(coefficient, tuple(sorted(rest)))

    _check_bounds(request, values)
    setting = request.setting
    sequences = {n: Spectrum(image(s.decay), monomial(s.scale)) for n, s in setting.sequences.items()}
    quantities = {n: monomial(q) for n, q in setting.quantities.items()}
    names = tuple(n for n in request.domain.names if n not in values)
    forms = [affine_of(image(scalar_of(c)), names) for c in request.domain.constraints]
    assumed = [image(a) for a in request.assumed]
    _check_inside([*(f.constant for f in forms if not f.terms), *assumed], values)
    return Request(
        Setting(setting.size, sequences, quantities, monomial(setting.cut)),
        polyhedron(names, [f for f in forms if f.terms or f.constant.constant is None]),
        {p: b for p, b in request.bounds.items() if p.name not in values},
        tuple(a for a in assumed if a.gens),
        tuple(c for c in request.constants if c not in values),
        request.dims,
        request.vectors,
    )


def _in_the_others(values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Values without the names that have values themselves, such as s = beta*r where r = 1/3.

    Raises `InputError` where one is defined by itself.
    """
    found = dict(values)
    for _ in found:
        images = {n: {g: found[g.name] for g in v.gens if g.name in found} for n, v in found.items()}
        found = {n: substitute(v, images[n]) for n, v in found.items()}
    for name, value in found.items():
        if any(g.name in found for g in value.gens):
            raise InputError(f"{name} is defined by itself", where="at", remedy="break the circle")
    return found


def _check_bounds(request: Request, values: Mapping[str, Scalar]) -> None:
    """Raise `InputError` for a number outside of the range of a parameter, or a constant that is not positive."""
    for name in request.constants:
        constant = values[name].constant if name in values else None
        if constant is not None and constant <= 0:
            remedy = f"constants are positive; ask for a source by itself, or let {name} depend on the size"
            raise InputError(f"{name} = {constant}", where="at", remedy=remedy)
    for parameter, (low, high) in request.bounds.items():
        number = values[parameter.name].constant if parameter.name in values else None
        below = number is not None and low is not None and number <= low
        if below or (number is not None and high is not None and number >= high):
            remedy = f"it is above {low}" if below else f"it is below {high}"
            raise InputError(f"{parameter.name} = {number}", where="at", remedy=remedy)


def _check_inside(nonnegative: Sequence[Scalar], values: Mapping[str, Scalar]) -> None:
    for value in nonnegative:
        if value.constant is not None and value.constant < 0:
            shown = ", ".join(f"{n} = {v}" for n, v in values.items())
            raise InputError(f"{shown} is outside of the domain", where="at", remedy="see the assumptions")


def question_of(law: Law, request: Request) -> Question:
    """The question of a law in another setting."""
    return Question(
        law.side, request.setting, request.domain, sample_of(request.constants), law.sources, law.beyond_floor
    )
