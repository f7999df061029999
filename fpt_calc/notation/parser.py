"""The parser: lark with the grammar of grammar.lark. Import it where it is needed, since lark takes time to load.

The tree is built while the text is parsed, without recursion, so that no text can exhaust the stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer

from fpt_calc.notation.source import Span
from fpt_calc.notation.tree import Bracket, Factor, Fraction, Group, Leaf, Root, Styled, Term, Total


@cache
def parser() -> Lark:
    """The parser of LaTeX formulas; it returns a `Total`."""
    grammar = files("fpt_calc.notation").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder(), postlex=_NormBars())


def span_of(token: Token) -> Span:
    """Where a token stands."""
    start = token.start_pos or 0
    return start, token.end_pos if token.end_pos is not None else start + len(token)


class _NormBars:
    r"""``\|`` opens a norm unless the innermost bracket is such a bar, which it closes."""

    always_accept = ("NORM",)
    _pairs = ("LPAR", "LSQB", "LCURLY", "LBRACE", "NORM_OPEN"), ("RPAR", "RSQB", "RCURLY", "RBRACE", "NORM_CLOSE")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens with every bar made an opening or a closing one."""
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


def _around(first: Any, last: Any) -> Span:
    """The span from one node or token to another."""
    start, end = (x.span if hasattr(x, "span") else span_of(x) for x in (first, last))
    return start[0], end[1]


class _Builder(Transformer[Any, Any]):
    """The callbacks that make the nodes, by the names of the grammar's rules."""

    def start(self, parts: list[Any]) -> Total:
        total: Total = parts[0]
        return total

    def leaf(self, parts: list[Any]) -> Leaf:
        return Leaf(parts[0].type, str(parts[0]), span_of(parts[0]))

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
