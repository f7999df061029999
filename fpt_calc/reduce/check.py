"""Checks of the reduction and of the symbolic equations in random models modulo a prime."""

from __future__ import annotations

from fpt_calc.expr import PrimeModel, evaluate, try_models
from fpt_calc.reduce.equations import Equations, explicit_unknowns
from fpt_calc.self_energy import MODEL_SIZES, ModularSystem
from fpt_calc.system import FixedPointSystem, Unknown


def equations_are_correct(system: FixedPointSystem, equations: Equations) -> bool:
    """Whether the symbolic equations agree with the block matrix at random values of the unknowns.

    Unknowns take random residues and both sides of each equation are compared.  Explicit and solved unknowns take the
    value of their formula instead, which has to satisfy the matrix form.
    """
    return try_models(lambda model: _agree(system, equations, model), seed=11, sizes=MODEL_SIZES)


def _agree(system: FixedPointSystem, equations: Equations, model: PrimeModel) -> bool:
    explicit = explicit_unknowns(tuple(e for e in equations.equations if e.unknown in system.nonlinear))
    solved = {e.unknown for e in equations.equations if e.solved} | {e.unknown for e in explicit}
    for unknown in system.unknowns:
        if unknown not in solved:
            model.set_generator(unknown, model.residue())
    for e in explicit:
        model.set_generator(e.unknown, model.scalar(e.value))
    for atom, definition in equations.definitions:
        model.set_atom(atom, evaluate(definition, model))
    right = {}
    for equation in equations.equations:
        right[equation.unknown] = model.scalar(equation.value)
        if equation.solved:
            model.set_generator(equation.unknown, right[equation.unknown])
    values = {u: model.generator(u) for u in system.unknowns}
    modular = ModularSystem(system, model)
    blocks = modular.blocks(values)

    def holds(unknown: Unknown) -> bool:
        return bool(modular.average(system.averages[unknown], blocks) == right[unknown])

    return all(holds(u) for u in system.unknowns)
