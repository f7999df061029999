"""Plain text, such as titles, in LaTeX."""

from __future__ import annotations

import unicodedata

from fpt_calc.export.names import name_to_latex

_ASCII = {
    **{c: rf"\{c}" for c in "_&%#${}"},
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
}
_SYMBOLS = {"≥": r"$\geq$", "≤": r"$\leq$", "→": r"$\to$", "∞": r"$\infty$", "≃": r"$\simeq$", "≈": r"$\approx$"}
_KNOWN = frozenset("–—‘’“”…ÆæØøŁłßı¡¿§°±²³×÷")  # of pdflatex without further packages
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0304\u0306\u0308\u030a\u030b\u030c\u0327")


def escaped(text: str) -> str:
    """Text for pdflatex: special characters escaped, Greek letters as math, what it cannot print as ``?``.

    >>> print(escaped("100% of λ_1 — naïve 中"))
    100\\% of $\\lambda$\\_1 — naïve ?
    """
    return "".join(_character(c) for c in unicodedata.normalize("NFC", text))


def _character(c: str) -> str:
    if c.isascii():
        return _ASCII.get(c, c)
    base, *accents = list(unicodedata.normalize("NFD", c))
    if c in _KNOWN or (base.isascii() and len(accents) == 1 and accents[0] in _ACCENTS):
        return c
    match unicodedata.name(c, "").lower().split():
        case ["greek", size, "letter", letter]:
            name = letter.replace("lamda", "lambda").capitalize() if size == "capital" else letter
            return f"${name_to_latex('lam' if name == 'lamda' else name)}$"
    return _SYMBOLS.get(c, "?")
