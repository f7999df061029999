"""Reading a certificate: strict JSON to data.  Unknown, missing and duplicated keys are refused, as are floats and NaN.

What passes here is well-formed; whether it is true is checked elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn, TypeVar

from fpt_calc.errors import InputError
from fpt_calc.verify.certificate import (
    Average,
    Ball,
    Certificate,
    ClosedForm,
    Entry,
    Letter,
    Matrix,
    Point,
    Problem,
    RandomEntry,
    Spectrum,
)
from fpt_calc.verify.consistent import check_consistent
from fpt_calc.verify.formula import Formula, formula
from fpt_calc.verify.laws import Law
from fpt_calc.verify.model import KINDS

T = TypeVar("T")
FORMAT, VERSION = "fpt-calc certificate", 1
MAX_SIZE, MAX_ITEMS, MAX_SPECTRUM = 4_000_000, 4000, 20_000
MAX_STATES, MAX_UNKNOWNS, MAX_RANDOM = 120, 100, 300
FACTS = frozenset({"symmetric", "hermitian", "psd", "pd", "projection", "orthogonal"})
OPERATIONS = frozenset({"", "T", "H", "conj"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,60}")
_NUMBER = re.compile(r"-?\d{1,1200}(\.\d{1,1200})?([eE][-+]?\d{1,3})?|-?\d{1,1200}/\d{1,1200}")


def read_certificate(text: str) -> Certificate:
    """The certificate in a JSON text; raises `InputError` with the key concerned for any other text.

    >>> read_certificate('{"format": 1, "format": 2}')
    Traceback (most recent call last):
    fpt_calc.errors.InputError: the key 'format' twice; a certificate states each thing once
    """
    data = _keys(_json(text), "", ("format", "version", "problem", "letters", "pencil", "reduction"), _PARTS)
    if data["format"] != FORMAT or data["version"] is True or data["version"] != VERSION:
        _refuse("format", f"not a {FORMAT} of version {VERSION}", "write one with fpt-calc derive FILE --certificate")
    problem = _problem(data["problem"])
    pencil = _keys(data["pencil"], "pencil", ("states", "deterministic", "random", "traces", "targets"))
    reduction = _keys(data["reduction"], "reduction", ("unknowns", "self_energy", "values"))
    states = tuple(formula(s, "pencil.states") for s in _list(pencil["states"], "pencil.states"))
    if len(states) > MAX_STATES:
        _refuse("pencil.states", f"{len(states)} states", f"at most {MAX_STATES}")
    shape = _Entries(len(states))
    balls = _keys(data.get("balls", {"unknowns": {}, "targets": {}}), "balls", ("unknowns", "targets"))
    closed = data.get("closed_form")
    result = Certificate(
        problem=problem,
        letters=_named(data["letters"], "letters", _letter),
        states=states,
        deterministic=shape.entries(pencil["deterministic"], "pencil.deterministic"),
        random=shape.random(pencil["random"]),
        traces=_named(pencil["traces"], "pencil.traces", shape.average),
        combinations=_named(pencil["targets"], "pencil.targets", formula),
        unknowns=_named(reduction["unknowns"], "reduction.unknowns", shape.average),
        self_energy=shape.couplings(reduction["self_energy"]),
        values=_named(reduction["values"], "reduction.values", formula),
        closed_form=None if closed is None else _closed_form(closed),
        point=None if "point" not in data else _point(data["point"]),
        unknown_balls=_named(balls["unknowns"], "balls.unknowns", _ball),
        target_balls=_named(balls["targets"], "balls.targets", _ball),
        omitted=_named(data.get("omitted", {}), "omitted", _remark),
    )
    for where, table, most in (
        ("reduction.unknowns", result.unknowns, MAX_UNKNOWNS),
        ("pencil.traces", result.traces, MAX_RANDOM),
        ("pencil.random", result.random, MAX_RANDOM),
    ):
        if len(table) > most:
            _refuse(where, f"{len(table)} items", f"at most {most}")
    check_consistent(result)
    return result


_PARTS = ("closed_form", "point", "balls", "omitted")


def _refuse(where: str, what: str, remedy: str = "") -> NoReturn:
    raise InputError(what, where=where, remedy=remedy)


def _json(text: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in items:
            if key in result:
                _refuse("", f"the key {key[:60]!r} twice", "a certificate states each thing once")
            result[key] = value
        return result

    def number(digits: str) -> NoReturn:
        _refuse("", f"the number {digits[:40]} in a certificate", "write numbers as strings")

    def integer(digits: str) -> int:
        return int(digits) if len(digits) < 12 else number(digits)

    if len(text) > MAX_SIZE:
        _refuse("", f"a certificate of {len(text)} characters", f"at most {MAX_SIZE}")
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=number, parse_float=number, parse_int=integer)
    except (json.JSONDecodeError, RecursionError) as error:
        what = str(error) if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        _refuse("", f"not JSON ({what})", "give a file written with fpt-calc derive FILE --certificate")


# the parts, each with the key it stands at ----


def _keys(data: Any, where: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(data, dict):
        _refuse(where or "certificate", "not a table")
    for key in needed:
        if key not in data:
            _refuse(where, f"the key {key!r} is missing")
    for key in data:
        if key not in needed and key not in optional:
            _refuse(where, f"unknown key {key[:60]!r}", "a certificate has nothing that is not checked")
    return data


def _list(data: Any, where: str, length: int | None = None) -> list[Any]:
    if not isinstance(data, list) or len(data) > max(MAX_ITEMS, MAX_SPECTRUM) or length not in (None, len(data)):
        _refuse(where, f"not a list of {length or f'at most {MAX_ITEMS}'} items")
    return data


def _named(data: Any, where: str, read: Callable[[Any, str], T]) -> dict[str, T]:
    if not isinstance(data, dict) or len(data) > MAX_ITEMS:
        _refuse(where, "not a table by name")
    for name in data:
        if not _NAME.fullmatch(name):
            _refuse(where, f"{name[:60]!r} is not a name")
    return {name: read(value, f"{where}.{name}") for name, value in data.items()}


def _choice(data: Any, where: str, options: frozenset[str]) -> str:
    if not isinstance(data, str) or data not in options:
        _refuse(where, f"{str(data)[:40]!r} is none of {', '.join(sorted(options))}")
    return data


def _remark(data: Any, where: str) -> str:
    if where.rpartition(".")[2] not in ("closed_form", "balls") or not isinstance(data, str) or len(data) > 500:
        _refuse(where, "not the reason why closed_form or balls is left out")
    return " ".join(data.split())


def _optional(data: dict[str, Any], key: str, where: str) -> Formula | None:
    return formula(data[key], f"{where}.{key}") if key in data else None


def _problem(data: Any) -> Problem:
    keys = _keys(data, "problem", ("dims", "scalars", "matrices", "commute", "targets"))
    dims = tuple(keys["dims"]) if all(isinstance(d, str) for d in _list(keys["dims"], "problem.dims")) else ("",)
    if not all(_NAME.fullmatch(d) for d in dims) or len(set(dims)) < len(dims):
        _refuse("problem.dims", "not a list of different names")
    scalars = _named(keys["scalars"], "problem.scalars", lambda kind, where: _choice(kind, where, KINDS))
    matrices = _named(keys["matrices"], "problem.matrices", _matrix)
    groups = tuple(tuple(_list(g, "problem.commute")) for g in _list(keys["commute"], "problem.commute"))
    for name in (name for group in groups for name in group):
        if not isinstance(name, str) or name not in matrices or "hermitian" not in matrices[name].facts:
            _refuse("problem.commute", f"{str(name)[:60]!r} is not a declared Hermitian matrix")
    if len({n for g in groups for n in g}) < sum(map(len, groups)) or not all(len(g) > 1 for g in groups):
        _refuse("problem.commute", "a matrix in two groups, or a group of one")
    return Problem(dims, scalars, matrices, groups, _named(keys["targets"], "problem.targets", formula))


def _matrix(data: Any, where: str) -> Matrix:
    random = isinstance(data, dict) and "law" in data
    needed = ("shape", "field", "law", "variance") if random else ("shape", "field", "facts")
    keys = _keys(data, where, needed, ("row_covariance", "covariance") if random else ())
    rows, cols = (formula(s, f"{where}.shape") for s in _list(keys["shape"], f"{where}.shape", 2))
    real = _choice(keys["field"], f"{where}.field", frozenset({"real", "complex"})) == "real"
    if not random:
        stated = _list(keys["facts"], f"{where}.facts")
        facts = {_choice(f, f"{where}.facts", FACTS) for f in stated}
        if len(facts) < len(stated):
            _refuse(f"{where}.facts", "a fact twice")
        return Matrix((rows, cols), real, _closure(facts, real))
    kind = _choice(keys["law"], f"{where}.law", frozenset({"gaussian", "wigner"}))
    sides = (_optional(keys, "row_covariance", where), _optional(keys, "covariance", where))
    if kind == "wigner" and sides != (None, None):
        _refuse(where, "a Wigner matrix with a covariance")
    facts = {"hermitian"} if kind == "wigner" else set[str]()
    law = Law(kind, real, formula(keys["variance"], f"{where}.variance"), *sides)
    return Matrix((rows, cols), real, _closure(facts, real), law)


def _closure(facts: set[str], real: bool) -> frozenset[str]:
    """The facts with those that they imply."""
    if facts & {"pd", "projection"}:
        facts = facts | {"psd"}
    if "psd" in facts:
        facts = facts | {"hermitian"}
    if real and facts & {"hermitian", "symmetric"}:
        facts = facts | {"hermitian", "symmetric"}
    return frozenset(facts)


def _letter(data: Any, where: str) -> Letter:
    keys = _keys(data, where, ("letter",), ("left", "right"))
    if not isinstance(keys["letter"], str) or len(keys) < 2:
        _refuse(where, "not a random matrix with deterministic neighbours")
    return Letter(keys["letter"], _optional(keys, "left", where), _optional(keys, "right", where))


@dataclass(frozen=True)
class _Entries:
    """Reads what has places in a block matrix."""

    states: int

    def _place(self, place: Any, where: str) -> int:
        if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < self.states:
            _refuse(where, f"{str(place)[:40]!r} is not the number of a state")
        return place

    def _rows(self, data: Any, where: str) -> list[tuple[int, int, Formula, Any, Any]]:
        items = [_list(item, where) for item in _list(data, where)]
        if len(items) > MAX_ITEMS or not all(len(item) in (4, 5) for item in items):
            _refuse(where, f"not at most {MAX_ITEMS} entries [row, column, coefficient, ...]")
        return [(self._place(i[0], where), self._place(i[1], where), formula(i[2], where), i[3], i[4:]) for i in items]

    def entries(self, data: Any, where: str) -> tuple[Entry, ...]:
        rows = self._rows(data, where)
        if any(rest for *_, rest in rows):
            _refuse(where, "not entries [row, column, coefficient, matrix or null]")
        return tuple(Entry(i, j, c, None if m is None else formula(m, where)) for i, j, c, m, _ in rows)

    def couplings(self, data: Any) -> tuple[Entry, ...]:
        where = "reduction.self_energy"
        rows = self._rows(data, where)
        if not all(len(rest) == 1 and isinstance(u, str) for *_, u, rest in rows):
            _refuse(where, "not entries [row, column, coefficient, unknown, matrix or null]")
        return tuple(Entry(i, j, c, None if r[0] is None else formula(r[0], where), u) for i, j, c, u, r in rows)

    def random(self, data: Any) -> tuple[RandomEntry, ...]:
        where = "pencil.random"
        rows = self._rows(data, where)
        if not all(len(rest) == 1 and isinstance(x, str) for *_, x, rest in rows):
            _refuse(where, "not entries [row, column, coefficient, letter, operation]")
        return tuple(RandomEntry(i, j, c, x, _choice(r[0], where, OPERATIONS)) for i, j, c, x, r in rows)

    def average(self, data: Any, where: str) -> Average:
        keys = _keys(data, where, ("row", "col"), ("weight",))
        return Average(
            self._place(keys["row"], where), self._place(keys["col"], where), _optional(keys, "weight", where)
        )


def _closed_form(data: Any) -> ClosedForm:
    parts = ("relations", "meanings", "definitions", "unknowns", "targets")
    keys = _keys(data, "closed_form", parts)
    return ClosedForm(*(_named(keys[part], f"closed_form.{part}", formula) for part in parts))


def _exact(data: Any, where: str) -> Fraction:
    if not isinstance(data, str) or not _NUMBER.fullmatch(data) or re.search(r"/0+$", data):
        _refuse(where, f"{str(data)[:40]!r} is not a number", 'write "1/10" or "0.1"')
    return Fraction(data)


def _complex(data: Any, where: str) -> tuple[Fraction, Fraction]:
    if isinstance(data, dict):
        keys = _keys(data, where, ("re", "im"))
        return _exact(keys["re"], where), _exact(keys["im"], where)
    return _exact(data, where), Fraction(0)


def _ball(data: Any, where: str) -> Ball:
    keys = _keys(data, where, ("centre", "radius"))
    radius = _exact(keys["radius"], where)
    if radius < 0:
        _refuse(where, "a negative radius")
    return Ball(*_complex(keys["centre"], where), radius)


def _spectrum(data: Any, where: str) -> Spectrum:
    if isinstance(data, dict) and "eigenvalues" in data:
        keys = _keys(data, where, ("eigenvalues",), ("weights",))
        values, weights = (
            tuple(_exact(x, where) for x in _list(keys.get(key, []), where)) for key in ("eigenvalues", "weights")
        )
        if not values or len(values) > MAX_SPECTRUM or len(weights) not in (0, len(values)):
            _refuse(where, "not one weight for each eigenvalue")
        if weights and (min(weights) < 0 or sum(weights) != 1):
            _refuse(where, "weights that are negative or do not sum to 1")
        return Spectrum(values, weights or None)
    if isinstance(data, dict) and "identity" in data:
        return Spectrum(scale=_exact(_keys(data, where, ("identity",))["identity"], where))
    keys = _keys(data, where, ("power_law", "scale"))
    return Spectrum(exponent=_exact(keys["power_law"], where), scale=_exact(keys["scale"], where))


def _point(data: Any) -> Point:
    keys = _keys(data, "point", ("dims", "scalars", "matrices"))
    dims = _named(keys["dims"], "point.dims", lambda n, where: n)
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in dims.values()):
        _refuse("point.dims", "not positive integers")
    scalars = _named(keys["scalars"], "point.scalars", _complex)
    return Point(dims, scalars, _named(keys["matrices"], "point.matrices", _spectrum))
