"""`decide`: are two expressions equal, as an identity in all matrices that have the declared shapes and facts?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from fpt_calc.errors import CannotDecideError, InputError, ShapeError
from fpt_calc.expr import PRIME, Expr, ScalarMatrix, Scaled, UnluckyModelError
from fpt_calc.identities.degree import degree_bound
from fpt_calc.identities.residues import SizedModel, residues, sized_model
from fpt_calc.identities.sizes import Contents, Sizes, contents, sizes_text
from fpt_calc.identities.witness import Witness, exact_witness, modular_witness
from fpt_calc.logic import Evidence
from fpt_calc.scalars import ZERO, Scalar, scalar

_SMALL = ((2, 3, 4, 5), (1, 2, 3, 4, 5), (3, 4, 5, 6))  # sizes of the models; a larger one is added
_LARGEST = 12
_TRIES = 40
_NEEDED = 2
_READABLE = 5000  # beyond this degree exact numbers are too long to compute with
_BRANCHES = 64  # models for dependent square roots, whose signs are random in each


class Verdict(Enum):
    """The answers of `decide`."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNDECIDED = "undecided"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Decision:
    """Whether two expressions are equal: the verdict, what it rests on, and where they differ if they do.

    As a truth value it is whether they are equal; UNDECIDED has none and raises `CannotDecideError`.
    """

    verdict: Verdict
    evidence: Evidence
    witness: Witness | None = None

    def __bool__(self) -> bool:
        if self.verdict is Verdict.UNDECIDED:
            raise CannotDecideError(f"equal or not: {self.evidence.check}", where="decide")
        return self.verdict is Verdict.EQUAL

    def __str__(self) -> str:
        return f"{self.verdict}: {self.evidence.check if self.witness is None else self.witness}"


@dataclass
class _Trial:
    """What the random models showed."""

    agreed: list[Sizes] = field(default_factory=list)
    unlucky: list[str] = field(default_factory=list)
    differed: tuple[int, SizedModel, Sizes] | None = None


def decide(left: Any, right: Any) -> Decision:
    """Decide whether two matrix expressions, or two scalars with traces in them, are equal.

    Equal means: for all matrices of the declared shapes and facts and all parameters for which both sides are
    defined.  A random matrix stands for any matrix with its symmetries, so that no limit is taken: a dimension in
    the scalars is the size of the matrices.  A number against a square matrix means that multiple of the identity.

    Both sides are evaluated at random residues modulo a 61-bit prime, for several choices of the dimensions.
    A difference of degree D at one choice is missed with probability below 2 D 4^r / 2^61, r the number of square
    roots of scalars (Schwartz-Zippel; the 2 and the 4^r pay for draws without poles and with roots), unless it has
    only coefficients divisible by the prime; two or more square roots, which may depend on each other, are tried
    with 64 random choices of their signs.  The evidence states the bound and the sizes tried.  An identity of
    matrices up to these sizes that fails for larger ones, as the standard identities of k x k matrices in products
    of 2k factors do, is not excluded; sizes go up to 12 for long expressions.

    A difference is confirmed by a witness in small exact numbers where the search finds one, else by residues.
    UNDECIDED is answered if no model is defined on both sides (an inverse is singular for all values, square roots
    are missing), or if the sides have square roots of scalars and differ on some branches of them only.

    Raises
    ------
    InputError
        if the shapes of the sides are not the same, or a matrix is compared with a scalar.

    >>> from fpt_calc.expr import Atom, tau
    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> X = Atom("X", n, d)
    >>> decide(n * tau(X @ X.T), d * tau(X.T @ X)).verdict
    <Verdict.EQUAL: 'equal'>
    >>> print(decide(tau(X @ X.T), tau(X.T @ X)))
    different: for d = 1, n = 2, X = [[1], [1]] the value is 1 on the left and 2 on the right
    """
    left, right = _sides(left, right)
    if left == right:
        return Decision(Verdict.EQUAL, Evidence("both sides are the same expression", True))
    found = contents(left, right)
    trial = _try(left, right, found)
    if trial.differed is not None:
        return _different(left, right, found, trial.differed)
    if len(trial.agreed) < _NEEDED or (found.dimensions and len({sizes_text(s) for s in trial.agreed}) < _NEEDED):
        reason = f"the random models have no values for both sides ({', '.join(dict.fromkeys(trial.unlucky))})"
        return Decision(Verdict.UNDECIDED, Evidence(reason, False))
    return Decision(Verdict.EQUAL, Evidence(_evidence(left, right, found, trial.agreed), True))


