"""Statements of NumPy code for formulas, traces and matrices, written when a name is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from fpt_calc.closed_form import FullTrace, Shown
from fpt_calc.errors import CannotDecideError
from fpt_calc.export.numpy_text import NAME, POWER, PRODUCT, SUM, Names, Piece, added, broken
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Trace,
    Transpose,
    factors_of,
    fold,
)
from fpt_calc.formula import (
    Formula,
    Term,
    formula_text,
    polynomial_formula,
)
from fpt_calc.scalars import (
    Conjugate,
    Dimension,
    Generator,
    ImaginaryUnit,
    Root,
    Scalar,
    denominator,
    generator_scalar,
    is_fixed,
    numerator,
)


class Block:
    """The body of a function: its statements so far, and the names that are known in it.

    Parameters
    ----------
    names : shared by all blocks of one function.
    named : matrices K with their definitions.
    sizes : dimensions that are read off a matrix, with the code for it.
    spectra : whether matrices are given by their eigenvalues.
    outer : the block around this one, whose names are known here too.

    Attributes
    ----------
    lines : the statements.
    uses : the helpers that they call, those of all blocks of the function.
    lengths : the dimensions that they use and that are read off a matrix, those of all blocks of the function.
    """

    def __init__(
        self,
        names: Names,
        named: Mapping[Atom, Expr],
        sizes: Mapping[Scalar, str],
        spectra: bool,
        outer: Block | None = None,
    ) -> None:
        self.lines: list[str] = []
        self.uses: set[str] = set() if outer is None else outer.uses
        self.lengths: dict[str, str] = {} if outer is None else outer.lengths
        self._traces: dict[str, str] = {"Tr": "Tr({})", "tau": "tau({})"} if outer is None else outer._traces
        self.spectra = spectra
        self.names = names
        self._named = named
        self._sizes = sizes
        self._known: dict[Generator | Expr, str] = {} if outer is None else dict(outer._known)

    def inner(self) -> Block:
        """A block inside this one."""
        return Block(self.names, self._named, self._sizes, self.spectra, self)

    def spectral(self, base: Atom, eigenvalues: str) -> Block:
        """A block inside this one that knows one matrix by its eigenvalues."""
        block = Block(self.names, {}, self._sizes, True, self)
        block._known[base] = eigenvalues
        block._traces = {"Tr": "np.sum({}, axis=-1)", "tau": "np.mean({}, axis=-1)"}
        return block

    # scalars --------------------------------------------------------------------------------------------------

    def formula(self, formula: Formula) -> str:
        """A formula as an expression."""
        return formula_text(formula, self.generator) if formula.terms else "0.0"

    def assign(self, name: str, formula: Formula) -> None:
        """The statement ``name = formula``, a long sum with one term per line."""
        self.lines += broken(f"{name} = ", self.formula(formula))

    def scalar(self, value: Scalar) -> str:
        """A scalar as an expression."""
        return self.formula(scalar_formula(value))

    def generator(self, g: Generator) -> str:
        """The name or the expression of a generator; what it needs is computed before."""
        if g in self._known:
            return self._known[g]
        match g:
            case ImaginaryUnit():
                return "1j"
            case Root(radicand=radicand):
                return f"np.sqrt({self.scalar(radicand)})"
            case Conjugate(of=inner):
                return f"np.conj({self.generator(inner)})"
            case FullTrace(argument=argument):
                return self._trace("Tr", argument)
            case Trace(argument=argument):
                return self._trace("tau", argument)
            case Dimension() if (size := self._sizes.get(generator_scalar(g))) is not None:
                return self.lengths.setdefault(self.names[g.name], size) and self.names[g.name]
            case Shown(definition=definition):
                return self._new(g, self.names[g.name], self.scalar(definition))
        if not g.name.isidentifier():
            raise CannotDecideError(f"no code for {g.name}", remedy="use law.at(...)")
        return self.names[g.name]

    def _new(self, key: Generator | Expr, name: str, text: str) -> str:
        self.lines += broken(f"{name} = ", text)
        self._known[key] = name
        return name

    # traces ---------------------------------------------------------------------------------------------------

    def _trace(self, function: str, argument: Expr) -> str:
        if not self.spectra or not any(is_one(n) for f in factors_of(argument)[1] for n in f.shape):
            return self._traces[function].format(self.matrix(argument).text)
        product = self._trace_of_vectors(argument)
        return product if function == "Tr" or is_one(argument.rows) else f"{product}/{self._bound(argument.rows)}"

    def _bound(self, value: Scalar) -> str:
        text = self.scalar(value)
        return text if text.isidentifier() else f"({text})"

    def _trace_of_vectors(self, argument: Expr) -> str:
        """``Tr(v.T @ A @ w)`` as the sum of products of coordinates and eigenvalues."""
        coefficient, factors = factors_of(argument)
        cut = next((k for k, f in enumerate(factors) if is_one(f.cols)), None)
        if cut is None:
            raise no_spectrum(argument)
        factors = factors[cut + 1 :] + factors[: cut + 1]  # the trace is cyclic
        texts, run = [] if coefficient == 1 else [self._bound(coefficient)], list[str]()
        for f in factors:
            run.append(self._entries(f).within(POWER))
            if is_one(f.cols):
                texts.append(f"Tr({'*'.join(run)})")
                run = []
        return "*".join(texts)

    # matrices -------------------------------------------------------------------------------------------------

    def matrix(self, expr: Expr) -> Piece:
        """A matrix, or its eigenvalues; inverses get names."""
        if self.spectra and any(is_one(f.rows) != is_one(f.cols) for f in factors_of(expr)[1]):
            raise no_spectrum(expr)
        return self._entries(expr)

    def _entries(self, expr: Expr) -> Piece:
        return fold(expr, self._combine)

    def _combine(self, node: Expr, parts: tuple[Piece, ...]) -> Piece:
        match node:
            case Atom():
                return self._atom(node)
            case SquareRoot():
                return self._root(parts[0])
            case ScalarMatrix(value=value):
                return self._multiple(value, node.rows)
            case Sum():
                texts = [p.text for p in parts]
                return Piece(texts[0] + "".join(added(t) for t in texts[1:]), SUM)
            case Product():
                self._check_product(node)
                if self.spectra:
                    return Piece("*".join(p.within(PRODUCT) for p in parts), PRODUCT)
                return Piece(" @ ".join(p.within(POWER if k else PRODUCT) for k, p in enumerate(parts)), PRODUCT)
            case Scaled(coefficient=c):
                return self._scaled(c, parts[0])
            case Inverse(argument=argument):
                return self._inverse(node, argument, parts[0])
            case Power(exponent=k):
                return self._matrix_power(parts[0], k)
            case Transpose() | Adjoint() | EntrywiseConjugate():
                return self._transposed(node, parts[0])
        raise TypeError(f"no code for {type(node).__name__}")

    def _check_product(self, node: Product) -> None:
        if self.spectra and not (is_square(node) and all(is_square(f) for f in node.factors)):
            raise no_spectrum(node)

    def _atom(self, atom: Atom) -> Piece:
        if atom in self._known:
            return Piece(self._known[atom], NAME)
        definition = self._named.get(atom)
        if definition is not None:
            return Piece(self._new(atom, self.names[atom.name], self._entries(definition).text), NAME)
        if self.spectra and not is_square(atom) and not any(is_one(n) for n in atom.shape):
            raise no_spectrum(atom)
        return Piece(self.names[atom.name], NAME)

    def _multiple(self, value: Scalar, dim: Scalar) -> Piece:
        """A multiple of the identity."""
        if self.spectra:
            return Piece(self._with_axes(value), PRODUCT)
        known = isinstance(dim.gens[0], Dimension) and dim == generator_scalar(dim.gens[0]) if dim.gens else True
        eye = f"np.eye({self.scalar(dim) if known else self._sizes[dim]})"
        return Piece(eye if value == 1 else f"{self._with_axes(value)}*{eye}", PRODUCT)

    def _scaled(self, value: Scalar, piece: Piece) -> Piece:
        if value == -1:
            return Piece(f"-{piece.within(PRODUCT)}", SUM)
        return Piece(f"{self._with_axes(value)}*{piece.within(POWER)}", PRODUCT)

    def _with_axes(self, value: Scalar) -> str:
        """A scalar that broadcasts against matrices."""
        text = self.scalar(value)
        if all(isinstance(g, ImaginaryUnit) for g in value.gens):
            return text if value.constant is not None and value.constant >= 0 else f"({text})"
        return f"{text if text.isidentifier() else f'({text})'}[..., {'None' if self.spectra else 'None, None'}]"

    def _inverse(self, node: Expr, argument: Expr, piece: Piece) -> Piece:
        """An inverse of a sum gets a name: it occurs again."""
        text = f"1/{piece.within(POWER)}" if self.spectra else f"np.linalg.inv({piece.text})"
        if isinstance(argument, Atom) and argument not in self._named:
            return Piece(text, PRODUCT if self.spectra else NAME)
        if node in self._known:
            return Piece(self._known[node], NAME)
        wanted = f"inv_{argument.name}" if isinstance(argument, Atom) else "R"
        return Piece(self._new(node, self.names.variable(node, wanted), text), NAME)

    def _matrix_power(self, piece: Piece, exponent: int) -> Piece:
        if self.spectra:
            return Piece(f"{piece.within(NAME)}**{exponent}", POWER)
        if exponent == 2 and piece.strength == NAME:
            return Piece(f"{piece.text} @ {piece.text}", PRODUCT)
        return Piece(f"np.linalg.matrix_power({piece.text}, {exponent})", NAME)

    def _root(self, piece: Piece) -> Piece:
        if self.spectra:
            return Piece(f"np.sqrt({piece.text})", NAME)
        self.uses.add("sqrtm")
        return Piece(f"sqrtm({piece.text})", NAME)

    def _transposed(self, node: Expr, piece: Piece) -> Piece:
        text = piece.text
        if not isinstance(node, EntrywiseConjugate) and not self.spectra:
            text, piece = f"np.swapaxes({text}, -1, -2)", Piece("", NAME)
        if not isinstance(node, Transpose):
            text, piece = f"np.conj({text})", Piece("", NAME)
        return Piece(text, piece.strength)


def scalar_formula(value: Scalar) -> Formula:
    """An expanded fraction as a formula."""
    top = polynomial_formula(numerator(value))
    if value.den == 1:
        return top
    return Formula((Term(Fraction(1), ((top, 1), (polynomial_formula(denominator(value)), -1))),))


def is_one(dim: Scalar) -> bool:
    """Whether a dimension is the number 1."""
    return is_fixed(dim) and dim == 1


def is_square(expr: Expr) -> bool:
    return expr.rows == expr.cols


def no_spectrum(expr: Expr) -> CannotDecideError:
    """The error for a matrix that is not given by eigenvalues."""
    return CannotDecideError(f"{expr} is no function of spectra", remedy="ask for dense matrices: spectra=False")
