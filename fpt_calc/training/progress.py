"""A line on standard error that says how far a simulation is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

Chunk = TypeVar("Chunk", bound=Sized)
PATIENCE = 1.0  # seconds before the line appears


def reported(chunks: Iterable[Chunk], total: int, progress: bool | None) -> Iterator[Chunk]:
    """The chunks as they come, with a line on a terminal about them; False means never, None if it takes long."""
    start, done, shown = time.monotonic(), 0, False
    try:
        for chunk in chunks:
            done += len(chunk)
            if progress is not False and time.monotonic() - start > PATIENCE and sys.stderr.isatty():
                shown = True
                print(f"\r{done}/{total} draws", end="", file=sys.stderr, flush=True)
            yield chunk
    finally:
        if shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
