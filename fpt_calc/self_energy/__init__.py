"""The self-energy of a pencil and the resulting Dyson equation (floor 6)."""

from fpt_calc.self_energy.dyson import dyson_system

__all__ = ["dyson_system"]
