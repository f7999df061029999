"""Claim files: a problem, definitions, and claims about the limits of its targets, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpt_calc.claims.conditions import Condition, compared_names, read_conditions
from fpt_calc.claims.symbols import RootSymbol, random_traces, root_symbols
from fpt_calc.claims.verdict import Verdict
from fpt_calc.errors import InputError
from fpt_calc.expr import Expr, tau
from fpt_calc.notation import read_latex
from fpt_calc.problem import (
    Problem,
    Value,
    load_problem,
    located,
    names_of,
    parse_formula,
    problem_from_dict,
    read_toml,
)
from fpt_calc.problem.loader import KEYS as PROBLEM_KEYS
from fpt_calc.problem.tables import check_keys, check_name, table
from fpt_calc.scalars import ONE, Scalar, generator_scalar, scalar

CLAIM_KEYS = ("target", "left", "equals", "latex", "limit", "rate", "condition", "expect", "note")
ROOT_KEYS = ("root", "roots", "condition")
MAX_CLAIMS = 1000


@dataclass(frozen=True)
class Roots:
    """Names that are defined together as a root of as many equations, singled out by conditions.

    ``equations`` : scalars that vanish.
    """

    symbols: tuple[RootSymbol, ...]
    equations: tuple[Scalar, ...]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Claim:
    """One claim of a file.

    Attributes
    ----------
    index : its number in the file, from 1.
    name : what the left side is called: the target, or the expression as written.
    left, right : the two sides; traces of random matrices stand for their limits.
    right_text : the right side in the syntax of formulas, as it was understood.
    from_latex : whether it was written in LaTeX.
    limit : what tends where, as written, such as ("lam", "0+"); None for a claim about the law itself.
    rate : of a limit, a scalar of which the difference of the sides is the order; None if it tends to zero.
    conditions : where the claim is meant to hold.
    expect : the verdict that its author expects.
    """

    index: int
    name: str
    left: Scalar
    right: Scalar
    right_text: str
    from_latex: bool
    limit: tuple[str, str] | None
    rate: Scalar | None
    conditions: tuple[Condition, ...]
    expect: Verdict | None


@dataclass(frozen=True)
class ClaimFile:
    """A claim file, read and checked; made by `load_claims`."""

    path: Path
    title: str
    problem: Problem
    roots: tuple[Roots, ...]
    claims: tuple[Claim, ...]


def is_claim_file(data: Mapping[str, Any]) -> bool:
    """Whether the tables of a TOML file are those of a claim file."""
    return "claim" in data


def load_claims(path: str | Path) -> ClaimFile:
    """The claims of a TOML file.

    Raises `InputError` in one line: file, key, cause, remedy.
    """
    file = Path(path)
    data = read_toml(file)
    with located(file.name):
        if not is_claim_file(data):
            raise InputError("no [[claim]] in this file", remedy="add [[claim]] with target and equals")
        problem = _problem(data, file)
        names: dict[str, Value] = {**names_of(problem), **problem.targets}
        roots: list[Roots] = []
        for key, entry in table(data, "where").items():
            _define(key, entry, names, roots)
        claims = data["claim"]
        if not isinstance(claims, list) or not all(isinstance(c, Mapping) for c in claims):
            raise InputError("claims are not an array of tables", where="claim", remedy="write [[claim]]")
        if len(claims) > MAX_CLAIMS:
            raise InputError(f"more than {MAX_CLAIMS} claims", where="claim", remedy="split the file")
        title = data.get("title", file.stem)
        if not isinstance(title, str):
            raise InputError("the title is not text", where="title", remedy="write it in quotes")
        found = tuple(_claim(k, c, names, problem) for k, c in enumerate(claims, 1))
    return ClaimFile(file, title, problem, tuple(roots), found)


def _problem(data: Mapping[str, Any], file: Path) -> Problem:
    given = data.get("problem")
    if given is None:
        check_keys(data, (*PROBLEM_KEYS, "where", "claim"))
        own = {k: v for k, v in data.items() if k in PROBLEM_KEYS}
        return problem_from_dict(own, file.parent, "problem")
    check_keys(data, ("title", "problem", "where", "claim"))
    if isinstance(given, Mapping):
        return problem_from_dict(given, file.parent, "problem")
    if not isinstance(given, str):
        raise InputError("the problem is neither a path nor a table", where="problem", remedy='write "ridge.toml"')
    if not given.endswith(".toml"):
        raise InputError(f"{given!r} is no .toml file", where="problem", remedy="claims are about problem files")
    return load_problem(file.parent / given)


def _define(key: str, entry: object, names: dict[str, Value], roots: list[Roots]) -> None:
    """One entry of [where]: an expression, or names that are roots of equations."""
    where = f"where.{key}"
    own = [name.strip() for name in key.split(",")]
    for name in own:
        check_name(name, where)
        if name in names:
            raise InputError(f"{name!r} has a meaning already", where=where, remedy="use another name")
    if not isinstance(entry, Mapping):
        if len(own) > 1:
            raise InputError("several names for one expression", where=where, remedy="define them one by one")
        names[key] = formula(entry, names, where)
        return
    check_keys(entry, ROOT_KEYS, where)
    texts = entry.get("roots", [entry["root"]] if "root" in entry else [])
    if not isinstance(texts, list) or len(texts) != len(own):
        what = f"{len(texts) if isinstance(texts, list) else 1} equations for {len(own)} unknowns"
        remedy = 'write kappa = { root = "..." }, or "a, b" = { roots = ["...", "..."] }: expressions that vanish'
        raise InputError(what, where=where, remedy=remedy)
    if "condition" not in entry:
        remedy = 'add condition = "kappa > 0" or whatever it satisfies'
        raise InputError("nothing says which root is meant", where=where, remedy=remedy)
    real = compared_names(entry["condition"])
    symbols = tuple(RootSymbol(name, name in real) for name in own)
    names.update({s.name: generator_scalar(s) for s in symbols})
    equations = tuple(_equation(text, names, where) for text in texts)
    roots.append(Roots(symbols, equations, read_conditions(entry["condition"], names, f"{where}.condition")))


def _equation(text: object, names: Mapping[str, Value], where: str) -> Scalar:
    value = formula(text, names, where)
    if not isinstance(value, Scalar):
        raise InputError("the equation is a matrix", where=where, remedy="take tau(...) or Tr(...)")
    if random_traces(value):
        remedy = "write the equation in deterministic quantities"
        raise InputError("the equation of a root contains random matrices", where=where, remedy=remedy)
    if not root_symbols(value):
        raise InputError("the equation does not contain what it defines", where=where, remedy="write it with the name")
    return value


def formula(text: object, names: Mapping[str, Value], where: str) -> Value:
    """The value of a formula or number of a file; raises `InputError` at ``where``."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        text = repr(text)
    if not isinstance(text, str):
        raise InputError("this is not a formula", where=where, remedy="write a formula in quotes")
    return parse_formula(text, names, where)


