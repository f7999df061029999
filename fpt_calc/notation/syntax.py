"""From LaTeX text to a tree, or the position of the first piece that is in no formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fpt_calc.errors import InputError
from fpt_calc.notation.refusals import CHARACTERS, first_refused
from fpt_calc.notation.source import Source
from fpt_calc.notation.tree import Total

if TYPE_CHECKING:
    from lark import Token

MAX_LENGTH = 10_000
MAX_NESTING = 30  # of brackets and braces
_CHECK = "check the brackets and operators before it"


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

    from fpt_calc.notation.parser import parser

    try:
        tree = parser().parse(source.text)
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
    from fpt_calc.notation.parser import span_of

    if token.type == "$END":
        end = len(source.text)
        return source.refusal((end, end), "the formula ends too early", "close the brackets, complete the last term")
    span = span_of(token)
    if token.type in ("RPAR", "RSQB", "RCURLY", "RBRACE", "NORM_CLOSE"):
        return source.refusal(span, "a closing bracket with nothing to close, or nothing before it", _CHECK)
    if token.type == "COMMA":
        return source.refusal(span, "a comma outside a subscript", "read one formula at a time, without punctuation")
    return source.refusal(span, "this cannot stand here", _CHECK)
