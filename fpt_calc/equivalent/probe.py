"""The limit of ``tau(T expr)`` as a linear form in a generic deterministic matrix T, and T stripped off again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count, islice

from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Atom, Expr, Product, Trace, Transpose, atoms, identity, postorder
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, substitute
from fpt_calc.spectral import combination, word_expression

NAME = "Probe"


def probe_for(exprs: Sequence[Expr], shape: tuple[Scalar, Scalar], skip: int = 0) -> Atom:
    """A deterministic matrix without facts for traces with matrices of a shape, under a name that is not taken.

    ``skip`` : how many free names to leave to others.
    """
    taken: set[str] = set()
    pending = list(exprs)
    while pending:
        for atom in atoms(pending.pop()):
            taken.add(atom.name)
            pending += atom.law.deterministic_parts() if atom.law is not None else ()
    free = (n for n in chain([NAME], (f"{NAME}{k}" for k in count(1))) if n not in taken)
    name = next(islice(free, skip, None))
    rows, cols = shape
    return Atom(name, cols, rows)


def linear_form(value: Scalar, probe: Atom) -> dict[Trace, Scalar]:
    """The coefficient of each trace that contains the probe; raises `CannotDecideError` if the value is not linear."""
    traces = [g for g in value.gens if isinstance(g, Trace) and probe in set(postorder(g.argument))]
    nothing: dict[Generator, Scalar] = {g: ZERO for g in traces}
    form = {g: substitute(value, {**nothing, g: ONE}) for g in traces}
    rest = substitute(value, nothing)
    if not rest.is_zero or any(set(traces) & set(c.gens) for c in form.values()):
        raise CannotDecideError("the limit is not linear in the test matrix", remedy="derive tau(B @ expr) for your B")
    return form


def stripped(trace: Trace, probe: Atom) -> tuple[Scalar, Expr]:
    """``tau(F1 T F2)`` as ``c tau(T W)``: the factor c and W, where T is the probe or its transpose."""
    argument = trace.argument
    factors = argument.factors if isinstance(argument, Product) else (argument,)
    places = [k for k, f in enumerate(factors) if probe in set(postorder(f))]
    if len(places) != 1 or factors[places[0]] not in (probe, Transpose(probe)):
        raise CannotDecideError(f"the test matrix cannot be taken out of {trace.name}", remedy="use the equations")
    (k,) = places
    around = factors[k + 1 :] + factors[:k]
    word = identity(factors[k].cols) if not around else around[0] if len(around) == 1 else Product(around)
    if factors[k] != probe:
        ((letters, _),) = combination(Transpose(word)).items()  # one word with coefficient one, as the trace is normal
        word = word_expression(letters, probe.rows)
    return probe.rows / argument.rows, word
