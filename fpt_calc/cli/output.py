"""The files that `fpt-calc derive` writes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from fpt_calc.api import ErrorLaw, Law
from fpt_calc.errors import InputError


@dataclass(frozen=True)
class Plot:
    """A picture to write: over which name, and from how many draws (0: none)."""

    path: Path
    over: str | None
    trials: int


@dataclass(frozen=True)
class Outputs:
    """The files to write: a LaTeX document or a part of one, NumPy code, a picture, a certificate."""

    latex: Path | None = None
    part: str = "document"
    code: Path | None = None
    plot: Plot | None = None
    certificate: Path | None = None


def draw_into(law: Law | ErrorLaw, plot: Plot) -> None:
    """Draw a law over lam, or what the user chose."""
    names = list(law.point.scalars) if law.point is not None else []
    over = plot.over or ("lam" if "lam" in names or not names else names[0])
    law.plot(over, simulate=plot.trials > 0, trials=plot.trials, path=plot.path)
    _wrote(plot.path)


def write(path: Path, text: str, option: str = "--latex") -> None:
    """Write a file; raises `InputError` where that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot write {path.name} ({error.strerror})",
            where=option,
            remedy="give a path in a folder that exists",
        ) from None
    _wrote(path)


def _wrote(path: Path) -> None:
    if sys.stderr.isatty():
        print(f"wrote {path}", file=sys.stderr)
