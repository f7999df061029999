"""Exact proofs: the names of a claim recognized in the derived law, the difference of its sides reduced to zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fpt_calc.claims.comparisons import Comparison
from fpt_calc.claims.derived import Derived, SolvedPoint
from fpt_calc.claims.file import Claim, Roots
from fpt_calc.claims.identify import Images, identified
from fpt_calc.closed_form import vanishes
from fpt_calc.errors import CannotDecideError, InputError, ZeroDenominatorError
from fpt_calc.expr import substitute_everywhere
from fpt_calc.scalars import Dimension, Generator, Scalar, generator_scalar
from fpt_calc.system import Unknown


class PoleError(Exception):
    """A side of a claim has a denominator that vanishes identically where its definitions hold."""


@dataclass(frozen=True)
class Proof:
    """What the exact comparison gave.

    Attributes
    ----------
    equal : whether the difference vanishes in free coordinates.
    left, right : the sides in the unknowns and parameters of the law.
    images : what the names of the claim are in the derived law.
    lower_order : whether the sides agree at leading order in the dimensions, though they are not equal.
    """

    equal: bool
    left: Scalar
    right: Scalar
    images: Images
    lower_order: bool = False

    def reading(self) -> str:
        """What the names of the claim are, as in ``kappa is a derived parameter``."""
        derived = [g.name for g, v in self.images.items() if _is_parameter(v)]
        others = [f"{g.name} is {v}" for g, v in self.images.items() if not _is_parameter(v)]
        own = [f"{', '.join(derived)} {'is a derived parameter' if len(derived) == 1 else 'are derived parameters'}"]
        return ", ".join([*(own if derived else []), *others]) + (" in the names of the derived law" if others else "")


def prove(claim: Claim, derived: Derived, definitions: Sequence[Roots], compared: Sequence[Comparison]) -> Proof:
    """Compare the sides exactly.

    Raises `CannotDecideError` where the law has no free coordinates or a name is not recognized.
    """
    images = recognized(derived, definitions, compared)
    coordinates = derived.coordinates
    try:
        left, right = (derived.limit(substitute_everywhere(s, images)) for s in (claim.left, claim.right))
        if vanishes(coordinates, left - right):
            return Proof(True, left, right, images)
    except ZeroDenominatorError:
        raise PoleError("a side of the claim divides by what vanishes by its own definitions") from None
    except InputError as error:  # a square root that is an absolute value in free coordinates
        raise CannotDecideError(error.what, remedy=error.remedy) from None
    low = _size(coordinates.canonical(left - right)) < _size(coordinates.canonical(left))
    return Proof(False, left, right, images, low)


def _is_parameter(value: Scalar) -> bool:
    return len(value.gens) == 1 and isinstance(value.gens[0], Unknown) and value == generator_scalar(value.gens[0])


def recognized(derived: Derived, definitions: Sequence[Roots], compared: Sequence[Comparison]) -> Images:
    """What the names of some definitions are in the derived law; raises `CannotDecideError`."""
    if not definitions:
        return {}
    known: list[tuple[SolvedPoint, Mapping[Generator, object]]] = [
        (c.solved, c.reading.names) for c in compared if c.reading is not None
    ]
    return identified(derived, definitions, [p for p, _ in known], [v for _, v in known])


def _size(value: Scalar) -> int:
    """The power with which a scalar grows if all dimensions grow alike."""
    places = [k for k, g in enumerate(value.gens) if isinstance(g, Dimension)]

    def degree(polynomial: Any) -> int:
        return max(sum(int(m[k]) for k in places) for m in polynomial.monoms())

    return degree(value.num) - degree(value.den) if places and not value.is_zero else 0
