"""The names that a theorem gives to the matrices of a recursion, their rounds, and the sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from fpt_calc.closed_form import FullTrace, Shorthand
from fpt_calc.export.latex import bracketed, inline, latex, scalar_formula, term_latex
from fpt_calc.export.layout import PAGE, joined_lines, lines, pieces, width
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.pipeline_symbols import Symbols
from fpt_calc.expr import Atom, Expr, replace_atoms
from fpt_calc.formula import Formula, Term, formula_generators, formula_value, map_formula
from fpt_calc.learning.combination import Combination
from fpt_calc.learning.form import ErrorForm, ShownLoop, ShownMatrix
from fpt_calc.learning.program import Loop, Named, PowerOf
from fpt_calc.scalars import Generator, Parameter, Scalar, generator_scalar, scalar, substitute

WIDE = 40.0  # points; a wider number of which powers are taken gets a letter


@dataclass(frozen=True)
class Names:
    """Matrices and named scalars under other names; ``shorthands`` are the abbreviations of sums.

    ``numbers`` : the ridges that were given as numbers, by what stands for them.
    """

    matrices: Mapping[Atom, Atom] = field(default_factory=dict)
    scalars: Mapping[Generator, Generator] = field(default_factory=dict)
    shorthands: Mapping[Scalar, Generator] = field(default_factory=dict)
    numbers: Mapping[Generator, Scalar] = field(default_factory=dict)

    @property
    def bases(self) -> dict[Generator, Scalar]:
        """The letters for numbers of which powers are taken."""
        pairs = ((old, new) for old, new in self.scalars.items() if isinstance(old, PowerOf))
        found = {new.base.gens[0]: old.base for old, new in pairs if isinstance(new, PowerOf)}
        return dict(sorted(found.items(), key=lambda item: item[0].name))

    def matrix(self, expr: Expr) -> Expr:
        return replace_atoms(expr, dict(self.matrices)) if self.matrices else expr

    def generator(self, generator: Generator) -> Generator:
        if isinstance(generator, FullTrace):
            return FullTrace(self.matrix(generator.argument))
        return self.scalars.get(generator, generator)

    def scalar(self, value: Scalar) -> Scalar:
        return substitute(value, {g: generator_scalar(self.generator(g)) for g in value.gens})

    def formula(self, formula: Formula) -> Formula:
        if self.numbers and not self.numbers.keys().isdisjoint(formula_generators(formula)):
            formula = scalar_formula(substitute(formula_value(formula), dict(self.numbers)))
        return map_formula(formula, self.generator, lambda inner: inner)

    def shown(self, value: Scalar) -> Formula:
        """A scalar as a formula to print, with the shorthands of the theorem for sums that they stand for."""
        found = scalar_formula(self.scalar(value))
        if not self.shorthands:
            return found
        return map_formula(found, lambda g: g, lambda inner: self.shorthands.get(formula_value(inner), inner))

    def explained(self, value: Scalar) -> Formula:
        """What a shorthand stands for as it was found, or another scalar, as a formula to print."""
        found = self.shorthands.get(value)
        return self.formula(found.value) if isinstance(found, Shorthand) else scalar_formula(self.scalar(value))

    def in_round(self, loop: Loop, counter: str) -> Names:
        """The names inside a round of a loop."""
        matrices = {a: _with_suffix(base_name(self, loop, a), counter, a) for a in loop.letters}
        inner: dict[Generator, Generator] = {d.symbol: Named(f"{d.symbol.name}_{counter}") for d in loop.definitions}
        return replace(self, matrices={**self.matrices, **matrices}, scalars={**self.scalars, **inner})


def _with_suffix(name: str, suffix: str, atom: Atom) -> Atom:
    return Atom(f"{name}_{suffix}", atom.rows, atom.cols, facts=atom.facts)


def base_name(names: Names, loop: Loop, letter: Atom) -> str:
    """The name of a matrix of a recursion without the number of its round."""
    return names.matrices[letter].name.removesuffix(f"_{loop.count}")


def is_indexed(loop: Loop) -> bool:
    """Whether the number of rounds can stand as an index; else the last matrices have names of their own."""
    text = str(loop.count)
    return text.isalnum()


def names_of(
    form: ErrorForm, known: Symbols, fixed: Mapping[str, Fraction], bases: Mapping[Scalar, str] | None = None
) -> Names:
    """The names outside of the recursions: the matrices after the last round, and the sums over the rounds.

    ``bases`` : letters for the numbers by which generations act, for those that are wide and occur in powers.
    """
    loops = [item.loop for item in form.definitions if isinstance(item, ShownLoop)]
    matrices: dict[Atom, Atom] = {}
    scalars: dict[Generator, Generator] = {}
    alone = len(loops) == 1 and not any(isinstance(item, ShownMatrix) for item in form.definitions)
    taken = set(known.names)
    for loop in loops:
        for letter in loop.letters:
            short = letter.name.rstrip("0123456789")
            name = short if alone and not _is_taken(short, loop, taken) else letter.name
            taken.add(name)
            matrices[letter] = (
                _with_suffix(name, str(loop.count), letter) if is_indexed(loop) else replace(letter, name=name)
            )
        for symbol, source in loop.sources.items():
            name = f"s_{source}"
            scalars[symbol] = Named(name if name not in taken else symbol.name)
            taken.add(name)
    numbers: dict[Generator, Scalar] = {Parameter(name, "positive"): scalar(value) for name, value in fixed.items()}
    shorthands: dict[Scalar, Generator] = {g.definition: g for g, _ in form.abbreviations if isinstance(g, Shorthand)}
    return Names(matrices, {**scalars, **_powers(form, known, bases or {})}, shorthands, numbers)


def _powers(form: ErrorForm, known: Symbols, bases: Mapping[Scalar, str]) -> dict[Generator, Generator]:
    """Powers of wide numbers as powers of letters."""
    found = {g for f in form.values.values() for g in formula_generators(f) if isinstance(g, PowerOf)}
    letters = {g: bases[g.base] for g in found if g.base in bases and width(inline(g.base)) > WIDE}
    letters = {g: letter for g, letter in letters.items() if letter not in known.names}
    return {g: replace(g, base=generator_scalar(Named(letter))) for g, letter in letters.items()}


def _is_taken(short: str, loop: Loop, taken: set[str]) -> bool:
    """Whether a name is taken, also by another matrix of the same recursion."""
    return short in taken or sum(a.name.rstrip("0123456789") == short for a in loop.letters) > 1


def next_round(name: str, number: str) -> str:
    r"""A matrix of a recursion with the number of its round.

    >>> next_round("B", "k+1"), next_round("B2", "0")
    ('B_{k+1}', 'B_{2,0}')
    """
    text = name_to_latex(f"{name}_0")
    plain = text.endswith("_0")
    if plain:
        return f"{text[:-1]}{number}" if len(number) == 1 else f"{text[:-1]}{{{number}}}"
    return f"{text[:-2]}{number}}}"


def combination_row(left: str, value: Combination, names: Names, relation: str = "=") -> str:
    """A row of an ``align``: a combination of matrices."""
    terms = ((names.shown(c), latex(names.matrix(word))) for word, c in value.terms.items())
    return terms_row(left, terms, relation)


def matrix_row(left: str, shown: ShownMatrix, names: Names) -> str:
    """A row of an ``align``: a matrix with its formulas."""
    return terms_row(left, ((names.formula(f), latex(names.matrix(word))) for f, word in shown.terms))


def terms_row(left: str, terms: Iterable[tuple[Formula, str]], relation: str = "=") -> str:
    """A row of an ``align``: a sum of numbers times matrices that are already written, broken between its terms."""
    text = [x for k, (formula, body) in enumerate(terms) for x in signed_product(formula, body, not k)]
    return rf"{left}&{relation} " + joined_lines(lines(text or ["0"], 0, PAGE - width(left) - 15))


def enclosed(formula: Formula) -> Formula:
    """A formula as one term: a sum in parentheses."""
    return formula if len(formula.terms) == 1 else Formula((Term(Fraction(1), ((formula, 1),)),))


def signed_product(formula: Formula, body: str, first: bool) -> list[str]:
    """A formula times a matrix that is already written."""
    if len(formula.terms) > 1:
        sign, text = "" if first else "+", bracketed(latex(formula))
    else:
        (term,) = formula.terms
        sign = "-" if term.coefficient < 0 else "" if first else "+"
        text = term_latex(term)
    if text == "1":
        return [f"{sign}{body}"]
    if width(text) + width(body) <= PAGE - 60:
        return [rf"{sign}{text}\,{body}"]
    found = pieces(formula, nested=True)
    if len(formula.terms) > 1:
        found = [sign + r"\bigl(" + found[0], *found[1:-1], found[-1] + r"\bigr)"]
    elif not first and not found[0].startswith("-"):
        found[0] = f"+{found[0]}"
    return [*found, rf"\,{body}"]