def _sides(left: Any, right: Any) -> tuple[Expr | Scalar, Expr | Scalar]:
    """Both as matrices of one shape, or both as scalars."""
    if not isinstance(left, Expr) and not isinstance(right, Expr):
        return scalar(left), scalar(right)
    a, b = _matrix(left, right), _matrix(right, left)
    if a.shape != b.shape:
        raise ShapeError(
            f"shapes {a.rows} x {a.cols} and {b.rows} x {b.cols} are compared",
            where="decide",
            remedy="only matrices of one shape can be equal",
        )
    return a, b


def _matrix(value: Any, like: Any) -> Expr:
    if isinstance(value, Expr):
        return value
    number = scalar(value)
    if like.rows == like.cols:
        return ScalarMatrix(number, like.rows)
    if number.is_zero:
        return Scaled(ZERO, like)
    raise InputError(
        f"a matrix of shape {like.rows} x {like.cols} is compared with the number {number}",
        where="decide",
        remedy="compare matrices with matrices and traces with numbers",
    )


def _try(left: Expr | Scalar, right: Expr | Scalar, found: Contents) -> _Trial:
    """Evaluate both sides in a model for each choice of sizes, until they differ."""
    trial = _Trial()
    largest = max(7, min(_LARGEST, found.nodes))
    levels = (*_SMALL, tuple(range(largest - 4, largest + 1)))
    rounds = _BRANCHES // len(levels) if len(found.algebraic) > 1 else 1
    for k in range(rounds * len(levels)):
        _one_model(left, right, found, trial, 1000 * k, levels[k % len(levels)])
        if trial.differed is not None or (k + 1 >= len(levels) and not trial.agreed):
            break
    return trial


def _one_model(
    left: Expr | Scalar, right: Expr | Scalar, found: Contents, trial: _Trial, start: int, choices: tuple[int, ...]
) -> None:
    """Enter into ``trial`` what the first model shows that is defined on both sides."""
    for seed in range(start, start + _TRIES):
        try:
            model, sizes = sized_model(found, seed, choices)
            agree = residues(left, model) == residues(right, model)
        except UnluckyModelError as error:
            trial.unlucky.append(str(error))
            continue
        if agree:
            trial.agreed.append(sizes)
        else:
            trial.differed = (seed, model, sizes)
        return


def _different(
    left: Expr | Scalar, right: Expr | Scalar, found: Contents, differed: tuple[int, SizedModel, Sizes]
) -> Decision:
    seed, model, sizes = differed
    witness = exact_witness(left, right, found) if _degree(left, right, sizes) <= _READABLE else None
    if witness is not None:
        return Decision(Verdict.DIFFERENT, Evidence("both sides were evaluated in exact numbers", True), witness)
    if len(found.algebraic) > 1:  # dependent ones have signs in a model that they cannot have together
        reason = "the sides differ for some signs of their square roots, but no exact example was found"
        return Decision(Verdict.UNDECIDED, Evidence(reason, False))
    witness = modular_witness(left, right, found, seed, model, sizes)
    return Decision(Verdict.DIFFERENT, Evidence(f"both sides were evaluated modulo {PRIME}", True), witness)


def _evidence(left: Expr | Scalar, right: Expr | Scalar, found: Contents, agreed: list[Sizes]) -> str:
    degree = max(_degree(left, right, sizes) for sizes in agreed)
    bits = (PRIME.bit_length() - 1) - (2 * max(1, degree) * 4 ** len(found.algebraic)).bit_length()
    bound = f"error below 2^-{bits} at each" if bits > 0 else "the degree is too high for a bound"
    tried = "; ".join(dict.fromkeys(sizes_text(sizes) for sizes in agreed if sizes))
    models = f"{len(agreed)} random models modulo a 61-bit prime" + (f" ({tried})" if tried else "")
    return f"in {models}, {bound}"


def _degree(left: Expr | Scalar, right: Expr | Scalar, sizes: Sizes) -> int:
    """A bound for the degree of the numerator of the difference."""
    a, b = degree_bound(left, sizes), degree_bound(right, sizes)
    return max(a.num + b.den, b.num + a.den)
