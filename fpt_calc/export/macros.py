r"""The macros that the exported LaTeX uses, and how to do without them."""

from __future__ import annotations

import re

_MACROS = {"tr": r"\operatorname{Tr}", "ntr": r"\tau", "df": r"\mathrm{df}"}
MACROS = "\n".join(rf"\newcommand{{\{name}}}{{{meaning}}}" for name, meaning in _MACROS.items())


def expanded(text: str) -> str:
    r"""The text without the macros, as for Jupyter.

    >>> print(expanded(r"\ntr(A)+\df_1"))
    \tau (A)+\mathrm{df}_1
    """

    def meaning(found: re.Match[str]) -> str:
        value = _MACROS[found.group(1)]
        return value if value.endswith("}") else f"{value} "

    return re.sub(r"\\(tr|ntr|df)(?![A-Za-z])", meaning, text)
