"""What scalars and expressions are made of, down to what stands inside traces, shapes and laws."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from fpt_calc.expr.nodes import Atom, Expr, ScalarMatrix, Scaled
from fpt_calc.expr.substitute import traces_of
from fpt_calc.expr.trace import Trace
from fpt_calc.expr.walk import postorder
from fpt_calc.scalars import Generator, Scalar, generators_of, without_conjugate


def inner_scalars(expr: Expr) -> Iterator[Scalar]:
    """The coefficients of an expression; not those inside its coefficients' traces.

    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> list(inner_scalars(3 * Atom("A", d, d) + 1/d))
    [3, 1/d]
    """
    for node in postorder(expr):
        match node:
            case Scaled(coefficient=value) | ScalarMatrix(value=value):
                yield value


def inside_traces(value: Scalar) -> Iterator[Generator]:
    """The generators of the coefficients inside the traces of a scalar."""
    for g in value.gens:
        if isinstance(g, Trace):
            for inner in inner_scalars(g.argument):
                yield from inner.gens


def reached(roots: Iterable[Scalar | Expr]) -> Iterator[Scalar | Expr]:
    """The scalars and nodes on whose values the roots depend, themselves included, each once; shapes are not.

    Those inside traces, coefficients and laws are reached too, what is nearer to the roots first.
    """
    pending = deque(roots)
    seen: set[Scalar | Expr] = set()
    while pending:
        item = pending.popleft()
        if item in seen:
            continue
        seen.add(item)
        yield item
        if isinstance(item, Scalar):
            pending += (trace.argument for trace in traces_of(item))
            continue
        pending += item.children
        match item:
            case Scaled(coefficient=value) | ScalarMatrix(value=value):
                pending.append(value)
            case Atom(law=law) if law is not None:
                pending += (*law.scalars(), *law.deterministic_parts())


def generators_within(roots: Iterable[Scalar | Expr]) -> set[Generator]:
    """The generators on whose values the roots depend; a conjugate counts as what it is the conjugate of.

    >>> from fpt_calc.expr.trace import tau
    >>> from fpt_calc.scalars import Parameter, dimension, generator_scalar
    >>> d, z = dimension("d"), generator_scalar(Parameter("z", "complex"))
    >>> sorted(g.name for g in generators_within([tau(Atom("A", d, d) + z.conjugate())]))
    ['tau(A + conj(z))', 'z']
    """
    scalars = (item for item in reached(roots) if isinstance(item, Scalar))
    return {without_conjugate(g) for value in scalars for g in generators_of(value)}


def constituents(roots: Iterable[Scalar | Expr]) -> Iterator[Generator | Atom]:
    """The generators and atoms that occur anywhere in the roots, each once: those of shapes and laws included.

    >>> from fpt_calc.scalars import dimension
    >>> print(sorted(part.name for part in constituents([Atom("A", dimension("n"), dimension("d"))])))
    ['A', 'd', 'n']
    """
    seen: set[Generator | Atom] = set()
    for item in reached(roots):
        scalars = (item,) if isinstance(item, Scalar) else item.shape
        found = {without_conjugate(g) for value in scalars for g in generators_of(value)}
        parts: list[Generator | Atom] = sorted(found, key=lambda g: g.name)
        parts += [item] if isinstance(item, Atom) else []
        yield from (part for part in parts if part not in seen)
        seen.update(parts)
