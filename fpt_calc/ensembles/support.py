"""What several laws need: psd checks of covariances and factors of numeric psd matrices."""

from __future__ import annotations

from typing import Any

from fpt_calc.errors import InputError, ShapeError
from fpt_calc.expr import (
    Adjoint,
    Atom,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    atoms,
    is_deterministic,
)
from fpt_calc.scalars import Dimension, Parameter, Root, Scalar


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


def is_psd(expr: Expr) -> bool:
    """Whether an expression is psd by its construction: sums, congruences, powers and inverses of psd matrices."""
    match expr:
        case Atom(facts=facts):
            return "psd" in facts
        case ScalarMatrix(value=value):
            return is_nonnegative(value)
        case SquareRoot():
            return True
        case Sum(terms=terms):
            return all(is_psd(t) for t in terms)
        case Scaled(coefficient=c, argument=argument):
            return is_nonnegative(c) and is_psd(argument)
        case Inverse(argument=argument) | Transpose(argument=argument) | Adjoint(argument=argument):
            return is_psd(argument)
        case Power(argument=argument, exponent=k):
            return is_psd(argument) or (k % 2 == 0 and isinstance(argument, Atom) and "hermitian" in argument.facts)
        case Product(factors=factors):
            return _is_congruence(factors)
    return False


def _is_congruence(factors: tuple[Expr, ...]) -> bool:
    """A^H S A with S psd or absent."""
    flat = _flat(factors)
    middle = len(flat) // 2
    if len(flat) % 2 and not is_psd(flat[middle]):
        return False
    return all(_are_adjoint(flat[i], flat[-1 - i]) for i in range(middle))


def _flat(factors: tuple[Expr, ...]) -> list[Expr]:
    result: list[Expr] = []
    for f in factors:
        result += _flat(f.factors) if isinstance(f, Product) else [f]
    return result


def _are_adjoint(a: Expr, b: Expr) -> bool:
    real = all(x.entries == "real" for x in atoms(a))
    for x, y in ((a, b), (b, a)):
        if y == Adjoint(x) or (real and y == Transpose(x)):
            return True
    return a == b and (is_psd(a) or (isinstance(a, Atom) and "hermitian" in a.facts))


def is_nonnegative(value: Scalar) -> bool:
    """Whether a scalar is nonnegative for all admissible values: no subtraction and only nonnegative generators."""
    if any(not (isinstance(g, Parameter | Dimension | Root) and g.nonnegative) and not _real(g) for g in value.gens):
        return False
    for polynomial in (value.num, value.den):
        if not value.gens:
            return bool(value.num >= 0)
        for exponents, coefficient in polynomial.to_dict().items():
            if coefficient < 0 or any(
                e % 2 and not g.nonnegative  # type: ignore[attr-defined]  # real parameters passed the test above
                for g, e in zip(value.gens, map(int, exponents), strict=True)
            ):
                return _fraction_complement(value)
    return True


def _real(generator: object) -> bool:
    return isinstance(generator, Parameter) and generator.is_real


def _fraction_complement(value: Scalar) -> bool:
    """Products with 1 - p for a fraction p: the one kind of subtraction that stays nonnegative."""
    if not value.gens:
        return False
    for polynomial in (value.num, value.den):
        content, factors = polynomial.factor()
        signs = 1 if content > 0 else -1
        for factor, exponent in factors:
            if int(exponent) % 2 == 0:
                continue
            terms = {tuple(map(int, e)): int(c) for e, c in factor.to_dict().items()}
            if all(c > 0 for c in terms.values()) and all(
                not any(e) or all(g.nonnegative for g, k in zip(value.gens, e, strict=True) if k % 2)  # type: ignore[attr-defined]
                for e in terms
            ):
                continue
            found = _complement_sign(terms, value)
            if found == 0:
                return False
            signs *= found
        if signs < 0:
            return False
    return True


def _complement_sign(terms: dict[tuple[int, ...], int], value: Scalar) -> int:
    """+1 for 1 - p, -1 for p - 1 with p a fraction, 0 for anything else."""
    constant = tuple([0] * len(value.gens))
    others = [e for e in terms if e != constant]
    if len(others) != 1 or sum(others[0]) != 1 or set(terms) != {constant, others[0]}:
        return 0
    generator = value.gens[others[0].index(1)]
    if not (isinstance(generator, Parameter) and generator.kind == "fraction"):
        return 0
    if terms[constant] >= -terms[others[0]] > 0:
        return 1
    if -terms[constant] >= terms[others[0]] > 0:
        return -1
    return 0


def psd_factor(a: Any) -> Any:
    """A matrix B with B B^H = a for a numeric psd matrix (rounding-size negative eigenvalues are set to zero)."""
    import numpy as np

    values, vectors = np.linalg.eigh(a)
    return vectors * np.sqrt(np.clip(values, 0.0, None))
