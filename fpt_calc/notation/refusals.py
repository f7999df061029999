r"""What is LaTeX but no formula here: each piece with the reason and the remedy."""

from __future__ import annotations

import re

from fpt_calc.notation.source import Span

_RELATION = "a relation between two sides", "give one side only: the formula that is claimed"
_ABSOLUTE = "absolute values and determinants are not read", r"a norm is \|w\|^2"
_EXPECTATION = "an expectation", "write the limit of the trace or quadratic form itself"
_FUNCTION = "not a function of formulas", "write it with traces, inverses and powers"
_ROWS: tuple[tuple[str, str, str], ...] = (
    ("simeq approx sim cong equiv to rightarrow longrightarrow Rightarrow implies iff mapsto neq ne", *_RELATION),
    ("le leq ge geq lesssim gtrsim ll gg propto asymp coloneqq triangleq doteq in subset mid prec succ", *_RELATION),
    (
        "sum prod int iint oint lim limsup liminf sup inf max min argmin argmax bigoplus",
        "sums and limits over an index are not read",
        r"write a trace \operatorname{tr}(...) or a quadratic form w^\top A w",
    ),
    (
        "otimes odot oplus circ star ast bullet wedge boxtimes boxplus bigotimes",
        "this product of matrices is not part of formulas",
        "only the matrix product is: write A B",
    ),
    ("begin end matrix pmatrix substack", "a matrix environment is not read", "name the matrix and write its name"),
    ("log ln exp sin cos tan tanh sinh cosh arctan Re Im Pr arg det", *_FUNCTION),
    ("pm mp", "two formulas in one", "write one formula for each sign"),
    ("E Ex EE", *_EXPECTATION),
    ("ldots cdots dots dotsc dotsb vdots", "dots leave something out", "write all factors and terms"),
    ("partial nabla", "derivatives are not read", "write the derivative out"),
    ("mathcal mathfrak mathscr", "letters of this alphabet are no declared names", "use another letter"),
    ("rm bf it sf tt cal", "a font switch", r"write \mathrm{...} for words, \mathbf{...} for bold letters"),
    ("langle rangle", "an inner product in angle brackets", r"write it as a^\top b"),
    ("lvert rvert vert", *_ABSOLUTE),
    ("diag", "a diagonal matrix", "name the matrix and write its name"),
    ("middle", "a bar in the middle of a bracket", "leave it out"),
    ("over", r"the primitive \over", r"write \frac{...}{...}"),
    ("binom", "a binomial coefficient", "write the number"),
    ("div", "a division sign", r"write \frac{...}{...}"),
    ("ddot", "two dots are no declared accent", "declare another name"),
)
_COMMANDS = {name: (what, remedy) for names, what, remedy in _ROWS for name in names.split()}
_FUNCTION_WORDS = "log ln exp det diag max min argmin argmax Re Im rank dim Var Cov vec sgn sign erf"
WORDS = {w: _COMMANDS.get(w, _FUNCTION) for w in _FUNCTION_WORDS.split()}  # refused unless they are declared
_IN_SCRIPTS = ("star", "ast")  # these are also superscripts and subscripts
_BLACKBOARD = {"E": _EXPECTATION, "P": ("a probability", "write the limit of the trace or quadratic form itself")}
CHARACTERS: dict[str, tuple[str, str]] = {
    **dict.fromkeys("=<>:", _RELATION),
    "$": ("a dollar sign", "give the formula without its dollars"),
    "%": ("a comment", "remove it"),
    "&": ("an alignment mark", "give one formula on its own"),
    "|": _ABSOLUTE,
    "!": ("a factorial", "write the number"),
    ".": ("a full stop", "give the formula without punctuation"),
    ";": ("a semicolon", "give the formula without punctuation"),
    "\\": ("a backslash with nothing behind it", "remove it"),
    "#": ("a macro argument", "expand the macro"),
}
_SCAN = re.compile(
    r"(?P<board>\\mathbb(?![A-Za-z])\s*(\{\s*(?P<in>[A-Z])\s*\}|(?P<bare>[A-Z])))"
    r"|(?P<scientific>[0-9.][eE][-+]?[0-9])"
    r"|\\(?P<command>[A-Za-z]+)|\\.|(?P<character>[=<>:$%&|#])",
    re.DOTALL,
)


def first_refused(text: str) -> tuple[Span, str, str] | None:
    r"""The first piece that is in no formula, with the reason and the remedy.

    >>> first_refused(r"\kappa+\sum_i i")[0]
    (7, 11)
    """
    for found in _SCAN.finditer(text):
        reason = _reason(text, found)
        if reason is not None:
            return found.span(), *reason
    return None


def _reason(text: str, found: re.Match[str]) -> tuple[str, str] | None:
    command, character = found["command"], found["character"]
    if character:
        return CHARACTERS[character]
    if found["scientific"]:
        return "a number with an exponent, or a product with e?", r"write 10^{-3}, or a space"
    if found["board"]:
        return _BLACKBOARD.get(found["in"] or found["bare"])
    if command in _IN_SCRIPTS and re.search(r"[_^]\s*(\{[^{}]*)?$", text[: found.start()]):
        return None
    return _COMMANDS.get(command) if command else None
