"""A law as text for a terminal, with the user's names."""

from __future__ import annotations

from fpt_calc.derivation import LimitLaw
from fpt_calc.logic import Step, Theorem


def law_text(law: LimitLaw) -> str:
    """The targets, the equations and the status."""
    lines = [f"{name} = {target}" for name, target in law.targets.items()]
    closed = law.closed_form
    if closed is not None and law.system.unknowns:
        lines += ["", "converges to"]
        lines += [f"  {line}" for line in closed.lines()]
        lines += ["where", *(f"  {line}" for line in closed.where())]
        return "\n".join([*lines, "", f"status: {law.derivation.status}"])
    lines += ["", "converges to"]
    lines += [f"  {name} = {value}" for name, value in law.system.outputs.items()]
    if not law.system.unknowns:
        return "\n".join([*lines, "", f"status: {law.derivation.status}"])
    lines += ["where", *(f"  {line}" for line in law.lines())]
    lines += [f"on the branch: {law.system.branch}", "", f"status: {law.derivation.status}"]
    return "\n".join(lines)


def status_lines(theorem: Theorem) -> list[str]:
    """What is known of each step of a theorem, and by which check."""
    return [
        f"{_word(step):<8} {step.rule}: {step.evidence.check.removeprefix('cited: ')}"
        for step in theorem.derivation.steps
    ]


def _word(step: Step) -> str:
    return "cited" if step.rests_on else str(step.status)
