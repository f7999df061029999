"""The verdict on a claim: proved exactly, certified by balls, refuted by a witness, or undecided with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.claims.comparisons import DIGITS, Comparison, comparisons, scalars_of
from fpt_calc.claims.derived import Derivations, Derived
from fpt_calc.claims.file import Claim, Roots
from fpt_calc.claims.modular import ERROR, SEEDS, equal_on_variety
from fpt_calc.claims.proof import PoleError, Proof, prove
from fpt_calc.claims.roots import needed_roots
from fpt_calc.claims.verdict import Decision, Verdict
from fpt_calc.claims.witness import witness_of
from fpt_calc.errors import CannotDecideError, FptError

ON_VARIETY = (
    f"and exactly at {len(SEEDS)} random points of the solution set modulo a 61-bit prime (a false claim survives that "
    f"with probability {ERROR}, by a count of degrees that is no proof)"
)


def decide(claim: Claim, roots: Sequence[Roots], derivations: Derivations) -> Decision:
    """The verdict on a claim about limits of traces.

    Raises `InputError` for problems that cannot be derived, `ComputationError` where a computation fails.
    """
    derived = derivations.of(claim.left, claim.right)
    definitions = needed_roots(roots, scalars_of(claim))
    try:
        compared = comparisons(claim, derived, definitions)
    except CannotDecideError as error:
        return Decision(Verdict.UNDECIDED, str(error))
    try:
        proof, why = _proof(claim, derived, definitions, compared)
        if proof is None and not any(c.differs for c in compared):
            proof = _wider_proof(claim, derived, definitions, derivations)
    except PoleError as error:
        return Decision(Verdict.REFUTED, str(error))
    refuted = next((c for c in compared if c.differs), None)
    if refuted is not None:
        return _refuted(refuted, proof)
    trouble = next((t for c in compared if (t := c.trouble(definitions))), "")
    if proof is not None and proof.equal and not definitions:
        return Decision(Verdict.PROVED, _proved(proof, compared, ""))
    if proof is not None and proof.equal and compared and all(c.reading is not None for c in compared):
        return Decision(Verdict.PROVED, _proved(proof, compared, trouble))
    if trouble:
        return Decision(Verdict.UNDECIDED, f"{trouble}; write a sharper condition")
    if proof is not None and compared and equal_on_variety(derived, proof.left, proof.right):
        return _numerical(compared, ON_VARIETY)
    return _numerical(compared, f"no proof: {why or 'the difference was not reduced to zero'}")


def _proof(
    claim: Claim, derived: Derived, definitions: Sequence[Roots], compared: Sequence[Comparison]
) -> tuple[Proof | None, str]:
    try:
        return prove(claim, derived, definitions, compared), ""
    except CannotDecideError as error:
        return None, error.what


def _wider_proof(
    claim: Claim, derived: Derived, definitions: Sequence[Roots], derivations: Derivations
) -> Proof | None:
    """The proof in the law of all targets, whose parameters may be those that the claim names."""
    try:
        wider = derivations.of(claim.left, claim.right, *derivations.problem.targets.values())
        if wider is derived or set(wider.names) == set(derived.names):
            return None
        return prove(claim, wider, definitions, comparisons(claim, wider, definitions))
    except FptError:
        return None


def _refuted(comparison: Comparison, proof: Proof | None) -> Decision:
    witness = witness_of(comparison)
    kind = "certified values differ" if not comparison.point.why_not else "values differ beyond their errors"
    if len(comparison.readings) > 1:
        kind += f", for each of the {len(comparison.readings)} roots that meet the condition"
    if proof is not None and proof.lower_order:
        kind += "; the sides agree to leading order when all dimensions grow, but the limit is not this formula"
    return Decision(Verdict.REFUTED, f"{kind}: {witness}", witness)


def _proved(proof: Proof, compared: Sequence[Comparison], ambiguity: str) -> str:
    text = "the difference from the derived limit vanishes exactly, for all admissible values"
    if not proof.images:
        return f"{text}; checked at {_count(compared)}" if compared else text
    text += f"; {proof.reading()}: the equations hold exactly"
    if ambiguity:
        return f"{text}; read so because {ambiguity}, and the claim holds for this one only"
    others = "has no other root" if all(c.complete for c in compared) else "showed no other root (by search)"
    return f"{text}, and the condition {others} at {_count(compared)}"


def _numerical(compared: Sequence[Comparison], why: str) -> Decision:
    if not compared:
        text = "no random admissible point was found at which the claim is meant and its sides are finite"
        return Decision(Verdict.UNDECIDED, text)
    digits = min(r.digits for c in compared for r in c.readings)
    open_question = "" if all(c.complete for c in compared) else ", other roots being searched for, not excluded"
    if all(not c.point.why_not for c in compared) and digits >= DIGITS // 2:
        text = f"certified balls overlap to {digits} digits at {_count(compared)}{open_question}; {why}"
        return Decision(Verdict.CERTIFIED, text)
    text = f"values agree to {digits} digits at {_count(compared)}{open_question}, not certified"
    reason = next((c.point.why_not for c in compared if c.point.why_not), why)
    return Decision(Verdict.CONSISTENT, f"{text}: {reason}")


def _count(compared: Sequence[Comparison]) -> str:
    return f"{len(compared)} random admissible point{'s' if len(compared) != 1 else ''}"
