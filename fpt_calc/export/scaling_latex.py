"""A scaling law as a LaTeX document, or the parts of it that are pasted into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fpt_calc.errors import InputError
from fpt_calc.export.document import page
from fpt_calc.export.macros import MACROS
from fpt_calc.export.scaling_evidence import ScalingEvidence, scaling_evidence
from fpt_calc.export.scaling_proof import scaling_proof
from fpt_calc.export.scaling_setting import scaling_setting
from fpt_calc.export.scaling_statement import case_block, scaling_corollary, scaling_theorem
from fpt_calc.scaling.regimes.law import Law
from fpt_calc.scaling.regimes.optimum import Optimum

SCALING_PARTS = ("document", "statement", "table", "proof", "macros")
_COROLLARY = r"\newtheorem{corollary}[theorem]{Corollary}"


def scaling_document(
    law: Law,
    optima: Sequence[Optimum] = (),
    title: str = "A scaling law",
    part: str = "document",
    words: Mapping[str, str] | None = None,
    evidence: ScalingEvidence | None = None,
) -> str:
    """The document, which compiles as it stands with pdflatex and standard packages, or a part of it.

    Parameters
    ----------
    law : the law.
    optima : best choices of exponents, for a corollary.
    title : of the document.
    part : one of `SCALING_PARTS`: "statement" is the setting, the theorem and the corollary, "table" the regimes only,
        "macros" what the others use.
    words : for sources, such as "bias of w0"; their names by default.
    evidence : numbers for a table.

    Raises `InputError` for an unknown part.
    """
    if part not in SCALING_PARTS:
        raise InputError(
            f"no part {part!r} of a document", where="part", remedy=f"use one of {', '.join(SCALING_PARTS)}"
        )
    said = {n: n for n in law.sources} | dict(words or {})
    macros = f"{MACROS}\n{_COROLLARY}\n"
    match part:
        case "macros":
            return macros
        case "table":
            return "\n".join(case_block(law, case, said) for case in law.cases) + "\n"
        case "proof":
            return scaling_proof(law) + "\n"
    paragraphs = [scaling_setting(law, said), scaling_theorem(law, said), scaling_corollary(law, optima)]
    if part == "statement":
        return "\n\n".join(p for p in paragraphs if p) + "\n"
    paragraphs.append(scaling_proof(law))
    paragraphs += [] if evidence is None else [scaling_evidence(law.request.setting.size, evidence)]
    return page(title, [p for p in paragraphs if p]).replace(MACROS + "\n", macros, 1)
