"""Names of the user in LaTeX."""

from __future__ import annotations

import re

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho sigma tau phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_SPELLED = {"lam": r"\lambda", "lambd": r"\lambda", **{name: rf"\{name}" for name in _GREEK.split()}}


def name_to_latex(name: str) -> str:
    r"""A user's name in LaTeX: Greek letters spelled out, trailing digits and what follows ``_`` as subscripts.

    >>> name_to_latex("Sigma1"), name_to_latex("lam"), name_to_latex("w_star"), name_to_latex("Test")
    ('\\Sigma_1', '\\lambda', 'w_{\\mathrm{star}}', '\\mathrm{Test}')
    """
    head, _, tail = name.partition("_")
    found = re.fullmatch(r"(.*?)(\d+)", head)
    if found and found.group(1):
        head, tail = found.group(1), ",".join(x for x in (found.group(2), tail) if x)
    base = _SPELLED.get(head, head if len(head) == 1 else rf"\mathrm{{{head}}}")
    if not tail:
        return base
    inner = ",".join(
        _SPELLED.get(part, part if len(part) == 1 or part.isdigit() else rf"\mathrm{{{part}}}")
        for part in re.split(r"[_,]", tail)
        if part
    )
    return f"{base}_{inner}" if len(inner) == 1 else f"{base}_{{{inner}}}"
