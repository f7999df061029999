"""kappa and its like as the size grows: which two terms of their relation balance.

At an exponent k a parameter is of order ``size**-k``; every term of its relation is then a line in k.  The physical
root is the largest one: coming from kappa = oo it is where a term of the other sign first overtakes those that led
until then (the Newton polygon).  Terms that meet there at once leave an equation for the constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import sympy

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import ONE, ZERO, Scalar, scalar
from fpt_calc.scaling.regimes.constants import symbol, to_sympy
from fpt_calc.scaling.regimes.power_roots import largest_root
from fpt_calc.scaling.regimes.powers import Powers, exponent_of, raised, times
from fpt_calc.scaling.regimes.series import CancelledError, Series
from fpt_calc.scaling.regimes.witness import SMALLEST, Meaning, Witness, inaccuracy


@dataclass(frozen=True)
class Line:
    """A term ``coefficient * powers``, of order ``offset - slope * k``; ``sign`` is 0 for what was dropped."""

    powers: Powers
    coefficient: Scalar | None
    offset: Scalar
    slope: Scalar
    sign: int
    logs: int = 0


def solve(name: str, relation: Callable[[], Series], breaks: Iterable[Scalar], witness: Witness) -> None:
    """Give a parameter its meaning at the witness: the largest root of its relation.

    Parameters
    ----------
    name : of the parameter.
    relation : its expansion at the witness, once the parameter has a tentative meaning.
    breaks : the exponents at which a scale of the parameter passes 1 or the dimension.

    Raises `CannotDecideError` where no root is found.
    """
    edges: list[Scalar | None] = [None, *sorted(breaks, key=witness.approximate), None]
    for low, high in pairwise(edges):
        if low is not None and high is not None and witness.sign(high - low) == 0:
            continue
        root = _root_between(name, relation, low, high, witness)
        if root is not None:
            return
    raise CannotDecideError(f"no positive root {name}", remedy="are the sizes and the ridge as they were meant?")


def _root_between(
    name: str, relation: Callable[[], Series], low: Scalar | None, high: Scalar | None, witness: Witness
) -> Scalar | None:
    """The first root with an exponent between two breaks, or None."""
    recorded = dict(witness.recorded)
    witness.define(name, Meaning(-_inside(low, high, witness)))
    found = relation()
    witness.recorded = recorded  # the comparisons made at the tentative exponent are made again at the root
    lines = _lines(found, name, witness)
    current = _first(lines, low, witness)
    position = low
    while True:
        crossings = _crossings(lines, current, position, witness)
        if not crossings:
            return None
        k = min((k for k, _ in crossings), key=witness.approximate)
        if high is not None and witness.approximate(high - k) < 0:
            for other, _ in crossings:
                witness.sign(other - high)
            return None
        if high is not None and witness.sign(high - k) == 0 and not k.is_zero:
            what = f"{name} is of the order at which the spectrum ends"
            raise CannotDecideError(what, remedy="take the dimension as another power of the size, or bound exponents")
        for other, _ in crossings:
            witness.sign(other - k)
        overtaking = [line for other, line in crossings if (other - k).is_zero]
        if any(line.sign == 0 for line in overtaking):
            raise CancelledError
        if any(line.sign != current.sign for line in overtaking):
            balance = [line for line in lines if (_at(line, k) - _at(current, k)).is_zero]
            if any(line.logs for line in balance):
                _settle_logarithms(name, k, relation, witness)
                return k
            rest = [_at(line, k) - _at(current, k) for line in lines if line not in balance]
            _settle(name, k, balance, witness)
            if rest:
                second = max(rest, key=witness.approximate)
                for value in rest:
                    witness.sign(second - value)
                witness.define(inaccuracy(name), Meaning(second))
            return k
        current = max([current, *overtaking], key=lambda line: witness.approximate(-line.slope))
        position = k


def _inside(low: Scalar | None, high: Scalar | None, witness: Witness) -> Scalar:
    """An exponent between two breaks."""
    if low is None and high is None:
        return ZERO
    if low is None:
        assert high is not None
        return high - 1
    return low + 1 if high is None else (low + high) / 2


def _lines(found: Series, name: str, witness: Witness) -> list[Line]:
    lines = []
    for powers, coefficient in (*found.terms.items(), *((p, None) for p in found.dropped)):
        slope = exponent_of(powers, name)
        rest = tuple((n, e) for n, e in powers if n != name)
        offset, logs = witness.growth(rest)
        sign = 0
        if coefficient is not None:
            number = witness.number(witness.constant({rest: coefficient}))
            if abs(number) < SMALLEST:
                continue
            sign = 1 if number > 0 else -1
        lines.append(Line(powers, coefficient, offset, slope, sign, logs))
    most: dict[tuple[Scalar, Scalar], int] = {}
    for line in lines:
        place = line.offset, line.slope
        most[place] = max(line.logs, most.get(place, line.logs))
    return [line for line in lines if line.logs == most[line.offset, line.slope]]


def _at(line: Line, k: Scalar) -> Scalar:
    return line.offset - line.slope * k


def _first(lines: list[Line], low: Scalar | None, witness: Witness) -> Line:
    """The term that leads just beyond the lower end, with the comparisons that show it.

    For kappa -> oo that is the highest power, and of several the largest; at a number, of those that tie the flattest.
    """

    def rank(line: Line) -> tuple[Scalar, Scalar]:
        return (line.slope, line.offset) if low is None else (_at(line, low), -line.slope)

    best = max(lines, key=lambda line: tuple(map(witness.approximate, rank(line))))
    for line in lines:
        first, second = (x - y for x, y in zip(rank(best), rank(line), strict=True))
        if witness.sign(first) == 0:
            witness.sign(second)
    if best.sign == 0:
        raise CancelledError
    return best


def _crossings(
    lines: list[Line], current: Line, position: Scalar | None, witness: Witness
) -> list[tuple[Scalar, Line]]:
    """The exponents beyond ``position`` at which terms overtake the leading one."""
    found = []
    for line in lines:
        slope = current.slope - line.slope
        if slope.is_zero or witness.sign(slope) <= 0:
            continue
        k = (current.offset - line.offset) / slope
        if position is None or (k - position).is_zero or witness.approximate(k - position) > 0:
            found.append((k, line))
    return found


def _settle_logarithms(name: str, k: Scalar, relation: Callable[[], Series], witness: Witness) -> None:
    """The constant where two terms balance, one of them with logarithms, whose factors depend on the exponent.

    What is left out is smaller by a logarithm only.
    """
    recorded = dict(witness.recorded)
    witness.define(name, Meaning(-k))
    lines = _lines(relation(), name, witness)
    witness.recorded = recorded
    best = max(lines, key=lambda line: witness.approximate(_at(line, k)))
    balance = [line for line in lines if witness.sign(_at(best, k) - _at(line, k)) == 0]
    if any(line.sign == 0 for line in balance):
        raise CancelledError
    if len(balance) != 2:
        raise CannotDecideError(f"terms with logarithms balance in {name}", remedy="move an exponent a little")
    one, other = balance
    logs = scalar(other.logs - one.logs) / (one.slope - other.slope)
    number = logs.constant
    if number is None or number.denominator != 1:
        raise CannotDecideError("a power of a logarithm that is no integer", remedy="move beta or r a little")
    _settle(name, k, balance, witness)
    witness.define(name, replace(witness.bases[name], logs=int(number)))
    witness.define(inaccuracy(name), Meaning(ZERO, logs=-1))


def _settle(name: str, k: Scalar, balance: list[Line], witness: Witness) -> None:
    """The constant of the parameter, from the terms that balance."""
    parts = []
    for line in balance:
        assert line.coefficient is not None, "only signed terms balance"
        rest = tuple((n, e) for n, e in line.powers if n != name)
        parts.append((witness.resolved(rest, line.coefficient), line.slope))
    if len(balance) == 2:
        ((a, left), p), ((b, right), q) = parts
        ratio = (-b / a, times(right, raised(left, -1)))
        witness.define(name, Meaning(-k, *witness.powered(ratio, (p - q).inverse())))
        return
    unknown = symbol(f"c_{name}")
    terms = [(to_sympy(c) * witness.expression(rest), to_sympy(p)) for (c, rest), p in parts]
    witness.where[unknown] = sympy.Add(*(c * unknown**p for c, p in terms))
    witness.roots[unknown] = largest_root([(witness.number(c), witness.number(p)) for c, p in terms])
    witness.atoms[unknown.name] = unknown
    witness.define(name, Meaning(-k, ONE, ((unknown.name, ONE),)))
