"""The targets that `--target` names."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from fpt_calc.errors import InputError

T = TypeVar("T")


def selected(targets: dict[str, T], wanted: str | None, file: Path) -> dict[str, T]:
    """All targets, or the one that is wanted; raises `InputError` if there is none of that name."""
    if wanted is None:
        return targets
    if wanted not in targets:
        close = get_close_matches(wanted, targets, 1)
        remedy = f"did you mean {close[0]!r}?" if close else f"the targets are {', '.join(targets)}"
        raise InputError(f"no target {wanted!r}", where=f"{file.name}: --target", remedy=remedy)
    return {wanted: targets[wanted]}
