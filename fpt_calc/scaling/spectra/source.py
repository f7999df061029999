"""Source conditions: how a target lies in the eigenbasis."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from fpt_calc.scaling.spectra.parameters import positive


@dataclass(frozen=True)
class PowerSource:
    """``lambda_k w_k**2 = scale * k**-(1 + 2*beta*r)``, beta being the exponent of the eigenvalues.

    >>> PowerSource("1/2")
    PowerSource(r=1/2, scale=1)
    """

    r: Expr
    scale: Expr = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "r", positive(self.r, "r"))  # the frozen data keep the exact form of what was given
        object.__setattr__(self, "scale", positive(self.scale, "scale"))
