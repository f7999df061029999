r"""What one factor means: a name, a number, a fraction, a root, a norm, with its superscripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from fpt_calc.notation.names import Dictionary
from fpt_calc.notation.pieces import ATOM, QUOTIENT, Piece, divided, multiplied, settled
from fpt_calc.notation.powers import flipped, raised
from fpt_calc.notation.refusals import WORDS
from fpt_calc.notation.scripts import Script, half_digits, integer, read_superscript, refuse_digits, symbol_of
from fpt_calc.notation.source import Source, Span
from fpt_calc.notation.symbols import COMMANDS, Symbol, near
from fpt_calc.notation.tree import Argument, Bracket, Factor, Fraction, Group, Leaf, Nucleus, Root, Styled, Total
from fpt_calc.scalars import ONE, Scalar, scalar

_SUPERSCRIPTS = r"superscripts are integers, halves such as 1/2, and transposes: \top, *, \mathsf{H}"
_BARS = re.compile(r"Vert|\\\|")
_IDENTITY = (("I",), ("Id",))


@dataclass(frozen=True)
class Factors:
    """The factors of one text; ``total`` gives a sum in brackets its meaning."""

    source: Source
    dictionary: Dictionary
    total: Callable[[Total], Piece]

    def piece(self, factor: Factor) -> Piece:
        """The meaning of a factor."""
        source, nucleus = self.source, factor.nucleus
        self.check_scripts(factor)
        if isinstance(nucleus, Bracket) and nucleus.is_norm:
            return self._norm(factor, nucleus)
        if self._is_identity(nucleus):
            return self.scripted(self._identity(factor), factor)
        symbol = symbol_of(source, nucleus, factor.subscripts)
        if symbol is not None:
            return self._symbol(factor, symbol)
        if factor.subscripts:
            remedy = "name the entry or the matrix, and write its name"
            raise source.refusal(factor.subscripts[0].span, "an index of something that is no letter", remedy)
        return self.scripted(self._nucleus(nucleus), factor)

    def check_scripts(self, factor: Factor) -> None:
        """Refuse two superscripts or two subscripts, and those of which LaTeX takes the first digit only."""
        for scripts, kind in ((factor.superscripts, "superscript"), (factor.subscripts, "subscript")):
            if len(scripts) > 1:
                raise self.source.refusal(scripts[1].span, f"a second {kind}", "write one, in braces")
            for script in scripts:
                refuse_digits(self.source, script)

    # names ----------------------------------------------------------------------------------------------------

    def _symbol(self, factor: Factor, symbol: Symbol) -> Piece:
        """A symbol with its superscript, which can be part of its name: ``w^*`` is w_star if that is declared."""
        nucleus, known = factor.nucleus, self.dictionary
        end = factor.subscripts[0].span[1] if factor.subscripts else nucleus.span[1]
        span = nucleus.span[0], max(end, nucleus.span[1])
        for ending in ("star", "prime"):
            longer = replace(symbol, subscripts=(*symbol.subscripts, ending))
            names = known.declared(longer) if self._ends_with(factor, ending) else []
            if names and self._could_be_flipped(factor, symbol):
                remedy = r"for a transpose write ^\top or ^{\mathsf H}"
                raise self.source.refusal(factor.span, f"{names[0]} is declared, so that this is ambiguous", remedy)
            if names:
                return known.piece(longer, factor.span)
        labelled = self._label(factor, symbol)
        if labelled is not None:
            return known.piece(labelled, factor.span)
        return self.scripted(self._named(symbol, span), factor)

    def _ends_with(self, factor: Factor, ending: str) -> bool:
        """Whether a star, or a prime, is all that stands above a symbol."""
        scripts = [read_superscript(s) for s in factor.superscripts]
        signs = [s.flip if s is not None and s.halves == 2 else "" for s in scripts] + ["'"] * len(factor.primes)
        return len(signs) == 1 and signs[0] in (("*", "star") if ending == "star" else ("'",))

    def _could_be_flipped(self, factor: Factor, symbol: Symbol) -> bool:
        """Whether the sign above a symbol could also be a transposition or a conjugate of what is declared."""
        scripts = [read_superscript(s) for s in factor.superscripts]
        if any(s is not None and s.flip == "star" for s in scripts):
            return False
        declared = [self.dictionary.named(name, factor.span) for name in self.dictionary.declared(symbol)]
        return any(not (piece.is_scalar and piece.real) for piece in declared)

    def _label(self, factor: Factor, symbol: Symbol) -> Symbol | None:
        r"""``\mathrm{df}_2^{\Sigma}`` where df2_Sigma is declared."""
        if symbol.style != "word" or len(factor.superscripts) != 1 or factor.primes:
            return None
        label = symbol_of(self.source, factor.superscripts[0])
        names = self.dictionary.declared(label) if label is not None else []
        candidates = [replace(symbol, subscripts=(*symbol.subscripts, name)) for name in names]
        return next((c for c in candidates if self.dictionary.declared(c)), None)

    def _named(self, symbol: Symbol, span: Span) -> Piece:
        """A declared name, the imaginary unit, or the conjugate of what is complex."""
        found = self.dictionary.declared(symbol)
        if symbol.accents == ("bar",):
            return self._barred(symbol, span)
        if not found and symbol.style == "word":
            if symbol.bases == ("i",) and not symbol.subscripts:
                return Piece("1j", ATOM, span, real=False)
            refused = WORDS.get(symbol.bases[0])
            if refused is not None:
                raise self.source.refusal(span, *refused)
        if symbol.style == "word" and symbol.bases == ("d",):
            raise self.source.refusal(span, "an upright d, as in a differential", "write the dimension as d")
        return self.dictionary.piece(symbol, span)

    def _barred(self, symbol: Symbol, span: Span) -> Piece:
        r"""``\bar z``: the name z_bar, or the conjugate of a complex z."""
        plain = replace(symbol, accents=())
        base = self.dictionary.named(n[0], span) if len(n := self.dictionary.declared(plain)) == 1 else None
        is_complex = base is not None and not base.real
        if self.dictionary.declared(symbol):
            if is_complex:
                what = "ambiguous: the declared name, or the conjugate of a complex one"
                raise self.source.refusal(span, what, "rename one of them")
            return self.dictionary.piece(symbol, span)
        if not is_complex:
            what = "a bar over what is real" if base is not None else "no declared name is written like this"
            remedy = f"declare {symbol.names()[0]}" if base is not None else near(symbol, self.dictionary.names)
            raise self.source.refusal(span, what, remedy)
        return conjugated(self.dictionary.piece(plain, span))

    # the identity ---------------------------------------------------------------------------------------------

    def _is_identity(self, nucleus: Nucleus) -> bool:
        if isinstance(nucleus, Styled) and nucleus.style == "mathbb":
            return True
        symbol = symbol_of(self.source, nucleus) if isinstance(nucleus, Leaf | Styled) else None
        if symbol is None or symbol.bases not in _IDENTITY or symbol.accents or symbol.style.startswith("var"):
            return False
        base = symbol.bases[0]
        if base == "Id" and symbol.style != "word":
            return False
        return not any(n == base or n.startswith(f"{base}_") or n[len(base) :].isdigit() for n in self._like(base))

    def _like(self, base: str) -> list[str]:
        return [name for name in self.dictionary.names if name.startswith(base)]

    def _identity(self, factor: Factor) -> Piece:
        nucleus = factor.nucleus
        if isinstance(nucleus, Styled) and nucleus.style == "mathbb":
            inner = self.source.piece(nucleus.inner.span).strip("{} ")
            if inner not in ("1", "I"):
                remedy = r"only \mathbb{1} and \mathbb{I} are read, as the identity"
                raise self.source.refusal(nucleus.span, "this letter is no matrix", remedy)
        if not factor.subscripts:
            return Piece("1", ATOM, nucleus.span, "identity")
        subscript = factor.subscripts[0]
        span = nucleus.span[0], subscript.span[1]
        dimension = self.total(subscript.sums[0]) if isinstance(subscript, Group) and len(subscript.sums) == 1 else None
        if isinstance(subscript, Leaf):
            dimension = self.piece(Factor(subscript, (), (), (), subscript.span))
        text = dimension.text if dimension is not None else ""
        value = self.dictionary.names.get(text)
        if text.isdigit() and 0 < len(text) < 7:
            size = scalar(int(text))
        elif isinstance(value, Scalar) and dimension is not None and dimension.is_scalar:
            size = value
        else:
            raise self.source.refusal(subscript.span, "this is no dimension", "write a declared one, as in I_d")
        return Piece("1", ATOM, span, "identity", size, size, dimension=text)

    # numbers, fractions, roots, norms ------------------------------------------------------------------------------

    def _nucleus(self, nucleus: Nucleus) -> Piece:
        match nucleus:
            case Leaf():
                return self._leaf(nucleus)
            case Bracket(inner=inner, span=span):
                return replace(self.total(inner), span=span, has_open_trace=False)
            case Fraction(top=top, bottom=bottom, span=span):
                if _like_derivative(top, bottom):
                    what = "a derivative, or a quotient with d above and below the line?"
                    raise self.source.refusal(span, what, "cancel the d; derivatives are not read")
                above, below = self._argument(top), self._argument(bottom)
                return replace(divided(self.source, above, below), span=span, has_open_trace=False)
            case Root(inner=inner, degree=degree, span=span):
                if degree is not None:
                    raise self.source.refusal(degree.span, "a root of this degree", "only square roots are read")
                return replace(raised(self._rootable(self._argument(inner)), 1), span=span, has_open_trace=False)
            case Styled():
                return self._styled(nucleus)
            case Group():  # with scripts, or it would have been spliced into its term
                raise self.source.refusal(nucleus.span, "braces do not show", "write brackets, as in (AB)^2")

    def _leaf(self, leaf: Leaf) -> Piece:
        if leaf.kind == "NUMBER":
            return Piece(_plain(leaf.text), ATOM, leaf.span)
        if leaf.kind == "HALF":
            return Piece("/".join(half_digits(leaf)), QUOTIENT, leaf.span)
        if leaf.kind == "STAR":
            raise self.source.refusal(leaf.span, "a star between factors", r"write \cdot, or nothing")
        if leaf.text in (r"\top", r"\intercal", r"\dagger", r"\prime", r"\star", r"\ast"):
            raise self.source.refusal(leaf.span, "a superscript on the line", f"write ^{leaf.text}")
        if leaf.text in (r"\mathrm", r"\operatorname", r"\text", r"\mathsf"):
            raise self.source.refusal(leaf.span, "this is not followed by one word", rf"write {leaf.text}{{word}}")
        close = get_close_matches(leaf.text[1:], COMMANDS, 1)
        remedy = f"did you mean \\{close[0]}?" if close else r"names are written \mathrm{name}"
        raise self.source.refusal(leaf.span, "a command that formulas do not have", remedy)

    def _argument(self, argument: Argument) -> Piece:
        """What stands in the braces of a fraction or root, or the one token there."""
        refuse_digits(self.source, argument)
        if isinstance(argument, Leaf):
            return self.piece(Factor(argument, (), (), (), argument.span))
        if len(argument.sums) != 1:
            what = "a comma outside a subscript" if argument.sums else "empty braces"
            raise self.source.refusal(argument.span, what, "write one formula in the braces")
        return replace(self.total(argument.sums[0]), span=argument.span)

    def _styled(self, node: Styled) -> Piece:
        if node.style not in ("bar", "overline"):
            remedy = "this is read over or around one letter only"
            raise self.source.refusal(node.span, f"\\{node.style} of a formula", remedy)
        piece = self._argument(node.inner)
        if piece.real or piece.kind == "identity":
            what = "a bar over what is real"
            raise self.source.refusal(node.span, what, "it is read as the conjugate of what is complex")
        return replace(conjugated(piece), span=node.span)

    def _norm(self, factor: Factor, bars: Bracket) -> Piece:
        r"""``\|w\|^2``, ``\|w\|_A^2`` and ``\|A\|_F^2`` and their integer powers."""
        if _BARS.search(self.source.text[slice(*bars.inner.span)]):
            raise self.source.refusal(bars.span, "a norm within a norm", "write the inner one as a quadratic form")
        inner = self.total(bars.inner)
        scripts = [read_superscript(s) for s in factor.superscripts]
        script = scripts[0] if scripts else None
        if script is None or script.flip or script.halves <= 0 or script.halves % 4 or factor.primes:
            raise self.source.refusal(factor.span, "a norm that is not squared", r"write \|w\|^2")
        if inner.kind != "matrix":
            raise self.source.refusal(bars.span, "the norm of a scalar", "write its square")
        middle = self._norm_weight(factor, inner)
        left = flipped(inner, "T" if inner.real else "H")
        square = multiplied(self.source, [p for p in (left, middle, inner) if p is not None])
        if middle is None:
            square = replace(square, rows=ONE, cols=ONE)  # the Frobenius norm is a trace, a vector's norm an entry
        return raised(replace(settled(square), span=factor.span), script.halves // 2)

    def _norm_weight(self, factor: Factor, inner: Piece) -> Piece | None:
        r"""The matrix in ``\|w\|_A^2``; None for the Euclidean and the Frobenius norm."""
        subscript = factor.subscripts[0] if factor.subscripts else None
        symbol = symbol_of(self.source, subscript) if subscript is not None else None
        if symbol is not None and symbol.bases in (("F",), ("HS",)) and not symbol.subscripts:
            if symbol.style != "word" and self.dictionary.declared(symbol):
                raise self.source.refusal(factor.span, "ambiguous: F is declared", r"write \mathrm{F} for Frobenius")
            return None
        if inner.cols != ONE:
            remedy = r"write \|A\|_F^2, or a trace"
            raise self.source.refusal(factor.span, "a norm of a matrix other than the Frobenius norm", remedy)
        if subscript is None or integer(subscript) == 2:
            return None
        weight = self._argument(subscript)
        if weight.kind != "matrix" or weight.rows != inner.rows or weight.cols != inner.rows:
            raise self.source.refusal(subscript.span, "this is no matrix of that dimension", r"write \|w\|_A^2")
        return weight

    # superscripts ------------------------------------------------------------------------------------------------

    def scripted(self, base: Piece, factor: Factor) -> Piece:
        """The base with the primes and the superscript of its factor."""
        if factor.is_bare:
            return replace(base, span=factor.span)
        script = Script()
        is_half = isinstance(factor.nucleus, Leaf) and factor.nucleus.kind == "HALF"
        if is_half or isinstance(factor.nucleus, Fraction):
            raise self.source.refusal(factor.span, "a superscript behind a fraction", "put the fraction in brackets")
        if factor.superscripts:
            found = read_superscript(factor.superscripts[0])
            if found is None:
                raise self.source.refusal(factor.superscripts[0].span, "this superscript is not read", _SUPERSCRIPTS)
            script = found
        flip = self._flip(factor, script)
        if flip or factor.superscripts:
            base = settled(base)
        if not flip:
            powered = self._rootable(base) if script.halves % 2 else base
            return replace(raised(powered, script.halves), span=factor.span)
        if base.is_scalar:
            remedy = r"remove it, or write \bar{z} for a conjugate"
            raise self.source.refusal(factor.span, "the transpose of a scalar", remedy)
        letter = self._letter(factor, flip, base)
        return replace(raised(flipped(base, letter), script.halves), span=factor.span)

    def _flip(self, factor: Factor, script: Script) -> str:
        """The one transposition among primes and superscript, or ""."""
        if len(factor.primes) > 1 or (factor.primes and script.flip):
            raise self.source.refusal(factor.span, "several transpositions", "write one, or none")
        flip = "'" if factor.primes else script.flip
        if flip.startswith("letter"):
            letter = flip[-1]
            if self.dictionary.declared(Symbol((letter,))):
                remedy = rf"write ^\top, or ^{{\mathsf {letter}}}"
                raise self.source.refusal(factor.span, f"ambiguous: {letter} is declared", remedy)
            return letter
        return flip

    def _letter(self, factor: Factor, flip: str, base: Piece) -> str:
        """Which of .T and .H a transposition means; refuses what authors use in several ways."""
        if flip == "'" and not base.real:
            remedy = r"write ^\top or ^*"
            raise self.source.refusal(factor.span, "a prime on a complex matrix: transpose or adjoint?", remedy)
        if flip == "dagger" and base.real:
            remedy = r"write ^\top, or the pseudo-inverse by inverses"
            raise self.source.refusal(factor.span, "a dagger on a real matrix: transpose or pseudo-inverse?", remedy)
        if flip == "star":
            remedy = r"declare such a name (w_star), or write ^* for the adjoint"
            raise self.source.refusal(factor.span, "a star that is part of no declared name", remedy)
        return "T" if flip in ("T", "'") else "H"

    def _rootable(self, piece: Piece) -> Piece:
        """What a square root can be taken of; of multiples of the identity it is not read."""
        if piece.kind == "identity":
            raise self.source.refusal(piece.span, "the root of an identity", "take the root of the scalar")
        return settled(piece)


def _like_derivative(top: Argument, bottom: Argument) -> bool:
    r"""Whether a fraction looks like ``\frac{d}{dx}``: d leads above and below, and something is behind it below."""
    above, below = (_leading_factors(x) for x in (top, bottom))
    return above[:1] == ["d"] and below[:1] == ["d"] and len(below) > 1


def _leading_factors(argument: Argument) -> list[str]:
    if isinstance(argument, Leaf):
        return [argument.text]
    terms = argument.sums[0].terms if len(argument.sums) == 1 else ()
    factors = terms[0][1].factors if len(terms) == 1 else ()
    return [f.nucleus.text if isinstance(f.nucleus, Leaf) else "" for _, f in factors]


def conjugated(piece: Piece) -> Piece:
    """The complex conjugate, of a matrix entry by entry."""
    return replace(piece, text=f"conj({piece.text})", strength=ATOM)


def _plain(text: str) -> str:
    """A number without leading zeros, with a digit before its point."""
    whole, point, rest = text.partition(".")
    return (whole.lstrip("0") or "0") + point + rest
