"""Which texts are formulas: Python's `ast`, and a whitelist of what may occur in it (meaning: `formula`)."""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.problem.located import hint, shorten
from fpt_calc.problem.numbers import MAX_DIGITS, exact_decimal
from fpt_calc.scalars import IMAGINARY_UNIT, Scalar, scalar

FUNCTIONS = ("tau", "Tr", "inv", "sqrt", "conj", "eye")
MAX_LENGTH = 10_000
MAX_DEPTH = 50
MAX_EXPONENT = 64
_ALLOWED = f"a formula has + - * / @ **, .T, .H, numbers, declared names and {', '.join(FUNCTIONS)}"
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult)


@dataclass(frozen=True, eq=False)
class Formula:
    """A text whose syntax is that of formulas; made by `read_formula`."""

    text: str
    tree: ast.expr

    def piece(self, node: ast.expr) -> str:
        """What the user wrote for this node, short enough for a message."""
        return _piece(self.text, node)

    def number(self, node: ast.Constant) -> Scalar:
        """The exact value of a number: 0.1 means 1/10."""
        value, digits = node.value, ast.get_source_segment(self.text, node) or ""
        if isinstance(value, int):
            return scalar(value)
        if isinstance(value, complex):
            return scalar(exact_decimal(digits[:-1])) * IMAGINARY_UNIT
        return scalar(exact_decimal(digits))


def read_formula(text: str) -> Formula:
    """Check that ``text`` is a formula, whatever its names mean.

    Raises `InputError` naming the offending piece and the remedy, for hostile text too.

    >>> read_formula("lam**2 * tau(R)").text
    'lam**2 * tau(R)'
    >>> read_formula("tau(R)[0]")
    Traceback (most recent call last):
    fpt_calc.errors.InputError: tau(R)[0]: this is not part of formulas; a formula has + - * / @ **, .T, .H, ...
    """
    if len(text) > MAX_LENGTH:
        raise InputError(f"a formula of {len(text)} characters", remedy=f"at most {MAX_LENGTH}; split it with [let]")
    text = " ".join(text.split())
    if not text:
        raise InputError("an empty formula", remedy=_ALLOWED)
    _check_characters(text)
    tree = _parse(text)
    _check_tree(text, tree)
    return Formula(text, tree)


def names_in(formula: Formula) -> tuple[str, ...]:
    """The declared names a formula uses, sorted.

    >>> names_in(read_formula("inv(X.T @ X + lam)"))
    ('X', 'lam')
    """
    return tuple(sorted(occurrences(formula)))


def occurrences(formula: Formula) -> Counter[str]:
    """How often each declared name occurs in a formula."""
    return Counter(n.id for n in ast.walk(formula.tree) if isinstance(n, ast.Name) and n.id not in FUNCTIONS)


def check_names(formula: Formula, known: Iterable[str]) -> None:
    """Raise `InputError` for the first name of a formula that is not known."""
    table = set(known)
    for name in names_in(formula):
        if name not in table:
            remedy = hint(name, (*sorted(table), *FUNCTIONS), "declare it under dims, [scalars], [matrices] or [let]")
            raise InputError(f"unknown name {shorten(name, 60)!r}", remedy=remedy)


