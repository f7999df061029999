"""Values of a theorem's right-hand side as series at a witness: parameters, definitions, values, in this order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, from_polynomial, generator_scalar, scalar, substitute
from fpt_calc.scaling.polyhedra import Chamber
from fpt_calc.scaling.regimes.constants import Constant, symbol
from fpt_calc.scaling.regimes.order_parameters import solve
from fpt_calc.scaling.regimes.powers import powers
from fpt_calc.scaling.regimes.regions import expand
from fpt_calc.scaling.regimes.series import (
    CancelledError,
    Leading,
    Series,
    constant,
    fractional_power,
    inverse,
    leading,
    leading_only,
    monomial,
    power,
    product,
    series,
    total,
)
from fpt_calc.scaling.regimes.spectral_sum import CUT, Monomial, Setting, SpectralSum
from fpt_calc.scaling.regimes.witness import Meaning, Witness

MOST_ORDERS = 4


@dataclass(frozen=True)
class SymbolicPower:
    """``base**exponent`` with a symbolic exponent, as a generator."""

    base: Scalar
    exponent: Scalar

    @property
    def name(self) -> str:
        return f"({self.base})**({self.exponent})"

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self)


@dataclass(frozen=True)
class OrderParameter:
    """kappa or its like: the largest positive root of a relation."""

    symbol: Generator
    relation: Scalar


@dataclass(frozen=True)
class RightHandSide:
    """What is to be scaled.

    Attributes
    ----------
    parameters : in an order in which each relation depends on those before.
    definitions : named scalars, each in those before.
    sources : nonnegative values whose sum is the total; by name.
    """

    parameters: tuple[OrderParameter, ...]
    definitions: tuple[tuple[Generator, Scalar], ...]
    sources: Mapping[str, Scalar]


@dataclass
class Evaluation:
    """Working data: series of generators at one witness, with ``order`` corrections in each region.

    ``truncated``: everything below the largest terms is dropped at once, which is enough where these do not cancel.
    """

    setting: Setting
    witness: Witness
    order: int
    truncated: bool = False
    known: dict[Generator, Series] = field(default_factory=dict)

    def value(self, value: Scalar) -> Series:
        """The series of a scalar."""
        if not value.gens:
            return constant(value)
        result = self._factored(value.gens, value.num)
        if value.den == 1:
            return result
        below = inverse(self._factored(value.gens, value.den), self.witness, self.order)
        return self._kept(product(result, below, self.witness))

    def _kept(self, value: Series) -> Series:
        return leading_only(value, self.witness) if self.truncated else value

    def _factored(self, gens: tuple[Generator, ...], polynomial: Any) -> Series:
        content, factors = polynomial.factor()
        result = constant(scalar(int(content)))
        for factor, exponent in factors:
            one = self._kept(self._polynomial(from_polynomial(gens, factor)))
            result = product(result, power(one, int(exponent), self.witness), self.witness)
        return result

    def _polynomial(self, value: Scalar) -> Series:
        """A polynomial; constants stay in coefficients."""
        found = []
        for exponents, coefficient in value.num.to_dict().items():
            term = constant(scalar(int(coefficient)))
            for g, e in zip(value.gens, exponents, strict=True):
                if e:
                    term = product(term, power(self._generator(g), int(e), self.witness), self.witness)
            found.append(term)
        return total(found)

    def _generator(self, generator: Generator) -> Series:
        if generator not in self.known:
            self.known[generator] = self._kept(self._expanded(generator))
        return self.known[generator]

    def _expanded(self, generator: Generator) -> Series:
        if generator.name in self.setting.quantities:
            return monomial(self.setting.quantities[generator.name])
        match generator:
            case SpectralSum():
                return expand(generator, self.setting, self.witness, self.order)
            case SymbolicPower(base=base, exponent=exponent):
                return fractional_power(self.value(base), exponent, self.witness)
            case Constant():
                return constant(generator_scalar(generator))
        if generator.name in self.witness.bases:
            return monomial(Monomial(powers=powers({generator.name: 1})))
        raise CannotDecideError(f"{generator.name} is not given", remedy="say how it depends on the size")


def evaluate(
    side: RightHandSide, setting: Setting, witness: Witness, names: tuple[str, ...], beyond_floor: bool = False
) -> dict[str, Leading]:
    """The leading terms of some sources at a witness, with as many corrections as they need.

    ``beyond_floor``: what does not depend on the size is taken away first; sources that are nothing else are left out.

    Raises `CannotDecideError` where they cancel to a high order, or a floor is reached with no known rate.
    """
    recorded, bases = dict(witness.recorded), dict(witness.bases)
    for form in (side, *_eliminations(side)):
        found = _attempts(form, setting, witness, names, beyond_floor, recorded, bases)
        if found is not None:
            return found
    raise CannotDecideError("leading terms cancel", remedy="another form of the value may show what is left")


def _eliminations(side: RightHandSide) -> Iterator[RightHandSide]:
    """The right-hand side with a sum such as df1 in terms of lam by the relation of kappa.

    Where kappa is of the order at which df1 = n, values with n - df1 cancel: there it is n lam/kappa.
    """
    for parameter in side.parameters:
        relation = parameter.relation
        for g in relation.gens:
            if isinstance(g, SpectralSum) and relation.num.degrees()[relation.gens.index(g)] == 1:
                at_zero = substitute(relation, {g: ZERO})
                image = at_zero / (at_zero - substitute(relation, {g: ONE}))
                sources = {n: substitute(v, {g: image}) for n, v in side.sources.items()}
                yield RightHandSide(side.parameters, side.definitions, sources)


def _attempts(
    side: RightHandSide,
    setting: Setting,
    witness: Witness,
    names: tuple[str, ...],
    beyond_floor: bool,
    recorded: Mapping[Scalar, None],
    bases: Mapping[str, Meaning],
) -> dict[str, Leading] | None:
    """The leading terms with more and more corrections; None where they always cancel."""
    for order, only in [(0, True), *((k, False) for k in range(MOST_ORDERS + 1))]:
        witness.restart(recorded, bases)
        try:
            evaluation = Evaluation(setting, witness, order, only)
            for parameter in side.parameters:
                _solve(parameter, evaluation)
            for symbol, value in side.definitions:
                evaluation.known[symbol] = evaluation.value(value)
            found = {name: evaluation.value(side.sources[name]) for name in names}
            if beyond_floor:
                found = {n: v for n, value in found.items() if (v := _without_floor(value, witness)).terms or v.dropped}
            tops = {name: leading(value, witness) for name, value in found.items()}
            if beyond_floor:
                _check_rates(tops)
            return tops
        except CancelledError:
            continue
    return None


def _without_floor(value: Series, witness: Witness) -> Series:
    """The series without its terms in constants alone."""

    def is_constant(name: str) -> bool:
        return name in witness.atoms and witness.bases[name].powers == ((name, ONE),) and name != CUT

    kept = {p: c for p, c in value.terms.items() if not all(is_constant(name) for name, _ in p)}
    return series(kept.items(), value.dropped)


def _check_rates(tops: Mapping[str, Leading]) -> None:
    """What is left of a source beyond its floor must depend on the size.

    Where kappa itself is fixed by the size, as without a ridge, quotients such as df_2/n tend to constants that are no
    terms by themselves, at the rate of corrections to kappa that are not followed.
    """
    for name, top in tops.items():
        if top.growth.is_zero and top.logs == 0:
            what = f"how {name} tends to its floor"
            raise CannotDecideError(what, remedy='assume a ridge that is felt, such as "ell < beta"')


def _solve(parameter: OrderParameter, evaluation: Evaluation) -> None:
    """Give kappa its meaning; the sums in it are expanded anew at each tentative order."""
    name, witness, setting = parameter.symbol.name, evaluation.witness, evaluation.setting

    def relation() -> Series:
        fresh = Evaluation(setting, witness, evaluation.order)
        return fresh.value(from_polynomial(parameter.relation.gens, parameter.relation.num))

    breaks: list[Scalar] = []
    cut = witness.bases[CUT].growth
    for g in parameter.relation.gens:
        if isinstance(g, SpectralSum):
            for pole in g.poles:
                letter = setting.sequences[pole.matrix]
                offset, _ = witness.growth(letter.scale.powers)
                breaks += [-offset] if letter.decay.is_zero else [-offset, letter.decay * cut - offset]
    solve(name, relation, dict.fromkeys(breaks), witness)


def start(setting: Setting, chamber: Chamber, at: Mapping[str, Fraction], sample: Mapping[str, Fraction]) -> Witness:
    """A witness that knows the size and the constants of the setting."""
    witness = Witness(chamber, at, {setting.size: Meaning(ONE)}, sample)
    every = [*setting.quantities.values(), setting.cut, *(s.scale for s in setting.sequences.values())]
    for value in every:
        for name, _ in value.powers:
            if name not in witness.bases and name != CUT:
                witness.define(name, Meaning(ZERO, ONE, ((name, ONE),)))
                witness.atoms[name] = symbol(name) if name.isidentifier() else sympy.Rational(name)
    growth, _ = witness.growth(setting.cut.powers)
    witness.define(CUT, Meaning(growth, *witness.resolved(setting.cut.powers, setting.cut.coefficient)))
    return witness
