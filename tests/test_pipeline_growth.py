"""Many generations: limits against the error after many of them, and powers against the roots of the secular equation.

The numbers are of one small point; a geometric rate leaves less than rounding after the generations that are computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.api.training import ErrorLaw, point_of
from fpt_calc.learning.evaluate import evaluate
from tests.pipeline_prints import T0, W0, Sigma, T, d, g, generations, lam, lam0, sigma, sigma0

SIZE, MANY = 8, 400
EIGENVALUES = 1 / np.arange(1, SIZE + 1)
ROUNDING = 1e-10  # relative; the values are sums of some hundred terms of one sign

Numbers = dict[str, Any]


def numbers(of: ErrorLaw, **more: Any) -> Numbers:
    """The values of what a law is declared with."""
    start = np.linspace(0.5, 1, SIZE)[:, None]
    known: Numbers = {"T": 20, "d": SIZE, "lam": 0.1, "lam0": 0.2, "sigma": 0.5, "sigma0": 0.25, "w0": start}
    known |= {"T0": 12, "Sigma": EIGENVALUES} | more
    declared = of._declared
    return {k: v for k, v in known.items() if k in (*declared.dims, *declared.scalars, *declared.matrices)}


def two_chains(inner: Any, outer: Any) -> ErrorLaw:
    """A chain that starts from the last generation of another one, as many generations again."""
    one = fc.data("one", T0, d, Sigma, labels=fc.previous, noise=sigma0)
    first = fc.generations(fc.model("early", inner, [one]), g, W0, name="first")
    two = fc.data("two", T, d, Sigma, labels=fc.previous, noise=sigma)
    second = fc.generations(fc.model("late", outer, [two]), g, first, name="second")
    return fc.pipeline(second, against=W0, covariance=Sigma).test_error()


def on_one_design() -> ErrorLaw:
    data = fc.data("synthetic", T0, d, Sigma, labels=fc.previous, noise=sigma0)
    chain = fc.generations(fc.model("generation", fc.ols(), [data]), g, W0, [data], name="chain")
    last = fc.data("real", T, d, Sigma, labels=chain, noise=sigma)
    return fc.pipeline(fc.model("student", fc.ridge(lam), [last]), against=W0, covariance=Sigma).test_error()


SATURATING = {
    "ridge": lambda: generations(fc.ridge(lam0), fc.ridge(lam), Sigma),
    "isotropic": lambda: generations(fc.ridge(lam0), fc.ridge(lam)),
    "two chains": lambda: two_chains(fc.ridge(lam0), fc.ridge(lam)),
    "least squares first": lambda: two_chains(fc.ols(), fc.ridge(lam)),
}
GROWING = {
    "least squares": lambda: generations(fc.ols(), fc.ridge(lam), Sigma),
    "one design": on_one_design,
    "least squares last": lambda: two_chains(fc.ridge(lam0), fc.ols()),
}


@pytest.mark.parametrize("name", SATURATING)
def test_the_error_saturates_at_its_limit(name: str) -> None:
    of = SATURATING[name]()
    limit = of.limit(g="oo")
    assert limit.kind == "saturates"
    found = evaluate(limit.derived.program, point_of(of, numbers(of, g=1)))
    late = of.at(**numbers(of, g=MANY))
    for part in ("error", "bias", "variance"):
        assert found[part] == pytest.approx(late[part], rel=ROUNDING)


@pytest.mark.parametrize("name", GROWING)
def test_the_error_grows_by_what_each_generation_adds(name: str) -> None:
    of = GROWING[name]()
    limit = of.limit(g="oo")
    assert limit.kind == "grows linearly"
    late, later = (of.at(**numbers(of, g=k))["error"] for k in (MANY, 2 * MANY))
    first, second = (evaluate(limit.derived.program, point_of(of, numbers(of, g=k))) for k in (MANY, 2 * MANY))
    assert first["error"] == pytest.approx(late, rel=ROUNDING)
    assert second["error"] - first["error"] == pytest.approx(later - late, rel=1e-8)
    assert limit.each.terms


def test_the_powers_of_a_generation_are_sums_over_the_roots() -> None:
    """``r``, the sums and the matrices as the theorem states them, in NumPy, against the recursion."""
    of = SATURATING["ridge"]()
    known, count = numbers(of), 5
    kappas = [_kappa(EIGENVALUES, known["lam0"], known["T0"]), _kappa(EIGENVALUES, known["lam"], known["T"])]
    (P, Q, alpha, noise), (p, q, own, added) = (
        _map(EIGENVALUES, k, n) for k, n in zip(kappas, (known["T0"], known["T"]), strict=True)
    )
    B0 = p**2 * EIGENVALUES + own * (EIGENVALUES * q).sum() * q
    mu = np.linalg.eigvals(np.diag(P**2) + alpha * np.outer(Q, Q)).real  # the roots of 1 = alpha Tr Q^2 (mu - P^2)^-1
    gaps = 1 / (mu[:, None] - P**2)
    r = gaps @ (B0 * Q) / (alpha * gaps**2 @ Q**2)
    s = known["sigma0"] ** 2 * noise * (r * (1 - mu**count) / (1 - mu)).sum()
    B = P ** (2 * count) * B0 + alpha * (r[:, None] * (mu[:, None] ** count - P ** (2 * count)) * gaps * Q).sum(0)
    C = -(P**count) * p * EIGENVALUES
    w = known["w0"][:, 0]
    at = of.at(**known, g=count)
    assert at["bias"] == pytest.approx(w**2 @ (B + 2 * C + EIGENVALUES), rel=ROUNDING)
    real = known["sigma"] ** 2 * added * (EIGENVALUES * q).sum()
    assert at["variance"] == pytest.approx(s + real, rel=ROUNDING)


def _kappa(eigenvalues: Any, ridge: float, size: int) -> float:
    """The root of ``ridge = kappa (1 - df1/size)`` by bisection."""
    low, high = 0.0, ridge + eigenvalues.sum() / size
    for _ in range(200):
        middle = (low + high) / 2
        above = middle * (1 - (eigenvalues / (eigenvalues + middle)).sum() / size) > ridge
        low, high = (low, middle) if above else (middle, high)
    return (low + high) / 2


def _map(eigenvalues: Any, kappa: float, size: int) -> tuple[Any, Any, float, float]:
    """P, Q, alpha and the factor of the noise."""
    P, Q = eigenvalues / (eigenvalues + kappa), eigenvalues / (eigenvalues + kappa) ** 2
    noise = 1 / (size - (P**2).sum())
    return P, Q, kappa**2 * noise, noise
