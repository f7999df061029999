"""Spectra of kernels on manifolds: the exponent and the constant of a power law from dimension and smoothness.

``scale (tau^2 + Laplacian)^-(s + D/2)`` is the kernel of smoothness s on a D-dimensional manifold; its native space is
the Sobolev space of order s + D/2.  Matern kernels of index s are that on tori, made periodic, and to leading order on
any submanifold with the distances of the space around.  Weyl's law counts the eigenvalues mu of the Laplacian, and
those of the kernel have the same order:

    #{mu_j <= mu} ~ W mu^(D/2),  W = omega_D volume/(2 pi)^D,       l_k = scale (tau^2 + mu_k)^-(s + D/2).

Eigenvalues of a kernel are those of ``f -> int k(., y) f(y) dy`` over the volume; for a uniform probability measure, as
for the matrix of a kernel at N sampled points over N, they are divided by the volume: put that into ``scale``.

Distances along a sphere have a second singularity, at the antipode.  There exp(-tau r) keeps the exponent, but its
eigenvalues alternate by a factor 1 -+ exp(-pi tau); (1 + tau r) exp(-tau r) is not positive definite.

Source: Weyl (1911); Whittle (1963) for Matern kernels as powers of the Laplacian; Gneiting (2013) for distances along
spheres.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch
from itertools import islice
from math import comb
from typing import Any

import sympy
from flint import fmpz_poly

from fpt_calc.errors import InputError

Value = Any  # int, Fraction, or a sympy expression: sympy ships no types


@dataclass(frozen=True)
class Torus:
    """The flat torus ``(R / side Z)^dimension``.

    Raises `InputError` unless the dimension is a positive integer and the side is positive.
    """

    dimension: int
    side: Value = 2 * sympy.pi

    def __post_init__(self) -> None:
        _integer(self.dimension, "dimension")
        _positive(self.side, "side")


@dataclass(frozen=True)
class Sphere:
    """The sphere of a dimension and a radius, in one dimension more.

    Raises `InputError` unless the dimension is a positive integer and the radius is positive.
    """

    dimension: int
    radius: Value = 1

    def __post_init__(self) -> None:
        _integer(self.dimension, "dimension")
        _positive(self.radius, "radius")


@dataclass(frozen=True)
class Level:
    """An eigenvalue, exact, and the dimension of its eigenspace."""

    eigenvalue: Value
    multiplicity: int


@dataclass(frozen=True)
class PowerSpectrum:
    """Eigenvalues ``l_k ~ constant k^-exponent``, both exact."""

    exponent: Value
    constant: Value


def manifold_spectrum(smoothness: Value, dimension: Value, volume: Value = 1, scale: Value = 1) -> PowerSpectrum:
    """The power law of a kernel on a manifold, by Weyl's law; it does not depend on the dimension of the space around.

    Parameters
    ----------
    smoothness : s > 0; the native space of the kernel is the Sobolev space of order s + D/2.
    dimension : D, a positive integer, or a positive sympy symbol.
    volume : of the manifold (`volume` for tori and spheres).
    scale : of the kernel's spectral density, ``scale mu^-(s + D/2)`` for large mu (`matern_scale`).

    Raises
    ------
    InputError
        for what is not positive, or a dimension that is no integer.

    >>> D, s = sympy.symbols("D s", positive=True)
    >>> manifold_spectrum(s, D).exponent
    1 + 2*s/D
    >>> manifold_spectrum(sympy.Rational(1, 2), 1, volume(Sphere(1)))
    PowerSpectrum(exponent=2, constant=4)
    """
    d, s = _dimension(dimension), _positive(smoothness, "smoothness")
    # k = W mu^(D/2) solved for mu, in the spectral density: l = (k/W)^-(s + D/2)/(D/2)
    exponent = sympy.expand((s + d / 2) / (d / 2))
    weyl = weyl_constant(d, _positive(volume, "volume"))
    return PowerSpectrum(exponent, sympy.simplify(_positive(scale, "scale") * weyl**exponent))


def source_exponent(target: Value, smoothness: Value, dimension: Value) -> Value:
    """r of the source condition ``l_k c_k^2 ~ k^-(1 + 2 beta r)`` for targets on the border of a Sobolev space.

    The target is sum_k f_k e_k with normalized eigenfunctions e_k, and f_k^2 = l_k c_k^2.  It is in the Sobolev space
    of order t if sum_k mu_k^t f_k^2 is finite, and mu_k^t ~ k^(2 t/D); the border is f_k^2 ~ k^-(1 + 2 t/D), that is
    2 beta r = 2 t/D.

    Parameters
    ----------
    target : t > 0, the order of the target's Sobolev space.
    smoothness, dimension : s and D of the kernel, as for `manifold_spectrum`.

    Raises `InputError` for what is not positive, or a dimension that is no integer.

    >>> D, s, t = sympy.symbols("D s t", positive=True)
    >>> source_exponent(t, s, D)
    t/(D + 2*s)
    >>> source_exponent(s + D/2, s, D)     # the native space of the kernel
    1/2
    """
    order = _positive(target, "target")
    beta = manifold_spectrum(smoothness, dimension).exponent
    return sympy.simplify(order / (_dimension(dimension) * beta))


def weyl_constant(dimension: Value, volume: Value) -> Value:
    """W = ``omega_D volume/(2 pi)^D``: about W mu^(D/2) eigenvalues of the Laplacian are at most mu.

    >>> weyl_constant(1, 2*sympy.pi), weyl_constant(2, 4*sympy.pi)       # the circle: mu = 0, 1, 1, 4, 4, 9, 9, ...
    (2, 1)
    """
    d = _dimension(dimension)
    ball = sympy.pi ** (d / 2) / sympy.gamma(d / 2 + 1)
    return sympy.simplify(ball * _positive(volume, "volume") / (2 * sympy.pi) ** d)


def matern_scale(smoothness: Value, dimension: Value, inverse_length: Value) -> Value:
    """The factor with which ``scale (tau^2 + mu)^-(s + D/2)`` is the spectral density of the Matern kernel in R^D.

    The kernel has k(x, x) = 1 and ``tau = sqrt(2 s)/length``; it is exp(-tau r) for s = 1/2 and (1 + tau r) exp(-tau r)
    for s = 3/2.  On a D-dimensional submanifold it has the same singularity at r = 0, and so the same spectral density
    to leading order.

    Parameters
    ----------
    smoothness, dimension : s and D, as for `manifold_spectrum`.
    inverse_length : tau > 0.

    Raises `InputError` for what is not positive, or a dimension that is no integer.

    >>> matern_scale(sympy.Rational(1, 2), 1, 3)       # exp(-3 |x|) has the Fourier transform 6/(9 + w^2)
    6
    """
    d, s = _dimension(dimension), _positive(smoothness, "smoothness")
    tau = _positive(inverse_length, "inverse_length")
    # k(0) = int (tau^2 + w^2)^-(s + D/2) dw/(2 pi)^D: the sphere's area times a Beta integral, w = tau sqrt(u)
    area = 2 * sympy.pi ** (d / 2) / sympy.gamma(d / 2)
    radial = tau ** (-2 * s) * sympy.gamma(d / 2) * sympy.gamma(s) / sympy.gamma(s + d / 2) / 2
    return sympy.simplify((2 * sympy.pi) ** d / (area * radial))


@singledispatch
def volume(manifold: object) -> Value:
    """The volume of a torus or a sphere.

    >>> volume(Torus(2)), volume(Sphere(2)), volume(Sphere(3, radius=2))
    (4*pi**2, 4*pi, 16*pi**2)
    """
    raise _no_manifold(manifold)


@volume.register
def _(manifold: Torus) -> Value:
    return sympy.sympify(manifold.side, strict=True) ** manifold.dimension


@volume.register
def _(manifold: Sphere) -> Value:
    ambient = sympy.Integer(manifold.dimension + 1)
    return (
        2
        * sympy.pi ** (ambient / 2)
        / sympy.gamma(ambient / 2)
        * sympy.sympify(manifold.radius, strict=True) ** (ambient - 1)
    )


@singledispatch
def laplacian_levels(manifold: object, count: int) -> list[Level]:
    """The smallest ``count`` different eigenvalues of minus the Laplacian, with multiplicities.

    >>> [(x.eigenvalue, x.multiplicity) for x in laplacian_levels(Torus(2), 5)]
    [(0, 1), (1, 4), (2, 4), (4, 4), (5, 8)]
    >>> [(x.eigenvalue, x.multiplicity) for x in laplacian_levels(Sphere(2), 4)]
    [(0, 1), (2, 3), (6, 5), (12, 7)]
    """
    raise _no_manifold(manifold)


@laplacian_levels.register
def _(manifold: Torus, count: int) -> list[Level]:
    """Waves exp(i w.x), w in (2 pi/side) Z^D: as many as an integer is a sum of D squares."""
    unit = (2 * sympy.pi / sympy.sympify(manifold.side, strict=True)) ** 2
    waves = _sums_of_squares(manifold.dimension)
    return [Level(unit * norm, number) for norm, number in islice(waves, _integer(count, "count"))]


@laplacian_levels.register
def _(manifold: Sphere, count: int) -> list[Level]:
    """Harmonic polynomials of degree l: all homogeneous ones but those that are |x|^2 times one of degree l - 2."""
    d, unit = manifold.dimension, 1 / sympy.sympify(manifold.radius, strict=True) ** 2
    return [
        Level(unit * degree * (degree + d - 1), comb(degree + d, d) - (comb(degree + d - 2, d) if degree > 1 else 0))
        for degree in range(_integer(count, "count"))
    ]


def kernel_levels(
    manifold: Torus | Sphere, smoothness: Value, count: int, inverse_length: Value = 1, scale: Value = 1
) -> list[Level]:
    """The largest ``count`` different eigenvalues of ``scale (tau^2 + Laplacian)^-(s + D/2)``, with multiplicities.

    On a torus this is the kernel of R^D with that spectral density, made periodic: Poisson's summation formula.

    Parameters
    ----------
    manifold : a `Torus` or a `Sphere`.
    smoothness : s > 0.
    count : how many.
    inverse_length : tau > 0.
    scale : a positive factor.

    Raises `InputError` for what is not positive, or a count that is no integer.

    >>> [(x.eigenvalue, x.multiplicity) for x in kernel_levels(Sphere(2), 1, 3)]
    [(1, 1), (1/9, 3), (1/49, 5)]
    """
    tau, factor = _positive(inverse_length, "inverse_length"), _positive(scale, "scale")
    levels = laplacian_levels(manifold, count)
    power = _positive(smoothness, "smoothness") + sympy.Rational(manifold.dimension, 2)
    return [Level(factor * (tau**2 + x.eigenvalue) ** -power, x.multiplicity) for x in levels]


def _sums_of_squares(terms: int) -> Iterator[tuple[int, int]]:
    """The integers that are sums of so many squares, in order, and in how many ways: powers of the theta series."""
    start, length = 0, 64
    while True:
        theta = [0] * length
        theta[0] = 1
        for root in range(1, length):
            if root * root >= length:
                break
            theta[root * root] = 2
        power = fmpz_poly([1])
        for _ in range(terms):
            power = fmpz_poly((power * fmpz_poly(theta)).coeffs()[:length])
        ways = [int(x) for x in power.coeffs()]
        yield from ((norm, ways[norm]) for norm in range(start, len(ways)) if ways[norm])
        start, length = length, 4 * length


def _no_manifold(value: object) -> InputError:
    return InputError(f"{value!r} is no manifold with a known spectrum", where="manifold", remedy="use Torus or Sphere")


def _integer(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{value!r} is no positive integer", where=where, remedy="give an integer >= 1")
    return value


def _dimension(value: Value) -> Value:
    """A positive integer, or an expression with symbols that may be one."""
    result = _positive(value, "dimension")
    if result.is_integer is False or (result.is_number and not result.is_integer):
        raise InputError(f"{value} is no integer", where="dimension", remedy="give an integer >= 1 or a symbol")
    return result


def _positive(value: Value, where: str) -> Value:
    """A number or expression that is positive; floats are refused, as what is returned is exact."""
    if isinstance(value, str | float | bool):
        remedy = "give an integer, a fraction or a sympy expression"
        raise InputError(f"{value!r} is no exact number", where=where, remedy=remedy)
    try:
        result = sympy.sympify(value, strict=True)
    except sympy.SympifyError:
        result = None
    if not isinstance(result, sympy.Expr):
        raise InputError(f"{value!r} is no number", where=where, remedy="give a number or a sympy expression")
    if result.has(sympy.Float) or not result.is_positive:
        remedy = 'give an exact number > 0, or symbols declared as symbols("x", positive=True)'
        raise InputError(f"{value} is not known to be positive", where=where, remedy=remedy)
    return result
