"""Spectra of kernels on manifolds: Weyl's law exactly, and the matrices of kernels at sampled points."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate, pairwise, product
from math import comb, factorial
from typing import Any

import numpy as np
import pytest
import sympy

from fpt_calc.errors import InputError
from fpt_calc.scaling.geometry import (
    Sphere,
    Torus,
    kernel_levels,
    laplacian_levels,
    manifold_spectrum,
    matern_scale,
    source_exponent,
    volume,
    weyl_constant,
)

Array = Any
HALF = Fraction(1, 2)


# exact spectra ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", range(1, 9))
def test_weyl_s_law_counts_the_harmonics(dimension: int) -> None:
    """Up to degree l there are C(l+D, D) + C(l+D-1, D) ~ 2 l^D/D! of them, and mu ~ l^2."""
    constant = weyl_constant(dimension, volume(Sphere(dimension)))
    assert constant == sympy.Rational(2, factorial(dimension))
    counts = accumulate(x.multiplicity for x in laplacian_levels(Sphere(dimension), 12))
    assert list(counts) == [comb(k + dimension, dimension) + comb(k + dimension - 1, dimension) for k in range(12)]


@pytest.mark.parametrize("dimension", range(1, 6))
def test_weyl_s_law_counts_the_waves(dimension: int) -> None:
    """Unit cubes around the integer points of a ball cover one whose radius is smaller by half their diagonal."""
    constant, half_diagonal = float(weyl_constant(dimension, volume(Torus(dimension)))), dimension**0.5 / 2
    levels = laplacian_levels(Torus(dimension), 150)
    for level, count in zip(levels, accumulate(x.multiplicity for x in levels), strict=True):
        radius = float(level.eigenvalue) ** 0.5
        inner = max(radius - half_diagonal, 0)
        assert constant * inner**dimension <= count <= constant * (radius + half_diagonal) ** dimension


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_multiplicities_of_waves_by_listing_them(dimension: int) -> None:
    waves = [sum(x * x for x in wave) for wave in product(range(-9, 10), repeat=dimension)]
    levels = laplacian_levels(Torus(dimension), 10)
    assert all(level.eigenvalue <= 81 for level in levels)  # so that the list is complete
    assert [(x.eigenvalue, x.multiplicity) for x in levels] == [
        (norm, waves.count(norm)) for norm in sorted(set(waves))[:10]
    ]


@pytest.mark.parametrize("manifold", [Torus(1, side=3), Torus(2), Sphere(1, radius=2), Sphere(2)])
def test_sizes_scale_eigenvalues(manifold: Torus | Sphere) -> None:
    double = Torus(manifold.dimension, 2 * manifold.side) if isinstance(manifold, Torus) else None
    double = double or Sphere(manifold.dimension, 2 * manifold.radius)
    assert volume(double) == 2**manifold.dimension * volume(manifold)
    pairs = zip(laplacian_levels(manifold, 30), laplacian_levels(double, 30), strict=True)
    assert all(a.eigenvalue == 4 * b.eigenvalue and a.multiplicity == b.multiplicity for a, b in pairs)


def test_the_circle_is_a_torus() -> None:
    assert laplacian_levels(Torus(1), 20) == laplacian_levels(Sphere(1), 20)
    assert kernel_levels(Torus(1), HALF, 20) == kernel_levels(Sphere(1), HALF, 20)


@pytest.mark.parametrize("smoothness", [HALF, 1, Fraction(5, 2)])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_eigenvalues_approach_the_power_law(dimension: int, smoothness: Fraction) -> None:
    """With R^2 = mu_k and r = (k/W)^(1/D), |r - R| is at most half a diagonal, which bounds the quotient."""
    tau, manifold = 2, Torus(dimension)
    law = manifold_spectrum(smoothness, dimension, volume(manifold), scale=7)
    levels = kernel_levels(manifold, smoothness, 300, inverse_length=tau, scale=7)
    counts = list(accumulate(x.multiplicity for x in levels))
    order = 2 * float(smoothness) + dimension
    for k, level, plain in zip(counts, levels, laplacian_levels(manifold, 300), strict=True):
        radius = float(plain.eigenvalue) ** 0.5
        if radius < dimension:
            continue
        quotient = np.log(float(level.eigenvalue) / (float(law.constant) * k ** -float(law.exponent)))
        slack = -order * np.log(1 - dimension**0.5 / 2 / radius) + order / 2 * np.log(1 + tau**2 / radius**2)
        assert abs(quotient) <= slack


def test_symbols_give_the_formulas() -> None:
    D, s, t = sympy.symbols("D s t", positive=True)
    assert sympy.simplify(manifold_spectrum(s, D).exponent - (1 + 2 * s / D)) == 0
    assert sympy.simplify(source_exponent(t, s, D) - t / (2 * s + D)) == 0
    assert sympy.simplify(manifold_spectrum(s, D).constant.subs({D: 3, s: 2}) - manifold_spectrum(2, 3).constant) == 0


@pytest.mark.parametrize(("target", "smoothness", "dimension"), [(1, HALF, 1), (2, Fraction(3, 2), 2), (3, 1, 3)])
def test_source_conditions_from_partial_sums(target: int, smoothness: Fraction, dimension: int) -> None:
    """l_k c_k^2 = k^-(1 + 2 beta r) makes the norm of the target diverge just so: each octave adds as much."""
    beta, r = (
        float(manifold_spectrum(smoothness, dimension).exponent),
        float(source_exponent(target, smoothness, dimension)),
    )
    levels = laplacian_levels(Torus(dimension), 300)
    mu = np.concatenate([np.full(x.multiplicity, float(x.eigenvalue)) for x in levels])
    k = np.arange(1, len(mu) + 1)
    terms = mu**target * k ** -(1 + 2 * beta * r)
    octaves = [terms[n : 2 * n].sum() for n in (len(mu) // 8, len(mu) // 4, len(mu) // 2)]
    radii = [mu[n] ** 0.5 for n in (len(mu) // 8, len(mu) // 4)]
    for (a, b), radius in zip(pairwise(octaves), radii, strict=True):
        # mu_k is (k/W)^(2/D) up to a factor (1 +- diagonal/2/R)^2, on both sides
        assert abs(np.log(b / a)) < -4 * target * np.log(1 - dimension**0.5 / 2 / radius)


# Matern kernels ---------------------------------------------------------------------------------------------------


def matern(r: Array, smoothness: Fraction, tau: float) -> Array:
    return np.exp(-tau * r) * (1 if smoothness == HALF else 1 + tau * r)


@pytest.mark.parametrize("smoothness", [HALF, Fraction(3, 2)])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_scale_by_inverting_the_transform(smoothness: Fraction, dimension: int) -> None:
    """``int scale (tau^2 + w^2)^-(s + D/2) dw/(2 pi)^D = 1``, radially and in exact arithmetic."""
    tau, w = sympy.Integer(3), sympy.symbols("w", positive=True)
    s = sympy.Rational(smoothness.numerator, smoothness.denominator)
    area = 2 * sympy.pi ** sympy.Rational(dimension, 2) / sympy.gamma(sympy.Rational(dimension, 2))
    density = matern_scale(smoothness, dimension, tau) * (tau**2 + w**2) ** -(s + sympy.Rational(dimension, 2))
    whole = sympy.integrate(area * w ** (dimension - 1) * density, (w, 0, sympy.oo)) / (2 * sympy.pi) ** dimension
    assert sympy.simplify(whole - 1) == 0


@pytest.mark.parametrize("smoothness", [HALF, Fraction(3, 2)])
def test_a_periodic_kernel_has_the_levels_of_the_torus(smoothness: Fraction) -> None:
    """Eigenvalues of the circulant matrix of the periodized kernel; aliasing adds the levels beyond the grid."""
    grid, side, tau = 4096, 2 * np.pi, 1.0
    x = np.arange(grid) * side / grid
    images = sum(matern(np.abs(x + side * m), smoothness, tau) for m in range(-8, 9))  # the next are e^-50
    found = np.sort(np.fft.fft(images).real)[::-1] / grid * side
    scale = matern_scale(smoothness, 1, 1)
    levels = kernel_levels(Torus(1), smoothness, 20, scale=scale)
    expected = np.concatenate([np.full(x.multiplicity, float(x.eigenvalue)) for x in levels])
    aliasing = 4 * float(scale) * (grid / 2) ** -(2 * float(smoothness) + 1)
    assert np.all(np.abs(found[: len(expected)] - expected) <= aliasing + 1e-13)


def harmonic_eigenvalues(degrees: int, smoothness: Fraction, tau: float) -> Array:
    """With the distances r of the space around S^2, for the uniform measure: ``1/2 int k(r) P_l(1 - r^2/2) r dr``."""
    nodes, weights = np.polynomial.legendre.leggauss(600)
    r = nodes + 1
    values = np.polynomial.legendre.legvander(1 - r**2 / 2, degrees)
    return (weights * matern(r, smoothness, tau) * r) @ values / 2


def circle_eigenvalues(degrees: int, smoothness: Fraction, tau: float) -> Array:
    """The same on S^1: ``1/(2 pi) int k(2 sin(x/2)) cos(n x) dx``."""
    nodes, weights = np.polynomial.legendre.leggauss(600)
    x = np.pi * (nodes + 1)
    return (weights * matern(2 * np.sin(x / 2), smoothness, tau)) @ np.cos(np.outer(x, np.arange(degrees + 1))) / 2


def torus_eigenvalues(smoothness: Fraction, tau: float, grid: int = 256) -> Array:
    """The same on the product of two unit circles, for each wave: a discrete Fourier transform."""
    squares = 4 * np.sin(np.arange(grid) * np.pi / grid) ** 2
    return np.fft.fft2(matern(np.sqrt(squares[:, None] + squares), smoothness, tau)).real / grid**2


@pytest.mark.parametrize("smoothness", [HALF, Fraction(3, 2)])
@pytest.mark.parametrize(("dimension", "eigenvalues"), [(1, circle_eigenvalues), (2, harmonic_eigenvalues)])
def test_spheres_in_space_have_the_constant_of_the_kernel(
    dimension: int, eigenvalues: Callable[..., Array], smoothness: Fraction
) -> None:
    """With distances of the space around; the correction is of relative order l^-2, and is seen to decrease so."""
    tau = 1.5
    found = eigenvalues(128, smoothness, tau)
    sphere = Sphere(dimension)
    scale = float(matern_scale(smoothness, dimension, sympy.Rational(3, 2)) / volume(sphere))
    mu = np.array([float(x.eigenvalue) for x in laplacian_levels(sphere, 129)])
    error = [abs(found[d] / (scale * mu[d] ** -(float(smoothness) + dimension / 2)) - 1) for d in (16, 32, 64)]
    assert error[0] < 0.05 and all(3 < a / b < 5 for a, b in pairwise(error))


@pytest.mark.parametrize("smoothness", [HALF, Fraction(3, 2)])
def test_a_torus_in_space_has_the_constant_of_the_kernel(smoothness: Fraction) -> None:
    tau, grid = 1.5, 1024
    found = torus_eigenvalues(smoothness, tau, grid)
    scale = float(matern_scale(smoothness, 2, sympy.Rational(3, 2)) / volume(Torus(2)))
    error = [abs(found[n, n] / (scale * (2.0 * n * n) ** -(float(smoothness) + 1)) - 1) for n in (5, 10, 20)]
    assert all(3 < a / b < 5 for a, b in pairwise(error))


def test_distances_along_the_circle_are_singular_twice() -> None:
    grid, tau = 512, 0.5
    x = np.arange(grid) * 2 * np.pi / grid
    distance = np.minimum(x, 2 * np.pi - x)
    rough, smooth = (np.fft.fft(matern(distance, s, tau)).real[: grid // 8] for s in (HALF, Fraction(3, 2)))
    n = np.arange(grid // 8)
    limit = 1 - (-1.0) ** n * np.exp(-tau * np.pi)
    quotient = rough / grid / (tau / np.pi / (tau**2 + n**2)) / limit
    # the trapezoidal rule at two kinks is off by a relative (n h)^2/12
    assert np.all(np.abs(quotient - 1) < (n**2 + 1) * (2 * np.pi / grid) ** 2 / 6)
    assert smooth.min() < 0 < smooth[1]


# sampled points ---------------------------------------------------------------------------------------------------


def circle(rng: Any, n: int) -> Array:
    t = rng.uniform(0, 2 * np.pi, n)
    return np.c_[np.cos(t), np.sin(t)]


def sphere(rng: Any, n: int) -> Array:
    x = rng.normal(size=(n, 3))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def curve(rng: Any, n: int) -> Array:
    """A closed curve that spans twenty dimensions."""
    t = rng.uniform(0, 2 * np.pi, n)
    return np.hstack([np.c_[np.cos(j * t), np.sin(j * t)] / j**2 for j in range(1, 11)])


def torus(rng: Any, n: int) -> Array:
    """The flat torus in four dimensions, a product of two circles."""
    return np.hstack([circle(rng, n), circle(rng, n)])


def in_space(x: Array, smoothness: Fraction, tau: float) -> Array:
    squares = np.sum(x**2, axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * x @ x.T, 0))
    np.fill_diagonal(distances, 0)
    return matern(distances, smoothness, tau)


def along_sphere(x: Array, smoothness: Fraction, tau: float) -> Array:
    return matern(np.arccos(np.clip(x @ x.T, -1, 1)), smoothness, tau)


def slope(values: Array, first: int, last: int) -> float:
    k = np.arange(first, last + 1)
    return float(-np.polyfit(np.log(k), np.log(values[first - 1 : last]), 1)[0])


def sampled_slopes(
    points: Callable[..., Array], kernel: Callable[..., Array], smoothness: Fraction, tau: float, n: int, seeds: int
) -> Array:
    matrices = (kernel(points(np.random.default_rng(seed), n), smoothness, tau) / n for seed in range(seeds))
    return np.array([slope(np.linalg.eigvalsh(m)[::-1], *RANGE) for m in matrices])


RANGE = (8, 48)  # of the eigenvalues that are fitted: past the first harmonics, far below the number of points


def in_order(values: Array, copies: list[int]) -> Array:
    return np.sort(np.repeat(values, copies))[::-1]


def model_values(manifold: Torus | Sphere, smoothness: Fraction, tau: float) -> Array:
    levels = kernel_levels(manifold, smoothness, 49, sympy.Rational(tau))
    return in_order(np.array([float(x.eigenvalue) for x in levels]), [x.multiplicity for x in levels])


def exact_values(name: str, smoothness: Fraction, tau: float) -> Array:
    """The eigenvalues of the integral operator, in order, up to a factor."""
    match name:
        case "circle":
            return in_order(circle_eigenvalues(49, smoothness, tau), [1] + [2] * 49)
        case "sphere":
            return in_order(harmonic_eigenvalues(49, smoothness, tau), [2 * d + 1 for d in range(50)])
    return np.sort(torus_eigenvalues(smoothness, tau).ravel())[::-1]


SAMPLES = {
    "circle": (circle, in_space, 0.5, Sphere(1)),
    "sphere": (sphere, in_space, 0.5, Sphere(2)),
    "torus": (torus, in_space, 0.5, Torus(2)),
}


def check_sample(name: str, smoothness: Fraction, n: int, seeds: int) -> None:
    """Means over draws of n and 2n points.

    The bias at 2n is at most 2.5 times their difference if it decreases like n^-1/2 or faster.  Other dimensions are
    excluded: their slopes over the same eigenvalues differ by clearly more than that.
    """
    points, kernel, tau, manifold = SAMPLES[name]
    few, many = (sampled_slopes(points, kernel, smoothness, tau, size, seeds) for size in (n, 2 * n))
    deviation = float(np.hypot(few.std(ddof=1), many.std(ddof=1))) / seeds**0.5
    tolerance = 2.5 * abs(many.mean() - few.mean()) + 3 * deviation
    expected = slope(exact_values(name, smoothness, tau), *RANGE)
    assert abs(many.mean() - expected) < tolerance
    for dimension in {manifold.dimension + 1, max(manifold.dimension - 1, 1)} - {manifold.dimension}:
        other = slope(model_values(type(manifold)(dimension), smoothness, tau), *RANGE)
        assert abs(other - expected) > 1.5 * tolerance


@pytest.mark.parametrize("smoothness", [HALF, Fraction(3, 2)])
@pytest.mark.parametrize("name", SAMPLES)
def test_kernel_matrices_at_sampled_points(name: str, smoothness: Fraction) -> None:
    check_sample(name, smoothness, 600, 4)


@pytest.mark.slow
@pytest.mark.parametrize("smoothness", [HALF, Fraction(3, 2)])
@pytest.mark.parametrize("name", SAMPLES)
def test_kernel_matrices_at_more_points(name: str, smoothness: Fraction) -> None:
    check_sample(name, smoothness, 700, 3)


@pytest.mark.parametrize(("points", "kernel"), [(curve, in_space), (sphere, along_sphere)])
def test_the_exponent_is_that_of_the_manifold(points: Callable[..., Array], kernel: Callable[..., Array]) -> None:
    """A curve in twenty dimensions, and distances along a sphere: of all dimensions only the manifold's fits."""
    dimension = 1 if points is curve else 2
    found = sampled_slopes(points, kernel, HALF, 0.5, 600, 4).mean()
    distance = {d: abs(found - float(manifold_spectrum(HALF, d).exponent)) for d in (1, 2, 3, 20)}
    assert distance[dimension] < min(distance[d] for d in distance if d != dimension) / 3


