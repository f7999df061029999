"""Steps, derivations, theorems and their status (floor 3).

A stage of the engine returns its result with a `Step`; a step exists only with the evidence of its checker, and a
`Theorem` only where its steps lead from what is asked to what is stated.  A status is the worst of what it rests on
and is recomputed, never asserted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass
from enum import IntEnum

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import Expr
from fpt_calc.formula import Formula
from fpt_calc.scalars import Scalar

# Steps and theorems carry claims that readers trust, so that only their makers, which look at the evidence, may build
# them; this object is what the makers know and other callers (also of `dataclasses.replace`) do not.  It guards
# against mistakes, not against a program that sets out to deceive.
_SEAL = object()


class Status(IntEnum):
    """How much is known, from best to worst."""

    EXACT = 0
    ASYMPTOTIC = 1
    NUMERICAL = 2
    GAP = 3

    def __str__(self) -> str:
        return {
            Status.EXACT: "exact",
            Status.ASYMPTOTIC: "asymptotic (cited)",
            Status.NUMERICAL: "numerical",
            Status.GAP: "gap",
        }[self]


@dataclass(frozen=True)
class Evidence:
    """What a checker found: the check in words, and whether it passed."""

    check: str
    passed: bool


@dataclass(frozen=True)
class Citation:
    """A result of the literature that is used without proof: at best asymptotic."""

    name: str
    source: str

    @property
    def status(self) -> Status:
        return Status.ASYMPTOTIC

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"


@dataclass(frozen=True)
class Step:
    """One step of a derivation: the rule, what it turned into what, why it is allowed, and the evidence.

    Made by `checked_step` and `gap` only.

    Attributes
    ----------
    own_status : of this step alone.
    rests_on : results that the step uses without proving them.
    """

    rule: str
    before: str
    after: str
    why: str
    own_status: Status
    evidence: Evidence
    rests_on: tuple[Citation | Theorem, ...] = ()
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        _check_seal(seal, "a step", "checked_step")

    @property
    def status(self) -> Status:
        """The worst of the step's own and of what it rests on."""
        return max([self.own_status, *(r.status for r in self.rests_on)])

    def __str__(self) -> str:
        return f"{self.rule}: {self.before} -> {self.after} ({self.why}) [{self.status}; {self.evidence.check}]"


