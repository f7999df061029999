"""A theorem as JSON: the problem it is about, what it states, its conditions and steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fpt_calc.assumptions import Setting, declared_facts, setting
from fpt_calc.closed_form import flat_targets
from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.logic import Citation, ParameterEquation, Statement, Step, Theorem
from fpt_calc.problem import problem_from_dict
from fpt_calc.scalars import Scalar

FORMAT = "fpt-calc theorem"
VERSION = 1


def theorem_json(theorem: Theorem) -> str:
    """The theorem as JSON text, which `load_theorem` reads and derives anew.

    Raises `InputError` where the targets cannot be written as a problem file.

    >>> from fpt_calc.derivation import derive_law
    >>> from fpt_calc.expr import Inverse, tau
    >>> from fpt_calc.scalars import ONE, Parameter, dimension, generator_scalar
    >>> d, z = dimension("d"), generator_scalar(Parameter("z", "upper"))
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> data = json.loads(theorem_json(derive_law({"m": tau(Inverse(W - z))}).theorem))
    >>> data["statement"]["equations"][0]["left"], data["status"]
    ('m**2 + m*z + 1', 'asymptotic (cited)')
    """
    targets = theorem.statement.targets
    data = theorem_data(theorem)
    try:
        same = flat_targets(problem_from_dict(data["problem"], None, "problem").targets) == targets
    except InputError as error:
        raise InputError(
            f"these targets cannot be exported ({error})", remedy="rename what the message names"
        ) from None
    if not same:
        raise InputError("the text of these targets does not read back as they are", remedy="report the targets")
    return json.dumps(data, indent=2) + "\n"


def theorem_data(theorem: Theorem) -> dict[str, Any]:
    """The content of the JSON text."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "problem": problem_tables(theorem.statement.targets),
        "statement": _statement(theorem.statement),
        "conditions": [{"kind": c.kind, "subject": c.subject, "text": c.text} for c in theorem.conditions],
        "steps": [_step(s) for s in theorem.derivation.steps],
        "rests_on": [_result(r) for r in theorem.ancestors],
        "gaps": [s.rule for s in theorem.gaps],
        "status": str(theorem.status),
    }


def problem_tables(targets: Mapping[str, Scalar]) -> dict[str, Any]:
    """The tables of a problem file with these targets.

    >>> from fpt_calc.scalars import dimension
    >>> problem_tables({"ratio": dimension("d") / dimension("n")})["targets"]
    {'ratio': 'd/n'}
    """
    names: Setting = setting(targets.values())
    return {
        "dims": [d.name for d in names.dims],
        "scalars": {p.name: p.kind for p in names.scalars},
        "matrices": {a.name: _matrix(a) for a in names.matrices},
        "targets": {name: str(target) for name, target in targets.items()},
    }


def _matrix(atom: Atom) -> dict[str, Any]:
    table: dict[str, Any] = {"shape": [str(atom.rows), str(atom.cols)], "field": atom.entries}
    match atom.law:
        case None:
            return table | {fact: True for fact in declared_facts(atom)}
        case Gaussian(variance=variance, row_covariance=row, covariance=column):
            sides = {"row_covariance": row, "covariance": column}
            covariances = {role: str(side) for role, side in sides.items() if side is not None}
            return table | {"law": "gaussian", "variance": str(variance)} | covariances
        case Wigner(variance=variance):
            return table | {"law": "wigner", "variance": str(variance)}
    raise InputError(f"no table for the law {type(atom.law).__name__}", where=atom.name, remedy="export another law")


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "limits": {name: str(limit) for name, limit in statement.limits.items()},
        "equations": [_equation(e) for e in statement.equations],
        "definitions": {name: str(meaning) for name, meaning in statement.definitions},
        "matrix_form": list(statement.matrix_form),
        "branch": statement.branch,
    }


def _equation(equation: ParameterEquation) -> dict[str, Any]:
    explicit = None
    if equation.explicit is not None:
        explicit = {"name": equation.explicit[0], "value": str(equation.explicit[1])}
    return {
        "left": str(equation.left),
        "right": str(equation.right),
        "condition": equation.condition,
        "explicit": explicit,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "before": step.before,
        "after": step.after,
        "why": step.why,
        "status": str(step.status),
        "check": step.evidence.check,
        "passed": step.evidence.passed,
        "rests_on": [_result(r) for r in step.rests_on],
    }


def _result(result: Citation | Theorem) -> dict[str, str]:
    if isinstance(result, Citation):
        return {"name": result.name, "source": result.source}
    return {"name": result.statement.claim, "source": "derived"}
