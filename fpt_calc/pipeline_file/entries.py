"""The entries of a pipeline file, read one by one: keys, references and formulas, not yet given their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.problem.located import hint, shorten
from fpt_calc.problem.syntax import Formula
from fpt_calc.problem.tables import Table, check_keys, formula_of, names_list

PREVIOUS = "previous"
FRESH = "fresh"
REUSED = "reused"
TEACHER_KEYS = ("vector", "covariance", "near", "displacement")
DATA_KEYS = ("size", "covariance", "labels", "noise", "design")

# the formulas that each fit needs
FITS: Mapping[str, tuple[str, ...]] = {
    "ols": (),
    "min-norm": (),
    "ridge": ("lam",),
    "projections": ("lam", "width"),
    "random-features": ("lam", "width", "linear", "nonlinear"),
}
FIT_KEYS = ("lam", "width", "linear", "nonlinear", "projection")
_EXAMPLE = {"lam": "lam", "width": "k", "linear": "mu1", "nonlinear": "mu2"}


@dataclass(frozen=True)
class TeacherEntry:
    """One teacher: the names of its vector or covariance, and of the teacher it is displaced from."""

    where: str
    near: str | None
    vector: str | None
    covariance: str | None


@dataclass(frozen=True)
class DataEntry:
    """One data set.

    Attributes
    ----------
    where : its key.
    key : its name in the file; data sets of a chain that is written out have numbered names besides.
    size : None where the inputs are those of another data set.
    covariance : None for the identity.
    labels : the name of a source of labels, or `PREVIOUS`.
    design : `FRESH`, `REUSED`, or the name of the data set whose inputs these are.
    """

    where: str
    key: str
    size: Formula | None
    covariance: str | None
    labels: str
    noise: Formula | None
    design: str

    @property
    def shares(self) -> bool:
        return self.design not in (FRESH, REUSED)


@dataclass(frozen=True)
class ModelEntry:
    """One model: its fit with the formulas of it, and the names of its data."""

    where: str
    fit: str
    formulas: Mapping[str, Formula]
    projection: str | None
    on: tuple[str, ...]


@dataclass(frozen=True)
class TestEntry:
    """What is tested against which teacher."""

    __test__ = False  # for pytest, which collects names that begin with Test

    where: str
    model: str
    against: str
    covariance: str | None


def read_teacher(entry: object, where: str) -> TeacherEntry:
    """One entry of [teachers]; raises `InputError` unless its weights are given in one way."""
    entry = entry_table(entry, where, '{ vector = "w0" } or { covariance = "Gamma" }')
    check_keys(entry, TEACHER_KEYS, where)
    parts = {key: name_under(entry, key, where) for key in ("vector", "covariance", "displacement") if key in entry}
    near = name_under(entry, "near", where) if "near" in entry else None
    if near is None and "displacement" in parts:
        raise InputError("a displacement from nowhere", where=where, remedy='add near = "w1", or write covariance')
    if near is not None and "covariance" in parts:
        remedy = "write displacement for the covariance of the difference"
        raise InputError("a covariance beside near", where=f"{where}.covariance", remedy=remedy)
    if len(parts) != 1:
        what = f"weights given twice, by {' and '.join(parts)}" if parts else "a teacher without weights"
        kinds = "displacement or vector" if near is not None else "covariance or vector"
        raise InputError(what, where=where, remedy=f"give its {kinds}")
    return TeacherEntry(where, near, parts.get("vector"), parts.get("covariance", parts.get("displacement")))


def read_data(entry: object, where: str, key: str, *, in_generations: bool = False) -> DataEntry:
    """One data set; `PREVIOUS` and `REUSED` are for those in generations."""
    entry = entry_table(entry, where, '{ size = "n", labels = "w0", ... }')
    check_keys(entry, DATA_KEYS, where)
    labels, design = name_under(entry, "labels", where), FRESH
    if "design" in entry:
        design = name_under(entry, "design", where)
    if not in_generations and labels == PREVIOUS:
        remedy = "name a teacher or a model, or put it into [generations]"
        raise InputError("labels by the previous model outside of generations", where=f"{where}.labels", remedy=remedy)
    if not in_generations and design == REUSED:
        remedy = 'write design = "NAME" for the inputs of another data set, or put it into [generations]'
        raise InputError("reused inputs outside of generations", where=f"{where}.design", remedy=remedy)
    own = tuple(k for k in ("size", "covariance") if k in entry)
    if design not in (FRESH, REUSED) and own:
        what = f"the inputs are those of {shorten(design, 60)}, which has its {own[0]}"
        raise InputError(what, where=f"{where}.{own[0]}", remedy=f"remove {own[0]}, or the design")
    if design in (FRESH, REUSED) and "size" not in entry:
        raise InputError("a data set without its size", where=where, remedy='add size = "n"')
    return DataEntry(
        where,
        key,
        formula_of(entry["size"], f"{where}.size") if "size" in entry else None,
        name_under(entry, "covariance", where) if "covariance" in entry else None,
        labels,
        formula_of(entry["noise"], f"{where}.noise") if "noise" in entry else None,
        design,
    )


def read_model(entry: object, where: str, *, in_generations: bool = False) -> ModelEntry:
    """One model; in generations it has no ``on``, since it is trained on the data of its generation."""
    entry = entry_table(entry, where, '{ fit = "ridge", on = ["real"], lam = "lam" }')
    check_keys(entry, ("fit", "on", *FIT_KEYS), where)
    if "fit" not in entry:
        raise InputError("a model without its fit", where=where, remedy=f"add fit = one of {', '.join(FITS)}")
    fit = entry["fit"]
    if not isinstance(fit, str) or fit not in FITS:
        remedy = hint(str(fit), FITS, f"use one of {', '.join(FITS)}")
        raise InputError(f"unknown fit {shorten(repr(fit), 60)}", where=f"{where}.fit", remedy=remedy)
    _check_fit(entry, fit, where)
    if in_generations:
        for key in ("on", "projection"):
            if key in entry:
                remedy = f"remove {key}; a generation has all data of its chain, and draws what is random anew"
                raise InputError(f"{key} in generations", where=f"{where}.{key}", remedy=remedy)
    return ModelEntry(
        where,
        fit,
        {key: formula_of(entry[key], f"{where}.{key}") for key in FITS[fit]},
        name_under(entry, "projection", where) if "projection" in entry else None,
        () if in_generations else _trained_on(entry, where),
    )


def read_test(entry: object, where: str) -> TestEntry:
    """One entry of [test]."""
    entry = entry_table(entry, where, '{ model = "student", against = "w0", covariance = "Sigma" }')
    check_keys(entry, ("model", "against", "covariance"), where)
    model, against = (name_under(entry, key, where) for key in ("model", "against"))
    return TestEntry(where, model, against, name_under(entry, "covariance", where) if "covariance" in entry else None)


def entry_table(entry: object, where: str, example: str) -> Table:
    """``entry`` if it is a table; raises `InputError` otherwise."""
    if not isinstance(entry, Mapping):
        raise InputError(f"{shorten(repr(entry), 60)} is not a table", where=where, remedy=f"write {example}")
    return entry


def name_under(entry: Table, key: str, where: str) -> str:
    """The name that stands under ``key``; raises `InputError` where it is missing or something else."""
    if key not in entry:
        raise InputError(f"no {key}", where=where, remedy=f'add {key} = "NAME"')
    value = entry[key]
    if not isinstance(value, str):
        what = f"{shorten(repr(value), 60)} is not a name"
        raise InputError(what, where=f"{where}.{key}", remedy=f'write {key} = "NAME", in quotes')
    return value


def _check_fit(entry: Table, fit: str, where: str) -> None:
    """Every formula that the fit needs, and no other."""
    optional = ("projection",) if "width" in FITS[fit] else ()
    for key in FIT_KEYS:
        if key in FITS[fit] and key not in entry:
            raise InputError(f"the fit {fit} without {key}", where=where, remedy=f'add {key} = "{_EXAMPLE[key]}"')
        if key in entry and key not in (*FITS[fit], *optional):
            others = [f for f in FITS if key in FITS[f] or (key == "projection" and "width" in FITS[f])]
            remedy = f"remove it, or use the fit {' or '.join(others)}"
            raise InputError(f"the fit {fit} has no {key}", where=f"{where}.{key}", remedy=remedy)


def _trained_on(entry: Table, where: str) -> tuple[str, ...]:
    if not entry.get("on"):
        remedy = 'name the data sets it is trained on: on = ["real"]'
        raise InputError("a model without data", where=where, remedy=remedy)
    names = names_list(entry["on"], f"{where}.on")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        what = f"the data set {shorten(twice, 60)} twice"
        raise InputError(what, where=f"{where}.on", remedy="name each data set once")
    return names
