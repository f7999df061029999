"""A law as a LaTeX document, or the parts of it that are pasted into one."""

from __future__ import annotations

from collections.abc import Iterable

from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import InputError
from fpt_calc.export.blocks import blocks
from fpt_calc.export.equations import system_rows
from fpt_calc.export.escape import escaped
from fpt_calc.export.evidence import evidence
from fpt_calc.export.macros import MACROS, expanded
from fpt_calc.export.notation import Notation, notation
from fpt_calc.export.pencils import energy_step, pencil_step
from fpt_calc.export.setting import setting
from fpt_calc.export.solution import linear_step, order_step
from fpt_calc.export.statement import statement, target_rows
from fpt_calc.point import Point

PARTS = ("document", "statement", "proof", "macros")

_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[hmargin=20mm,top=17mm,bottom=18mm]{geometry}
\usepackage{amsmath,amssymb,amsthm,booktabs,graphicx}
\setlength{\emergencystretch}{5em}
\newtheorem{theorem}{Theorem}
"""
_SKIPS = "\n".join(rf"\{side}display{kind}skip=6pt plus 2pt" for side in ("above", "below") for kind in ("", "short"))


def document(law: LimitLaw, title: str = "A limiting law", point: Point | None = None, part: str = "document") -> str:
    """The document, which compiles as it stands with pdflatex and standard packages, or a part of it.

    Parameters
    ----------
    law : the law.
    title : of the document.
    point : where the limits are evaluated and simulated for the table of evidence.
    part : one of `PARTS`: "statement" is the setting and the theorem, "proof" its proof, "macros" what both use.
    """
    check_part(part)
    if part == "macros":
        return MACROS + "\n"
    known = notation(law)
    if part == "statement":
        return f"{setting(known)}\n\n{statement(known)}\n"
    if part == "proof":
        return f"{_proof(known)}\n"
    return page(title, [setting(known), statement(known), _proof(known), evidence(law, point)])


def check_part(part: str) -> None:
    """Raise `InputError` for what is not one of `PARTS`."""
    if part not in PARTS:
        raise InputError(f"no part {part!r} of a document", where="part", remedy=f"use one of {', '.join(PARTS)}")


def page(title: str, paragraphs: Iterable[str]) -> str:
    """A document with a title."""
    front = [_PREAMBLE + MACROS + "\n" + r"\setcounter{MaxMatrixCols}{20}" + "\n" + r"\allowdisplaybreaks"]
    front += [r"\begin{document}", _SKIPS, rf"\section*{{{escaped(title)}}}"]
    body = [*paragraphs, r"\end{document}"]
    return "\n".join(front) + "\n" + "\n\n".join(body) + "\n"


def law_latex(law: LimitLaw) -> str:
    """The limits and what they depend on as one display, for Jupyter."""
    known = notation(law)
    values = {n: known.formula(known.scalar(v)) for n, v in law.system.outputs.items()}
    rows = [*target_rows(known, values, r"\simeq"), *system_rows(known)]
    body = expanded(r"\\ ".join(rows))
    return rf"$$\begin{{aligned}}{body}\end{{aligned}}$$"


def _proof(known: Notation) -> str:
    found = blocks(known.law)
    steps = [pencil_step(known, found), energy_step(known, found), order_step(known), linear_step(known)]
    return "\n".join([r"\begin{proof}", "\n\n".join(steps), r"\end{proof}"])
