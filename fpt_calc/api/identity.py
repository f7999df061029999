"""`decide` for users: sympy expressions are accepted too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fpt_calc.expr import Atom
from fpt_calc.identities import Decision
from fpt_calc.identities import decide as _decide
from fpt_calc.scalars import Scalar


def decide(left: Any, right: Any, *, matrices: Iterable[Atom] = (), scalars: Iterable[Scalar] = ()) -> Decision:
    """Whether two matrix expressions, or two scalars with traces in them, are equal: see `fpt_calc.identities.decide`.

    Parameters
    ----------
    left, right : the two sides; a number against a square matrix means that multiple of the identity.
    matrices, scalars : for sympy expressions, the declared matrices and scalars that their names stand for.

    Raises
    ------
    InputError
        where the two sides cannot be compared, such as matrices of different shapes.

    >>> import fpt_calc as fc
    >>> n, d = fc.dims("n d")
    >>> (lam,) = fc.scalars("lam", "positive")
    >>> X = fc.gaussian("X", n, d, variance=1/n)
    >>> R, Rt = fc.inv(X.T @ X + lam), fc.inv(X @ X.T + lam)
    >>> bool(fc.decide(R @ X.T, X.T @ Rt))
    True
    >>> print(fc.decide(R @ X.T, -X.T @ Rt))
    different: for ... the entry (1, 1) is ... on the left and ... on the right
    """
    known, numbers = tuple(matrices), tuple(scalars)
    return _decide(*(_read(side, known, numbers) for side in (left, right)))


def _read(side: Any, matrices: tuple[Atom, ...], scalars: tuple[Scalar, ...]) -> Any:
    if not type(side).__module__.startswith("sympy"):
        return side
    from fpt_calc.expr.from_sympy import from_sympy

    return from_sympy(side, matrices, scalars)
