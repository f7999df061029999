"""Formulas in the syntax of problem files, put together with their kinds: scalar, matrix of a shape, identity.

Parentheses are written wherever two readings could be thought of, so that what is shown back says what was understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from fpt_calc.errors import ShapeError
from fpt_calc.notation.source import Source, Span
from fpt_calc.scalars import ONE, Scalar

Kind = Literal["scalar", "matrix", "identity"]
SUM, QUOTIENT, PRODUCT, POWER, ATOM = range(5)  # binding strength of the outermost operator


@dataclass(frozen=True)
class Piece:
    """A part of a formula.

    Attributes
    ----------
    text : in the syntax of problem files; of a multiple of the identity, its coefficient.
    strength : how strongly its outermost operator binds.
    span : where it stands in the LaTeX text.
    kind : a scalar, a matrix, or a multiple of the identity.
    rows, cols : of a matrix; of an identity its dimension, or None where none is written.
    dimension : the written dimension of an identity.
    real : whether it is certainly real.
    has_open_trace : whether it holds a trace whose argument is in no brackets.
    """

    text: str
    strength: int
    span: Span
    kind: Kind = "scalar"
    rows: Scalar | None = None
    cols: Scalar | None = None
    dimension: str = ""
    real: bool = True
    has_open_trace: bool = False

    @property
    def is_scalar(self) -> bool:
        return self.kind == "scalar"

    def at_least(self, strength: int) -> str:
        """The text, in parentheses if it binds more weakly."""
        return self.text if self.strength >= strength else f"({self.text})"


def settled(piece: Piece) -> Piece:
    """A 1 x 1 matrix as the number that is its entry; anything else as it is."""
    if piece.kind != "matrix" or piece.rows != ONE or piece.cols != ONE:
        return piece
    return replace(piece, text=f"Tr({piece.text})", strength=ATOM, kind="scalar", rows=None, cols=None)


def traced(source: Source, function: str, piece: Piece, span: Span) -> Piece:
    """``Tr`` or ``tau`` of a matrix."""
    if piece.is_scalar:
        raise source.refusal(span, "the trace of a scalar", "trace a matrix, or remove the trace")
    text = piece.text
    if piece.kind == "identity":
        text = matrix_text(source, piece)
    return Piece(f"{function}({text})", ATOM, span, real=piece.real, has_open_trace=piece.has_open_trace)


def matrix_text(source: Source, identity: Piece) -> str:
    """A multiple of the identity on its own."""
    if not identity.dimension:
        raise source.refusal(identity.span, "an identity of unknown dimension", "write its dimension, as in I_d")
    eye = f"eye({identity.dimension})"
    return eye if identity.text == "1" else f"{identity.at_least(POWER)}*{eye}"


def multiplied(source: Source, pieces: Sequence[Piece]) -> Piece:
    """The product of pieces in order: scalars in front, matrices as they stand.

    A product of matrices that is 1 x 1 counts as a scalar where the next matrix does not fit to it.
    """
    if len(pieces) == 1:
        return pieces[0]
    span = pieces[0].span[0], pieces[-1].span[1]
    real, is_open = all(p.real for p in pieces), any(p.has_open_trace for p in pieces)
    scalars = [p for p in pieces if p.is_scalar or (p.kind == "identity" and p.text != "1")]
    runs = _runs([p for p in pieces if not p.is_scalar])
    if len(runs) > 1 or scalars:
        scalars += [settled(run) for run in runs if settled(run).is_scalar]
        runs = [run for run in runs if not settled(run).is_scalar]
    chain = _joined(source, runs) if runs else None
    front = "*".join(p.at_least(POWER) for p in scalars)
    strength = PRODUCT if len(scalars) > 1 else scalars[0].strength if scalars else ATOM
    if chain is None:
        return Piece(front, strength, span, real=real, has_open_trace=is_open)
    found = replace(chain, span=span, real=real, has_open_trace=is_open)
    if chain.kind == "identity":
        return replace(found, text=front or "1", strength=strength)
    if not scalars:
        return found
    return replace(found, text=f"{front}*{chain.at_least(POWER)}", strength=PRODUCT)


def _runs(chain: Sequence[Piece]) -> list[Piece]:
    """The longest products of neighbours that fit, identities left out; every scalar factor is left to the caller."""
    groups: list[list[Piece]] = []
    cols: Scalar | None = None
    for piece in chain:
        fits = cols is None or piece.rows is None or piece.rows == cols
        if groups and fits:
            groups[-1].append(piece)
        else:
            groups.append([piece])
            cols = None
        cols = piece.cols if piece.cols is not None else cols
    return [_matrix_product(group) for group in groups]


def _matrix_product(group: Sequence[Piece]) -> Piece:
    matrices = [p for p in group if p.kind == "matrix"]
    span = group[0].span[0], group[-1].span[1]
    if not matrices:
        known = next((p for p in group if p.dimension), group[0])
        return replace(known, text="1", strength=ATOM, span=span)
    text = "@".join(p.at_least(POWER) for p in matrices) if len(matrices) > 1 else matrices[0].text
    strength = PRODUCT if len(matrices) > 1 else matrices[0].strength
    real = all(p.real for p in group)
    return Piece(text, strength, span, "matrix", matrices[0].rows, matrices[-1].cols, real=real)


def _joined(source: Source, runs: Sequence[Piece]) -> Piece:
    """The product of runs between which scalars have been taken out."""
    for left, right in pairwise(runs):
        if left.cols is not None and right.rows is not None and left.cols != right.rows:
            what = f"shapes {left.rows} x {left.cols} and {right.rows} x {right.cols} do not multiply"
            span = left.span[0], right.span[1]
            raise source.refusal(span, what, "transpose one of them, or check the declared shapes", ShapeError)
    return _matrix_product(runs)


def divided(source: Source, top: Piece, bottom: Piece) -> Piece:
    """A quotient by a scalar."""
    top, bottom = settled(top), settled(bottom)
    if not bottom.is_scalar:
        raise source.refusal(bottom.span, "division by a matrix", "write its inverse, as in A^{-1}")
    needed = POWER if top.kind == "matrix" else PRODUCT
    text = f"{top.at_least(needed)}/{bottom.at_least(POWER)}"
    return replace(
        top,
        text=text,
        strength=QUOTIENT,
        span=(top.span[0], bottom.span[1]),
        real=top.real and bottom.real,
        has_open_trace=top.has_open_trace or bottom.has_open_trace,
    )


def added(source: Source, terms: Sequence[tuple[bool, Piece]]) -> Piece:
    """A sum; next to a matrix, a scalar or a multiple of the identity is written as the number."""
    if len(terms) == 1 and not terms[0][0]:
        return terms[0][1]
    found = [(minus, settled(piece)) for minus, piece in terms]
    pieces = [piece for _, piece in found]
    text = ""
    for minus, piece in found:
        body = piece.at_least(QUOTIENT)
        text += f" {'-' if minus else '+'} {body}" if text else f"-{body}" if minus else body
    span = pieces[0].span[0], pieces[-1].span[1]
    is_open = any(p.has_open_trace for p in pieces)
    total = Piece(text, SUM, span, real=all(p.real for p in pieces), has_open_trace=is_open)
    shaped = [p for p in pieces if not p.is_scalar]
    if not shaped:
        return total
    _check_open(source, pieces)
    _check_dimensions(source, shaped)
    first = next((p for p in shaped if p.kind == "matrix"), None) or next((p for p in shaped if p.rows), shaped[0])
    return replace(total, kind=first.kind, rows=first.rows, cols=first.cols, dimension=first.dimension)


def _check_open(source: Source, pieces: Sequence[Piece]) -> None:
    """Refuse ``tr A + B``, where B could belong to the trace."""
    for piece in pieces:
        if piece.is_scalar and piece.has_open_trace:
            remedy = r"put the argument of the trace in brackets: \operatorname{tr}(...)"
            raise source.refusal(piece.span, "a trace without brackets in a sum with a matrix", remedy)


def _check_dimensions(source: Source, shaped: Sequence[Piece]) -> None:
    """The written dimension of an identity is that of its neighbours in a sum."""
    for left, right in pairwise([p for p in shaped if p.rows is not None]):
        if "identity" in (left.kind, right.kind) and (left.rows, left.cols) != (right.rows, right.cols):
            what = f"shapes {left.rows} x {left.cols} and {right.rows} x {right.cols} do not add"
            span = left.span[0], right.span[1]
            raise source.refusal(span, what, "check the dimension of the identity", ShapeError)
