"""From LaTeX text to a tree: form only, no meaning (`reader` gives it one).

The tree is built while the text is parsed, without recursion, so that no text can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fpt_calc.errors import InputError
from fpt_calc.notation.refusals import CHARACTERS, first_refused
from fpt_calc.notation.source import Source, Span

if TYPE_CHECKING:
    from lark import Lark, Token

MAX_LENGTH = 10_000
MAX_NESTING = 30  # of brackets and braces
_CHECK = "check the brackets and operators before it"


@dataclass(frozen=True)
class Leaf:
    """One token; ``kind`` is its name in the grammar."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True)
class Group:
    """``{...}``; commas separate sums in subscripts."""

    sums: tuple[Total, ...]
    span: Span


@dataclass(frozen=True)
class Bracket:
    """A sum in brackets of any kind, or between the bars of a norm."""

    inner: Total
    is_norm: bool
    span: Span


@dataclass(frozen=True)
class Fraction:
    r"""``\frac{top}{bottom}``."""

    top: Argument
    bottom: Argument
    span: Span


@dataclass(frozen=True)
class Root:
    r"""``\sqrt{inner}``, perhaps with a degree."""

    inner: Argument
    degree: Total | None
    span: Span


@dataclass(frozen=True)
class Styled:
    r"""``\bar{inner}``, ``\mathbf{inner}`` and the like; ``style`` is the command without its backslash."""

    style: str
    inner: Argument
    span: Span


Argument = Leaf | Group
Nucleus = Leaf | Group | Fraction | Root | Styled | Bracket


@dataclass(frozen=True)
class Factor:
    """A nucleus with its primes (their spans), superscripts and subscripts."""

    nucleus: Nucleus
    primes: tuple[Span, ...]
    superscripts: tuple[Argument, ...]
    subscripts: tuple[Argument, ...]
    span: Span

    @property
    def is_bare(self) -> bool:
        return not (self.primes or self.superscripts or self.subscripts)


@dataclass(frozen=True)
class Term:
    """Factors in order, each with what stands before it: "" (nothing), "." (a multiplication sign) or "/"."""

    factors: tuple[tuple[str, Factor], ...]
    span: Span


@dataclass(frozen=True)
class Total:
    """Terms with their signs (True is minus)."""

    terms: tuple[tuple[bool, Term], ...]
    span: Span


def read_tree(source: Source) -> Total:
    """The tree of a text; raises `InputError` with the position of the first piece that is in no formula."""
    text = source.text
    if len(text) > MAX_LENGTH:
        raise InputError(f"a formula of {len(text)} characters", where=source.where, remedy=f"at most {MAX_LENGTH}")
    if not text.strip():
        raise source.refusal((0, 0), "an empty formula", "write a formula")
    _check_nesting(source)
    refused = first_refused(text)
    if refused is not None:
        raise source.refusal(*refused)
    return _parsed(source)


def _check_nesting(source: Source) -> None:
    depth = 0
    for at, character in enumerate(source.text):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_NESTING:
            raise source.refusal((at, at + 1), f"brackets nested deeper than {MAX_NESTING}", "name the inner parts")


def _parsed(source: Source) -> Total:
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    try:
        tree = _parser().parse(source.text)
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        character = source.text[at]
        what, remedy = CHARACTERS.get(character, (f"the character {character!r} is not read", "write it in LaTeX"))
        raise source.refusal((at, at + 1), what, remedy) from None
    except UnexpectedToken as error:
        raise _unexpected(source, error.token) from None
    assert isinstance(tree, Total)
    return tree


def _unexpected(source: Source, token: Token) -> InputError:
    if token.type == "$END":
        end = len(source.text)
        return source.refusal((end, end), "the formula ends too early", "close the brackets, complete the last term")
    span = _span(token)
    if token.type in ("RPAR", "RSQB", "RCURLY", "RBRACE", "NORM_CLOSE"):
        return source.refusal(span, "a closing bracket with nothing to close, or nothing before it", _CHECK)
    if token.type == "COMMA":
        return source.refusal(span, "a comma outside a subscript", "read one formula at a time, without punctuation")
    return source.refusal(span, "this cannot stand here", _CHECK)


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = files("fpt_calc.notation").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_builder(), postlex=_NormBars())


