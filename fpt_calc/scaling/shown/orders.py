"""How the order parameters and the sources of a law scale one by one: what its proof consists of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fpt_calc.scalars import generator_scalar
from fpt_calc.scaling.polyhedra import Chamber, Condition
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.explore import Regime, regimes
from fpt_calc.scaling.regimes.law import Law, question_of


@dataclass(frozen=True)
class Orders:
    """The parts of a law in a case.

    Attributes
    ----------
    chamber : the sample of the case.
    conditions : on the parameters, under which all of this holds; there may be more of them than of the case.
    parameters, sources : the regimes of each, by name.
    """

    chamber: Chamber
    conditions: tuple[Condition, ...]
    parameters: tuple[tuple[str, tuple[Regime, ...]], ...]
    sources: tuple[tuple[str, tuple[Regime, ...]], ...]


def orders(law: Law, case: Case) -> Orders:
    """The regimes of kappa and its like, and of every source by itself.

    Raises `CannotDecideError` where the expansions do not decide one of them, even if they decide the sum.
    """
    chamber = Chamber(case.chamber.sample)
    question = question_of(law, law.request)
    own = {p.symbol.name: generator_scalar(p.symbol) for p in law.side.parameters}
    asked = replace(question, side=replace(law.side, sources=own))
    parameters = tuple((name, regimes(replace(asked, sources=(name,)), chamber)) for name in own)
    sources = tuple((name, regimes(replace(question, sources=(name,)), chamber)) for name in law.sources)
    return Orders(chamber, chamber.conditions({p: b for p, b in law.request.bounds.items()}), parameters, sources)
