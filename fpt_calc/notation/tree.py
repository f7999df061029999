"""The tree of a LaTeX formula: form only, no meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fpt_calc.notation.source import Span


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
