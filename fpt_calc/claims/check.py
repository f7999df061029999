"""All claims of a file with their verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpt_calc.claims.decide import decide
from fpt_calc.claims.derived import Derivations
from fpt_calc.claims.file import Claim, ClaimFile, load_claims
from fpt_calc.claims.limiting import decide_limit
from fpt_calc.claims.simulation import decide_by_simulation
from fpt_calc.claims.symbols import random_traces, root_symbols
from fpt_calc.claims.verdict import Decision, Verdict, Witness
from fpt_calc.errors import FptError, InputError
from fpt_calc.problem import located
from fpt_calc.scalars import generator_scalar


@dataclass(frozen=True)
class Outcome:
    """A claim with its verdict.

    Attributes
    ----------
    file, index, target : which claim it is; ``target`` is the left side as written.
    statement : the whole claim in the syntax of formulas, as it was understood; empty for a check of a derivation.
    verdict, evidence, witness : what was found.
    expected : the verdict that its author expects, if any.
    """

    file: str
    index: int
    target: str
    statement: str
    verdict: Verdict
    evidence: str
    witness: Witness | None
    expected: Verdict | None

    @property
    def passed(self) -> bool:
        """As expected; not refuted where nothing is expected."""
        return self.verdict is self.expected if self.expected is not None else self.verdict is not Verdict.REFUTED

    def __str__(self) -> str:
        return f"{self.verdict.name}: {self.statement}"

    def to_json(self) -> dict[str, Any]:
        """The object that stands for it in JSON."""
        w = self.witness
        return {
            "file": self.file,
            "index": self.index,
            "target": self.target,
            "verdict": self.verdict.name,
            "evidence": self.evidence,
            "witness": None if w is None else {"at": dict(w.at), "derived": w.derived, "claimed": w.claimed},
            "expected": None if self.expected is None else self.expected.name,
        }


def check_claims(path: str | Path) -> tuple[str, Iterator[Outcome]]:
    """The title of a claim file, and its claims with their verdicts, one by one.

    Raises `InputError` for a file that is no claim file, or a claim that cannot be meant.
    """
    file = load_claims(path)
    return file.title, _outcomes(file)


def _outcomes(file: ClaimFile) -> Iterator[Outcome]:
    derivations = Derivations(file.problem)
    for claim in file.claims:
        with located(file.path.name), located(f"claim {claim.index}"):
            found = _decided(claim, file, derivations)
        statement = _statement(claim)
        evidence = f"read as {claim.right_text}; {found.evidence}" if claim.from_latex else found.evidence
        yield Outcome(
            str(file.path),
            claim.index,
            claim.name,
            statement,
            found.verdict,
            evidence,
            found.witness,
            claim.expect,
        )


def _decided(claim: Claim, file: ClaimFile, derivations: Derivations) -> Decision:
    """The verdict; where the law cannot be derived, simulation has to do."""
    traces = random_traces(claim.left - claim.right)
    inside = sorted({g.name for trace in traces for g in root_symbols(generator_scalar(trace))})
    if inside:
        text = f"{', '.join(inside)} stands in a trace of random matrices, which is derived for declared names only"
        return Decision(Verdict.UNDECIDED, f"{text}; state the claim for a declared scalar or matrix in its place")
    try:
        if claim.limit is not None:
            return decide_limit(claim, file.roots, derivations)
        return decide(claim, file.roots, derivations)
    except InputError:
        raise
    except FptError as error:
        return decide_by_simulation(claim, file.problem, error.what)


def _statement(claim: Claim) -> str:
    """The claim in one line."""
    conditions = "".join(f", {c.text}" for c in claim.conditions)
    if claim.limit is None:
        return f"{claim.name} = {claim.right_text}{conditions}"
    name, to = claim.limit
    if claim.rate is None:
        return f"{claim.name} -> {claim.right_text} as {name} -> {to}{conditions}"
    return f"{claim.name} = {claim.right_text} + O({claim.rate}) as {name} -> {to}{conditions}"