# bad input --------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "rough": (lambda: manifold_spectrum(0, 1), "smoothness"),
    "rougher": (lambda: manifold_spectrum(-HALF, 1), "smoothness"),
    "no dimension": (lambda: manifold_spectrum(1, 0), "dimension"),
    "half a dimension": (lambda: manifold_spectrum(1, HALF), "dimension"),
    "a real symbol": (lambda: manifold_spectrum(sympy.Symbol("s", real=True), 1), "smoothness"),
    "a float": (lambda: manifold_spectrum(0.5, 1), "smoothness"),
    "a hidden float": (lambda: manifold_spectrum(sympy.Float(0.5), 1), "smoothness"),
    "text": (lambda: manifold_spectrum("__import__('os')", 1), "smoothness"),
    "a list": (lambda: manifold_spectrum([1], 1), "smoothness"),
    "truth": (lambda: manifold_spectrum(True, 1), "smoothness"),
    "no volume": (lambda: manifold_spectrum(1, 1, volume=0), "volume"),
    "negative scale": (lambda: manifold_spectrum(1, 1, scale=-1), "scale"),
    "negative target": (lambda: source_exponent(-1, 1, 1), "target"),
    "a torus of dimension 0": (lambda: Torus(0), "dimension"),
    "a torus of symbolic dimension": (lambda: Torus(sympy.Symbol("D", positive=True)), "dimension"),
    "a flat torus": (lambda: Torus(2, side=0), "side"),
    "a point": (lambda: Sphere(2, radius=0), "radius"),
    "a sphere of dimension 3/2": (lambda: Sphere(Fraction(3, 2)), "dimension"),  # type: ignore[arg-type]
    "no levels": (lambda: laplacian_levels(Sphere(2), 0), "count"),
    "no manifold": (lambda: volume("sphere"), "manifold"),
    "no levels of no manifold": (lambda: laplacian_levels(3, 1), "manifold"),
    "infinite length": (lambda: kernel_levels(Sphere(2), 1, 3, inverse_length=0), "inverse_length"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_one_line(name: str) -> None:
    call, part = BAD[name]
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.where == part and caught.value.remedy and "\n" not in str(caught.value)
