"""The error of a pipeline as a theorem in LaTeX."""

from __future__ import annotations

from fpt_calc.learning.derive import DerivedError
from fpt_calc.learning.form import ErrorForm


def pipeline_document(derived: DerivedError, form: ErrorForm, part: str = "document") -> str:
    """A complete document, or a part of it for pasting."""
    raise NotImplementedError
