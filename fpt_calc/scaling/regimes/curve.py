"""The exact value of a right-hand side at numbers, in balls: the curve that a scaling law is the asymptote of.

Nothing here knows of expansions.  Sums over eigenvalues are those of `oracles.spectral_sums`; an order parameter is the
largest positive root of its relation, found and proved in `curve_roots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from flint import arb, ctx, fmpq

from fpt_calc.errors import CannotDecideError, ComputationError, InputError
from fpt_calc.oracles.exact_numbers import Exact, bits_of, checked_digits, positive_exact
from fpt_calc.oracles.power_spectra import ResolventFactor
from fpt_calc.oracles.spectral_sums import spectral_sum
from fpt_calc.scalars import (
    ZERO,
    Generator,
    Parameter,
    Scalar,
    evaluate_scalar,
    from_polynomial,
    generator_scalar,
    substitute,
)
from fpt_calc.scaling.regimes.affine_scalars import leading_in
from fpt_calc.scaling.regimes.curve_roots import Evaluator, largest_root
from fpt_calc.scaling.regimes.evaluation import RightHandSide, SymbolicPower
from fpt_calc.scaling.regimes.spectral_sum import CUT, Monomial, Setting, SpectralSum
from fpt_calc.scaling.regimes.spectral_sum import Sequence as Spectrum
from fpt_calc.scaling.regimes.witness import INFINITE

GUARD = 12  # digits beyond those that are asked for
ATTEMPTS = 5  # with twice the digits each time: terms may cancel
FACTORS, MARGIN = 4, 40
LARGEST_EXPONENT = 10**4  # of the size, in a dimension


@dataclass(frozen=True)
class CurvePoint:
    """Exact values at one size, in balls.

    Attributes
    ----------
    parameters : kappa and its like, by name.
    sources : by name.
    total : their sum.
    """

    parameters: Mapping[str, arb]
    sources: Mapping[str, arb]
    total: arb


def exact_values(
    side: RightHandSide,
    setting: Setting,
    size: Exact,
    values: Mapping[str, Exact],
    digits: int = 20,
    sources: Sequence[str] | None = None,
) -> CurvePoint:
    """The values of a right-hand side at a size.

    Parameters
    ----------
    side, setting : what is evaluated, and how everything depends on the size.
    size : of what grows, > 1; it may be as large as 1e30.
    values : numbers for all exponents, parameters of spectra and constants, by name; all positive, exponents of the
        size may be zero.  Numbers are ints, fractions, decimal strings, or floats, which mean the decimals they print.
    digits : the balls of the total and of every source have a relative radius of at most 10^-digits.
    sources : the names of those that are wanted; all by default.

    A finite dimension is the integer next to its power of the size.  An infinite one is a limit: values are the leading
    coefficients in the dimension, and sums run over all k.

    Raises
    ------
    InputError
        for missing numbers, numbers out of range and divergent sums.
    CannotDecideError
        for values that grow with a dimension that is infinite.
    ComputationError
        where terms cancel so much that the digits are not reached, or a root is not proved.

    >>> from fpt_calc.scalars import dimension
    >>> from fpt_calc.system import Unknown
    >>> from fpt_calc.scaling.regimes import OrderParameter, Pole, Sequence
    >>> from fpt_calc.scaling.regimes.powers import powers
    >>> T, kappa, beta = dimension("T"), Unknown("kappa"), generator_scalar(Parameter("beta"))
    >>> df1 = SpectralSum((("Sigma", 1),), (Pole("Sigma", generator_scalar(kappa), 1),))
    >>> side = RightHandSide((OrderParameter(kappa, T - generator_scalar(df1)),), (), {"k": generator_scalar(kappa)})
    >>> infinite = Monomial(powers=powers({"T": generator_scalar(INFINITE)}))
    >>> setting = Setting("T", {"Sigma": Sequence(beta)}, {"T": Monomial(powers=powers({"T": 1}))}, infinite)
    >>> exact_values(side, setting, 10**6, {"beta": "1.5"}).total.str(15, radius=False)
    '3.76089879835273e-9'
    """
    wanted = checked_digits(digits)
    names = tuple(side.sources) if sources is None else tuple(sources)
    _check_names(names, side)
    numbers = _numbers(setting, values)
    length = positive_exact(size, "size")
    if length <= 1:
        raise InputError(f"the size {size} is too small", where="size", remedy="give a size > 1")
    finite = not any(INFINITE in e.gens for _, e in setting.cut.powers)
    reduced = side if finite else _at_infinite_dimension(side, setting, names)
    for attempt in range(ATTEMPTS):
        inner = (wanted + GUARD) * 2**attempt
        with ctx.workprec(bits_of(inner) + 32):
            found = _evaluated(reduced, _Point(setting, length, numbers, inner, finite), names)
        if all(_relative(x) <= fmpq(1, 10**wanted) for x in (*found.sources.values(), found.total)):
            return found
    remedy = "ask for fewer digits, or take another point"
    raise ComputationError(f"{wanted} digits are not reached, terms cancel", where="exact values", remedy=remedy)


def _relative(value: arb) -> arb:
    """The relative radius; zero is exact."""
    return arb(0) if value.is_zero() else value.rad() / value.abs_lower()


def _check_names(names: Sequence[str], side: RightHandSide) -> None:
    for name in names:
        if name not in side.sources:
            raise InputError(f"no source {name!r}", where="sources", remedy=f"there are {', '.join(side.sources)}")


def _numbers(setting: Setting, values: Mapping[str, Exact]) -> dict[str, Fraction]:
    """Checked numbers for all names of a setting."""
    monomials = [*setting.quantities.values(), setting.cut, *(s.scale for s in setting.sequences.values())]
    scalars = [s.decay for s in setting.sequences.values()]
    scalars += [x for m in monomials for x in (m.coefficient, *(e for _, e in m.powers))]
    exponents = {g.name for m in monomials for _, e in m.powers for g in e.gens}
    needed = {g.name for x in scalars for g in x.gens if g != INFINITE}
    needed |= {b for m in monomials for b, _ in m.powers if b not in (setting.size, CUT) and b.isidentifier()}
    for name in needed - values.keys():
        raise InputError(f"{name} has no value", where="values", remedy=f"give numbers for {', '.join(sorted(needed))}")
    for name in values.keys() - needed:
        known = ", ".join(sorted(needed)) or "none"
        raise InputError(f"no exponent, parameter or constant {name!r}", where="values", remedy=f"there are: {known}")
    return {n: _number(n, v, n in exponents) for n, v in values.items()}


def _number(name: str, value: Exact, exponent: bool) -> Fraction:
    number = fmpq(0) if exponent and value in (0, "0") else positive_exact(value, name)
    return Fraction(int(number.p), int(number.q))


def _at_infinite_dimension(side: RightHandSide, setting: Setting, names: Sequence[str]) -> RightHandSide:
    """The right-hand side as the dimension d grows: leading coefficients in d, which stands in some quantities.

    A quantity c*d^k becomes its factor c times d^k, so that d may cancel exactly.
    """
    dimension = Parameter("d, as it grows", "positive")
    every = [*(p.relation for p in side.parameters), *(v for _, v in side.definitions), *side.sources.values()]
    images: dict[Generator, Scalar] = {}
    for g in {g for value in every for g in value.gens}:
        power = dict(setting.quantities[g.name].powers).get(CUT, ZERO) if g.name in setting.quantities else ZERO
        if not power.is_zero:
            number = power.constant
            if number is None or number.denominator != 1:
                what = f"{g.name} is no integer power of the infinite dimension"
                raise CannotDecideError(what, remedy="give the dimension as a power of the size")
            images[g] = generator_scalar(g) * generator_scalar(dimension) ** int(number)

    def limit(value: Scalar, where: str) -> Scalar:
        leading, degree = leading_in(substitute(value, images), dimension)
        if degree > 0:
            what = "grows with the infinite dimension"
            raise CannotDecideError(what, where=where, remedy="give the dimension as a power of the size")
        return leading if degree == 0 else ZERO

    def relation(value: Scalar) -> Scalar:
        moved = substitute(from_polynomial(value.gens, value.num), images)
        return leading_in(from_polynomial(moved.gens, moved.num), dimension)[0]

    return RightHandSide(
        tuple(replace(p, relation=relation(p.relation)) for p in side.parameters),
        tuple((g, limit(v, g.name)) for g, v in side.definitions),
        {n: limit(side.sources[n], n) for n in names},
    )


@dataclass
class _Point(Evaluator):
    """Working data: numbers at one size, what generators are by now."""

    setting: Setting
    size: fmpq
    numbers: Mapping[str, Fraction]
    digits: int
    finite: bool
    known: dict[Generator, arb] = field(default_factory=dict)
    solved: dict[Generator, arb] = field(default_factory=dict)
    terms: int | None = None

    def __post_init__(self) -> None:
        if self.finite:
            self.terms = self._dimension()

    def _dimension(self) -> int:
        power = sum((self.exponent(e) for b, e in self.setting.cut.powers if b == self.setting.size), Fraction(0))
        if power > LARGEST_EXPONENT:
            raise InputError("the dimension is too large", where="exact values", remedy='give "oo"')
        # the integer is needed exactly, whatever the precision of the rest
        bits = int(float(power) * float(arb(self.size).log()) / 0.69) + 64
        with ctx.workprec(max(bits, ctx.prec) + 64):
            count = (self.monomial(self.setting.cut) + arb(0.5)).floor().unique_fmpz()
        if count is None or count < 1:
            what = (
                "the dimension is less than one" if count is not None else "the dimension is halfway between integers"
            )
            raise InputError(what, where="exact values", remedy="give another size")
        return int(count)

    def exponent(self, value: Scalar) -> Fraction:
        """An exponent as a number."""
        try:
            return evaluate_scalar(value, lambda g: self.numbers[g.name], Fraction)
        except ZeroDivisionError:
            raise InputError(f"{value} is not finite", where="values", remedy="give other numbers") from None

    def monomial(self, value: Monomial) -> arb:
        """A product of powers; the infinite dimension counts as one, as its powers are counted apart."""
        total = arb(_exact(evaluate_scalar(value.coefficient, lambda g: self.numbers[g.name], Fraction)))
        for base, exponent in value.powers:
            if base != CUT or self.terms is not None:
                total *= self._base(base) ** arb(_exact(self.exponent(exponent)))
        return total

    def _base(self, name: str) -> arb:
        if name == self.setting.size:
            return arb(self.size)
        if name == CUT:
            assert self.terms is not None, "powers of an infinite dimension are counted apart"
            return arb(self.terms)
        return arb(_exact(self.numbers[name] if name in self.numbers else Fraction(name)))

    def value(self, value: Scalar) -> arb:
        """A scalar in a ball."""
        return arb(evaluate_scalar(value, self._generator, arb))

    def at(self, value: Scalar, symbol: Generator, point: arb, digits: int) -> arb:
        """A scalar where one generator is a number and the parameters before it are known."""
        return replace(self, known=self.solved | {symbol: point}, digits=digits).value(value)

    def top(self) -> arb:
        """A logarithm above those of all parameters: they are products of a few quantities, traces and scales."""
        every = [self.monomial(q) for q in self.setting.quantities.values()]
        every += [self.monomial(s.scale) for s in self.setting.sequences.values()]
        total = max((abs(x.log()).mid() for x in every), key=float)
        return (FACTORS * total + MARGIN).mid()

    def _generator(self, g: Generator) -> arb:
        if g not in self.known:
            self.known[g] = self._meaning(g)
        return self.known[g]

    def _meaning(self, g: Generator) -> arb:
        if g.name in self.setting.quantities:
            return self.monomial(self.setting.quantities[g.name])
        match g:
            case SpectralSum():
                return self._sum(g)
            case SymbolicPower(base=base, exponent=exponent):
                return self.value(base) ** self.value(exponent)
        raise CannotDecideError(f"{g.name} is not given", remedy="say how it depends on the size")

    def _sum(self, item: SpectralSum) -> arb:
        """Factors of a multiple of the identity come out of the sum."""
        scale, decay, factors = arb(1), Fraction(0), []
        for name, power in item.powers:
            letter = self.setting.sequences[name]
            scale *= self.monomial(letter.scale) ** power
            decay += self.exponent(letter.decay) * power
        for pole in item.poles:
            a, beta = self._letter(self.setting.sequences[pole.matrix])
            shift = self.value(pole.shift)
            if beta == 0:
                scale /= (a + shift) ** pole.order
            else:
                factors.append(ResolventFactor(_exact(beta), shift, pole.order, a))
        return spectral_sum(_exact(decay), factors, terms=self.terms, scale=scale, digits=self.digits)

    def _letter(self, letter: Spectrum) -> tuple[arb, Fraction]:
        return self.monomial(letter.scale), self.exponent(letter.decay)


def _exact(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _evaluated(side: RightHandSide, point: _Point, names: Sequence[str]) -> CurvePoint:
    parameters = {}
    for parameter in side.parameters:
        relation = from_polynomial(parameter.relation.gens, parameter.relation.num)
        root = largest_root(relation, parameter.symbol, point, point.digits)
        point.known[parameter.symbol] = point.solved[parameter.symbol] = parameters[parameter.symbol.name] = root
    for symbol, value in side.definitions:
        point.known[symbol] = point.value(value)
    sources = {name: point.value(side.sources[name]) for name in names}
    return CurvePoint(parameters, sources, sum(sources.values(), start=arb(0)))
