"""A derivation as a certificate, which `fpt_calc.verify` checks without the engine.

What it states: the problem, the pencils with the targets as combinations of their traces, the self-energy in the
reduced unknowns, the closed form, and balls at a point of spectra.  docs/certificates.md tells the format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint

from fpt_calc.closed_form import ClosedForm, closed_statement
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.export.json_theorem import problem_tables
from fpt_calc.expr import FACTS, Atom, Expr
from fpt_calc.point import Ball, Dense, Eigenvalues, MatrixData, Multiple, Number, Point, PowerLaw
from fpt_calc.reduce import Reduction, fresh_names, names_in, reduction_of
from fpt_calc.scalars import ZERO, Scalar, generator_scalar, substitute
from fpt_calc.solve import refine, solve
from fpt_calc.system import Average, FixedPointSystem, Unknown
from fpt_calc.verify import Report, verify

FORMAT = "fpt-calc certificate"
VERSION = 1
DIGITS = 30
_GUARD = 15  # digits beyond those of the balls, for unknowns that are smaller than the targets


def certificate(law: LimitLaw, point: Point | None = None, digits: int = DIGITS) -> dict[str, Any]:
    """The certificate of a law, with balls of so many digits at a point of spectra.

    The closed form or the balls are left out, with the reason, where there are none or where the checker cannot
    confirm them.

    Raises `ComputationError` if the checker refuses what cannot be left out: that would be a defect.

    >>> from fpt_calc.derivation import derive_law
    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Inverse, tau
    >>> from fpt_calc.scalars import ONE, Parameter, dimension
    >>> d, z = dimension("d"), generator_scalar(Parameter("z", "upper"))
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> data = certificate(derive_law({"m": tau(Inverse(W - z))}))
    >>> data["reduction"]["self_energy"], data["closed_form"]["relations"]
    ([[0, 0, '1', 'g1', None]], {'m': 'm**2 + m*z + 1'})
    """
    data, omitted = _Writer(law).data(), dict[str, str]()
    task = _Task(law, point, digits, tuple(data["reduction"]["unknowns"]))
    parts = {part: made for part in ("closed_form", "balls") if (made := _part(part, task, omitted)) is not None}
    report = _verified(data, parts, omitted)
    while not report.accepted:
        refused = [f.text for f in report.findings if f.status == "REFUSED"]
        part = next(
            (p for p, start in _STATEMENTS.items() if p in parts and any(t.startswith(start) for t in refused)), ""
        )
        if not part:
            what = f"the checker refuses this derivation: {'; '.join(refused)}"
            raise ComputationError(what, remedy="this is a defect: report it")
        omitted[part] = next(t.partition("; ")[2] for t in refused if t.startswith(_STATEMENTS[part]))[:500]
        del parts[part]
        report = _verified(data, parts, omitted)
    return _joined(data, parts, omitted)


def certificate_json(law: LimitLaw, point: Point | None = None, digits: int = DIGITS) -> str:
    """The certificate as JSON text; see `certificate`."""
    return json.dumps(certificate(law, point, digits), indent=1) + "\n"


@dataclass(frozen=True)
class _Task:
    """What a certificate is made of; ``unknowns`` are those that it names."""

    law: LimitLaw
    point: Point | None
    digits: int
    unknowns: tuple[str, ...]


def _part(part: str, task: _Task, omitted: dict[str, str]) -> dict[str, Any] | None:
    """A part if it exists; else its reason is noted."""
    try:
        return _closed_form(task) if part == "closed_form" else _at_point(task)
    except (_LeftOut, ComputationError) as error:
        omitted[part] = str(error)[:500]
        return None


class _LeftOut(Exception):
    """A part that a certificate has to do without: the reason."""


def _joined(data: dict[str, Any], parts: Mapping[str, dict[str, Any]], omitted: dict[str, str]) -> dict[str, Any]:
    more = {key: value for part in parts.values() for key, value in part.items()}
    return {**data, **more, "omitted": dict(omitted)} if omitted else {**data, **more}


def _verified(data: dict[str, Any], parts: dict[str, dict[str, Any]], omitted: dict[str, str]) -> Report:
    """The report; a closed form that the checker cannot read is left out before."""
    try:
        return verify(json.dumps(_joined(data, parts, omitted)))
    except InputError as error:
        if "closed_form" not in parts:
            raise ComputationError(f"the checker cannot read this derivation: {error}", remedy="report it") from None
        omitted["closed_form"] = str(error)[:500]
        del parts["closed_form"]
        return _verified(data, parts, omitted)


class _Writer:
    """Writes problem, pencil and reduction of a law."""

    def __init__(self, law: LimitLaw) -> None:
        self.law = law
        self.raw: FixedPointSystem = law.raw
        self.reduction: Reduction = reduction_of(law.raw)
        taken = names_in(law.raw) | {u.name for u in self.reduction.system.unknowns}
        others = fresh_names("x", taken)
        classes = self.reduction.partition.classes
        self.names = {u: self.reduction.names.get(u) or Unknown(next(others)) for u in classes}
        fresh = fresh_names("h", taken)
        used = {g for s in law.raw.outputs.values() for g in s.gens}
        self.traces = {u: Unknown(next(fresh)) for u in law.raw.unknowns if u in used}
        tables = problem_tables(law.targets)
        letters = fresh_names("L", taken)
        random = dict.fromkeys(e.letter.atom for e in law.raw.random)
        self.letters = {a: a.name if a.name in tables["matrices"] else next(letters) for a in random}
        self.tables = tables

    def data(self) -> dict[str, Any]:
        raw = self.raw
        rows = self._self_energy()
        values = {name: substitute(v, {u: self._image(u) for u in self.traces}) for name, v in raw.outputs.items()}
        used = {row[3] for row in rows} | {g.name for v in values.values() for g in v.gens}
        return {
            "format": FORMAT,
            "version": VERSION,
            "problem": self._problem(),
            "letters": {name: self._letter(a) for a, name in self.letters.items() if name != a.name},
            "pencil": self._pencil(),
            "reduction": {
                "unknowns": {u.name: _average(raw.averages[r]) for r, u in self.names.items() if u.name in used},
                "self_energy": rows,
                "values": {name: str(v) for name, v in values.items()},
            },
        }

    def _pencil(self) -> dict[str, Any]:
        raw = self.raw
        images = {u: generator_scalar(h) for u, h in self.traces.items()}
        return {
            "states": [str(d) for d in raw.dims],
            "deterministic": [[t.row, t.col, str(t.coefficient), _text(t.matrix)] for t in raw.terms],
            "random": [
                [e.row, e.col, str(e.coefficient), self.letters[e.letter.atom], e.letter.operation] for e in raw.random
            ],
            "traces": {h.name: _average(raw.averages[u]) for u, h in self.traces.items()},
            "targets": {name: str(substitute(v, dict(images))) for name, v in raw.outputs.items()},
        }

    def _problem(self) -> dict[str, Any]:
        matrices = {name: _matrix(table) for name, table in self.tables["matrices"].items()}
        known = {name for name, table in matrices.items() if {"psd", "pd", "projection"} & set(table.get("facts", ()))}
        known |= {name for name, t in matrices.items() if {"symmetric", "hermitian"} & set(t.get("facts", ()))}
        groups = [[name for name in group if name in known] for group in self.law.commute]
        return {**self.tables, "matrices": matrices, "commute": [g for g in groups if len(g) > 1]}

    def _letter(self, atom: Atom) -> dict[str, str]:
        """The sides of an absorbed letter, which is named after its product."""
        factors = atom.name[1:-1].split("@")
        place = next(k for k, f in enumerate(factors) if "law" in self.tables["matrices"].get(f, {}))
        sides = {"left": "@".join(factors[:place]), "right": "@".join(factors[place + 1 :])}
        return {"letter": factors[place], **{side: text for side, text in sides.items() if text}}

    def _image(self, unknown: Unknown) -> Scalar:
        image = self.reduction.partition.representative[unknown]
        return ZERO if image is None else generator_scalar(self.names[image[0]]) * image[1]

    def _self_energy(self) -> list[list[Any]]:
        total: dict[tuple[int, int, str, Expr | None], Scalar] = {}
        for c in self.raw.couplings:
            image = self.reduction.partition.representative[c.unknown]
            if image is not None:
                key = (c.row, c.col, self.names[image[0]].name, c.matrix)
                total[key] = total.get(key, ZERO) + c.coefficient * image[1]
        return [[i, j, str(c), u, _text(m)] for (i, j, u, m), c in total.items() if not c.is_zero]


def _text(matrix: Expr | None) -> str | None:
    return None if matrix is None else str(matrix)


def _average(average: Average) -> dict[str, Any]:
    place: dict[str, Any] = {"row": average.row, "col": average.col}
    return place if average.weight is None else {**place, "weight": str(average.weight)}


def _matrix(table: Mapping[str, Any]) -> dict[str, Any]:
    if "law" in table:
        return dict(table)
    return {
        "shape": table["shape"],
        "field": table["field"],
        "facts": [fact for fact in FACTS if table.get(fact)],
    }


# closed form ----


def _closed_form(task: _Task) -> dict[str, Any]:
    law = task.law
    form = law.closed_form if law.system.unknowns else None
    if form is None:
        raise _LeftOut("there is none that can be read")
    statement = closed_statement(law.targets, form)
    targets = {name: str(value) for name, value in statement.limits.items()}
    parameters = form.coordinates.parameters
    relations = zip(parameters, form.coordinates.relations, strict=True)
    nonlinear = [u for u in law.system.nonlinear if u.name in task.unknowns]
    closed = {
        "relations": {p.symbol.name: str(relation) for p, relation in relations},
        "meanings": {p.symbol.name: str(p.meaning) for p in parameters},
        "definitions": _used(form, {name: str(meaning) for name, meaning in statement.definitions}, targets.values()),
        "unknowns": {u.name: str(form.coordinates.unknowns[u]) for u in nonlinear},
        "targets": targets,
    }
    return {"closed_form": closed}


def _used(form: ClosedForm, definitions: Mapping[str, str], formulas: Iterable[str]) -> dict[str, str]:
    """The definitions on which the formulas depend."""
    from fpt_calc.problem.syntax import names_in as names_of
    from fpt_calc.problem.syntax import read_formula

    found: set[str] = set()
    pending = list(formulas)
    while pending:
        new = set(names_of(read_formula(pending.pop()))) & set(definitions) - found
        found |= new
        pending += [definitions[name] for name in new]
    return {name: text for name, text in definitions.items() if name in found}


# balls ----


def _at_point(task: _Task) -> dict[str, Any]:
    law, point = task.law, task.point
    if point is None:
        raise _LeftOut("no point is given")
    tables = problem_tables(law.targets)
    needed = [name for name, table in tables["matrices"].items() if "law" not in table]
    if any(isinstance(point.matrices.get(name), Dense) for name in needed):
        raise _LeftOut("the point has dense matrices")
    precise = refine(law.system, point, solve(law.system, point), task.digits + _GUARD)
    values = {u.name: value for u, value in precise.values.items()}
    if not set(task.unknowns) <= set(values):
        raise _LeftOut("the targets do not need all unknowns of the pencil")
    return {
        "point": {
            "dims": {name: point.dims[name] for name in tables["dims"]},
            "scalars": {name: _number(point.scalars[name]) for name in tables["scalars"]},
            "matrices": {name: _spectrum(point.matrices[name]) for name in needed},
        },
        "balls": {
            "unknowns": {name: _ball(values[name], task.digits) for name in task.unknowns},
            "targets": {name: _ball(value, task.digits) for name, value in precise.outputs.items()},
        },
    }


def _number(value: Number) -> Any:
    if isinstance(value, complex):
        return {"re": _number(value.real), "im": _number(value.imag)} if value.imag else _number(value.real)
    return repr(value) if isinstance(value, float) else str(Fraction(value))


def _spectrum(data: MatrixData) -> dict[str, Any]:
    match data:
        case Multiple(value=value):
            return {"identity": _number(value)}
        case PowerLaw(exponent=exponent, scale=scale):
            return {"power_law": str(exponent), "scale": str(scale)}
        case Eigenvalues(values=values, weights=weights):
            result: dict[str, Any] = {"eigenvalues": [_number(v) for v in values]}
            if weights is not None:
                exact = [Fraction(_number(w)) for w in weights]
                result["weights"] = [str(w / sum(exact)) for w in exact]  # 1 up to rounding, and then 1 is meant
            return result
    raise _LeftOut("the point has dense matrices")


def _ball(value: Ball, digits: int) -> dict[str, Any]:
    """A ball of this many digits around the centre of another one, or as large as that one has to be."""
    value = flint.acb(value)
    centre, error = value.mid(), max(value.real.rad(), value.imag.rad())
    exponent = max(_magnitude(max(abs(centre.real), abs(centre.imag))) - digits - 1, _magnitude(error) + 2)
    unit = Fraction(10) ** (exponent - 2)
    parts = [str(round(_exact(x) / unit) * unit) for x in (centre.real, centre.imag)]
    return {
        "centre": {"re": parts[0], "im": parts[1]} if parts[1] != "0" else parts[0],
        "radius": str(Fraction(10) ** exponent),
    }


def _magnitude(size: Any) -> int:
    """The decimal exponent of a nonnegative number."""
    with flint.ctx.workprec(64):
        return -1000 if size == 0 else int(float((size.log() / flint.arb(10).log()).floor()))


def _exact(x: Any) -> Fraction:
    mantissa, exponent = x.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


# how the findings about a part begin; the balls are checked against the closed form, which therefore goes first
_STATEMENTS = {"closed_form": "closed form", "balls": "balls"}
