"""The values of an error as sums over eigenvalues, ready to be scaled: traces in a common basis, loops written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import comb

from fpt_calc.closed_form import ClosedForm, FullTrace, unfolded
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Atom, Expr, Inverse, Power, Sum, Trace, Transpose, postorder
from fpt_calc.expr.flatten import factors_of
from fpt_calc.formula import formula_value
from fpt_calc.learning.combination import Combination, single
from fpt_calc.learning.common_denominators import over_common_denominators
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.program import (
    LawDefinition,
    Loop,
    MatrixDefinition,
    Named,
    PowerOf,
    Program,
    ScalarDefinition,
)
from fpt_calc.scalars import ZERO, Generator, Scalar, generator_scalar, substitute
from fpt_calc.scaling.regimes import OrderParameter, Pole, RightHandSide, SpectralSum, SymbolicPower

MOST_ROUNDS = 12  # of a loop that is written out


def right_hand_side(derived: DerivedError) -> RightHandSide:
    """The sources of an error in sums over eigenvalues.

    Raises `CannotDecideError` where a stage has no closed form, or the number of generations is a symbol in a loop.
    """
    program = derived.program
    parameters = tuple(OrderParameter(p.symbol, spectral(p.relation, bounded=True)) for p in program.parameters)
    writer = _Writer()
    for definition in program.definitions:
        writer.add(definition)
    values = {**program.bias, **program.variance}
    sources = {name: over_common_denominators(spectral(writer.value(value))) for name, value in values.items()}
    return RightHandSide(parameters, tuple(writer.made), sources)


def side_of(closed: ClosedForm, name: str) -> RightHandSide:
    """A value in closed form in sums over eigenvalues.

    Raises `CannotDecideError` where it has traces that are no such sums.
    """
    own = closed.coordinates
    pairs = zip(own.parameters, own.relations, strict=True)
    parameters = tuple(OrderParameter(p.symbol, spectral(r, bounded=True)) for p, r in pairs)
    value = over_common_denominators(spectral(formula_value(closed.values[name])))
    return RightHandSide(parameters, (), {name: value})


def kinds(program: Program) -> Mapping[str, str]:
    """For each source, whether it belongs to the bias or to the variance."""
    return {**dict.fromkeys(program.bias, "bias"), **dict.fromkeys(program.variance, "variance")}


@dataclass
class _Writer:
    """Writes loops out; working data.

    Attributes
    ----------
    made : named scalars in order.
    letters : the matrices that have a value.
    names : what named scalars are by now.
    """

    made: list[tuple[Generator, Scalar]] = field(default_factory=list)
    letters: dict[Atom, Combination] = field(default_factory=dict)
    names: dict[Generator, Scalar] = field(default_factory=dict)

    def add(self, definition: object) -> None:
        match definition:
            case ScalarDefinition(symbol=symbol, value=value):
                self.names[symbol] = self.named(self.value(value))
            case MatrixDefinition(letter=letter, value=value):
                self.letters[letter] = self.matrix(value)
            case Loop():
                self.run(definition)
            case LawDefinition():
                raise CannotDecideError(
                    "models that share randomness have no closed form here",
                    remedy="error.slopes(...) has exponents in numbers",
                )

    def run(self, loop: Loop) -> None:
        """Write the rounds of a loop one after the other."""
        count = loop.count.constant
        if count is None:
            remedy = f'give a number of generations, or take error.limit({loop.count}="oo").scaling(...)'
            raise CannotDecideError(f"a loop of {loop.count} generations", where=loop.name, remedy=remedy)
        if count > MOST_ROUNDS:
            remedy = f"at most {MOST_ROUNDS} generations are written out"
            raise CannotDecideError(f"a loop of {count} generations", where=loop.name, remedy=remedy)
        current = {letter: self.matrix(start) for letter, start in loop.letters.items()}
        for symbol in loop.sums:
            self.names[symbol] = ZERO
        for _ in range(int(count)):
            self.letters.update(current)
            for d in loop.definitions:
                self.names[d.symbol] = self.named(self.value(d.value))
            added = {symbol: self.value(value) for symbol, value in loop.sums.items()}
            for symbol, value in added.items():
                self.names[symbol] = self.names[symbol] + self.named(value)
            current = {letter: self.matrix(value) for letter, value in loop.body.items()}
        self.letters.update(current)

    def named(self, value: Scalar) -> Scalar:
        """A name for a scalar that is not a number."""
        if not value.gens:
            return value
        symbol = Named(f"value{len(self.made) + 1}")
        self.made.append((symbol, over_common_denominators(spectral(value))))
        return generator_scalar(symbol)

    def value(self, value: Scalar) -> Scalar:
        """A scalar with letters and named scalars replaced by what they are."""
        images: dict[Generator, Scalar] = {}
        for g in value.gens:
            if g in self.names:
                images[g] = self.names[g]
            elif isinstance(g, FullTrace) and self.letters.keys() & set(postorder(g.argument)):
                images[g] = self.product(g.argument).trace()
        return substitute(value, images) if images else value

    def matrix(self, value: Combination) -> Combination:
        """A combination with letters replaced, its coefficients named."""
        total: dict[Expr, Scalar] = {}
        for word, coefficient in value.terms.items():
            factor = self.value(coefficient)
            for part, number in self.product(word).terms.items():
                total[part] = total.get(part, ZERO) + factor * number
        return Combination({w: self.named(c) for w, c in total.items() if not c.is_zero}, value.rows, value.cols)

    def product(self, word: Expr) -> Combination:
        """A product with letters replaced."""
        number, factors = factors_of(word)
        result: Combination | None = None
        for factor in factors:
            match factor:
                case Transpose(argument=Atom() as letter) if letter in self.letters:
                    one = self.letters[letter].T
                case Atom() if factor in self.letters:
                    one = self.letters[factor]
                case _:
                    one = single(factor)
            result = one if result is None else result @ one
        found = single(word) if result is None else result
        return found * number


def spectral(value: Scalar, bounded: bool = False) -> Scalar:
    """A scalar with its traces as sums over eigenvalues; ``bounded``: in sums that do not grow with the dimension.

    Raises `CannotDecideError` for traces that are no such sums, with inverses of several matrices in them.
    """
    plain = unfolded(value)
    images: dict[Generator, Scalar] = {}
    for g in plain.gens:
        match g:
            case Trace(argument=argument):
                images[g] = _sum_of(argument, bounded) / argument.rows
            case PowerOf(base=base, exponent=exponent):
                images[g] = generator_scalar(SymbolicPower(spectral(base), exponent))
    return substitute(plain, images) if images else plain


def _sum_of(word: Expr, bounded: bool) -> Scalar:
    """``Tr(word)`` as a sum over eigenvalues."""
    number, factors = _flat(word)
    powers: dict[str, int] = {}
    poles: dict[tuple[str, Scalar], int] = {}
    for base, pole, exponent in factors:
        if pole is None:
            powers[base] = powers.get(base, 0) + exponent
        else:
            poles[base, pole] = poles.get((base, pole), 0) + exponent
    merged = tuple(sorted((name, k) for name, k in powers.items() if k))
    shifted = tuple(Pole(base, pole, m) for (base, pole), m in sorted(poles.items(), key=str))
    if bounded and not merged and len(shifted) == 1:
        return number * _by_degrees_of_freedom(shifted[0], word.rows)
    return number * generator_scalar(SpectralSum(merged, shifted))


def _by_degrees_of_freedom(pole: Pole, dim: Scalar) -> Scalar:
    """``Tr (S + shift)**-m`` by the traces of ``S**j (S + shift)**-j``, which do not grow with the dimension."""
    total = dim
    for j in range(1, pole.order + 1):
        df = generator_scalar(SpectralSum(((pole.matrix, j),), (replace(pole, order=j),)))
        total = total + (-1) ** j * comb(pole.order, j) * df
    return total / pole.shift**pole.order


Function = tuple[str, Scalar | None, int]  # base**exponent, or with a pole (base + pole)**-exponent


def _flat(word: Expr) -> tuple[Scalar, list[Function]]:
    """A product of functions of single matrices: its number and the functions."""
    number, factors = factors_of(word)
    found: list[Function] = []
    for factor in factors:
        match factor:
            case Atom(name=name) | Transpose(argument=Atom(name=name)):
                found.append((name, None, 1))
            case Power(argument=argument, exponent=k):
                inner, functions = _flat(argument)
                number = number * inner**k
                found += [(base, pole, m * k) for base, pole, m in functions]
            case Inverse(argument=argument):
                scale, function = _resolvent(argument)
                number = number * scale
                found.append(function)
            case _:
                raise _undecided(factor)
    return number, found


def _resolvent(argument: Expr) -> tuple[Scalar, Function]:
    """The inverse of ``c*S + shift`` as ``c**-1 * (S + shift/c)**-1``."""
    shift, scale, base = ZERO, ZERO, None
    for term in argument.terms if isinstance(argument, Sum) else (argument,):
        number, factors = factors_of(term)
        match factors:
            case []:
                shift = shift + number
            case [Atom(name=name)] if base is None:
                scale, base = number, name
            case _:
                raise _undecided(argument)
    if base is None:
        raise _undecided(argument)
    return scale.inverse(), (base, None, -1) if shift.is_zero else (base, shift / scale, 1)


def _undecided(factor: Expr) -> CannotDecideError:
    return CannotDecideError(
        f"the trace of a word with {factor}", remedy="only functions of single matrices in a common basis are scaled"
    )
