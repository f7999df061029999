"""Who needs whom: every reference is looked up by name, in whatever order the file has; cycles are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from fpt_calc.errors import InputError
from fpt_calc.pipeline_file.chains import ChainEntry, StepEntry, read_chains
from fpt_calc.pipeline_file.entries import (
    FRESH,
    PREVIOUS,
    REUSED,
    DataEntry,
    ModelEntry,
    TeacherEntry,
    TestEntry,
    read_data,
    read_model,
    read_teacher,
    read_test,
)
from fpt_calc.problem.declarations import Declarations
from fpt_calc.problem.located import hint, shorten
from fpt_calc.problem.tables import Table, check_name, table

IDENTITY = "identity"
RESERVED = (PREVIOUS, FRESH, REUSED, IDENTITY)
MODELS = ("models", "generations")
SOURCES = ("teachers", *MODELS)
_WORDS = {
    "teachers": "a teacher",
    "data": "a data set",
    "models": "a model",
    "generations": "a chain of generations",
}


@dataclass(frozen=True)
class Entries:
    """All entries of a pipeline file, by name."""

    teachers: Mapping[str, TeacherEntry]
    data: Mapping[str, DataEntry]
    models: Mapping[str, ModelEntry]
    chains: Mapping[str, ChainEntry]
    tests: Mapping[str, TestEntry]

    def tables(self) -> dict[str, str]:
        """The table of each thing that can be referred to."""
        parts: dict[str, Mapping[str, object]] = {
            "teachers": self.teachers,
            "data": self.data,
            "models": self.models,
            "generations": self.chains,
        }
        return {name: key for key, part in parts.items() for name in part}


@dataclass(frozen=True)
class Reference:
    """``name`` is mentioned under the key ``where``, where one of the tables ``allowed`` is meant."""

    verb: str
    name: str
    where: str
    allowed: tuple[str, ...]


def read_entries(data: Table) -> Entries:
    """The entries of all tables; raises `InputError` for the first that cannot be read."""

    def entries(key: str) -> Iterator[tuple[str, object, str]]:
        return ((name, entry, f"{key}.{shorten(str(name), 60)}") for name, entry in table(data, key).items())

    if not table(data, "test"):
        remedy = 'add error = { model = "student", against = "w0", covariance = "Sigma" }'
        raise InputError("nothing is tested", where="test", remedy=remedy)
    return Entries(
        {name: read_teacher(entry, where) for name, entry, where in entries("teachers")},
        {name: read_data(entry, where, name) for name, entry, where in entries("data")},
        {name: read_model(entry, where) for name, entry, where in entries("models")},
        read_chains(table(data, "generations")),
        {name: read_test(entry, where) for name, entry, where in entries("test")},
    )


def check_unique(entries: Entries, declarations: Declarations) -> frozenset[str]:
    """All names; raises `InputError` unless each has one meaning.  A teacher may have the name of its vector."""
    seen = {name: key for name, key in declarations.tables().items()}
    for name, where in _named(entries):
        check_name(name, where)
        if name in RESERVED:
            raise InputError(f"{name!r} is a word of pipeline files", where=where, remedy="use another name")
        teacher = entries.teachers.get(name)
        own = teacher is not None and teacher.vector == name
        if name in seen and not own:
            what = f"two declarations for one name: {name!r} also stands under {seen[name]}"
            raise InputError(what, where=where, remedy="rename one of them")
        seen[name] = where.split(".", maxsplit=1)[0]
    for chain in entries.chains.values():
        _check_numbered(chain, seen)
    return frozenset(seen) | frozenset(vectors_of(entries))


def vectors_of(entries: Entries) -> dict[str, str]:
    """The vectors of teachers, with the key where each is named."""
    return {t.vector: f"{t.where}.vector" for t in entries.teachers.values() if t.vector is not None}


def in_order(entries: Entries) -> tuple[str, ...]:
    """The names of all teachers, data sets, models and chains, each after those it needs.

    Raises `InputError` for an unknown name, a name of another kind than is needed, a cycle, or something unused.
    """
    tables = entries.tables()
    graph = {name: tuple(_references(name, tables[name], entries)) for name in tables}
    tests = [r for test in entries.tests.values() for r in _tested(test)]
    for reference in (*(r for references in graph.values() for r in references), *tests):
        _check_reference(reference, tables, entries)
    try:
        order = tuple(TopologicalSorter({n: [r.name for r in graph[n]] for n in graph}).static_order())
    except CycleError as error:
        raise _circle(error.args[1][::-1], graph, tables) from None
    _check_used(graph, tests, tables)
    return order


def _named(entries: Entries) -> Iterator[tuple[str, str]]:
    """The names that are not declared under dims, scalars, ratios or matrices, with their keys."""
    for key, part in (("teachers", entries.teachers), ("data", entries.data), ("models", entries.models)):
        yield from ((name, f"{key}.{shorten(name, 60)}") for name in part)
    for name, chain in entries.chains.items():
        yield name, chain.where
        for step in chain.steps:
            yield step.name, f"{chain.where}.model"
            yield from ((key, data.where) for key, data in step.data.items())
    yield from ((name, f"test.{shorten(name, 60)}") for name in entries.tests)


def _check_numbered(chain: ChainEntry, seen: Mapping[str, str]) -> None:
    """Generations and their data are numbered when they are written out; nothing else may be called so."""
    if chain.count is None:
        return  # written out already, so their names are among those seen
    for stem in (chain.steps[0].name, *chain.steps[0].data):
        for name, key in seen.items():
            if re.fullmatch(f"{re.escape(stem)}_[0-9]+", name):
                what = f"{name!r} is the name of a generation of {stem}"
                raise InputError(what, where=f"{key}.{name}", remedy="rename it")


def _references(name: str, key: str, entries: Entries) -> Iterator[Reference]:
    if key == "teachers":
        teacher = entries.teachers[name]
        if teacher.near is not None:
            yield Reference("is displaced from", teacher.near, f"{teacher.where}.near", ("teachers",))
    elif key == "data":
        yield from _needed_data(entries.data[name])
    elif key == "models":
        model = entries.models[name]
        yield from (Reference("is trained on", n, f"{model.where}.on", ("data",)) for n in model.on)
    else:
        chain = entries.chains[name]
        yield Reference("starts from", chain.start, f"{chain.where}.start", SOURCES)
        for step in chain.steps:
            yield from (r for data in step.data.values() for r in _needed_data(data) if not _is_sibling(r, step))


def _needed_data(data: DataEntry) -> Iterator[Reference]:
    if data.labels != PREVIOUS:
        yield Reference("is labelled by", data.labels, f"{data.where}.labels", SOURCES)
    if data.shares:
        yield Reference("has the inputs of", data.design, f"{data.where}.design", ("data",))


def _is_sibling(reference: Reference, step: StepEntry) -> bool:
    """Whether inputs are those of another data set of the same generation, which then has inputs of its own."""
    siblings = {data.key: data for data in step.data.values()}
    if reference.allowed != ("data",) or reference.name not in siblings:
        return False
    if siblings[reference.name].shares:
        what = f"the inputs of {reference.name} are those of another data set"
        raise InputError(what, where=reference.where, remedy=f"write design = {siblings[reference.name].design!r}")
    return True


def _tested(test: TestEntry) -> Iterator[Reference]:
    yield Reference("tests", test.model, f"{test.where}.model", MODELS)
    yield Reference("compares with", test.against, f"{test.where}.against", ("teachers",))


def _check_reference(reference: Reference, tables: Mapping[str, str], entries: Entries) -> None:
    name, allowed = reference.name, reference.allowed
    found = tables.get(name)
    if found in allowed:
        return
    text, meant = shorten(name, 60), " or ".join(_WORDS[key] for key in allowed)
    if found is not None:
        raise InputError(f"{text} is {_WORDS[found]}", where=reference.where, remedy=f"name {meant}")
    if any(name == data.key for c in entries.chains.values() for s in c.steps for data in s.data.values()):
        what = f"{text} is a data set inside of generations"
        raise InputError(what, where=reference.where, remedy="declare another one under [data]")
    known = [n for n, key in tables.items() if key in allowed]
    raise InputError(f"unknown name {text!r}", where=reference.where, remedy=hint(name, known, f"name {meant}"))


def _circle(names: list[str], graph: Mapping[str, tuple[Reference, ...]], tables: Mapping[str, str]) -> InputError:
    steps = [next(r for r in graph[a] if r.name == b).verb + f" {b}" for a, b in pairwise(names)]
    text = f"{names[0]} {', which '.join(steps)}"
    remedy = "break the circle; generations of models are written under [generations]"
    return InputError(f"a circle: {text}", where=f"{tables[names[0]]}.{names[0]}", remedy=remedy)


def _check_used(graph: Mapping[str, tuple[Reference, ...]], tests: list[Reference], tables: Mapping[str, str]) -> None:
    used: set[str] = set()
    pending = [r.name for r in tests]
    while pending:
        name = pending.pop()
        if name not in used:
            used.add(name)
            pending += [r.name for r in graph[name]]
    unused = next((name for name in graph if name not in used), None)
    if unused is not None:
        key = tables[unused]
        remedy = "train a tested model on it" if key == "data" else "use it"
        what = f"{_WORDS[key]} on which no test depends"
        raise InputError(what, where=f"{key}.{unused}", remedy=f"{remedy}, or remove it")
