"""A theorem from its JSON: derived anew, every checker run again, and compared with what the file says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from fpt_calc.closed_form import flat_targets
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.export.json_theorem import FORMAT, VERSION, problem_tables, theorem_data
from fpt_calc.expr import try_models
from fpt_calc.logic import Theorem
from fpt_calc.problem import Problem, Value, located, names_of, parse_formula, problem_from_dict
from fpt_calc.scalars import Generator, Scalar, generator_scalar
from fpt_calc.spectral import as_it_is, normal_scalar

TABLES = ("dims", "scalars", "matrices", "targets")  # a theorem is about no values, and reads no other files
_SHOWN = 120  # characters of a claim in a message

Place = tuple[str, ...]
Equal = Callable[[Any, Any, Place], bool]
Same = Callable[[Scalar, Scalar], bool]


def load_theorem(source: str | Path) -> Theorem:
    """The theorem that a JSON text or file states, derived anew.

    Nothing in the file is trusted: the problem is read as problem files are, the engine derives its law with all
    checks, and every other line has to be what comes out.  Limits may be written differently as long as they are equal
    where the equations of the parameters hold; both sides of an equation as long as they are equal everywhere.

    Parameters
    ----------
    source : the path of a file, or the text itself (which begins with a brace).

    Raises
    ------
    InputError
        in one line where the text is malformed or claims something else than what is derived.

    >>> load_theorem('{"format": "fpt-calc theorem", "version": 7}')
    Traceback (most recent call last):
    fpt_calc.errors.InputError: theorem: version: 7 is not a known version; this program reads version 1
    """
    text, name = _read(source)
    with located(name):
        data = _parsed(text)
        _check_version(data)
        tables = _tables(data)
        problem = problem_from_dict(tables, None, "problem")
        # before the derivation, which takes time: the tables have to be as this program writes them
        _compare(tables, problem_tables(flat_targets(problem.targets)), ("problem",), _never)
        law = derive_law(problem.targets)
        _compare(data, theorem_data(law.theorem), (), _Formulas(problem, law, data).equal)
        return law.theorem


def _read(source: str | Path) -> tuple[str, str]:
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return source, "theorem"
    path = Path(source)
    with located(path.name):
        try:
            return path.read_text(encoding="utf-8"), path.name
        except (OSError, ValueError) as error:
            cause = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise InputError(f"cannot be read ({cause})", remedy="give the path of an exported theorem") from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
    except RecursionError:
        raise InputError("nested too deeply", remedy="export the theorem again") from None
    except json.JSONDecodeError as error:
        what = f"malformed JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise InputError(what, remedy="export the theorem again") from None
    except InputError:
        raise
    except ValueError:  # a number of too many digits
        raise InputError("a number that cannot be read", remedy="export the theorem again") from None
    if not isinstance(data, dict):
        raise InputError("not a JSON object", remedy="export the theorem again")
    return data


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise InputError("a key that stands twice in one object", remedy="remove one of the two")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise InputError(f"{name} is not a number of JSON", remedy="export the theorem again")


def _check_version(data: Mapping[str, Any]) -> None:
    if data.get("format") != FORMAT:
        raise InputError("this is not an exported theorem", where="format", remedy=f'it says "format": "{FORMAT}"')
    version = data.get("version")
    if version != VERSION or isinstance(version, bool):
        what = f"{_shown(version)} is not a known version"
        raise InputError(what, where="version", remedy=f"this program reads version {VERSION}")


def _tables(data: Mapping[str, Any]) -> Mapping[str, Any]:
    tables = data.get("problem")
    if not isinstance(tables, dict):
        raise InputError("no table", where="problem", remedy="export the theorem again")
    for key in tables:
        if key not in TABLES:
            remedy = f"the tables of a theorem are {', '.join(TABLES)}"
            raise InputError("unknown table", where=f"problem.{_shown(key)}", remedy=remedy)
    return tables


def _compare(claimed: Any, derived: Any, place: Place, equal: Equal) -> None:
    """Raise `InputError` naming the first place where the claim is something else than what is derived."""
    if isinstance(derived, dict) and isinstance(claimed, dict):
        for key in dict.fromkeys([*derived, *claimed]):
            _compare_key(claimed, derived, key, place, equal)
        if list(claimed) != list(derived):
            _refuse(place, "entries in another order", "export the theorem again")
    elif isinstance(derived, list) and isinstance(claimed, list):
        if len(claimed) != len(derived):
            _refuse(place, f"{len(claimed)} entries where {len(derived)} are derived", "export the theorem again")
        for k, (a, b) in enumerate(zip(claimed, derived, strict=True)):
            _compare(a, b, (*place, str(k)), equal)
    elif type(claimed) is not type(derived) or (claimed != derived and not equal(claimed, derived, place)):
        what = f"the file claims {_shown(claimed)}, derived is {_shown(derived)}"
        _refuse(place, what, "correct the file, or export the theorem again")


def _compare_key(claimed: dict[str, Any], derived: dict[str, Any], key: str, place: Place, equal: Equal) -> None:
    inner = (*place, key if key in derived else _shown(key))
    if key not in claimed:
        _refuse(inner, "missing in the file", "export the theorem again")
    if key not in derived:
        _refuse(inner, "the file claims what is not derived", "remove it")
    _compare(claimed[key], derived[key], inner, equal)


def _never(claimed: Any, derived: Any, place: Place) -> bool:
    return False


class _Formulas:
    """Formulas of a file against those derived: equal where their values are."""

    def __init__(self, problem: Problem, law: LimitLaw, data: Mapping[str, Any]) -> None:
        self._law = law
        self._names = {**names_of(problem), **_symbols(law)}
        statement = data.get("statement")
        definitions = statement.get("definitions") if isinstance(statement, dict) else None
        self._claimed: Mapping[str, Any] = definitions if isinstance(definitions, dict) else {}
        self._derived = {name: str(meaning) for name, meaning in law.theorem.statement.definitions}

    def equal(self, claimed: Any, derived: Any, place: Place) -> bool:
        """Whether two texts at a place for formulas mean the same."""
        match place:
            case ("statement", "limits", _):
                same: Same = self._same_limit
            case ("statement", "equations", _, "left" | "right") | ("statement", "definitions", _):
                same = _same_everywhere
            case ("statement", "equations", _, "explicit", "value"):
                same = _same_everywhere
            case _:
                return False
        if not isinstance(claimed, str):
            return False
        where = ".".join(place)
        a = self._value(claimed, self._claimed, where)
        b = self._value(derived, self._derived, where)
        if not isinstance(a, Scalar) or not isinstance(b, Scalar):
            return type(a) is type(b) and a == b
        with located(where):
            _check_regular(a)
            return same(a, b)

    def _value(self, text: str, definitions: Mapping[str, Any], where: str) -> Value:
        names = dict(self._names)
        for name, meaning in definitions.items():
            if not isinstance(meaning, str) or name in names:
                _refuse(("statement", "definitions", _shown(name)), "not a definition", "export the theorem again")
            if where == f"statement.definitions.{name}":
                break  # a definition is written in the names before it
            names[name] = parse_formula(meaning, names, f"statement.definitions.{name}")
        return parse_formula(text, names, where)

    def _same_limit(self, claimed: Scalar, derived: Scalar) -> bool:
        closed = self._law.closed_form if self._law.system.unknowns else None
        if closed is None:
            return _same_everywhere(claimed, derived)
        return closed.canonical(claimed) == closed.canonical(derived)


def _check_regular(value: Scalar) -> None:
    """Raise `InputError` for an inverse that is singular for all values: normal forms do not expect it."""
    try:
        try_models(lambda model: model.scalar(value))
    except ComputationError as error:
        raise InputError(error.what, remedy=error.remedy) from None


def _symbols(law: LimitLaw) -> dict[str, Value]:
    """The parameters that the statement is written in: those of the closed form, or the unknowns."""
    closed = law.closed_form if law.system.unknowns else None
    symbols: Iterable[Generator] = law.system.unknowns if closed is None else (p.symbol for p in closed.parameters)
    return {s.name: generator_scalar(s) for s in symbols}


def _same_everywhere(claimed: Scalar, derived: Scalar) -> bool:
    """Whether two scalars are equal for all values of the parameters, related or not."""
    return claimed == derived or normal_scalar(claimed, as_it_is) == normal_scalar(derived, as_it_is)


def _refuse(place: Place, what: str, remedy: str) -> NoReturn:
    raise InputError(what, where=".".join(place), remedy=remedy)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}...{text[-_SHOWN // 2 :]}"
