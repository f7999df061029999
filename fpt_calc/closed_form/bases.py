"""Choosing, for a polynomial that is about to be printed, the basis of each family in which it is shortest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fpt_calc.closed_form.display import FullTrace, Shown
from fpt_calc.closed_form.families import (
    Family,
    Form,
    Gaps,
    Linear,
    common_orders,
    degrees_of_freedom,
    homogeneous,
    in_traces,
    member,
    with_polynomial_part,
    with_two_poles,
)
from fpt_calc.expr import Expr, Trace
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, from_polynomial, generator_scalar, is_fixed, ring, substitute


@dataclass(frozen=True)
class Style:
    """How traces are printed.

    Attributes
    ----------
    spectral : the matrices whose functions are brought together.
    labels : for a matrix and the parameter of its resolvents the label of their degrees of freedom.
    unnormalized : Tr instead of tau.
    """

    spectral: frozenset[Expr]
    labels: tuple[tuple[tuple[Expr, Scalar], str], ...]
    unnormalized: bool


def with_degrees(value: Scalar, style: Style) -> Scalar:
    """All traces of functions of one spectral matrix alone as degrees of freedom."""
    images: dict[Generator, Scalar] = {}
    for g in value.gens:
        found = member(g, style.spectral) if isinstance(g, Trace) else None
        if found is not None and not found[0].letters:
            family, gaps = found
            linear = degrees_of_freedom({gaps: ONE}, family, dict(style.labels))
            if linear is not None:
                images[g] = _sum(linear)
    return substitute(value, images) if images else value


Measure = Callable[[Scalar], Any]


def shortest(value: Scalar, style: Style, measure: Measure) -> Scalar:
    """A value (polynomial in its traces) with each family of traces in the basis of least measure."""
    for family in _families(value, style):
        value = min(_variants(value, family, style), key=measure)
    others = {
        g: generator_scalar(FullTrace(g.argument)) / g.argument.rows
        for g in value.gens
        if isinstance(g, Trace) and (style.unnormalized or is_fixed(g.argument.rows))
    }
    return substitute(value, others) if others else value


def _families(value: Scalar, style: Style) -> list[Family]:
    found = (member(g, style.spectral) for g in value.gens if isinstance(g, Trace))
    return sorted({f for f, _ in filter(None, found)}, key=str)


def _variants(value: Scalar, family: Family, style: Style) -> Iterator[Scalar]:
    """The value with one family in each of its bases.

    Homogeneous with the least order for each cofactor or with one order for all; with a polynomial part if improper.
    """
    members: dict[Generator, Gaps] = {}
    for g in value.gens:
        found = member(g, style.spectral) if isinstance(g, Trace) else None
        if found is not None and found[0] == family:
            members[g] = found[1]

    def written(form: Mapping[Gaps, Scalar]) -> Linear:
        return in_traces(form, family, style.unnormalized)

    yield _rewritten(value, members, written)
    orders = common_orders(members.values())
    if orders is None:
        yield _rewritten(value, members, lambda form: written(with_two_poles(form) or form))
        return
    if not any(orders):
        return
    yield _rewritten(value, members, lambda form: written(homogeneous(form, common_orders(form) or orders)))
    yield _rewritten(value, members, lambda form: written(homogeneous(form, orders)))

    def with_part(k: int, form: Form) -> Linear:
        return written(_with_part(homogeneous(form, orders), k))

    for k in range(orders[0] - 1 if len(orders) == 1 else 0):
        yield _rewritten(value, members, partial(with_part, k))


def _with_part(form: Form, k: int) -> Form:
    """The k-th form with a polynomial part, if there is one."""
    options = list(with_polynomial_part(form))
    return options[k] if k < len(options) else form


def _rewritten(value: Scalar, members: dict[Generator, Gaps], write: Callable[[Form], Linear]) -> Scalar:
    """The parts of a value that are linear in a family, each written by ``write``; other parts stay."""
    total = ZERO
    for part, form in _linear_parts(value, members):
        linear: Linear = {None: form[()]} if () in form else write(form)
        total = total + part * _sum(linear)
    return total


def _linear_parts(value: Scalar, members: dict[Generator, Gaps]) -> Iterator[tuple[Scalar, Form]]:
    """The value as a sum of ``cofactor * linear form``; a form without gaps is a number times what is not linear.

    Coefficients without traces stay with the form, so that ``tau(B G) - kappa tau(B G**2)`` is seen as one.
    """
    traces = [k for k, g in enumerate(value.gens) if isinstance(g, Trace | Shown)]
    groups: dict[tuple[tuple[int, ...], bool], Form] = {}
    context = ring(value.gens)
    for exponents, coefficient in value.num.to_dict().items():
        powers = tuple(map(int, exponents))
        used = [k for k in traces if value.gens[k] in members and powers[k]]
        linear = len(used) == 1 and powers[used[0]] == 1
        own = used[0] if linear else -1
        cofactor = tuple(e if k in traces and k != own else 0 for k, e in enumerate(powers))
        rest = tuple(0 if k in traces else e for k, e in enumerate(powers))
        gaps: Gaps = members[value.gens[own]] if linear else ()
        form = groups.setdefault((cofactor, linear), {})
        form[gaps] = form.get(gaps, ZERO) + from_polynomial(value.gens, context.from_dict({rest: int(coefficient)}))
    denominator = from_polynomial(value.gens, value.den)
    for (cofactor, _), form in groups.items():
        yield from_polynomial(value.gens, context.from_dict({cofactor: 1})) / denominator, form


def _sum(linear: Linear) -> Scalar:
    total = ZERO
    for g, c in linear.items():
        total = total + (c if g is None else c * generator_scalar(g))
    return total
