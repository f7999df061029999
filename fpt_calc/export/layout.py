r"""How wide a formula is, and where it may be broken: displays that fit the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from fpt_calc.export.latex import inline_term, latex, product, term_latex
from fpt_calc.formula import Formula, Term

PAGE = 460.0  # points that a display may use; the lines of the page have 483
SHORT = 50.0  # what is shorter is not separated from the parenthesis after it
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_NOTHING = r"\bigl \bigr \Bigl \Bigr \mathrm \mathbb \text \displaystyle \mathbf \operatorname"
_RELATIONS = r"\simeq \le \ge \in \to = < >"
_WIDTHS = {
    **dict.fromkeys(_NOTHING.split(), 0.0),
    **dict.fromkeys(_RELATIONS.split(), 15.0),
    **dict.fromkeys("+-", 13.0),
    **dict.fromkeys("(){}[]|", 4.5),
    **dict.fromkeys(",.;:'", 3.0),
    **{r"\,": 2.0, r"\;": 3.0, r"\ ": 4.0, r"\quad": 11.0, r"\qquad": 22.0, "&": 0.0, " ": 0.0},
    **{r"\tr": 13.0, r"\df": 11.5, r"\ntr": 5.5, r"\top": 8.5, r"\eta": 5.5, "/": 5.5},
}


def width(text: str) -> float:
    r"""The width of a formula in points at 11 points, roughly.

    >>> round(width("a+b")), round(width(r"\frac{a+b}{c}"))
    (25, 28)
    """
    total, rest = 0.0, _TOKEN.findall(text)
    position = 0
    while position < len(rest):
        token = rest[position]
        position += 1
        if token in (r"\frac", r"\tfrac"):
            top, position = _group(rest, position)
            bottom, position = _group(rest, position)
            total += (0.75 if token == r"\tfrac" else 1.0) * max(width(top), width(bottom)) + 3.0
        elif token in "^_":
            inner, position = _group(rest, position)
            total += 0.73 * width(inner)
        elif token == r"\sqrt":
            inner, position = _group(rest, position)
            total += width(inner) + 10.0
        elif token not in "{}":
            total += _WIDTHS.get(token, 7.0 if token.startswith("\\") else 8.2 if token.isupper() else 6.0)
    return total


def _group(tokens: Sequence[str], start: int) -> tuple[str, int]:
    """The argument that begins at a position, without braces, and where it ends."""
    while start < len(tokens) and tokens[start] == " ":
        start += 1
    if start >= len(tokens):
        return "", start
    if tokens[start] != "{":
        return tokens[start], start + 1
    depth, end = 1, start + 1
    while end < len(tokens) and depth:
        depth += {"{": 1, "}": -1}.get(tokens[end], 0)
        end += 1
    return "".join(tokens[start + 1 : end - 1]), end


def pieces(formula: Formula, room: float = PAGE - 60, nested: bool = False) -> list[str]:
    """A formula as pieces between which a line may be broken; one piece where it is short enough."""
    found: list[str] = []
    for term in formula.terms:
        sign = "-" if term.coefficient < 0 else "+" if found else ""
        first, *others = _term_pieces(term, room, nested)
        found += [sign + first, *others]
    return found or ["0"]


def _term_pieces(term: Term, room: float, nested: bool) -> list[str]:
    written = inline_term if nested else term_latex
    if width(written(term)) <= room:
        return [written(term)]
    below = tuple(f for f in term.factors if f[1] < 0)
    if below and width(written(Term(Fraction(1), below))) > room:  # a denominator that has to be broken itself
        inverse = Term(Fraction(1), tuple((b, -e) for b, e in below))
        above = Term(term.coefficient, tuple(f for f in term.factors if f[1] > 0))
        return [*_term_pieces(above, room, True), *_parenthesized(_term_pieces(inverse, room, True), "^{-1}")]
    sums = [(b, e) for b, e in term.factors if e > 0 and isinstance(b, Formula)]
    if not sums:
        return _factor_pieces(term, nested)
    rest = Term(term.coefficient, tuple(f for f in term.factors if f not in sums))
    text = written(rest)
    found = [] if text == "1" else [text] if width(text) <= room else _factor_pieces(rest, nested)
    for base, exponent in sums:
        assert isinstance(base, Formula)
        inside = _parenthesized(pieces(base, room, True), "" if exponent == 1 else f"^{exponent}")
        if found and width(found[-1]) < SHORT:
            inside[0] = found.pop() + inside[0]
        found += inside
    return found


def _parenthesized(inside: list[str], exponent: str) -> list[str]:
    size = "Big" if any(r"\bigl" in p for p in inside) else "big"
    closed = [*inside[:-1], rf"{inside[-1]}\{size}r){exponent}"]
    return [rf"\{size}l({closed[0]}", *closed[1:]]


def _factor_pieces(term: Term, nested: bool) -> list[str]:
    """A long term without sums: its denominator in front, then factor by factor."""
    below = tuple(f for f in term.factors if f[1] < 0)
    front = (inline_term if nested else term_latex)(Term(abs(term.coefficient), below))
    factors = [product(1, [f]) for f in term.factors if f[1] > 0]
    return [*([] if front == "1" else [front]), *(rf"\,{f}" if k or front != "1" else f for k, f in enumerate(factors))]


def lines(parts: Iterable[str], first: float, room: float = PAGE) -> list[str]:
    """Pieces put into lines of at most ``room``; the first line has ``first`` points less."""
    found: list[str] = []
    current, left = "", room - first
    for part in parts:
        size = width(part)
        if current and size > left:
            found.append(current)
            current, left = "", room - 25
        current += part
        left -= size
    return [*found, current]


def aligned(rows: Iterable[tuple[str, str, Formula]], room: float = PAGE) -> list[str]:
    """The rows of an ``align``: left side, relation and value, broken where a value is wide.

    The right column begins after the widest left side; where that leaves little room, the left sides are not aligned,
    and a value that does not fit begins on a line of its own.
    """
    items = list(rows)
    column = max((width(left) for left, _, _ in items), default=0.0) + 15
    fits = all(column + width(latex(value)) <= room for _, _, value in items)
    if fits or column <= room / 4:
        return [f"{left}&{relation} {_broken(value, room - column)}" for left, relation, value in items]
    return [_unaligned(left, relation, value, room) for left, relation, value in items]


def _broken(value: Formula, room: float) -> str:
    text = latex(value)
    return text if width(text) <= room else joined_lines(lines(pieces(value, room - 20), 0, room))


def _unaligned(left: str, relation: str, value: Formula, room: float) -> str:
    if width(left) + 15 + width(latex(value)) <= room:
        return f"&{left}{relation} {latex(value)}"
    return rf"&{_fitted(left, room)}\\ &\quad{relation} " + _broken(value, room - 40)


def _fitted(text: str, room: float) -> str:
    """A left side that cannot be broken, made as wide as the page where it would stick out."""
    return text if width(text) <= room else rf"\resizebox{{{room - 20:.0f}pt}}{{!}}{{$\displaystyle {text}$}}"


def packed(equations: Iterable[tuple[str, Formula]], end: str = ".") -> str:
    """Displayed equations, short ones side by side."""
    items = list(equations)
    texts = [f"{left}={latex(value)}" for left, value in items]
    if any(width(t) > PAGE - 20 for t in texts):
        return align(aligned((left, "=", value) for left, value in items), end)
    return packed_texts(texts, end)


def packed_texts(texts: Iterable[str], end: str = ".") -> str:
    """Displayed formulas side by side as far as they fit a line."""
    rows, current = [], ""
    for text in texts:
        if current and width(current) + width(text) + 25 > PAGE - 20:
            rows.append(f"{current},")
            current = text
        else:
            current += rf",\qquad {text}" if current else text
    rows.append(current + end)
    if len(rows) == 1:
        return rf"\[ {rows[0]} \]"
    return r"\begin{gather*}" + "\n" + "\\\\\n".join(rows) + "\n" + r"\end{gather*}"


def joined_lines(rows: Sequence[str]) -> str:
    """Lines of one formula in an ``align``; a sign that begins a line keeps its space."""
    return r"\\ &\qquad{}".join(rows)


def align(rows: Iterable[str], end: str = ".") -> str:
    """An ``align*`` of rows."""
    return r"\begin{align*}" + "\n" + (r"\\" + "\n").join(rows) + end + "\n" + r"\end{align*}"


def listed(texts: Sequence[str]) -> str:
    """Words with commas and a last "and".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last
