"""Is a claimed value of a test error the derived one: decided exactly in free coordinates, refuted by a witness."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from fpt_calc.closed_form import AGREEMENT, Comparison, Coordinates, DegreesOfFreedom, Verdict, Witness, unfolded
from fpt_calc.closed_form.compare import vanishes_canonically
from fpt_calc.closed_form.present import factorization
from fpt_calc.closed_form.sample import random_point
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import Atom, Expr, ScalarMatrix, Scaled, Sum, tau
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.evaluate import DoubleModel, solved_model
from fpt_calc.learning.form import ErrorForm, error_form, joint_coordinates, style_of
from fpt_calc.learning.generations import power
from fpt_calc.learning.program import Loop, MatrixDefinition, Named, PowerOf, ScalarDefinition
from fpt_calc.pipeline import contents
from fpt_calc.point import NumericModel, Point
from fpt_calc.problem import parse_formula
from fpt_calc.problem.syntax import FUNCTIONS, exponent_of
from fpt_calc.scalars import ONE, ZERO, Generator, Parameter, Scalar, generator_scalar, scalar, substitute

POINTS = 3
ATTEMPTS = 40  # of which some violate what was assumed of the dimensions
ROUNDING = 1e-11  # of a value that is zero; values at random points are of order one
NAME = re.compile(r"(?<![.\w])[A-Za-z_]\w*")
ORDERS = 9  # degrees of freedom that can be spoken of, used or not

Names = dict[str, Expr | Scalar]


def compare_error(
    derived: DerivedError, name: str, claimed: str | Scalar, form: Callable[[], ErrorForm] | None = None
) -> Comparison:
    """Compare a value of an error with a claimed one.

    Parameters
    ----------
    derived : the error.
    name : of the value: "error", "bias", "variance" or "source.NAME".
    claimed : a formula in what was declared and the names of the form: kappa, df1, u, ...  An exponent may be a number
        of generations.
    form : gives the form of the error, where it is known already; it is asked for abbreviations such as u only.

    Equality is decided in free coordinates, for all admissible values; if the values differ, a random point shows it.

    Raises `InputError` for an unknown value, and for a claim that is no formula of these names.
    """
    values = derived.program.values
    if name not in values:
        raise InputError(f"no value {name!r}", where="compare", remedy=f"the values are {', '.join(values)}")
    value = _read(claimed, derived, form) if isinstance(claimed, str) else claimed
    joint = joint_coordinates(derived)
    if vanishes_canonically(joint, _canonical(values[name], joint) - _canonical(value, joint)):
        return Comparison(Verdict.EQUAL, "the difference vanishes in free coordinates, for all admissible values")
    return _numerically(derived, name, value)


def claimed_number(derived: DerivedError, point: Point, claimed: str) -> float:
    """The number that a formula as in `compare_error` is at a point."""
    _, model = solved_model(derived.program, point)
    return float(model.value(_read(claimed, derived, None)))


def _names(derived: DerivedError) -> Names:
    """What was declared, and the names of parameters, degrees of freedom and definitions."""
    matrices, generators = contents(derived.stated)
    joint = joint_coordinates(derived)
    names: Names = {g.name: generator_scalar(g) for g in generators}
    names |= matrices
    names |= {p.symbol.name: generator_scalar(p.symbol) for p in joint.parameters}
    for (base, pole), label in style_of(derived, joint).labels:
        known = (DegreesOfFreedom(m, base, pole, label) for m in range(1, ORDERS + 1))
        names |= {g.name: generator_scalar(g) for g in known}
    return names | {part.name: _value(part) for part in _defined(derived)}


def _defined(derived: DerivedError) -> Iterator[Named | Atom]:
    for item in derived.program.definitions:
        match item:
            case ScalarDefinition(symbol=symbol):
                yield symbol
            case MatrixDefinition(letter=letter):
                yield letter
            case Loop(letters=letters, sums=sums):
                yield from letters
                yield from sums
            case _:
                yield from item.symbols


def _value(part: Named | Atom) -> Expr | Scalar:
    return part if isinstance(part, Atom) else generator_scalar(part)


def _read(text: str, derived: DerivedError, form: Callable[[], ErrorForm] | None) -> Scalar:
    """The scalar that a claim means; a 1 x 1 matrix such as ``w0.T@Sigma@w0`` means its entry."""
    names = _names(derived)
    if set(NAME.findall(text)) - set(names) - set(FUNCTIONS):
        shown = error_form(derived) if form is None else form()
        names |= {g.name: generator_scalar(g) for g, _ in shown.abbreviations}
    value = _formula(*_without_symbolic_powers(text, names))
    if isinstance(value, Expr) and value.rows == value.cols == ONE:
        return _entry(value)
    if not isinstance(value, Scalar):
        raise InputError("the claim is a matrix", where="claim", remedy="take tau(...) or Tr(...) of it")
    return value


def _entry(matrix: Expr) -> Scalar:
    """The entry of a 1 x 1 matrix, its coefficients outside the trace."""
    match matrix:
        case Sum(terms=terms):
            return sum((_entry(t) for t in terms), ZERO)
        case Scaled(coefficient=c, argument=argument):
            return c * _entry(argument)
        case ScalarMatrix(value=value):
            return value
    return tau(matrix)


def _formula(text: str, names: Mapping[str, Expr | Scalar]) -> Expr | Scalar:
    value = parse_formula(text, names, "claim")
    return scalar(value) if isinstance(value, int | float) else value


def _without_symbolic_powers(text: str, names: Names) -> tuple[str, Names]:
    """Powers to a number of generations as names of their own: the language of formulas has integer powers."""
    known = dict(names)
    current = " ".join(text.split()).encode()
    while (node := _innermost_power(current)) is not None:
        base, exponent = (_scalar(_piece(current, side), known) for side in (node.left, node.right))
        if not all(_counts_generations(g) for g in exponent.gens):
            what = "an exponent that is not a number of generations"
            raise InputError(what, where=_piece(current, node), remedy="declare it of kind generations")
        name = next(n for n in (f"power_{k}" for k in range(1, len(known) + 2)) if n not in known)
        known[name] = power(base, exponent)
        current = current[: node.col_offset] + name.encode() + current[node.end_col_offset :]
    return current.decode(), known


def _counts_generations(generator: Generator) -> bool:
    return isinstance(generator, Parameter) and generator.kind == "generations"


def _innermost_power(text: bytes) -> ast.BinOp | None:
    """The last power with another exponent than an integer; those inside of it come later in the walk."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # the reader of formulas says what is wrong
    powers = [n for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]
    symbolic = [n for n in powers if exponent_of(n.right) is None]
    return symbolic[-1] if symbolic else None


