"""Superscripts, subscripts and symbols, read off the tree; which names are declared does not matter here."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.notation.source import Source, Span
from fpt_calc.notation.symbols import ACCENTS, BOLD, COMMANDS, MAX_PARTS, SUBSCRIPT_SIGNS, Symbol
from fpt_calc.notation.tree import (
    Argument,
    Factor,
    Fraction,
    Group,
    Leaf,
    Nucleus,
    Styled,
    Term,
    lone_factor,
    word_of,
)

_FLIPS = {r"\top": "T", r"\intercal": "T", r"\prime": "'", r"\dagger": "dagger", r"\ast": "*", r"\star": "star"}
_MAX_DIGITS = 4


@dataclass(frozen=True)
class Script:
    """A superscript: a power of ``halves/2`` and a transposition.

    ``flip`` is "" (none), "T", "H", "'", "*", "dagger", "star", or "letter T" and "letter H" for an italic letter.
    """

    halves: int = 2
    flip: str = ""


def read_superscript(argument: Argument) -> Script | None:
    """What a superscript says; None for what is neither a power nor a transposition."""
    if isinstance(argument, Leaf):
        return _leaf(argument)
    if len(argument.sums) != 1 or len(argument.sums[0].terms) != 1:
        return None
    minus, term = argument.sums[0].terms[0]
    found = _term(term)
    if found is None or not minus:
        return found
    return Script(-found.halves, found.flip)


def _term(term: Term) -> Script | None:
    if not all(f.is_bare for _, f in term.factors):
        return None
    nuclei = [f.nucleus for _, f in term.factors]
    signs = [sign for sign, _ in term.factors]
    if len(nuclei) == 1:
        if isinstance(nuclei[0], Leaf):
            return _leaf(nuclei[0], braced=True)
        if isinstance(nuclei[0], Fraction):
            parts = [integer(x) for x in (nuclei[0].top, nuclei[0].bottom)]
            return _half(*parts)
    if len(nuclei) == 2 and signs[1] == "/":
        return _half(*(integer(x) if isinstance(x, Leaf) else None for x in nuclei))
    return None


def _half(top: int | None, bottom: int | None) -> Script | None:
    if top is None or bottom not in (1, 2):
        return None
    return Script(2 * top // bottom)


def _leaf(leaf: Leaf, braced: bool = False) -> Script | None:
    if leaf.kind == "NUMBER":
        number = integer(leaf)
        return None if number is None or (len(leaf.text) > 1 and not braced) else Script(2 * number)
    if leaf.kind == "HALF":
        top, bottom = half_digits(leaf)
        return _half(int(top), int(bottom))
    if leaf.kind == "STAR":
        return Script(flip="*")
    if leaf.kind == "LETTER" and leaf.text in "TH":
        return Script(flip=f"letter {leaf.text}")
    if leaf.kind == "WORD" and word_of(leaf) in ("T", "H"):
        return Script(flip=word_of(leaf))
    return Script(flip=_FLIPS[leaf.text]) if leaf.text in _FLIPS else None


def integer(argument: Nucleus) -> int | None:
    """The integer that is written there, if it is a short one."""
    if isinstance(argument, Group):
        lone = lone_factor(argument)
        return integer(lone.nucleus) if lone is not None and lone.is_bare else None
    if not isinstance(argument, Leaf) or argument.kind != "NUMBER":
        return None
    return int(argument.text) if argument.text.isdigit() and len(argument.text) <= _MAX_DIGITS else None


def half_digits(leaf: Leaf) -> tuple[str, str]:
    r"""The two digits of ``\frac12``."""
    top, bottom = [c for c in leaf.text if c.isdigit()]
    return top, bottom


def refuse_digits(source: Source, argument: Argument) -> None:
    r"""Refuse ``x^12``, ``x_12`` and ``\frac123``, where LaTeX takes the first digit only."""
    if isinstance(argument, Leaf) and argument.kind == "NUMBER" and len(argument.text) > 1:
        remedy = f"write {{{argument.text}}} in braces"
        raise source.refusal(argument.span, "LaTeX takes only the first digit here", remedy)


def symbol_of(source: Source, nucleus: Nucleus, subscripts: tuple[Argument, ...] = ()) -> Symbol | None:
    """The symbol that a nucleus with its subscripts is; None for what is no symbol."""
    found = _bare_symbol(source, nucleus)
    if found is None or not subscripts:
        return found
    if found.subscripts:
        raise source.refusal(subscripts[0].span, "a second subscript", "write one subscript, as in x_{1,2}")
    parts = subscript_parts(source, subscripts[0])
    return Symbol(found.bases, found.accents, parts, found.style)


def _bare_symbol(source: Source, nucleus: Nucleus) -> Symbol | None:
    if isinstance(nucleus, Group):
        lone = lone_factor(nucleus)
        if lone is None or lone.primes or lone.superscripts or len(lone.subscripts) > 1:
            return None
        return symbol_of(source, lone.nucleus, lone.subscripts)
    if isinstance(nucleus, Styled):
        return _styled(source, nucleus)
    if not isinstance(nucleus, Leaf):
        return None
    if nucleus.kind == "LETTER":
        return Symbol((nucleus.text,))
    if nucleus.kind == "WORD":
        return Symbol((word_of(nucleus),), style="word")
    spellings = COMMANDS.get(nucleus.text[1:]) if nucleus.kind == "COMMAND" else None
    if spellings is None:
        return None
    return Symbol(spellings, style="word" if nucleus.text == r"\df" else f"var{nucleus.text}" * (len(spellings) > 1))


def _styled(source: Source, node: Styled) -> Symbol | None:
    inner = _bare_symbol(source, node.inner)
    if inner is None or node.style == "mathbb":
        return None
    if node.style in BOLD:
        return Symbol(inner.bases, inner.accents, inner.subscripts, "bold") if inner.style != "word" else None
    accent = ACCENTS.get(node.style, node.style)
    return Symbol(inner.bases, (*inner.accents, accent), inner.subscripts, inner.style)


def subscript_parts(source: Source, argument: Argument) -> tuple[str, ...]:
    """The parts of an index: letters and digits side by side are one part, a word or a Greek letter is one."""
    refuse_digits(source, argument)
    if isinstance(argument, Leaf):
        return (_index(source, argument)[0],)
    parts: list[str] = []
    for total in argument.sums:
        if len(total.terms) != 1 or total.terms[0][0]:
            raise _no_index(source, argument.span)
        previous: Factor | None = None
        for sign, factor in total.terms[0][1].factors:
            if sign or not factor.is_bare or not isinstance(factor.nucleus, Leaf):
                raise _no_index(source, argument.span)
            text, joins = _index(source, factor.nucleus)
            if joins and previous is not None and previous.span[1] == factor.span[0]:
                parts[-1] += text
            else:
                parts.append(text)
            previous = factor if joins else None
    if not 0 < len(parts) <= MAX_PARTS:
        raise _no_index(source, argument.span)
    return tuple(parts)


def _index(source: Source, leaf: Leaf) -> tuple[str, bool]:
    """The text of one token of an index, and whether it joins its neighbours."""
    if leaf.kind == "LETTER" or (leaf.kind == "NUMBER" and leaf.text.isdigit()):
        return leaf.text, True
    if leaf.kind == "WORD":
        return word_of(leaf), False
    if leaf.kind == "STAR":
        return "star", False
    if leaf.kind == "COMMAND":
        name = leaf.text[1:]
        if name in SUBSCRIPT_SIGNS:
            return SUBSCRIPT_SIGNS[name], False
        if name in COMMANDS:
            return COMMANDS[name][0], False
    raise _no_index(source, leaf.span)


def _no_index(source: Source, span: Span) -> Exception:
    return source.refusal(span, "this is no index", "write letters, digits and words, as in x_{1,\\mathrm{test}}")
