"""Where in a problem file an error happened: keys in front of what lower floors report, and close-match hints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from fpt_calc.errors import FptError

_LONGEST = 320


@contextmanager
def located(prefix: str) -> Iterator[None]:
    """Put ``prefix`` (a file or a key) in front of the place that an error names.

    >>> from fpt_calc.errors import InputError
    >>> with located("ridge.toml"), located("matrices.X"):
    ...     raise InputError("is random", where="X.covariance")
    Traceback (most recent call last):
    fpt_calc.errors.InputError: ridge.toml: matrices.X.covariance: is random
    """
    try:
        yield
    except FptError as error:
        raise type(error)(shorten(error.what), where=_join(prefix, error.where), remedy=error.remedy) from None


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


def _join(prefix: str, where: str) -> str:
    """``prefix: where``; a ``where`` that repeats the last part of the prefix continues it."""
    if not where:
        return prefix
    last = prefix.rsplit(".", 1)[-1]
    if where == last or where.startswith(f"{last}."):
        return prefix + where[len(last) :]
    return f"{prefix}: {shorten(where)}"
