"""The error of a pipeline as a theorem in LaTeX."""

from __future__ import annotations

from fpt_calc.export.document import check_part, page
from fpt_calc.export.macros import MACROS
from fpt_calc.export.pipeline_evidence import PipelineEvidence, pipeline_evidence
from fpt_calc.export.pipeline_names import names_of
from fpt_calc.export.pipeline_proof import pipeline_proof, rate_letters
from fpt_calc.export.pipeline_setting import pipeline_setting
from fpt_calc.export.pipeline_statement import pipeline_statement
from fpt_calc.export.pipeline_symbols import symbols
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.form import ErrorForm


def pipeline_document(
    derived: DerivedError, form: ErrorForm, part: str = "document", evidence: PipelineEvidence | None = None
) -> str:
    """A complete document, or a part of it for pasting.

    Parameters
    ----------
    derived : the error in the limit.
    form : its formulas.
    part : one of `fpt_calc.export.document.PARTS`.
    evidence : values and simulations at a point, for a table.

    Raises `InputError` for an unknown part.
    """
    check_part(part)
    if part == "macros":
        return MACROS + "\n"
    known = symbols(derived.pipeline)
    names = names_of(form, known, derived.program.fixed, rate_letters(derived))
    if part == "proof":
        return pipeline_proof(derived, form, known, names) + "\n"
    paragraphs = [pipeline_setting(derived), pipeline_statement(derived, form, known, names)]
    if part == "statement":
        return "\n\n".join(paragraphs) + "\n"
    paragraphs.append(pipeline_proof(derived, form, known, names))
    paragraphs += [] if evidence is None else [pipeline_evidence(evidence, form.values)]
    return page(derived.pipeline.title, paragraphs)
