"""Choosing, for a polynomial that is about to be printed, the basis of each family in which it is shortest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fpt_calc.closed_form.display import FullTrace, Shown
from fpt_calc.closed_form.families import (
    Family,
    Form,
    Gaps,
    Linear,
    degrees_of_freedom,
    homogeneous,
    in_traces,
    member,
)
from fpt_calc.expr import Expr, Trace
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, from_polynomial, generator_scalar, ring, substitute


@dataclass(frozen=True)
class Style:
    """How traces are printed.

    Attributes
    ----------
    spectral : the matrices whose functions are brought together.
    labels : the label of the degrees of freedom of each of them, "" if there is only one.
    unnormalized : Tr instead of tau.
    """

    spectral: frozenset[Expr]
    labels: dict[Expr, str]
    unnormalized: bool


def with_degrees(value: Scalar, style: Style) -> Scalar:
    """All traces of functions of one spectral matrix alone as degrees of freedom."""
    images: dict[Generator, Scalar] = {}
    for g in value.gens:
        found = member(g, style.spectral) if isinstance(g, Trace) else None
        if found is not None and not found[0].letters:
            family, gaps = found
            linear = degrees_of_freedom({gaps: ONE}, family, style.labels.get(family.bases[0], ""))  # type: ignore[arg-type]  # one base
            if linear is not None:
                images[g] = _sum(linear)
    return substitute(value, images) if images else value


def shortest(value: Scalar, style: Style) -> Scalar:
    """A value (polynomial in its traces) with each family of traces in the basis of fewest terms."""
    for family in _families(value, style):
        value = min(_variants(value, family, style), key=_length)
    others = {
        g: generator_scalar(FullTrace(g.argument)) / g.argument.rows
        for g in value.gens
        if isinstance(g, Trace) and style.unnormalized
    }
    return substitute(value, others) if others else value


def _length(value: Scalar) -> tuple[int, int]:
    return (len(value.num) if value.gens else 1), len(str(value))


def _families(value: Scalar, style: Style) -> list[Family]:
    found = (member(g, style.spectral) for g in value.gens if isinstance(g, Trace))
    return sorted({f for f, _ in filter(None, found)}, key=str)


def _variants(value: Scalar, family: Family, style: Style) -> Iterator[Scalar]:
    """The value with one family in each of its bases; a trace that is a function of one matrix stays where it is df."""
    members: dict[Generator, Gaps] = {}
    for g in value.gens:
        found = member(g, style.spectral) if isinstance(g, Trace) else None
        if found is not None and found[0] == family:
            members[g] = found[1]
    yield _rewritten(value, members, lambda form: in_traces(form, family, style.unnormalized))
    if homogeneous({gaps: ONE for gaps in members.values()}) is not None:

        def one_denominator(form: Form) -> Linear:
            result = homogeneous(form)
            assert result is not None
            return in_traces(result, family, style.unnormalized)

        yield _rewritten(value, members, one_denominator)


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
