"""Claim files for users of Python."""

from __future__ import annotations

from pathlib import Path

from fpt_calc.claims import Outcome, check_claims


def check(path: str | Path) -> tuple[Outcome, ...]:
    """The claims of a claim file with their verdicts: what `fpt-calc check` prints (docs/claims.md).

    Each outcome has ``verdict``, ``evidence`` and, where a claim is refuted, a ``witness``.

    Raises `InputError` for a file that is no claim file, or a claim that cannot be meant.

    >>> import tempfile
    >>> import fpt_calc as fc
    >>> text = '''
    ... dims = ["d"]
    ... scalars = { z = "upper" }
    ... matrices = { W = { shape = ["d", "d"], law = "wigner", variance = "1/d" } }
    ... targets = { m = "tau(inv(W - z))" }
    ... claim = [{ left = "m**2 + z*m + 1", equals = 0 }, { left = "m**2 - z*m + 1", equals = 0 }]
    ... '''
    >>> with tempfile.NamedTemporaryFile("w", suffix=".toml", delete=False) as file:
    ...     _ = file.write(text)
    >>> for outcome in fc.check(file.name):
    ...     print(outcome)
    PROVED: m**2 + z*m + 1 = 0
    REFUTED: m**2 - z*m + 1 = 0
    """
    return tuple(check_claims(path)[1])
