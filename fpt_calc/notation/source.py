"""The text being read, and refusals that say where in it."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.errors import InputError

_LONGEST = 40
Span = tuple[int, int]  # offsets of the first character and of the one behind the last


@dataclass(frozen=True)
class Source:
    """A LaTeX text and the name under which messages speak of it."""

    text: str
    where: str

    def piece(self, span: Span) -> str:
        """What was written there, short enough for a message."""
        piece = " ".join(self.text[slice(*span)].split())
        return piece if len(piece) <= _LONGEST else f"{piece[: _LONGEST - 3]}..."

    def place(self, span: Span) -> str:
        r"""The place of a piece: the column counts from 1, and a text of several lines has its line in front.

        >>> Source(r"\Sigma+\kapa", "claim").place((7, 12))
        'claim: column 8 (\\kapa)'
        """
        before = self.text[: span[0]]
        line = before.count("\n") + 1
        column = span[0] - (before.rfind("\n") + 1) + 1
        piece = self.piece(span)
        place = f"line {line}, column {column}" if "\n" in self.text else f"column {column}"
        return f"{self.where}: {place}" + (f" ({piece})" if piece else "")

    def refusal(self, span: Span, what: str, remedy: str, kind: type[InputError] = InputError) -> InputError:
        """The error for a piece that is not understood."""
        return kind(what, where=self.place(span), remedy=remedy)