def _piece(text: bytes, node: ast.expr) -> str:
    return text[node.col_offset : node.end_col_offset].decode()


def _scalar(text: str, names: Names) -> Scalar:
    value = _formula(text, names)
    if not isinstance(value, Scalar):
        raise InputError("a power of a matrix to a symbol", where=text, remedy="take it of a scalar")
    return value


def _canonical(value: Scalar, joint: Coordinates) -> Scalar:
    return joint.canonical(_with_prime_powers(unfolded(value), joint))


def _with_prime_powers(value: Scalar, joint: Coordinates) -> Scalar:
    """Symbolic powers by those of prime factors, so that ``(T/d)**(n + 1)`` and ``T/d*T**n/d**n`` are equal data."""
    powers = [g for g in value.gens if isinstance(g, PowerOf)]
    return substitute(value, {g: _by_prime_powers(g, joint) for g in powers})


def _by_prime_powers(symbol: PowerOf, joint: Coordinates) -> Scalar:
    parts = list(_monomials(symbol.exponent))
    number, factors = factorization(joint.canonical(unfolded(symbol.base)))
    bases = [(scalar(number.numerator), 1), (scalar(number.denominator), -1)]
    bases += [(f if isinstance(f, Scalar) else generator_scalar(f), e) for f, e in factors.items()]
    result = ONE
    for base, e in bases:
        for monomial, c in parts:
            result = result * power(base, monomial) ** (e * c)
    return result


def _monomials(exponent: Scalar) -> Iterator[tuple[Scalar, int]]:
    """A number of generations as a sum of monomials with integer coefficients."""
    if exponent.den != 1:
        yield exponent, 1
        return
    for powers, c in exponent.num.to_dict().items():
        monomial = ONE
        for g, e in zip(exponent.gens, powers, strict=True):
            monomial = monomial * generator_scalar(g) ** int(e)
        yield monomial, int(c)


def _numerically(derived: DerivedError, name: str, claimed: Scalar) -> Comparison:
    agreeing = 0
    for point, values, model in islice(_solved_points(derived), POINTS):
        value, expected = float(model.value(claimed)), values[name]
        if not abs(value - expected) <= AGREEMENT * max(abs(value), abs(expected)) + ROUNDING:
            witness = Witness(point, expected, value)
            return Comparison(Verdict.DIFFERENT, str(witness), witness)
        agreeing += 1
    evidence = f"no proof was found, but the values agree at {agreeing} random points to {AGREEMENT:.0e}"
    return Comparison(Verdict.UNDECIDED, evidence)


def _solved_points(derived: DerivedError) -> Iterator[tuple[Point, dict[str, float], DoubleModel]]:
    """Random admissible points with the values there, and the model that knows the parameters."""
    matrices, generators = contents(derived.stated)
    counts = sorted(g.name for g in generators if _counts_generations(g))  # at least two: one hides a power
    for seed in range(ATTEMPTS):
        point = random_point([*matrices.values(), *generators], (), seed)
        point = replace(point, scalars={**point.scalars, **{c: 2 + (seed + k) % 3 for k, c in enumerate(counts)}})
        at = NumericModel(point)
        if not all(at.dimension(a) < at.dimension(b) for a, b in derived.conditions):
            continue
        with suppress(ComputationError):
            yield point, *solved_model(derived.program, point)
