"""Training laws for large cuts: sums of powers up to the cut and beyond it, to leading order, as sympy expressions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.zipf.laws import Cut, Mixed, Reweighted, Selected, TrainingLaw, ZipfLaw, unknown


@dataclass(frozen=True)
class Power:
    """``weight * i**-exponent``; ``error`` is the power of 1/k of the relative error of the weight, None if exact."""

    weight: Any
    exponent: Any
    error: Any = None


@dataclass(frozen=True)
class LeadingLaw:
    """q_i up to a cut and beyond it; without a cut, all is in ``head`` and ``cut`` is None."""

    head: tuple[Power, ...]
    tail: tuple[Power, ...] = ()
    cut: Any = None


def leading_law(law: TrainingLaw) -> LeadingLaw:
    """The law as its cut tends to infinity.

    Raises `InputError` for finitely many items or a cut that is a number; `CannotDecideError` for cuts of different
    names.

    >>> from fpt_calc.scaling.zipf.laws import mixed, cut
    >>> real = ZipfLaw(2)
    >>> leading_law(mixed("1/10", real, cut(real, sympy.Symbol("k"))))
    LeadingLaw(head=(Power(weight=6/pi**2, exponent=2, error=1),),
               tail=(Power(weight=3/(5*pi**2), exponent=2, error=None),), cut=k)
    """
    match law:
        case ZipfLaw(beta=beta, items=items):
            if items is not None:
                remedy = "leave items out, or cut the law at a symbol"
                raise InputError("asymptotics are for infinitely many items", where="items", remedy=remedy)
            return LeadingLaw((Power(1 / sympy.zeta(beta), beta),))
        case Cut(law=inner, last=last):
            base = leading_law(inner)
            return _normalized(LeadingLaw(base.head, (), _common(base.cut, _symbol(last))))
        case Reweighted(law=inner, gamma=gamma):
            base = leading_law(inner)
            moved = [tuple(replace(p, exponent=p.exponent + gamma) for p in part) for part in (base.head, base.tail)]
            return _normalized(LeadingLaw(moved[0], moved[1], base.cut))
        case Selected(law=inner, last=last, head=head, tail=tail):
            base = leading_law(inner)
            border = _common(base.cut, _symbol(last))
            beyond = base.head if base.cut is None else base.tail
            return _normalized(LeadingLaw(_scaled(base.head, head), _scaled(beyond, tail), border))
        case Mixed(share=share, law=first, other=second):
            return _mixed(share, leading_law(first), leading_law(second))
    raise unknown(law)


def _symbol(last: Any) -> Any:
    if not isinstance(last, sympy.Symbol):
        remedy = "give the cut as a sympy symbol, and its number to .at(...)"
        raise InputError(f"asymptotics in a cut that is the number {last}", where="cut", remedy=remedy)
    return last


def _common(first: Any, second: Any) -> Any:
    if first is not None and second is not None and first != second:
        raise CannotDecideError(
            f"which of the cuts {first} and {second} is first is not known", where="cut", remedy="use one symbol"
        )
    return second if first is None else first


def _scaled(part: tuple[Power, ...], factor: Any) -> tuple[Power, ...]:
    return tuple(replace(p, weight=factor * p.weight) for p in part if factor != 0)


def _mixed(share: Any, first: LeadingLaw, second: LeadingLaw) -> LeadingLaw:
    border = _common(first.cut, second.cut)
    parts: list[list[Power]] = [[], []]
    for weight, law in ((share, first), (1 - share, second)):
        beyond = law.head if law.cut is None else law.tail
        parts[0] += _scaled(law.head, weight)
        parts[1] += _scaled(beyond, weight) if border is not None else ()
    return LeadingLaw(_merged(parts[0]), _merged(parts[1]), border)


def _merged(part: list[Power]) -> tuple[Power, ...]:
    found: dict[Any, Power] = {}
    for p in part:
        old = found.get(p.exponent)
        errors = [e for e in (p.error, old.error if old else None) if e is not None]
        weight = sympy.simplify(p.weight + (old.weight if old else 0))
        found[p.exponent] = Power(weight, p.exponent, sympy.Min(*errors) if errors else None)
    return tuple(found.values())


def _normalized(law: LeadingLaw) -> LeadingLaw:
    """Weights whose sum up to infinity is 1; beyond the cut there is only a power of 1/k of it."""
    total = sum(p.weight * sympy.zeta(p.exponent) for p in law.head)
    known = [p.error for p in law.head + law.tail if p.error is not None]
    error = None if law.cut is None else sympy.Min(*known, *(p.exponent - 1 for p in law.head))
    parts = [
        tuple(Power(sympy.simplify(p.weight / total), p.exponent, error) for p in part) for part in (law.head, law.tail)
    ]
    return LeadingLaw(parts[0], parts[1], law.cut)