def _claim(index: int, data: Mapping[str, Any], names: Mapping[str, Value], problem: Problem) -> Claim:
    where = f"claim {index}"
    with located(where):
        check_keys(data, CLAIM_KEYS)
        name, left = _left(data, names, problem)
        if ("equals" in data) == ("latex" in data):
            raise InputError("a claim has either equals or latex", remedy="write equals = \"...\" or latex = '...'")
        key = "latex" if "latex" in data else "equals"
        text = data[key]
        if key == "latex":
            if not isinstance(text, str):
                raise InputError("this is not LaTeX", where=key, remedy="write it in single quotes")
            text = read_latex(text, names, key)
        right = scalar_of(formula(text, names, key), key)
        limit, rate = _limit(data, names)
        if limit is not None and rate is None and limit[0] in {g.name for g in right.gens}:
            remedy = f'add rate = "{limit[0]}**2" for an expansion with an error of that order'
            raise InputError(f"what is claimed as the limit depends on {limit[0]}", where=key, remedy=remedy)
        conditions = read_conditions(data["condition"], names, "condition") if "condition" in data else ()
        return Claim(index, name, left, right, str(text), key == "latex", limit, rate, conditions, _expected(data))


def _left(data: Mapping[str, Any], names: Mapping[str, Value], problem: Problem) -> tuple[str, Scalar]:
    if ("target" in data) == ("left" in data):
        raise InputError("a claim has either target or left", remedy='write target = "name" or left = "expression"')
    if "left" in data:
        return str(data["left"]), scalar_of(formula(data["left"], names, "left"), "left")
    name = data["target"]
    if not isinstance(name, str) or name not in problem.targets:
        remedy = f"the targets are {', '.join(problem.targets)}; other quantities stand under left"
        raise InputError(f"no target {name!r}", where="target", remedy=remedy)
    return name, problem.targets[name]


def scalar_of(value: Value, where: str) -> Scalar:
    """A scalar, or the entry of a 1 x 1 matrix; raises `InputError` for another matrix."""
    if isinstance(value, Expr) and value.shape == (ONE, ONE):
        return tau(value)
    if not isinstance(value, Scalar):
        raise InputError("this is a matrix", where=where, remedy="take tau(...) or Tr(...) of it")
    return value


def _limit(data: Mapping[str, Any], names: Mapping[str, Value]) -> tuple[tuple[str, str] | None, Scalar | None]:
    if "limit" not in data:
        if "rate" in data:
            raise InputError("a rate without a limit", where="rate", remedy='add limit = "lam -> 0+"')
        return None, None
    parts = [p.strip() for p in data["limit"].split("->")] if isinstance(data["limit"], str) else []
    if len(parts) != 2 or not all(parts):
        raise InputError("this is not a limit", where="limit", remedy='write limit = "lam -> 0+"')
    rate = scalar_of(formula(data["rate"], names, "rate"), "rate") if "rate" in data else None
    if rate is not None and (rate.is_zero or rate == scalar(1)):
        raise InputError("this is no rate", where="rate", remedy='write how the difference falls, such as "lam**2"')
    return (parts[0], parts[1]), rate


def _expected(data: Mapping[str, Any]) -> Verdict | None:
    if "expect" not in data:
        return None
    text = data["expect"]
    found = Verdict.__members__.get(text.upper()) if isinstance(text, str) else None
    if found is None:
        remedy = f"write one of {', '.join(v.name.lower() for v in Verdict)}"
        raise InputError(f"{text!r} is no verdict", where="expect", remedy=remedy)
    return found
