"""Scaling laws: exponents, constants, regimes (floor 11)."""
