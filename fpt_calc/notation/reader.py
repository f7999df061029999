r"""What LaTeX formulas mean: the tree, with the declared names, in the syntax of problem files.

    text --read_tree--> tree --_Reader--> formula

Which product a juxtaposition is, is decided by the kinds of the declared names; what two readers could read in two ways
is refused with its position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fpt_calc.expr import Expr
from fpt_calc.notation.factors import Factors
from fpt_calc.notation.names import Dictionary
from fpt_calc.notation.pieces import Piece, added, divided, matrix_text, multiplied, settled, traced
from fpt_calc.notation.powers import raised
from fpt_calc.notation.scripts import read_superscript, symbol_of
from fpt_calc.notation.source import Source
from fpt_calc.notation.syntax import read_tree
from fpt_calc.notation.tree import Bracket, Factor, Group, Leaf, Nucleus, Styled, Term, Total, lone_factor, word_of
from fpt_calc.scalars import Scalar

Items = tuple[tuple[str, Factor], ...]
_TRACE_WORDS = {"tr": "Tr", "Tr": "Tr", "trace": "Tr", "Trace": "Tr", "ntr": "tau"}
_BRACKETS = r"put the whole argument in brackets: \operatorname{tr}[...]"
_FRACTION = r"write \frac{...}{...}, or put the divisor in brackets"


def read_latex(text: str, names: Mapping[str, Expr | Scalar], where: str) -> str:
    r"""The formula, in the syntax of problem files, that a LaTeX formula means.

    Parameters
    ----------
    text : LaTeX (math mode, without dollars); what is understood is listed in docs/latex_claims.md.
    names : the declared names; their kinds decide what a juxtaposition means.
    where : the file and key, for messages.

    Raises `InputError` (`ShapeError` where shapes do not fit) with the column and the piece that is not understood,
    or that can be understood in two ways. Shapes of sums and powers are left to `fpt_calc.problem.parse_formula`.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import Parameter, dimension, generator_scalar
    >>> d, kappa = dimension("d"), generator_scalar(Parameter("kappa", "positive"))
    >>> names = {"d": d, "kappa": kappa, "Sigma": Atom("Sigma", d, d)}
    >>> read_latex(r"\kappa^2 \operatorname{tr} \Sigma (\Sigma+\kappa I_d)^{-2}", names, "claim")
    'kappa**2*Tr(Sigma@inv(Sigma + kappa)**2)'
    >>> read_latex(r"\kappa + \Sigmma", names, "claim")
    Traceback (most recent call last):
    fpt_calc.errors.InputError: claim: column 10 (\Sigmma): a command that formulas do not have; did you mean \Sigma?
    """
    source = Source(text, where)
    piece = settled(_Reader(source, Dictionary(source, names)).total(read_tree(source)))
    return matrix_text(source, piece) if piece.kind == "identity" else piece.text


@dataclass(frozen=True)
class _Reader:
    source: Source
    dictionary: Dictionary

    def total(self, node: Total) -> Piece:
        """A sum of terms."""
        return added(self.source, [(minus, self.term(term)) for minus, term in node.terms])

    def term(self, node: Term) -> Piece:
        """A product of factors, perhaps divided by one factor at its end."""
        items, pieces, k = tuple(self._spliced(node)), list[Piece](), 0
        trace: str | None = None  # how the argument of an earlier trace was written
        while k < len(items):
            sign, factor = items[k]
            if sign == "/":
                return self._divided(pieces, items, k)
            piece, end = self._unit(items, k)
            if sign == "." and trace == "bracketed":
                trace = None
            if trace is not None and not piece.is_scalar:
                what = "a matrix behind a trace: inside it or not?"
                raise self.source.refusal(factor.span, what, _BRACKETS)
            if self._trace(factor) is not None:
                trace = "bare" if piece.has_open_trace else "bracketed"
            pieces.append(piece)
            k = end
        return multiplied(self.source, pieces)

    def _spliced(self, node: Term) -> Iterator[tuple[str, Factor]]:
        """The factors, those in braces among them: braces do not show, so that a sum in them is refused."""
        for sign, factor in node.factors:
            if not factor.is_bare or not isinstance(factor.nucleus, Group):
                yield sign, factor
                continue
            sums = factor.nucleus.sums
            terms = sums[0].terms if len(sums) == 1 else ()
            if len(terms) != 1 or terms[0][0] or any(s for s, _ in terms[0][1].factors):
                raise self.source.refusal(factor.span, "braces do not show", "write brackets, as in (a+b)")
            inner = tuple(self._spliced(terms[0][1]))
            yield from ((sign if i == 0 else s, f) for i, (s, f) in enumerate(inner))

    def _divided(self, pieces: list[Piece], items: Items, k: int) -> Piece:
        """``ab/c``: one factor behind the slash, and nothing behind it."""
        divisor = items[k][1]
        bottom, end = self._unit(items, k)
        if end < len(items):
            what = "a factor behind the divisor: below the line or not?"
            raise self.source.refusal(items[end][1].span, what, _FRACTION)
        if bottom.has_open_trace and self._trace(divisor) is not None:
            raise self.source.refusal(divisor.span, "a trace without brackets behind a slash", _BRACKETS)
        return divided(self.source, multiplied(self.source, pieces), bottom)

    def _unit(self, items: Items, k: int) -> tuple[Piece, int]:
        """The factor at ``k``, together with those that belong to it, and where the next one is."""
        sign, factor = items[k]
        function = self._trace(factor)
        if function is not None:
            return self._traced(items, k, function)
        if k and not sign and isinstance(factor.nucleus, Leaf) and factor.nucleus.kind == "NUMBER":
            remedy = r"put numbers in front, or write \cdot"
            raise self.source.refusal(factor.span, "a number behind a factor", remedy)
        argument = self._argument_of(items, k)
        if argument is not None:
            applied = self._applied(factor, argument)
            if applied is not None:
                return applied, k + 2
        return self._factors.piece(factor), k + 1

    # f(x) --------------------------------------------------------------------------------------------------------

    def _argument_of(self, items: Items, k: int) -> Factor | None:
        """The bracket directly behind a symbol."""
        is_symbol = symbol_of(self.source, items[k][1].nucleus) is not None
        if not is_symbol or k + 1 == len(items) or items[k + 1][0]:
            return None
        bracket = items[k + 1][1]
        return bracket if isinstance(bracket.nucleus, Bracket) and not bracket.nucleus.is_norm else None

    def _applied(self, factor: Factor, bracket: Factor) -> Piece | None:
        r"""``\mathrm{df}_2(\kappa)`` as df2; None for a product; refuses what could be either."""
        assert isinstance(bracket.nucleus, Bracket)
        symbol = symbol_of(self.source, factor.nucleus)
        piece = self._factors.piece(factor)
        is_word = symbol is not None and symbol.style == "word" and piece.is_scalar
        span = factor.span[0], bracket.span[1]
        is_negative, lone = _lone_symbol(bracket.nucleus)
        if (lone is None and not is_word) or piece.text == "1j":
            return None
        is_scripted = lone is not None and (is_negative or bool(lone.superscripts or lone.primes))
        if lone is not None and is_scripted and not (piece.is_scalar or self._factors.piece(lone).is_scalar):
            return None  # A(-B) and A(B^\top): no function of a matrix is written like this
        self._factors.check_scripts(bracket)
        if is_word and lone is not None and not bracket.subscripts and piece.text in self.dictionary.names:
            argument = self._factors.piece(lone)
            known = argument.text in self.dictionary.names and not is_negative
            if known and self.dictionary.is_function_of(piece.text, argument.text):
                applied = replace(piece, span=span)
                return self._factors.scripted(applied, bracket)
        what = f"{self.source.piece(factor.span)} as a function of this, or a product?"
        remedy = r"write the product with \cdot; functions are written with the parameter of their definition"
        raise self.source.refusal(span, what, remedy)

    # traces ------------------------------------------------------------------------------------------------------

    def _trace(self, factor: Factor) -> str | None:
        """``Tr`` or ``tau`` if a factor is the sign of a trace."""
        if factor.subscripts:
            return None
        function = _trace_sign(factor.nucleus)
        if function is None:
            return None
        written = self.source.piece(factor.nucleus.span)
        declared = [
            n for n in ("tr", "Tr", "trace", "Trace", "ntr", "tau") if n in self.dictionary.names and n in written
        ]
        if declared:
            what = f"ambiguous: {declared[0]} is declared, and this is the sign of a trace"
            raise self.source.refusal(factor.span, what, "rename the declared one")
        if factor.primes:
            raise self.source.refusal(factor.span, "a prime on a trace", "remove it")
        return function

    def _traced(self, items: Items, k: int, function: str) -> tuple[Piece, int]:
        factor = items[k][1]
        exponent = self._exponent(factor)
        if k + 1 == len(items) or items[k + 1][0]:
            raise self.source.refusal(factor.span, "a trace of nothing", _BRACKETS)
        argument = items[k + 1][1]
        span = factor.span[0], argument.span[1]
        if not isinstance(argument.nucleus, Bracket) or argument.nucleus.is_norm:
            if isinstance(factor.nucleus, Leaf) and factor.nucleus.text == r"\tau":
                remedy = r"write \tau(...) for the normalized trace, or declare the scalar under another name"
                raise self.source.refusal(factor.span, "tau without brackets: a trace or a scalar?", remedy)
            return self._bare_trace(items, k, function, exponent)
        power = self._exponent(argument)
        if argument.primes or argument.subscripts or (power != 1 and exponent != 1):
            raise self.source.refusal(argument.span, "a script behind the argument of a trace", _BRACKETS)
        piece = traced(self.source, function, self.total(argument.nucleus.inner), span)
        return replace(raised(piece, 2 * power * exponent), span=span, has_open_trace=False), k + 2

    def _exponent(self, factor: Factor) -> int:
        r"""The power of a trace in ``\operatorname{tr}^2(A)`` and ``\operatorname{tr}(A)^2``."""
        if len(factor.superscripts) > 1:
            raise self.source.refusal(factor.superscripts[1].span, "a second superscript", "write one, in braces")
        if not factor.superscripts:
            return 1
        script = read_superscript(factor.superscripts[0])
        if script is None or script.flip or script.halves <= 0 or script.halves % 2:
            what = "this superscript on a trace: of the trace, or of the matrix?"
            raise self.source.refusal(
                factor.span, what, r"write \operatorname{tr}[A^{-1}] or \frac{1}{\operatorname{tr}(A)}"
            )
        return script.halves // 2

    def _bare_trace(self, items: Items, k: int, function: str, exponent: int) -> tuple[Piece, int]:
        """A trace without brackets: of the matrices up to the end of the term, a slash, a dot or the next trace.

        Scalars before and behind the matrices may be read inside or outside, which is the same; between them they are
        refused.
        """
        factor, end = items[k][1], k + 1
        pieces: list[Piece] = []
        while end < len(items) and not (items[end][0] and end > k + 1) and self._trace(items[end][1]) is None:
            place = items[end][1].span
            piece, end = self._unit(items, end)
            if pieces and pieces[-1].is_scalar and not piece.is_scalar and not all(p.is_scalar for p in pieces):
                raise self.source.refusal(place, "a matrix behind a scalar: in the trace or not?", _BRACKETS)
            pieces.append(piece)
        matrices = [p for p in pieces if not p.is_scalar]
        scalars = [p for p in pieces if p.is_scalar]
        if not matrices:
            raise self.source.refusal(factor.span, "a trace of nothing but scalars", _BRACKETS)
        if scalars and exponent != 1:
            raise self.source.refusal(factor.span, "a power of a trace with scalars behind it", _BRACKETS)
        span = factor.span[0], items[end - 1][1].span[1]
        trace = traced(self.source, function, multiplied(self.source, matrices), span)
        found = multiplied(self.source, [*scalars, raised(trace, 2 * exponent)])
        return replace(found, span=span, has_open_trace=True), end

    @property
    def _factors(self) -> Factors:
        return Factors(self.source, self.dictionary, self.total)


def _trace_sign(nucleus: Nucleus) -> str | None:
    if isinstance(nucleus, Styled) and nucleus.style in ("bar", "overline"):
        inner = nucleus.inner
        lone = inner if isinstance(inner, Leaf) else None
        if not isinstance(inner, Leaf):
            factor = lone_factor(inner)
            lone = factor.nucleus if factor and factor.is_bare and isinstance(factor.nucleus, Leaf) else None
        is_trace = lone is not None and _trace_sign(lone) == "Tr"
        return "tau" if is_trace else None
    if not isinstance(nucleus, Leaf):
        return None
    if nucleus.kind == "WORD":
        return _TRACE_WORDS.get(word_of(nucleus))
    if nucleus.kind == "COMMAND":
        return "tau" if nucleus.text == r"\tau" else _TRACE_WORDS.get(nucleus.text[1:])
    return None


def _lone_symbol(bracket: Bracket) -> tuple[bool, Factor | None]:
    """The symbol that stands alone in a bracket, as an argument of a function does, and whether it has a minus."""
    if len(bracket.inner.terms) != 1:
        return False, None
    minus, term = bracket.inner.terms[0]
    factor = term.factors[0][1]
    is_symbol = len(term.factors) == 1 and isinstance(factor.nucleus, Leaf | Styled)
    return minus, factor if is_symbol else None
