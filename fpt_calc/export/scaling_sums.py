r"""The formula that a scaling law belongs to: sums over eigenvalues in LaTeX."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.export.latex import latex, scalar_formula
from fpt_calc.export.layout import aligned
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.scaling_symbols import symbol_latex
from fpt_calc.export.shown_sum import ShownSum
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, from_polynomial, generator_scalar, ring, substitute
from fpt_calc.scaling.regimes import SpectralSum
from fpt_calc.scaling.regimes.law import Law
from fpt_calc.scaling.shown.described import covariances, spectral_sums


@dataclass(frozen=True)
class Letters:
    """How the eigenvalues of matrices and the components of vectors are written."""

    main: str | None

    def of(self, name: str) -> str:
        r"""The k-th number of a matrix or a vector.

        >>> Letters("Sigma").of("Sigma"), Letters("Sigma").of("w0"), Letters("Sigma").of("Delta")
        ('\\lambda_k', 'w_{0,k}', '\\Delta_k')
        """
        if name == self.main:
            return r"\lambda_k"
        base, _, below = name_to_latex(name).partition("_")
        inner = below.removeprefix("{").removesuffix("}")
        return f"{base}_{{{inner},k}}" if inner else f"{base}_k"


def letters(law: Law) -> Letters:
    """The eigenvalues of the first covariance are lambda_k."""
    found = covariances(law.side, law.request)
    return Letters(found[0] if found else None)


def value_latex(law: Law) -> str:
    """The letter of the value."""
    return "E" if law.name == "error" else name_to_latex(law.name)


def source_latex(law: Law, name: str) -> str:
    """The letter of a source."""
    return f"{value_latex(law)}_{{{name_to_latex(name)}}}"


def source_rows(law: Law) -> list[str]:
    """The rows of an ``align``: named scalars, and what each source contributes."""
    images = _images(law)
    rows = [(latex(g), "=", scalar_formula(substitute(v, images))) for g, v in law.side.definitions]
    rows += [(source_latex(law, n), "=", scalar_formula(substitute(law.side.sources[n], images))) for n in law.sources]
    return aligned(rows)


def relations(law: Law) -> list[tuple[str, str]]:
    """The order parameters with their equations, terms of one sign on each side."""
    images = _images(law)
    return [(latex(p.symbol), _balance(substitute(p.relation, images))) for p in law.side.parameters]


def _balance(relation: Scalar) -> str:
    sides = {1: ZERO, -1: ZERO}
    for exponents, c in relation.num.to_dict().items():
        term = from_polynomial(relation.gens, ring(relation.gens).from_dict({tuple(map(int, exponents)): int(c)}))
        sides[1 if int(c) > 0 else -1] += term
    return f"{latex(sides[1])}={latex(-sides[-1])}"


def _images(law: Law) -> dict[Generator, Scalar]:
    own = letters(law)
    return {s: generator_scalar(ShownSum(sum_latex(s, own))) for s in spectral_sums(law.side)}


def sum_latex(value: SpectralSum, own: Letters) -> str:
    """A sum over eigenvalues; degrees of freedom by their name."""
    if len(value.poles) == 1:
        (pole,) = value.poles
        if value.powers == ((own.main, pole.order),) and pole.matrix == own.main:
            return rf"\df_{pole.order}({latex(pole.shift)})"
    factors = [_power(own.of(name), k) for name, k in value.powers]
    for pole in value.poles:
        shifted = pole.shift != ZERO
        base = rf"({own.of(pole.matrix)}+{latex(pole.shift)})" if shifted else own.of(pole.matrix)
        factors.append(_power(base, -pole.order))
    return rf"\sum_k{''.join(factors) or str(ONE)}"


def _power(base: str, exponent: int) -> str:
    return base if exponent == 1 else f"{base}^{exponent}" if 0 <= exponent <= 9 else f"{base}^{{{exponent}}}"


def has_degrees(law: Law) -> bool:
    """Whether degrees of freedom occur."""
    return any(r"\df" in g.name for g in map(_generator, _images(law).values()))


def _generator(value: Scalar) -> Generator:
    return value.gens[0]


def parameter_latex(law: Law) -> str:
    """The order parameter that the sums contain; the first of several."""
    return symbol_latex(law.side.parameters[0].symbol.name) if law.side.parameters else ""