class _NormBars:
    r"""``\|`` opens a norm unless the innermost bracket is such a bar, which it closes."""

    always_accept = ("NORM",)
    _pairs = ("LPAR", "LSQB", "LCURLY", "LBRACE", "NORM_OPEN"), ("RPAR", "RSQB", "RCURLY", "RBRACE", "NORM_CLOSE")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens with every bar made an opening or a closing one."""
        from lark import Token

        inside: list[str] = []
        for token in stream:
            kind = token.type
            if kind == "NORM":
                closes = bool(inside) and inside[-1] == "NORM"
                yield Token.new_borrow_pos("NORM_CLOSE" if closes else "NORM_OPEN", str(token), token)
                inside = inside[:-1] if closes else [*inside, "NORM"]
                continue
            if kind in self._pairs[0]:
                inside.append(kind)
            elif kind in self._pairs[1]:
                inside = inside[:-1]
            yield token


def _span(token: Token) -> Span:
    start = token.start_pos or 0
    return start, token.end_pos if token.end_pos is not None else start + len(token)


def _around(first: Any, last: Any) -> Span:
    """The span from one node or token to another."""
    start, end = (x.span if hasattr(x, "span") else _span(x) for x in (first, last))
    return start[0], end[1]


def _builder() -> Any:
    """The callbacks that make the nodes, by the names of the grammar's rules."""
    from lark import Token, Transformer

    class Builder(Transformer[Any, Any]):
        def start(self, parts: list[Any]) -> Total:
            total: Total = parts[0]
            return total

        def leaf(self, parts: list[Any]) -> Leaf:
            return Leaf(parts[0].type, str(parts[0]), _span(parts[0]))

        def group(self, parts: list[Any]) -> Group:
            return Group(tuple(p for p in parts if isinstance(p, Total)), _around(parts[0], parts[-1]))

        def fraction(self, parts: list[Any]) -> Fraction:
            return Fraction(parts[1], parts[2], _around(parts[0], parts[-1]))

        def root(self, parts: list[Any]) -> Root:
            return Root(parts[-1], parts[2] if len(parts) > 2 else None, _around(parts[0], parts[-1]))

        def styled(self, parts: list[Any]) -> Styled:
            return Styled(parts[0][1:], parts[1], _around(parts[0], parts[-1]))

        def bracket(self, parts: list[Any]) -> Bracket:
            return Bracket(parts[1], False, _around(parts[0], parts[-1]))

        def norm(self, parts: list[Any]) -> Bracket:
            return Bracket(parts[1], True, _around(parts[0], parts[-1]))

        def script(self, parts: list[Any]) -> tuple[str, Any, Span]:
            return parts[0].type, parts[-1], _around(parts[0], parts[-1])

        def factor(self, parts: list[Any]) -> Factor:
            nucleus, scripts = parts[0], parts[1:]
            of = {kind: tuple(x for k, x, _ in scripts if k == kind) for kind in ("SUP", "SUB")}
            primes = tuple(span for k, _, span in scripts if k == "PRIME")
            end = scripts[-1][2][1] if scripts else nucleus.span[1]
            return Factor(nucleus, primes, of["SUP"], of["SUB"], (nucleus.span[0], end))

        def run(self, parts: list[Any]) -> tuple[Factor, ...]:
            return tuple(parts)

        def term(self, parts: list[Any]) -> Term:
            found: list[tuple[str, Factor]] = []
            before = ""
            for part in parts:
                if isinstance(part, Token):
                    before = "/" if part.type == "SLASH" else "."
                else:
                    found += [(before if k == 0 else "", f) for k, f in enumerate(part)]
            return Term(tuple(found), (found[0][1].span[0], found[-1][1].span[1]))

        def sum(self, parts: list[Any]) -> Total:
            minus = False
            found: list[tuple[bool, Term]] = []
            for part in parts:
                if isinstance(part, Term):
                    found.append((minus, part))
                else:
                    minus = part.type == "MINUS"
            return Total(tuple(found), _around(parts[0], parts[-1]))

    return Builder()


def word_of(leaf: Leaf) -> str:
    r"""The letters of a word such as ``\mathrm{df}``."""
    found = re.search(r"([A-Za-z0-9]+)\s*\}?$", leaf.text)
    assert found is not None, "the grammar admits letters and digits"
    return found.group(1)


def lone_factor(node: Group | Bracket) -> Factor | None:
    """The only factor in braces or brackets, if it has no sign."""
    sums = node.sums if isinstance(node, Group) else (node.inner,)
    if len(sums) == 1 and len(sums[0].terms) == 1:
        minus, term = sums[0].terms[0]
        if not minus and len(term.factors) == 1:
            return term.factors[0][1]
    return None
