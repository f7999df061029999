"""A problem as data: what was declared, what is asked for, and where to evaluate it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fpt_calc.expr import Atom
from fpt_calc.problem.formula import Value
from fpt_calc.scalars import Dimension, Generator, Parameter, Scalar, generator_scalar

if TYPE_CHECKING:
    from fpt_calc.point import Point


@dataclass(frozen=True)
class Problem:
    """A problem file, read and checked; made by `load_problem` and `problem_from_dict`.

    Parameters
    ----------
    title : for people; the file's name if the file has none.
    dims, scalars : what was declared, by name.
    atoms : the matrices, random and deterministic, by name; a Wishart matrix V stands here with its Gaussian factor
        ``V_factor`` and under ``definitions`` with its expression.
    definitions : the Wishart matrices and the entries of [let].
    targets : what is asked for, in the order of the file.
    ratios : the names that closed forms and LaTeX use for quotients of dimensions.
    commute : groups of deterministic matrices that commute; closed forms use it, numbers do not.
    point : the values of [at], or None without [at].
    limits : what [limits] asks for: where a scalar, dimension or ratio tends to, by name.
    scaling : the entries of [scaling], as they stand: how sizes, ridges and spectra depend on one size.
    source : the name of the file in messages.
    """

    title: str
    dims: Mapping[str, Dimension]
    scalars: Mapping[str, Parameter]
    atoms: Mapping[str, Atom]
    definitions: Mapping[str, Value]
    targets: Mapping[str, Scalar]
    ratios: Mapping[str, Scalar]
    commute: tuple[tuple[str, ...], ...]
    point: Point | None
    source: str
    limits: Mapping[str, str] = field(default_factory=dict)
    scaling: Mapping[str, Any] = field(default_factory=dict)


def names_of(problem: Problem) -> dict[str, Value]:
    """What every declared name of a problem means, for `parse_formula`: the text of any of its parts parses back.

    >>> from fpt_calc.problem import parse_formula, problem_from_dict
    >>> problem = problem_from_dict({"scalars": {"lam": "positive"}, "targets": {"t": "2*lam"}}, None, "example")
    >>> parse_formula("lam**2", names_of(problem), "claim")
    lam**2
    """
    generators: dict[str, Generator] = {**problem.dims, **problem.scalars}
    free: dict[str, Value] = {name: generator_scalar(generator) for name, generator in generators.items()}
    return free | dict(problem.ratios) | dict(problem.atoms) | dict(problem.definitions)
