"""`fpt-calc scale --beta B --synthetic P`: what the curve of a model does whose data are partly synthetic.

Nothing is looked up: the training pipelines are built here, and their errors are derived and scaled like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

import fpt_calc.api as fc
from fpt_calc.api import ErrorLaw, ScalingLaw
from fpt_calc.errors import InputError
from fpt_calc.scalars import is_nonnegative
from fpt_calc.scaling.polyhedra import Affine, Interval
from fpt_calc.scaling.regimes.constants import to_sympy
from fpt_calc.scaling.regimes.optimum import Optimum
from fpt_calc.scaling.shown.constants_text import constant_text
from fpt_calc.scaling.shown.presentation import affine_expression
from fpt_calc.scaling.zipf import ZipfLaw, asymptotics, cut, mixed

LARGEST = Fraction(64)  # of beta and r
LONG = 7  # characters of a fraction


@dataclass(frozen=True)
class Question:
    """beta of the spectrum, r of the source or None, the share of synthetic data."""

    beta: Fraction
    r: Fraction | None
    share: Fraction


def run(beta: str, r: str | None, share: str | None, as_json: bool) -> str:
    """The text or JSON to print; raises the errors of the contract."""
    question = Question(
        _number(beta, "--beta", Fraction(1), LARGEST),
        None if r is None else _number(r, "--r", Fraction(0), LARGEST),
        Fraction(0) if share is None else _number(share, "--synthetic", Fraction(0), Fraction(1)),
    )
    answer = _answer(question)
    return json.dumps(answer, indent=2) if as_json else "\n".join(map(_decimals, _text(question, answer)))


def _decimals(line: str) -> str:
    """A line for people: long fractions, which come from measured numbers, with six digits."""

    def shown(found: re.Match[str]) -> str:
        return found[0] if len(found[0]) <= LONG else f"{int(found[1]) / int(found[2]):.6g}"

    return re.sub(r"(\d+)/(\d+)", shown, line)


def _number(text: str, option: str, low: Fraction, high: Fraction) -> Fraction:
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(f"'{text[:40]}' is no number", where=option, remedy="write 1.4 or 7/5") from None
    if not low < value < high:
        raise InputError(f"{text[:40]} is out of range", where=option, remedy=f"give a number between {low} and {high}")
    return value


def _laws(question: Question) -> tuple[ScalingLaw, ScalingLaw]:
    """The law of clean data, and that of data of which a share T^-q is labelled by a displaced teacher."""
    T, d = fc.dims("T d")
    lam, sigma = fc.scalars("lam sigma", "positive")
    (share,) = fc.scalars("share", "fraction")
    Sigma, Delta = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Delta", d, d, "psd")
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    other = fc.teacher("generator", d, covariance=Delta, near=w0)

    def error(*data: Any) -> ErrorLaw:
        return fc.pipeline(fc.model("student", fc.ridge(lam), data), against=w0, covariance=Sigma).test_error()

    clean = error(fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma))
    mixture = error(
        fc.data("real", (1 - share) * T, covariance=Sigma, labels=w0, noise=sigma),
        fc.data("synthetic", share * T, covariance=Sigma, labels=other, noise=sigma),
    )
    r = "r" if question.r is None else question.r
    spectra: dict[str, Any] = {"Sigma": fc.spectrum(question.beta), "w0": fc.source(r, "b")}
    return (
        clean.scaling("T", lam="T**-ell", **spectra),
        mixture.scaling("T", lam="T**-ell", share="T**-q", Delta=fc.source(r, "delta"), **spectra),
    )


def _answer(question: Question) -> dict[str, Any]:
    """The optima for clean and mixed data as formulas, and the sizes at which the law changes."""
    clean, mixture = _laws(question)
    answer: dict[str, Any] = {
        "beta": str(question.beta),
        "r": None if question.r is None else str(question.r),
        "share": str(question.share),
        "clean": [_best(o) for o in clean.optimal("ell")],
    }
    if question.share:
        found = [_regime(o, question) for o in mixture.optimal("ell")]
        answer["mixed"] = sorted(found, key=lambda regime: (regime["if"], regime["sizes"]))  # "T <" before "T >"
    answer["zipf"] = _zipf(question)
    return answer


def _conditions(optimum: Optimum) -> list[str]:
    return [str(c) for c in optimum.conditions]


def _best(optimum: Optimum) -> dict[str, Any]:
    (own,) = optimum.best
    return {
        "if": _conditions(optimum),
        "lam": f"T**({-affine_expression(_end(own))})",
        "error": f"T**({affine_expression(optimum.exponent)})",
        "prefactor_of_lam": None if optimum.prefactor is None else constant_text(optimum.prefactor),
        "constant": None if optimum.constant is None else constant_text(optimum.constant),
    }


def _end(interval: Interval) -> Affine:
    end = interval.low if interval.low is not None else interval.high
    assert end is not None, "the ridge is bounded on one side"
    return end


def _regime(optimum: Optimum, question: Question) -> dict[str, Any]:
    """One range of sizes: q is log(1/share)/log(T), large for small sizes; a bound of q is a size, T^-q the share."""
    share = sympy.Rational(question.share.numerator, question.share.denominator)
    (own,) = optimum.best
    bounds = [(c.coefficient("q"), -c.constant / c.coefficient("q")) for c in optimum.cell.constraints]
    walls = [(1 / to_sympy(wall), slope) for slope, wall in bounds if not wall.is_zero]
    ends = [_power(-end) for end in (own.low, own.high) if end is not None]
    return {
        "if": _conditions(optimum),
        "sizes": [f"T {'<' if is_nonnegative(slope) else '>'} {_size(share, power)}" for power, slope in walls],
        "lam": list(dict.fromkeys(ends)),
        "error": _power(optimum.exponent),
    }


def _power(form: Affine) -> str:
    """``T**exponent`` with the share for T^-q."""
    T, share = sympy.Symbol("T", positive=True), sympy.Symbol("share", positive=True)
    return str(T ** to_sympy(form.constant) * share ** -to_sympy(form.coefficient("q")))


def _size(share: sympy.Rational, power: sympy.Expr) -> str:
    """``share**-power``, with its value where it is a number."""
    if power.free_symbols:
        return str(sympy.Symbol("share", positive=True) ** -power)
    return f"{float(sympy.Float(share, 20) ** -sympy.Float(power, 20)):.3g}"


def _zipf(question: Question) -> list[str]:
    """The other meaning of beta: frequencies of items in a learner that remembers."""
    law = ZipfLaw(question.beta)
    if not question.share:
        return [str(asymptotics(law, law))]
    real, k = sympy.symbols("real k", positive=True)
    return str(asymptotics(law, mixed(real, law, cut(law, k)))).splitlines()


def _text(question: Question, answer: dict[str, Any]) -> Iterator[str]:
    share = float(question.share)
    yield f"eigenvalues k^-{float(question.beta):g}, source lambda_k w_k^2 = b k^-(1 + 2 beta r)" + (
        "" if question.r is None else f" with r = {float(question.r):g}"
    )
    yield "ridge regression with label noise; constants of order one left out"
    yield ""
    yield "clean data: the best ridge, and the error with it"
    for best in answer["clean"]:
        yield _line(best["if"], f"lam ~ {best['lam']}, error ~ {best['error']}")
    if question.share:
        yield ""
        yield f"share = {share:g} of it synthetic (labels of a model that is displaced from the truth)"
        for regime in answer["mixed"]:
            lam = " ... ".join(regime["lam"])
            between = "any lam in the range " if len(regime["lam"]) > 1 else "lam ~ "
            floor = f" = {share**2:.3g}" if regime["error"] == "share**2" else ""
            yield _line(regime["if"] + regime["sizes"], f"{between}{lam}, error ~ {regime['error']}{floor}")
        yield "more data lower the error up to the size where the regimes meet; beyond it the share has to be lowered"
    yield ""
    yield "if beta is Zipf's exponent of items instead, a learner that remembers has the error"
    if question.share:
        yield f"(a share real = {1 - share:g} of the items is real, the others are from the law cut at k)"
    for line in answer["zipf"]:
        yield f"  {line}"


def _line(conditions: list[str], law: str) -> str:
    return f"  {', '.join(conditions)}: {law}" if conditions else f"  {law}"
