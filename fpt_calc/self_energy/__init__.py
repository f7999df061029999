"""The self-energy of a pencil and the resulting Dyson equation (floor 6)."""

from fpt_calc.self_energy.dyson import dyson_system
from fpt_calc.self_energy.modular import MODEL_SIZES, ModularSystem, Residue

__all__ = ["MODEL_SIZES", "ModularSystem", "Residue", "dyson_system"]