def exponent_of(node: ast.expr) -> int | None:
    """The exponent that an integer literal (perhaps negative) stands for; None for anything else."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)) if not isinstance(value, bool):
            return -value
    return None


def _check_characters(text: str) -> None:
    """Refuse comments, which would be ignored silently, and bracket nesting that would exhaust the parser."""
    if "#" in text:
        piece = shorten(text[text.index("#") :], 60)
        raise InputError("a comment in a formula", where=piece, remedy="put comments after the closing quotes")
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise InputError(f"brackets nested deeper than {MAX_DEPTH}", remedy="name the inner parts in [let]")


def _parse(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():  # "1if x" is an error for us, and must not warn on standard error before
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise _syntax_error(text, error) from None
    except ValueError:
        raise InputError("characters that cannot be read", where=shorten(ascii(text), 60), remedy=_ALLOWED) from None
    except (RecursionError, MemoryError):
        raise InputError("a formula nested too deeply", remedy="name the inner parts in [let]") from None


def _syntax_error(text: str, error: SyntaxError) -> InputError:
    start = max(0, (error.offset or 1) - 1)
    where, what = text[start:] or text, f"not a formula: {error.msg}"
    remedy = "check parentheses and operators; products are written with * or @"
    word = next((w for w in re.findall(r"[A-Za-z_]\w*", text) if keyword.iskeyword(w)), None)
    if word is not None:
        where = text
        remedy = f"{word!r} is a word of Python's own; " + ("write lam" if word == "lambda" else "use another name")
    elif "integer string" in error.msg:
        what, remedy = f"an integer of more than {MAX_DIGITS} digits", "round it"
    return InputError(what, where=shorten(where, 60), remedy=remedy)


def _check_tree(text: str, tree: ast.expr) -> None:
    pending = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise InputError(f"a formula nested deeper than {MAX_DEPTH}", remedy="name the inner parts in [let]")
        pending.extend(_parts(text, node, depth))


def _parts(text: str, node: ast.expr, depth: int) -> Iterator[tuple[ast.expr, int]]:
    """The subformulas with their depth (a chain ``a + b + c`` has one depth); raises for what is no formula."""
    match node:
        case ast.Name(id=name) if name not in FUNCTIONS:
            return
        case ast.Constant(value=int() | float() | complex() as value) if not isinstance(value, bool):
            _check_number(text, node, value)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            _check_exponent(text, node, exponent_of(right))
            yield left, depth + 1
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
            yield left, depth
            yield right, depth + 1
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield operand, depth + 1
        case ast.Attribute(value=argument, attr="T" | "H"):
            yield argument, depth + 1
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            yield argument, depth + 1
        case _:
            raise _refusal(text, node)


def _check_number(text: str, node: ast.Constant, value: complex) -> None:
    """Read decimals once, so that a malformed or huge one is refused with the syntax."""
    if isinstance(value, int):
        if value.bit_length() > 4 * MAX_DIGITS:
            what = f"an integer of more than {MAX_DIGITS} digits"
            raise InputError(what, where=_piece(text, node), remedy="round it")
    else:
        Formula(text, node).number(node)


def _check_exponent(text: str, node: ast.BinOp, exponent: int | None) -> None:
    if exponent is None:
        raise InputError(
            "an exponent that is not an integer literal",
            where=_piece(text, node),
            remedy="write powers as **2 or **-1, roots as sqrt(...)",
        )
    if abs(exponent) > MAX_EXPONENT:
        what = f"an exponent beyond {MAX_EXPONENT}"
        raise InputError(what, where=_piece(text, node), remedy="take powers of a smaller power named in [let]")


def _refusal(text: str, node: ast.expr) -> InputError:
    what, remedy = "this is not part of formulas", _ALLOWED
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            what, remedy = f"{name} takes one argument", f"write {name}(...)"
        case ast.Call():
            what, remedy = "this is called like a function", f"the functions are {', '.join(FUNCTIONS)}"
        case ast.Name(id=name):
            what, remedy = f"{name} is a function", f"write {name}(...)"
        case ast.Attribute(attr=attribute):
            what, remedy = f"unknown attribute .{shorten(attribute, 40)}", "the attributes are .T and .H"
        case ast.BinOp(op=ast.BitXor()):
            what, remedy = "^ is not a power", "write **"
        case ast.Lambda():
            what, remedy = "a lambda in a formula", "write lam for the Greek letter"
    return InputError(what, where=_piece(text, node), remedy=remedy)


def _piece(text: str, node: ast.expr) -> str:
    return shorten(ast.get_source_segment(text, node) or text, 60)
