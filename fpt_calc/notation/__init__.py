"""The notation of papers: LaTeX formulas read by a closed grammar, exactly or not at all (floor 4).

LaTeX --grammar.lark, parser, syntax--> tree --reader, with the kinds of the declared names--> formula of problem files
"""

from fpt_calc.notation.reader import read_latex

__all__ = ["read_latex"]
