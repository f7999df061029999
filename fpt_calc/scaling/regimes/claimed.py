"""Claims about exponents, such as ``max(-2*min(r, 1)*ell, ell/beta - 1)``, compared with every regime of a law."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Literal

from fpt_calc.errors import InputError
from fpt_calc.scalars import Scalar
from fpt_calc.scaling.entry import Finding
from fpt_calc.scaling.polyhedra import (
    Affine,
    Chamber,
    Condition,
    DegenerateSample,
    Polyhedron,
    describe,
    holds,
    interior_point,
    intersection,
    lower_envelope,
    replace_names,
    upper_envelope,
    value_at,
)
from fpt_calc.scaling.regimes.affine_scalars import affine_of
from fpt_calc.scaling.regimes.law import POINTS, Law, samples
from fpt_calc.scaling.regimes.monomial_text import parsed, read_exponent
from fpt_calc.scaling.regimes.optimum import best_choices

Parts = tuple[tuple[Polyhedron, Scalar], ...]
Piece = tuple[tuple[Condition, ...], Polyhedron, Affine]

CHAMBERS = 12  # of one case, in each of which a claim is compared
_SYNTAX = 'write formulas with + - * /, max and min, such as "max(-2*r*ell, ell/beta - 1)"'
_ENVELOPES = {"max": upper_envelope, "Max": upper_envelope, "min": lower_envelope, "Min": lower_envelope}


@dataclass(frozen=True)
class _Place:
    """Where a formula is read: a polyhedron at a sample of the parameters."""

    chamber: Chamber
    cell: Polyhedron
    where: str


def compare_exponent(law: Law, claim: str) -> Finding:
    """Whether a formula is the exponent of a law in all its regimes and cases.

    Parameters
    ----------
    law : the derived law.
    claim : a formula in the exponents and parameters of the law with ``+ - * /``, ``max`` and ``min``.

    In every regime, at a sample of every case, the claim is split into affine forms by exact polyhedra; PROVED: all of
    them are the derived ones.  REFUTED: there is a witness.

    Raises `InputError` for what is no such formula.

    >>> import fpt_calc as fc
    >>> T, d = fc.dims("T d")
    >>> (lam,) = fc.scalars("lam", "positive")
    >>> Sigma, w0 = fc.matrix("Sigma", d, d, "psd"), fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    >>> student = fc.model("student", fc.ridge(lam), [fc.data("real", T, covariance=Sigma, labels=w0)])
    >>> error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    >>> law = error.scaling("T", lam="T**-ell", Sigma=fc.spectrum(2), w0=fc.source("r"), assume=["ell <= 2"])
    >>> compare_exponent(law.law, "-2*min(r, 1)*ell").verdict, compare_exponent(law.law, "-2*r*ell").verdict
    ('PROVED', 'REFUTED')
    """
    return _compared(law, [(case.conditions, r.cell, r.exponent) for case in law.cases for r in case.regimes], claim)


def compare_optimum(law: Law, name: str, claim: str, what: Literal["exponent", "low", "high"]) -> Finding:
    """Whether a formula is the best exponent of a law over one exponent, or the lower or upper end of the best choices.

    Parameters
    ----------
    law, name : see `fpt_calc.scaling.regimes.optimum.optimal`.
    claim : see `compare_exponent`; "oo" for choices without bound.
    what : is compared.  Where only some of the optima are bounded, they alone are compared with a formula, and the
        evidence tells so.

    Raises `InputError` for what is no such formula, and as `best_choices` does.

    >>> import fpt_calc as fc
    >>> T, d = fc.dims("T d")
    >>> (lam,) = fc.scalars("lam", "positive")
    >>> Sigma, w0 = fc.matrix("Sigma", d, d, "psd"), fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    >>> student = fc.model("student", fc.ridge(lam), [fc.data("real", T, covariance=Sigma, labels=w0)])
    >>> error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    >>> law = error.scaling("T", lam="T**-ell", Sigma=fc.spectrum(2), w0=fc.source("1/2")).law
    >>> [compare_optimum(law, "ell", "2", what).verdict for what in ("low", "high")]
    ['PROVED', 'REFUTED']
    """
    optima = best_choices(law, name)
    if any(len(m.intervals) != 1 for _, m in optima):
        return Finding("UNDECIDED", "the best choices are several intervals")
    found = [
        (c.conditions, m.cell, m.value if what == "exponent" else getattr(m.intervals[0], what)) for c, m in optima
    ]
    free = [form for _, _, form in found if form is None]
    if claim == "oo":
        return Finding("REFUTED" if len(free) < len(found) else "PROVED", f"{len(free)} of {len(found)} have no bound")
    if len(free) == len(found):
        return Finding("REFUTED", "no choice is bounded")
    finding = _compared(law, [(known, cell, form) for known, cell, form in found if form is not None], claim)
    return Finding(finding.verdict, f"{finding.evidence}; {len(free)} without bound") if free else finding


def _compared(law: Law, pieces: Sequence[Piece], claim: str) -> Finding:
    """Each piece at samples of its conditions."""
    _check_names(law, claim)
    tree = parsed(claim, "claim")
    for conditions, cell, form in pieces:
        compared = 0
        for chamber in _chambers(law, conditions):
            try:
                witness = _difference(form, tree, _Place(chamber, cell, claim))
            except DegenerateSample:
                continue
            compared += 1
            if witness is not None:
                return Finding("REFUTED", witness)
        if not compared:
            return Finding("UNDECIDED", "no sample of the parameters is generic")
    cases = len({conditions for conditions, _, _ in pieces})
    return Finding("PROVED", f"equal on all {len(pieces)} polyhedra of exponents in {cases} cases")


def _check_names(law: Law, claim: str) -> None:
    known = {*law.request.domain.names, *(p.name for p in law.request.bounds)}
    nodes = list(ast.walk(parsed(claim, "claim")))
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id not in (_ENVELOPES if id(node) in called else known):
            remedy = f"there are {', '.join(sorted(known))}" if known else "there are none"
            raise InputError(f"no exponent or parameter {node.id!r}", where=claim, remedy=remedy)


def _chambers(law: Law, conditions: Sequence[Condition]) -> Iterator[Chamber]:
    """Chambers at samples of a case, none at a sample that one before already covers."""
    covered: list[tuple[Condition, ...]] = []
    inside = (p for p in samples(law.request, POINTS) if all(holds(c, p) for c in conditions))
    for point in islice(inside, CHAMBERS):
        if not any(all(holds(c, point) for c in known) for known in covered):
            chamber = Chamber(point)
            yield chamber
            covered.append(chamber.conditions(law.request.bounds))


def _difference(exponent: Affine, tree: ast.expr, place: _Place) -> str | None:
    """A point of a polyhedron where the claim is another exponent, in words; None if there is none."""
    solved = dict(describe(place.chamber, place.cell).equalities)
    for part, value in _parts(tree, place):
        form = affine_of(value, part.names)
        if not replace_names(form - exponent, solved).is_zero:
            point = interior_point(place.chamber, part)
            at = {name: place.chamber.value(x) for name, x in point.items()}
            derived, claimed = (place.chamber.value(value_at(f, point)) for f in (exponent, form))
            sample = {g.name: x for g, x in place.chamber.sample.items()} | at
            where = ", ".join(f"{name} = {float(x):.4g}" for name, x in sample.items())
            return f"derived {exponent}, claimed {form}: {float(derived):.5g}, {float(claimed):.5g} at {where}"
    return None


def _parts(node: ast.expr, place: _Place) -> Parts:
    """A formula as affine forms on parts of a polyhedron."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _ENVELOPES and args:
            return tuple(_extremes(name, [_parts(a, place) for a in args], place))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return tuple((part, -value) for part, value in _parts(inner, place))
        case ast.BinOp(left=left, op=op, right=right) if any(isinstance(n, ast.Call) for n in ast.walk(node)):
            pairs = _common([_parts(left, place), _parts(right, place)], place)
            return tuple((part, _applied(op, a, b, place)) for part, (a, b) in pairs)
        case ast.Call():
            raise InputError(f"{ast.unparse(node)[:60]!r} is no exponent", where=place.where, remedy=_SYNTAX)
    return ((place.cell, read_exponent(ast.unparse(node), place.where)),)


def _extremes(name: str, operands: Sequence[Parts], place: _Place) -> Iterator[tuple[Polyhedron, Scalar]]:
    for part, values in _common(operands, place):
        forms = [affine_of(v, part.names) for v in values]
        for smaller, indices in _ENVELOPES[name](place.chamber, part, forms):
            yield smaller, values[indices[0]]


def _common(operands: Sequence[Parts], place: _Place) -> Iterator[tuple[Polyhedron, tuple[Scalar, ...]]]:
    """Parts on which every operand is one form."""
    full = describe(place.chamber, place.cell).dimension
    for chosen in product(*operands):
        part = place.cell
        for other, _ in chosen:
            part = intersection(place.chamber, part, other)
        if describe(place.chamber, part).dimension == full:
            yield part, tuple(value for _, value in chosen)


def _applied(op: ast.operator, a: Scalar, b: Scalar, place: _Place) -> Scalar:
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div() if not b.is_zero:
            return a / b
    raise InputError("no formula of an exponent", where=place.where, remedy=_SYNTAX)