@dataclass(frozen=True)
class Derivation:
    """The steps from an expression to its limiting law.

    >>> Derivation(()).status
    <Status.EXACT: 0>
    """

    steps: tuple[Step, ...]

    @property
    def status(self) -> Status:
        return max((s.status for s in self.steps), default=Status.EXACT)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The steps, numbered."""
        return [f"{k}. {step}" for k, step in enumerate(self.steps, 1)]


def checked_step(
    rule: str,
    before: str,
    after: str,
    why: str,
    status: Status,
    evidence: Evidence,
    rests_on: tuple[Citation | Theorem, ...] = (),
) -> Step:
    """The maker of steps with evidence: raises `ComputationError` if the checker did not pass."""
    if not evidence.passed:
        raise ComputationError(
            f"the check of the step {rule!r} failed ({evidence.check})",
            remedy="this is a defect of the program: please report the expression",
        )
    return Step(rule, before, after, why, status, evidence, rests_on, _SEAL)


def gap(rule: str, before: str, after: str, why: str) -> Step:
    """A step that nothing checked; whatever rests on it is a gap."""
    return Step(rule, before, after, why, Status.GAP, Evidence("not checked", False), (), _SEAL)


@dataclass(frozen=True)
class Condition:
    """One condition of a theorem.

    Attributes
    ----------
    kind : "limit", "independent", "matrix", "scalar", "parameter" or "validity".
    subject : the name that the condition is about; empty for standing assumptions.
    text : the condition in words.
    """

    kind: str
    subject: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ParameterEquation:
    """``left = right`` for a parameter of a statement.

    Attributes
    ----------
    condition : what singles out the root; empty where the branch of the statement does.
    explicit : the parameter in closed form, where there is one.
    """

    left: Formula | Scalar
    right: Formula | Scalar
    condition: str = ""
    explicit: tuple[str, Scalar] | None = None

    def lines(self) -> list[str]:
        line = f"{self.left} = {self.right}" + (f", {self.condition}" if self.condition else "")
        return [line] if self.explicit is None else [line, f"{self.explicit[0]} = {self.explicit[1]}"]


@dataclass(frozen=True)
class Statement:
    """What a theorem says: target by target, an expression and its limit, with the equations of the parameters.

    Attributes
    ----------
    targets : the expressions, scalars in traces.
    limits : what they converge to.
    equations : of the parameters that occur.
    definitions : abbreviations and matrices that occur.
    matrix_form : the equations as Python text where they are too long to be written out; else empty.
    branch : which solution of the equations is meant, where their conditions do not say.
    """

    targets: Mapping[str, Scalar]
    limits: Mapping[str, Formula | Scalar]
    equations: tuple[ParameterEquation, ...] = ()
    definitions: tuple[tuple[str, Scalar | Expr], ...] = ()
    matrix_form: tuple[str, ...] = ()
    branch: str = ""

    @property
    def claim(self) -> str:
        """What is asked for, on one line."""
        return "; ".join(f"{name} = {target}" for name, target in self.targets.items())

    @property
    def conclusion(self) -> str:
        """What is stated, on one line."""
        return "; ".join([*(f"{name} = {limit}" for name, limit in self.limits.items()), *self.where()])

    def where(self) -> list[str]:
        """Equations and definitions as Python text."""
        lines = [line for e in self.equations for line in e.lines()]
        lines += [f"{name} = {meaning}" for name, meaning in self.definitions]
        return [*lines, *self.matrix_form, *([self.branch] if self.branch else [])]

    def lines(self) -> list[str]:
        """The statement as text."""
        lines = [f"{name} = {target}\n  -> {self.limits[name]}" for name, target in self.targets.items()]
        where = self.where()
        return [*lines, "where", *(f"  {line}" for line in where)] if where else lines


@dataclass(frozen=True)
class Theorem:
    """A statement with its conditions and the checked steps that lead to it; made by `theorem` only."""

    statement: Statement
    conditions: tuple[Condition, ...]
    derivation: Derivation
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        _check_seal(seal, "a theorem", "theorem")

    @property
    def status(self) -> Status:
        """The worst of the steps and of what they rest on."""
        return self.derivation.status

    @property
    def ancestors(self) -> tuple[Citation | Theorem, ...]:
        """The results that the theorem rests on without proving them, each once, those of theorems included."""
        found: list[Citation | Theorem] = []
        for ancestor in _ancestors(self):
            if ancestor not in found:
                found.append(ancestor)
        return tuple(found)

    @property
    def gaps(self) -> tuple[Step, ...]:
        """The steps without evidence, here and in the theorems it rests on."""
        theorems = [self, *(a for a in self.ancestors if isinstance(a, Theorem))]
        return tuple(s for t in theorems for s in t.derivation.steps if s.own_status is Status.GAP)

    def __str__(self) -> str:
        parts = ["Statement", *_indented(self.statement.lines()), "", "Conditions"]
        parts += _indented([str(c) for c in self.conditions])
        parts += ["", "Derivation", *_indented(self.derivation.lines())]
        cited = [f"the theorem {a.statement.claim}" if isinstance(a, Theorem) else str(a) for a in self.ancestors]
        parts += ["", "Rests on", *_indented(cited)] if cited else []
        gaps = ", ".join(f"{s.rule}: {s.why}" for s in self.gaps)
        return "\n".join([*parts, "", f"Status: {self.status}", f"Gaps: {gaps or 'none'}"])


def theorem(statement: Statement, conditions: Sequence[Condition], derivation: Derivation) -> Theorem:
    """The maker of theorems.

    Raises `InputError` unless the steps lead, each from the end of the one before, from what is asked to the statement.

    >>> from fpt_calc.scalars import scalar
    >>> step = gap("guess", "t = 1", "t = 1", "an example")
    >>> print(theorem(Statement({"t": scalar(1)}, {"t": scalar(1)}), (), Derivation((step,))).status)
    gap
    """
    steps = derivation.steps
    places = [statement.claim, *(s.after for s in steps)]
    if not steps or set(statement.limits) != set(statement.targets):
        raise InputError("a theorem without steps, or with targets that have no limit", remedy="derive it")
    for step, place in zip(steps, places, strict=False):
        if step.before != place:
            raise InputError(f"the step {step.rule!r} does not begin where it has to", remedy="give all steps in order")
    if steps[-1].after != statement.conclusion:
        raise InputError("the steps do not end at the statement", remedy="state what was derived")
    return Theorem(statement, tuple(conditions), derivation, _SEAL)


def _check_seal(seal: object, what: str, maker: str) -> None:
    if seal is not _SEAL:
        raise InputError(f"{what} cannot be written down without its checker", remedy=f"make it with logic.{maker}")


def _ancestors(of: Theorem) -> Iterator[Citation | Theorem]:
    for step in of.derivation.steps:
        for result in step.rests_on:
            yield result
            if isinstance(result, Theorem):
                yield from _ancestors(result)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {part}" for line in lines for part in line.split("\n")]
