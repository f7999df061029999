"""What several laws need: psd checks of covariances and factors of numeric psd matrices."""

from __future__ import annotations

from typing import Any

from fpt_calc.ensembles.psd import is_psd
from fpt_calc.errors import InputError, ShapeError
from fpt_calc.expr import Expr, atoms, is_deterministic
from fpt_calc.scalars import Scalar


def check_covariance(name: str, role: str, covariance: Expr, dim: Scalar, field: str) -> None:
    """Raise a one-line error unless ``covariance`` is a deterministic psd matrix of the right size and field."""
    where = f"{name}.{role}"
    if covariance.shape != (dim, dim):
        raise ShapeError(
            f"{role} {covariance} of shape {covariance.rows} x {covariance.cols} where {dim} x {dim} is needed",
            where=where,
            remedy="covariance acts on the columns, row_covariance on the rows",
        )
    if not is_deterministic(covariance):
        raise InputError(f"{role} {covariance} is random", where=where, remedy="use a deterministic psd matrix")
    if not is_psd(covariance):
        raise InputError(
            f"{role} {covariance} is not known to be psd",
            where=where,
            remedy="declare it with psd = true, or write it as A.T @ A",
        )
    if field == "real" and any(a.entries == "complex" for a in atoms(covariance)):
        raise InputError(
            f"a real matrix with the complex {role} {covariance}", where=where, remedy='give it field = "complex"'
        )


def psd_factor(a: Any) -> Any:
    """A matrix B with B B^H = a for a numeric psd matrix (rounding-size negative eigenvalues are set to zero)."""
    import numpy as np

    values, vectors = np.linalg.eigh(a)
    return vectors * np.sqrt(np.clip(values, 0.0, None))
