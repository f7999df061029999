"""Which words a deterministic equivalent is written in: functions of Sigma in the basis that needs the fewest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fpt_calc.closed_form import FullTrace
from fpt_calc.closed_form.families import (
    Family,
    Form,
    common_orders,
    homogeneous,
    in_traces,
    member,
    with_polynomial_part,
)
from fpt_calc.expr import Expr, Trace
from fpt_calc.scalars import ZERO, Scalar

Words = dict[Trace, Scalar]


def fewest_words(form: Mapping[Trace, Scalar], spectral: frozenset[Expr]) -> Words:
    """A linear form in traces, each family of functions of one matrix in the basis with fewest words.

    ``G - kappa G**2`` is ``Sigma G**2``: a rank-one correction is one word in the homogeneous basis, two in the
    canonical one.
    """
    result: Words = {}
    families: dict[Family, Form] = {}
    for trace, value in form.items():
        found = member(trace, spectral)
        if found is None:
            result[trace] = value
        else:
            families.setdefault(found[0], {})[found[1]] = value
    for family, parts in families.items():
        best = min((_words(option, family) for option in _options(parts)), key=_length)
        for trace, value in best.items():
            result[trace] = result.get(trace, ZERO) + value
    return {t: c for t, c in result.items() if not c.is_zero}


def _options(form: Form) -> Iterator[Form]:
    """The form in each of its bases; the homogeneous one first, as it is preferred where lengths are equal."""
    orders = common_orders(form)
    if orders is not None and any(orders):
        even = homogeneous(form, orders)
        yield even
        yield from with_polynomial_part(even)
    yield form


def _words(form: Form, family: Family) -> Words:
    result: Words = {}
    for g, value in in_traces(form, family, unnormalized=False).items():
        assert isinstance(g, Trace | FullTrace), "every word contains the test matrix"
        trace, scale = (g, value) if isinstance(g, Trace) else (Trace(g.argument), value * g.argument.rows)
        result[trace] = result.get(trace, ZERO) + scale
    return result


def _length(words: Words) -> tuple[int, int]:
    return len(words), sum(len(c.num) + len(c.den) if c.gens else 2 for c in words.values())
