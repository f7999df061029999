"""Export of laws: text, LaTeX, numbers; the data know nothing of it (floor 13)."""

from fpt_calc.export.certificate import certificate, certificate_json
from fpt_calc.export.document import PARTS, document, law_latex
from fpt_calc.export.json_theorem import theorem_json
from fpt_calc.export.latex import latex
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.numbers import MAX_DIGITS, ball_json, ball_radius, correct_digits, joined, number_json
from fpt_calc.export.numpy_code import numpy_code
from fpt_calc.export.pipeline_evidence import PipelineEvidence
from fpt_calc.export.pipeline_latex import pipeline_document
from fpt_calc.export.pipeline_text import pipeline_text
from fpt_calc.export.read_theorem import load_theorem
from fpt_calc.export.text import law_text, status_lines

__all__ = [
    "MAX_DIGITS",
    "PARTS",
    "PipelineEvidence",
    "ball_json",
    "ball_radius",
    "certificate",
    "certificate_json",
    "correct_digits",
    "document",
    "joined",
    "latex",
    "law_latex",
    "law_text",
    "load_theorem",
    "name_to_latex",
    "number_json",
    "numpy_code",
    "pipeline_document",
    "pipeline_text",
    "status_lines",
    "theorem_json",
]
