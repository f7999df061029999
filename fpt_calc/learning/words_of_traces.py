"""One word for each trace: up to rotation, and to transposition."""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.expr import Expr, flat_product
from fpt_calc.expr.flatten import factors_of
from fpt_calc.learning.words import merged, run_of, transposed
from fpt_calc.scalars import is_fixed


def representative(word: Expr) -> Expr:
    """The rotation or transpose of a word under which its trace is known; of a 1 x 1 matrix itself or its transpose."""
    entry = is_fixed(word.rows) and word.rows == 1
    options: list[list[Expr]] = []
    for form in (word, transposed(word)):
        _, factors = factors_of(form)
        turns: list[list[Expr]] = [factors] if entry else [factors[k:] + factors[:k] for k in range(len(factors))]
        options += [merged(turn) for turn in turns if turn[0].rows == turn[-1].cols]
    return flat_product(min(options, key=_order))


def _order(factors: Sequence[Expr]) -> tuple[bool, int, str]:
    """Functions of one matrix stay together rather than at both ends; then the shortest."""
    first, last = run_of(factors[0]), run_of(factors[-1])
    apart = len(factors) > 2 and first is not None and last is not None and first.base == last.base
    text = "@".join(map(str, factors))
    return apart, len(text), text
