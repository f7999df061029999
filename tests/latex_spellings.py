"""Random formulas spelled in LaTeX in the many ways of papers, with their values, and an evaluation of what is read.

The value of a formula is computed with NumPy while it is spelled; it shares nothing with the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from fpt_calc.expr import Atom, Expr
from fpt_calc.scalars import ONE, Parameter, Scalar, dimension, generator_scalar

N, D = 5, 4
_rng = np.random.default_rng(7)


def _matrix(rows: int, cols: int) -> np.ndarray:
    return _rng.standard_normal((rows, cols)) / D**0.5


def _psd() -> np.ndarray:
    a = _matrix(D, D)
    return a @ a.T + 0.2 * np.eye(D)


def _root(a: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(a)
    return (vectors * values**0.5) @ vectors.T


n, d = dimension("n"), dimension("d")
NAMES: dict[str, Expr | Scalar] = {
    "n": n,
    "d": d,
    **{name: generator_scalar(Parameter(name, "positive")) for name in ("kappa", "lam", "sigma0", "p1")},
    "df2": generator_scalar(Parameter("df2")),
    "z": generator_scalar(Parameter("z", "complex")),
    **{name: Atom(name, d, d, facts=frozenset({"psd"})) for name in ("Sigma", "Test", "S1")},
    **{name: Atom(name, d, d) for name in ("A", "B", "Sigma_hat")},
    "C": Atom("C", d, d, entries="complex"),
    "X": Atom("X", n, d),
    "w": Atom("w", d, ONE),
    "w_star": Atom("w_star", d, ONE),
}
VALUES: dict[str, Any] = {
    "n": N,
    "d": D,
    "kappa": 0.7,
    "lam": 1.3,
    "sigma0": 0.4,
    "p1": 0.3,
    "df2": 2.1,
    "z": 0.6 - 0.8j,
    **{name: _psd() for name in ("Sigma", "Test", "S1")},
    **{name: _matrix(D, D) for name in ("A", "B", "Sigma_hat")},
    "C": _matrix(D, D) + 1j * _matrix(D, D),
    "X": _matrix(N, D),
    "w": _matrix(D, 1),
    "w_star": _matrix(D, 1),
}
SYMBOLS = {
    "kappa": (r"\kappa", "{\\kappa}"),
    "lam": (r"\lambda",),
    "sigma0": (r"\sigma_0", r"\sigma_{0}", r"{\sigma}_0"),
    "p1": ("p_1", "p_{1}"),
    "n": ("n",),
    "d": ("d", "{d}"),
    "df2": (r"\mathrm{df}_2", r"\operatorname{df}_{2}(\kappa)", r"\df_2\left(\kappa\right)", r"\mathrm{df}_2[\kappa]"),
    "Sigma": (r"\Sigma", r"\Sigma"),
    "Test": (r"\mathrm{Test}", r"\text{Test}"),
    "S1": ("S_1", "S_{1}"),
    "A": ("A", "A"),
    "B": ("B",),
    "Sigma_hat": (r"\hat\Sigma", r"\hat{\Sigma}", r"\widehat\Sigma"),
    "w": ("w",),
    "w_star": (r"w_\star", "w_*", r"w_{\mathrm{star}}"),
}
BRACKETS = (
    ("(", ")"),
    (r"\bigl(", r"\bigr)"),
    (r"\left(", r"\right)"),
    ("[", "]"),
    (r"\Bigl[", r"\Bigr]"),
    (r"\{", r"\}"),
)
TRANSPOSES = (r"^\top", r"^{\top}", "^T", r"^{\mathsf T}", r"^{\mathsf{T}}", r"^\intercal", "'", r"^{\prime}")


@dataclass(frozen=True)
class Spelled:
    """LaTeX with its value.

    Attributes
    ----------
    strength : 0 a sum, 1 a product, 2 a factor with a superscript, 3 a letter or what is in brackets.
    size : a bound of the terms that were added up, for the error of rounding.
    """

    latex: str
    value: Any
    strength: int
    size: float


@st.composite
def scalars(draw: st.DrawFn, depth: int = 2) -> Spelled:
    """A random scalar formula."""
    return _Speller(draw).scalar(depth)


@st.composite
def matrices(draw: st.DrawFn, depth: int = 2) -> Spelled:
    """A random d x d formula."""
    return _Speller(draw).matrix(depth)


class _Speller:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def gap(self) -> str:
        return str(self.pick(" ", " ", r"\,", r"\; ", r"\! ", "\n"))

    def bracketed(self, x: Spelled) -> Spelled:
        left, right = self.pick(
            ("(", ")"),
            (r"\bigl(", r"\bigr)"),
            (r"\left(", r"\right)"),
            ("[", "]"),
            (r"\Bigl[", r"\Bigr]"),
            (r"\{", r"\}"),
        )
        return Spelled(f"{left}{x.latex}{right}", x.value, 3, x.size)

    def at_least(self, x: Spelled, strength: int) -> Spelled:
        return x if x.strength >= strength else self.bracketed(x)

    def name(self, *names: str) -> Spelled:
        name = self.pick(*names)
        value = VALUES[name]
        return Spelled(self.pick(*SYMBOLS[name]), value, 3, float(np.abs(value).max()))

    # scalars --------------------------------------------------------------------------------------------------

    def scalar(self, depth: int) -> Spelled:
        if depth == 0:
            return self.name("kappa", "lam", "sigma0", "p1", "n", "d", "df2")
        kind = self.pick(
            "sum", "product", "product", "fraction", "trace", "trace", "form", "norm", "power", "slash", "z"
        )
        found: Spelled = getattr(self, f"_{kind}")(depth - 1)
        return found

    def _sum(self, depth: int) -> Spelled:
        return self._added([self.scalar(depth) for _ in range(self.pick(2, 3))])

    def _added(self, terms: list[Spelled]) -> Spelled:
        latex, value = "", 0
        for k, term in enumerate(terms):
            minus = self.pick(False, False, True)
            body = self.at_least(term, 1).latex
            latex += f"{'-' if minus else '+' if k else ''}{self.gap() if k else ''}{body}"
            value = value - term.value if minus else value + term.value
        return Spelled(latex, value, 0, sum(t.size for t in terms))

    def _product(self, depth: int) -> Spelled:
        last = self.scalar(depth)
        if last.latex[0] in "0123456789.":  # a number may not follow a factor
            last = self.bracketed(last)
        parts = [self._number()] * self.pick(0, 1) + [self.name("kappa", "lam", "n", "sigma0")]
        parts += [self._power(0)] * self.pick(0, 1)
        return self._joined([*parts, self.at_least(last, 1)])

    def _joined(self, parts: list[Spelled]) -> Spelled:
        latex, value, size = parts[0].latex, parts[0].value, parts[0].size
        for part in parts[1:]:
            latex += self.pick(self.gap(), self.gap(), r" \cdot ", r" \times ") + part.latex
            value, size = value * part.value, size * part.size
        return Spelled(latex, value, 1, size)

    def _number(self) -> Spelled:
        text, value = self.pick(("2", 2), ("0.5", 0.5), (".25", 0.25), (r"\frac12", 0.5), (r"\tfrac{3}{4}", 0.75))
        return Spelled(text, value, 2, 1)

    def _fraction(self, depth: int) -> Spelled:
        top, bottom = self.scalar(depth), self.name("kappa", "n", "d", "lam")
        command = self.pick(r"\frac", r"\dfrac", r"\tfrac")
        return Spelled(
            f"{command}{{{top.latex}}}{{{bottom.latex}}}", top.value / bottom.value, 2, top.size / bottom.value
        )

    def _slash(self, depth: int) -> Spelled:
        top = self.at_least(self.scalar(depth), 2)
        bottom = self.name("kappa", "n", "d")
        if self.pick(False, True):
            both = self._joined([bottom, self.name("lam")])
            bottom = Spelled(f"({both.latex})", both.value, 3, both.size)
        latex = f"{top.latex}{self.pick('/', ' / ')}{bottom.latex}"
        return Spelled(latex, top.value / bottom.value, 0, top.size / abs(bottom.value))  # nothing may follow it

    def _power(self, depth: int) -> Spelled:
        base = self.name("kappa", "lam", "sigma0")
        text, exponent = self.pick(("^2", 2), ("^{3}", 3), ("^{-1}", -1), ("^{1/2}", 0.5), (r"^{-\frac{1}{2}}", -0.5))
        value = base.value**exponent
        return Spelled(base.latex + text, value, 2, abs(value))

    def _z(self, depth: int) -> Spelled:
        text, value = self.pick(
            ("z", VALUES["z"]), (r"\bar z", VALUES["z"].conjugate()), (r"\overline{z}", VALUES["z"].conjugate())
        )
        return Spelled(text, value, 3, 1)

    def _trace(self, depth: int) -> Spelled:
        inner = self.matrix(depth)
        sign, scale = self.pick(
            (r"\operatorname{tr}", 1), (r"\mathrm{Tr}", 1), (r"\Tr", 1), (r"\bar{\mathrm{tr}}", D), (r"\tau", D),
            (r"\overline{\operatorname{tr}}", D), (r"\frac{1}{d}\tr", D),
        )  # fmt: skip
        value, size = np.trace(inner.value) / scale, D * inner.size
        form = self.pick("bracketed", "bare", "squared")
        opens = inner.latex.startswith(tuple(left for left, _ in BRACKETS))
        if form == "bare" and sign != r"\tau" and inner.strength and not opens and r"\cdot" not in inner.latex:
            return Spelled(f"{sign} {inner.latex}", value, 1, size)
        argument = self.bracketed(inner).latex
        if form == "squared" and not sign.startswith(r"\frac"):
            latex = self.pick(f"{sign}^2{argument}", f"{sign}{argument}^2")
            return Spelled(latex, value**2, 1, size**2)
        return Spelled(f"{sign}{self.gap()}{argument}", value, 1, size)

    def _form(self, depth: int) -> Spelled:
        left, right, inner = self.name("w", "w_star"), self.name("w", "w_star"), self.at_least(self.matrix(depth), 1)
        value = (left.value.T @ inner.value @ right.value).item()
        latex = f"{left.latex}{self._transposed()}{self.gap()}{self.at_least(inner, 1).latex} {right.latex}"
        return Spelled(latex, value, 0, D**2 * inner.size * left.size * right.size)

    def _norm(self, depth: int) -> Spelled:
        left, right = self.pick((r"\|", r"\|"), (r"\lVert ", r"\rVert"), (r"\left\|", r"\right\|"))
        form = self.pick("plain", "weighted", "frobenius")
        vector = self.name("w", "w_star")
        if form == "frobenius":
            x = self.name("A", "B", "Sigma")
            scripts = self.pick("_F^2", r"_{\mathrm{F}}^2", r"^2_F")
            return Spelled(f"{left}{x.latex}{right}{scripts}", (x.value**2).sum(), 2, D**2 * x.size**2)
        size = D**2 * vector.size**2
        if form == "plain":
            scripts = self.pick("^2", "_2^2")
            return Spelled(f"{left}{vector.latex}{right}{scripts}", (vector.value**2).sum(), 2, size)
        weight = self.name("Sigma", "A", "Test")
        value = (vector.value.T @ weight.value @ vector.value).item()
        return Spelled(f"{left}{vector.latex}{right}_{{{weight.latex}}}^2", value, 2, D**2 * size * weight.size)

    # matrices -------------------------------------------------------------------------------------------------

    def matrix(self, depth: int) -> Spelled:
        if depth == 0:
            return self.name("Sigma", "Test", "S1", "A", "B", "Sigma_hat")
        kind = self.pick(
            "resolvent", "resolvent", "chain", "chain", "matrix_sum", "scaled", "flipped", "square", "half", "gram"
        )
        found: Spelled = getattr(self, f"_{kind}")(depth - 1)
        return found

    def _transposed(self) -> str:
        return str(
            self.pick(r"^\top", r"^{\top}", "^T", r"^{\mathsf T}", r"^{\mathsf{T}}", r"^\intercal", "'", r"^{\prime}")
        )

    def _eye(self) -> str:
        return str(self.pick("I", "I_d", r"\mathbf{I}_d", r"\mathbb{1}", r"\operatorname{Id}", r"\mathrm{I}_{d}"))

    def _resolvent(self, depth: int) -> Spelled:
        base, pole = self.name("Sigma", "Test", "S1"), self.name("kappa", "lam")
        shift = self.pick(pole.latex, f"{pole.latex} {self._eye()}")
        order = self.pick(1, 1, 2)
        inner = self.bracketed(Spelled(f"{base.latex}+{shift}", None, 0, 0))
        value = np.linalg.matrix_power(np.linalg.inv(base.value + pole.value * np.eye(D)), order)
        return Spelled(f"{inner.latex}^{{-{order}}}", value, 2, pole.value**-order * 10)

    def _chain(self, depth: int) -> Spelled:
        parts = [self.at_least(self.matrix(depth), 2) for _ in range(self.pick(2, 3))]
        latex, value, size = parts[0].latex, parts[0].value, parts[0].size
        for part in parts[1:]:
            latex += self.pick(self.gap(), r" \cdot ") + part.latex
            value, size = value @ part.value, D * size * part.size
        return Spelled(latex, value, 1, size)

    def _matrix_sum(self, depth: int) -> Spelled:
        return self._added([self.matrix(depth), self.matrix(depth)])

    def _scaled(self, depth: int) -> Spelled:
        c, x = self.at_least(self.scalar(depth), 2), self.at_least(self.matrix(depth), 1)
        return Spelled(f"{c.latex}{self.gap()}{x.latex}", c.value * x.value, 1, D * c.size * x.size)

    def _flipped(self, depth: int) -> Spelled:
        x = self.name("A", "B")
        return Spelled(x.latex + self._transposed(), x.value.T, 2, x.size)

    def _square(self, depth: int) -> Spelled:
        x = self.name("Sigma", "A")
        return Spelled(x.latex + self.pick("^2", "^{2}"), x.value @ x.value, 2, D * x.size**2)

    def _half(self, depth: int) -> Spelled:
        x = self.name("Sigma", "Test")
        text = self.pick(f"{x.latex}^{{1/2}}", f"\\sqrt{{{x.latex}}}", f"{x.latex}^\\frac12")
        return Spelled(text, _root(x.value), 2, D * x.size**0.5)

    def _gram(self, depth: int) -> Spelled:
        x = VALUES["X"]
        return Spelled(f"X{self._transposed()} X", x.T @ x, 1, N * float(np.abs(x).max()) ** 2)


# what is read, evaluated ----------------------------------------------------------------------------------------------


@dataclass
class Matrix:
    """A matrix in the sense of problem files: an added number means that multiple of the identity."""

    array: np.ndarray

    @property
    def T(self) -> Matrix:
        return Matrix(self.array.T)

    @property
    def H(self) -> Matrix:
        return Matrix(self.array.conj().T)

    def __matmul__(self, other: Matrix) -> Matrix:
        return Matrix(self.array @ other.array)

    def __add__(self, other: Any) -> Matrix:
        return Matrix(self.array + (other.array if isinstance(other, Matrix) else other * np.eye(len(self.array))))

    __radd__ = __add__

    def __neg__(self) -> Matrix:
        return Matrix(-self.array)

    def __sub__(self, other: Any) -> Matrix:
        return self + -other

    def __rsub__(self, other: Any) -> Matrix:
        return -self + other

    def __mul__(self, number: Any) -> Matrix:
        assert not isinstance(number, Matrix)
        return Matrix(self.array * number)

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> Matrix:
        assert not isinstance(number, Matrix)
        return Matrix(self.array / number)

    def __pow__(self, exponent: int) -> Matrix:
        return Matrix(np.linalg.matrix_power(self.array, exponent))


def evaluated(text: str, values: dict[str, Any] = VALUES) -> Any:
    """The value of a formula in the syntax of problem files (of our own making, so that `eval` is safe)."""

    def lifted(on_matrix: Any, on_number: Any) -> Any:
        return lambda x: on_matrix(x.array) if isinstance(x, Matrix) else on_number(x)

    functions = {
        "Tr": lambda x: np.trace(x.array),
        "tau": lambda x: np.trace(x.array) / len(x.array),
        "inv": lifted(lambda a: Matrix(np.linalg.inv(a)), lambda x: 1 / x),
        "sqrt": lifted(lambda a: Matrix(_root(a)), lambda x: x**0.5),
        "conj": lifted(lambda a: Matrix(a.conj()), np.conj),
        "eye": lambda size: Matrix(np.eye(size)),
    }
    named = {name: Matrix(v) if isinstance(v, np.ndarray) else v for name, v in values.items()}
    found = eval(text, {"__builtins__": {}}, {**functions, **named})
    return found.array if isinstance(found, Matrix) else found
