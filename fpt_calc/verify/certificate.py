"""What a certificate states, as data; the format is told in docs/certificates.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.verify.formula import Formula
from fpt_calc.verify.laws import Law


@dataclass(frozen=True)
class Matrix:
    """A declared matrix; random if it has a law."""

    shape: tuple[Formula, Formula]
    real: bool
    facts: frozenset[str] = frozenset()
    law: Law | None = None


@dataclass(frozen=True)
class Problem:
    """What is declared, and the targets."""

    dims: tuple[str, ...]
    scalars: Mapping[str, str]
    matrices: Mapping[str, Matrix]
    commute: tuple[tuple[str, ...], ...]
    targets: Mapping[str, Formula]


@dataclass(frozen=True)
class Letter:
    """A new Gaussian letter ``left @ letter @ right`` with deterministic sides (None: the identity)."""

    letter: str
    left: Formula | None
    right: Formula | None


@dataclass(frozen=True)
class Entry:
    """``coefficient * matrix`` at (row, col) of a block matrix, perhaps times an unknown; no matrix: the identity."""

    row: int
    col: int
    coefficient: Formula
    matrix: Formula | None
    unknown: str = ""


@dataclass(frozen=True)
class RandomEntry:
    """``coefficient * letter`` at (row, col), the letter transposed, conjugated or both as ``operation`` says."""

    row: int
    col: int
    coefficient: Formula
    letter: str
    operation: str


@dataclass(frozen=True)
class Average:
    """``tau(weight @ G[row, col])``."""

    row: int
    col: int
    weight: Formula | None


@dataclass(frozen=True)
class ClosedForm:
    """Parameters: the relations that vanish, and what they are in the unknowns; definitions; unknowns; targets."""

    relations: Mapping[str, Formula]
    meanings: Mapping[str, Formula]
    definitions: Mapping[str, Formula]
    unknowns: Mapping[str, Formula]
    targets: Mapping[str, Formula]


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues with weights, a power law ``scale * k**-exponent``, or a multiple of the identity."""

    eigenvalues: tuple[Fraction, ...] | None = None
    weights: tuple[Fraction, ...] | None = None
    exponent: Fraction | None = None
    scale: Fraction = Fraction(1)


@dataclass(frozen=True)
class Point:
    """Exact values; scalars as (real part, imaginary part)."""

    dims: Mapping[str, int]
    scalars: Mapping[str, tuple[Fraction, Fraction]]
    matrices: Mapping[str, Spectrum]


@dataclass(frozen=True)
class Ball:
    """All complex numbers within ``radius`` of the centre."""

    real: Fraction
    imaginary: Fraction
    radius: Fraction


@dataclass(frozen=True)
class Certificate:
    """All that a certificate states."""

    problem: Problem
    letters: Mapping[str, Letter]
    states: tuple[Formula, ...]
    deterministic: tuple[Entry, ...]
    random: tuple[RandomEntry, ...]
    traces: Mapping[str, Average]
    combinations: Mapping[str, Formula]
    unknowns: Mapping[str, Average]
    self_energy: tuple[Entry, ...]
    values: Mapping[str, Formula]
    closed_form: ClosedForm | None = None
    point: Point | None = None
    unknown_balls: Mapping[str, Ball] = field(default_factory=dict)
    target_balls: Mapping[str, Ball] = field(default_factory=dict)
    omitted: Mapping[str, str] = field(default_factory=dict)

    def law_of(self, letter: str) -> Law:
        """The law of a letter; that of a new one is the law of the matrix in it, with other covariances."""
        base = self.letters[letter].letter if letter in self.letters else letter
        matrix = self.problem.matrices.get(base)
        if matrix is None or matrix.law is None:
            raise InputError(f"{letter[:60]!r} is no random matrix", where="pencil.random")
        return matrix.law
