"""Claims about laws, decided exactly (floor 12)."""

from fpt_calc.claims.statement import Statement, parameter, renaming

__all__ = ["Statement", "parameter", "renaming"]
