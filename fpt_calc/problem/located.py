"""Where in a problem file an error happened: keys in front of what lower floors report, and close-match hints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from fpt_calc.errors import FptError

_LONGEST = 320


@contextmanager
def located(prefix: str, name: str = "") -> Iterator[None]:
    """Put ``prefix`` (a file or a key) in front of the place that an error names.

    ``name``: by which lower floors know what ``prefix`` ends with; a place that begins with it is not repeated.

    >>> from fpt_calc.errors import InputError
    >>> with located("ridge.toml"), located("matrices.X", "X"):
    ...     raise InputError("is random", where="X.covariance")
    Traceback (most recent call last):
    fpt_calc.errors.InputError: ridge.toml: matrices.X.covariance: is random
    """
    try:
        yield
    except FptError as error:
        where = _join(prefix, name, error.where)
        raise type(error)(shorten(error.what), where=where, remedy=error.remedy) from None


def shorten(text: str, length: int = _LONGEST) -> str:
    """``text`` with its middle left out where it is too long for a message.

    >>> shorten("x" * 50, 11)
    'xxxx...xxxx'
    """
    if len(text) <= length:
        return text
    half = (length - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def hint(name: str, known: Iterable[str], otherwise: str) -> str:
    """The remedy for an unknown name: the known name closest to it, if one is close.

    >>> hint("Simga", ["Sigma", "X"], "declare it")
    "did you mean 'Sigma'?"
    """
    close = get_close_matches(name[:60], list(known), 1)
    return f"did you mean {close[0]!r}?" if close else otherwise


def _join(prefix: str, name: str, where: str) -> str:
    if name and (where == name or where.startswith(f"{name}.")):
        return prefix + where[len(name) :]
    return f"{prefix}: {shorten(where)}" if where else prefix
