"""The error hierarchy: what happened, where, and what to do about it (floor 0).

Every error prints as one line.  ``InputError`` is the user's to mend (exit status 2 on the command line);
``ComputationError`` says that an honest attempt did not succeed (exit status 1).
"""

from __future__ import annotations


class FptError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    what : what is wrong, in one clause.
    where : the subexpression, key or quantity concerned.
    remedy : what the user can do about it.

    >>> print(FptError("unknown name 'Simga'", where="targets.bias", remedy="did you mean 'Sigma'?"))
    targets.bias: unknown name 'Simga'; did you mean 'Sigma'?
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        line = f"{head}; {self.remedy}" if self.remedy else head
        return " ".join(line.split())


class InputError(FptError, ValueError):
    """What the user wrote cannot be meant: the remedy says how to mend it."""


class ShapeError(InputError):
    """Two shapes do not fit; the message names both and the subexpression."""


class NotInvertibleError(InputError):
    """An inverse whose argument has no constant or positive definite part."""


class ZeroDenominatorError(InputError):
    """A division by what is identically zero."""


class ComputationError(FptError, ArithmeticError):
    """A computation was tried and failed; the message says what was tried."""


class CannotDecideError(FptError):
    """An honest "I cannot decide this": neither yes nor no was established."""
