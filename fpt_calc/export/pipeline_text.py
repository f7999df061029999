"""The error of a pipeline as text for a terminal."""

from __future__ import annotations

from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.form import ErrorForm


def pipeline_text(derived: DerivedError, form: ErrorForm) -> str:
    """What the error is, its values and the equations of its parameters."""
    p = derived.stated
    test = "I" if p.covariance is None else p.covariance.name
    residual = f"error = mean squared residual of {p.model.name} on its own data, label noise included"
    excess = f"error = E |w - {p.against.name}|^2_{test}, w of {p.model.name}"
    lines = [
        residual if derived.on_training_data else excess,
        "bias: without label noise; variance: what label noise adds",
        "",
        "converges to",
        "  error = bias + variance",
    ]
    lines += [f"  {name} = {value}" for name, value in form.values.items() if name != "error"]
    where = form.where()
    if where:
        lines += ["where", *(f"  {line}" for line in where)]
    if derived.conditions:
        lines += ["if", *(f"  {a} < {b}" for a, b in derived.conditions)]
    return "\n".join([*lines, "", f"status: {derived.status}"])
