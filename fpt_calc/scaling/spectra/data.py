"""Eigenvalues ``lambda_k``, k = 1, 2, ..., given by a law.

Every parameter may be an int, a Fraction, a float (the decimal it prints), a string such as ``"3/2"`` or a sympy
expression that is known to be positive.  They are kept as sympy expressions.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.spectra.parameters import exact, positive


def _set(target: object, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(target, name, value)  # the frozen data keep the exact form of what was given


@dataclass(frozen=True)
class PowerLaw:
    """``scale * k**-beta``.

    >>> PowerLaw("3/2")
    PowerLaw(beta=3/2, scale=1)
    """

    beta: Expr
    scale: Expr = 1

    def __post_init__(self) -> None:
        _set(self, beta=positive(self.beta, "beta"), scale=positive(self.scale, "scale"))


@dataclass(frozen=True)
class LogPowerLaw:
    """``scale * k**-beta * log(k + 1)**gamma``, gamma of either sign.

    >>> LogPowerLaw(2, -1)
    LogPowerLaw(beta=2, gamma=-1, scale=1)
    """

    beta: Expr
    gamma: Expr
    scale: Expr = 1

    def __post_init__(self) -> None:
        _set(self, beta=positive(self.beta, "beta"), gamma=exact(self.gamma, "gamma"))
        _set(self, scale=positive(self.scale, "scale"))


@dataclass(frozen=True)
class Exponential:
    """``scale * exp(-rate*k)``.

    >>> Exponential(0.5, 2)
    Exponential(rate=1/2, scale=2)
    """

    rate: Expr
    scale: Expr = 1

    def __post_init__(self) -> None:
        _set(self, rate=positive(self.rate, "rate"), scale=positive(self.scale, "scale"))


@dataclass(frozen=True)
class FiniteRank:
    """Finitely many nonzero eigenvalues, in any order.

    >>> FiniteRank((2, "1/2"))
    FiniteRank(eigenvalues=(2, 1/2))
    """

    eigenvalues: tuple[Expr, ...]

    def __post_init__(self) -> None:
        _set(self, eigenvalues=_eigenvalues(self.eigenvalues, "eigenvalues"))


@dataclass(frozen=True)
class WithTail:
    """A head of h eigenvalues, then those of a law with k = h+1, h+2, ...

    >>> WithTail((10, 5), PowerLaw(2))              # 10, 5, 1/9, 1/16, ...
    WithTail(head=(10, 5), tail=PowerLaw(beta=2, scale=1))
    """

    head: tuple[Expr, ...]
    tail: PowerLaw | LogPowerLaw | Exponential

    def __post_init__(self) -> None:
        _set(self, head=_eigenvalues(self.head, "head"))
        if not isinstance(self.tail, PowerLaw | LogPowerLaw | Exponential):
            remedy = "take PowerLaw, LogPowerLaw or Exponential; without a tail, FiniteRank"
            raise InputError(f"{self.tail!r} is no tail", where="tail", remedy=remedy)


@dataclass(frozen=True)
class Truncated:
    """The eigenvalues k = 1 .. d of a power law, with or without a head of its own.

    >>> Truncated(PowerLaw(2), 100).d
    100
    """

    spectrum: PowerLaw | WithTail
    d: Expr

    def __post_init__(self) -> None:
        _set(self, d=positive(self.d, "d"))
        law = self.spectrum.tail if isinstance(self.spectrum, WithTail) else self.spectrum
        if not isinstance(law, PowerLaw):
            remedy = "only power laws are truncated; for a short spectrum take FiniteRank"
            raise InputError(f"{self.spectrum!r} cannot be truncated", where="spectrum", remedy=remedy)
        if self.d.is_number and not self.d.is_integer:
            raise InputError(f"{self.d} is no dimension", where="d", remedy="give an integer or a symbol")
        heads = len(self.spectrum.head) if isinstance(self.spectrum, WithTail) else 0
        if self.d.is_number and self.d <= heads:
            raise InputError(f"d = {self.d} does not exceed the head's {heads}", where="d", remedy="take FiniteRank")


Spectrum = PowerLaw | LogPowerLaw | Exponential | FiniteRank | WithTail


def _eigenvalues(values: tuple[Expr, ...], where: str) -> tuple[Expr, ...]:
    if not isinstance(values, tuple | list) or not values:
        raise InputError("no eigenvalues", where=where, remedy="give a tuple of positive numbers")
    return tuple(positive(value, f"{where}[{i}]") for i, value in enumerate(values))


def law_of(spectrum: Spectrum) -> PowerLaw | LogPowerLaw | Exponential | None:
    """The law of the eigenvalues far out; None for finite rank.

    >>> law_of(WithTail((3,), Exponential(1)))
    Exponential(rate=1, scale=1)
    """
    match spectrum:
        case WithTail(tail=tail):
            return tail
        case FiniteRank():
            return None
        case PowerLaw() | LogPowerLaw() | Exponential():
            return spectrum
    remedy = "take PowerLaw, LogPowerLaw, Exponential, FiniteRank or WithTail"
    if isinstance(spectrum, Truncated):
        remedy = "it has two scales: take expand_truncated or truncation_regime"
    raise InputError(f"{spectrum!r} has no expansion in kappa alone", where="spectrum", remedy=remedy)


def head_of(spectrum: Spectrum) -> tuple[Expr, ...]:
    """The eigenvalues that are given one by one.

    >>> head_of(WithTail((3,), Exponential(1))), head_of(PowerLaw(2))
    ((3,), ())
    """
    match spectrum:
        case WithTail(head=head):
            return head
        case FiniteRank(eigenvalues=eigenvalues):
            return eigenvalues
    return ()


def eigenvalue(spectrum: Spectrum, k: int) -> Expr:
    """``lambda_k``; zero beyond a finite rank.

    >>> [eigenvalue(WithTail((10, 5), PowerLaw(2)), k) for k in (1, 2, 3)]
    [10, 5, 1/9]
    """
    head = head_of(spectrum)
    if k <= len(head):
        return head[k - 1]
    match law_of(spectrum):
        case PowerLaw(beta=beta, scale=scale):
            return scale * sympy.Integer(k) ** -beta
        case LogPowerLaw(beta=beta, gamma=gamma, scale=scale):
            return scale * sympy.Integer(k) ** -beta * sympy.log(k + 1) ** gamma
        case Exponential(rate=rate, scale=scale):
            return scale * sympy.exp(-rate * k)
    return sympy.S.Zero
