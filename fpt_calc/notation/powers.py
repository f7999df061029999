"""Powers, roots and transposes of pieces of a formula."""

from __future__ import annotations

from dataclasses import replace

from fpt_calc.notation.pieces import ATOM, POWER, Piece


def raised(piece: Piece, halves: int) -> Piece:
    """The power ``halves/2``: of a matrix with ``inv`` and ``sqrt``, of a scalar with ``**`` and ``sqrt``.

    >>> raised(Piece("A + 1", 0, (0, 1), "matrix"), -4).text
    'inv(A + 1)**2'
    >>> raised(Piece("x", ATOM, (0, 1)), -1).text
    'sqrt(x)**-1'
    """
    if halves == 2 or (piece.kind == "identity" and piece.text == "1"):
        return piece
    base = piece
    if halves % 2:
        is_real = piece.real and piece.kind == "matrix"  # the root of a number may be imaginary
        base, exponent = replace(piece, text=f"sqrt({piece.text})", strength=ATOM, real=is_real), halves
    else:
        exponent = halves // 2
    if exponent < 0 and piece.kind == "matrix":
        base, exponent = replace(base, text=f"inv({base.text})", strength=ATOM), -exponent
    if exponent == 1:
        return base
    return replace(base, text=f"{base.at_least(ATOM)}**{exponent}", strength=POWER)


def flipped(piece: Piece, letter: str) -> Piece:
    """The transpose ("T") or the conjugate transpose ("H") of a matrix or a multiple of the identity."""
    if piece.kind == "identity":
        is_conjugated = letter == "H" and not piece.real
        return replace(piece, text=f"conj({piece.text})", strength=ATOM) if is_conjugated else piece
    text = f"{piece.at_least(ATOM)}.{letter}"
    return replace(piece, text=text, strength=ATOM, rows=piece.cols, cols=piece.rows)
