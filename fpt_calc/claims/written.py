"""Claims in the user's own words: a formula in closed-form names, as text, compared with the derived limit."""

from __future__ import annotations

from fpt_calc.closed_form import ClosedForm, Comparison, compare
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr, constituents
from fpt_calc.problem import parse_formula
from fpt_calc.scalars import Generator, Scalar, generator_scalar, scalar


def compare_claim(law: LimitLaw, form: ClosedForm, name: str | None, claimed: str | Scalar) -> Comparison:
    """Compare the limit of a target (the only one by default) with a formula in declared and closed-form names."""
    targets = list(law.targets)
    if name is None and len(targets) == 1:
        (name,) = targets
    if name is None or name not in law.targets:
        raise InputError(f"no target {name!r}", where="compare", remedy=f"the targets are {', '.join(targets)}")
    value = parse_formula(claimed, _names(law, form), "claim") if isinstance(claimed, str) else claimed
    if isinstance(value, int | float):
        value = scalar(value)
    if not isinstance(value, Scalar):
        raise InputError("the claim is a matrix", where="claim", remedy="take tau(...) or Tr(...) of it")
    return compare(law.system, form, name, value)


def _names(law: LimitLaw, form: ClosedForm) -> dict[str, Expr | Scalar]:
    """Declared deterministic names, and those of the closed form; degrees of freedom of any order up to 9."""
    matrices, generators, _ = declared(law)
    names: dict[str, Expr | Scalar] = {g.name: generator_scalar(g) for g in generators}
    names |= matrices
    names |= {p.symbol.name: generator_scalar(p.symbol) for p in form.parameters}
    names |= {g.name: generator_scalar(g) for g in form.degrees_of_freedom()}
    names |= {g.name: generator_scalar(g) for g, _ in form.abbreviations}
    return names | {atom.name: atom for atom, _ in form.matrices}


def declared(law: LimitLaw) -> tuple[dict[str, Atom], set[Generator], dict[str, Atom]]:
    """The deterministic atoms, the generators of scalars and dimensions, and the random atoms of a law."""
    found = set(constituents(law.targets.values()))
    atoms = {part.name: part for part in found if isinstance(part, Atom)}
    deterministic = {name: atom for name, atom in atoms.items() if not atom.is_random}
    random = {name: atom for name, atom in atoms.items() if atom.is_random}
    return deterministic, {part for part in found if not isinstance(part, Atom)}, random
