"""The formal derivative of expressions and scalars with respect to a parameter: exact, a fold."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from fpt_calc.errors import InputError
from fpt_calc.expr.flatten import scaled
from fpt_calc.expr.nodes import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
)
from fpt_calc.expr.trace import Trace, tau
from fpt_calc.expr.walk import fold
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Conjugate,
    Dimension,
    Generator,
    ImaginaryUnit,
    Parameter,
    Root,
    Scalar,
    denominator,
    from_polynomial,
    generator_scalar,
    generators_of,
    numerator,
    without_conjugate,
)

_Value = TypeVar("_Value", Expr, Scalar)
_Variable = Parameter | Conjugate


def differentiate(value: _Value, parameter: Scalar | Parameter) -> _Value:
    """The derivative of a matrix expression or a scalar with respect to a declared parameter.

    Matrices are constants.  Traces, inverses, powers and square roots of scalars are differentiated through; with
    respect to a complex parameter the derivative is Wirtinger's, in which the conjugate parameter is a constant.

    Raises
    ------
    InputError
        if ``parameter`` is not a parameter, or if a shape or the law of a random matrix depends on it.

    >>> from fpt_calc.scalars import Parameter, dimension
    >>> d, lam = dimension("d"), generator_scalar(Parameter("lam", "positive"))
    >>> A = Atom("A", d, d)
    >>> differentiate(Inverse(A + lam), lam)
    -inv(A + lam)@inv(A + lam)
    >>> differentiate(lam * tau(Inverse(A + lam)), lam)
    tau(inv(A + lam)) - lam*tau(inv(A + lam)@inv(A + lam))
    """
    variable = _parameter(parameter)
    if isinstance(value, Scalar):
        return _scalar(value, variable)
    if not isinstance(value, Expr):
        raise InputError(f"{value!r} is neither a matrix nor a scalar", where="differentiate")
    found = _matrix(value, variable)
    if found is not None:
        return found
    return ScalarMatrix(ZERO, value.rows) if value.rows == value.cols else Scaled(ZERO, value)


def _parameter(value: Scalar | Parameter) -> Parameter:
    found: Any = value
    if isinstance(value, Scalar) and len(value.gens) == 1 and value == generator_scalar(value.gens[0]):
        found = value.gens[0]
    if not isinstance(found, Parameter):
        raise InputError(
            f"a derivative with respect to {value}", where="differentiate", remedy="give one declared parameter"
        )
    return found


# matrices: None stands for zero -------------------------------------------------------------------------------------


def _matrix(expr: Expr, variable: _Variable) -> Expr | None:
    """The derivative; for a complex parameter, that in its conjugate is carried along, as conjugations swap them."""
    mirrored = variable.of if isinstance(variable, Conjugate) else _mirror(variable)
    variables = (variable,) if mirrored == variable else (variable, cast(_Variable, mirrored))

    def combine(node: Expr, parts: tuple[tuple[Expr | None, ...], ...]) -> tuple[Expr | None, ...]:
        if isinstance(node, Adjoint | EntrywiseConjugate):
            return tuple(None if part is None else type(node)(part) for part in reversed(parts[0]))
        return tuple(_local(node, tuple(part[k] for part in parts), v) for k, v in enumerate(variables))

    return fold(expr, combine)[0]


def _mirror(variable: Parameter) -> Generator:
    return variable if variable.is_real else Conjugate(variable)


def _local(node: Expr, parts: tuple[Expr | None, ...], variable: _Variable) -> Expr | None:
    """The derivative of a node from those of its children."""
    match node:
        case Atom():
            _check_constant(node, variable)
            return None
        case SquareRoot():
            return None
        case ScalarMatrix(value=value, rows=dim):
            slope = _scalar(value, variable)
            return None if slope.is_zero else ScalarMatrix(slope, dim)
        case Scaled(coefficient=c, argument=argument):
            slope = _scalar(c, variable)
            fixed = None if parts[0] is None else scaled(c, parts[0])
            return _sum([fixed, None if slope.is_zero else scaled(slope, argument)])
        case Sum():
            return _sum(list(parts))
        case Product(factors=factors):
            return _sum([_product([*factors[:k], p, *factors[k + 1 :]]) for k, p in enumerate(parts) if p is not None])
        case Transpose():
            return None if parts[0] is None else Transpose(parts[0])
        case Inverse():
            return None if parts[0] is None else scaled(-ONE, _product([node, parts[0], node]))
        case Power(argument=base, exponent=k):
            slope_of = parts[0]
            if slope_of is None:
                return None
            return _sum([_product([*_power(base, i), slope_of, *_power(base, k - 1 - i)]) for i in range(k)])
    raise TypeError(f"cannot differentiate {type(node).__name__}")


def _check_constant(atom: Atom, variable: _Variable) -> None:
    """Raise `InputError` where the matrix itself changes with the variable."""
    parameter = without_conjugate(variable)
    scalars: list[Scalar] = [*atom.shape]
    if atom.law is not None:
        scalars += atom.law.scalars()
        for part in atom.law.deterministic_parts():
            if _matrix(part, variable) is not None:
                raise _not_constant(atom, parameter)
    if any({parameter, Conjugate(parameter)} & generators_of(value) for value in scalars):
        raise _not_constant(atom, parameter)


def _not_constant(atom: Atom, parameter: Generator) -> InputError:
    return InputError(
        f"the shape or the law of {atom.name} depends on {parameter.name}",
        where="differentiate",
        remedy="write the dependence as a factor of a matrix that does not depend on it",
    )


def _sum(terms: list[Expr | None]) -> Expr | None:
    present = tuple(term for term in terms if term is not None)
    return Sum(present) if len(present) > 1 else present[0] if present else None


def _product(factors: list[Expr]) -> Expr:
    """The product with its numbers in front; inner products stay shared, as spelling them out may be exponential."""
    coefficient, matrices = ONE, []
    for factor in factors:
        match factor:
            case ScalarMatrix(value=value):
                coefficient = coefficient * value
            case Scaled(coefficient=value, argument=argument):
                coefficient = coefficient * value
                matrices.append(argument)
            case _:
                matrices.append(factor)
    if not matrices:
        return ScalarMatrix(coefficient, factors[0].rows)
    return scaled(coefficient, Product(tuple(matrices)) if len(matrices) > 1 else matrices[0])


def _power(base: Expr, exponent: int) -> tuple[Expr, ...]:
    return () if exponent == 0 else (base,) if exponent == 1 else (Power(base, exponent),)


# scalars ------------------------------------------------------------------------------------------------------------


def _scalar(value: Scalar, variable: _Variable) -> Scalar:
    """The chain rule through the generators of a scalar."""
    total = ZERO
    for index, generator in enumerate(value.gens):
        slope = _generator(generator, variable)
        if not slope.is_zero:
            total = total + _partial(value, index) * slope
    return total


def _partial(value: Scalar, index: int) -> Scalar:
    """The partial derivative of the fraction in its generator of this index."""
    num, den = numerator(value), denominator(value)
    top, bottom = (from_polynomial(value.gens, p.derivative(index)) for p in (value.num, value.den))
    return (top * den - num * bottom) / (den * den)


def _generator(generator: Generator, variable: _Variable) -> Scalar:
    if generator == variable:
        return ONE
    match generator:
        case Parameter() | Dimension() | ImaginaryUnit() | Conjugate(of=Parameter()):
            return ZERO
        case Trace(argument=argument):
            slope = _matrix(argument, variable)
            return ZERO if slope is None else _trace(slope)
        case Root(radicand=radicand):
            return _scalar(radicand, variable) / (2 * generator_scalar(generator))
        case Conjugate(of=Root(radicand=radicand)):  # real radicand: the conjugate root squares to it as well
            return _scalar(radicand, variable) / (2 * generator_scalar(generator))
    raise InputError(
        f"how {generator.name} depends on {variable.name} is not known",
        where="differentiate",
        remedy="differentiate scalars in parameters, dimensions and traces",
    )


def _trace(expr: Expr) -> Scalar:
    """The trace of a derivative, term by term, so that numbers come out."""
    match expr:
        case Sum(terms=terms):
            return sum((_trace(term) for term in terms), ZERO)
        case Scaled(coefficient=c, argument=argument):
            return c * _trace(argument)
    return tau(expr)
