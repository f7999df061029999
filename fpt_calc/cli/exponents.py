"""The exponents with which measured curves are compared: derived when they are asked for, then evaluated at numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy

import fpt_calc.api as fc
from fpt_calc.scalars import Scalar, evaluate_scalar
from fpt_calc.scaling.polyhedra import Condition
from fpt_calc.scaling.zipf import ZipfLaw, asymptotics

NOISELESS, NOISY, ZIPF = "ridge, no label noise", "ridge, label noise", "Zipf"
Form = tuple[tuple[Condition, ...], Scalar]


@dataclass(frozen=True)
class Exponents:
    """Rates of decay, case by case in (beta, r) for ridges, and in beta for a learner of Zipf's items."""

    ridge: Mapping[str, tuple[Form, ...]]
    zipf: sympy.Expr

    def at(self, beta: float, r: float) -> dict[str, float]:
        """The rates at numbers; at the wall between two cases either one gives the same."""
        numbers = {"beta": beta, "r": r}
        found = {name: _value(forms, numbers) for name, forms in self.ridge.items()}
        return {**found, ZIPF: float(self.zipf.subs({s: beta for s in self.zipf.free_symbols}))}


def _value(forms: tuple[Form, ...], numbers: Mapping[str, float]) -> float:
    def number(value: Scalar) -> float:
        return float(evaluate_scalar(value, lambda g: numbers[g.name], float))

    worst = [min((c.sign * number(c.factor) for c in conditions), default=0.0) for conditions, _ in forms]
    return number(forms[worst.index(max(worst))][1])


@lru_cache(maxsize=1)
def derived_exponents() -> Exponents:
    """Derive ridge regression on a power law with noise sigma^2 = T^-s, and take the best ridge."""
    T, d = fc.dims("T d")
    lam, sigma = fc.scalars("lam sigma", "positive")
    Sigma = fc.matrix("Sigma", d, d, "psd")
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    student = fc.model("student", fc.ridge(lam), [fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)])
    error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    law = error.scaling("T", lam="T**-ell", sigma="T**(-s/2)", Sigma=fc.spectrum("beta"), w0=fc.source("r"))
    best = law.optimal("ell")
    noisy = tuple((o.conditions, -o.exponent.constant) for o in best if o.exponent.coefficient("s"))
    noiseless = tuple((o.conditions, -o.exponent.constant) for o in best if not o.exponent.coefficient("s"))
    beta = sympy.Symbol("beta", positive=True)
    (term,) = asymptotics(ZipfLaw(beta), ZipfLaw(beta)).regimes[0].terms
    ((_, decay),) = term.exponents
    return Exponents({NOISELESS: noiseless, NOISY: noisy}, -decay)
