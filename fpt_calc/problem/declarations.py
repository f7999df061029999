"""What a problem file declares: names, kinds, shapes and formulas, read but not yet given their meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.expr import FACTS
from fpt_calc.problem.located import hint, located, shorten
from fpt_calc.problem.syntax import Formula
from fpt_calc.problem.tables import Table, check_keys, check_name, formula_of, names_list, table
from fpt_calc.scalars import Dimension, Parameter

LAWS: Mapping[str, tuple[str, ...]] = {
    "gaussian": ("variance", "covariance", "row_covariance"),
    "wigner": ("variance",),
    "wishart": ("dof", "covariance"),
}
_NEEDED = {"gaussian": "variance", "wigner": "variance", "wishart": "dof"}


@dataclass(frozen=True)
class MatrixDeclaration:
    """One entry of [matrices].

    Parameters
    ----------
    law : a key of `LAWS`, or None for a deterministic matrix.
    formulas : by role: "rows", "cols" and the formulas of the law.
    entries : "real", "complex", or None if the file leaves it open.
    facts : the facts declared true.
    """

    name: str
    law: str | None
    formulas: Mapping[str, Formula]
    entries: str | None
    facts: frozenset[str]

    @property
    def where(self) -> str:
        return f"matrices.{self.name}"


@dataclass(frozen=True)
class Declarations:
    """All declared names of a problem file, each declared once."""

    dims: Mapping[str, Dimension]
    scalars: Mapping[str, Parameter]
    ratios: Mapping[str, Formula]
    matrices: Mapping[str, MatrixDeclaration]
    lets: Mapping[str, Formula]

    def tables(self) -> dict[str, str]:
        """The table in which each name was declared."""
        parts = {
            "dims": self.dims,
            "scalars": self.scalars,
            "ratios": self.ratios,
            "matrices": self.matrices,
            "let": self.lets,
        }
        return {name: key for key, part in parts.items() for name in part}


def read_declarations(data: Table) -> Declarations:
    """The declarations of a problem file; raises `InputError` naming the key, the cause and the remedy."""
    dims = names_list(data.get("dims", []), "dims")
    _check_unique(data, dims)
    scalars = {}
    for name, kind in table(data, "scalars").items():
        with located(f"scalars.{name}", name):
            scalars[name] = Parameter(name, kind)
    return Declarations(
        dims={name: Dimension(name) for name in dims},
        scalars=scalars,
        ratios={name: formula_of(text, f"ratios.{name}") for name, text in table(data, "ratios").items()},
        matrices={name: _matrix(name, entry) for name, entry in table(data, "matrices").items()},
        lets={name: formula_of(text, f"let.{name}") for name, text in table(data, "let").items()},
    )


def read_commute(data: Table, declarations: Declarations) -> tuple[tuple[str, ...], ...]:
    """The groups of commuting matrices; raises `InputError` unless they name deterministic matrices."""
    groups = data.get("commute", [])
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise InputError("not a list of lists of names", where="commute", remedy='write [["Sigma", "Theta"]]')
    fixed = [name for name, matrix in declarations.matrices.items() if matrix.law is None]
    for group in groups:
        for name in names_list(group, "commute"):
            if name not in fixed:
                what = f"{shorten(name, 60)!r} is not a declared deterministic matrix"
                raise InputError(what, where="commute", remedy=hint(name, fixed, "name matrices without a law"))
        if len(group) < 2:
            raise InputError("a group of fewer than two matrices", where="commute", remedy="name two or more, or none")
    return tuple(tuple(group) for group in groups)


def _check_unique(data: Table, dims: tuple[str, ...]) -> None:
    seen: dict[str, str] = {}
    for name, where in _declared(data, dims):
        check_name(name, where)
        if name in seen:
            what = f"two declarations for one name: {name!r} also stands under {seen[name]}"
            raise InputError(what, where=where, remedy="rename one of them")
        seen[name] = where.split(".", maxsplit=1)[0]
    for name, entry in table(data, "matrices").items():
        if isinstance(entry, Mapping) and entry.get("law") == "wishart" and f"{name}_factor" in seen:
            what = f"the name {name}_factor is that of the Gaussian factor of {name}"
            raise InputError(what, where=f"matrices.{name}", remedy=f"rename {name}_factor")


def _declared(data: Table, dims: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in dims:
        yield name, "dims"
    for key in ("scalars", "ratios", "matrices", "let"):
        for name in table(data, key):
            yield name, f"{key}.{shorten(str(name), 60)}"


def _matrix(name: str, entry: object) -> MatrixDeclaration:
    where = f"matrices.{name}"
    if not isinstance(entry, Mapping):
        raise InputError("not a table", where=where, remedy='write { shape = ["d", "d"], psd = true }, or use [let]')
    law = entry.get("law")
    if law is not None and law not in tuple(LAWS):
        text = shorten(repr(law), 60)
        raise InputError(
            f"unknown law {text}", where=f"{where}.law", remedy=hint(str(law), LAWS, f"use one of {', '.join(LAWS)}")
        )
    roles = FACTS if law is None else LAWS[law]
    if law is not None and any(fact in entry for fact in FACTS):
        raise InputError(
            "facts about a random matrix", where=where, remedy="its law knows them; remove either the facts or the law"
        )
    if law is None and (role := next((r for r in ("variance", "dof", "covariance") if r in entry), None)):
        raise InputError(f"{role} of a matrix without a law", where=where, remedy='add law = "gaussian", or remove it')
    check_keys(entry, ("shape", "law", "field", *roles), where)
    formulas = _shape(entry, where)
    if law is not None:
        formulas |= {role: formula_of(entry[role], f"{where}.{role}") for role in roles if role in entry}
        if _NEEDED[law] not in entry:
            example = "n" if law == "wishart" else f"1/{formulas['cols'].text}"
            remedy = f'add {_NEEDED[law]} = "{example}"'
            raise InputError(f"a {law} matrix without its {_NEEDED[law]}", where=where, remedy=remedy)
    return MatrixDeclaration(name, law, formulas, _entries(entry, where), _facts(entry, where))


def _shape(entry: Table, where: str) -> dict[str, Formula]:
    shape = entry.get("shape")
    if not isinstance(shape, list) or len(shape) != 2:
        what = "no shape" if shape is None else f"the shape {shorten(repr(shape), 60)} is not a list of two dimensions"
        raise InputError(what, where=where, remedy='write shape = ["n", "d"], or ["d", 1] for a vector')
    rows, cols = (formula_of(size, f"{where}.shape") for size in shape)
    return {"rows": rows, "cols": cols}


def _entries(entry: Table, where: str) -> str | None:
    entries = entry.get("field")
    if entries not in ("real", "complex", None):
        what = f"unknown field {shorten(repr(entries), 60)}"
        raise InputError(what, where=f"{where}.field", remedy='use "real" or "complex"')
    return entries


def _facts(entry: Table, where: str) -> frozenset[str]:
    for fact in FACTS:
        if not isinstance(entry.get(fact, False), bool):
            what = f"{shorten(repr(entry[fact]), 60)} is neither true nor false"
            raise InputError(what, where=f"{where}.{fact}", remedy=f"write {fact} = true, or leave it out")
    return frozenset(fact for fact in FACTS if entry.get(fact, False))


def read_limits(entries: Table, declarations: Declarations) -> dict[str, str]:
    """What tends where: scalars, dimensions and ratios by name; raises `InputError` for other names and values.

    Whether a name can tend to its limit is checked where the limit is taken.
    """
    known = (*declarations.scalars, *declarations.dims, *declarations.ratios)
    for name, to in entries.items():
        where = f"limits.{shorten(str(name), 60)}"
        if name not in known:
            remedy = hint(str(name), known, f"it can be one of {', '.join(known)}")
            raise InputError(f"{shorten(repr(name), 60)} is no scalar, dimension or ratio", where=where, remedy=remedy)
        if not isinstance(to, str):
            remedy = 'write "0+" or "oo" in quotes'
            raise InputError(f"{shorten(repr(to), 60)} is not a limit", where=where, remedy=remedy)
    return dict(entries)
