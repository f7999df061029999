"""The table [generations]: one chain or several, each with equal generations or with a list of different ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.pipeline.unroll import MOST
from fpt_calc.pipeline_file.entries import (
    PREVIOUS,
    REUSED,
    DataEntry,
    ModelEntry,
    entry_table,
    name_under,
    read_data,
    read_model,
)
from fpt_calc.problem.located import shorten
from fpt_calc.problem.syntax import Formula
from fpt_calc.problem.tables import Table, check_keys, formula_of

ONE_CHAIN = "generations"
CHAIN_KEYS = ("count", "start", "data", "model")
_VARYING = ("size", "covariance", "noise", "lam")  # what may be a list, one entry for each generation


@dataclass(frozen=True)
class StepEntry:
    """One generation: the name and entry of its model, its data sets by name."""

    name: str
    model: ModelEntry
    data: Mapping[str, DataEntry]


@dataclass(frozen=True)
class ChainEntry:
    """One chain of generations.

    Attributes
    ----------
    count : the number of generations; None where they are written out.
    start : the name of who labels the data of the first generation.
    steps : the one generation that is repeated, or all generations where they are written out.
    """

    where: str
    count: Formula | None
    start: str
    steps: tuple[StepEntry, ...]


def read_chains(entries: Table) -> dict[str, ChainEntry]:
    """The chains of [generations] by name; one chain that has no name of its own is called "generations"."""
    if not entries:
        return {}
    if any(key in entries for key in CHAIN_KEYS) or not all(isinstance(e, Mapping) for e in entries.values()):
        return {ONE_CHAIN: _read_chain(entries, ONE_CHAIN, ONE_CHAIN)}
    return {name: _read_chain(entry, name, f"{ONE_CHAIN}.{shorten(name, 60)}") for name, entry in entries.items()}


def _read_chain(entry: Table, name: str, where: str) -> ChainEntry:
    check_keys(entry, CHAIN_KEYS, where)
    data = _data_tables(entry, name, where)
    if "model" not in entry:
        raise InputError("generations without a model", where=where, remedy='add model = { fit = "ols" }')
    model = entry_table(entry["model"], f"{where}.model", '{ fit = "ols" }')
    start = name_under(entry, "start", where)
    number = _length([*data.values(), (model, f"{where}.model")])
    stem = "generation" if name == ONE_CHAIN else f"{name}_generation"
    if number is None:
        if "count" not in entry:
            raise InputError("no number of generations", where=where, remedy='add count = "g", or a number')
        steps: tuple[StepEntry, ...] = (_step(stem, data, model, where),)
        return ChainEntry(where, formula_of(entry["count"], f"{where}.count"), start, steps)
    if "count" in entry and str(entry["count"]) != str(number):
        what = f"{shorten(str(entry['count']), 60)} generations, and lists for {number}"
        raise InputError(what, where=f"{where}.count", remedy="remove it, or change the lists")
    return ChainEntry(where, None, start, tuple(_step(stem, data, model, where, k) for k in range(number)))


def _data_tables(entry: Table, name: str, where: str) -> dict[str, tuple[Table, str]]:
    """The tables of the data sets with their keys, by name."""
    if not entry.get("data"):
        remedy = 'add data = { size = "T", labels = "previous" }'
        raise InputError("generations without data", where=where, remedy=remedy)
    data = entry_table(entry["data"], f"{where}.data", '{ size = "T", labels = "previous" }')
    several = all(isinstance(value, Mapping) for value in data.values())
    only = "synthetic" if name == ONE_CHAIN else f"{name}_synthetic"
    tables = (
        {key: (table, f"{where}.data.{shorten(key, 60)}") for key, table in data.items()}
        if several
        else {only: (data, f"{where}.data")}
    )
    if not any(table.get("labels") == PREVIOUS for table, _ in tables.values()):
        remedy = 'let a data set have the labels of the model before: labels = "previous"'
        raise InputError("no generation learns from the one before", where=f"{where}.data", remedy=remedy)
    for table, key in tables.values():
        for varying in ("size", "covariance"):
            if table.get("design") == REUSED and isinstance(table.get(varying), list):
                remedy = f'write one {varying}, or design = "fresh"'
                raise InputError(f"a list for the {varying} of reused inputs", where=f"{key}.{varying}", remedy=remedy)
    return tables


def _length(tables: list[tuple[Table, str]]) -> int | None:
    """The length of all lists, None without lists; raises `InputError` where two differ."""
    known: tuple[str, int] | None = None
    for table, where in tables:
        for key in _VARYING:
            value = table.get(key)
            if not isinstance(value, list):
                continue
            if not 0 < len(value) <= MOST:
                what = f"a list of {len(value)} generations"
                raise InputError(what, where=f"{where}.{key}", remedy=f"give 1 to {MOST} entries")
            known = known or (f"{where}.{key}", len(value))
            if known[1] != len(value):
                what = f"{len(value)} entries, while {known[0]} has {known[1]}"
                raise InputError(what, where=f"{where}.{key}", remedy="give one entry for each generation")
    return None if known is None else known[1]


def _step(
    stem: str, data: Mapping[str, tuple[Table, str]], model: Table, where: str, k: int | None = None
) -> StepEntry:
    """The generation that is repeated, or number ``k`` of those that are written out."""
    suffix = "" if k is None else f"_{k + 1}"
    return StepEntry(
        f"{stem}{suffix}",
        read_model(_at(model, k), f"{where}.model", in_generations=True),
        {f"{key}{suffix}": read_data(_at(t, k), place, key, in_generations=True) for key, (t, place) in data.items()},
    )


def _at(table: Table, k: int | None) -> Table:
    """``table`` with entry ``k`` of its lists."""
    if k is None:
        return table
    return {key: v[k] if key in _VARYING and isinstance(v, list) else v for key, v in table.items()}
