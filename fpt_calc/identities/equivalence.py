"""How deterministic equivalents may be combined: rules as data, each with its conditions.

``A ~ B`` means ``Tr(C (A - B)) -> 0`` for every deterministic C of bounded nuclear norm (docs/conventions.md).
These rules are about limits: they are cited, and `fpt_calc.identities.decide` does not apply to them.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.identities.rule import Rule

_DOBRIBAN_SHENG = (
    "Dobriban and Sheng, WONDER: weighted one-shot distributed ridge regression in high dimensions, "
    "JMLR 21 (2020), rules of calculus for deterministic equivalents"
)


@dataclass(frozen=True)
class EquivalenceRule(Rule):
    """A rule for ``~``; where ``holds`` is false it is the mistake that its statement and conditions describe."""

    holds: bool = True


SUM = EquivalenceRule(
    "sum",
    "If A ~ B and C ~ D, then A + C ~ B + D.",
    ("A and C have one shape", "finitely many terms; A and C may depend on each other"),
    _DOBRIBAN_SHENG,
)

SCALING = EquivalenceRule(
    "scaling",
    "If A ~ B and c is a deterministic scalar, then c A ~ c B.",
    ("c is bounded as the dimensions grow",),
    _DOBRIBAN_SHENG,
)

MULTIPLICATION = EquivalenceRule(
    "multiplication",
    "If A ~ B and D, E are deterministic matrices, then D A E ~ D B E.",
    ("the operator norms of D and E are bounded as the dimensions grow",),
    f"Tr(C D (A - B) E) = Tr((E C D)(A - B)), and E C D has bounded nuclear norm; {_DOBRIBAN_SHENG}",
)

TRACE = EquivalenceRule(
    "trace",
    "If A ~ B and D is a deterministic matrix, then tau(D A) - tau(D B) -> 0.",
    ("A and B are square, of the size of D", "the operator norm of D is bounded as the dimensions grow"),
    f"D/dim has bounded nuclear norm; {_DOBRIBAN_SHENG}",
)

BILINEAR_FORM = EquivalenceRule(
    "bilinear_form",
    "If A ~ B and u, v are deterministic vectors, then u.T A v - u.T B v -> 0.",
    ("the norms of u and v are bounded as the dimensions grow",),
    "v u.T has the nuclear norm |u| |v|",
)

DERIVATIVE_OF_EQUIVALENTS = EquivalenceRule(
    "derivative_of_equivalents",
    "If A(lam) ~ B(lam) for all lam in a domain, then the derivatives satisfy A'(lam) ~ B'(lam) there.",
    (
        "the domain is open in the complex plane (an interval of positive lam needs a complex neighbourhood)",
        "A and B are analytic in lam, and bounded in operator norm on compact sets, uniformly in the dimensions",
    ),
    f"Vitali's theorem: bounded analytic functions that converge do so with their derivatives; {_DOBRIBAN_SHENG}",
)

PRODUCT = EquivalenceRule(
    "product_of_equivalents",
    "A ~ B and C ~ D do NOT give A C ~ B D where A and C share randomness.",
    (
        "counterexample: W Wigner of variance 1/d has W ~ 0, but W W ~ 1",
        "counterexample: R = inv(X.T X + lam) ~ G gives R R ~ -G'(lam), which is not G G",
        "for A independent of C condition on A: if C ~ D then A C ~ A D, and A D ~ B D, where the norms are bounded",
        "else find the equivalent of the product as a whole, or differentiate one with a source: "
        "inv(X.T X + lam + t S)",
    ),
    "the counterexamples are the semicircle and Marchenko-Pastur laws; they are among the tests",
    holds=False,
)

EQUIVALENCE_RULES: tuple[EquivalenceRule, ...] = (
    SUM,
    SCALING,
    MULTIPLICATION,
    TRACE,
    BILINEAR_FORM,
    DERIVATIVE_OF_EQUIVALENTS,
    PRODUCT,
)
