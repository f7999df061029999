"""The declared names as a reader of LaTeX meets them: each symbol is one name, and each name is written in one way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from fpt_calc.expr import Expr, ScalarMatrix, Scaled, Trace, is_real, postorder
from fpt_calc.notation.pieces import ATOM, Piece
from fpt_calc.notation.source import Source, Span
from fpt_calc.notation.symbols import Symbol, near
from fpt_calc.scalars import Conjugate, Dimension, Generator, Scalar, generators_of

_LONGEST_NAME = 100


@runtime_checkable
class Defined(Protocol):
    """A generator of a higher floor that stands for a scalar, such as degrees of freedom."""

    @property
    def definition(self) -> Scalar:
        """What it stands for."""


@dataclass(frozen=True)
class Dictionary:
    """The declared names, and how the text has written those that it used so far."""

    source: Source
    names: Mapping[str, Expr | Scalar]
    _spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def declared(self, symbol: Symbol) -> list[str]:
        """The declared names that a symbol could stand for."""
        return symbol.declared(self.names)

    def piece(self, symbol: Symbol, span: Span) -> Piece:
        """The name that a symbol stands for; raises `InputError` if there is none, or more than one."""
        found = self.declared(symbol)
        if len(found) > 1:
            what = f"ambiguous: it could stand for {' or '.join(found)}"
            raise self.source.refusal(span, what, "rename one of them")
        if not found:
            raise self._undeclared(symbol, span)
        self._check_run(span)
        self._check_spelling(found[0], symbol, span)
        return self.named(found[0], span)

    def named(self, name: str, span: Span) -> Piece:
        """A declared name as a piece."""
        value = self.names[name]
        if isinstance(value, Expr):
            return Piece(name, ATOM, span, "matrix", value.rows, value.cols, real=is_real(value))
        return Piece(name, ATOM, span, real=value == value.conjugate())

    def is_function_of(self, name: str, argument: str) -> bool:
        """Whether a declared scalar is known to depend on another: ``df2(kappa)`` is then another way to write it.

        Of a scalar about which nothing is known nothing is a parameter, except that df1, df2, ... are taken at kappa.
        """
        value, of = self.names[name], self.names[argument]
        if not isinstance(value, Scalar) or not isinstance(of, Scalar) or len(of.gens) != 1 or of == value:
            return False
        generator = of.gens[0]
        if isinstance(generator, Dimension):
            return False
        depends = _dependencies(value)
        is_opaque = len(value.gens) == 1 and depends == set(value.gens)
        return generator in depends or (is_opaque and bool(re.fullmatch(r"df_?\d", name)) and argument == "kappa")

    def _undeclared(self, symbol: Symbol, span: Span) -> Exception:
        run = self._run(span)
        remedy = near(symbol, self.names)
        if run and self._could_be_name(run):
            remedy = f"names of several letters are written \\mathrm{{{run}}}"
        elif symbol.bases == ("i",):
            remedy = f"the imaginary unit is \\mathrm{{i}}; {remedy}"
        return self.source.refusal(span, "no declared name is written like this", remedy)

    def _run(self, span: Span) -> str:
        """The letters side by side among which a plain letter stands; "" for anything else."""
        text, start = self.source.text, span[0]
        if not text[start].isalpha():
            return ""
        while start > max(0, span[0] - _LONGEST_NAME) and text[start - 1].isascii() and text[start - 1].isalpha():
            start -= 1
        found = re.match(r"[A-Za-z]+", text[start : span[0] + _LONGEST_NAME])
        is_command = start > 0 and text[start - 1] == "\\"
        return found.group() if found and len(found.group()) > 1 and not is_command else ""

    def _could_be_name(self, run: str) -> bool:
        return any(name.startswith(run) and not name[len(run) : len(run) + 1].isalpha() for name in self.names)

    def _check_run(self, span: Span) -> None:
        """Refuse ``df`` where d, f and df are declared."""
        run = self._run(span)
        if run and self._could_be_name(run):
            remedy = f"write the name as \\mathrm{{{run}}}, or the product with spaces or \\cdot"
            raise self.source.refusal(span, f"{run} is a product of letters and the beginning of a name", remedy)

    def _check_spelling(self, name: str, symbol: Symbol, span: Span) -> None:
        spelling = (symbol.style, *symbol.accents)
        if self._spellings.setdefault(name, spelling) != spelling:
            what = f"{name} is written in two ways in one formula"
            raise self.source.refusal(span, what, "write each name in one way, and different things under two names")


def _dependencies(value: Scalar) -> set[Generator]:
    """The generators on which a scalar depends, those inside traces and definitions included."""
    found: set[Generator] = set()
    pending: list[Scalar] = [value]
    while pending:
        for g in generators_of(pending.pop()):
            if g in found:
                continue
            found.add(g)
            if isinstance(g, Conjugate):
                found.add(g.of)
            elif isinstance(g, Defined):
                pending.append(g.definition)
            elif isinstance(g, Trace):
                for node in postorder(g.argument):
                    if isinstance(node, Scaled):
                        pending.append(node.coefficient)
                    elif isinstance(node, ScalarMatrix):
                        pending.append(node.value)
    return found
