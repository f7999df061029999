"""What a law is about: the names in its targets, and the conditions under which it holds (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.errors import InputError
from fpt_calc.expr import FACTS, Atom, constituents
from fpt_calc.expr.facts import closure
from fpt_calc.logic import Condition
from fpt_calc.scalars import Dimension, Parameter, Scalar

_KINDS = {
    "positive": "{} > 0",
    "nonnegative": "{} >= 0",
    "real": "{} is real",
    "fraction": "0 <= {} <= 1",
    "integer": "{} is an integer",
    "generations": "{} is a nonnegative integer",
    "complex": "{} is complex",
    "upper": "Im {} > 0",
}
_WORDS = {"psd": "positive semidefinite", "pd": "positive definite", "projection": "an orthogonal projection"}


@dataclass(frozen=True)
class Setting:
    """The dimensions, scalars and matrices of targets, each by name in alphabetical order."""

    dims: tuple[Dimension, ...]
    scalars: tuple[Parameter, ...]
    matrices: tuple[Atom, ...]


def inequality_texts(assume: object) -> tuple[str, ...]:
    """Inequalities as users give them: one text, or any iterable of texts, which is read once.

    Raises `InputError` for anything else.

    >>> inequality_texts("T0 < d"), inequality_texts(iter(["r < 1"]))
    (('T0 < d',), ('r < 1',))
    """
    texts = (assume,) if isinstance(assume, str) else assume
    if not isinstance(texts, Iterable):
        raise InputError(f"{assume!r} is no list of inequalities", where="assume", remedy='write ["ell <= beta"]')
    found = tuple(texts)
    for text in found:
        if not isinstance(text, str):
            raise InputError(f"{text!r} is no inequality", where="assume", remedy='write a text, such as "ell <= beta"')
    return found


def setting(targets: Iterable[Scalar]) -> Setting:
    """The names that targets are made of, those inside shapes and laws included."""
    atoms: dict[str, Atom] = {}
    generators: dict[str, Dimension | Parameter] = {}
    for found in constituents(targets):
        if isinstance(found, Atom):
            atoms[found.name] = found
        elif isinstance(found, Dimension | Parameter):
            generators[found.name] = found
    ordered = [generators[name] for name in sorted(generators)]
    return Setting(
        tuple(g for g in ordered if isinstance(g, Dimension)),
        tuple(g for g in ordered if isinstance(g, Parameter)),
        tuple(atoms[name] for name in sorted(atoms)),
    )


def conditions(targets: Mapping[str, Scalar]) -> tuple[Condition, ...]:
    """The standing assumptions, and what is assumed of each name.

    >>> from fpt_calc.expr import tau
    >>> from fpt_calc.scalars import dimension
    >>> S = Atom("S", dimension("d"), dimension("d"), facts=frozenset({"psd"}))
    >>> for condition in conditions({"t": tau(S @ S)}):
    ...     print(condition)
    d tends to infinity, all growing dimensions at fixed ratios
    S is deterministic, real, d x d, positive semidefinite, and bounded in norm
    """
    found = setting(targets.values())
    result = [_limit(found)] if found.dims else []
    random = [a for a in found.matrices if a.is_random]
    if len(random) > 1:
        names = ", ".join(a.name for a in random)
        result.append(Condition("independent", names, f"{names} are independent"))
    result += [Condition("scalar", p.name, _KINDS[p.kind].format(p.name)) for p in found.scalars]
    result += [Condition("matrix", a.name, _matrix(a)) for a in found.matrices]
    if random:
        text = (
            "the pencils have bounded inverses in the limit: the covariance map W -> G E[H W H*] G* has spectral "
            "radius below one"
        )
        result.append(Condition("validity", "", text))
    return tuple(result)


def declared_facts(atom: Atom) -> tuple[str, ...]:
    """The fewest facts of a deterministic matrix that imply the others.

    >>> from fpt_calc.scalars import dimension
    >>> declared_facts(Atom("S", dimension("d"), dimension("d"), facts=frozenset({"psd"})))
    ('psd',)
    """
    kept = atom.facts
    for fact in FACTS:
        if closure(kept - {fact}, atom.entries) == atom.facts:
            kept = kept - {fact}
    return tuple(fact for fact in FACTS if fact in kept)


def _limit(found: Setting) -> Condition:
    names = ", ".join(d.name for d in found.dims)
    verb = "tends" if len(found.dims) == 1 else "tend"
    return Condition("limit", names, f"{names} {verb} to infinity, all growing dimensions at fixed ratios")


def _matrix(atom: Atom) -> str:
    shape = f"{atom.rows} x {atom.cols}"
    match atom.law:
        case None:
            words = [_WORDS.get(f, f) for f in declared_facts(atom)]
            parts = [f"{atom.name} is deterministic", atom.entries, shape, *words]
            return f"{', '.join(parts)}, and bounded in norm"
        case Gaussian(variance=variance, field=field, row_covariance=row, covariance=column):
            sides = [f", row covariance {row}"] if row is not None else []
            sides += [f", column covariance {column}"] if column is not None else []
            return f"{atom.name} is {field} Gaussian, centred, {shape}, of variance {variance}{''.join(sides)}"
        case Wigner(variance=variance, field=field):
            kind = "GOE" if field == "real" else "GUE"
            return f"{atom.name} is {kind}, {shape}, with off-diagonal variance {variance}"
    raise TypeError(f"no words for the law {type(atom.law).__name__}")
